"""What every figure of a page says where there is nothing to draw."""

from __future__ import annotations

import pandas as pd
import pytest
from figures_data import NAMES, NL, joined

from pxanalysis.figures.page import (
    plot_distribution,
    plot_experience,
    plot_funnel,
    plot_importance,
    plot_matrix,
    plot_paths,
    plot_ranks,
    plot_trend,
)


@pytest.mark.parametrize("name", NAMES)
def test_without_rows_a_sentence_says_so(name: str) -> None:
    empty = pd.DataFrame()
    draw = {
        "experience": lambda: plot_experience(empty, {}, NL),
        "paths": lambda: plot_paths(empty, {}, NL, outcome="KTV"),
        "importance": lambda: plot_importance(empty, {}, NL, outcome="KTV"),
        "matrix": lambda: plot_matrix(empty, {}, NL, outcome="KTV"),
        "ranks": lambda: plot_ranks(empty, {}, NL),
        "trend": lambda: plot_trend(empty, NL, unit="grade"),
        "funnel": lambda: plot_funnel(empty, NL, own="x", unit="grade", outcome="KTV"),
        "distribution": lambda: plot_distribution(empty, NL, kind="ktv"),
    }[name]
    assert "te weinig antwoorden" in joined(draw())
