"""What figures show: the numbers behind each, what is said of gaps, and texts that do not run into each other."""

from __future__ import annotations

import itertools
import re
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from figure_examples import (
    FIRST,
    LONG,
    SHORT,
    any_figure,
    distribution,
    drivers,
    every_figure,
    funnel,
    priorities,
    reliability,
    touchpoints,
    trend,
)
from figure_marks import collisions, strokes_in, written_in
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.text import Text

from pxanalysis.errors import ReportError
from pxanalysis.reporting.figures import (
    COLUMN,
    MIDDLE,
    NARROW,
    SLIM,
    WIDE,
    describe_distribution,
    describe_experience,
    describe_funnel,
    describe_importance,
    describe_matrix,
    describe_paths,
    describe_ranks,
    describe_reliability,
    describe_trend,
    plot_distribution,
    plot_experience,
    plot_funnel,
    plot_importance,
    plot_matrix,
    plot_paths,
    plot_ranks,
    plot_reliability,
    plot_trend,
    to_svg,
)
from pxanalysis.reporting.figures.canvas import Canvas
from pxanalysis.reporting.figures.curves import monotone_curve
from pxanalysis.reporting.figures.experience import score_to_feels
from pxanalysis.reporting.figures.geometry import Box, boxes_along, cut_line
from pxanalysis.reporting.figures.lettering import clean, measure, wrap
from pxanalysis.reporting.figures.placing import place_labels
from pxanalysis.reporting.figures.ticks import decimals_needed, nice_ticks
from pxanalysis.reporting.figures.trend import MOST_SLIM
from pxanalysis.reporting.figures.units import unit_axis, write_value
from pxanalysis.reporting.palette import DARK, LIGHT, contrast
from pxanalysis.reporting.wording import Wording

NL, EN = Wording("nl"), Wording("en")
NAMES = tuple(every_figure(SHORT, NL))
THREE = dict(itertools.islice(LONG.items(), 4, 7)) | {"explain": LONG["explain"]}


def texts_of(figure: Figure) -> list[str]:
    return [artist.get_text() for artist in figure.artists if isinstance(artist, Text)]


def joined(figure: Figure) -> str:
    return " ".join(texts_of(figure))


# --- the numbers behind each figure ---------------------------------------------------------------------------


def test_experience_names_highest_lowest_and_low_points() -> None:
    facts = describe_experience(touchpoints(SHORT).sample(frac=1, random_state=1))
    assert (facts.highest, facts.lowest) == ("kind", "cost")
    assert facts.highest_feels == pytest.approx((93 - 50) / 25)
    assert facts.lowest_feels == pytest.approx((22 - 50) / 25)
    assert facts.low == ("wait", "cost")
    assert facts.data["touchpoint"].tolist() == list(SHORT), "journey order, whatever the frame's order"
    assert facts.data["benchmark_low"].iloc[0] == pytest.approx((70 - 50) / 25)


def test_a_contact_surely_below_other_practices_is_low_although_positive() -> None:
    frame = touchpoints(SHORT)
    frame.loc[3, ["ci_high", "benchmark_low"]] = [84.0, 90.0]
    assert "kind" in describe_experience(frame).low
    frame.loc[3, "ci_high"] = 89.0
    assert "kind" not in describe_experience(frame).low, "surely lower, but not by what a reader would see"


def test_the_curve_and_its_sentence_call_the_same_contacts_low() -> None:
    from pxanalysis.reporting.figures.experience import _MEANINGFUL
    from pxanalysis.reporting.sections.journey import CLEARLY

    assert pytest.approx(_MEANINGFUL * 25) == CLEARLY


def test_feelings_and_benchmark_are_on_the_scale_of_the_fit() -> None:
    from pxanalysis.analysis.fit.touchpoints import feels

    scores = np.linspace(0, 100, 11)
    assert score_to_feels(scores).tolist() == feels(scores).tolist()


def test_counts_of_a_fit_may_be_missing_whole_numbers() -> None:
    frame = touchpoints(SHORT, hidden=[1]).astype({"n": "Int64"})
    assert describe_experience(frame).data["n"].isna().tolist() == [i == 1 for i in range(7)]


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


