"""Tests of: A figure in a page: drawn for the room it mostly has and, where it is worth it, again for less room."""

from __future__ import annotations

import re

import pytest
from figure_examples import (
    FIRST,
    LONG,
    SHORT,
    any_figure,
    every_figure,
)
from figure_marks import collisions
from figures_data import EN, NAMES, NL, THREE, joined
from seldom import some_of

from pxanalysis.figures.kit.embedding import COLUMN, MIDDLE, NARROW, WIDE
from pxanalysis.figures.kit.marks import TextMark


@pytest.mark.parametrize("name", ["experience", "paths", "importance", "matrix", "ranks"])
def test_without_priorities_a_figure_explains_no_numbers(name: str) -> None:
    labels = {name: label for name, label in LONG.items() if name not in FIRST}
    assert "nummer bij" not in joined(every_figure(labels, NL)[name](COLUMN))


@pytest.mark.parametrize("name", NAMES)
def test_figures_hold_when_everything_is_hidden(name: str) -> None:
    figure = every_figure(SHORT, NL, hidden=range(7))[name](COLUMN)
    assert re.search("te weinig|niet te berekenen|staan er niet in|staat er niet in", joined(figure))


# --- texts have room --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", some_of([WIDE, COLUMN, MIDDLE, NARROW], every=3))
@pytest.mark.parametrize("labels", [THREE, SHORT, LONG], ids=["4 long", "7", "14 long"])
@pytest.mark.parametrize("hidden", [pytest.param((), marks=pytest.mark.slow), (1, 3)], ids=["complete", "gaps"])
@pytest.mark.parametrize("name", NAMES)
def test_no_text_touches_anything_or_leaves_the_figure(
    name: str, hidden: tuple[int, ...], labels: dict[str, str], width: int
) -> None:
    for words in (NL, EN):
        assert collisions(every_figure(labels, words, hidden=hidden)[name](width)) == []


MORE_SEEDS = [pytest.param(seed, marks=pytest.mark.slow) for seed in (*range(2, 12), 76, 102)]


@pytest.mark.parametrize("seed", [0, 1, 146, 188, *MORE_SEEDS])
def test_no_text_touches_anything_whatever_the_values(seed: int) -> None:
    for name, draw in any_figure(seed, NL if seed % 2 else EN).items():
        for width in (WIDE, MIDDLE, NARROW) if name == "experience" else (COLUMN, NARROW):
            assert collisions(draw(width)) == [], f"{name} at {width}"


def test_text_is_never_smaller_than_twelve_pixels() -> None:
    for draw in every_figure(LONG, NL).values():
        assert min(mark.size for mark in draw(NARROW).marks if isinstance(mark, TextMark)) >= 12
