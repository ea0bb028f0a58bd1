"""The register of actions: what it takes, what it refuses and how it says so, and that nothing of it is rewritten."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from pxanalysis.errors import SurveyError
from pxanalysis.survey.action_list import Action, ActionRegister
from pxanalysis.survey.action_list.reading import read_actions

TODAY = date(2026, 6, 30)
HEADER = "practice_id,touchpoint,idea,kind,idea_on,decided_on,in_place_on"
ROW = "01010137,staff,Greet by name,greeting,2026-01-05,2026-02-01,2026-03-01"


@pytest.fixture
def register(tmp_path: Path) -> ActionRegister:
    return ActionRegister(tmp_path / "actions" / "history.jsonl", ["01010137", "01010274"], ["staff", "costs"], {})


def idea(**changes: object) -> Action:
    made = Action("", "01010137", "staff", "Greet by name", "greeting", idea_on=date(2026, 1, 5))
    return replace(made, **changes)  # type: ignore[arg-type]


def write_csv(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "actions.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_an_idea_goes_its_way_and_nothing_is_rewritten(register: ActionRegister) -> None:
    action_id = register.add(idea(), TODAY).action_id
    first = register.path.read_text()
    for move, day in (("choose", date(2026, 2, 1)), ("start", date(2026, 2, 8)), ("done", date(2026, 3, 1))):
        register.move(action_id, move, day, TODAY)  # type: ignore[arg-type]
    assert register.path.read_text().startswith(first)
    (action,) = register.actions
    assert action.status == "done"
    assert [entry.what for entry in register.history] == ["add", "choose", "start", "done"]
    assert register.frame.loc[0, "status"] == "done"
    assert register.frame["in_place_on"].dt.year[0] == 2026
    assert "1 actions of 1 practices" in repr(register)
    register.move(action_id, "drop", date(2026, 6, 1), TODAY)
    assert register.find(action_id).status == "dropped"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"in_place_on": date(2026, 3, 1)}, "in_place_on: 2026-03-01, while the action was never chosen"),
        (
            {"decided_on": date(2026, 3, 1), "in_place_on": date(2026, 2, 1)},
            "in_place_on: 2026-02-01 lies before decided_on, 2026-03-01",
        ),
        ({"decided_on": date(2026, 1, 1)}, "decided_on: 2026-01-01 lies before idea_on, 2026-01-05"),
        ({"decided_on": date(2027, 1, 1)}, "decided_on: 2027-01-01 is still to come"),
        ({"practice_id": "0101137"}, "there is no practice '0101137'. Did you mean '01010137'?"),
        ({"touchpoint": "reception"}, "if it was renamed"),
        ({"idea": " "}, "idea: expected what is to change"),
        ({"idea_on": None}, "idea_on: expected the day"),
        ({"cost": -5.0}, "cost: expected a number of 0 or more, found -5"),
        ({"smallest_change": 0.0}, "smallest_change: expected points of the score"),
        ({"expected_effect": 400.0}, "expected_effect: expected a change of the score"),
    ],
)
def test_what_cannot_be_is_refused(register: ActionRegister, changes: dict[str, object], message: str) -> None:
    with pytest.raises(SurveyError, match="(?i)" + re.escape(message)):
        register.add(idea(**changes), TODAY)
    assert not register.path.exists()


def test_done_before_chosen_says_what_comes_first(register: ActionRegister) -> None:
    action_id = register.add(idea(), TODAY).action_id
    with pytest.raises(
        SurveyError, match=r"'done' is for an action that is chosen or started; this one is idea. First"
    ):
        register.move(action_id, "done", date(2026, 3, 1), TODAY)
    with pytest.raises(SurveyError, match="is there already"):
        register.add(idea(), TODAY)
    with pytest.raises(SurveyError, match=f"Did you mean {action_id}"):
        register.find(action_id[:-1])


@pytest.mark.parametrize("kind", ["csv", "xlsx", "yaml", "sqlite"])
def test_the_same_list_comes_in_from_every_kind_of_file(kind: str, tmp_path: Path, register: ActionRegister) -> None:
    names, cells = HEADER.split(","), ROW.split(",")
    path = tmp_path / f"actions.{kind}"
    if kind == "csv":
        path.write_text(f"{HEADER}\n{ROW}\n")
    elif kind == "yaml":
        lines = [f"    {name}: {json.dumps(cell) if name.endswith('id') else cell}" for name, cell in zip(names, cells)]  # noqa: B905
        path.write_text("actions:\n  -" + "\n".join(lines)[3:] + "\n")
    elif kind == "xlsx":
        book = Workbook()
        book.active.append(names)
        book.active.append([date.fromisoformat(cell) if cell.startswith("2026") else cell for cell in cells])
        book.save(path)
    else:
        with closing(sqlite3.connect(path)) as database:
            database.execute(f"CREATE TABLE actions ({', '.join(names)})")
            database.execute(f"INSERT INTO actions VALUES ({', '.join('?' * len(cells))})", cells)
            database.commit()
    (entry,) = register.take_in(path, TODAY)
    assert (entry.what, entry.action.status, entry.action.decided_on) == ("add", "done", date(2026, 2, 1))
    assert entry.source == path.name
    assert register.take_in(path, TODAY) == []


def test_a_list_that_goes_on_adds_moves_and_corrections(tmp_path: Path, register: ActionRegister) -> None:
    header = "action_id," + HEADER
    register.take_in(write_csv(tmp_path, "a1,01010137,staff,Greet,g,2026-01-05,,", header=header), TODAY)
    moved = register.take_in(
        write_csv(tmp_path, "a1,01010137,staff,Greet,g,2026-01-05,2026-02-01,", header=header), TODAY
    )
    assert [entry.what for entry in moved] == ["choose"]
    row = "a1,01010137,staff,Greet all,g,2026-01-05,2026-02-02,"
    assert [entry.what for entry in register.take_in(write_csv(tmp_path, row, header=header), TODAY)] == ["correct"]
    other = "a2,01010274,costs,Price list,p,2026-01-05,,"
    register.take_in(write_csv(tmp_path, other, header=header), TODAY)
    assert len(register) == 2  # what is no longer listed stays
    assert len(register.history) == 4


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (ROW.replace("2026-03-01", "1/3/2026"), "actions.csv, row 2: in_place_on: expected a day such as 2026-03-01"),
        (ROW.replace("2026-02-01", "2026-13-01"), "row 2: decided_on: expected a day"),
        (ROW.replace("01010137", "99"), "row 2: practice_id: there is no practice '99'"),
        (ROW.replace("staff", "staf"), "Did you mean 'staff'"),
        (f"{ROW}\n{ROW}", "stands at actions.csv, row 2 too"),
    ],
)
def test_a_wrong_list_is_refused_whole(row: str, message: str, tmp_path: Path, register: ActionRegister) -> None:
    with pytest.raises(SurveyError, match=message):
        register.take_in(write_csv(tmp_path, row), TODAY)
    assert not register.path.exists()


def test_wrong_columns_status_and_files_are_said(tmp_path: Path) -> None:
    with pytest.raises(SurveyError, match=r"unknown column 'tuchpoint'\. Is it touchpoint"):
        read_actions(write_csv(tmp_path, ROW, header=HEADER.replace("touchpoint", "tuchpoint")))
    with pytest.raises(SurveyError, match="status: 'idea', while the dates say 'done'"):
        read_actions(write_csv(tmp_path, ROW + ",idea", header=HEADER + ",status"))
    with pytest.raises(SurveyError, match="there is no list of actions here"):
        read_actions(tmp_path / "none.csv")
    (tmp_path / "actions.doc").write_text("x")
    with pytest.raises(SurveyError, match="cannot be read; expected one of"):
        read_actions(tmp_path / "actions.doc")
    (tmp_path / "a.yaml").write_text("actions: {a: b")
    with pytest.raises(SurveyError, match="not valid YAML"):
        read_actions(tmp_path / "a.yaml")
    (tmp_path / "a.db").write_text("nonsense that is no database at all")
    with pytest.raises(SurveyError, match="cannot be read as an SQLite database"):
        read_actions(tmp_path / "a.db")
    (tmp_path / "a.xlsx").write_text("no workbook")
    with pytest.raises(SurveyError, match="not a readable workbook"):
        read_actions(tmp_path / "a.xlsx")


def test_a_history_that_was_changed_is_not_believed(register: ActionRegister) -> None:
    action_id = register.add(idea(), TODAY).action_id
    register.move(action_id, "choose", date(2026, 2, 1), TODAY)
    register.path.write_text(register.path.read_text().replace("Greet by name", "Greet all", 1))
    with pytest.raises(SurveyError, match="line 2: the lines above it are not those it was written after"):
        _ = register.actions
    register.path.write_text("{half")
    with pytest.raises(SurveyError, match="line 1: damaged"):
        _ = register.actions


def test_a_renamed_touchpoint_keeps_its_actions(register: ActionRegister) -> None:
    register.add(idea(), TODAY)
    renamed = replace(register, touchpoints=["team", "costs"], renamed={"staff": "team"})
    assert [one.touchpoint for one in renamed] == ["team"]
    assert renamed.add(idea(idea="Smile"), TODAY).touchpoint == "team"