def test_importance_is_sorted_and_sums_to_what_is_drawn() -> None:
    frame = drivers(SHORT)
    facts = describe_importance(frame)
    assert facts.order[0] == "treat"
    assert facts.total == pytest.approx(frame["importance"].sum())
    assert (facts.largest, facts.smallest) == (frame["importance"].max(), frame["importance"].min())
    assert facts.data.columns.tolist() == [
        "touchpoint",
        "importance",
        "importance_low",
        "importance_high",
        "reason",
    ]


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


def test_numbers_make_room_for_each_other_without_leaving_their_side_of_the_line() -> None:
    frame = priorities(SHORT).assign(performance=79.9, target=80.0, importance=0.1)
    figure = plot_matrix(frame, SHORT, NL, outcome="KTV", first=list(SHORT)[:3])
    assert collisions(figure) == []
    upright = [line for line, _ in strokes_in(figure) if np.ptp(line[:, 0]) < 0.1]
    line = max(upright, key=lambda line: float(np.ptp(line[:, 1])))
    numbers = [one.box for one in written_in(figure) if one.colour == LIGHT.paper and one.text in "123"]
    assert all((box.left + box.right) / 2 < line[0, 0] for box in numbers)


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


def test_ranks_are_in_their_order() -> None:
    assert describe_ranks(drivers(SHORT)).order[:3] == ("treat", "cost", "kind")


def test_what_has_no_place_keeps_its_row_but_not_the_band_of_the_first_three() -> None:
    facts = describe_ranks(drivers(SHORT), without=["cost"])
    assert facts.data["touchpoint"].tolist()[:3] == ["treat", "cost", "kind"]
    assert facts.data.loc[1, ["rank", "rank_low", "rank_high", "p_top3"]].isna().all()
    assert "cost" not in facts.order
    band = [
        patch.get_path().get_extents()
        for patch in plot_ranks(drivers(SHORT), SHORT, NL, notes={"cost": "niets te winnen"}).artists
        if isinstance(patch, PathPatch) and patch.get_facecolor()[:3] == to_rgb(LIGHT.accent_tint)
    ]
    rows = sorted((box.y0, box.y1) for box in band if box.height > 20)
    assert len(rows) == 2
    assert rows[1][0] - rows[0][1] == pytest.approx(28), "one row without it"


def test_what_cannot_be_told_apart_from_the_line_is_level_with_it() -> None:
    frame = priorities(SHORT).assign(performance=[80.0, 76, 79.8, 84, 82, 70, 90], target=80.0)
    frame = frame.assign(performance_low=frame["performance"] - 3, performance_high=frame["performance"] + 3)
    facts = describe_matrix(frame)
    assert set(facts.level) == {"book", "wait", "anaesthesia"}
    assert set(describe_matrix(frame.drop(columns=["performance_low", "performance_high"])).level) == {"book", "wait"}


def test_reliability_names_lowest_and_enough() -> None:
    facts = describe_reliability(reliability(SHORT, missing=[6]))
    assert facts.lowest == "treat"
    assert facts.missing == ("cost",)
    assert facts.enough == ("book", "desk", "wait")


def test_trend_fills_months_that_nobody_answered() -> None:
    frame = trend(8, hidden=[2]).drop(index=[5])
    facts = describe_trend(frame.sample(frac=1, random_state=2))
    assert facts.n_periods == 8
    assert facts.missing == ("2025-03", "2025-06")
    assert (facts.first_period, facts.last_period) == ("2025-01", "2025-08")
    assert not facts.apart
    assert facts.data["suppressed"].tolist() == [i == 2 for i in range(8)]


def test_trend_of_quarters_steps_by_three_months() -> None:
    facts = describe_trend(trend(6, quarters=True).drop(index=[1, 2]))
    assert facts.data["period"].tolist()[:3] == ["2025-01-01", "2025-04-01", "2025-07-01"]
    assert facts.missing == ("2025-04-01", "2025-07-01")


def test_trend_says_when_first_and_last_are_apart() -> None:
    frame = trend(3)
    assert not describe_trend(frame).apart, "results that do not say"
    frame["since_first_low"], frame["since_first_high"] = [np.nan, -0.2, 0.1], [np.nan, 0.4, 0.9]
    assert describe_trend(frame).apart, "though their intervals overlap"
    frame.loc[2, "since_first_low"] = -0.1
    assert not describe_trend(frame).apart


