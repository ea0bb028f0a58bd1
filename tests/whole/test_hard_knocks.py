"""What happens to a study in daily use: two runs at once, a changed journey, a process that dies, a practice gone."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from pxanalysis.analysis.whole_study.drivers import choose_case_mix
from pxanalysis.analysis.whole_study.people import count_rejected, tabulate_practices
from pxanalysis.analysis.whole_study.settings import FitSettings
from pxanalysis.analysis.whole_study.touchpoints import tabulate_variance
from pxanalysis.errors import AnalysisError, ReportError, StudyError
from pxanalysis.reporting.making.batch import Limits, render_reports
from pxanalysis.reporting.making.render import ReportJob
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import Study, init_study
from pxanalysis.study.reports import list_outdated, render_study


@pytest.fixture
def copy(made: Study, tmp_path: Path) -> Study:
    """The small study with its results and reports, to be spoilt."""
    shutil.copytree(made.root, tmp_path / "copy")
    return Study(tmp_path / "copy")


@pytest.fixture
def small(tmp_path: Path) -> Study:
    """A study with 30 answers in data/raw and nothing done yet."""
    study = init_study(tmp_path / "small", "dental-treatment")
    simulate_survey(study.journey, practices=2, responses=15, seed=1).write(study.raw_folder)
    return study


def set_toml(study: Study, before: str, after: str) -> Study:
    path = study.root / "study.toml"
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after, 1))
    return Study(study.root)


def put_cell(study: Study, source: str) -> None:
    """Let the report notebook do something before its fourth cell."""
    notebook = json.loads(study.notebook.read_text())
    cell = {"cell_type": "code", "execution_count": None, "id": "bad", "metadata": {}, "outputs": [], "source": source}
    notebook["cells"].insert(3, cell)
    study.notebook.write_text(json.dumps(notebook))


def test_two_at_once_do_not_get_in_each_others_way(small: Study) -> None:
    code = (
        "import sys, time; from pathlib import Path; from pxanalysis.study.lock import lock_study\n"
        "with lock_study(Path(sys.argv[1])):\n    print('locked', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(small.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        for step in (small.ingest, lambda: render_study(small)):
            with pytest.raises(StudyError, match=rf"another pxanalysis \(process {other.pid}\) is at work"):
                step()
        other.communicate("")
    assert [batch.accepted for batch in small.ingest()] == [30]


def test_a_file_checked_under_another_journey_is_not_mixed_in(small: Study) -> None:
    small.ingest()
    journey = small.root / "journey.yaml"
    journey.write_text(journey.read_text().replace("staff_attention", "staff_care"))
    changed = Study(small.root)
    with pytest.raises(StudyError, match=r"simulated\.csv was checked before the journey or study\.toml changed"):
        _ = changed.responses
    with pytest.raises(StudyError, match="Run 'ingest'"):
        changed.fit()
    assert [batch.accepted for batch in changed.ingest()] == [30]
    assert changed.responses.items["staff_care"].isna().all()


def test_names_and_further_files_do_not_have_answers_checked_again(small: Study) -> None:
    small.ingest()
    assert set_toml(small, '# practices = "names.csv"', 'practices = "names.csv"').policy
    (small.raw_folder / "practices.csv").rename(small.root / "names.csv")
    assert Study(small.root).ingest() == []


def test_every_row_refused_is_said_as_such(small: Study) -> None:
    study = set_toml(small, 'bad_answer = "drop-cell"', 'practice_pattern = "[A-Z]+"')
    assert [batch.accepted for batch in study.ingest()] == [0]
    with pytest.raises(
        StudyError, match=r"every row of simulated\.csv was refused\. See the reasons in data/processed"
    ):
        study.fit()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("delimiter = 'x'", "expected a mark such as ;"),
        ("delimiter = '§'", "expected a mark such as ;"),
        ("date_format = 'dd-mm-yyyy'", "expected the form of a date such as %d-%m-%Y"),
        ("date_format = '%d-%m'", "expected the form of a date such as %d-%m-%Y"),
    ],
)
def test_a_source_that_cannot_be_meant(line: str, message: str, small: Study) -> None:
    with pytest.raises(StudyError, match=message):
        set_toml(small, 'bad_answer = "drop-cell"', line)


def test_rejected_rows_are_counted_for_the_practice_they_are_of(small: Study) -> None:
    """A practice called 5 has nothing to do with the answer 5 of another."""
    path = small.raw_folder / "simulated.csv"
    table = pl.read_csv(path, infer_schema=False)
    row = pl.int_range(pl.len())
    first = pl.col("practice_id") == table["practice_id"][0]
    table = table.with_columns(
        pl.when(first).then(pl.lit("5")).otherwise("practice_id").alias("practice_id"),
        pl.when(row < 4).then(pl.lit("soon")).otherwise("completed_on").alias("completed_on"),
        pl.when(row == 9).then(pl.lit("77")).otherwise("ktv").alias("ktv"),
    )
    table.write_csv(path)
    small.ingest()
    responses = small.responses
    counted = dict(table.head(4)["practice_id"].value_counts().iter_rows())
    found = tabulate_practices(responses, FitSettings()).set_index("practice_id")["n_rejected"].to_dict()
    assert found == {practice: counted.get(practice, 0) for practice in found}
    assert count_rejected(responses) == (4, 1)


def test_dates_of_a_few_people_are_not_kept(made: Study) -> None:
    practices = made.results["practices"]
    assert practices.loc[practices["suppressed"], ["first_date", "last_date"]].isna().all(axis=None)
    assert practices.loc[~practices["suppressed"], ["first_date", "last_date"]].notna().all(axis=None)


def test_variances_on_a_few_people_are_not_kept(made: Study) -> None:
    responses = made.responses
    nine = pl.int_range(pl.len()).is_in(pl.arg_where(pl.col("ktv").is_not_null()).head(9).implode())
    few = replace(responses, table=responses.table.with_columns(pl.when(nine).then("ktv").alias("ktv")))
    frame = tabulate_variance(few, FitSettings()).set_index("outcome_or_touchpoint")
    assert frame.loc["ktv"].drop("reason").isna().all()
    assert frame.loc["ktv", "reason"] == "fewer people than a figure may rest on"
    assert frame.loc["nps"].drop("reason").notna().any()


@pytest.mark.slow
def test_pages_of_a_practice_that_is_gone_are_removed(copy: Study) -> None:
    path = copy.raw_folder / "answers.csv"
    table = pl.read_csv(path, infer_schema=False)
    gone, other = table["practice_id"].value_counts(sort=True)["practice_id"].head(2)
    renamed = pl.when(pl.int_range(pl.len()) < 100).then(pl.lit("linde")).otherwise(pl.lit("LINDE"))
    table = table.filter(pl.col("practice_id") != gone).with_columns(
        pl.when(pl.col("practice_id") == other).then(renamed).otherwise("practice_id").alias("practice_id")
    )
    table.write_csv(path)
    with copy.practices_file.open("a") as stream:  # both are in the list, so they are two
        stream.write("linde,De Linde,\nLINDE,Linde Centrum,\n")
    shutil.rmtree(copy.root / "data" / "processed")
    (copy.reports_folder / f"{gone}.pdf").write_bytes(b"printed")
    (copy.reports_folder / "notes.html").write_text("not ours")
    copy = Study(copy.root)
    copy.ingest()
    copy.fit()
    assert render_study(copy, workers=2).failed == ()
    names = sorted(page.name for page in copy.reports_folder.iterdir())
    assert f"{gone}.html" not in names
    assert f"{gone}.pdf" not in names
    assert "notes.html" in names
    assert len({name.casefold() for name in names if name.lower().startswith("linde")}) == 2


@pytest.mark.slow
def test_a_report_process_that_dies_costs_one_report(copy: Study) -> None:
    victim = copy.results["practices"]["practice_id"].iloc[-1]
    put_cell(copy, f"import os\nif practice_id == {victim!r}:\n    os.kill(os.getppid(), 9)")
    summary = render_study(copy, workers=1)
    assert [outcome.job.practice_id for outcome in summary.failed] == [victim]
    assert "the process ended without an answer" in summary.failed[0].reason
    assert len(summary.outcomes) == 8
    assert list_outdated(copy) == [victim]


@pytest.mark.slow
def test_what_a_notebook_prints_or_leaves_behind_does_not_reach_the_pipes(copy: Study) -> None:
    put_cell(
        copy,
        "import os, time\nos.write(1, b'{\"ok\": true}\\n')\n"
        "if os.fork() == 0:\n    time.sleep(15)\n    os._exit(0)\nraise ValueError('x' * 300_000)",
    )
    practice = copy.results["practices"]["practice_id"].iloc[0]
    summary = render_study(copy, [practice], workers=1)
    assert "ValueError: xxx" in summary.failed[0].reason
    assert len(summary.failed[0].reason) < 5000


@pytest.mark.slow
def test_without_a_browser_the_pages_are_there_all_the_same(copy: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ReportError, match="PDF: no Chromium found"):
        render_study(copy, force=True, workers=2, pdf=True)
    assert list_outdated(copy) == []


def test_an_unknown_language_is_named(made: Study) -> None:
    with pytest.raises(StudyError, match="language 'fr': expected en or nl"):
        render_study(made, language="fr")


def test_damaged_results_say_what_to_do(copy: Study) -> None:
    (copy.results_folder / "meta.json").write_text("{")
    assert not copy.is_fitted
    with pytest.raises(AnalysisError, match=r"meta\.json: damaged .* Run 'pxanalysis fit --force'"):
        _ = copy.results


def test_a_damaged_manifest_says_what_to_do(copy: Study) -> None:
    (copy.reports_folder / "manifest.json").write_text('["x"]')
    with pytest.raises(StudyError, match=r"manifest\.json: damaged .* Remove it"):
        list_outdated(copy)


def test_a_new_study_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    init_study(tmp_path, "dental-checkup")
    assert (tmp_path / ".gitignore").read_text() == "mine\n"
    (tmp_path / "study.toml").unlink()
    with pytest.raises(StudyError, match=r"journey\.yaml: is there already and would be overwritten"):
        init_study(tmp_path, "dental-checkup")
    (tmp_path / "journey.yaml").unlink()
    with pytest.raises(StudyError, match=r"\.ipynb: is there already and would be overwritten"):
        init_study(tmp_path, "dental-checkup")


def test_files_that_other_programs_leave_are_not_answers(small: Study) -> None:
    for name in ("._simulated.csv", "~$simulated.csv", ".hidden.parquet"):
        (small.raw_folder / name).write_bytes(b"\0")
    assert [path.name for path in small.raw_files()] == ["simulated.csv"]


@pytest.mark.slow
def test_an_unknown_case_mix_variable_is_named(small: Study) -> None:
    study = set_toml(small, "seed = 1", 'case_mix = ["shoe"]')
    study.ingest()
    with pytest.raises(AnalysisError, match=r"no case-mix variable 'shoe'; it has: age, health\. Correct \[analysis\]"):
        study.fit()


def test_a_characteristic_on_which_all_agree_adjusts_nothing(small: Study) -> None:
    small.ingest()
    responses = small.responses
    same = pl.when(pl.int_range(pl.len()) < 9).then(None).otherwise(pl.lit("good")).alias("health")
    assert choose_case_mix(replace(responses, table=responses.table.with_columns(same)), FitSettings()) == ("age",)


def test_a_report_that_hangs_is_stopped(copy: Study) -> None:
    put_cell(copy, "import time\ntime.sleep(600)")
    practice = copy.results["practices"]["practice_id"].iloc[-1]
    job = ReportJob(practice, "nl", str(copy.root), str(copy.notebook), str(copy.reports_folder / "x.html"))
    (outcome,) = render_reports([job], workers=1, limits=Limits(seconds=1.0), preload=["pxanalysis.study"])
    assert outcome.reason == "it took longer than 1 seconds and was stopped"
    assert not Path(job.output).exists()
