"""Case-mix adjustment of shares and ordered answers: predictive margins of a cumulative-logit model."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from pxanalysis.arrays import FloatArray, IntArray
from pxanalysis.statistics.regression.fixed_effects import AdjustedFit, kish_weights
from pxanalysis.statistics.regression.practice_intercepts import LogitFit, expected_answer, fit_cumulative_logit

__all__ = ["fit_logit_margins"]
HIGHEST = "every patient gave the highest answer, so the adjusted mean is that answer and has no standard error"
LOWEST = "every patient gave the lowest answer, so the adjusted mean is that answer and has no standard error"


def _extremes(
    answer: IntArray, codes: IntArray, n_practices: int
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Practices in which everybody gave the highest, and the lowest, answer."""
    count = np.bincount(codes, minlength=n_practices)
    top = np.bincount(codes, answer == answer.max(), minlength=n_practices)
    bottom = np.bincount(codes, answer == answer.min(), minlength=n_practices)
    return (count > 0) & (top == count), (count > 0) & (bottom == count)


def _fit(answer: IntArray, x: FloatArray, codes: IntArray, weights: FloatArray) -> tuple[LogitFit | None, IntArray]:
    """Fit with answers and practices renumbered; also the answers that occur."""
    seen, recoded = np.unique(answer, return_inverse=True)
    _, practice = np.unique(codes, return_inverse=True)
    if seen.size < 2:
        return None, seen
    fit = fit_cumulative_logit(recoded.astype(np.intp), x, practice.astype(np.intp), int(practice.max()) + 1, weights)
    return fit, seen


def _fit_finite(
    answer: IntArray, x: FloatArray, codes: IntArray, weights: FloatArray
) -> tuple[LogitFit | None, IntArray, npt.NDArray[np.bool_]]:
    """The fit without adjusters whose effect has no finite estimate, the answers that occur, and which are in it."""
    finite = np.ones(x.shape[1], dtype=bool)
    while True:
        fit, seen = _fit(answer, x[:, finite], codes, weights)
        gone = np.zeros(0, dtype=np.intp) if fit is None else fit.runaway(x[:, finite].std(axis=0))
        if not gone.size:
            return fit, seen, finite
        finite[np.flatnonzero(finite)[gone]] = False


def _placed(values: FloatArray, finite: npt.NDArray[np.bool_]) -> FloatArray:
    placed = np.full(finite.size, np.nan)
    placed[finite] = values
    return placed


def fit_logit_margins(
    y: FloatArray, x: FloatArray, codes: IntArray, n_practices: int, weights: FloatArray | None = None
) -> AdjustedFit | None:
    """Adjust shares (0/1) or means of ordered answers for case mix.

    The adjusted value of a practice is the mean answer that the model expects if all patients of the study had gone
    there (direct standardisation). A practice in which all answers are the highest or the lowest stays there: for a
    share with the standard error of Agresti & Coull (1998), for an ordered answer without one, and said in ``note``.

    Parameters
    ----------
    y
        Shape (n,), no missing values; its distinct values are the ordered answers.
    x, weights
        Shapes (n, p) centred, and (n,) above 0, scaled per practice to Kish's effective number.

    Returns
    -------
    The fit, with NaN as the effect of adjusters that were left out because it is not finite; or None when it does not
    exist (fewer than two practices with mixed answers, or adjusters that predict the answers perfectly).
    """
    weight = np.ones(len(y)) if weights is None else kish_weights(weights, codes, n_practices)
    values, answer = np.unique(y, return_inverse=True)
    answer = answer.astype(np.intp)
    mass = np.bincount(codes, weight, minlength=n_practices).astype(np.float64)
    top, bottom = _extremes(answer, codes, n_practices)
    mixed = (mass > 0) & ~top & ~bottom
    rows = mixed[codes]
    if mixed.sum() < 2:
        return None
    fit, seen, finite = _fit_finite(answer[rows], x[rows], codes[rows], weight[rows])
    null, _ = _fit(answer, x, np.zeros_like(codes), weight)
    if fit is None or null is None:
        return None
    adjusted, error = np.full(n_practices, np.nan), np.full(n_practices, np.nan)
    adjusted[mixed], error[mixed] = expected_answer(fit, values[seen], x[:, finite], weight)
    adjusted[top], adjusted[bottom] = values[-1], values[0]
    note = np.where(mass > 0, "", "no answers").astype(object)
    if values.size == 2:
        pulled = (np.where(top, mass, 0.0) + 2.0) / (mass + 4.0)
        coull = (values[1] - values[0]) * np.sqrt(pulled * (1 - pulled) / (mass + 4.0))
        error = np.where(top | bottom, coull, error)
    else:
        note[top], note[bottom] = HIGHEST, LOWEST
    ratio = max(0.0, 2.0 * (fit.log_likelihood - null.log_likelihood))
    df = float((mass > 0).sum() - 1)
    return AdjustedFit(
        n=mass,
        adjusted=adjusted,
        error=error,
        own_error=np.full(n_practices, np.nan),
        low=float(values[0]),
        high=float(values[-1]),
        beta=_placed(fit.beta, finite),
        beta_error=_placed(np.sqrt(np.diag(fit.covariance)[len(fit.covariance) - fit.beta.size :]), finite),
        sigma2=_variance_within(y, codes, weight, mass),
        test="likelihood ratio",
        statistic=ratio,
        df1=df,
        df2=np.inf,
        p_value=float(chdtrc(df, ratio)),
        note=note,
    )


def _variance_within(y: FloatArray, codes: IntArray, weights: FloatArray, mass: FloatArray) -> float:
    means = np.bincount(codes, weights * y, minlength=mass.size) / np.maximum(mass, 1e-300)
    return float(weights @ (y - means[codes]) ** 2) / max(float(mass.sum() - (mass > 0).sum()), 1.0)