def test_funnel_tells_where_the_own_practice_is() -> None:
    frame = funnel(25, hidden=[0, 1])
    places = {}
    for shift in (-3.5, -2.5, 0.0, 2.5, 3.5):
        spread = (frame.loc[4, "high95"] - 8.5) / 1.96
        frame.loc[4, "estimate"] = 8.5 + shift * spread
        places[shift] = describe_funnel(frame, own="practice-4").position
    assert list(places.values()) == ["far below", "below", "within", "above", "far above"]
    facts = describe_funnel(frame, own="practice-4")
    assert (facts.n_practices, facts.n_hidden) == (23, 2)
    assert len(facts.data) == 1
    assert "practice_id" not in facts.data
    assert describe_funnel(frame, own="practice-0").position == ""


def test_distribution_groups_and_answers_that_nobody_gave() -> None:
    facts = describe_distribution(distribution("ktv"), kind="ktv")
    assert facts.data["value"].tolist() == list(range(1, 11))
    assert facts.n == 214
    assert facts.groups == pytest.approx({"insufficient": 11 / 214, "sufficient": 132 / 214, "high": 71 / 214})
    assert (facts.most_given, facts.most_given_share) == (8, pytest.approx(80 / 214))
    hidden = describe_distribution(distribution("nps", hidden=[0]), kind="nps")
    assert np.isnan(hidden.groups["detractors"])
    assert hidden.groups["promoters"] == pytest.approx(110 / 214)
    assert describe_distribution(distribution("ces"), kind="ces").groups == {}


def test_a_recommendation_from_one_to_ten_has_the_groups_that_its_net_share_is_of() -> None:
    frame = distribution("nps")
    facts = describe_distribution(frame[frame["value"] > 0], kind="nps", scale=(1, 10))
    assert facts.groups["detractors"] == pytest.approx(20 / 214)
    assert "criticasters (1–6): 9%" in texts_of(
        plot_distribution(frame[frame["value"] > 0], NL, kind="nps", scale=(1, 10))
    )
    assert describe_distribution(frame, kind="nps", scale=(0, 20)).groups == {}


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: describe_trend(pd.concat([trend(2), trend(2)])), "one row per period"),
        (lambda: describe_trend(trend(2).assign(period=["January", "May"])), "YYYY-MM"),
        (lambda: describe_funnel(pd.concat([funnel(2), funnel(2)]), own=""), "one row per practice"),
        (lambda: describe_distribution(pd.concat([distribution()] * 2), kind="ktv"), "one row per answer"),
        (lambda: plot_trend(trend(2), NL, unit="marks"), "unit: expected one of"),  # type: ignore[arg-type]
    ],
)
def test_a_frame_that_was_not_selected_is_refused(draw: object, message: str) -> None:
    with pytest.raises(ReportError, match=message):
        draw()  # type: ignore[operator]


# --- what is written --------------------------------------------------------------------------------------------


def test_numbers_are_written_in_the_language() -> None:
    dutch = texts_of(plot_experience(touchpoints(SHORT), SHORT, NL))
    english = texts_of(plot_experience(touchpoints(SHORT), SHORT, EN))
    assert {"−0,4", "+1,7", "n = 214"} <= set(dutch)
    assert {"−0.4", "+1.7"} <= set(english)


def test_weights_and_explained_variance_are_written() -> None:
    figure = plot_paths(
        drivers(LONG), LONG, NL, outcome="KTV", explained="tevredenheid", r2=0.65, r2_low=0.58, r2_high=0.71
    )
    written = texts_of(figure)
    assert {"KTV", "65%", "verklaard", "0,41", "−0,09", "0,02"} <= set(written)
    assert "onzeker: niet van nul te onderscheiden" in written
    assert "negatief gewicht: een hogere score gaat samen met een lager cijfer" in joined(figure)
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


def test_the_importance_says_what_all_points_add_up_to() -> None:
    frame = drivers(SHORT).assign(importance=[0.05, 0.1, 0.15, 0.02, 0.08, 0.11, 0.09])
    assert "verklaart (samen 60%)" in joined(plot_importance(frame, SHORT, NL, outcome="tevredenheid"))


