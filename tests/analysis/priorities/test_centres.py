"""Tests of: Where practices lie and how far apart, as draws from the posterior of a normal hierarchical model."""

from __future__ import annotations

import numpy as np
import pytest

from pxanalysis.analysis.priorities.centres import draw_centres
from pxanalysis.analysis.priorities.performance import (
    PracticePerformance,
    draw_performance,
)
from pxanalysis.statistics.random_effects.variance import PracticeStats

EIGHT_SCHOOLS = np.array([[28, 15], [8, 10], [-3, 16], [7, 11], [-1, 9], [1, 11], [18, 10], [12, 18]], dtype=float)


def test_centre_and_spread_are_drawn_from_the_posterior_of_the_eight_schools():
    """Gelman et al., Bayesian Data Analysis (3rd ed.), section 5.5 and table 5.3, and the same model in the manual of
    RStan ("getting started"): mean of mu 8.0 (sd 5.1); tau with quartiles 2.6, 5.4, 9.1 and 97.5th percentile 20.6;
    tolerance their Monte Carlo error and the last digit."""
    estimates, errors = EIGHT_SCHOOLS.T[:, :, None]
    stats = PracticeStats(n=np.ones((8, 1)), mean=estimates, ss=np.zeros((8, 1)))
    centre, between = draw_centres(stats, errors**2, np.ones((1, 1)), 40_000, np.random.default_rng(1))
    assert centre.mean() == pytest.approx(8.0, abs=0.25)
    assert centre.std() == pytest.approx(5.1, abs=0.25)
    np.testing.assert_allclose(np.quantile(np.sqrt(between), [0.25, 0.5, 0.75, 0.975]), [2.6, 5.4, 9.1, 20.6], atol=0.6)


def test_practice_means_of_the_eight_schools_have_their_published_quantiles():
    """Table 5.3 of Bayesian Data Analysis, schools A, C and G: 2.5, 50 and 97.5 %, from 200 draws (error about 1.5).

    A school stands for a practice of n patients with error²·n of variance between patients."""
    rng = np.random.default_rng(2)
    n = 400.0 / EIGHT_SCHOOLS[:, 1:] ** 2 * 100
    estimates = EIGHT_SCHOOLS[:, :1]
    stats = PracticeStats(n=n, mean=estimates, ss=np.zeros((8, 1)))
    within = np.array([40_000.0])
    centre, between = draw_centres(stats, within / n, np.ones((1, 1)), 20_000, rng)
    performance = PracticePerformance(
        n=n,
        mean=estimates,
        shrunk=estimates,
        sd=np.ones((8, 1)),
        factor=np.ones((8, 1, 1)),
        unevenness=np.ones((8, 1)),
        centre=centre,
        between=between,
        within=within,
    )
    drawn = draw_performance(performance, 20_000, rng)[:, [0, 2, 6], 0]
    expected = [[-2, 10, 31], [-11, 7, 19], [-1, 10, 26]]
    np.testing.assert_allclose(np.quantile(drawn, [0.025, 0.5, 0.975], axis=0).T, expected, atol=2.0)
