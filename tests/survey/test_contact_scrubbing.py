"""Contacts are emptied in an export, and nothing else of it changes, however it was written."""

from __future__ import annotations

import csv
import io
import stat
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pxanalysis.errors import SourceError
from pxanalysis.survey import contact_scrubbing
from pxanalysis.survey.contact_scrubbing import scrub_contacts

CELLS = st.sampled_from(["", "a", "jan@b.invalid", 'zei "ja"', "een;twee,drie", "twee\nregels", "los\rteken", "é…"])


def scrub(path: Path, data: bytes, *named: str) -> bytes:
    path.write_bytes(data)
    scrub_contacts(path, named)
    return path.read_bytes()


@settings(max_examples=60)
@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), min_size=1, max_size=8),
    lines=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    size=st.sampled_from([40, 2**20]),
)
def test_every_other_cell_stays(
    rows: list[tuple[str, ...]], lines: str, quoting: int, size: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stream = io.StringIO(newline="")
    header = ("mail", "id", "tel", "comment")
    if any("\r" in cell for one in rows for cell in one):
        quoting = csv.QUOTE_ALL  # Python does not quote this letter by itself
    csv.writer(stream, lineterminator=lines, quoting=quoting).writerows([header, *rows])
    data = stream.getvalue().encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contact_scrubbing, "_PART", size)
        after = scrub(tmp_path_factory.mktemp("scrub") / "a.csv", data, "mail", "tel")
    before = list(csv.reader(io.StringIO(data.decode(), newline="")))
    wanted = [before[0], *(["", one[1], "", one[3]] for one in before[1:])]
    assert list(csv.reader(io.StringIO(after.decode(), newline=""))) == wanted


def test_a_carriage_return_within_an_answer_moves_no_record(tmp_path: Path) -> None:
    data = b'id,comment,mail\n1,"een\rtwee",a@b.invalid\n2,b,\n3,"x",z@z.invalid\n4,y,\n'
    assert scrub(tmp_path / "a.csv", data, "mail") == b'id,comment,mail\n1,"een\rtwee",\n2,b,\n3,"x",\n4,y,\n'


def test_who_may_read_the_file_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,mail\n1,a@b.invalid\n")
    path.chmod(0o600)
    scrub_contacts(path, ["mail"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_excel_writes_above_the_header_hides_no_contact(tmp_path: Path) -> None:
    data = b"sep=;\r\nid;mail\r\n1;a@b.invalid\r\n2;\r\n"
    assert scrub(tmp_path / "a.csv", data, "mail") == b"sep=;\r\nid;mail\r\n1;\r\n2;\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_column_is_found_by_its_letters_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    text = "privé e-mail,id,comment\na@b.invalid,1,één café…\n,2,niet één\n"
    after = scrub(tmp_path / "a.csv", text.encode(encoding), "privé e-mail")
    assert after.decode(encoding) == text.replace("a@b.invalid", "")


@pytest.mark.parametrize("lines", ["\n", "\r\n", "\r"])
def test_quotation_marks_that_stand_loose_are_letters(tmp_path: Path, lines: str) -> None:
    text = lines.join(["id,comment,mail", '1,5" breed,a@b.invalid', '2,"a, ""b""",', '3,4" hoog,"c@d.invalid"', ""])
    after = scrub(tmp_path / "a.csv", text.encode(), "mail").decode()
    assert "invalid" not in after
    assert [row[:2] for row in csv.reader(after.split(lines)) if row] == [
        ["id", "comment"], ["1", '5" breed'], ["2", 'a, "b"'], ["3", '4" hoog'],
    ]  # fmt: skip


def test_a_column_that_is_not_in_the_header_leaves_the_file_and_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,Vraag,\n1,a@b.invalid,x\n")
    with pytest.raises(SourceError, match=r"a\.csv, row 1: there is no column 'Vraag \[mail\]' in the header itself"):
        scrub_contacts(path, ["Vraag [mail]"])
    assert path.read_text() == "id,Vraag,\n1,a@b.invalid,x\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_parquet_file_is_emptied_part_by_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contact_scrubbing, "_ROWS", 3)
    table = pl.DataFrame({"id": range(10), "mail": ["a", None] * 5, "tel": [None] * 8 + [1, 2]})
    table.write_parquet(tmp_path / "a.parquet")
    scrub_contacts(tmp_path / "a.parquet", ["mail", "tel"])
    after = pl.read_parquet(tmp_path / "a.parquet")
    assert after.schema == table.schema
    assert after["id"].to_list() == list(range(10))
    assert after.select("mail", "tel").null_count().row(0) == (10, 10)