@pytest.mark.parametrize("width", [COLUMN, NARROW, SLIM])
def test_a_trend_says_how_many_answered_in_each_period(width: int) -> None:
    frame = trend(6, quarters=True, hidden=[2]).assign(n=[11.0, 23, np.nan, 37, 12, 18])
    written = texts_of(plot_trend(frame, NL, unit="grade", width=width))
    assert {"n =", "11", "23", "37", "12", "18"} <= set(written)
    assert "×" in written, "a hidden period stays marked"
    months = joined(plot_trend(trend(30).assign(n=range(10, 40)), NL, unit="grade", width=width))
    assert ("antwoorden per periode: 10 tot 39" in months) == ("n =" not in months)


@pytest.mark.parametrize("last", range(2, MOST_SLIM + 1))
def test_every_quarter_of_a_slim_trend_has_its_name_and_each_year_stands_once(last: int) -> None:
    for start in range(4):
        frame = trend(start + last, quarters=True).iloc[start:]
        written = texts_of(plot_trend(frame, NL, unit="grade", width=SLIM))
        assert sum(re.fullmatch(r"K\d", text) is not None for text in written) == last
        years = [text for text in written if re.fullmatch(r"20\d\d", text)]
        assert sorted(years) == sorted({period[:4] for period in frame["period"]})
        assert collisions(plot_trend(frame, NL, unit="grade", width=SLIM)) == []


def test_where_not_every_period_can_be_named_the_last_one_is() -> None:
    written = texts_of(plot_trend(trend(30), NL, unit="grade", width=NARROW))
    names = [NL.month(f"2025-{month:02}", short=True).split()[0] for month in range(1, 13)]
    months = [text for text in written if text in names]
    assert months[-1] == names[5], "thirty months from January"
    assert len(months) < 30


