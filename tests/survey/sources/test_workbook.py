"""Workbooks that harm or that cannot be opened are refused with one clear message."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from pxanalysis.errors import SourceError
from pxanalysis.survey.sources.read import read_source


def test_a_zip_bomb_is_not_opened(tmp_path: Path) -> None:
    bomb = tmp_path / "answers.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for _ in range(130):
                sheet.write(b"\0" * 1_000_000)
    with pytest.raises(SourceError, match="was not opened"):
        read_source(bomb)


def test_a_password_is_said(tmp_path: Path) -> None:
    locked = tmp_path / "answers.xlsx"
    locked.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 500
    )
    with pytest.raises(SourceError, match="has a password"):
        read_source(locked)


def test_days_of_1904_are_not_four_years_off(tmp_path: Path) -> None:
    path = tmp_path / "old.xlsx"
    book = xlsxwriter.Workbook(str(path), {"date_1904": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["practice_id", "datum", "nps"])
    sheet.write_row(1, 0, ["001", (date(2026, 3, 1) - date(1904, 1, 1)).days, 9])
    book.close()
    cells = read_source(path).cells
    assert cells.row(0) == ("001", "2026-03-01 00:00:00", "9")


def test_sheets_with_one_header_are_one_table_and_a_copy_is_not_counted_twice(tmp_path: Path) -> None:
    """A sheet for each month; the largest alone would be a third of the answers."""
    path = tmp_path / "year.xlsx"
    book = xlsxwriter.Workbook(str(path))
    for name, first in (("jan", 0), ("feb", 10), ("feb (kopie)", 10), ("codes", None)):
        sheet = book.add_worksheet(name)
        if first is None:
            sheet.write_row(0, 0, ["code", "betekenis", "nps"])
            sheet.write_row(1, 0, [1, "laag", 2])
            continue
        sheet.write_row(0, 0, ["practice_id", "respnr", "nps"])
        for i in range(8):
            sheet.write_row(1 + i, 0, ["001", first + i, 9])
    book.close()
    found = read_source(path)
    assert found.cells["respnr"].to_list() == [str(i) for i in (*range(8), *range(10, 18))]
    assert found.rows.to_list() == list(range(2, 18))
    assert any("sheets jan, feb have the same header" in note for note in found.notes)
    assert [note for note in found.notes if "'feb (kopie)'" in note or "'codes'" in note] == list(found.notes[:2])
