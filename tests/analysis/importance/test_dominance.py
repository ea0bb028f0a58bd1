"""Tests of: Dominance of one driver over another: on average, per model size, and in every model."""

from __future__ import annotations

import numpy as np
from importance_data import result, study  # noqa: F401


def test_dominance_result_of_a_model(result) -> None:
    found = result.dominance()
    table = found.tidy()
    assert len(table) == 6
    np.testing.assert_allclose(found.conditional.mean(axis=1), result.importance, atol=1e-12)
    first = table.iloc[0]
    assert (first["term"], first["dominance"], first["complete"]) == ("t0", "complete", 1.0)
    assert found.glance().loc[0, ["n_complete", "n_conditional", "n_general"]].sum() == 6
