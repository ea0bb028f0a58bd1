"""Actions on the command line: recorded, listed, moved on, imported; and a study that simulates them."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pxanalysis.cli.command import app
from pxanalysis.errors import StudyError, SurveyError
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import Study, init_study


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    study = init_study(tmp_path / "mine", "dental-treatment")
    (study.root / "data" / "raw" / "practices.csv").write_text("practice_id,practice_name\n01010137,De Linde\n")
    return study.root


def run(*words: str | Path) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_an_action_goes_from_idea_to_done(folder: Path) -> None:
    assert "No actions are recorded" in run("actions", "list", "-s", folder)
    run("actions", "add", "01010137", "staff", "Greet by name", "--on", "2026-01-05", "--id", "a1", "-s", folder)
    run("actions", "choose", "a1", "--on", "2026-02-01", "--why", "lowest", "--expected", "6", "-s", folder)
    run("actions", "start", "a1", "--on", "2026-02-08", "-s", folder)
    assert "done 2026-03-01" in run("actions", "done", "a1", "--on", "2026-03-01", "-s", folder)
    assert "1 actions." in run("actions", "list", "-s", folder)
    assert run("actions", "list", "--history", "-s", folder).count("\n") == 4
    assert '"expected_effect": 6.0' in run("actions", "list", "--json", "-s", folder)
    assert "dropped" in run("actions", "drop", "a1", "-s", folder)
    (action,) = Study(folder).actions
    assert (action.why, action.dropped_on) == ("lowest", date.today())


def test_a_list_beside_study_toml_is_taken_over(folder: Path) -> None:
    (folder / "actions.csv").write_text("practice_id,touchpoint,idea,idea_on\n01010137,staff,Greet,2026-01-05\n")
    assert "1 changes; 1 actions." in run("actions", "import", "-s", folder)
    assert "0 changes; 1 actions." in run("actions", "import", "-s", folder)


def test_mistakes_are_said(folder: Path) -> None:
    with pytest.raises(SurveyError, match="there is no touchpoint 'reception'"):
        run("actions", "add", "01010137", "reception", "Greet", "-s", folder)
    done = CliRunner().invoke(app, ["actions", "import", "-s", str(folder)])
    assert done.exit_code == 2
    assert "name a file" in done.output
    toml = folder / "study.toml"
    toml.write_text(toml.read_text() + '\n[actions]\nrenamed = {reception = "desk"}\n')
    with pytest.raises(StudyError, match="'reception' would become 'desk', which the journey does not have"):
        run("actions", "list", "-s", folder)


def test_a_rebase_without_a_reason_is_refused(folder: Path) -> None:
    toml = folder / "study.toml"
    entry = (
        '\n[[trends.rebases]]\npractice = "01010137"\nsubject = "nps"\nday = 2026-01-01\nreason = " "\nwho = "dr A"\n'
    )
    toml.write_text(toml.read_text() + entry)
    with pytest.raises(StudyError, match="why and who decided it"):
        Study(folder)


@pytest.mark.parametrize(
    ("practice", "subject", "day", "words"),
    [
        ("0101", "ktv", "2026-01-01", "there is no practice '0101'"),
        ("01010137", "ktw", "2026-01-01", "no outcome or touchpoint 'ktw'; it has: ktv, nps, ces"),
        ("01010137", "ktv", "2019-01-01", "the day is not within the practice's answers"),
    ],
)
def test_a_rebase_of_what_is_not_there_stops_the_fit(
    made: Study, tmp_path: Path, practice: str, subject: str, day: str, words: str
) -> None:
    """Else a page would go on with the old baseline without a word."""
    known = str(made.results["practices"].query("not suppressed")["practice_id"].iloc[0])
    copy = Study(shutil.copytree(made.root, tmp_path / "copy"))
    practice = known if practice == "01010137" else practice
    with (copy.root / "study.toml").open("a") as toml:
        toml.write(f'\n[[trends.rebases]]\npractice = "{practice}"\nsubject = "{subject}"\n')
        toml.write(f'day = {day}\nreason = "A new desk"\nwho = "dr A"\n')
    with pytest.raises(StudyError, match=words):
        run("fit", "-s", copy.root)


@pytest.mark.slow
def test_run_goes_on_where_answers_have_no_dates(tmp_path: Path) -> None:
    study = init_study(tmp_path / "mine", "repeat-prescription")
    (study.root / "study.toml").write_text((study.root / "study.toml").read_text().replace("= 1000", "= 100"))
    made = simulate_survey(study.journey, practices=2, responses=20, seed=1)
    study.raw_folder.mkdir(parents=True, exist_ok=True)
    made.answers.drop("completed_on").write_csv(study.raw_folder / "answers.csv")
    made.practices.write_csv(study.raw_folder / "practices.csv")
    practice, touchpoint = made.practices["practice_id"][0], study.journey.touchpoints[0].id
    run("actions", "add", practice, touchpoint, "Greet", "--on", "2026-01-05", "-s", study.root)
    assert "nothing is said of actions: no response has a date" in run("run", "-w", "1", "-s", study.root)
    assert not (study.reports_folder / "programme.html").exists()


def test_simulated_actions_are_there_to_try(tmp_path: Path) -> None:
    study = init_study(tmp_path / "mine", "dental-treatment")
    text = run("simulate", "--actions", "--practices", "6", "--responses", "40-60", "-s", study.root)
    assert "of which 2 acted" in text
    assert (study.root / "actions.csv").is_file()
    study = Study(study.root)
    study.ingest()
    assert len(study.import_actions()) == len(study.actions)
    result = study.estimate_action_effects()
    assert result.actions["verdict"].isin(["too_few", "no_comparison", "not_in_place", "not_possible"]).all()


@pytest.mark.slow
def test_run_takes_actions_over_and_shows_them_once(tmp_path: Path) -> None:
    study = init_study(tmp_path / "mine", "repeat-prescription")
    (study.root / "study.toml").write_text((study.root / "study.toml").read_text().replace("= 1000", "= 100"))
    run("simulate", "--actions", "--practices", "3", "--responses", "60-80", "-s", study.root)
    first = run("run", "-w", "1", "-s", study.root)
    assert "programme.html" in first
    assert "Made 3 reports" in first
    acting = next(one.practice_id for one in Study(study.root).actions if one.decided_on is not None)
    page = (study.reports_folder / f"{acting}.html").read_text()
    assert "Niet los te zien van de algemene ontwikkeling" in page or "Te weinig antwoorden om te tonen" in page
    assert "All 3 reports are up to date" in run("run", "-w", "1", "-s", study.root)
    run("actions", "add", acting, study.journey.touchpoints[0].id, "Another", "-s", study.root)
    assert "Made 1 reports" in run("run", "-w", "1", "-s", study.root)
