"""Tests of: The priority matrix: how important each contact is against how far the practice is from where it
could be.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from figure_examples import (
    LONG,
    SHORT,
    drivers,
    priorities,
)
from figure_marks import collisions, written_in
from figures_data import EN, NL, THREE, joined
from hypothesis import given
from hypothesis import strategies as st
from seldom import some_of

from pxanalysis.figures.kit.embedding import COLUMN, NARROW
from pxanalysis.figures.page import (
    describe_matrix,
    plot_matrix,
)


def test_the_matrix_holds_each_contact_against_what_the_list_holds_it_against() -> None:
    facts = describe_matrix(priorities(SHORT), drivers=drivers(SHORT))
    assert facts.against == "best_quarter"
    assert facts.performance_split == 0
    ahead = facts.data.set_index("touchpoint")[["ahead", "ahead_low", "ahead_high"]]
    assert ahead.loc["cost"].tolist() == [22 - 40, 18 - 40, 26 - 40]
    assert facts.heavy_below == ("treat", "cost"), "by falling importance"
    assert facts.heavy_above == ("kind",)
    assert set(facts.light_below) == {"book", "desk", "wait", "anaesthesia"}
    assert facts.data["importance_low"].notna().all()


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=6, max_size=6))
def test_what_has_nothing_to_gain_never_stands_at_the_left(pairs: list[tuple[float, float]]) -> None:
    from pxanalysis.analysis.priorities.ranking import gain_of

    scores, targets = np.array(pairs).T
    frame = priorities(dict(itertools.islice(LONG.items(), 6))).assign(performance=scores, target=targets)
    facts = describe_matrix(frame)
    gains = dict(zip(frame["touchpoint"], gain_of(0.02, targets - scores, 1.0).tolist(), strict=True))
    assert all(gains[name] < 1e-9 for name in (*facts.heavy_above, *facts.light_above))
    assert all(gains[name] > 0 for name in (*facts.heavy_below, *facts.light_below))


def test_the_matrix_says_what_its_lines_are() -> None:
    written = {
        target: joined(plot_matrix(priorities(SHORT, target=target), SHORT, NL, outcome="KTV"))
        for target in ("best_quarter", "stated", "none")
    }
    assert "vanaf hier: het beste kwart van de praktijken" in written["best_quarter"]
    assert "punten onder (−) of boven (+) het beste kwart" in written["best_quarter"]
    assert "de streefscore die dit onderzoek koos (80)" in written["stated"]
    assert "uw score (0–100)" in written["none"]
    assert "het gemiddelde van uw scores" in written["none"]
    assert all("gemiddeld belang" in text for text in written.values())
    assert "beste kwart" not in written["stated"] + written["none"]


def test_some_targets_of_the_study_and_some_of_the_best_quarter_are_both_named() -> None:
    frame = priorities(SHORT)
    frame.loc[:2, ["target", "target_stated"]] = 70.0
    assert describe_matrix(frame).against == "mixed"
    assert "streefscore van dit onderzoek" in joined(plot_matrix(frame, SHORT, NL, outcome="KTV"))


def test_without_a_target_the_matrix_splits_at_the_mean_score() -> None:
    facts = describe_matrix(priorities(SHORT, target="none"))
    assert facts.against == "own_mean"
    assert facts.performance_split == pytest.approx(np.mean([73, 80, 40, 93, 62, 85, 22]))
    assert facts.heavy_below == ("cost",)
    assert facts.missing == ()


def test_equal_values_are_all_in_one_quadrant() -> None:
    frame = priorities(SHORT).assign(performance=80.0, importance=0.1)
    assert len(describe_matrix(frame.assign(target=80.0)).heavy_above) == len(SHORT)
    assert len(describe_matrix(frame.drop(columns="target")).heavy_above) == len(SHORT)


def test_what_cannot_be_told_apart_from_the_line_is_level_with_it() -> None:
    frame = priorities(SHORT).assign(performance=[80.0, 76, 79.8, 84, 82, 70, 90], target=80.0)
    frame = frame.assign(performance_low=frame["performance"] - 3, performance_high=frame["performance"] + 3)
    facts = describe_matrix(frame)
    assert set(facts.level) == {"book", "wait", "anaesthesia"}
    assert set(describe_matrix(frame.drop(columns=["performance_low", "performance_high"])).level) == {"book", "wait"}


def test_every_kind_of_dot_in_the_matrix_is_explained() -> None:
    frame = priorities(SHORT)
    assert "andere contactmomenten" in joined(plot_matrix(frame, SHORT, NL, outcome="KTV", first=["cost"]))
    alike = plot_matrix(frame.assign(status="keep"), SHORT, NL, outcome="KTV")
    assert "contactmomenten" not in joined(alike), "where all dots are of one kind there is nothing to tell apart"


def test_no_label_of_the_matrix_touches_the_frame() -> None:
    frame = priorities(SHORT).assign(performance_low=np.nan, performance_high=np.nan)
    for width in (COLUMN, NARROW):
        figure = plot_matrix(frame, SHORT, NL, outcome="KTV", drivers=drivers(SHORT), width=width)
        words = " ".join(SHORT.values()).split()
        found = [one for one in written_in(figure) if set(one.text.split()) <= set(words)]
        assert sorted(" ".join(one.text for one in found).split()) == sorted(words)
        labels = [one.box for one in found]
        assert min(box.left for box in labels) > 40 + 4
        assert max(box.right for box in labels) < width - 4 - 4


@pytest.mark.parametrize("target", ["stated", pytest.param("none", marks=pytest.mark.slow)])
@pytest.mark.parametrize("labels", some_of([THREE, SHORT, LONG], every=2), ids=["4 long", "7", "14 long"])
def test_the_words_of_the_quadrants_are_free_whatever_the_target(labels: dict[str, str], target: str) -> None:
    for words, width in itertools.product((NL, EN), (COLUMN, NARROW)):
        frame = priorities(labels, target=target)
        assert collisions(plot_matrix(frame, labels, words, outcome="KTV", drivers=drivers(labels), width=width)) == []
