"""The list of practices: names and numbers of invited patients, and one clear message for what cannot be."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pxanalysis.errors import SurveyError
from pxanalysis.journey import Journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.survey.practice_list import find_impossible_numbers, read_practices
from pxanalysis.survey.responses import Practice


def write(folder: Path, lines: list[str]) -> Path:
    path = folder / "practices.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_names_alone_are_enough(tmp_path: Path) -> None:
    path = write(tmp_path, ["practice_id;practice_name", '01;"De Linde; & co" ', "02;"])
    assert read_practices(path) == {"01": Practice("De Linde; & co", None)}


def test_invited_patients_may_be_known_of_some(tmp_path: Path) -> None:
    lines = [
        "practice_id,practice_name,invited",
        "01,De Linde,120",
        "02,,80",
        "03,De Beuk,",
        "04,De Eik,40.0",
        "05,De Wilg,0",
    ]
    assert read_practices(write(tmp_path, lines)) == {
        "01": Practice("De Linde", 120),
        "02": Practice(None, 80),
        "03": Practice("De Beuk", None),
        "04": Practice("De Eik", 40),
        "05": Practice("De Wilg", 0),
    }


def test_a_typed_file_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "practices.parquet"
    pl.DataFrame(
        {"practice_id": ["01", "02"], "practice_name": ["A", "B"], "invited": [120.0, float("nan")]}
    ).write_parquet(path)
    assert read_practices(path) == {"01": Practice("A", 120), "02": Practice("B", None)}


NUMBER = "expected the number of patients invited, a whole number of 0 or more, found"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["practice,name", "1,A"], "row 1: expected the columns practice_id and practice_name, found: practice, name"),
        (["practice_id,practice_name", "1,Linde, Beuk"], "row 2: expected 2 fields .* quotation marks around a name"),
        (["practice_id,practice_name", "1,A", "", "1,B"], "row 4: practice '1' is called 'A' above and 'B' here"),
        (["practice_id,practice_name,invited", "1,A,90", "2,B,veel"], f"row 3, column invited: {NUMBER} 'veel'"),
        (["practice_id,practice_name,invited", "1,A,90", "", "2,B,-4"], f"row 4, column invited: {NUMBER} '-4'"),
        (["practice_id;practice_name;invited", "1;A;12,5"], f"row 2, column invited: {NUMBER} '12,5'"),
        (["practice_id;practice_name;invited", "1;A;1.25"], f"row 2, column invited: {NUMBER} '1.25'"),
        (["practice_id,practice_name,invited", "1,A,inf"], f"row 2, column invited: {NUMBER} 'inf'"),
        (
            ["practice_id,practice_name,invited", "1,A,90", "1,A,60"],
            "row 3, column invited: practice '1' has 90 above and 60 here; .* Keep one row, with their sum",
        ),
    ],
)
def test_a_list_that_cannot_be_used_says_where_and_what_to_do(lines: list[str], message: str, tmp_path: Path) -> None:
    with pytest.raises(SurveyError, match=rf"practices\.csv, {message}"):
        read_practices(write(tmp_path, lines))


def test_fewer_invited_than_answered_is_said_with_both_numbers() -> None:
    practices = {"01": Practice("A", 50), "02": Practice("B", 20), "03": Practice("C", None), "04": Practice("D", 0)}
    assert find_impossible_numbers(practices, {"01": 50, "02": 20, "03": 900}, "practices.csv") == []
    (message,) = find_impossible_numbers(practices, {"01": 50, "02": 21}, "practices.csv")
    assert message.startswith(
        "practices.csv, column invited: fewer patients invited than answered at practice '02' (20"
    )
    assert "or leave the cell empty" in message
    assert "'01'" not in message


def test_many_wrong_numbers_are_all_in_one_message() -> None:
    practices = {f"{i:02d}": Practice(None, 1) for i in range(9)}
    (message,) = find_impossible_numbers(practices, dict.fromkeys(practices, 2), "practices.csv")
    assert all(f"'{name}' (1 invited, 2 answered)" in message for name in practices)


def test_a_simulation_invites_more_than_answer(treatment: Journey, tmp_path: Path) -> None:
    simulation = simulate_survey(treatment, practices=40, responses=(1, 60), seed=7)
    assert simulation.practices.equals(simulate_survey(treatment, practices=40, responses=(1, 60), seed=7).practices)
    simulation.write(tmp_path)
    practices = read_practices(tmp_path / "practices.csv")
    answered = dict(simulation.answers["practice_id"].value_counts().iter_rows())
    rates = [
        answered[practice_id] / practice.invited for practice_id, practice in practices.items() if practice.invited
    ]
    assert len(rates) == 40
    assert 0.25 <= min(rates) < 0.35
    assert 0.5 < max(rates) <= 0.60
