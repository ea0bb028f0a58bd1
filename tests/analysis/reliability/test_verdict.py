"""Tests of: What a reliability is good enough for: a stable code, the sentence that goes with it, and whether it
is certain.
"""

from __future__ import annotations

import numpy as np
import pytest
from reliability_data import EDGES, edge

from pxanalysis.analysis.reliability import (
    DEFINITIONS,
    VERDICTS,
)
from pxanalysis.analysis.reliability.verdict import judge_reliability


@pytest.mark.parametrize("code", EDGES)
def test_each_edge_carries_its_reason(code):
    values, verdict = EDGES[code]
    found = edge(values)
    assert (found.reason_code, found.verdict.code) == (code, verdict)
    assert found.reason
    assert len(found.coefficients) == len(DEFINITIONS)
    tidy = found.tidy()
    assert (tidy["reason"].ne("") | tidy["estimate"].notna()).all()
    assert found.glance().loc[0, "sentence"] == VERDICTS[verdict]
    assert found.reason.replace("'", "&#x27;")[:20] in found._repr_html_().replace("'", "&#x27;")


@pytest.mark.parametrize(
    ("estimate", "low", "code", "certain"),
    [
        (0.92, 0.91, "individuals", True),
        (0.92, 0.85, "individuals", False),
        (0.85, 0.81, "strong", True),
        (0.75, 0.65, "groups", False),
        (0.65, 0.61, "exploration", True),
        (0.30, 0.10, "insufficient", True),
        (-0.2, -0.9, "negative", True),
        (np.nan, np.nan, "not-estimable", True),
    ],
)
def test_verdicts_and_their_certainty(estimate, low, code, certain):
    verdict = judge_reliability(estimate, low, "alpha")
    assert (verdict.code, verdict.certain) == (code, certain)
    assert verdict.sentence.startswith(VERDICTS[code])
    assert ("more responses are needed" in verdict.sentence) is not certain
