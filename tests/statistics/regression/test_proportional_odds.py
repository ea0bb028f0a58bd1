"""Tests of: Proportional-odds regression, of which logistic regression is the case of two categories."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.miscmodels.ordinal_model import OrderedModel

from pxanalysis.statistics.regression.proportional_odds import (
    category_probabilities,
    fit_categorical,
    one_step_replicates,
)


def ordinal_answers(n: int, seed: int, cuts: tuple[float, ...] = (-2, -1, 0, 1.5)):
    rng = np.random.default_rng(seed)
    design = np.column_stack([20 * rng.normal(size=n), 80 + rng.normal(size=n), rng.normal(size=n)])
    latent = design @ [0.03, 0.2, 0.5] - 16 + rng.logistic(size=n)
    return design, np.digitize(latent, cuts).astype(float)


def test_proportional_odds_equal_statsmodels() -> None:
    """Same maximum as OrderedModel (whose optimiser stops at about 1e-6)."""
    design, answers = ordinal_answers(1500, 10)
    ours = fit_categorical(answers, design)
    theirs_model = OrderedModel(answers.astype(int), design - design.mean(axis=0), distr="logit")
    theirs = theirs_model.fit(method="bfgs", disp=0, gtol=1e-8, maxiter=2000)
    np.testing.assert_allclose(ours.coefficients, theirs.params[:3], atol=1e-5)
    thresholds = theirs_model.transform_threshold_params(theirs.params)[1:-1] + design.mean(axis=0) @ ours.coefficients
    np.testing.assert_allclose(ours.thresholds, thresholds, atol=1e-4)
    assert ours.loglik == pytest.approx(theirs.llf, abs=1e-6)
    np.testing.assert_allclose(
        category_probabilities(ours, design[:5]),
        theirs.model.predict(theirs.params, design[:5] - design.mean(axis=0)),
        atol=1e-5,
    )


def test_weights_of_two_count_a_response_twice() -> None:
    design, answers = ordinal_answers(400, 12)
    twice = np.concatenate([np.arange(400), np.arange(100)])
    weights = np.where(np.arange(400) < 100, 2.0, 1.0)
    doubled, weighted = (
        fit_categorical(answers[twice], design[twice]),
        fit_categorical(answers, design, weights=weights),
    )
    np.testing.assert_allclose(weighted.parameters, doubled.parameters, atol=1e-8)


@pytest.mark.slow
def test_one_step_bootstrap_is_near_fitting_every_sample() -> None:
    """40 samples of 40 practices: one Newton step is off by a tenth of a standard error, half of one at most."""
    design, answers = ordinal_answers(2000, 13)
    codes = np.arange(2000) % 40
    fit = fit_categorical(answers, design, units=codes)
    rng = np.random.default_rng(14)
    counts = rng.multinomial(40, np.full(40, 1 / 40), size=40)
    quick = one_step_replicates(fit, counts)[:, -3:]
    full = np.array(
        [fit_categorical(answers, design, weights=count[codes].astype(float)).coefficients for count in counts]
    )
    off = (quick - full) / full.std(axis=0)
    assert np.sqrt((off**2).mean()) < 0.12
    assert np.abs(off).max() < 0.5
