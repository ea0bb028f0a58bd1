"""Figures are written so that what is printed orders, subtracts and excludes as the figures themselves do."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from page_words import cells_of
from pages import make_report
from rows import row_of
from study_results_fixture import make_example

from pxanalysis.analysis.whole_study.frames import OutcomeRow
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.reporting.sections.values import (
    MOST_DECIMALS,
    difference_text,
    extra_decimals,
    in_unit,
    outside,
    range_of,
    share_decimals,
    written_difference,
)

EN = Wording("en")
UNITS = {"grade": st.floats(1, 10), "proportion": st.floats(0, 1), "net": st.floats(-1, 1)}
TELLING = {"grade": 10.0 ** -(1 + MOST_DECIMALS), "proportion": 10.0 ** -(2 + MOST_DECIMALS)}
TELLING["net"] = TELLING["proportion"]


def read(text: str) -> float:
    """The number that a reader reads."""
    return float(text.replace("\N{MINUS SIGN}", "-").replace("%", "").replace(",", ""))


@pytest.mark.parametrize("unit", UNITS)
@given(data=st.data())
def test_figures_called_different_are_written_in_their_order(unit: str, data: st.DataObject) -> None:
    one, other = data.draw(UNITS[unit]), data.draw(UNITS[unit])
    assume(abs(one - other) > TELLING[unit])
    more = extra_decimals(unit, [(one, other)])
    low, high = sorted((one, other))
    assert read(in_unit(EN, low, unit, more)) < read(in_unit(EN, high, unit, more))


@pytest.mark.parametrize("unit", UNITS)
@given(data=st.data())
def test_a_figure_beyond_a_limit_is_not_written_as_the_limit(unit: str, data: st.DataObject) -> None:
    low, high = sorted((data.draw(UNITS[unit]), data.draw(UNITS[unit])))
    value = data.draw(UNITS[unit])
    assume(min(abs(value - low), abs(value - high)) > TELLING[unit])
    more = extra_decimals(unit, outside(value, low, high))
    written, *limits = (read(in_unit(EN, figure, unit, more)) for figure in (value, low, high))
    assert (limits[0] <= written <= limits[1]) == (low <= value <= high)


@given(st.floats(0, 100), st.floats(0, 100))
def test_two_scores_and_the_difference_beside_them_subtract(value: float, other: float) -> None:
    more, difference = written_difference("score", value, other)
    gap = read(EN.number(value, more)) - read(EN.number(other, more))
    assert gap == pytest.approx(read(EN.signed(difference, more)), abs=1e-9)
    assert abs(difference - (value - other)) < 10.0**-more


def test_customary_decimals_stay_where_they_do_no_harm() -> None:
    assert extra_decimals("grade", [(8.1, 8.3), (7.0, 7.0)]) == 0
    assert extra_decimals("grade", outside(8.2, 8.2, 8.4)) == 0, "on the limit is not beyond it"
    assert written_difference("net", 0.31, 0.04) == (0, 27.0)


def test_an_interval_that_leaves_out_0_is_written_so() -> None:
    row = row_of(OutcomeRow, difference=-0.191, difference_low=-0.366, difference_high=-0.017)
    assert difference_text(EN, row, "grade", "opening.difference_corrected").endswith("−0.19 (between −0.37 and −0.02)")
    row = row_of(OutcomeRow, difference=0.004, difference_low=-0.03, difference_high=0.04)
    assert difference_text(EN, row, "grade", "opening.difference_corrected").endswith("0.0 (between 0.0 and 0.0)")
    assert difference_text(EN, row_of(OutcomeRow, difference=0.1), "grade", "opening.difference_corrected") == ""


def test_small_shares_have_a_decimal() -> None:
    more = share_decimals("proportion", 0.012, 0.004, float("nan"))
    assert range_of(EN, 0.002, 0.0041, "proportion", more) == "0.2% to 0.4%"
    assert share_decimals("proportion", 0.0, 0.5) == 0
    assert not re.search(r"\.", in_unit(EN, 0.4, "proportion", share_decimals("proportion", 0.4)))


def test_score_target_and_what_lies_between_subtract_in_the_matrix() -> None:
    example = make_example()
    frame = example.results.frames["priorities"]
    frame["performance"] = frame["performance"] * 0.977
    html = make_report(example, figures=True).matrix().html
    table = html[: html.index("</table>")]
    subtracted = 0
    for touchpoint in example.journey.touchpoints:
        *_, own, target, ahead, _ = cells_of(table, touchpoint.label["nl"])
        own, target, ahead = (part.replace(",", ".") for part in (own, target, ahead))
        assert read(ahead) == pytest.approx(read(own) - read(target), abs=1e-9)
        subtracted += "." in ahead
    assert subtracted, "one that would not, in whole points"
