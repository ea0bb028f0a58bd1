import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hostile_strings import HOSTILE
from hypothesis import given
from hypothesis import strategies as st

from pxanalysis.analysis.whole_study.frames import ItemRow, OutcomeRow
from pxanalysis.errors import ReportError
from pxanalysis.reporting.exports import neutralise_formulas, round_as_shown, write_table

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


@pytest.mark.parametrize(
    "text", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\0=1", " =1", "＝1", "-", "+abc"]
)
def test_formulas_become_text(text: str) -> None:
    assert neutralise_formulas(pd.DataFrame({"a": [text]})).loc[0, "a"] == "'" + text


@pytest.mark.parametrize("text", ["-0,24", "+21", "−1,1", "-3%", "8,4", "1.234", "", "e-mail", "'=1"])
def test_numbers_and_words_stay(text: str) -> None:
    assert neutralise_formulas(pd.DataFrame({"a": [text]})).loc[0, "a"] == text


def test_numbers_stay_numbers_and_the_frame_is_not_changed() -> None:
    frame = pd.DataFrame(
        {"=gain": [-0.24, np.nan], "n": [1, 2], "when": pd.to_datetime(["2026-01-01"] * 2), "a": ["=1", None]}
    )
    safe = neutralise_formulas(frame)
    assert safe.columns.tolist() == ["'=gain", "n", "when", "a"]
    assert safe.dtypes.tolist()[:3] == frame.dtypes.tolist()[:3]
    assert safe.loc[0, "'=gain"] == -0.24
    assert frame.loc[0, "a"] == "=1"
    assert pd.isna(safe.loc[1, "a"])


def test_categories_and_string_types_are_seen_too() -> None:
    frame = pd.DataFrame({"a": pd.Categorical(["=1"]), "b": pd.array(["=1"], dtype="string[pyarrow]")})
    assert neutralise_formulas(frame).iloc[0].tolist() == ["'=1", "'=1"]


@given(st.lists(st.text(max_size=30), min_size=1, max_size=5))
def test_no_cell_starts_like_a_formula(texts: list[str]) -> None:
    for cell in neutralise_formulas(pd.DataFrame({"a": texts}))["a"]:
        assert (
            not cell.lstrip(" ").startswith(STARTS)
            or cell.lstrip("+-").replace(",", ".").rstrip("%").replace(".", "", 1).isdigit()
        )


def test_a_csv_file_opens_in_the_readers_spreadsheet(tmp_path: Path) -> None:
    frame = pd.DataFrame({"contact": ["=cmd|x", 'Wachtruimte; "stil"\nen rustig'], "winst": [-0.24, 1.5]})
    dutch = write_table(frame, tmp_path / "nl.csv").read_bytes()
    assert dutch.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(dutch.decode("utf-8-sig").splitlines(keepends=True), delimiter=";"))
    assert rows == [["contact", "winst"], ["'=cmd|x", "-0,24"], ['Wachtruimte; "stil"\nen rustig', "1,5"]]
    english = write_table(frame, tmp_path / "en.csv", "en").read_text(encoding="utf-8-sig")
    assert "'=cmd|x,-0.24" in english


def test_hostile_strings_in_a_csv_file(tmp_path: Path) -> None:
    short = [text for text in HOSTILE if len(text) < 1000]
    path = write_table(pd.DataFrame({"text": short}), tmp_path / "x.csv")
    read = pd.read_csv(path, sep=";", dtype=str, keep_default_na=False, encoding="utf-8-sig", lineterminator="\n")[
        "text"
    ]
    assert read[read.str.match(r"\s*[=+\-@]")].tolist() == ["-0"]


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"\.csv or \.xlsx"):
        write_table(pd.DataFrame({"a": [1]}), tmp_path / "x.pkl")


def test_figures_have_the_decimals_of_a_page() -> None:
    """With all of them, a touchpoint and its items would tell the mean of one who left an item out."""
    items = pd.DataFrame({"mean": [61.538461, np.nan], "share_negative": [0.076923, 0.5], "n": [13, 12]})
    found = round_as_shown(items, ItemRow)
    assert found["mean"].tolist()[0] == 62.0
    assert found["share_negative"].tolist() == [0.08, 0.5]
    assert found["n"].tolist() == [13, 12]
    outcomes = pd.DataFrame({"metric": ["mean", "net"], "estimate": [8.4615, -0.123456]})
    assert round_as_shown(outcomes, OutcomeRow)["estimate"].tolist() == [8.5, -0.12]
    assert items.loc[0, "mean"] == 61.538461, "the frame itself stays as it was"
