"""What tests of several rooms share: relative importance against relaimpo, rwa, domir and iopsych, brute force,
scipy, and simulated truth.
"""

from __future__ import annotations

import pytest
from driver_data import as_responses, linear_study, plain_journey

from pxanalysis.analysis.importance.estimate import estimate_importance


@pytest.fixture(scope="module")
def study():
    answers, practice = linear_study(n=900, practices=45, slopes=(0.06, 0.03, 0.0, 0.02))
    return as_responses(plain_journey(["t0", "t1", "t2", "t3"]), answers, practice)


@pytest.fixture(scope="module")
def result(study):
    return estimate_importance(study, n_bootstrap=400)
