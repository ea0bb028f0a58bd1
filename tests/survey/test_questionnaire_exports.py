"""The round trip: our questionnaire, answered in a tool's own export layout, comes back with every answer equal."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
import pytest
from seldom import some_of

from pxanalysis.errors import AnalysisError
from pxanalysis.journey import Journey, list_catalogue, read_journey
from pxanalysis.simulation.exports import SimulatedExport, simulate_export
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.survey.questionnaire_exports import translate_export
from pxanalysis.survey.reading import read_survey
from pxanalysis.survey.responses import Responses
from pxanalysis.survey.sources.read import read_source

LAYOUTS = [
    ("xlsform", "codes"), ("xlsform", "labels"), ("limesurvey", "codes"), ("limesurvey", "labels"),
    ("redcap", "codes"), ("redcap", "labels"), ("qualtrics", "codes"), ("qualtrics", "labels"), ("fhir", "codes"),
    ("html", "codes"),
]  # fmt: skip


def write(export: SimulatedExport, folder: Path) -> Path:
    path = folder / export.name
    path.write_bytes(export.data)
    return path


def as_text(responses: Responses, column: str, numbers: set[str]) -> pl.Series:
    """A column as the values of the journey, not applicable as its code."""
    found = responses.table[column]
    text = found.cast(pl.Int64).cast(pl.String) if column in numbers else found.cast(pl.String)
    codes = {placed.id: placed.scale.not_applicable for placed in responses.journey.items}
    if codes.get(column):
        text = text.set(responses.table[f"na:{column}"], str(codes[column][0]))
    return text


def assert_equal(export: SimulatedExport, responses: Responses) -> None:
    assert responses.n == export.answers.height
    assert responses.rejected.height == 0
    assert responses.simulated
    journey = responses.journey
    numbers = {variable.id for variable in journey.case_mix if variable.type == "number"}
    compared = [name for name in export.answers.columns if name in responses.table.columns]
    assert {placed.id for placed in journey.items} <= set(compared)
    for name in compared:
        got, wanted = as_text(responses, name, numbers), export.answers[name]
        if name == "completed_on" and export.tool == "redcap":
            wanted = wanted.set(got.is_null(), None)  # REDCap has no date of what was not completed
            assert got.null_count() < 0.2 * len(got)
        assert got.to_list() == wanted.to_list(), name


@pytest.mark.parametrize(("tool", "answers_as"), LAYOUTS)
@pytest.mark.parametrize("journey_id", some_of(["repeat-prescription", "dental-checkup"], every=2))
def test_every_answer_comes_back(tmp_path: Path, journey_id: str, tool: str, answers_as: str) -> None:
    journey = read_journey(journey_id)
    simulation = simulate_survey(journey, practices=3, responses=(15, 50), seed=4)
    export = simulate_export(simulation, tool, answers_as=answers_as)
    assert_equal(export, read_survey(write(export, tmp_path), journey=journey))


@pytest.mark.slow
@pytest.mark.parametrize(("tool", "answers_as"), LAYOUTS)
@pytest.mark.parametrize("journey_id", list_catalogue())
def test_every_answer_of_every_journey_comes_back(tmp_path: Path, journey_id: str, tool: str, answers_as: str) -> None:
    test_every_answer_comes_back(tmp_path, journey_id, tool, answers_as)


@pytest.mark.slow
def test_awkward_level_ids_and_long_ids_come_back(tmp_path: Path) -> None:
    data = read_journey("dental-treatment").model_dump(mode="json")
    data["case_mix"] = [
        {
            "id": "region", "label": {"nl": "Regio", "en": "Region"}, "type": "category",
            "levels": [{"id": f"Zuid-Oost {n}", "label": {"nl": f"zo, {n} | x", "en": f"se {n}"}} for n in range(3)],
        }
    ]  # fmt: skip
    item = data["steps"][0]["touchpoints"][0]["items"][0]
    item["id"] = "an_item_with_an_id_that_is_longer_than_any_tool"
    data["steps"][0]["touchpoints"][0]["ideas"] = []
    journey = Journey.model_validate(data)
    simulation = simulate_survey(journey, practices=2, responses=20, seed=1)
    for tool, answers_as in LAYOUTS:
        export = simulate_export(simulation, tool, answers_as=answers_as)
        assert_equal(export, read_survey(write(export, tmp_path), journey=journey))


def test_previews_are_left_out_and_partials_counted(tmp_path: Path) -> None:
    journey = read_journey("dental-checkup")
    simulation = simulate_survey(journey, practices=2, responses=40, seed=4)
    path = write(simulate_export(simulation, "qualtrics"), tmp_path)
    raw = translate_export(read_source(path), journey)
    assert any("2 previews" in note for note in raw.notes)
    assert any("were not sent in to the end" in note for note in raw.notes)
    assert raw.cells.height == simulation.answers.height
    assert "IPAddress" not in raw.cells.columns


def test_dont_know_is_no_answer_and_is_kept_aside(tmp_path: Path) -> None:
    journey = read_journey("dental-checkup")
    simulation = simulate_survey(journey, practices=2, responses=40, seed=4)
    raw = translate_export(read_source(write(simulate_export(simulation, "redcap"), tmp_path)), journey)
    listed = raw.cells["dont_know"].drop_nulls().to_list()
    assert listed
    for row, ids in enumerate(raw.cells["dont_know"]):
        for id_ in (ids or "").split():
            assert raw.cells[id_][row] is None


def test_an_answer_behind_a_closed_filter_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "kobo.csv"
    header = ["_uuid", "_submission_time", "practice_id", "met_booking_phone", *(
        placed.id for placed in read_journey("dental-checkup").items
    )]  # fmt: skip
    cells = ["u1", "2026-01-05T10:00:00", "P1", "0", *("4" for _ in header[4:])]
    with path.open("w", newline="") as handle:
        csv.writer(handle, delimiter=";", quoting=csv.QUOTE_ALL).writerows([header, cells])
    raw = translate_export(read_source(path), read_journey("dental-checkup"))
    assert raw.cells["phone_answered"][0] == "9"
    assert raw.cells["reception_quick"][0] == "4"
    assert any("4 answers stand behind a filter question" in note for note in raw.notes)


def test_dates_of_an_anonymised_limesurvey_are_no_dates(tmp_path: Path) -> None:
    journey = read_journey("dental-treatment")
    simulation = simulate_survey(journey, practices=1, responses=20, seed=1)
    text = simulate_export(simulation, "limesurvey").data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    for row in rows[1:]:
        row[1] = "1980-01-01 00:00:00"
    path = tmp_path / "limesurvey.csv"
    with path.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerows(rows)
    responses = read_survey(path, journey=journey)
    assert responses.table["completed_on"].null_count() == responses.n


def test_files_of_others_are_left_as_they_are(real_data: Path) -> None:
    journey = read_journey("dental-checkup")
    names = [
        "xlsform_kobo_odk/kobo_site_inspection__xml_6versions.csv", "limesurvey/results-survey.csv",
        "redcap/simple__data.csv", "redcap/longitudinal__data.csv", "qualtrics/qualtRics_sample.csv",
        "hospital_2016/responses.csv",
    ]  # fmt: skip
    for name in names:
        raw = read_source(real_data / name)
        assert translate_export(raw, journey) is raw, name


def test_the_layouts_are_those_of_real_exports(real_data: Path) -> None:
    """Header rows, separators and names of metadata as in files that the tools themselves wrote."""
    simulation = simulate_survey(read_journey("dental-treatment"), practices=1, responses=20, seed=1)
    kobo = (real_data / "xlsform_kobo_odk" / "kobo_customer_satisfaction__xml_values.csv").read_text("utf-8")
    meta = kobo.splitlines()[0].split(";")[2:]
    assert simulate_export(simulation, "xlsform").data.decode().splitlines()[0].split(";")[-len(meta) :] == meta
    qualtrics = (real_data / "qualtrics" / "sample_insights.csv").read_text("utf-8-sig")
    qualtrics = list(csv.reader(io.StringIO(qualtrics)))
    ours = list(csv.reader(io.StringIO(simulate_export(simulation, "qualtrics").data.decode())))
    shared = [name for name in ours[0] if name in qualtrics[0]]
    assert {"Status", "Finished", "ResponseId", "UserLanguage"} <= set(shared)
    assert [row[0].startswith('{"ImportId"') for row in (qualtrics[2], ours[2])] == [True, True]
    limesurvey = (real_data / "limesurvey" / "results-survey.csv").read_text("utf-8-sig").splitlines()[0]
    full = simulate_export(simulation, "limesurvey", answers_as="labels").data.decode("utf-8-sig")
    assert limesurvey.split(",")[:5] == next(csv.reader(io.StringIO(full)))[:5]


def test_tools_without_labels_say_so() -> None:
    simulation = simulate_survey(read_journey("dental-treatment"), practices=1, responses=20, seed=1)
    with pytest.raises(AnalysisError, match="fhir holds codes only"):
        simulate_export(simulation, "fhir", answers_as="labels")


def rename(text: str, change: dict[str, str], separator: str) -> str:
    """Change names in the header of a delimited text, by its own reader and writer."""
    rows = list(csv.reader(io.StringIO(text), delimiter=separator))
    rows[0] = [change.get(name, name) for name in rows[0]]
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator, quoting=csv.QUOTE_ALL).writerows(rows)
    return stream.getvalue()


@pytest.mark.parametrize("mark", ["-", "/"])
def test_names_with_their_group_before_them_are_known(tmp_path: Path, mark: str) -> None:
    """ODK Central writes group-name and its own metadata; Kobo can write group/name."""
    journey = read_journey("dental-checkup")
    export = simulate_export(simulate_survey(journey, practices=2, responses=20, seed=5), "xlsform")
    change = {placed.id: f"group_{placed.touchpoint.id}{mark}{placed.id}" for placed in journey.items}
    if mark == "-":
        change |= {"_uuid": "KEY", "_submission_time": "SubmissionDate"}
    path = tmp_path / "export.csv"
    path.write_text(rename(export.data.decode(), change, ";"), encoding="utf-8")
    assert_equal(export, read_survey(path, journey=journey))


def test_limesurveys_other_heading_is_known(tmp_path: Path) -> None:
    journey = read_journey("dental-checkup")
    export = simulate_export(simulate_survey(journey, practices=2, responses=20, seed=5), "limesurvey")
    text = export.data.decode("utf-8-sig")
    header = next(csv.reader(io.StringIO(text)))
    change = {name: name.replace("[", "_").rstrip("]") for name in header}
    path = tmp_path / "export.csv"
    path.write_text(rename(text, change, ","), encoding="utf-8")
    assert_equal(export, read_survey(path, journey=journey))
