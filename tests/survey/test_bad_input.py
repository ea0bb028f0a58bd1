"""Bad input: one clear message with file, row, column and remedy; good rows are kept, nothing is lost."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pxanalysis.errors import SourceError, SurveyError
from pxanalysis.journey import Journey
from pxanalysis.survey.policy import SurveyPolicy
from pxanalysis.survey.reading import read_survey
from pxanalysis.survey.responses import Responses
from pxanalysis.survey.simulate import Simulation
from pxanalysis.survey.sources import read_source

TODAY = date(2026, 7, 1)


@pytest.fixture
def text(simulation: Simulation) -> pl.DataFrame:
    return simulation.answers.head(60).with_columns(pl.all().cast(pl.String))


def put(table: pl.DataFrame, row: int, column: str, value: str | None) -> pl.DataFrame:
    """The same table with another value in one cell (row as in a spreadsheet: the first answers are row 2)."""
    values = table[column].to_list()
    values[row - 2] = value
    return table.with_columns(pl.Series(column, values, dtype=pl.String))


def ingest(table: pl.DataFrame, folder: Path, journey: Journey, **options: object) -> Responses:
    path = folder / "export.csv"
    table.write_csv(path)
    policy = SurveyPolicy(today=TODAY, **options)
    return read_survey(path, journey=journey, policy=policy)


def only(rejected: pl.DataFrame) -> dict[str, object]:
    assert rejected.height == 1, rejected
    return rejected.row(0, named=True)


def test_empty_file(tmp_path: Path, treatment: Journey) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    with pytest.raises(SourceError, match=r"empty\.csv: the file is empty\. Export it again"):
        read_survey(tmp_path / "empty.csv", journey=treatment)


def test_header_only(tmp_path: Path, treatment: Journey, text: pl.DataFrame) -> None:
    text.head(0).write_csv(tmp_path / "head.csv")
    with pytest.raises(SourceError, match=r"head\.csv: there is a header row but no answers below it"):
        read_survey(tmp_path / "head.csv", journey=treatment)


def test_no_such_file(tmp_path: Path, treatment: Journey) -> None:
    with pytest.raises(SourceError, match="no such file"):
        read_survey(tmp_path / "gone.csv", journey=treatment)


def test_unknown_kind_of_file(tmp_path: Path, treatment: Journey) -> None:
    (tmp_path / "answers.docx").write_bytes(b"x")
    with pytest.raises(SourceError, match=r"files ending in '\.docx' cannot be read; expected one of \.csv"):
        read_survey(tmp_path / "answers.docx", journey=treatment)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(separator: str, tmp_path: Path, treatment: Journey, text: pl.DataFrame) -> None:
    text.write_csv(tmp_path / "export.csv", separator=separator)
    assert read_survey(tmp_path / "export.csv", journey=treatment).n == 60


def test_a_wrong_delimiter_in_the_settings_is_named(tmp_path: Path, text: pl.DataFrame) -> None:
    text.write_csv(tmp_path / "export.csv", separator=";")
    with pytest.raises(SourceError, match=r"export\.csv, row 1: with separator ',' the header is one column"):
        read_source(tmp_path / "export.csv", delimiter=",")


def test_a_file_without_any_delimiter_is_named(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text("dear all\nplease find attached\n")
    with pytest.raises(SourceError, match=r"row 1: the header has one column only \('dear all'\)"):
        read_source(tmp_path / "export.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-be-bom"])
def test_encodings(encoding: str, tmp_path: Path, treatment: Journey, text: pl.DataFrame) -> None:
    table = put(text, 3, "comment", "Café, één keer – prima")
    content = table.write_csv()
    raw = b"\xfe\xff" + content.encode("utf-16-be") if encoding == "utf-16-be-bom" else content.encode(encoding)
    if encoding == "cp1252":
        content = table.with_columns(pl.col("comment").str.replace_all(r"[^\x00-\xff–]", "?")).write_csv()
        raw = content.encode("cp1252")
    (tmp_path / "export.csv").write_bytes(raw)
    responses = read_survey(tmp_path / "export.csv", journey=treatment)
    assert responses.n == 60
    assert "Café, één keer – prima" in responses.table["comment"].to_list()
    notes = read_source(tmp_path / "export.csv").notes
    assert bool(notes) == (encoding not in {"utf-8", "utf-8-sig"})


def test_bytes_in_no_known_encoding(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_bytes(b"practice_id,ktv\n\x81\x8d,5\n")
    with pytest.raises(SourceError, match="neither UTF-8, UTF-16 nor Windows-1252"):
        read_source(tmp_path / "export.csv")


def test_missing_practice_column(tmp_path: Path, treatment: Journey, text: pl.DataFrame) -> None:
    with pytest.raises(SurveyError, match=r"row 1: there is no column 'practice_id'.*\[columns\] practice_id"):
        ingest(text.drop("practice_id"), tmp_path, treatment)


def test_no_item_at_all(tmp_path: Path, treatment: Journey, text: pl.DataFrame) -> None:
    with pytest.raises(SurveyError, match="none of the items of journey 'dental-treatment' is a column"):
        ingest(text.select("response_id", "practice_id", "ktv"), tmp_path, treatment)


def test_a_mapping_to_a_column_that_is_not_there(tmp_path: Path, treatment: Journey, text: pl.DataFrame) -> None:
    text.write_csv(tmp_path / "export.csv")
    with pytest.raises(SurveyError, match=r"maps ktv to column 'KTV', which the file does not have"):
        read_survey(tmp_path / "export.csv", journey=treatment, columns={"ktv": "KTV"})
    with pytest.raises(SurveyError, match=r"'ktvv' is not an id of journey.*Did you mean 'ktv'"):
        read_survey(tmp_path / "export.csv", journey=treatment, columns={"ktvv": "ktv"})


def test_a_column_that_stands_twice(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text("practice_id,ktv,ktv\n1,2,3\n")
    with pytest.raises(SourceError, match="column 'ktv' stands twice"):
        read_source(tmp_path / "export.csv")


@pytest.mark.parametrize(
    ("value", "kept", "reason"),
    [
        ("5 – helemaal mee eens", 5, ""),
        ("4 - mee eens", 4, ""),
        ("2: mee oneens", 2, ""),
        ("helemaal mee eens", 5, ""),
        ("Strongly disagree", 1, ""),
        ("4.0", 4, ""),
        ("4,0", 4, ""),
        (" 3 ", 3, ""),
        ("4,5", None, "a decimal cannot be an answer"),
        ("4.5", None, "a decimal cannot be an answer"),
        ("0", None, "expected a whole number 1-5 or 9 for not applicable"),
        ("99", None, "add it to not_applicable of this scale"),
        ("-1", None, "expected a whole number 1-5"),
        ("tevreden", None, "found text; give the answer as its number"),
        ("inf", None, "found text"),
        ("nan", None, "found text"),
        ("1e400", None, "found text"),
    ],
)
def test_answers_written_in_other_ways(
    value: str, kept: int | None, reason: str, tmp_path: Path, treatment: Journey, text: pl.DataFrame
) -> None:
    responses = ingest(put(text, 7, "staff_friendly", value), tmp_path, treatment)
    assert responses.n == 60, "the row stays"
    position = responses.table["response_id"].to_list().index(text["response_id"][5])
    assert responses.table["staff_friendly"][position] == kept
    if reason:
        found = only(responses.rejected)
        assert (found["file"], found["row"], found["column"]) == ("export.csv", 7, "staff_friendly")
        assert found["value"] == value
        assert reason in found["reason"]
        assert found["action"] == "cell dropped"
    else:
        assert responses.rejected.height == 0


def test_a_bad_answer_can_refuse_its_row(tmp_path: Path, treatment: Journey, text: pl.DataFrame) -> None:
    responses = ingest(put(text, 7, "ktv", "11"), tmp_path, treatment, bad_answer="reject-row")
    found = only(responses.rejected)
    assert responses.n == 59
    assert found["action"] == "row rejected"
    assert json.loads(found["record"])["ktv"] == 11, "the whole record is kept"
    assert json.loads(found["record"])["response_id"] == text["response_id"][5]


def test_not_applicable_is_not_the_same_as_not_answered(tmp_path: Path, treatment: Journey, text: pl.DataFrame) -> None:
    table = put(put(text, 2, "anaesthesia_gentle", "9"), 3, "anaesthesia_gentle", None)
    responses = ingest(table, tmp_path, treatment)
    rows = responses.table.sort("response_id").head(2)
    assert rows["anaesthesia_gentle"].to_list() == [None, None]
    assert rows["na:anaesthesia_gentle"].to_list() == [True, False]


@pytest.mark.parametrize(
    "value", ["31-12-2025", "2025-12-31", "31/12/2025", "2025-12-31 14:05:09", "2025-12-31T14:05Z"]
)
def test_dates_in_several_forms(value: str, tmp_path: Path, treatment: Journey, text: pl.DataFrame) -> None:
    responses = ingest(put(text, 2, "completed_on", value), tmp_path, treatment)
    assert responses.rejected.height == 0
    assert date(2025, 12, 31) in responses.table["completed_on"].to_list()


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("completed_on", "2026-07-02", "the date lies after today"),
        ("completed_on", "soon", "expected a date as 2025-12-31 or 31-12-2025"),
        ("completed_on", "31-31-2025", "expected a date"),
        ("practice_id", None, "expected a value for practice_id"),
        ("practice_id", "a\x07b", "without control characters"),
        ("practice_id", "x" * 65, "at most 64 characters"),
        ("response_id", None, "expected a value for response_id"),
    ],
)
def test_a_row_without_owner_identity_or_date_is_refused(
    column: str, value: str | None, reason: str, tmp_path: Path, treatment: Journey, text: pl.DataFrame
) -> None:
    responses = ingest(put(text, 9, column, value), tmp_path, treatment)
    found = only(responses.rejected)
    assert responses.n == 59
    assert (found["row"], found["column"], found["action"]) == (9, column, "row rejected")
    assert reason in found["reason"]
    assert found["record"] is not None


def test_duplicated_ids_keep_the_first(tmp_path: Path, treatment: Journey, text: pl.DataFrame) -> None:
    table = put(put(text, 9, "response_id", text["response_id"][0]), 9, "ktv", "1")
    responses = ingest(table, tmp_path, treatment)
    assert responses.n == 59
    assert only(responses.rejected)["row"] == 9
    first = responses.table.filter(pl.col("response_id") == text["response_id"][0])
    assert first["ktv"].to_list() == [int(text["ktv"][0])]


def test_practice_ids_stay_as_they_are(tmp_path: Path, treatment: Journey, text: pl.DataFrame) -> None:
    odd = ["01012345", "De Linde 2", "a/b", "../../etc/passwd", "1E5", "00", "é"]
    for row, value in enumerate(odd, start=2):
        text = put(text, row, "practice_id", value)
    responses = ingest(text, tmp_path, treatment)
    assert set(odd) <= set(responses.practices)


def test_practice_ids_of_another_form_than_stated(tmp_path: Path, treatment: Journey, text: pl.DataFrame) -> None:
    responses = ingest(put(text, 4, "practice_id", "1012345"), tmp_path, treatment, practice_pattern="[0-9]{8}")
    found = only(responses.rejected)
    assert found["value"] == "1012345"
    assert "of the form [0-9]{8}" in found["reason"]


def test_unknown_columns_are_kept_aside_and_said(tmp_path: Path, treatment: Journey, text: pl.DataFrame) -> None:
    from pxanalysis.survey.validation import validate_answers

    text.with_columns(pl.lit("x").alias("shoe_size")).write_csv(tmp_path / "export.csv")
    table = validate_answers(read_source(tmp_path / "export.csv"), treatment)
    assert any("shoe_size" in note for note in table.notes)
    assert table.aside["shoe_size"].to_list() == ["x"] * 60
    assert "shoe_size" not in table.accepted.columns


def test_records_of_the_wrong_length_are_kept_aside(tmp_path: Path, treatment: Journey, text: pl.DataFrame) -> None:
    lines = text.drop("comment").write_csv().splitlines()
    lines[4] += ",extra"
    lines[8] = ",".join(lines[8].split(",")[:-3])
    (tmp_path / "export.csv").write_text("\n".join(lines) + "\n")
    responses = read_survey(tmp_path / "export.csv", journey=treatment)
    assert responses.n == 58
    assert responses.rejected["row"].to_list() == [5, 9]
    assert all("fields as in the header" in reason for reason in responses.rejected["reason"])
    assert responses.rejected["record"][0] == lines[4]


def test_comments_with_separators_quotes_and_line_ends_survive(
    tmp_path: Path, treatment: Journey, text: pl.DataFrame
) -> None:
    awkward = 'Hij zei: "nee", en toen;\nniets meer\t=1+1'
    responses = ingest(put(text, 5, "comment", awkward), tmp_path, treatment)
    assert responses.n == 60
    assert awkward in responses.table["comment"].to_list()


def test_an_empty_questionnaire_is_refused(tmp_path: Path, treatment: Journey, text: pl.DataFrame) -> None:
    for column in text.columns[6:]:
        text = put(text, 11, column, None)
    responses = ingest(text, tmp_path, treatment)
    assert "an empty questionnaire" in only(responses.rejected)["reason"]


def test_categories_and_behaviours_have_their_own_values(
    tmp_path: Path, treatment: Journey, text: pl.DataFrame
) -> None:
    table = put(put(put(text, 2, "health", "superb"), 3, "recommended", "2"), 4, "age", "200")
    reasons = ingest(table, tmp_path, treatment).rejected["reason"].to_list()
    assert "expected one of poor, fair" in reasons[0]
    assert "expected 0 (no) or 1 (yes)" in reasons[1]
    assert "expected a number 0 to 110" in reasons[2]


def test_every_row_refused_is_an_error(tmp_path: Path, treatment: Journey, text: pl.DataFrame) -> None:
    table = text.with_columns(pl.lit(None, dtype=pl.String).alias("practice_id"))
    with pytest.raises(SurveyError, match="every row was refused; the first because: expected a value for practice_id"):
        ingest(table, tmp_path, treatment)


def test_parquet_with_types_says_the_same_as_text(tmp_path: Path, treatment: Journey, simulation: Simulation) -> None:
    simulation.answers.write_parquet(tmp_path / "export.parquet")
    simulation.answers.write_csv(tmp_path / "export.csv")
    typed = read_survey(tmp_path / "export.parquet", journey=treatment)
    plain = read_survey(tmp_path / "export.csv", journey=treatment)
    assert typed.table.equals(plain.table)


def test_not_a_parquet_file(tmp_path: Path) -> None:
    (tmp_path / "export.parquet").write_bytes(b"PAR?")
    with pytest.raises(SourceError, match="not a readable Parquet file"):
        read_source(tmp_path / "export.parquet")


def test_practice_ids_as_numbers_are_warned_about(tmp_path: Path, treatment: Journey, simulation: Simulation) -> None:
    from pxanalysis.survey.validation import validate_answers

    simulation.answers.with_columns(pl.col("practice_id").cast(pl.Int64)).write_parquet(tmp_path / "export.parquet")
    table = validate_answers(read_source(tmp_path / "export.parquet"), treatment)
    assert any("leading zeros are lost" in note for note in table.notes)
    assert "1010137" in table.accepted["practice_id"].to_list()


def test_an_item_nobody_answered_and_one_everybody_answered_the_same(
    tmp_path: Path, treatment: Journey, text: pl.DataFrame
) -> None:
    table = text.with_columns(pl.lit(None, dtype=pl.String).alias("costs_fair"), pl.lit("5").alias("costs_clear"))
    responses = ingest(table, tmp_path, treatment)
    assert responses.n == 60
    assert responses.table["costs_fair"].null_count() == 60
    assert responses.table["costs_clear"].n_unique() == 1
