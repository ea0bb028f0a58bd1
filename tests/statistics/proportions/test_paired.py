"""Tests of: Two shares in the same people, for example who gives the best grade and who would recommend."""

from __future__ import annotations

import numpy as np
import pytest

from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.proportions.net_scores import estimate_net_score, paired_net_difference
from pxanalysis.statistics.proportions.paired import compare_paired_shares, mcnemar_clustered


def test_nobody_differing_has_no_mcnemar() -> None:
    same = np.array([True, False, True])
    found = compare_paired_shares(same, same)
    assert np.isnan(found.chi2)
    assert (found.estimate, found.exact_p) == (0.0, 1.0)
    assert found.ci_low < 0 < found.ci_high, "no difference in three people proves nothing"
    assert np.isnan(mcnemar_clustered(same, same, np.array([0, 1, 1]))).all()


def test_empty_groups_are_refused() -> None:
    with pytest.raises(AnalysisError, match="at least one answer"):
        estimate_net_score(np.empty(0))
    with pytest.raises(AnalysisError, match="at least two people"):
        paired_net_difference(np.ones(1), np.ones(1))
    with pytest.raises(AnalysisError, match="there are none"):
        compare_paired_shares(np.empty(0, dtype=bool), np.empty(0, dtype=bool))
