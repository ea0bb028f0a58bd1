"""A journey goes through the workbook and YAML unchanged; a mistake is said with sheet and cell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from seldom import some_of

from pxanalysis.errors import JourneyError
from pxanalysis.journey import list_catalogue, read_journey
from pxanalysis.journey.authoring import read_workbook, to_yaml, write_blank_workbook, write_workbook


@pytest.mark.parametrize("journey_id", some_of(list_catalogue(), every=4))
def test_spreadsheet_and_yaml_come_back_equal(tmp_path: Path, journey_id: str) -> None:
    journey = read_journey(journey_id)
    write_workbook(journey, tmp_path / "one.xlsx")
    back = read_workbook(tmp_path / "one.xlsx")
    assert back == journey
    (tmp_path / "one.yaml").write_text(to_yaml(back), encoding="utf-8")
    assert read_journey(tmp_path / "one.yaml") == journey


@pytest.fixture
def spoiled(tmp_path: Path) -> Callable[[Callable[[Any], None]], str]:
    """Change a good workbook, and return the error that reading it gives."""
    from openpyxl import load_workbook

    def spoil(change: Callable[[Any], None]) -> str:
        path = tmp_path / "own.xlsx"
        write_workbook(read_journey("dental-treatment"), path)
        book = load_workbook(path)
        change(book)
        book.save(path)
        with pytest.raises(JourneyError) as caught:
            read_workbook(path)
        return str(caught.value)

    return spoil


STEPS, TOUCHPOINTS, ITEMS = "1 Stappen - steps", "2 Contactmomenten", "3 Stellingen - statements"


def put(sheet: str, cell: str, value: Any) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        book[sheet][cell] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda book: book[STEPS].merge_cells("B3:B4"),
            f"sheet '{STEPS}', cell B3:B4: these cells are merged; unmerge",
        ),
        (put(STEPS, "C3", None), f"sheet '{STEPS}', cell C3: empty; write label in 'en' here"),
        (put(TOUCHPOINTS, "A4", "nowhere"), f"sheet '{TOUCHPOINTS}', cell A4: 'nowhere' is not on the other sheet"),
        (put(TOUCHPOINTS, "G3", "pigeon"), f"sheet '{TOUCHPOINTS}', cell G3: expected one of in-person, phone"),
        (put(TOUCHPOINTS, "H3", "soms"), "expected ja or nee, found 'soms'"),
        (put(ITEMS, "B4", "staff_friendly"), "is used twice"),
        (put(ITEMS, "F3", "up"), f"sheet '{ITEMS}', cell F3: expected one of higher-is-better, lower-is-better"),
        (put(STEPS, "B1", "naam"), f"sheet '{STEPS}', cell row 1: there is no column 'label (nl)'"),
        (lambda book: book.remove(book[ITEMS]), f"there is no sheet '{ITEMS}'"),
        (put("Schalen - scales", "B3", "laag"), "expected a number for min, found 'laag'"),
    ],
)
def test_a_mistake_is_said_with_sheet_and_cell(
    spoiled: Callable[[Callable[[Any], None]], str], change: Callable[[Any], None], said: str
) -> None:
    assert said in spoiled(change)


@pytest.mark.slow
def test_a_blank_workbook_asks_for_a_chain_and_then_makes_one(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    path = tmp_path / "new.xlsx"
    write_blank_workbook("my-chain", path)
    with pytest.raises(JourneyError, match="nothing is filled in; write the first one below the example"):
        read_workbook(path)
    book = load_workbook(path)
    for sheet, row in {
        STEPS: ["", "Aankomst", "Arrival", "Ik kom aan", "I arrive", "practice", "Dag 1", "Day 1"],
        TOUCHPOINTS: ["Aankomst", "", "Balie", "Desk", "Ik meld me", "I report", "in-person, phone", "nee"],
        ITEMS: ["Balie", "", "Ik voelde mij welkom.", "I felt welcome.", "agree5", None],
    }.items():
        for column, value in enumerate(row, start=1):
            book[sheet].cell(4, column, value or None)
    for cell, value in {"F3": "Mijn keten", "G3": "My chain", "H3": "Een keten", "I3": "A chain"}.items():
        book["Over deze keten - about"][cell] = value
    book.save(path)
    journey = read_workbook(path)
    assert [step.id for step in journey.steps] == ["step_arrival"]
    assert [touchpoint.id for touchpoint in journey.touchpoints] == ["desk"]
    assert journey.touchpoints[0].channels == ("in-person", "phone")
    assert [placed.id for placed in journey.items] == ["i_felt_welcome"]
    assert journey.steps[0].day is not None
    assert journey.steps[0].day["nl"] == "Dag 1"


def test_the_workbook_prints_on_a3_and_has_drop_downs(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    write_blank_workbook("my-chain", tmp_path / "new.xlsx")
    book = load_workbook(tmp_path / "new.xlsx")
    for sheet in (STEPS, TOUCHPOINTS, ITEMS):
        assert book[sheet].page_setup.paperSize == 8
        assert book[sheet].page_setup.orientation == "landscape"
        assert book[sheet].print_area
        assert book[sheet].data_validations.dataValidation
        assert "voorbeeld" in [cell.value for cell in book[sheet][3]]


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.xlsx"
    path.write_text("id,label\n", encoding="utf-8")
    with pytest.raises(JourneyError, match="not an Excel workbook"):
        read_workbook(path)
