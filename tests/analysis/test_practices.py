"""Practices side by side against lme4, base R, MASS, metafor and psych, published values and simulated truth."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pxanalysis.analysis.practices import (
    build_case_mix,
    compare_practices,
    estimate_funnel,
    estimate_practice_variance,
    fit_reml,
    gls_mean,
    icc_interval,
    needed_n,
    order_practices,
    overdispersion,
    practice_reliability,
    practice_stats,
    remove_case_mix,
    shrink_means,
    shrunken_error,
    variance_components,
)
from pxanalysis.analysis.practices.least_squares import fit_least_squares, kish_weights
from pxanalysis.analysis.practices.logit_adjustment import fit_logit_margins
from pxanalysis.analysis.practices.shrinkage import between_variance, difference_from_mean, shrink_estimates
from pxanalysis.analysis.practices.spread import half_widths, uncertainties
from pxanalysis.analysis.practices.winsorising import winsorised_share
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.journey.model import Journey
from pxanalysis.survey.responses import REJECTED_COLUMNS, Responses

REFERENCE = Path(__file__).parents[1] / "reference" / "practices"
R = json.loads((REFERENCE / "reference.json").read_text())
# R printed 12 significant digits; base R and ours are both exact up to rounding
EXACT = {"rtol": 1e-9, "atol": 1e-11}
# iterative optimisers stop at about the root of machine precision
ITERATIVE = {"rtol": 1e-5, "atol": 1e-6}
HOSPITAL = Path(__file__).parents[3] / "shared" / "data" / "hospital_2016" / "responses.csv"


def text(word: str) -> dict[str, str]:
    return {"nl": word, "en": word}


JOURNEY = Journey.model_validate(
    {
        "id": "small",
        "title": text("small"),
        "description": text("small"),
        "providers": [{"id": "practice", "label": text("practice")}],
        "scales": {"grade": {"min": 1, "max": 10}, "likely": {"min": 0, "max": 10}, "agree": {"min": 1, "max": 5}},
        "steps": [
            {
                "id": "visit",
                "label": text("visit"),
                "sentence": text("I visit"),
                "provider": "practice",
                "touchpoints": [
                    {
                        "id": name,
                        "label": text(name),
                        "items": [{"id": f"{name}_{i}", "text": text(name), "scale": "agree"} for i in (1, 2)],
                    }
                    for name in ("desk", "care")
                ],
            }
        ],
        "outcomes": [
            {"id": "ktv", "kind": "ktv", "label": text("ktv"), "text": text("ktv"), "scale": "grade"},
            {"id": "nps", "kind": "nps", "label": text("nps"), "text": text("nps"), "scale": "likely"},
            {"id": "returned", "kind": "behaviour", "label": text("returned"), "text": text("returned")},
        ],
        "case_mix": [
            {"id": "age", "label": text("age"), "type": "number"},
            {
                "id": "health",
                "label": text("health"),
                "type": "category",
                "levels": [{"id": level, "label": text(level)} for level in ("fair", "good", "poor")],
            },
        ],
    }
)


def make_responses(columns: dict[str, object], practice: object) -> Responses:
    n = len(next(iter(columns.values())))
    base = {
        "response_id": [str(i) for i in range(n)],
        "practice_id": list(practice),
        "completed_on": [None] * n,
        "role": ["patient"] * n,
        "channel": ["web"] * n,
        "simulated": [True] * n,
    }
    items = {f"{name}_{i}": [None] * n for name in ("desk", "care") for i in (1, 2)}
    table = pl.DataFrame({**base, **items, **columns}, strict=False).with_columns(pl.col(pl.Null).cast(pl.Int64))
    return Responses(JOURNEY, table, pl.DataFrame(schema=REJECTED_COLUMNS), {})


@pytest.fixture(scope="module")
def patients() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "patients.csv")


@pytest.fixture(scope="module")
def codes(patients: pd.DataFrame) -> np.ndarray:
    return pd.factorize(patients["practice"], sort=True)[0].astype(np.intp)


@pytest.fixture(scope="module")
def responses(patients: pd.DataFrame) -> Responses:
    columns = {
        "ktv": patients["grade"].to_list(),
        "returned": patients["binary"].to_list(),
        "desk_1": patients["ordinal"].to_list(),
        "desk_2": patients["ordinal"].to_list(),
        "age": patients["age"].to_list(),
        "health": patients["health"].to_list(),
        "weight": patients["weight"].to_list(),
    }
    return make_responses(columns, patients["practice"])


def simulate(
    rng: np.random.Generator, practices: int, size: int, icc: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values of patients with variance 1, their practice, and the practices' true means (8 on average)."""
    truth = 8 + rng.normal(0, math.sqrt(icc), practices)
    codes = np.repeat(np.arange(practices), rng.integers(max(1, size // 2), size * 2, practices)).astype(np.intp)
    return truth[codes] + rng.normal(0, math.sqrt(1 - icc), codes.size), codes, truth


# --- Variance components --------------------------------------------------------------------------------------------


def test_anova_against_r(patients: pd.DataFrame, codes: np.ndarray) -> None:
    parts = variance_components(practice_stats(patients[["grade"]].to_numpy(), codes, 24))
    for name, value in (("ms_between", parts.ms_between), ("ms_within", parts.ms_within), ("f", parts.f_value)):
        np.testing.assert_allclose(value[0], R["anova"][name], **EXACT)


def test_shrout_and_fleiss_published() -> None:
    """Shrout & Fleiss (1979), table 2-4: BMS 11.24, WMS 6.26, ICC(1,1) = .17; F, interval: psych 2.2.9."""
    ratings = np.array([9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7], dtype=float)
    parts = variance_components(practice_stats(ratings[:, None], np.repeat(np.arange(6), 4), 6))
    assert round(float(parts.ms_between[0]), 2) == 11.24
    assert round(float(parts.ms_within[0]), 2) == 6.26
    assert round(float(parts.icc[0]), 2) == 0.17
    reference = R["shrout_fleiss"]
    np.testing.assert_allclose([parts.icc[0], parts.f_value[0]], [reference["icc"], reference["f"]], **EXACT)
    low, high = icc_interval(parts, 0.95)
    np.testing.assert_allclose([low[0], high[0]], [max(0.0, reference["low"]), reference["high"]], **EXACT)


def test_balanced_icc_against_psych(patients: pd.DataFrame) -> None:
    first = patients.groupby("practice").filter(lambda part: len(part) >= 12).groupby("practice").head(12)
    codes, names = pd.factorize(first["practice"])
    stats = practice_stats(first[["grade"]].to_numpy(), codes.astype(np.intp), len(names))
    parts = variance_components(stats)
    low, high = icc_interval(parts, 0.95)
    reference = R["balanced_icc"]
    np.testing.assert_allclose([parts.icc[0], parts.f_value[0]], [reference["icc"], reference["f"]], **EXACT)
    np.testing.assert_allclose([low[0], high[0]], [max(0.0, reference["low"]), reference["high"]], **EXACT)
    # with equal sizes the analysis of variance and REML agree; lme4's optimiser stops near 1e-7
    reml = fit_reml(stats.n[:, 0], stats.mean[:, 0], stats.ss[:, 0])
    assert reml.sigma2_between == pytest.approx(float(parts.sigma2_between[0]), rel=1e-9)
    assert reml.sigma2_between == pytest.approx(R["balanced"]["sigma2_between"], rel=1e-5)
    assert reml.sigma2_within == pytest.approx(R["balanced"]["sigma2_within"], rel=1e-5)


def test_reml_against_lme4(patients: pd.DataFrame, codes: np.ndarray) -> None:
    """lme4 1.1-31, lmer(grade ~ 1 + (1 | practice)), unbalanced; 1e-5 as its optimiser stops there."""
    stats = practice_stats(patients[["grade"]].to_numpy(), codes, 24)
    fit = fit_reml(stats.n[:, 0], stats.mean[:, 0], stats.ss[:, 0])
    for name, value in (
        ("sigma2_between", fit.sigma2_between),
        ("sigma2_within", fit.sigma2_within),
        ("mu", fit.mu),
        ("se_mu", fit.se_mu),
    ):
        assert value == pytest.approx(R["lme4"][name], rel=1e-5), name
    assert fit.deviance == pytest.approx(R["lme4"]["reml_deviance"], rel=1e-10)
    between, within = fit.sigma2_between, fit.sigma2_within
    shrunk = shrink_means(stats.mean[:, 0], stats.n[:, 0], fit.mu, between, within)
    np.testing.assert_allclose(shrunk, R["lme4"]["shrunken"], rtol=1e-6)
    np.testing.assert_allclose(shrunken_error(stats.n[:, 0], between, within), R["lme4"]["cond_sd"], rtol=1e-5)
    assert fit.mu == pytest.approx(
        float(gls_mean(stats.mean[:, :1], stats.n[:, :1], np.array([between]), np.array([within]))[0])
    )


def test_dyestuff_published() -> None:
    """Davies (1947); Box & Tiao (1973); Bates (2010), ch. 1: 1764.05, 2451.25, 1527.5, and the predicted effects."""
    means, n, ss = np.array([1505.0, 1528, 1564, 1498, 1600, 1470]), np.full(6, 5.0), np.full(6, 58830 / 6)
    fit = fit_reml(n, means, ss)
    assert (round(fit.sigma2_between, 2), round(fit.sigma2_within, 2), round(fit.mu, 4)) == (1764.05, 2451.25, 1527.5)
    effects = shrink_means(means, n, fit.mu, fit.sigma2_between, fit.sigma2_within) - fit.mu
    np.testing.assert_allclose(effects, [-17.6068, 0.3913, 28.5623, -23.0845, 56.7331, -44.9953], atol=2e-3)


def test_reml_at_the_bound() -> None:
    """Practices that differ less than chance: σ²_b is 0 and the centre is the mean over patients."""
    means, n = np.array([7.0, 7.1, 6.9]), np.array([10.0, 20.0, 30.0])
    fit = fit_reml(n, means, n * 4.0)
    assert fit.sigma2_between == 0
    assert fit.mu == pytest.approx(n @ means / n.sum())
    assert fit_reml(np.ones(4), np.arange(4.0), np.zeros(4)) is None
    assert fit_reml(np.array([5.0, 0.0]), np.array([7.0, np.nan]), np.array([2.0, 0.0])) is None


def test_needed_n_of_methods() -> None:
    # METHODS: ICC .03 → 75/129/291 for reliability .7/.8/.9
    assert [int(needed_n(0.03, r)) for r in (0.7, 0.8, 0.9)] == [75, 129, 291]
    # Spearman-Brown by hand: ICC .1 → .7/.3·.9/.1 = 21; ICC .5 → 1/9 odds
    assert [int(needed_n(0.1, 0.7)), int(needed_n(0.5, 0.9))] == [21, 9]
    assert math.isinf(needed_n(0.0, 0.7))
    assert math.isnan(needed_n(np.nan, 0.7))
    # at that n the reliability is the target, to two decimals
    for r in (0.7, 0.8, 0.9):
        assert round(float(practice_reliability(needed_n(0.03, r), 0.03, 0.97)), 2) == r


@given(st.integers(2, 12), st.integers(2, 9), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_components_do_not_depend_on_origin_and_follow_the_unit(practices: int, size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(practices * size, 2)) + np.repeat(rng.normal(size=practices), size)[:, None]
    codes = np.repeat(np.arange(practices), size).astype(np.intp)
    one = variance_components(practice_stats(values, codes, practices))
    two = variance_components(practice_stats(1e4 + 10 * values, codes, practices))
    np.testing.assert_allclose(two.sigma2_within, 100 * one.sigma2_within, rtol=1e-7)
    np.testing.assert_allclose(two.icc, one.icc, atol=1e-7)


def test_replicates_equal_repeated_practices() -> None:
    """A practice drawn twice counts as two: batched components equal those of the rows laid out anew."""
    rng = np.random.default_rng(9)
    y, codes, _ = simulate(rng, 8, 6, 0.3)
    values = np.column_stack([y, np.where(rng.random(y.size) < 0.3, np.nan, y**2)])
    stats = practice_stats(values, codes, 8)
    draws = np.array([np.bincount(rng.integers(0, 8, 8), minlength=8) for _ in range(5)], dtype=float)
    batched = variance_components(stats, draws)
    for r, times in enumerate(draws.astype(int)):
        parts = [(values[codes == j]) for j in range(8) for _ in range(times[j])]
        laid_out = np.concatenate(parts)
        again = np.repeat(np.arange(len(parts)), [len(part) for part in parts]).astype(np.intp)
        alone_stats = practice_stats(laid_out, again, len(parts))
        alone = variance_components(alone_stats)
        for name in ("n0", "ms_between", "ms_within", "sigma2_between", "icc", "f_value"):
            np.testing.assert_allclose(getattr(batched, name)[r], getattr(alone, name), rtol=1e-9, atol=1e-12)
        mu = gls_mean(stats.mean, stats.n, batched.sigma2_between, batched.sigma2_within, draws)[r]
        np.testing.assert_allclose(
            mu, gls_mean(alone_stats.mean, alone_stats.n, alone.sigma2_between, alone.sigma2_within), rtol=1e-9
        )


def test_weighted_components_are_unbiased() -> None:
    """Unequal weights unrelated to the answers: the variance within practices stays right on average."""
    rng = np.random.default_rng(6)
    found = []
    for _ in range(300):
        y, codes, _ = simulate(rng, 15, 8, 0.2)
        parts = variance_components(practice_stats(y[:, None], codes, 15, rng.gamma(2, 1, y.size)))
        found.append((parts.sigma2_within[0], parts.ms_between[0] - parts.ms_within[0], parts.n0[0]))
    within, gap, n0 = np.array(found).T
    assert within.mean() == pytest.approx(0.8, abs=0.02)
    assert (gap / n0).mean() == pytest.approx(0.2, abs=0.02)


def test_icc_interval_coverage() -> None:
    rng = np.random.default_rng(12)
    hits = 0
    for _ in range(600):
        y, codes, _ = simulate(rng, 25, 20, 0.08)
        low, high = icc_interval(variance_components(practice_stats(y[:, None], codes, 25)), 0.95)
        hits += low[0] <= 0.08 <= high[0]
    assert 0.925 < hits / 600 < 0.975


def test_shrunken_means_are_nearer_the_truth_and_cover() -> None:
    rng = np.random.default_rng(13)
    raw_error, shrunk_error, covered = [], [], []
    for _ in range(40):
        y, codes, truth = simulate(rng, 60, 25, 0.05)
        stats = practice_stats(y[:, None], codes, 60)
        parts = variance_components(stats)
        between, within = parts.sigma2_between, parts.sigma2_within
        mu = gls_mean(stats.mean, stats.n, between, within)
        shrunk = shrink_means(stats.mean, stats.n, mu, between, within)[:, 0]
        error = shrunken_error(stats.n, between, within)[:, 0]
        raw_error.append(((stats.mean[:, 0] - truth) ** 2).mean())
        shrunk_error.append(((shrunk - truth) ** 2).mean())
        covered.append((np.abs(shrunk - truth) <= 1.96 * error).mean())
    assert np.mean(shrunk_error) < 0.65 * np.mean(raw_error)
    assert 0.90 < np.mean(covered) < 0.98


def test_batched_kernels_are_quick() -> None:
    """300 practices × 14 touchpoints, and 500 bootstrap replicates of their components and shrunken means."""
    rng = np.random.default_rng(14)
    values = rng.normal(size=(12_000, 14))
    codes = rng.integers(0, 300, 12_000).astype(np.intp)
    started = time.perf_counter()
    stats = practice_stats(values, codes, 300)
    variance_components(stats)
    assert time.perf_counter() - started < 0.5
    draws = rng.multinomial(300, np.full(300, 1 / 300), size=500).astype(float)
    started = time.perf_counter()
    parts = variance_components(stats, draws)
    mu = gls_mean(stats.mean, stats.n, parts.sigma2_between, parts.sigma2_within, draws)
    between, within = parts.sigma2_between[:, None], parts.sigma2_within[:, None]
    assert shrink_means(stats.mean, stats.n, mu[:, None], between, within).shape == (500, 300, 14)
    assert time.perf_counter() - started < 2.0


# --- Case mix -------------------------------------------------------------------------------------------------------


def test_least_squares_against_r(patients: pd.DataFrame, codes: np.ndarray) -> None:
    mix = build_case_mix(patients[["age", "health"]], codes, 24)
    assert mix.names == ("age", "health=good", "health=poor")
    fit = fit_least_squares(patients["grade"].to_numpy(), mix.x, codes, 24)
    for name, value in (
        ("beta", fit.beta),
        ("se_beta", fit.beta_error),
        ("adjusted", fit.adjusted),
        ("se", fit.error),
        ("f", fit.statistic),
        ("p", fit.p_value),
        ("df1", fit.df1),
        ("df2", fit.df2),
    ):
        np.testing.assert_allclose(value, R["ols"][name], **EXACT, err_msg=name)


def test_imputed_adjusters_against_r(patients: pd.DataFrame, codes: np.ndarray) -> None:
    frame = patients[["age", "health"]].copy()
    frame.loc[2::7, "age"] = np.nan
    frame.loc[patients["practice"] == "p01", "age"] = np.nan
    mix = build_case_mix(frame, codes, 24)
    fit = fit_least_squares(patients["grade"].to_numpy(), mix.x, codes, 24)
    np.testing.assert_allclose(fit.beta, R["ols_imputed"]["beta"], **EXACT)
    np.testing.assert_allclose(fit.adjusted, R["ols_imputed"]["adjusted"], **EXACT)
    assert mix.imputed["age"].sum() == frame["age"].isna().sum()
    assert not mix.imputed["health"].any()


def test_logistic_against_r(patients: pd.DataFrame, codes: np.ndarray) -> None:
    """R glm with practices as factors, predictive margins and delta-method errors."""
    mix = build_case_mix(patients[["age", "health"]], codes, 24)
    fit = fit_logit_margins(patients["binary"].to_numpy(float), mix.x, codes, 24)
    reference = R["logistic"]
    where = [int(name[1:]) for name in reference["practices"]]
    np.testing.assert_allclose(fit.beta, reference["beta"], **EXACT)
    np.testing.assert_allclose(fit.beta_error, reference["se_beta"], **EXACT)
    np.testing.assert_allclose(fit.adjusted[where], reference["adjusted"], **EXACT)
    np.testing.assert_allclose(fit.error[where], reference["se"], **EXACT)
    assert fit.statistic == pytest.approx(reference["lr"], rel=1e-8)
    # practices in which everybody answered the same keep their share, with Agresti & Coull's error
    assert (fit.adjusted[0], fit.adjusted[12]) == (0.0, 1.0)
    p = (14 + 2) / (14 + 4)
    assert fit.error[12] == pytest.approx(math.sqrt(p * (1 - p) / 18))


def test_proportional_odds_against_r(patients: pd.DataFrame, codes: np.ndarray) -> None:
    """MASS polr; its BFGS stops at about 1e-6 in the standard errors (numerical Hessian)."""
    mix = build_case_mix(patients[["age", "health"]], codes, 24)
    fit = fit_logit_margins(patients["ordinal"].to_numpy(float), mix.x, codes, 24)
    reference = R["polr"]
    where = [int(name[1:]) for name in reference["practices"]]
    np.testing.assert_allclose(fit.beta, reference["beta"], **ITERATIVE)
    np.testing.assert_allclose(fit.beta_error, reference["se_beta"], rtol=5e-4)
    np.testing.assert_allclose(fit.adjusted[where], reference["adjusted"], **ITERATIVE)


def test_proportional_odds_against_statsmodels(patients: pd.DataFrame, codes: np.ndarray) -> None:
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    few = codes >= 20
    frame = patients[few].reset_index(drop=True)
    own = (codes[few] - 20).astype(np.intp)
    mix = build_case_mix(frame[["age"]], own, 4)
    fit = fit_logit_margins(frame["ordinal"].to_numpy(float), mix.x, own, 4)
    design = np.column_stack([(own[:, None] == np.arange(1, 4)).astype(float), mix.x])
    theirs = OrderedModel(frame["ordinal"].to_numpy(), design, distr="logit").fit(method="newton", disp=0, maxiter=100)
    np.testing.assert_allclose(fit.beta, theirs.params[3:4], rtol=1e-6)
    np.testing.assert_allclose(fit.beta_error, theirs.bse[3:4], rtol=1e-4)


def test_no_adjusters_leaves_means_as_they_are(responses: Responses, patients: pd.DataFrame) -> None:
    raw = patients.groupby("practice")["grade"].mean().to_numpy()
    result = compare_practices(responses, adjusters=())
    np.testing.assert_allclose(result.tidy()["estimate"], raw, rtol=1e-12)
    np.testing.assert_allclose(result.statistic, R["anova"]["f"], **EXACT)
    assert result.p_value == pytest.approx(R["anova"]["p"], rel=1e-9)
    shares = compare_practices(responses, "returned", adjusters=())
    np.testing.assert_allclose(
        shares.tidy()["estimate"], patients.groupby("practice")["binary"].mean().to_numpy(), atol=1e-9
    )


def test_case_mix_removes_confounding() -> None:
    """Practices are equal, their patients are not: raw means differ, adjusted ones do not, and the F test says so."""
    rng = np.random.default_rng(15)
    codes = np.repeat(np.arange(30), 40).astype(np.intp)
    age = rng.normal(50 + 15 * rng.normal(size=30)[codes], 10)
    y = np.clip(7 + 0.04 * (age - 50) + rng.normal(size=codes.size), 1, 10)
    columns = {"ktv": y.tolist(), "age": age.tolist()}
    raw = compare_practices(make_responses(columns, codes.astype(str)), adjusters=())
    adjusted = compare_practices(make_responses(columns, codes.astype(str)), adjusters=["age"])
    assert raw.p_value < 1e-6
    assert adjusted.p_value > 0.01
    assert adjusted.adjusters.set_index("term").loc["age", "estimate"] == pytest.approx(0.04, abs=0.01)
    assert adjusted.tidy()["estimate"].std() < 0.5 * raw.tidy()["estimate"].std()


def test_logistic_recovers_a_known_effect() -> None:
    rng = np.random.default_rng(16)
    codes = np.repeat(np.arange(40), 60).astype(np.intp)
    x = rng.normal(size=codes.size)
    level = rng.normal(0, 0.5, 40)
    y = (rng.random(codes.size) < 1 / (1 + np.exp(-(level[codes] + 0.8 * x)))).astype(float)
    fit = fit_logit_margins(y, (x - x.mean())[:, None], codes, 40)
    assert fit.beta[0] == pytest.approx(0.8, abs=3 * fit.beta_error[0])
    truth = np.array([(1 / (1 + np.exp(-(a + 0.8 * x)))).mean() for a in level])
    assert np.mean(np.abs(fit.adjusted - truth) < 1.96 * fit.error) > 0.87


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_adjusted_means_do_not_depend_on_coding(seed: int) -> None:
    """Another origin, unit or order of adjusters, another reference level: the same adjusted means."""
    rng = np.random.default_rng(seed)
    y, codes, _ = simulate(rng, 8, 10, 0.2)
    frame = pd.DataFrame({"age": rng.normal(50, 10, y.size), "group": rng.choice(["a", "b", "c"], y.size)})
    other = pd.DataFrame({"group": frame["group"].map({"a": "z", "b": "y", "c": "x"}), "age": 1000 - 3 * frame["age"]})
    fits = [fit_least_squares(y, build_case_mix(part, codes, 8).x, codes, 8) for part in (frame, other)]
    np.testing.assert_allclose(fits[0].adjusted, fits[1].adjusted, rtol=1e-8)
    np.testing.assert_allclose(fits[0].error, fits[1].error, rtol=1e-6)


def test_remove_case_mix_gives_the_adjusted_means(patients: pd.DataFrame, codes: np.ndarray) -> None:
    mix = build_case_mix(patients[["age", "health"]], codes, 24)
    values = np.column_stack([patients["grade"], np.where(np.arange(len(codes)) % 5 == 0, np.nan, patients["ordinal"])])
    cleaned = remove_case_mix(values, mix.x, codes, 24)
    np.testing.assert_allclose(practice_stats(cleaned, codes, 24).mean[:, 0], R["ols"]["adjusted"], **EXACT)
    assert (np.isnan(cleaned) == np.isnan(values)).all()
    np.testing.assert_array_equal(remove_case_mix(values, mix.x[:, :0], codes, 24), values)


def test_weighted_least_squares_equals_transformed_rows(patients: pd.DataFrame, codes: np.ndarray) -> None:
    """statsmodels WLS with practice dummies and the weights scaled to Kish's number per practice."""
    import statsmodels.api as sm

    weights = patients["weight"].to_numpy()
    mix = build_case_mix(patients[["age"]], codes, 24, weights)
    fit = fit_least_squares(patients["grade"].to_numpy(), mix.x, codes, 24, weights)
    dummies = (codes[:, None] == np.arange(24)).astype(float)
    scaled = kish_weights(weights, codes, 24)
    theirs = sm.WLS(patients["grade"].to_numpy(), np.column_stack([dummies, mix.x]), weights=scaled).fit()
    np.testing.assert_allclose(fit.adjusted, theirs.params[:24], rtol=1e-9)
    np.testing.assert_allclose(fit.beta, theirs.params[24:], rtol=1e-9)
    # same residual sum; our degrees of freedom count the effective number of answers
    ratio = math.sqrt(theirs.df_resid / (scaled.sum() - 24 - 1))
    np.testing.assert_allclose(fit.error, theirs.bse[:24] * ratio, rtol=1e-9)


# --- Bad case mix ---------------------------------------------------------------------------------------------------


def test_useless_adjusters_are_left_out_with_a_reason(codes: np.ndarray) -> None:
    rng = np.random.default_rng(17)
    n = codes.size
    age = rng.normal(50, 10, n)
    frame = pd.DataFrame(
        {
            "age": age,
            "months": 12 * age,
            "planet": ["earth"] * n,
            "year": 2025,
            "region": codes % 3,
            "empty": [None] * n,
            "sum": age + (rng.random(n) < 0.5),
        }
    )
    mix = build_case_mix(frame, codes, 24)
    assert mix.names == ("age", "sum")
    assert "follows entirely from age" in mix.dropped["months"]
    assert mix.dropped["planet"] == mix.dropped["year"] == "the same for every patient"
    assert "within any practice" in mix.dropped["region"]
    assert mix.dropped["empty"] == "no answers"


def test_free_text_and_duplicates_are_refused(codes: np.ndarray) -> None:
    n = codes.size
    with pytest.raises(AnalysisError, match=r"'story' has \d+ different values"):
        build_case_mix({"story": [f"text {i % 500}" for i in range(n)]}, codes, 24)
    twice = pd.DataFrame(np.zeros((n, 2)), columns=["age", "age"])
    with pytest.raises(AnalysisError, match="'age' occurs more than once"):
        build_case_mix(twice, codes, 24)
    with pytest.raises(AnalysisError, match="'born' holds"):
        build_case_mix({"born": pd.date_range("1950", periods=n)}, codes, 24)
    with pytest.raises(AnalysisError, match="infinite"):
        build_case_mix({"age": [math.inf] * n}, codes, 24)
    with pytest.raises(AnalysisError, match="expected"):
        build_case_mix({"age": [1.0, 2.0]}, codes, 24)


@pytest.mark.parametrize(
    "column",
    [
        lambda v: pd.Series(v > 0),
        lambda v: pd.Series(v > 0, dtype="boolean"),
        lambda v: pd.Series((v > 0).astype(int), dtype="Int64"),
        lambda v: pd.Series((v > 0).astype(float), dtype="Float64"),
        lambda v: pd.Series((v > 0).astype(int).tolist(), dtype=object),
        lambda v: pd.Series(pd.Categorical(np.where(v > 0, "yes", "no"))),
        lambda v: pd.Series(np.where(v > 0, "yes", "no"), dtype="string"),
        lambda v: pd.Series(np.where(v > 0, "yes", "no"), dtype=object),
    ],
)
def test_any_dtype_gives_the_same_adjustment(column: object, codes: np.ndarray) -> None:
    rng = np.random.default_rng(18)
    v, y = rng.normal(size=codes.size), rng.normal(size=codes.size)
    plain = build_case_mix({"v": (v > 0).astype(float)}, codes, 24)
    other = build_case_mix({"v": column(v)}, codes, 24)
    np.testing.assert_allclose(
        fit_least_squares(y, other.x, codes, 24).adjusted, fit_least_squares(y, plain.x, codes, 24).adjusted
    )


def test_unused_and_ordered_categories() -> None:
    codes = np.array([0, 0, 0, 1, 1, 1])
    levels = pd.Categorical(["b", "c", "b", "c", "b", None], categories=["z", "c", "b"], ordered=True)
    mix = build_case_mix({"level": levels}, codes, 2)
    assert mix.names == ("level=b",)  # z is not used, c comes first in the category's own order
    # the missing one gets its practice's share of b
    assert mix.x[5, 0] - mix.x[3, 0] == pytest.approx(0.5)


def test_more_adjusters_than_the_answers_can_carry() -> None:
    responses = make_responses({"ktv": [7, 8, 9, 6], "age": [20, 30, 40, 60]}, ["a", "a", "b", "b"])
    assert compare_practices(responses, adjusters=["age"]).df2 == 1
    more = make_responses(
        {"ktv": [7, 8, 9, 6], "age": [20, 30, 40, 60], "health": ["good", "fair", "good", "poor"]}, ["a", "a", "b", "b"]
    )
    with pytest.raises(NotEstimableError, match="ktv"):
        compare_practices(more)


def test_separated_logistic_is_refused() -> None:
    rng = np.random.default_rng(19)
    x = rng.normal(size=200)
    responses = make_responses(
        {"returned": (x > 0).astype(int).tolist(), "age": x.tolist()}, np.repeat(list("abcd"), 50)
    )
    with pytest.raises(NotEstimableError, match="perfectly"):
        compare_practices(responses, "returned", adjusters=["age"])


# --- Shrinkage and verdicts -----------------------------------------------------------------------------------------


def test_between_variance_against_metafor(patients: pd.DataFrame, codes: np.ndarray) -> None:
    stats = practice_stats(patients[["grade"]].to_numpy(), codes, 24)
    parts = variance_components(stats)
    found = between_variance(stats.mean[:, 0], parts.ms_within[0] / stats.n[:, 0])
    assert found == pytest.approx(R["dl_means"]["tau2"], rel=1e-9)
    assert found == pytest.approx(float(parts.sigma2_between[0]), rel=1e-9)  # the same as the analysis of variance


def test_shrunken_estimates_are_those_of_the_analysis_of_variance(patients: pd.DataFrame, codes: np.ndarray) -> None:
    stats = practice_stats(patients[["grade"]].to_numpy(), codes, 24)
    parts = variance_components(stats)
    between, within = parts.sigma2_between, parts.sigma2_within
    mu = gls_mean(stats.mean, stats.n, between, within)
    expected = shrink_means(stats.mean, stats.n, mu, between, within)[:, 0]
    found = shrink_estimates(stats.mean[:, 0], np.sqrt(within / stats.n[:, 0]))
    np.testing.assert_allclose(found.estimate, expected, rtol=1e-12)
    np.testing.assert_allclose(found.reliability, practice_reliability(stats.n, between, within)[:, 0], rtol=1e-12)


def test_difference_from_mean_by_hand_and_against_r(patients: pd.DataFrame, codes: np.ndarray) -> None:
    """CAHPS: Δ = M − M̄; SE² = V(1 − 2w/Σw) + Σw²V/(Σw)²."""
    mean, delta, error = difference_from_mean(
        np.array([7.0, 8.0, 9.0]), np.array([0.1, 0.2, 0.3]), np.array([1.0, 1.0, 2.0])
    )
    assert mean == pytest.approx(8.25)
    np.testing.assert_allclose(delta, [-1.25, -0.25, 0.75])
    common = (0.01 + 0.04 + 4 * 0.09) / 16
    by_hand = [0.01 * (1 - 2 / 4) + common, 0.04 * (1 - 2 / 4) + common, 0.09 * (1 - 4 / 4) + common]
    np.testing.assert_allclose(error**2, by_hand)
    # R: the full covariance matrix of the adjusted means; the formula leaves out that they share β (3 % at most here)
    mix = build_case_mix(patients[["age", "health"]], codes, 24)
    fit = fit_least_squares(patients["grade"].to_numpy(), mix.x, codes, 24)
    _, delta, error = difference_from_mean(fit.adjusted, fit.error, np.ones(24))
    np.testing.assert_allclose(delta, R["ols"]["delta"], **EXACT)
    np.testing.assert_allclose(error, R["ols"]["se_delta"], rtol=0.03)


def test_verdict_needs_significant_and_meaningful() -> None:
    codes = np.repeat(np.arange(12), 900)
    level = np.array([-1.0, 0.1, 1.0] + [0.0] * 9)
    y = 7 + level[codes] + np.tile([-1.0, 1.0], codes.size // 2)  # standard deviation 1 in every practice
    responses = make_responses({"ktv": y.tolist()}, [f"p{j:02d}" for j in codes])
    default = compare_practices(responses).tidy().set_index("practice_id")
    assert default.loc["p00", "verdict"] == "lower"
    # significant, but less than 0.2 standard deviations
    assert default.loc["p01", "p_value"] < 0.05
    assert default.loc["p01", "verdict"] == "no difference"
    any_size = compare_practices(responses, meaningful=0.0).tidy().set_index("practice_id")
    assert any_size.loc["p01", "verdict"] == "higher"
    huge = compare_practices(responses, meaningful=5.0).tidy()
    assert set(huge["verdict"]) == {"no difference"}


def test_verdicts_of_equal_practices_keep_their_level() -> None:
    rng = np.random.default_rng(21)
    codes = [f"p{j:03d}" for j in np.repeat(np.arange(200), 30)]
    y = np.clip(7 + rng.normal(size=6000), 1, 10)
    result = compare_practices(make_responses({"ktv": y.tolist()}, codes), meaningful=0.0)
    assert 0.02 < (result.tidy()["verdict"] != "no difference").mean() < 0.09
    assert result.p_value > 0.001
    stars = compare_practices(make_responses({"ktv": y.tolist()}, codes), variance="separate", meaningful=0.0)
    assert 0.02 < (stars.tidy()["verdict"] != "no difference").mean() < 0.10


def test_separate_variances_by_hand() -> None:
    responses = make_responses({"ktv": [7, 9, 5, 5, 8]}, ["a", "a", "b", "b", "c"])
    table = compare_practices(responses, variance="separate").tidy().set_index("practice_id")
    assert table.loc["a", "std_error"] == pytest.approx(1.0)
    assert "one answer" in table.loc["c", "reason"]
    assert table.loc["c", "verdict"] == ""
    for variance in ("pooled", "wider"):
        assert compare_practices(responses, variance=variance).tidy()["std_error"].notna().all()


def test_the_wider_interval_is_that_of_a_wide_practice_and_else_the_pooled_one(responses: Responses) -> None:
    several = responses.where(pl.len().over("practice_id") > 1)
    tables = {
        name: compare_practices(several, variance=name).tidy().set_index("practice_id")
        for name in ("pooled", "separate", "wider")
    }
    for low, high in (("difference_low", "difference_high"), ("ci_low", "ci_high")):
        width = pd.DataFrame({name: table[high] - table[low] for name, table in tables.items()})
        np.testing.assert_allclose(width["wider"], width[["pooled", "separate"]].max(axis=1), rtol=1e-12)
        assert (width["separate"] > width["pooled"]).any()
        assert (width["separate"] < width["pooled"]).any()
    # What is estimated is the same; only how sure it is differs.
    for name in ("estimate", "shrunk", "difference"):
        np.testing.assert_allclose(tables["wider"][name], tables["pooled"][name], rtol=1e-12)
    certain = pd.DataFrame({name: table["p_value"] < 0.05 for name, table in tables.items()})
    assert certain["wider"].equals(certain["pooled"] & certain["separate"])


def _different_by_chance(sd: np.ndarray, sizes: np.ndarray, draw: str, samples: int = 400) -> dict[str, np.ndarray]:
    """Share of samples in which each of the practices, all with one mean, is called different."""
    rng = np.random.default_rng(31)
    codes = np.repeat(np.arange(sizes.size), sizes)
    spread = sd[codes]
    found = {name: np.zeros(sizes.size) for name in ("pooled", "separate", "wider")}
    for _ in range(samples):
        if draw == "normal":
            y = 8.5 + spread * rng.normal(size=codes.size)
        else:  # one in ten very dissatisfied
            y = 8.5 + spread * np.where(rng.random(codes.size) < 0.1, -3.0, 1 / 3)
        fit = fit_least_squares(y, np.zeros((codes.size, 0)), codes, sizes.size)
        _, delta, _ = difference_from_mean(fit.adjusted, fit.error, np.ones(sizes.size))
        for name in found:
            _, of = uncertainties(fit, np.ones(sizes.size), name, 0.95)
            found[name] += np.abs(delta) > half_widths(of, 0.95)
    return {name: count / samples for name, count in found.items()}


SIZES = np.array([12, 15, 18, 22, 25, 30, 40, 45, 50, 60, 70, 84, 100, 120])


def test_practices_of_unequal_spread_are_not_called_different_too_often() -> None:
    """With 400 samples of 6 small practices the standard error of a share of .05 is .0045; three are allowed for."""
    small = SIZES < 40
    wide = _different_by_chance(np.where(small, 1.6, 1.0), SIZES, "normal")
    assert wide["pooled"][small].mean() > 0.12, "the fault that the wider interval is for"
    assert wide["wider"][small].mean() < 0.05 + 0.014
    narrow = _different_by_chance(np.where(small, 0.6, 1.2), SIZES, "normal")
    assert narrow["wider"].mean() < 0.05
    equal = _different_by_chance(np.ones(SIZES.size), SIZES, "normal")
    assert 0.02 < equal["wider"].mean() < 0.05
    skewed = _different_by_chance(np.ones(SIZES.size), SIZES, "skewed")
    assert skewed["separate"][:3].mean() > 0.10, "a few alike answers seem certain"
    assert skewed["wider"].mean() < 0.05


def test_methods_and_subjects(responses: Responses) -> None:
    share = compare_practices(responses, "returned")
    assert (share.method, share.test, share.unit) == ("logistic", "likelihood ratio", "proportion")
    table = share.tidy()
    assert table["ci_low"].between(0, 1).all()
    assert (table["ci_high"] > table["ci_low"]).all()
    assert table.loc[table["practice_id"] == "p12", "ci_high"].item() == 1.0
    score = compare_practices(responses, "desk")
    assert (score.method, score.unit) == ("ols", "score")
    ordered = compare_practices(responses, "desk_1", method="ordinal")
    assert ordered.method == "ordinal"
    assert ordered.tidy()["estimate"].corr(score.tidy()["estimate"]) > 0.99
    whole = compare_practices(responses, "visit")
    np.testing.assert_allclose(whole.tidy()["estimate"], score.tidy()["estimate"])
    top = compare_practices(responses, "ktv", metric="top2")
    assert top.method == "logistic"
    weighted = compare_practices(responses, weights="weight")
    assert weighted.n_obs == 369
    assert len(share.adjusters) == 3
    assert "<table" in share._repr_html_()
    assert share.glance().loc[0, "n_practices"] == 24


def test_ordinal_practice_with_only_highest_answers() -> None:
    rng = np.random.default_rng(22)
    practice = np.repeat(list("abcde"), 30)
    answers = rng.integers(1, 6, 150)
    answers[practice == "c"] = 5
    responses = make_responses({"desk_1": answers.tolist()}, practice)
    table = compare_practices(responses, "desk_1", method="ordinal", adjusters=()).tidy().set_index("practice_id")
    assert table.loc["c", "estimate"] == 100.0
    assert "highest answer" in table.loc["c", "reason"]
    assert math.isnan(table.loc["c", "shrunk"])
    others = [name for name in "abde"]
    raw = pd.Series(25.0 * (answers - 1)).groupby(practice).mean()
    np.testing.assert_allclose(table.loc[others, "estimate"], raw[others], atol=3)


def test_wrong_questions(responses: Responses) -> None:
    for call, message in (
        (lambda: compare_practices(responses, "joy"), "no outcome, touchpoint, step or item 'joy'"),
        (lambda: compare_practices(responses, metric="net"), "metric: expected one of"),
        (lambda: compare_practices(responses, method="magic"), "method: expected"),
        (lambda: compare_practices(responses, method="logistic"), "'logistic' is for shares"),
        (lambda: compare_practices(responses, method="ordinal"), "at most 30"),
        (lambda: compare_practices(responses, adjusters=["shoe"]), "no column 'shoe'"),
        (lambda: compare_practices(responses, adjusters=["age", "age"]), "more than once"),
        (lambda: compare_practices(responses, variance="both"), "variance: expected"),
        (lambda: compare_practices(responses, benchmark="best"), "benchmark: expected"),
        (lambda: compare_practices(responses, meaningful=-1), "meaningful: expected"),
        (lambda: compare_practices(responses, weights=[-1.0] * 369), "weights are 0 or more"),
        (lambda: compare_practices(responses, weights=[0.0] * 369), "every weight is 0"),
        (lambda: estimate_practice_variance(responses, method="bayes"), "method: expected"),
        (lambda: estimate_practice_variance(responses, []), "at least one"),
        (lambda: estimate_funnel(responses, winsorise=0.6), "winsorise"),
        (lambda: estimate_funnel(responses, method="usual"), "method"),
    ):
        with pytest.raises(AnalysisError, match=message):
            call()


def test_one_practice_and_practices_of_one() -> None:
    one = make_responses({"ktv": [7, 8, 9], "desk_1": [3, 4, 5]}, ["a"] * 3)
    with pytest.raises(NotEstimableError, match="at least two"):
        compare_practices(one)
    with pytest.raises(NotEstimableError, match="at least two"):
        estimate_funnel(one)
    table = estimate_practice_variance(one).tidy().set_index("outcome_or_touchpoint")
    assert "fewer than two practices" in table.loc["ktv", "reason"]
    assert math.isnan(table.loc["ktv", "icc"])
    each = make_responses({"ktv": [7, 8, 9]}, list("abc"))
    with pytest.raises(NotEstimableError, match="one answer"):
        compare_practices(each)
    assert "no practice has two answers" in estimate_practice_variance(each, ["ktv"]).tidy().loc[0, "reason"]
    same = make_responses({"ktv": [8] * 6}, list("aabbcc"))
    with pytest.raises(NotEstimableError, match="every answer to 'ktv' is 8"):
        compare_practices(same)
    assert "every answer is the same" in estimate_practice_variance(same, ["ktv"]).tidy().loc[0, "reason"]
    nobody = make_responses({"ktv": [None] * 4}, list("aabb"))
    with pytest.raises(NotEstimableError, match="0 practice"):
        compare_practices(nobody)


def test_practice_without_answers_has_a_row_with_a_reason() -> None:
    responses = make_responses({"ktv": [7, 8, 9, 6, None]}, ["a", "a", "b", "b", "c"])
    row = compare_practices(responses).tidy().set_index("practice_id").loc["c"]
    assert (row["n"], row["reason"], row["verdict"]) == (0, "no answers", "")
    assert math.isnan(row["estimate"])
    assert math.isnan(row["shrunk"])


# --- Variance over terms --------------------------------------------------------------------------------------------


def test_practice_variance_frames(responses: Responses) -> None:
    result = estimate_practice_variance(responses)
    table = result.tidy().set_index("outcome_or_touchpoint")
    assert list(table.index) == ["ktv", "returned", "desk", "care"]
    assert table.loc["ktv", "f_value"] == pytest.approx(R["anova"]["f"], rel=1e-9)
    assert table.loc["ktv", "p_value"] == pytest.approx(R["anova"]["p"], rel=1e-9)
    assert table.loc["ktv", "sigma2_between"] == pytest.approx(R["dl_means"]["tau2"], rel=1e-9)
    assert "fewer than two practices" in table.loc["care", "reason"]
    reml = estimate_practice_variance(responses, ["ktv"], method="reml").tidy().loc[0]
    assert reml["sigma2_between"] == pytest.approx(R["lme4"]["sigma2_between"], rel=1e-5)
    means = estimate_practice_variance(responses, ["ktv"], method="reml").practice_means()
    np.testing.assert_allclose(means["shrunk"], R["lme4"]["shrunken"], rtol=1e-6)
    icc = reml["icc"]
    n = means["n"].to_numpy()
    np.testing.assert_allclose(means["reliability"], n * icc / (1 + (n - 1) * icc), rtol=1e-9)
    np.testing.assert_allclose(means["more_for_70"], np.maximum(0, reml["n_for_70"] - n))
    assert (means.loc[means["ci_low"].isna(), "reason"] != "").all()


def test_practice_variance_after_case_mix(responses: Responses) -> None:
    result = estimate_practice_variance(responses, ["ktv"], adjusters=["age", "health"])
    assert result.adjusters == ("age", "health=good", "health=poor")
    np.testing.assert_allclose(result.practice_means()["mean"], R["ols"]["adjusted"], **EXACT)
    weighted = estimate_practice_variance(responses, ["ktv"], adjusters=["age"], weights="weight")
    assert weighted.tidy().loc[0, "n"] < 369


def test_no_difference_between_practices_is_said() -> None:
    responses = make_responses({"ktv": [7, 9, 6, 10, 8, 8]}, list("aabbcc"))
    row = estimate_practice_variance(responses, ["ktv"]).tidy().loc[0]
    assert row["icc"] == 0
    assert math.isnan(row["n_for_70"])
    assert "no number of answers" in row["reason"]


# --- Funnel and caterpillar -----------------------------------------------------------------------------------------


def test_overdispersion_against_metafor(patients: pd.DataFrame, codes: np.ndarray) -> None:
    """Without winsorising and around the weighted mean, τ² is DerSimonian & Laird's."""
    n = np.bincount(codes).astype(float)
    share = np.bincount(codes, patients["binary"]) / n
    y, s = np.arcsin(np.sqrt(share)), 1 / (2 * np.sqrt(n))
    found = overdispersion(y, s, n, winsorise=0.0, method="winsorised")
    assert found.tau2 == pytest.approx(R["dl_shares"]["tau2"], rel=1e-9)
    assert found.phi * 24 == pytest.approx(R["dl_shares"]["q"], rel=1e-9)


def test_funnel_of_shares_against_r(responses: Responses) -> None:
    result = estimate_funnel(responses, "returned", adjusters=(), method="winsorised")
    reference = R["funnel_shares"]
    assert result.phi == pytest.approx(reference["phi"], rel=1e-9)
    assert result.tau2 == pytest.approx(reference["tau2"], rel=1e-9, abs=1e-12)
    np.testing.assert_allclose(result.tidy()["low95"], reference["low95"], rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(result.tidy()["high95"], reference["high95"], rtol=1e-8, atol=1e-12)


def test_funnel_flags_an_outlier_but_not_usual_differences() -> None:
    rng = np.random.default_rng(23)
    codes = np.repeat(np.arange(50), 60)
    level = rng.normal(0, 0.35, 50)
    level[7] = -2.5
    y = np.clip(7 + level[codes] + rng.normal(size=codes.size), 1, 10)
    responses = make_responses({"ktv": y.tolist()}, [f"p{j:02d}" for j in codes])
    with_usual = estimate_funnel(responses).tidy().set_index("practice_id")
    assert with_usual.loc["p07", "flag"] == "low998"
    assert (with_usual["flag"] != "within").mean() < 0.15
    by_chance = estimate_funnel(responses, additive=False).tidy()
    assert (by_chance["flag"] != "within").mean() > 0.3


def test_funnel_of_equal_practices_has_no_overdispersion() -> None:
    rng = np.random.default_rng(24)
    codes = np.repeat(np.arange(80), rng.integers(10, 120, 80))
    responses = make_responses(
        {"returned": (rng.random(codes.size) < 0.7).astype(int).tolist()}, [f"p{j:02d}" for j in codes]
    )
    result = estimate_funnel(responses, "returned")
    assert result.phi < 1.3
    assert (result.tidy()["flag"] != "within").mean() < 0.12


@pytest.mark.parametrize(("k", "winsorise"), [(2, 0.1), (3, 0.2), (10, 0.1), (11, 0.1), (25, 0.45), (300, 0.1)])
def test_what_winsorising_leaves_of_normal_values(k: int, winsorise: float) -> None:
    z = np.random.default_rng(k).normal(size=(max(2000, 400_000 // k), k))
    z -= z.mean(axis=1, keepdims=True)
    low, high = np.quantile(z, [winsorise, 1 - winsorise], axis=1, keepdims=True)
    kept = (np.clip(z, low, high) ** 2).sum(axis=1) / (k - 1)
    error = kept.std() / np.sqrt(len(kept))
    assert winsorised_share(k, winsorise) == pytest.approx(kept.mean(), abs=4 * error)
    assert winsorised_share(301, winsorise) == pytest.approx(winsorised_share(300, winsorise), abs=2e-3)


@pytest.mark.parametrize("k", [10, 25, 100])
@pytest.mark.parametrize(("tau", "few", "most"), [(0.0, 0.01, 0.05), (0.35, 0.035, 0.06), (0.7, 0.035, 0.06)])
def test_about_95_of_100_practices_lie_within_the_limits(k: int, tau: float, few: float, most: float) -> None:
    """Practices of 12 to 200 answers; the published formula leaves twice as many outside where they differ."""
    rng = np.random.default_rng(31)
    outside: dict[str, list[float]] = {"corrected": [], "winsorised": []}
    phi = []
    for _ in range(300):
        n = np.exp(rng.uniform(np.log(12), np.log(200), k)).round()
        s = 1.5 / np.sqrt(n)
        y = rng.normal(8, np.sqrt(tau**2 + s**2))
        for method, shares in outside.items():
            found = overdispersion(y, s, n, method=method)
            shares.append((np.abs(y - found.centre) > 1.96 * np.sqrt(s**2 + found.tau2)).mean())
        phi.append(overdispersion(y, s, n).phi)
    assert few < np.mean(outside["corrected"]) < most
    if tau:
        assert np.mean(outside["winsorised"]) > 0.08
    else:
        assert np.mean(phi) == pytest.approx(1 - 1 / k, abs=0.05)


def test_the_variance_between_practices_is_not_that_of_outliers() -> None:
    """Three of fifty practices far out hardly widen the limits; without winsorising they double the variance."""
    rng = np.random.default_rng(32)
    n, s = np.full(50, 60.0), np.full(50, 0.2)
    y = rng.normal(8, np.sqrt(0.3**2 + s**2))
    y[:3] -= 3
    assert overdispersion(y, s, n).tau2 < 2.5 * 0.3**2
    assert overdispersion(y, s, n, winsorise=0.0).tau2 > 5 * 0.3**2


def test_funnel_limits_narrow_with_n_and_contain_the_centre(responses: Responses) -> None:
    for outcome in ("ktv", "returned", "desk"):
        result = estimate_funnel(responses, outcome)
        curves = result.curves(np.arange(1.0, 200.0))
        widths = curves["high95"] - curves["low95"]
        assert (np.diff(widths) <= 1e-12).all()
        assert (curves["low998"] <= curves["low95"]).all()
        assert (curves["high95"] <= curves["high998"]).all()
        assert curves["low95"].le(result.centre).all()
        assert curves["high95"].ge(result.centre).all()
        table = result.tidy()
        at_n = result.curves(table["n"].to_numpy(float))
        np.testing.assert_allclose(table["low95"], at_n["low95"])
        outside = (table["estimate"] > table["high95"]) | (table["estimate"] < table["low95"])
        flagged = table["flag"] != "within"
        assert (outside == flagged).all() or (outcome == "returned" and not (flagged & ~outside).any())


def test_a_corrected_figure_is_no_better_than_the_best_answer() -> None:
    """Patients of one practice are so young that a straight line puts it above a grade of 10."""
    rng = np.random.default_rng(41)
    codes = np.repeat(np.arange(20), 40)
    age = rng.normal(50, 8, codes.size) - 45 * (codes == 0)
    grade = np.clip(np.round(9 + 0.06 * (age - 50) + rng.normal(0, 0.5, codes.size)), 1, 10)
    grade[codes == 0] = rng.choice([9, 10], 40)
    responses = make_responses({"ktv": grade.tolist(), "age": age.tolist()}, [f"p{j:02d}" for j in codes])
    comparison = compare_practices(responses, "ktv", adjusters=("age",)).tidy()
    assert comparison["estimate"].max() > 10
    assert comparison["shrunk"].max() == 10
    for additive in (True, False):
        funnel = estimate_funnel(responses, "ktv", adjusters=("age",), additive=additive)
        table = funnel.tidy().set_index("practice_id")
        assert table["estimate"].between(1, 10).all()
        assert table.loc["p00", "estimate"] == 10
        outside = (table["estimate"] > table["high95"]) | (table["estimate"] < table["low95"])
        assert (outside == (table["flag"] != "within")).all()
        assert funnel.centre == pytest.approx(grade.mean())


def test_share_flags_are_exact_for_few_answers() -> None:
    """Nine of nine where 75 % is usual has the chance .75⁹ = .075: outside the arcsine limits, but no signal."""
    practice = ["few"] * 9 + [f"p{j:02d}" for j in range(40) for _ in range(40)] + ["low"] * 40
    answers = [1] * 9 + ([1] * 30 + [0] * 10) * 40 + [1] * 12 + [0] * 28
    result = estimate_funnel(make_responses({"returned": answers}, practice), "returned", additive=False)
    table = result.tidy().set_index("practice_id")
    assert table.loc["few", "z"] > 3
    assert table.loc["few", "flag"] == "within"
    assert table.loc["low", "flag"] == "low998"
    from scipy.stats import binom

    from pxanalysis.analysis.practices.funnel import _binomial_tail

    shares, n = np.array([1.0, 0.0, 0.3, 0.9]), np.array([9.0, 9.0, 40.0, 40.0])
    exact = [binom.sf(8, 9, 0.75), binom.cdf(0, 9, 0.75), binom.cdf(12, 40, 0.75), binom.sf(35, 40, 0.75)]
    np.testing.assert_allclose(_binomial_tail(shares, n, 0.75), exact, rtol=1e-10)


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
    from matplotlib.figure import Figure

    funnel = estimate_funnel(responses).plot()
    caterpillar = order_practices(compare_practices(responses)).plot()
    for figure in (funnel, caterpillar):
        assert isinstance(figure, Figure)
        assert figure.axes[0].collections


# --- Real data ------------------------------------------------------------------------------------------------------


@pytest.mark.real_data
@pytest.mark.skipif(not HOSPITAL.exists(), reason="needs ../shared/data/hospital_2016, which is not on this machine")
def test_hospital_icc() -> None:
    """An independent one-way analysis of variance of satisfaction over hospitals gave an ICC of .015."""
    data = pd.read_csv(HOSPITAL, usecols=["HOSPITAL", "sat_score"])
    codes = pd.factorize(data["HOSPITAL"])[0].astype(np.intp)
    parts = variance_components(practice_stats(data[["sat_score"]].to_numpy(), codes, codes.max() + 1))
    assert round(float(parts.icc[0]), 3) == 0.015
    assert int(parts.n_practices[0]) == 23
