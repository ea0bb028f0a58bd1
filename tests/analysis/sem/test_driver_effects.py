"""Priorities by total effects of latent touchpoints: known truth, what reports hold, and refusals."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from driver_data import as_responses, score_journey

import pxanalysis as pxa
from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.priorities import estimate_priorities
from pxanalysis.analysis.sem import SemOptions
from pxanalysis.analysis.sem.driver_effects import effects_of_sem
from pxanalysis.analysis.whole_study.drivers import tabulate_drivers
from pxanalysis.analysis.whole_study.settings import FitSettings
from pxanalysis.errors import AnalysisError
from pxanalysis.survey.responses import Responses

ITEMS = {f"t{t}": [f"t{t}_{i}" for i in range(3)] for t in range(3)}
SLOPES = np.array([0.04, 0.02, 0.03])


@pytest.fixture(scope="module")
def responses() -> Responses:
    """3,000 patients of 15 practices; items hold as much error as experience."""
    rng = np.random.default_rng(6)
    n, practices = 3000, 15
    practice = np.arange(n) % practices
    level = 5 * rng.standard_normal((practices, 3))
    truth = 65 + level[practice] + 6 * rng.standard_normal((n, 1)) + 10 * rng.standard_normal((n, 3))
    answers = {f"t{t}_{i}": truth[:, t] + 12 * rng.standard_normal(n) for t in range(3) for i in range(3)}
    frame = pd.DataFrame(answers).assign(ktv=truth @ SLOPES + 0.5 * rng.standard_normal(n), nps=5.0, returned=0)
    return as_responses(score_journey(ITEMS), frame, practice)


def test_effects_are_slopes_on_true_scores_and_stand_beside_errors_in_variables(responses: Responses) -> None:
    """Within three standard errors (.0015) of the generator's slopes; the two methods agree to .001."""
    sem = pxa.fit_sem(responses, options=SemOptions(n_bootstrap=100))
    model = fit_drivers(responses, n_bootstrap=60, cross_validate=False)
    found = effects_of_sem(sem, model, 100, 1)
    np.testing.assert_allclose(found.effect, SLOPES, atol=0.0045)
    corrected = model.terms.set_index("term")["b_corrected"].astype(float).loc[list(ITEMS)]
    np.testing.assert_allclose(found.effect, corrected, atol=0.001)
    priorities = estimate_priorities(responses, model, effects=found, n_bootstrap=100)
    assert [version.name for version in priorities.effects.versions] == ["sem"]
    assert priorities.frame["gain"].notna().all()
    assert priorities.frame["gain_corrected"].isna().all()
    np.testing.assert_allclose(priorities.frame.groupby("touchpoint")["effect"].first(), found.effect)


def test_a_study_that_ranks_by_sem_shows_the_three_rankings(responses: Responses) -> None:
    settings = FitSettings(n_bootstrap=100, priorities="sem")
    meta, drivers, priorities = tabulate_drivers(responses, settings)
    assert meta["gains_from"] == ["sem"]
    assert meta["ranking_agreement"]["tau"] == pytest.approx(1.0)
    assert drivers[["rank", "rank_corrected", "rank_sem"]].notna().all(axis=None)
    assert priorities["gain"].notna().all()
    plain, beside, _ = tabulate_drivers(responses, replace(settings, priorities="regression"))
    assert plain["ranking_agreement"] is None
    assert beside["rank_sem"].isna().all()


def test_effects_of_another_model_are_refused(responses: Responses) -> None:
    sem = pxa.fit_sem(responses, options=SemOptions(n_bootstrap=100))
    model = fit_drivers(responses, n_bootstrap=60, cross_validate=False)
    other = replace(model, outcome="elsewhere")
    with pytest.raises(AnalysisError, match="the model has no 'elsewhere'"):
        effects_of_sem(sem, other, 100, 1)
