"""What tests of several rooms share: priorities against statsmodels, hand calculation and simulated truth; what
must hold whatever the data.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from driver_data import as_responses, linear_study, plain_journey

from pxanalysis.analysis.priorities import PrioritiesResult, estimate_priorities
from pxanalysis.journey import Journey
from pxanalysis.survey.responses import Responses

DRIVERS = ["t0", "t1", "t2", "t3"]


SLOPES = (0.06, 0.04, 0.02, 0.01)


def study(n: int = 1200, practices: int = 12, slopes=SLOPES, **options) -> tuple[Journey, pd.DataFrame, np.ndarray]:
    """Four touchpoints of known slopes; an NPS answer follows the grade."""
    answers, practice = linear_study(n, practices, slopes, practice_sd=5.0, **options)
    answers["nps"] = np.clip(np.rint(answers["ktv"] + 0.5), 0, 10)
    return plain_journey([f"t{i}" for i in range(len(slopes))]), answers, practice


@pytest.fixture(scope="module")
def responses() -> Responses:
    journey, answers, practice = study()
    return as_responses(journey, answers, practice)


@pytest.fixture(scope="module")
def found(responses: Responses) -> PrioritiesResult:
    return estimate_priorities(responses, n_bootstrap=400)


def rows(result: PrioritiesResult, practice: str = "0") -> pd.DataFrame:
    frame = result.frame
    return frame[frame["practice_id"] == practice].set_index("touchpoint")


# --- abstaining -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def alike() -> Responses:
    """Six touchpoints that count alike, in practices of 15 to 60: nobody can order them."""
    rng = np.random.default_rng(9)
    sizes = np.array([15, 20, 25, 30, 60] * 3)
    practice = np.repeat(np.arange(15), sizes)
    latent = 3 * rng.standard_normal((15, 6))[practice]
    scores = 65 + latent + 12 * rng.standard_normal((practice.size, 1)) + 12 * rng.standard_normal((practice.size, 6))
    answers = pd.DataFrame({f"t{i}_item": scores[:, i] for i in range(6)})
    answers["ktv"] = scores @ np.full(6, 0.015) + rng.standard_normal(practice.size)
    return as_responses(plain_journey([f"t{i}" for i in range(6)]), answers, practice)
