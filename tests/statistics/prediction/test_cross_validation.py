"""Tests of: How well a criterion is predicted in practices that the model has not seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prediction_data import CODES, ROWS
from sklearn.linear_model import LogisticRegression

from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.prediction.cross_validation import deal_folds, predict_left_out


@given(st.integers(2, 6), st.integers(0, 100))
def test_folds_keep_practices_together(n_folds: int, seed: int) -> None:
    fold = deal_folds(CODES, n_folds, seed)
    assert pd.Series(fold).groupby(CODES).nunique().max() == 1
    assert np.unique(fold).size == n_folds


def test_logit_predictions_are_those_of_scikit_learn() -> None:
    y = (ROWS[:, 2] > 0).astype(float)
    fold = deal_folds(CODES, 4, 1)
    found = predict_left_out(y, ROWS[:, :2], fold, "binary")
    for number in range(4):
        test = fold == number
        other = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(ROWS[~test, :2], y[~test])
        np.testing.assert_allclose(found.predicted[test], other.predict_proba(ROWS[test, :2])[:, 1], rtol=1e-5)


def test_a_fold_that_leaves_one_class_is_refused() -> None:
    y = np.array([0.0, 0.0, 1.0, 1.0])
    with pytest.raises(NotEstimableError, match="without fold 1 the criterion has one class"):
        predict_left_out(y, np.zeros((4, 1)), np.array([0, 0, 1, 1]), "binary")
