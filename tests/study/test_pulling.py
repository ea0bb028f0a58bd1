"""Answers pulled from survey servers, over real HTTP and by the real libraries, from a server that fails as they do."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import cast

import pytest
from study_copies import init_quick
from survey_servers import PASSWORD, TOKEN, SurveyServer, parse_csv, serve_surveys
from typer.testing import CliRunner, Result

from pxanalysis.cli import app
from pxanalysis.errors import StudyError
from pxanalysis.journey import read_journey
from pxanalysis.simulation.exports import simulate_export
from pxanalysis.simulation.study import Simulation, simulate_survey
from pxanalysis.study import Study
from pxanalysis.study.forgetting import forget
from pxanalysis.study.places import StudyPlaces
from pxanalysis.study.pulling import read_pull_log
from pxanalysis.study.run_state import describe_state

TODAY = date(2026, 12, 31)
KINDS = ("limesurvey", "redcap", "odk")


@pytest.fixture(scope="module")
def simulated() -> Simulation:
    return simulate_survey(read_journey("dental-treatment"), practices=2, responses=20, seed=2)


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PX_PASSWORD", PASSWORD)
    monkeypatch.setenv("PX_TOKEN", TOKEN)


@pytest.fixture
def servers(simulated: Simulation) -> Iterator[dict[str, SurveyServer]]:
    with ExitStack() as stack:
        made = {kind: SurveyServer(_rows(simulated, kind)) for kind in KINDS}
        made["redcap"].dictionary = _dictionary(made["redcap"].responses[0])
        yield {kind: stack.enter_context(serve_surveys(one)) for kind, one in made.items()}


@pytest.fixture
def study(tmp_path: Path, servers: dict[str, SurveyServer]) -> Study:
    made = init_quick(tmp_path / "study")
    toml = made.root / "study.toml"
    toml.write_text(toml.read_text() + _sections(servers))
    return Study(made.root)


def _rows(simulated: Simulation, kind: str) -> list[list[str]]:
    if kind != "odk":
        return parse_csv(simulate_export(simulated, kind).data)  # type: ignore[arg-type]
    names, *rows = parse_csv(simulate_export(simulated, "xlsform").data, ";")
    renamed = {"_uuid": "KEY", "_submission_time": "SubmissionDate", "__version__": "FormVersion"}
    keep = [i for i, name in enumerate(names) if not name.startswith("_") or name in renamed]
    return [[renamed.get(names[i], names[i]) for i in keep], *([row[i] for i in keep] for row in rows)]


def _dictionary(names: list[str]) -> list[dict[str, str]]:
    fields = [name for name in names if not name.endswith(("_complete", "_timestamp", "_identifier"))]
    common = {"form_name": "experience", "section_header": "", "field_type": "text", "field_label": "A question"}
    return [{"field_name": name} | common | {"select_choices_or_calculations": "", "identifier": ""} for name in fields]


def _sections(servers: dict[str, SurveyServer]) -> str:
    who = 'user = "me@example.nl"\npassword = "${PX_PASSWORD}"\n'
    return (
        f'\n[pull.lime]\nkind = "limesurvey"\nurl = "{servers["limesurvey"].url}/index.php/admin/remotecontrol"\n'
        f"survey = 123456\nat_a_time = 15\n{who}"
        f'\n[pull.cap]\nkind = "redcap"\nurl = "{servers["redcap"].url}/api/"\nat_a_time = 15\n'
        'token = "${PX_TOKEN}"\n'
        f'\n[pull.central]\nkind = "odk"\nurl = "{servers["odk"].url}"\nproject = 7\nform = "experience"\n{who}'
    )


def pull(study: Study, *words: str) -> Result:
    return CliRunner().invoke(app, ["pull", "--study", str(study.root), *words])


def change(study: Study, old: str, new: str) -> None:
    """Change the sections that were added; above them stands an example in comments."""
    toml = study.root / "study.toml"
    start, mark, sections = toml.read_text().partition("\n[pull.lime]")
    toml.write_text(start + mark + sections.replace(old, new, 1))


def raw(study: Study) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in study.raw_folder.glob("pull-*.csv") if "quest" not in path.name}


FILES = {"limesurvey": "pull-lime.csv", "redcap": "pull-cap.csv", "odk": "pull-central.csv"}


@pytest.mark.slow
def test_all_three_are_pulled_page_by_page_and_read_as_their_exports(
    study: Study, servers: dict[str, SurveyServer], simulated: Simulation
) -> None:
    done = pull(study)
    assert done.exit_code == 0, done.output
    for name in FILES.values():
        assert f"40 responses, kept as {name}" in done.output
    assert sorted(raw(study)) == sorted(FILES.values())
    exports = [given[7:9] for method, given in servers["limesurvey"].asked if method == "export_responses"]
    assert exports == [[None, None], [1, 15], [16, 30], [31, 40]]
    assert servers["redcap"].exports == 4
    assert servers["limesurvey"].asked[-1][0] == "release_session_key"
    expected = simulate_export(simulated, "redcap").answers["ktv"].cast(int, strict=False).sum()
    for name in FILES.values():
        (found,) = study.check([study.raw_folder / name], today=TODAY)
        assert (found.accepted, found.rejected_rows, found.dropped_cells) == (40, 0, 0), name
        table = found.table
        assert table is not None
        assert table.accepted["ktv"].sum() == expected, name


@pytest.mark.slow
def test_only_what_changed_is_written_and_a_correction_supersedes(
    study: Study, servers: dict[str, SurveyServer]
) -> None:
    pull(study, "lime")
    assert [batch.accepted for batch in study.ingest(today=TODAY)] == [40, 40, 40], "ingest pulls the others"
    before = {name: (study.raw_folder / name).stat().st_mtime_ns for name in raw(study)}
    assert "40 responses, the same as before" in pull(study).output
    assert before == {name: (study.raw_folder / name).stat().st_mtime_ns for name in raw(study)}
    assert study.ingest(today=TODAY) == []
    lime = servers["limesurvey"].responses
    lime[1][lime[0].index("ktv")] = "1"
    (batch,) = study.ingest(today=TODAY)
    assert (batch.file, batch.accepted, batch.superseded) == ("pull-lime.csv", 40, 40)
    assert study.responses.table.filter(response_id="1")["ktv"].to_list()[0] == 1
    log = read_pull_log(study.root)
    assert [(one.name, one.changed) for one in log if one.name == "lime"] == [
        ("lime", True), ("lime", False), ("lime", False), ("lime", False), ("lime", True),
    ]  # fmt: skip
    assert {one.name for one in describe_state(study).pulls} == {"lime", "cap", "central"}
    told = CliRunner().invoke(app, ["status", "--study", str(study.root)]).output
    assert "[pull.lime]: 40 responses, kept as pull-lime.csv" in told


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_one_who_is_not_let_in_is_named_and_the_others_are_pulled(
    kind: str, study: Study, servers: dict[str, SurveyServer]
) -> None:
    pull(study)
    before = raw(study)
    servers[kind].let_in = False
    for one in servers.values():
        one.responses[1][-2] = "changed"
    done = pull(study)
    assert done.exit_code == 4
    (line,) = [line for line in done.output.splitlines() if line.startswith("Error")]
    assert "does not let us in" in line
    assert "What was pulled before is kept" in line
    assert PASSWORD not in done.output
    assert TOKEN not in done.output
    after = raw(study)
    assert [name for name in before if before[name] == after[name]] == [FILES[kind]]
    assert "Traceback" not in done.output


def test_a_session_that_ends_between_two_pages(study: Study, servers: dict[str, SurveyServer]) -> None:
    servers["limesurvey"].keys_die = True
    done = pull(study, "lime")
    assert done.exit_code == 4
    assert "Invalid session key" in done.output
    assert raw(study) == {}


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "part"), [("limesurvey", 2), ("redcap", 2), ("odk", 0)])
def test_a_server_that_goes_away_in_the_middle_leaves_the_file(
    kind: str, part: int, study: Study, servers: dict[str, SurveyServer]
) -> None:
    pull(study)
    before = raw(study)
    one = servers[kind]
    one.responses[1][-2] = "changed"
    one.exports, one.cut_after = 0, part
    done = pull(study)
    assert done.exit_code == 4
    assert "went away before all answers had come" in done.output
    assert raw(study) == before
    assert not [path for path in study.raw_folder.iterdir() if path.name.startswith(".writing")]
    one.cut_after = None
    assert pull(study).exit_code == 0
    assert raw(study)[FILES[kind]] != before[FILES[kind]]


@pytest.mark.parametrize("kind", KINDS)
def test_half_an_answer_is_not_taken_for_a_whole_one(kind: str, study: Study, servers: dict[str, SurveyServer]) -> None:
    servers[kind].half = True
    done = pull(study)
    assert done.exit_code == 4
    assert "of 40 responses came, so none of this pull is used" in done.output
    assert sorted(raw(study)) == sorted(name for one, name in FILES.items() if one != kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_web_page_in_place_of_answers(kind: str, study: Study, servers: dict[str, SurveyServer]) -> None:
    servers[kind].page = "<html>maintenance</html>"
    done = pull(study)
    assert done.exit_code == 4
    assert len([line for line in done.output.splitlines() if line.startswith("Error: [pull.")]) == 1
    assert FILES[kind] not in raw(study)


def test_no_secret_goes_to_where_a_server_sends_us(study: Study, servers: dict[str, SurveyServer]) -> None:
    with serve_surveys(SurveyServer([["id"]])) as thief:
        for one in servers.values():
            one.sends_on = f"{thief.url}/api/"
        done = pull(study)
        assert done.exit_code == 4
        assert thief.asked == []


def test_a_survey_that_nobody_has_begun_and_one_that_is_not_there(
    study: Study, servers: dict[str, SurveyServer]
) -> None:
    for one in servers.values():
        del one.responses[1:]
    done = pull(study)
    assert done.exit_code == 0, done.output
    assert done.output.count("there are no responses yet") == 3
    change(study, "survey = 123456", "survey = 999")
    change(study, 'form = "experience"', 'form = "other"')
    change(study, "/api/", "/old/api/")
    told = pull(study).output
    assert "REDCap at" in told
    assert "refused: 404" in told
    assert "Is survey 999 active?" in told
    assert "Could not find the resource" in told


@pytest.mark.slow
def test_what_the_project_marks_as_identifying_stays_there(study: Study, servers: dict[str, SurveyServer]) -> None:
    cap = servers["redcap"]
    next(row for row in cap.dictionary if row["field_name"] == "comment")["identifier"] = "y"
    cap.responses[1][1] = "jan@example.nl"
    done = pull(study, "cap")
    assert "marks as identifying are not pulled: comment" in done.output
    header = parse_csv(raw(study)["pull-cap.csv"])[0]
    assert not {"comment", "redcap_survey_identifier"} & set(header)
    assert b"jan@example.nl" not in raw(study)["pull-cap.csv"]
    assert (study.raw_folder / "pull-cap.questionnaire.csv").is_file()
    told = CliRunner().invoke(app, ["check", "--study", str(study.root)]).output
    assert "pull-cap.questionnaire.csv:" not in told, "it holds no answers"
    assert "pull-cap.questionnaire.csv." in told, "what its codes mean is read from it"


@pytest.mark.slow
def test_unfinished_responses_come_too(study: Study, servers: dict[str, SurveyServer]) -> None:
    lime = servers["limesurvey"].responses
    for row in lime[1:6]:  # beside three that are so already
        row[lime[0].index("submitdate")] = ""
    pull(study, "lime")
    (found,) = study.check([study.raw_folder / "pull-lime.csv"], today=TODAY)
    assert found.accepted == 40
    assert any("8 responses in this LimeSurvey export were not sent in" in note for note in found.notes)


@pytest.mark.slow
def test_who_wants_to_be_forgotten_does_not_come_back(study: Study) -> None:
    study.ingest(today=TODAY)
    told = forget(cast("StudyPlaces", study), ["1"], raw=True)
    assert any("[pull.lime]" in reason for reason in told.not_rewritten)
    study.ingest(today=TODAY)
    assert "1" not in [row[0] for row in parse_csv(raw(study)["pull-lime.csv"])], "unchanged: not fetched over it"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('password = "${PX_PASSWORD}"', 'password = "hunter2"', "a secret never stands here"),
        ("survey = 123456\n", "", "survey is not there"),
        ('kind = "redcap"', 'kind = "redcap"\nproject = 3', "expected no project"),
        ("/index.php/admin/remotecontrol", "/index.php", "ends with /remotecontrol"),
        ("http://127.0.0.1", "http://surveys.example.nl", "begins with https://"),
        ("survey = 123456", "surevy = 123456", "Did you mean 'survey'"),
    ],
)
def test_study_toml_is_refused_with_the_section_and_line(old: str, new: str, told: str, study: Study) -> None:
    change(study, old, new)
    with pytest.raises(StudyError, match=told) as caught:
        Study(study.root)
    assert "pull." in str(caught.value)
    assert ", line " in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_variable_that_is_not_set_and_a_token_of_another_length(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PX_PASSWORD")
    monkeypatch.setenv("PX_TOKEN", "short-token")
    done = pull(study)
    assert done.exit_code == 4
    assert done.output.count("the environment has no variable PX_PASSWORD") == 2
    assert "the token has 11 characters" in done.output
    assert "short-token" not in done.output
    assert "there is no [pull.other]" in str(pull(study, "other").exception)


@pytest.mark.slow
def test_a_watching_process_pulls_on_an_interval(study: Study, servers: dict[str, SurveyServer]) -> None:
    change(study, "survey = 123456", "survey = 123456\nevery_minutes = 0.02")
    servers["redcap"].let_in = False
    words = [sys.executable, "-m", "pxanalysis", "ingest", "--watch", "--every", "0.3", "--study", str(study.root)]
    lime = servers["limesurvey"].responses
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ
    ) as process:
        _wait(lambda: len(Study(study.root).store.batches) == 2)
        lime[1][lime[0].index("ktv")] = "1"
        _wait(lambda: any(batch.superseded for batch in Study(study.root).store.batches))
        process.send_signal(signal.SIGINT)
        told, _ = process.communicate(timeout=30)
    assert told.count("Error: [pull.cap]") == 1, told
    assert "pull-lime.csv: 40 responses accepted, 0 rows rejected, 0 cells dropped, 40 superseded" in told
    log = (study.root / "data" / "processed" / "pulls.jsonl").read_text().splitlines()
    names = [json.loads(line)["name"] for line in log]
    assert names.count("lime") >= 2
    assert (names.count("cap"), names.count("central")) == (1, 1), "these are due in an hour"


def _wait(done: object, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not done():  # type: ignore[operator]
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.2)
