"""Courses over time: which period, which limits, what is a gap, and who may draw a new baseline."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import matplotlib as mpl
import numpy as np
import polars as pl
import pytest

from pxanalysis.analysis.trends.chart import chart_course
from pxanalysis.analysis.trends.estimate import Rebase, estimate_trends
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.simulation.study import Simulation
from pxanalysis.survey.reading import read_survey
from pxanalysis.survey.responses import Responses

mpl.use("agg")
MONTHS = 24


@pytest.fixture(scope="module")
def responses(simulation: Simulation, tmp_path_factory: pytest.TempPathFactory) -> Responses:
    folder = tmp_path_factory.mktemp("raw")
    simulation.write(folder)
    return read_survey(folder / "simulated.csv", journey="dental-treatment")


def course(responses: Responses, monthly: list[list[int]]) -> Responses:
    """One practice whose KTV answers of each month are given, two years long."""
    rows = [
        (date(2024 + m // 12, m % 12 + 1, 1 + i % 28), answer)
        for m, part in enumerate(monthly)
        for i, answer in enumerate(part)
    ]
    first = responses.table.head(1)
    table = pl.concat([first] * len(rows)).with_columns(
        pl.Series("completed_on", [day for day, _ in rows]).cast(responses.table.schema["completed_on"]),
        pl.Series("ktv", [answer for _, answer in rows]).cast(responses.table.schema["ktv"]),
        pl.lit("01012345").alias("practice_id"),
        pl.Series("response_id", [f"r{i}" for i in range(len(rows))]),
    )
    return replace(responses, table=table)


def answers(mean: float, n: int, rng: np.random.Generator) -> list[int]:
    return [int(value) for value in np.clip(np.rint(mean + 1.2 * rng.standard_normal(n)), 1, 10)]


def test_a_lasting_fall_is_a_concern_and_a_stable_course_is_none(responses: Responses) -> None:
    rng = np.random.default_rng(4)
    stable = [answers(7.5, 40, rng) for _ in range(MONTHS)]
    fallen = stable[:17] + [answers(6.6, 40, rng) for _ in range(7)]
    for monthly, variation in ((stable, "common cause"), (fallen, "concern")):
        found = estimate_trends(course(responses, monthly), ["ktv"], period="month")
        (judged,) = found.courses.itertuples()
        assert (judged.variation, judged.n_figures, judged.trial) == (variation, MONTHS, False)
    assert judged.side == "low"


def test_limits_stay_those_of_the_first_twelve_figures(responses: Responses) -> None:
    rng = np.random.default_rng(5)
    monthly = [answers(7.5, 40, rng) for _ in range(12)] + [answers(9.5, 40, rng) for _ in range(12)]
    rows = estimate_trends(course(responses, monthly), ["ktv"], period="month").points
    early = np.mean([answer for part in monthly[:12] for answer in part])
    assert rows["centre"].to_numpy() == pytest.approx(early)
    assert (rows["signal"].to_numpy()[13:] == "outside").all()


def test_few_figures_have_trial_limits_or_none(responses: Responses) -> None:
    rng = np.random.default_rng(6)
    for months, trial, reason in ((5, False, "at least 6 periods"), (8, True, ""), (12, False, "")):
        some = course(responses, [answers(7.5, 30, rng) for _ in range(months)])
        (judged,) = estimate_trends(some, ["ktv"], period="month", target=9.9).courses.itertuples()
        assert judged.trial is trial
        assert reason in judged.reason
        assert judged.assurance == ("fail" if months == 12 else "")


def test_a_period_on_few_answers_is_a_gap_without_figure_or_number(responses: Responses) -> None:
    rng = np.random.default_rng(7)
    monthly = [answers(7.5, 9 if month == 5 else 30, rng) for month in range(MONTHS)]
    found = estimate_trends(course(responses, monthly), ["ktv"], period="month").points
    gap = found.iloc[5]
    assert np.isnan(gap["estimate"])
    assert gap["n"] is not gap["n"] or str(gap["n"]) == "<NA>"
    assert "fewer answers" in gap["reason"]
    assert found.loc[5, ["low", "high", "near_low", "near_high"]].isna().all(), "their width would tell the number"


def test_the_shortest_period_that_serves_is_chosen(responses: Responses) -> None:
    rng = np.random.default_rng(8)
    for n, period in ((80, "week"), (30, "month"), (5, "quarter")):
        some = course(responses, [answers(7.5, n, rng) for _ in range(MONTHS)])
        assert estimate_trends(some, ["ktv"]).courses["period"].tolist() == [period], n


def test_a_new_baseline_needs_a_reason_and_a_name_and_a_day_of_the_course(responses: Responses) -> None:
    day = date(2025, 6, 1)
    with pytest.raises(AnalysisError, match="no reason"):
        Rebase("01012345", "ktv", day, " ", "A. Jansen")
    with pytest.raises(AnalysisError, match="no who"):
        Rebase("01012345", "ktv", day, "new waiting room", "")
    rng = np.random.default_rng(9)
    some = course(responses, [answers(7.5 if month < 17 else 9.0, 40, rng) for month in range(MONTHS)])
    known = Rebase("01012345", "ktv", day, "new waiting room", "A. Jansen")
    found = estimate_trends(some, ["ktv"], period="month", rebases=[known])
    assert found.courses["n_figures"].tolist() == [7]
    assert found.points["centre"].nunique() == 2, "the old limits stay visible"
    for wrong, message in (
        (replace(known, subject="nps"), "no subject 'nps'"),
        (replace(known, practice_id="x"), "no practice 'x'"),
        (replace(known, day=date(2030, 1, 1)), "not within the course"),
    ):
        with pytest.raises(AnalysisError, match=message):
            estimate_trends(some, ["ktv"], rebases=[wrong])


def test_wrong_use_has_one_line(responses: Responses) -> None:
    with pytest.raises(AnalysisError, match="no outcome or touchpoint 'kvt'"):
        estimate_trends(responses, ["kvt"])
    with pytest.raises(AnalysisError, match="expected one of week, month, quarter"):
        estimate_trends(responses, period="day")  # type: ignore[arg-type]
    undated = replace(responses, table=responses.table.with_columns(pl.lit(None).cast(pl.Date).alias("completed_on")))
    with pytest.raises(NotEstimableError, match="no response has a date"):
        estimate_trends(undated)


def test_a_touchpoint_an_outcome_and_a_behaviour_have_a_course_each(responses: Responses) -> None:
    touchpoint = responses.journey.touchpoints[0].id
    behaviour = responses.journey.behaviours[0].id
    found = estimate_trends(responses, ["nps", touchpoint, behaviour], period="quarter")
    charts = dict(zip(found.courses["subject"], found.courses["chart"], strict=True))
    assert charts == {"nps": "i_prime", touchpoint: "i_prime", behaviour: "p_prime"}
    net = found.points[found.points["subject"] == "nps"]["estimate"].dropna()
    assert net.between(-1, 1).all()
    assert found.points[found.points["subject"] == touchpoint]["estimate"].dropna().max() > 1
    assert len(repr(found).splitlines()) <= 10
    assert list(found.tidy())[:7] == ["practice_id", "period", "term", "estimate", "std_error", "ci_low", "ci_high"]


def test_it_draws_itself(responses: Responses) -> None:
    rng = np.random.default_rng(10)
    monthly = [answers(7.5 if month < 17 else 9.0, 40, rng) for month in range(MONTHS)]
    axes = estimate_trends(course(responses, monthly), ["ktv"], period="month").plot()
    assert {"centre", "limits", "outside"} <= {text.get_text() for text in axes.get_legend().get_texts()}


def test_a_constant_course_has_limits_at_its_centre_and_no_signal() -> None:
    found = chart_course(np.full(14, 8.0), np.full(14, 30.0))
    assert (found.limits.high == 8.0).all()
    assert found.variation == "common cause"


def test_days_out_of_order_make_the_same_course(responses: Responses) -> None:
    rng = np.random.default_rng(11)
    some = course(responses, [answers(7.5, 30, rng) for _ in range(13)])
    shuffled = replace(some, table=some.table.sample(fraction=1.0, shuffle=True, seed=1))
    first, second = (estimate_trends(one, ["ktv"], period="month").points for one in (some, shuffled))
    np.testing.assert_allclose(first["estimate"], second["estimate"])
    assert timedelta(0) < second["period"].iloc[-1] - second["period"].iloc[0]