@pytest.mark.parametrize("seed", range(20))
def test_a_short_trend_fits_a_third_of_the_paper(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = trend(int(rng.integers(2, MOST_SLIM + 1)), quarters=bool(seed % 2))
    level = 8.3 + np.cumsum(rng.normal(0, 0.4, len(frame)))
    reach = rng.uniform(0.1, 0.9, len(frame))
    frame = frame.assign(estimate=level, ci_low=level - reach, ci_high=level + reach)
    gone = np.flatnonzero(rng.random(len(frame)) < 0.3)[: len(frame) - 1]
    frame.loc[gone, ["n", "estimate", "ci_low", "ci_high"]] = np.nan
    for words in (NL, EN):
        assert collisions(plot_trend(frame, words, unit="grade", width=SLIM)) == []


@pytest.mark.parametrize("own", range(12))
def test_the_name_of_the_own_practice_interrupts_no_limit(own: int) -> None:
    frame = funnel(36)
    for width in (COLUMN, NARROW):
        figure = plot_funnel(frame, NL, own=f"practice-{3 * own}", unit="grade", outcome="KTV", width=width)
        assert texts_of(figure).count("uw praktijk") == 2, "beside the dot and in the legend"
        limits = [line for line, half in strokes_in(figure) if half == 0.75]
        assert len(limits) == 4


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


@pytest.mark.parametrize("name", ["experience", "paths", "importance", "matrix", "ranks"])
def test_the_first_three_have_the_same_numbers_in_every_figure(name: str) -> None:
    figure = every_figure(SHORT, NL)[name](COLUMN)
    white = [t.get_text() for t in figure.artists if isinstance(t, Text) and t.get_color() == LIGHT.paper]
    assert sorted(text for text in white if text.isdigit()) == ["1", "1", "2", "3"], "one is the legend's"
    assert "nummer bij ‘Wat u het eerst kunt doen’" in joined(figure)


@pytest.mark.parametrize("name", ["experience", "paths", "importance", "matrix", "ranks"])
def test_without_priorities_a_figure_explains_no_numbers(name: str) -> None:
    labels = {name: label for name, label in LONG.items() if name not in FIRST}
    assert "nummer bij" not in joined(every_figure(labels, NL)[name](COLUMN))


def test_a_suppressed_value_is_never_drawn_even_when_the_cell_still_holds_it() -> None:
    frame = touchpoints(SHORT)
    frame.loc[2, "suppressed"] = True
    frame.loc[2, ["feels", "n"]] = [-1.234, 7]
    written = joined(plot_experience(frame, SHORT, NL))
    assert "−1,2" not in written
    assert "n = 7" not in written
    assert "te weinig antwoorden" in written

    ranked = drivers(SHORT).assign(suppressed=[i == 5 for i in range(7)], p_top3=0.876)
    assert joined(plot_ranks(ranked, SHORT, NL)).count("88%") == 6
    bars = distribution("ktv").assign(suppressed=[True] + [False] * 6)
    assert describe_distribution(bars, kind="ktv").data.loc[3, ["n", "share"]].isna().all()


def test_a_gap_is_said_in_words() -> None:
    frame = touchpoints(SHORT)
    frame.loc[1, "feels"] = np.nan
    assert "geen cijfer" in joined(plot_experience(frame, SHORT, NL))
    assert "geen cijfer: te weinig antwoorden" in joined(plot_trend(trend(hidden=[3]), NL, unit="grade"))
    assert "Niet in de figuur: Wachtruimte." in joined(
        plot_matrix(priorities(SHORT, hidden=[2]), SHORT, NL, outcome="KTV")
    )
    assert "2 praktijken met te weinig antwoorden" in joined(
        plot_funnel(funnel(9, hidden=[0, 1]), NL, own="practice-4", unit="grade", outcome="KTV")
    )
    assert (
        joined(plot_importance(drivers(SHORT, missing=[0, 4]), SHORT, NL, outcome="KTV")).count("niet te berekenen")
        == 2
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
        "reliability": lambda: plot_reliability(empty, {}, NL),
        "trend": lambda: plot_trend(empty, NL, unit="grade"),
        "funnel": lambda: plot_funnel(empty, NL, own="x", unit="grade", outcome="KTV"),
        "distribution": lambda: plot_distribution(empty, NL, kind="ktv"),
    }[name]
    assert "te weinig antwoorden" in joined(draw())


@pytest.mark.parametrize("name", NAMES)
def test_figures_hold_when_everything_is_hidden(name: str) -> None:
    figure = every_figure(SHORT, NL, hidden=range(7))[name](COLUMN)
    assert re.search("te weinig|niet te berekenen|staan er niet in|staat er niet in", joined(figure))


def test_figures_hold_when_everything_is_equal_and_there_is_one_practice() -> None:
    alike = touchpoints(LONG, [80.0] * 14, benchmark=False, n=12)
    assert "andere praktijken" not in joined(plot_experience(alike, LONG, NL))
    same = drivers(LONG).assign(
        beta=0.0, ci_low=0.0, ci_high=0.0, importance=0.0, importance_low=0.0, importance_high=0.0, rank=1.0
    )
    assert "0,00" in texts_of(plot_paths(same, LONG, NL, outcome="KTV"))
    assert "0%" in texts_of(plot_importance(same, LONG, NL, outcome="KTV"))
    frame = priorities(LONG).assign(
        performance=80.0, performance_low=75.0, performance_high=85.0, importance=0.1, target=80.0
    )
    assert set("ABCDEFGHIJKLMN") <= set(texts_of(plot_matrix(frame, LONG, NL, outcome="KTV")))
    alone = plot_funnel(funnel(1), NL, own="practice-0", unit="grade", outcome="KTV")
    assert "uw praktijk" in texts_of(alone)
    assert "andere praktijken" not in texts_of(alone)
    assert "8,3" in texts_of(plot_trend(trend(1), NL, unit="grade"))


def test_the_funnel_names_no_other_practice_and_hides_the_order_of_the_file() -> None:
    frame = funnel(40)
    draw = lambda rows: to_svg(  # noqa: E731
        plot_funnel(rows, NL, own="practice-4", unit="grade", outcome="KTV"),
        id_prefix="funnel", title="t", description="d",
    )  # fmt: skip
    svg = draw(frame)
    assert "practice-" not in svg
    assert draw(frame.sample(frac=1, random_state=5)) == svg


# --- texts have room --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [WIDE, MIDDLE, COLUMN, NARROW])
@pytest.mark.parametrize("labels", [THREE, SHORT, LONG], ids=["4 long", "7", "14 long"])
@pytest.mark.parametrize("hidden", [(), (1, 3)], ids=["complete", "gaps"])
@pytest.mark.parametrize("name", NAMES)
def test_no_text_touches_anything_or_leaves_the_figure(
    name: str, hidden: tuple[int, ...], labels: dict[str, str], width: int
) -> None:
    for words in (NL, EN):
        assert collisions(every_figure(labels, words, hidden=hidden)[name](width)) == []


@pytest.mark.parametrize("seed", [*range(12), 76, 102, 146, 188])
def test_no_text_touches_anything_whatever_the_values(seed: int) -> None:
    for name, draw in any_figure(seed, NL if seed % 2 else EN).items():
        for width in (WIDE, MIDDLE, NARROW) if name == "experience" else (COLUMN, NARROW):
            assert collisions(draw(width)) == [], f"{name} at {width}"


@pytest.mark.parametrize("target", ["stated", "none"])
@pytest.mark.parametrize("labels", [THREE, SHORT, LONG], ids=["4 long", "7", "14 long"])
def test_the_words_of_the_quadrants_are_free_whatever_the_target(labels: dict[str, str], target: str) -> None:
    for words, width in itertools.product((NL, EN), (COLUMN, NARROW)):
        frame = priorities(labels, target=target)
        assert collisions(plot_matrix(frame, labels, words, outcome="KTV", drivers=drivers(labels), width=width)) == []


def test_collisions_are_seen() -> None:
    canvas = Canvas(200, 100)
    canvas.text(20, 20, "line")
    canvas.line([(0, 20), (100, 22)], role="ink")
    canvas.text(20, 50, "dot")
    canvas.dots([(30, 50)])
    canvas.text(20, 80, "bar")
    canvas.box(Box(10, 70, 60, 90), role="cool")
    canvas.text(190, 80, "edge")
    assert len(collisions(canvas.figure)) == 4
    canvas.text(60, 22, "beside")
    assert len(collisions(canvas.figure)) == 5


def test_a_share_of_nought_has_neither_bar_nor_mark() -> None:
    frame, others = distribution("ktv"), distribution("ktv").assign(share=[0.003, 0.0, 0.0, 0.2, 0.397, 0.2, 0.2])
    figure = plot_distribution(frame, NL, kind="ktv", benchmark=others)
    foot = max(float(line[:, 1].max()) for line, _ in strokes_in(figure))
    marks = [line for line, _ in strokes_in(figure) if len(line) == 2 and line[0, 1] > foot - 3]
    assert len(marks) == 1, "only the axis lies on the axis"


def test_the_limits_of_a_funnel_stay_in_its_frame_from_the_smallest_practice_to_the_largest() -> None:
    frame = funnel(12, largest=4000)
    figure = plot_funnel(frame, NL, own="practice-4", unit="grade", outcome="KTV")
    ends = [line for line, half in strokes_in(figure) if half == 0.75]
    reach = [float(np.vstack(ends)[:, 0].min()), float(np.vstack(ends)[:, 0].max())]
    for side in (min, max):
        outer = [line for line in ends if side(line[:, 1]) == side(np.vstack(ends)[:, 1])]
        assert len(outer) == 1
    assert reach[0] < 60
    assert reach[1] > COLUMN - 30
    ticks = [written.box for written in written_in(figure)]
    assert min(line[:, 1].min() for line in ends) > min(box.bottom for box in ticks), "below the title"


def test_arrows_are_as_thick_as_their_weights() -> None:
    frame = drivers(SHORT).assign(beta=[0.4, 0.2, 0.1, 0.3, -0.2, 0.05, 0.35])
    widths = sorted({round(2 * half, 2) for line, half in strokes_in(plot_paths(frame, SHORT, NL, outcome="KTV"))})
    thickest = widths[-1]
    assert {round(thickest * share, 2) for share in (0.5, 0.25, 0.75, 1.0, 0.875)} <= set(widths)


@given(
    st.tuples(st.floats(0, 100), st.floats(0, 100)),
    st.tuples(st.floats(0, 100), st.floats(0, 100)),
    st.lists(st.tuples(st.floats(0, 90), st.floats(0, 90), st.floats(1, 30), st.floats(1, 30)), max_size=5),
)
def test_a_cut_line_leaves_every_box_free(
    start: tuple[float, float], end: tuple[float, float], corners: list[tuple[float, float, float, float]]
) -> None:
    boxes = [Box(x, y, x + wide, y + high) for x, y, wide, high in corners]
    for (x0, y0), (x1, y1) in cut_line(start, end, boxes, gap=2):
        for share in np.linspace(0.001, 0.999, 50):
            x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
            assert not any(box.left < x < box.right and box.top < y < box.bottom for box in boxes)


def test_text_is_never_smaller_than_twelve_pixels() -> None:
    for draw in every_figure(LONG, NL).values():
        assert min(t.get_fontsize() for t in draw(NARROW).artists if isinstance(t, Text)) >= 12


@given(
    st.lists(st.tuples(st.floats(0, 400), st.floats(0, 300)), max_size=14),
    st.lists(st.tuples(st.floats(10, 120), st.floats(10, 30)), min_size=14, max_size=14),
)
def test_placed_labels_never_overlap(points: list[tuple[float, float]], sizes: list[tuple[float, float]]) -> None:
    dots = [Box(x - 6, y - 6, x + 6, y + 6) for x, y in points]
    boxes = place_labels(
        points, sizes[: len(points)], bounds=Box(0, 0, 400, 300), taken=dots, crossed=[], distances=(11, 20, 30)
    )
    if boxes is not None:
        assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))
        assert not any(box.overlaps(dot) for box in boxes for dot in dots)
        assert all(box.left >= 0 and box.right <= 400 and box.top >= 0 and box.bottom <= 300 for box in boxes)


