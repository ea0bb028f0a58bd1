"""Tests of: How an outcome's values are written and how far its axis reaches at least."""

from __future__ import annotations

import numpy as np
import pytest
from figures_data import NL
from hypothesis import given
from hypothesis import strategies as st

from pxanalysis.figures.kit.units import decimals_needed, nice_ticks, unit_axis, write_value


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(2, 8))
def test_ticks_are_even_and_inside(low: float, reach: float, most: int) -> None:
    ticks = nice_ticks(low, low + reach, most)
    assert len(ticks) <= most
    steps = np.diff(ticks)
    assert np.allclose(steps, steps[0] if len(steps) else 0)
    assert all(low - 1e-6 * reach <= tick <= low + reach * (1 + 1e-6) for tick in ticks)


def test_decimals_are_as_many_as_the_ticks_need() -> None:
    assert decimals_needed(nice_ticks(7.4, 9.2)) == 1
    assert decimals_needed(nice_ticks(0, 100)) == 0
    assert decimals_needed(nice_ticks(0, 0.1)) == 2


@pytest.mark.parametrize(
    ("unit", "value", "written"),
    [("grade", 8.34, "8,3"), ("scale", 4.06, "4,1"), ("proportion", 0.314, "31%"), ("net", -0.12, "−12")],
)
def test_values_are_written_in_their_unit(unit: str, value: float, written: str) -> None:
    assert write_value(value, unit, NL) == written  # type: ignore[arg-type]


def test_an_axis_does_not_make_a_small_change_large_nor_leave_the_scale() -> None:
    low, high, _ = unit_axis(8.2, 8.3, "grade", NL)
    assert high - low >= 2
    assert unit_axis(9.7, 10.0, "grade", NL)[1] == 10.0
    assert unit_axis(0.0, 0.05, "proportion", NL)[:2] == (0.0, 0.3)
    assert unit_axis(-1.0, 1.0, "net", NL)[:2] == (-1.0, 1.0)
