"""Limits, signals and icons are those of NHSRplotthedots and qicharts2; and what these get wrong is right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.control_charts import (
    ControlLimits,
    i_prime_limits,
    judge_target,
    judge_variation,
    label_points,
    p_prime_limits,
    xmr_limits,
)

REFERENCE = Path(__file__).parents[1] / "reference" / "trends_actions"
SERIES = pd.read_csv(REFERENCE / "xmr_series.csv")
OPTIONS = pd.read_csv(REFERENCE / "xmr_options.csv").set_index("series")
POINTS = pd.read_csv(REFERENCE / "xmr_ptd_points.csv")
ICONS = pd.read_csv(REFERENCE / "xmr_ptd_icons.csv", keep_default_na=False)
BETTER = {"increase": "up", "decrease": "down", "neutral": "neutral"}
# The R package stops with an error at an empty month; and has NaN limits where nothing varies (see the README there).
USABLE = [name for name in OPTIONS.index if name != "missing_na"]


def chart(name: str, *, screened: bool) -> tuple[np.ndarray, ControlLimits, np.ndarray]:
    """Values, limits and where baselines start, as the options of the series say."""
    option, rows = OPTIONS.loc[name], SERIES[SERIES["series"] == name]
    values = rows["y"].to_numpy(dtype=float)
    starts = np.zeros(len(values), dtype=bool)
    baseline = int(option["fix_after_n"]) if option["fix_after_n"] == option["fix_after_n"] else None
    parts = [values]
    if isinstance(option["rebase_date"], str):
        at = int((rows["date"] < option["rebase_date"]).sum())
        starts[at], parts = True, [values[:at], values[at:]]
    found = [xmr_limits(part, baseline=baseline, screened=screened) for part in parts]
    ends = ("centre", "low", "high", "near_low", "near_high")
    joined = ControlLimits(*(np.concatenate([getattr(one, end) for one in found]) for end in ends))
    return values, joined, starts


def signal_of(label: str) -> str:
    words = {"CL": "outside", "Trend": "trend", "2 in 3": "two-of-three", "Points": "shift"}
    if label == "Common Cause":
        return ""
    if label in {"Above UCL", "Below LCL"}:
        return "outside"
    return next(name for part, name in words.items() if part in label and part != "CL")


@pytest.mark.parametrize("screened", [True, False])
@pytest.mark.parametrize("name", USABLE)
def test_xmr_points_are_those_of_nhs_plot_the_dots(name: str, screened: bool) -> None:
    values, limits, starts = chart(name, screened=screened)
    there = POINTS[(POINTS["series"] == name) & (POINTS["screen_outliers"] == screened)]
    assert len(there) == len(values)
    np.testing.assert_allclose(limits.centre, there["mean"], rtol=1e-9)
    if np.isfinite(there["upl"]).all():
        np.testing.assert_allclose(limits.low, there["lpl"], atol=1e-9)
        np.testing.assert_allclose(limits.high, there["upl"], atol=1e-9)
    assert label_points(values, limits, starts) == [signal_of(label) for label in there["special_cause_type"]]


def test_all_points_of_the_reference_are_compared() -> None:
    assert len(POINTS) == 1460
    assert set(POINTS["series"]) == set(USABLE)


@pytest.mark.parametrize("screened", [True, False])
@pytest.mark.parametrize("name", USABLE)
def test_icons_are_those_of_nhs_plot_the_dots(name: str, screened: bool) -> None:
    row = ICONS[(ICONS["series"] == name) & (ICONS["screen_outliers"].astype(str).str.upper() == str(screened).upper())]
    if row.empty or row.iloc[0]["error"]:
        pytest.skip("the R package stops with an error here")
    values, limits, starts = chart(name, screened=screened)
    better = BETTER[OPTIONS.loc[name, "direction"]]
    variation, side = judge_variation(values, limits, label_points(values, limits, starts), better)
    words = {"common cause": "common_cause", "improvement": "improvement", "concern": "concern", "change": "neutral"}
    assert row.iloc[0]["variation_icon"].startswith(words[variation])
    if side and row.iloc[0]["variation_icon"].count("_"):
        assert row.iloc[0]["variation_icon"].endswith(side)
    target = OPTIONS.loc[name, "target"]
    known = None if np.isnan(target) else float(target)
    icon = {"": {"", "none", "NA"}, "pass": {"pass"}, "fail": {"fail"}, "hit or miss": {"inconsistent"}}
    if name == "constant" and screened:  # NaN limits there read "inconsistent"; a constant 82 never reaches 85
        assert judge_target(limits, known, better) == "fail"
    elif better != "neutral":
        assert row.iloc[0]["assurance_icon"] in icon[judge_target(limits, known, better)]


def groups(name: str) -> list[tuple[tuple, pd.DataFrame]]:
    frame = pd.read_csv(REFERENCE / name)
    keys = [key for key in ("series", "chart", "screened_mr", "freeze") if key in frame]
    return list(frame.assign(freeze=frame["freeze"].fillna(0)).groupby(keys))


@pytest.mark.parametrize(("key", "rows"), groups("p_qicharts2.csv"), ids=lambda value: str(value)[:40])
def test_p_and_p_prime_limits_are_those_of_qicharts2(key: tuple, rows: pd.DataFrame) -> None:
    _, kind, screened, freeze = key
    counts, n = rows["y"].to_numpy(dtype=float), rows["n"].to_numpy(dtype=float)
    limits = p_prime_limits(counts, n, baseline=int(freeze) or None, screened=screened, plain=kind == "p")
    np.testing.assert_allclose(limits.centre, rows["cl"], rtol=1e-9)
    if np.isfinite(limits.low).all() and np.isfinite(rows["lcl"]).all():
        np.testing.assert_allclose(limits.low, rows["lcl"], atol=1e-9)
        np.testing.assert_allclose(limits.high, rows["ucl"], atol=1e-9)
    else:
        assert limits.centre[0] in (0.0, 1.0)


@pytest.mark.parametrize(("key", "rows"), groups("ip_qicharts2.csv"), ids=lambda value: str(value)[:40])
def test_i_and_i_prime_limits_are_those_of_qicharts2(key: tuple, rows: pd.DataFrame) -> None:
    _, kind, freeze = key
    means, n = rows["mean"].to_numpy(dtype=float), rows["n"].to_numpy(dtype=float)
    if kind == "ip":
        limits = i_prime_limits(means, n, baseline=int(freeze) or None, screened=False)
        if freeze:  # wrong in the source, which takes the spread from all points: by hand, from the first twelve
            base, m = means[:12], n[:12]
            spread = np.sqrt(np.pi / 2) * np.abs(np.diff(base)) / np.sqrt(1 / m[1:] + 1 / m[:-1])
            np.testing.assert_allclose(limits.high - limits.centre, 3 * spread.mean() / np.sqrt(n), rtol=1e-9)
            return
    else:
        limits = xmr_limits(means, baseline=int(freeze) or None, screened=False)
        scale = 3 / 1.128 / 2.66  # qicharts2 divides by 1.128 where NHS England multiplies by 2.66
        limits = ControlLimits(
            limits.centre,
            *(limits.centre + scale * (end - limits.centre) for end in (limits.low, limits.high)),
            *(limits.near_low, limits.near_high),
        )
    np.testing.assert_allclose(limits.centre, rows["cl"], rtol=1e-6)
    np.testing.assert_allclose(limits.low, rows["lcl"], rtol=1e-6)
    np.testing.assert_allclose(limits.high, rows["ucl"], rtol=1e-6)


def test_without_variation_limits_equal_the_centre() -> None:
    limits = xmr_limits(np.full(14, 82.0))
    assert (limits.low == 82.0).all()
    assert (limits.high == 82.0).all()
    assert label_points(np.full(14, 82.0), limits) == [""] * 14


def test_no_moving_range_is_taken_across_a_gap() -> None:
    values = np.array([80.0, 81.0, np.nan, 90.0, 91.0])
    limits = xmr_limits(values, screened=False)
    assert limits.high[0] - limits.centre[0] == pytest.approx(2.66 * 1.0)


def test_runs_stop_at_gaps_and_at_a_new_baseline() -> None:
    values = np.array([70.0] * 8 + [80.0] * 4 + [80.5] * 4)
    limits = xmr_limits(values, baseline=8)
    wide = ControlLimits(limits.centre, *(limits.centre + end for end in (-20, 20, -15, 15)))
    assert label_points(values, wide)[-1] == "shift"
    starts = np.zeros(16, dtype=bool)
    starts[12] = True
    assert label_points(values, wide, starts)[-1] == ""
    values[12] = np.nan
    assert label_points(values, wide)[-1] == ""


def test_a_mean_on_no_answers_is_refused() -> None:
    with pytest.raises(AnalysisError, match="has no answers"):
        i_prime_limits(np.array([80.0, 81.0]), np.array([12.0, 0.0]))


@given(st.lists(st.floats(0, 100), min_size=3, max_size=40), st.integers(10, 400))
def test_with_equal_numbers_i_prime_is_xmr(values: list[float], n: int) -> None:
    means, numbers = np.array(values), np.full(len(values), float(n))
    prime, plain = i_prime_limits(means, numbers, screened=False), xmr_limits(means, screened=False)
    scale = 3 * np.sqrt(np.pi) / 2 / 2.66  # 2.6587 of I' is written 2.66 by NHS England
    np.testing.assert_allclose(prime.high - prime.centre, scale * (plain.high - plain.centre), atol=1e-9)


@pytest.mark.slow
def test_a_stable_course_signals_as_seldom_as_the_design_says() -> None:
    """Any point outside in 24 months: XmR 9 % at equal n; I' 6 % where n runs from 10 to 200 (and XmR 34 %)."""
    rng, runs = np.random.default_rng(1), 3000
    found = {"xmr": 0, "i_prime": 0, "xmr_unequal": 0}
    for _ in range(runs):
        n = rng.integers(10, 201, 24).astype(float)
        equal, unequal = 80 + 2.0 * rng.standard_normal(24), 80 + 18 * rng.standard_normal(24) / np.sqrt(n)
        charts = {
            "xmr": (equal, xmr_limits(equal)),
            "i_prime": (unequal, i_prime_limits(unequal, n)),
            "xmr_unequal": (unequal, xmr_limits(unequal)),
        }
        for name, (values, limits) in charts.items():
            found[name] += "outside" in label_points(values, limits)
    shares = {name: count / runs for name, count in found.items()}
    assert shares["xmr"] == pytest.approx(0.09, abs=0.02)
    assert shares["i_prime"] == pytest.approx(0.06, abs=0.015)
    assert shares["xmr_unequal"] == pytest.approx(0.34, abs=0.03)