@pytest.mark.parametrize("width", [COLUMN, NARROW])
def test_the_name_in_the_circle_is_not_broken(width: int) -> None:
    figure = plot_paths(drivers(SHORT), SHORT, NL, outcome="Satisfaction", r2=0.6, width=width)
    assert "Satisfaction" in {one.text for one in written_in(figure)}


def test_a_label_leaves_the_interval_of_its_dot_to_be_seen() -> None:
    points = [(200.0, 150.0), (200.0, 190.0)]
    lines = [[(100.0, 150.0), (300.0, 150.0)], [(100.0, 190.0), (300.0, 190.0)]]
    stretches = [box for line in lines for box in boxes_along(line, half=4.0, step=6.0)]
    dots = [Box(x - 6, y - 6, x + 6, y + 6) for x, y in points]
    places = place_labels(
        points,
        [(90.0, 15.0)] * 2,
        bounds=Box(0, 0, 400, 300),
        taken=dots,
        crossed=stretches,
        distances=np.arange(11.0, 60.0, 4.0),
    )
    assert places is not None
    assert not any(place.overlaps(stretch) for place in places for stretch in stretches)


def test_a_label_is_broken_where_that_gives_it_a_better_place() -> None:
    wide, narrow = (120.0, 15.0), (60.0, 30.0)
    box = {"bounds": Box(0, 0, 100, 200), "taken": [Box(44, 94, 56, 106)], "crossed": (), "distances": (11.0, 15.0)}
    assert place_labels([(50.0, 100.0)], [wide], **box) is None
    places = place_labels([(50.0, 100.0)], [wide], narrower=[narrow], **box)
    assert places is not None
    assert places[0].right - places[0].left == narrow[0]


