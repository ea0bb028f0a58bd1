"""How well a criterion is predicted in practices that the model has not seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pxanalysis.arrays import FloatArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.non_nested.fits import CriterionKind, fit_model, predict

__all__ = ["OutOfSample", "PredictionScores", "deal_folds", "predict_left_out", "score_predictions"]

IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class OutOfSample:
    """Predictions of rows that were left out, (n,): the model's, and the mean of the rows it was fitted on."""

    predicted: FloatArray
    baseline: FloatArray


@dataclass(frozen=True, slots=True)
class PredictionScores:
    """Pooled over all rows; NaN where a score is for the other kind of criterion.

    Attributes
    ----------
    log_loss, brier, auc, hit_rate
        Binary: natural log; mean squared error; area under the curve of the pooled predictions; share of rows on the
        right side of a chance of .5.
    base_rate
        Hit rate of always saying the most frequent class.
    r2
        Against the mean (share) of the rows fitted on: 1 − SSE/Σ(y − training mean)².
    rmse, mae
        In the units of the criterion.
    """

    log_loss: float
    brier: float
    auc: float
    hit_rate: float
    base_rate: float
    r2: float
    rmse: float
    mae: float


def deal_folds(codes: IntArray, n_folds: int, seed: int) -> IntArray:
    """Fold of each row (n,), whole practices together, folds of about equal size (scikit-learn's GroupKFold).

    Examples
    --------
    >>> deal_folds(np.repeat(np.arange(4), 5), 2, seed=1).reshape(4, 5).std(axis=1).tolist()
    [0.0, 0.0, 0.0, 0.0]
    """
    from sklearn.model_selection import GroupKFold

    splitter = GroupKFold(n_splits=n_folds, shuffle=True, random_state=seed)
    fold = np.empty(codes.size, dtype=np.intp)
    for number, (_, test) in enumerate(splitter.split(np.zeros((codes.size, 1)), groups=codes)):
        fold[test] = number
    return fold


def predict_left_out(criterion: FloatArray, columns: FloatArray, fold: IntArray, kind: CriterionKind) -> OutOfSample:
    """Fit on all folds but one and predict that one, for every fold; no columns: the mean only.

    Raises
    ------
    NotEstimableError
        When the rows outside a fold have one class.
    """
    predicted, baseline = np.empty(criterion.size), np.empty(criterion.size)
    for number in np.unique(fold):
        test = fold == number
        if kind == "binary" and np.unique(criterion[~test]).size < 2:
            raise NotEstimableError(
                f"without fold {int(number) + 1} the criterion has one class; use fewer folds.", "constant_outcome"
            )
        fit = fit_model(criterion[~test], columns[~test], kind)
        predicted[test], baseline[test] = predict(fit, columns[test]), criterion[~test].mean()
    return OutOfSample(predicted, baseline)


def score_predictions(criterion: FloatArray, found: OutOfSample, kind: CriterionKind) -> PredictionScores:
    """Score predictions (n,) of left-out rows by scikit-learn's measures."""
    from sklearn.metrics import brier_score_loss, log_loss, mean_absolute_error, roc_auc_score, root_mean_squared_error

    nan = float("nan")
    squares = float(((criterion - found.predicted) ** 2).sum())
    r2 = 1.0 - squares / float(((criterion - found.baseline) ** 2).sum())
    if kind == "continuous":
        rmse, mae = (score(criterion, found.predicted) for score in (root_mean_squared_error, mean_absolute_error))
        return PredictionScores(nan, nan, nan, nan, nan, r2, float(rmse), float(mae))
    share = float(criterion.mean())
    return PredictionScores(
        log_loss=float(log_loss(criterion, found.predicted, labels=[0, 1])),
        brier=float(brier_score_loss(criterion, found.predicted)),
        auc=float(roc_auc_score(criterion, found.predicted)),
        hit_rate=float(((found.predicted >= 0.5) == (criterion == 1)).mean()),
        base_rate=max(share, 1.0 - share),
        r2=r2,
        rmse=nan,
        mae=nan,
    )
