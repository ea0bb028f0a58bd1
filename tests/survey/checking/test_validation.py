"""Bad input: one clear message with file, row, column and remedy; good rows are kept, nothing is lost."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pxanalysis.errors import SourceError, SurveyError
from pxanalysis.journey import Journey
from pxanalysis.simulation.study import Simulation
from pxanalysis.survey.policy import SurveyPolicy
from pxanalysis.survey.reading import read_survey
from pxanalysis.survey.responses import Responses
from pxanalysis.survey.sources.read import read_source

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
    with pytest.raises(SourceError, match=r"answers\.docx: holds no answers that can be read: it seems to be"):
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
    (tmp_path / "export.csv").write_bytes("practice_id,ktv\n가나다,5\n".encode("cp949"))
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


def test_unknown_columns_are_left_out_and_said(tmp_path: Path, treatment: Journey, text: pl.DataFrame) -> None:
    from pxanalysis.survey.checking.validation import validate_answers

    mine = {"e_mail": pl.lit("j.smit@voorbeeld.nl"), "token": pl.lit("t")}
    refused = pl.when(pl.int_range(pl.len()) == 3).then(pl.lit("")).otherwise(pl.col("practice_id"))
    text.with_columns(practice_id=refused, **mine).write_csv(tmp_path / "export.csv")
    table = validate_answers(read_source(tmp_path / "export.csv"), treatment)
    assert any("e_mail" in note and "left out" in note for note in table.notes)
    assert table.aside.columns == ["response_id", "row", "token"]
    assert "e_mail" not in table.accepted.columns
    assert table.rejected.height == 1
    assert "voorbeeld" not in str(table.rejected.rows())


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
    with pytest.raises(SourceError, match="holds no answers that can be read"):
        read_source(tmp_path / "export.parquet")


def test_practice_ids_as_numbers_are_warned_about(tmp_path: Path, treatment: Journey, simulation: Simulation) -> None:
    from pxanalysis.survey.checking.validation import validate_answers

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


def write_lines(folder: Path, lines: list[str], end: str = "\n", encoding: str = "utf-8") -> Path:
    path = folder / "export.csv"
    path.write_bytes((end.join(lines) + end).encode(encoding))
    return path


HEADER = "response_id,practice_id,staff_friendly,staff_attention,ktv,comment"


def rows_of(path: Path, journey: Journey) -> list[tuple[str, int]]:
    """Response id and spreadsheet row of each accepted response of a small file."""
    raw = read_source(path)
    accepted = set(read_survey(path, journey=journey).table["response_id"])
    return [(name, row) for name, row in zip(raw.cells["response_id"], raw.rows, strict=True) if name in accepted]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", ["utf-8", "utf-8-sig", "utf-16"])
def test_line_ends_and_blank_lines_keep_rows_countable(end: str, bom: str, tmp_path: Path, treatment: Journey) -> None:
    lines = [HEADER, '1,A,5,5,9,"one\ntwo"', "", "2,A,77,5,9,", ",,,,,", "3,A,4,5,9,x", "", ""]
    path = write_lines(tmp_path, lines, end, bom)
    assert rows_of(path, treatment) == [("1", 2), ("2", 4), ("3", 6)]
    found = only(read_survey(path, journey=treatment).rejected)
    assert (found["row"], found["column"], found["value"]) == (4, "staff_friendly", "77"), "blank lines are no rejects"


@pytest.mark.parametrize(
    ("lines", "row"),
    [
        (['1,A,5,5,9,"open', "2,A,4,5,9,x", "3,A,4,5,9,y"], 2),
        (["1,A,5,5,9,fine", '2,A,5,5,9,"open', '3,A,4,5,9,"b', "4,A,4,5,9,c"], 3),
    ],
)
def test_a_quotation_mark_that_is_not_closed_swallows_nothing(
    lines: list[str], row: int, tmp_path: Path, treatment: Journey
) -> None:
    path = write_lines(tmp_path, [HEADER, *lines])
    with pytest.raises(SourceError, match=rf"export\.csv, row {row}: a quotation mark is not closed"):
        read_survey(path, journey=treatment)


def test_text_that_looks_like_responses_is_said(tmp_path: Path) -> None:
    path = write_lines(tmp_path, [HEADER, '1,A,5,5,9,"open', "2,A,4,5,9,b", '3,A,4,5,9,"', "4,A,4,4,4,d"])
    assert "row 2: the text in column 'comment' goes on over lines" in read_source(path).notes[0]


def test_short_records_are_seen_behind_separators_in_quotes(tmp_path: Path, treatment: Journey) -> None:
    """A record with a separator within quotes has as many of them as a whole one."""
    path = write_lines(tmp_path, [HEADER, "1,A,5,5,9,", '2,"A, B",5,5,9', "3,A,5,5,9,x"])
    responses = read_survey(path, journey=treatment)
    assert responses.table["response_id"].to_list() == ["1", "3"]
    assert (only(responses.rejected)["row"]) == 3


def test_separators_behind_the_last_field_hold_nothing(tmp_path: Path, treatment: Journey) -> None:
    header = write_lines(tmp_path, [f"{HEADER},,", "1,A,5,5,9,x,,"])
    assert read_source(header).cells.columns == HEADER.split(",")
    records = write_lines(tmp_path, [HEADER, "1,A,5,5,9,x,,"])
    assert read_survey(records, journey=treatment).n == 1


def test_a_nameless_column_with_content_is_kept_aside_by_its_place(tmp_path: Path) -> None:
    path = write_lines(tmp_path, ["practice_id,,staff_friendly", "A,note,5"])
    assert read_source(path).cells.columns == ["practice_id", "(column 2)", "staff_friendly"]


def test_spaces_around_names_do_not_count(tmp_path: Path, treatment: Journey) -> None:
    path = write_lines(tmp_path, ["practice_id , staff_friendly , Cijfer ", "A,5,9"])
    assert read_survey(path, journey=treatment, columns={"ktv": "Cijfer "}).table["ktv"].to_list() == [9]


def test_the_separator_that_excel_declares(tmp_path: Path, treatment: Journey) -> None:
    path = write_lines(tmp_path, ["sep=;", HEADER.replace(",", ";"), "1;A;5;5;9;a, b, c, d, e, f, g, h"], "\r\n")
    assert rows_of(path, treatment) == [("1", 2)], "Excel hides the first line"


def test_separators_in_quoted_names_do_not_decide(tmp_path: Path) -> None:
    path = write_lines(tmp_path, ['practice_id;"Hoe was het, alles bij elkaar, voor u?";"a, b"', "A;5;1"])
    assert read_source(path).cells.width == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\n\n", "row 1: the line is empty; expected the header"),
        (b"\xef\xbb\xbf", "row 1: the line is empty; expected the header"),
        ((HEADER + "\n").encode("utf-16-le"), "row 1: there are zero bytes between the letters. Save the file as CSV"),
        (b"\xff\xfe" + (HEADER + "\n").encode("utf-16-le") + b"\0", "neither UTF-8, UTF-16 nor Windows-1252"),
    ],
)
def test_files_without_a_readable_header(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_bytes(content)
    with pytest.raises(SourceError, match=message):
        read_source(tmp_path / "export.csv")


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="this is a folder; expected a file"):
        read_source(tmp_path)


def test_very_long_cells_and_many_columns(tmp_path: Path, treatment: Journey) -> None:
    extra = ",".join(f"x{i}" for i in range(10_000))
    long = "x" * 300_000
    path = write_lines(tmp_path, [f"{HEADER},{extra}", f"1,A,5,5,9,{long}" + "," * 10_000, "2,A,5"])
    responses = read_survey(path, journey=treatment)
    assert responses.table["comment"].to_list() == [long]
    assert only(responses.rejected)["row"] == 3


def test_columns_called_row_or_like_an_unused_key_are_columns(tmp_path: Path, treatment: Journey) -> None:
    from pxanalysis.survey.checking.validation import validate_answers

    path = write_lines(tmp_path, ["row,response_id,practice_id,staff_friendly,row (file)", "r7,old,A,5,z"])
    table = validate_answers(read_source(path), treatment, columns={"response_id": "row"})
    assert table.accepted["response_id"].to_list() == ["r7"]
    assert table.aside.rows() == [("r7", 2)]


def test_one_column_is_not_two_questions(tmp_path: Path, treatment: Journey) -> None:
    path = write_lines(tmp_path, [HEADER + ",nps", "1,A,5,5,9,x,3"])
    with pytest.raises(SurveyError, match="column 'nps' is read both as ktv and as nps"):
        read_survey(path, journey=treatment, columns={"ktv": "nps"})


@pytest.mark.parametrize("value", ["3 - 4", "3 -- 4", "1-5"])
def test_a_range_is_no_answer(value: str, tmp_path: Path, treatment: Journey, text: pl.DataFrame) -> None:
    responses = ingest(put(text, 7, "staff_friendly", value), tmp_path, treatment)
    assert only(responses.rejected)["value"] == value


@pytest.mark.parametrize("value", ["31-12-25", "01/02/25", "0025-12-31"])
def test_years_of_two_digits_are_not_guessed(
    value: str, tmp_path: Path, treatment: Journey, text: pl.DataFrame
) -> None:
    responses = ingest(put(text, 2, "completed_on", value), tmp_path, treatment)
    assert "set date_format in study.toml" in only(responses.rejected)["reason"]


def test_a_stated_form_of_dates() -> None:
    from pxanalysis.survey.checking.parsing import parse_dates

    cases = [("31-12-25", "%d-%m-%y"), ("31-12-2025 14:05", "%d-%m-%Y %H:%M"), ("12/31/2025", "%m/%d/%Y")]
    for text, form in cases:
        values, failed = parse_dates(pl.Series([text, None]), form)
        assert values.to_list() == [date(2025, 12, 31), None]
        assert not failed.any()


@pytest.mark.parametrize(("yes", "no"), [("True", "False"), ("ja", "nee"), ("Yes", "no"), ("1.0", "0")])
def test_yes_and_no_in_words(yes: str, no: str, tmp_path: Path, treatment: Journey, text: pl.DataFrame) -> None:
    table = put(put(put(text, 2, "recommended", yes), 3, "recommended", no), 2, "simulated", yes)
    responses = ingest(table, tmp_path, treatment)
    assert responses.rejected.height == 0
    assert responses.table["recommended"].head(2).to_list() == [1, 0]
    assert responses.simulated


def test_whether_a_row_is_simulated_has_to_be_known(tmp_path: Path, treatment: Journey, text: pl.DataFrame) -> None:
    responses = ingest(put(put(text, 2, "simulated", "maybe"), 3, "simulated", "2"), tmp_path, treatment)
    assert responses.rejected["action"].to_list() == ["row rejected"] * 2


def test_typed_columns_of_every_kind(tmp_path: Path, treatment: Journey) -> None:
    from datetime import datetime, time
    from decimal import Decimal

    local = pl.Series([datetime(2025, 2, 1), datetime(2025, 2, 2)]).dt.replace_time_zone("Europe/Amsterdam")
    base = {"practice_id": ["A", "B"], "staff_friendly": [5, 4], "completed_on": local}
    path = tmp_path / "export.parquet"

    def read(**columns: object) -> Responses:
        pl.DataFrame(base | columns).write_parquet(path)
        return read_survey(path, journey=treatment, policy=SurveyPolicy(today=TODAY))

    assert read().table["completed_on"].to_list() == [date(2025, 2, 1), date(2025, 2, 2)], "the day at the practice"
    assert read(practice_id=pl.Series(["A", "B"], dtype=pl.Categorical)).practices == ["A", "B"]
    assert read(practice_id=[Decimal("7.0"), Decimal("8")]).practices == ["7", "8"]
    assert read(practice_id=[7.0, float("nan")]).practices == ["7"]
    assert read(response_id=[1e18, 3.0]).table["response_id"].to_list() == ["1e+18", "3"]
    assert read(staff_friendly=[Decimal("5.0"), Decimal("4.0")]).table["staff_friendly"].to_list() == [5, 4]
    with pytest.raises(SurveyError, match="every row was refused; the first because: expected a date"):
        read(completed_on=[time(1), time(2)])
    with pytest.raises(SourceError, match="column 'practice_id' holds bytes"):
        read(practice_id=[b"\xff", b"B"])


def test_a_rejected_row_says_whose_it_is(tmp_path: Path, treatment: Journey, text: pl.DataFrame) -> None:
    table = put(put(text, 4, "completed_on", "soon"), 5, "practice_id", None)
    rejected = ingest(table, tmp_path, treatment).rejected
    assert rejected["practice_id"].to_list() == [text["practice_id"][2], None]


def test_a_pattern_that_is_none(tmp_path: Path, treatment: Journey, text: pl.DataFrame) -> None:
    for pattern in ("[0-9", "(?!0)[0-9]+"):
        with pytest.raises(SurveyError, match=r"practice_pattern: .* is not a regular expression that can be used"):
            ingest(text, tmp_path, treatment, practice_pattern=pattern)


def test_a_second_try_counts_when_the_first_was_refused(tmp_path: Path, treatment: Journey, text: pl.DataFrame) -> None:
    table = put(put(text, 2, "completed_on", "soon"), 9, "response_id", text["response_id"][0])
    table = put(table, 12, "response_id", text["response_id"][0])
    responses = ingest(table, tmp_path, treatment)
    assert text["response_id"][0] in responses.table["response_id"].to_list()
    assert responses.rejected["row"].to_list() == [2, 12]


def test_a_row_without_a_valid_answer_is_an_empty_questionnaire(
    tmp_path: Path, treatment: Journey, text: pl.DataFrame
) -> None:
    asked = [placed.id for placed in treatment.items] + [outcome.id for outcome in treatment.rated_outcomes]
    for column in asked:
        text = put(put(text, 5, column, "NA"), 6, column, None)
    text = put(text, 6, "health", "superb")
    responses = ingest(text, tmp_path, treatment)
    refused = responses.rejected.filter(pl.col("action") == "row rejected")
    assert refused["row"].to_list() == [5, 6]
    assert all("an empty questionnaire" in reason for reason in refused["reason"])
    assert responses.n == 58