@given(st.text(max_size=400), st.floats(20, 400), st.integers(1, 4))
def test_wrapped_lines_fit(text: str, width: float, most: int) -> None:
    lines = wrap(text, width, 12, most=most)
    assert len(lines) <= most
    for line in lines:
        assert measure(line, 12) <= width or len(line) <= 2


def test_words_break_between_syllables() -> None:
    assert wrap("gezondheidsvragenlijst", 110, 12) == ["gezondheidsvra-", "genlijst"]
    assert wrap("Tevredenheid", 70, 13) == ["Tevreden-", "heid"]


def test_clean_makes_one_plain_line() -> None:
    assert clean("a\x00b\r\n c\u202e\u200bd\ufeff") == "a b cd"
    assert clean("e" + "\u0301" * 50) == "é\u0301\u0301"
    assert len(clean("x" * 1_000_000)) == 300


@given(st.lists(st.floats(-2, 2), min_size=1, max_size=20))
def test_curves_do_not_overshoot(values: list[float]) -> None:
    points = monotone_curve(np.array(values))
    for i, (start, end) in enumerate(itertools.pairwise(values)):
        ends = (min(start, end) - 1e-9, max(start, end) + 1e-9)
        controls = [value for _, value in points[3 * i + 1 : 3 * i + 3]]
        assert all(ends[0] <= value <= ends[1] for value in controls)


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
