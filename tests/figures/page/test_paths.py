"""Tests of: The driver path picture: each contact with an arrow to the outcome, its weight on the arrow."""

from __future__ import annotations

import numpy as np
import pytest
from figure_examples import (
    LONG,
    SHORT,
    drivers,
)
from figure_marks import strokes_in, written_in
from figures_data import NL, joined, texts_of

from pxanalysis.figures.kit.embedding import COLUMN, NARROW
from pxanalysis.figures.page import (
    describe_paths,
    plot_paths,
)


def test_paths_are_sorted_and_flagged() -> None:
    facts = describe_paths(drivers(LONG, missing=[3]), r2=0.65)
    beta = facts.data["beta"].dropna().to_numpy()
    assert (np.diff(beta) <= 0).all()
    assert facts.strongest == "treat"
    assert facts.strongest_beta == pytest.approx(0.41)
    assert facts.missing == ("kind",)
    assert facts.negative == ("plan",)
    assert facts.suppressors == (), "what cannot be told apart from zero says nothing of its sign"
    assert set(facts.uncertain) == {"anaesthesia", "lens", "invite"}
    assert facts.r2 == 0.65


def test_weights_and_explained_variance_are_written() -> None:
    figure = plot_paths(
        drivers(LONG), LONG, NL, outcome="KTV", explained="tevredenheid", r2=0.65, r2_low=0.58, r2_high=0.71
    )
    written = texts_of(figure)
    assert {"KTV", "65%", "verklaard", "0,41", "−0,09", "0,02"} <= set(written)
    assert "onzeker: niet van nul te onderscheiden" in written
    assert (
        "negatief gewicht: bij gelijke andere contactmomenten gaat een hogere score samen met een lager cijfer"
        in joined(figure)
    )
    assert "Samen verklaren deze contactmomenten 65% van de verschillen in tevredenheid" in joined(figure)
    assert "(waarschijnlijk tussen 58% en 71%)" in joined(figure)


def test_only_a_weight_that_is_not_zero_for_sure_has_a_sign_or_a_mark() -> None:
    frame = drivers(SHORT).assign(sign_flag=["suppressor", *[""] * 6])
    surely = joined(plot_paths(frame, SHORT, NL, outcome="KTV"))
    assert "0,12†" in surely
    assert "† telt alleen mee samen met andere" in surely
    beta = np.array([-0.004, -0.04, 0.19, 0.35, 0.04, 0.41, 0.38])
    frame = frame.assign(beta=beta, ci_low=beta - 0.05, ci_high=beta + 0.05)
    written = joined(plot_paths(frame, SHORT, NL, outcome="KTV"))
    assert "0,00" in written
    assert "≈ 0" in written
    assert not any(sign in written for sign in ("†", "−", "negatief"))


def test_arrows_are_as_thick_as_their_weights() -> None:
    frame = drivers(SHORT).assign(beta=[0.4, 0.2, 0.1, 0.3, -0.2, 0.05, 0.35])
    widths = sorted({round(2 * half, 2) for line, half in strokes_in(plot_paths(frame, SHORT, NL, outcome="KTV"))})
    thickest = widths[-1]
    assert {round(thickest * share, 2) for share in (0.5, 0.25, 0.75, 1.0, 0.875)} <= set(widths)


@pytest.mark.parametrize("width", [COLUMN, NARROW])
def test_the_name_in_the_circle_is_not_broken(width: int) -> None:
    figure = plot_paths(drivers(SHORT), SHORT, NL, outcome="Satisfaction", r2=0.6, width=width)
    assert "Satisfaction" in {one.text for one in written_in(figure)}
