"""A file read part by part gives what it gives when it is read at once: every cell, reason, note and stored byte."""

from __future__ import annotations

import csv
import dataclasses
import json
import random
from datetime import date
from pathlib import Path

import polars as pl
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pxanalysis.errors import SourceError
from pxanalysis.journey import Journey
from pxanalysis.journey.short_ids import Tool
from pxanalysis.simulation.exports import simulate_export
from pxanalysis.simulation.study import Simulation, simulate_survey
from pxanalysis.survey import files
from pxanalysis.survey.checking.validated import ValidatedTable
from pxanalysis.survey.columns.by_form import judge_by_form
from pxanalysis.survey.columns.judge import judge_columns
from pxanalysis.survey.form_rule import FormRule
from pxanalysis.survey.long_files import LongFile, judge_long_file
from pxanalysis.survey.policy import SurveyPolicy
from pxanalysis.survey.reading import check_judged, read_table
from pxanalysis.survey.sources.parts import open_parts
from pxanalysis.survey.spool import Spool
from pxanalysis.survey.store import ResponseStore

POLICY = SurveyPolicy(today=date(2026, 7, 1), missing=("NA", "-99"))
CELLS = ["", " 5", "5.0", "9", "-99", "NA", "x", "weet niet", "n.v.t.", "5 - helemaal mee eens", "4,5", "true"]
DAYS = ["2025-02-03", "03-02-2025", "13/02/2025", "2025-02-03 11:12:13", "1980-01-01", "2031-01-01", "gisteren", ""]
TEXTS = ["prima; zonder wachten, fijn", 'zei "goed zo"', "twee\nregels", "één café €5", "", "=1+1"]
IDS = ["S0000001", "S0000009", "", "S 12", "S0000005\u200b"]
PRACTICES = ["01010137", "1010137", "", "praktijk A", "PRAKTIJK A"]


def spoil(table: pl.DataFrame, chance: random.Random, share: float) -> list[list[str]]:
    """Records of a table in which some cells hold what people and programs put there."""
    pools = {"completed_on": DAYS, "comment": TEXTS, "response_id": IDS, "practice_id": PRACTICES}
    rows = [["" if cell is None else str(cell) for cell in row] for row in table.iter_rows()]
    for row in rows:
        for i, name in enumerate(table.columns):
            if chance.random() < share:
                row[i] = chance.choice(pools.get(name, CELLS))
    return [table.columns, *rows]


def write(records: list[list[str]], path: Path, *, lines: str = "\n") -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator=lines).writerows(records)
    return path


def put_records(table: pl.DataFrame) -> list[list[str]]:
    return spoil(table, random.Random(0), 0.0)


def read_whole(path: Path, journey: Journey) -> tuple[tuple[object, ...], ValidatedTable]:
    raw = read_table(path, journey)
    judged = judge_columns(raw, journey, policy=POLICY)
    return judged.verdicts, check_judged(raw, judged, journey, policy=POLICY)


TOOLS: list[Tool] = ["limesurvey", "qualtrics", "redcap", "xlsform", "html"]


@pytest.mark.parametrize("tool", TOOLS)
def test_an_export_of_a_tool_is_read_part_by_part(tool: Tool, tmp_path: Path, treatment: Journey) -> None:
    export = simulate_export(simulate_survey(treatment, practices=3, responses=20, seed=5), tool)
    path = tmp_path / export.name
    text = export.data.decode("utf-8-sig")
    path.write_text(text.replace("2025-06-", "1980-01-") if tool == "limesurvey" else text)
    parts = assert_same(path, treatment, 8000)
    assert len(parts) > 1
    assert any(" export" in note for note in parts[0].notes) == (tool != "html")


