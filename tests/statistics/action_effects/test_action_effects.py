"""Effects of actions against outside values: exact normal theory, a two-period panel, Paule and Mandel's estimate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from pxanalysis.statistics.action_effects.donut import average_programme, estimate_donut_difference
from pxanalysis.statistics.action_effects.kinds import paule_mandel, pool_kinds
from pxanalysis.statistics.action_effects.shrunken import answers_needed, estimate_shrunken_difference
from pxanalysis.statistics.action_effects.windows import (
    MonthlyCells,
    WindowMeans,
    estimate_between_variance,
    pool_within_variance,
)

REFERENCE = Path(__file__).parents[2] / "reference" / "action_effects"


def test_expected_level_is_that_of_exact_normal_theory() -> None:
    rows = pd.read_csv(REFERENCE / "rtm_normal_theory.csv")
    rows = rows[rows["select"] == "x=70"]
    assert len(rows) >= 10
    for row in rows.itertuples():
        # 400 practices whose means spread exactly as theory has them; the first was measured at 70
        size, spread = 400, row.tau2 + row.s2 / row.n
        rest = np.sqrt((spread * (size - 1) - 2 * (row.mu - 70.0) ** 2) / (size - 2))
        means = row.mu + np.r_[70.0 - row.mu, row.mu - 70.0, np.tile([rest, -rest], size // 2 - 1)]
        before = WindowMeans(means[:, None], np.full((size, 1), float(row.n)))
        within = np.array([row.s2])
        assert estimate_between_variance(before, within) == pytest.approx(row.tau2, rel=1e-6)
        found = estimate_shrunken_difference(before, before, within, np.arange(size) > 0)
        assert found.expected[0, 0] == pytest.approx(row.expected_true, rel=1e-6)
        assert found.expected[0, 0] - 70.0 == pytest.approx(row.expected_rtm, rel=1e-6)


def test_difference_of_a_two_period_panel_is_that_of_fixest() -> None:
    panel = pd.read_csv(REFERENCE / "did_panel_A.csv").pivot_table(
        index=["practice", "treated"], columns="time", values="y"
    )
    treated = panel.index.get_level_values("treated").to_numpy() == 1
    base, after = (WindowMeans(panel[[k]].to_numpy(), np.full((len(panel), 1), 40.0)) for k in (0, 1))
    found = estimate_donut_difference(base, after, np.array([200.0]), ~treated)
    own = found.effect[treated, 0]
    m = len(own)
    mean = average_programme(own, np.arange(m), np.zeros(m, dtype=int), np.repeat(found.shared, m))
    assert mean.estimate == pytest.approx(7.631025, rel=1e-6)
    change = (panel[1] - panel[0]).to_numpy()
    spread, beside = change[treated].var(ddof=1) / 8, change[~treated].var(ddof=1)
    assert np.sqrt(spread + beside / 12) == pytest.approx(1.009, abs=5e-4)
    # each comparison residual is divided by 11/12 (HC3), which makes the variance of their mean 12/11 of Welch's
    welch = np.sqrt(spread + beside / 11)
    assert mean.std_error == pytest.approx(welch, rel=1e-9)


def test_spread_of_effects_is_paule_and_mandels() -> None:
    rng = np.random.default_rng(3)
    variances = rng.uniform(1.0, 6.0, 12)
    effects = 4.0 + 2.5 * rng.standard_normal(12) + np.sqrt(variances) * rng.standard_normal(12)
    outside = combine_effects(effects, variances, method_re="iterated", atol=1e-12)
    kinds = np.zeros(12, dtype=int)
    assert outside.tau2 > 0
    assert paule_mandel(effects, variances, kinds) == pytest.approx(outside.tau2, rel=1e-6)
    pooled = pool_kinds(effects, variances, kinds, touchpoints=kinds, shared=np.zeros(12))
    assert pooled.estimate[0] == pytest.approx(outside.mean_effect_re, rel=1e-6)
    assert pooled.std_error[0] == pytest.approx(outside.sd_eff_w_re, rel=1e-6)
    assert pooled.next_low[0] < pooled.low[0] < pooled.high[0] < pooled.next_high[0]


@pytest.mark.parametrize(
    ("sd", "n_before", "change", "expected"),
    [
        *((15, 60, 5, 72), (15, 120, 5, 52), (15, 240, 5, 44), (15, 60, 10, 10), (15, 120, 10, 10), (15, 240, 10, 9)),
        *((18, 60, 5, 170), (18, 120, 5, 89), (18, 240, 5, 69), (15, 30, 5, 160)),
    ],
)
def test_answers_needed_are_those_of_the_design(sd: float, n_before: int, change: float, expected: int) -> None:
    within, between = 0.95 * sd**2, 0.05 * sd**2
    found = answers_needed(n_before, within, between, 0.8, change=change, quantile=1.96)
    assert found == pytest.approx(expected, rel=0.03, abs=1.0)  # the design gives whole answers


def test_few_answers_before_are_never_made_good() -> None:
    assert answers_needed(30, 0.95 * 18.0**2, 0.05 * 18.0**2, 0.8, change=5, quantile=1.96) == np.inf


def test_a_comparison_practice_is_held_beside_the_others_only() -> None:
    rng = np.random.default_rng(8)
    before, after = (WindowMeans(80 + 3 * rng.standard_normal((12, 2)), np.full((12, 2), 50.0)) for _ in range(2))
    compared = np.arange(12) > 1
    within = np.array([200.0, 150.0])
    whole = estimate_shrunken_difference(before, after, within, compared)
    moved = WindowMeans(after.mean + 100.0 * (np.arange(12) == 5)[:, None], after.n)
    other = estimate_shrunken_difference(before, moved, within, compared)
    # equal n: the trend without practice 5 does not move with it
    assert other.effect[5] - whole.effect[5] == pytest.approx(100.0)
    assert (whole.n_compared == 10).all()
    assert (whole.variance[5] > whole.variance[0]).all()


def test_cells_give_windows_and_variance_within() -> None:
    n, total, squares = (np.zeros((1, 3, 1)) for _ in range(3))
    for month, answers in enumerate(([70.0, 80.0], [90.0], [60.0, 60.0])):
        n[0, month], total[0, month], squares[0, month] = len(answers), sum(answers), sum(a * a for a in answers)
    cells = MonthlyCells(n, total, squares)
    assert cells.window(0, 2).mean[0, 0] == 80.0
    assert cells.window(0, 2).n[0, 0] == 3
    assert pool_within_variance(cells)[0] == pytest.approx(25.0)  # 50 on 2 degrees of freedom
    assert np.isnan(cells.window(1, 1).mean[0, 0])
