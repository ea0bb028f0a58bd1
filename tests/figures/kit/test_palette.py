"""Tests of: The one visual language of page and figures: a colour per role in each theme, and the typeface."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from figure_examples import (
    SHORT,
    every_figure,
    priorities,
)
from figure_marks import collisions, strokes_in, written_in
from figures_data import NL, joined

from pxanalysis.figures.kit.embedding import COLUMN
from pxanalysis.figures.kit.marks import TextMark
from pxanalysis.figures.kit.palette import DARK, LIGHT, contrast
from pxanalysis.figures.page import (
    plot_matrix,
)


def test_numbers_make_room_for_each_other_without_leaving_their_side_of_the_line() -> None:
    frame = priorities(SHORT).assign(performance=79.9, target=80.0, importance=0.1)
    figure = plot_matrix(frame, SHORT, NL, outcome="KTV", first=list(SHORT)[:3])
    assert collisions(figure) == []
    upright = [line for line, _ in strokes_in(figure) if np.ptp(line[:, 0]) < 0.1]
    line = max(upright, key=lambda line: float(np.ptp(line[:, 1])))
    numbers = [one.box for one in written_in(figure) if one.colour == LIGHT.paper and one.text in "123"]
    assert all((box.left + box.right) / 2 < line[0, 0] for box in numbers)


@pytest.mark.parametrize("name", ["experience", "paths", "importance", "matrix", "ranks"])
def test_the_first_three_have_the_same_numbers_in_every_figure(name: str) -> None:
    figure = every_figure(SHORT, NL)[name](COLUMN)
    white = [mark.text for mark in figure.marks if isinstance(mark, TextMark) and mark.colour == LIGHT.paper]
    assert sorted(text for text in white if text.isdigit()) == ["1", "1", "2", "3"], "one is the legend's"
    assert "nummer bij ‘Wat u het eerst kunt doen’" in joined(figure)


# --- colours ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_have_contrast(theme: object) -> None:
    colour = {role.name: getattr(theme, role.name) for role in fields(LIGHT)}
    for text in ("ink", "soft", "accent", "cool", "good"):
        for ground in ("paper", "tint", "accent_tint", "band"):
            assert contrast(colour[text], colour[ground]) >= 4.5, f"{text} on {ground}"
    for sign in ("rule", "cool_soft"):
        for ground in ("paper", "tint", "accent_tint"):
            assert contrast(colour[sign], colour[ground]) >= 3, f"{sign} on {ground}"
    assert contrast(colour["rule"], colour["band"]) >= 3
    for dot in ("accent", "cool"):
        assert contrast(colour["paper"], colour[dot]) >= 4.5, dot
    assert contrast(colour["ink"], colour["cool_soft"]) >= 3, "an interval is seen on its bar"


# Machado, Oliveira & Fernandes (2009), severity 1.0, for linear RGB.
DEFICIENCIES = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}


TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def as_seen(colour: str, matrix: list[list[float]]) -> np.ndarray:
    """A colour in CIELAB, as somebody with this deficiency sees it."""
    srgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(np.array(matrix) @ linear, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_the_accent_stays_apart_for_colour_blind_readers(deficiency: str, theme: object) -> None:
    matrix = DEFICIENCIES[deficiency]
    accent = as_seen(theme.accent, matrix)  # type: ignore[attr-defined]
    for other in ("cool", "cool_soft", "rule", "ink"):
        assert np.linalg.norm(accent - as_seen(getattr(theme, other), matrix)) > 25, other