@pytest.mark.parametrize(
    "beside",
    [
        {"submitdate": ["2025-01-02", "", "1980-01-01 00:00:00"], "lastpage": ["4"], "startlanguage": ["nl", "", "en"]},
        {
            "StartDate": [""],
            "EndDate": ["2025-01-02"],
            "Status": ["0", "1"],
            "Finished": ["1", "0", "1"],
            "Progress": [""],
        },
        {"KEY": ["a", "b"], "SubmissionDate": ["2025-01-02"], "FormVersion": ["1", "", "2"]},
        {"redcap_event_name": ["a", "b", ""], "q_complete": ["2"], "q_timestamp": ["[not completed]", "2025-01-02"]},
        {"Tijdstempel": ["2025-01-02"]},
    ],
    ids=["limesurvey", "qualtrics", "odk", "redcap", "google"],
)
def test_an_export_of_another_questionnaire_is_counted_part_by_part(
    beside: dict[str, list[str]], tmp_path: Path, simulation: Simulation, treatment: Journey
) -> None:
    records = put_records(simulation.answers.head(60))
    path = write(
        [
            [*beside, *records[0]],
            *([*(cells[row % len(cells)] for cells in beside.values()), *one] for row, one in enumerate(records[1:])),
        ],
        tmp_path / "export.csv",
    )
    parts = assert_same(path, treatment, 2000)
    assert len(parts) > 1
    assert any("export" in note for note in parts[0].notes)


def test_header_rows_that_do_not_stand_in_the_first_part_leave_an_export_to_be_read_as_a_whole(
    tmp_path: Path, treatment: Journey
) -> None:
    export = simulate_export(simulate_survey(treatment, practices=2, responses=10, seed=5), "qualtrics")
    path = tmp_path / export.name
    path.write_bytes(export.data)
    assert judge(path, treatment, 500) is None


def judge(path: Path, journey: Journey, size: int) -> LongFile | None:
    scratch = path.with_name("scratch")
    scratch.mkdir(exist_ok=True)
    return judge_long_file(path, journey, scratch=scratch, policy=POLICY, size=size)


def read_parts(path: Path, journey: Journey, size: int) -> tuple[LongFile, list[ValidatedTable]]:
    long = judge(path, journey, size)
    assert long is not None
    return long, list(long.check())


def assert_same(path: Path, journey: Journey, size: int) -> list[ValidatedTable]:
    verdicts, whole = read_whole(path, journey)
    long, parts = read_parts(path, journey, size)
    assert long.rules.verdicts == verdicts
    assert {part.notes for part in parts} == {whole.notes}
    assert sum(part.refused_rows for part in parts) == whole.refused_rows
    for frame in ("accepted", "rejected", "aside"):
        assert_frame_equal(pl.concat([getattr(part, frame) for part in parts]), getattr(whole, frame))
    return parts


@pytest.mark.slow
@settings(max_examples=10)
@given(seed=st.integers(0, 10**6), share=st.sampled_from([0.0, 0.01, 0.1]), size=st.integers(500, 4000))
def test_parts_of_a_file_say_what_the_whole_says(
    seed: int,
    share: float,
    size: int,
    tmp_path_factory: pytest.TempPathFactory,
    simulation: Simulation,
    treatment: Journey,
) -> None:
    chance = random.Random(seed)
    path = tmp_path_factory.mktemp("parts") / "export.csv"
    write(spoil(simulation.answers.head(80), chance, share), path, lines=chance.choice(["\n", "\r\n"]))
    assert len(assert_same(path, treatment, size)) > 1


