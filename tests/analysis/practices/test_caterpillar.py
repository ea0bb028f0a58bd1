"""Tests of: Caterpillar plot: practices in order of their shrunken mean, each with its interval."""

from __future__ import annotations

import numpy as np
from practices_data import patients, responses  # noqa: F401

from pxanalysis.analysis.practices import (
    compare_practices,
    estimate_funnel,
    order_practices,
)
from pxanalysis.survey.responses import Responses


def test_caterpillar(responses: Responses) -> None:
    comparison = compare_practices(responses)
    result = order_practices(comparison)
    table = result.tidy()
    assert (np.diff(table["estimate"]) >= 0).all()
    assert list(table["position"]) == list(range(1, 25))
    assert result.glance().loc[0, "n_left_out"] == 0
    clear = table["side"] != "around"
    assert ((table["ci_low"] > result.centre) | (table["ci_high"] < result.centre)).equals(clear)


def test_plots_are_drawn(responses: Responses) -> None:
    from matplotlib.axes import Axes

    funnel = estimate_funnel(responses).plot()
    caterpillar = order_practices(compare_practices(responses)).plot()
    for axes in (funnel, caterpillar):
        assert isinstance(axes, Axes)
        assert axes.collections
    assert estimate_funnel(responses).plot(ax=funnel) is funnel, "drawn where it is told to"
