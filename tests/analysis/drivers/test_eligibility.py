"""Tests of: What these answers can carry: which drivers, which "met" effects, how many rows for how many terms."""

from __future__ import annotations

import numpy as np
import pytest
from driver_data import as_responses, linear_study, plain_journey
from regression_data import DRIVERS

from pxanalysis.analysis.drivers.eligibility import check_size
from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.errors import NotEstimableError


def test_no_reason_tells_how_few_people_answered_or_what() -> None:
    answers, practice = linear_study(n=400)
    answers.loc[np.arange(400) >= 7, "ktv"] = np.nan
    journey = plain_journey(DRIVERS)
    with pytest.raises(NotEstimableError) as few:
        fit_drivers(as_responses(journey, answers, practice))
    assert "fewer than 10 people" in str(few.value)
    assert "7" not in str(few.value)
    answers["ktv"] = answers["ktv"].where(answers["ktv"].isna(), 8.0)
    with pytest.raises(NotEstimableError, match="outcome 'ktv' is constant, so"):
        fit_drivers(as_responses(journey, answers, practice))
    with pytest.raises(NotEstimableError, match=r"^fewer than 10 responses cannot carry 8 drivers"):
        check_size(journey.outcome("ktv"), 9, 8, 0, {})