@pytest.mark.slow
@settings(max_examples=6)
@given(seed=st.integers(0, 10**6), size=st.integers(500, 4000))
def test_records_of_a_wrong_length_are_kept_aside_part_by_part(
    seed: int, size: int, tmp_path_factory: pytest.TempPathFactory, simulation: Simulation, treatment: Journey
) -> None:
    chance = random.Random(seed)
    records = spoil(simulation.answers.head(60), chance, 0.02)
    for row in chance.sample(range(1, len(records)), 6):
        record = records[row]
        records[row] = chance.choice([record[:-3], [*record, "more"], [*record, "", ""], record[:1], []])
    path = write(records, tmp_path_factory.mktemp("ragged") / "export.csv")
    assert_same(path, treatment, size)


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_a_file_of_a_statistical_program_is_read_part_by_part(
    kind: str, tmp_path: Path, simulation: Simulation, treatment: Journey
) -> None:
    table = simulation.answers.head(90).to_pandas()
    table["practice_id"] = ["" if row % 40 == 3 else cell for row, cell in enumerate(table["practice_id"])]
    table["nps"] = [row % 11 if row < 45 else row % 13 for row in range(90)]  # 12 is none, and stands in a later part
    path = tmp_path / f"export.{kind}"
    words = {"nps": {12: "weet niet"}, "appointment_soon": {1: "oneens", 5: "eens"}}
    if kind == "sav":
        ranges = {"nps": [{"lo": 11.0, "hi": 11.0}], "ces": [{"lo": 2.0, "hi": 4.0}]}
        pyreadstat.write_sav(table, path, variable_value_labels=words, missing_ranges=ranges)
    else:
        for name, letters in {"nps": "bb", "ces": "ca"}.items():  # the later letter stands in an earlier part
            marked = {row: letters[row // 60] for row in (52, 67, 82)}
            table[name] = [marked.get(row, cell) for row, cell in enumerate(table[name])]
        letters_of = {"nps": ["b"], "ces": ["a", "c"]}
        pyreadstat.write_dta(table, path, variable_value_labels=words, missing_user_values=letters_of)
    parts = assert_same(path, treatment, 512 * 20)
    assert len(parts) == 5
    assert sum("not answered" in note for note in parts[0].notes) == 2
    assert any("which is not declared" in note for note in parts[0].notes)


@pytest.mark.parametrize("answer", ["40000", "3000000000", "x"])
def test_an_answer_that_takes_more_room_is_shown_as_the_whole_file_shows_it(
    answer: str, tmp_path: Path, simulation: Simulation, treatment: Journey
) -> None:
    records = put_records(simulation.answers.head(60))
    header, last = records[0], records[-1]
    last[header.index("nps")], last[header.index("practice_id")] = answer, ""
    last[header.index("appointment_soon")] = "3"
    parts = assert_same(write(records, tmp_path / "export.csv"), treatment, 1000)
    kept = json.loads(parts[-1].rejected.filter(pl.col("column") == "practice_id")["record"][0])
    assert (kept["nps"], kept["appointment_soon"]) == ((40000, 3) if answer == "40000" else (answer, "3"))


@pytest.mark.parametrize(
    ("encoding", "lines"),
    [
        ("cp1252", "\r\n"),
        *(pytest.param(*one, marks=pytest.mark.slow) for one in (("mac_roman", "\r"), ("utf-16", "\n"))),
        *(pytest.param(*one, marks=pytest.mark.slow) for one in (("utf-8-sig", "\n"), ("utf-8", "\r"))),
    ],
)
def test_a_file_in_another_encoding_is_read_part_by_part(
    encoding: str, lines: str, tmp_path: Path, simulation: Simulation, treatment: Journey
) -> None:
    records = spoil(simulation.answers.head(30), random.Random(2), 0.03)
    comment = records[0].index("comment")
    for record in records[1:]:
        record[comment] = "pijn was één keer te voelen; café ernaast" if record[comment] else ""
    path = write(records, tmp_path / "export.csv", lines=lines)
    path.write_bytes(path.read_bytes().decode().encode(encoding))
    assert len(assert_same(path, treatment, 2000)) > 1


def test_a_parquet_file_is_read_part_by_part(tmp_path: Path, simulation: Simulation, treatment: Journey) -> None:
    table = simulation.answers.with_columns(
        pl.col("completed_on").cast(pl.Datetime),
        pl.col("practice_id").cast(pl.Categorical),
        pl.col("nps").cast(pl.Float64),
    )
    path = tmp_path / "export.parquet"
    table.write_parquet(path)
    assert len(assert_same(path, treatment, 4000)) > 1


def test_an_encoding_of_study_toml_holds_for_every_part(
    tmp_path: Path, simulation: Simulation, treatment: Journey
) -> None:
    path = tmp_path / "export.csv"
    simulation.answers.head(30).with_columns(pl.lit("żółć").alias("comment")).write_csv(path)
    path.write_bytes(path.read_bytes().decode().encode("cp1250"))
    long = judge_long_file(path, treatment, scratch=tmp_path, encoding="cp1250", size=2000)
    assert long is not None
    assert {text for part in long.check() for text in part.accepted["comment"]} == {"żółć"}


@pytest.mark.slow
def test_an_id_of_an_earlier_part_counts_once_and_a_refused_row_does_not_take_it(
    tmp_path: Path, simulation: Simulation, treatment: Journey
) -> None:
    records = [
        simulation.answers.columns,
        *([str(cell or "") for cell in row] for row in simulation.answers.iter_rows()),
    ]
    place = simulation.answers.columns.index("completed_on")
    again = [list(records[1]), list(records[2])]
    records[1][place] = "2031-01-01"  # refused, so that the row below may have its id
    path = write([*records, *again, list(again[0])], tmp_path / "export.csv")
    parts = assert_same(path, treatment, 1500)
    ids = pl.concat([part.accepted for part in parts])["response_id"]
    assert ids.is_unique().all()
    assert (ids == records[1][0]).sum() == 1
    reasons = pl.concat([part.rejected for part in parts]).filter(pl.col("column") == "response_id")
    assert reasons["row"].to_list() == [len(records) + 2, len(records) + 3]


@pytest.mark.parametrize("held", [0, 2**25], ids=["on disk", "in memory"])
def test_what_is_stored_of_parts_is_what_is_stored_of_the_whole(
    held: int, tmp_path: Path, simulation: Simulation, treatment: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_HELD", held)
    path = write(spoil(simulation.answers.tail(60), random.Random(5), 0.03), tmp_path / "export.csv")
    _, whole = read_whole(path, treatment)
    long, parts = read_parts(path, treatment, 2500)
    spool = Spool(tmp_path / "scratch", rows=1_600_000)
    for part in parts:
        spool.add(part)
    stores = [ResponseStore(tmp_path / name / "responses", tmp_path / name / "rejected") for name in "ab"]
    batches = [
        stores[0].add(whole, file=path.name, digest=long.head.digest, settings=""),
        stores[1].add(spool, file=path.name, digest=long.head.digest, settings=""),
    ]
    plain = [dataclasses.replace(batch, parts=dict(sorted(batch.parts.items()))) for batch in batches]
    assert plain[0] == plain[1]
    held = [store.read() for store in stores]
    assert held[0] is not None
    assert held[1] is not None
    assert_frame_equal(held[0], held[1])
    rejected = [store.read_rejected() for store in stores]
    assert rejected[0] is not None
    assert rejected[1] is not None
    assert_frame_equal(rejected[0], rejected[1])
    lists = [sorted((tmp_path / name / "rejected").glob("*.csv")) for name in "ab"]
    assert lists[0][0].read_bytes() == lists[1][0].read_bytes()
    aside = [store.read_aside() for store in stores]
    assert_frame_equal(aside[0], aside[1])


@pytest.mark.parametrize(
    "line",
    ['S1,0101,5" breed,4', 'S1,0101,"nooit gesloten,4', 'S1,"0101"x,5,4'],
    ids=["loose", "not closed", "behind"],
)
def test_loose_quotation_marks_leave_a_file_to_be_read_as_a_whole(
    line: str, tmp_path: Path, simulation: Simulation, treatment: Journey
) -> None:
    path = write(
        [simulation.answers.columns, *map(list, simulation.answers.cast(pl.String).iter_rows())], tmp_path / "a.csv"
    )
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    assert judge(path, treatment, 2000) is None


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, simulation: Simulation) -> None:
    path = tmp_path / "a.csv"
    simulation.answers.write_csv(path)
    parts = open_parts(path, copy=tmp_path / "copy", size=2000)
    assert parts is not None
    following = iter(parts)
    next(following)
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(SourceError, match=r"a\.csv: the file changed while it was read"):
        list(following)


def test_days_are_in_order_by_the_rows_of_every_part(
    tmp_path: Path, simulation: Simulation, treatment: Journey
) -> None:
    """The last parts have days that can be read in two ways; the order of those before, as a whole, says which."""
    row = pl.int_range(pl.len())
    day = pl.when(row < 30).then(pl.lit("2025-04-20")).when(row > 55).then(pl.lit("04/05/2025"))
    path = tmp_path / "export.csv"
    simulation.answers.head(90).with_columns(day.alias("completed_on")).write_csv(path)
    assert_same(path, treatment, 1000)


def test_blank_lines_where_a_ragged_file_is_cut_do_not_send_it_to_be_read_whole(
    tmp_path: Path, simulation: Simulation, treatment: Journey
) -> None:
    records = put_records(simulation.answers.head(40))
    spread = [one for record in records[1:] for one in ([], record)]
    path = write([records[0], *spread, records[5][:-2]], tmp_path / "export.csv")
    assert len(assert_same(path, treatment, 150)) > 1


def test_a_file_that_was_cut_off_says_so(tmp_path: Path, simulation: Simulation, treatment: Journey) -> None:
    path = write(put_records(simulation.answers.head(60)), tmp_path / "export.csv")
    path.write_bytes(path.read_bytes()[:-40])
    parts = assert_same(path, treatment, 2000)
    last = parts[-1].rejected.row(-1, named=True)
    assert last["row"] == 61
    assert "look for a line end within an answer, or a file that was cut off" in last["reason"]


@pytest.mark.parametrize("rule", [FormRule("versie"), FormRule(None, (date(2025, 7, 1),)), FormRule("elders")])
def test_versions_of_the_questionnaire_are_judged_apart_part_by_part(
    rule: FormRule, tmp_path: Path, treatment: Journey
) -> None:
    """A version has its own codes; the last parts have one only, and some rows do not tell theirs."""
    answers = simulate_survey(treatment, practices=3, responses=30, seed=5).answers.sort("completed_on")
    place, old = pl.int_range(pl.len()), pl.col("completed_on") < date(2025, 7, 1)
    answers = answers.with_columns(
        pl.when(place % 17 == 3)
        .then(pl.lit(" "))
        .when(old)
        .then(pl.lit("oud "))
        .otherwise(pl.lit("2"))
        .alias("versie"),
        returned=pl.when(old).then(2 - pl.col("returned")).otherwise("returned"),
        nps=pl.when(old).then(pl.col("nps") + 1).otherwise("nps"),
    )
    path = write(spoil(answers, random.Random(1), 0.01), tmp_path / "export.csv")
    readings = {"form=oud": {"returned": "1=yes, 2=no"}}
    raw = read_table(path, treatment)
    judged = judge_by_form(raw, treatment, rule, policy=POLICY, readings=readings)
    whole = check_judged(raw, judged, treatment, policy=POLICY)
    (tmp_path / "scratch").mkdir()
    long = judge_long_file(
        path,
        treatment,
        scratch=tmp_path / "scratch",
        policy=POLICY,
        readings=readings,
        forms=rule,
        size=2000,
    )
    assert long is not None
    parts = list(long.check())
    assert len(parts) > 3
    assert long.rules.verdicts == judged.verdicts
    assert {verdict.form for verdict in judged.verdicts} - {""} == (
        set() if rule.column == "elders" else {"1", "2", "unknown"} if rule.changed_on else {"oud", "2", "unknown"}
    )
    for frame in ("accepted", "rejected", "aside"):
        assert_frame_equal(pl.concat([getattr(part, frame) for part in parts]), getattr(whole, frame))
