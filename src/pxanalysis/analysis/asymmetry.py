"""Does a bad experience cost more than a good one wins? Penalty-reward contrasts and the Kano class they imply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from pxanalysis.analysis.inputs import check_confidence
from pxanalysis.analysis.regression_design import DriverDesign, build_design
from pxanalysis.analysis.regression_eligibility import MIN_ANSWERS
from pxanalysis.analysis.regression_errors import ErrorMethod, LeastSquares, fit_least_squares
from pxanalysis.analysis.regression_moments import estimate_driver_moments
from pxanalysis.analysis.regression_validation import complete_drivers
from pxanalysis.analysis.result import FloatArray, Result
from pxanalysis.errors import AnalysisError
from pxanalysis.survey.scores import ScoreLevel

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = ["AsymmetryResult", "estimate_asymmetry"]

_CEILING = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class AsymmetryResult(Result):
    """What a bad and what an excellent experience of each touchpoint do to the outcome.

    Attributes
    ----------
    terms
        One row per touchpoint: ``touchpoint, n, n_low, n_high`` (patients with a bad and with an excellent score);
        ``penalty`` and ``reward`` with ``_low`` and ``_high``, in outcome units against a middling score;
        ``penalty_slope, reward_slope``, the same per 10 points of score, and ``asymmetry`` (penalty slope less reward
        slope, both as gains per 10 points better) with ``asymmetry_low, asymmetry_high, p_value``; ``kano``;
        ``reason``.
    cuts
        Scores below the first are bad, from the second on excellent; None for each touchpoint's own thirds.
    outcome, errors, r2, n_obs, n_practices, confidence
        What was fitted.
    notes
        What makes the classes doubtful.
    """

    terms: pd.DataFrame
    cuts: tuple[float, float] | None
    outcome: str
    errors: ErrorMethod
    r2: float
    n_obs: int
    n_practices: int
    confidence: float
    notes: tuple[str, ...]

    def tidy(self) -> pd.DataFrame:
        """One row per touchpoint, see ``terms``."""
        return self.terms.copy()

    def glance(self) -> pd.DataFrame:
        """One row: outcome, R², errors, responses, practices, notes."""
        facts = ["outcome", "r2", "errors", "n_obs", "n_practices", "confidence"]
        return pd.DataFrame([{**{fact: getattr(self, fact) for fact in facts}, "notes": " ".join(self.notes)}])


@dataclass(frozen=True, slots=True, eq=False)
class _Bands:
    """Whether each score is bad or excellent, (n, p), per driver why not contrasted, and the bands' mean scores."""

    low: npt.NDArray[np.bool_]
    high: npt.NDArray[np.bool_]
    reasons: tuple[str, ...]
    down: FloatArray
    up: FloatArray

    @property
    def usable(self) -> npt.NDArray[np.intp]:
        return np.flatnonzero([reason == "" for reason in self.reasons])


def estimate_asymmetry(
    responses: Responses,
    outcome: str = "ktv",
    *,
    level: ScoreLevel = "touchpoint",
    cuts: tuple[float, float] | None = (50.0, 90.0),
    case_mix: tuple[str, ...] | None = None,
    weights: object = None,
    confidence: float = 0.95,
) -> AsymmetryResult:
    """Contrast bad and excellent scores with middling ones, all touchpoints together (Brandt 1987).

    Parameters
    ----------
    outcome
        Id or kind of an outcome, turned so that higher is better. A behaviour is in proportions.
    cuts
        On 0-100: below the first a score is bad, from the second on excellent; None for each touchpoint's own thirds.
    case_mix, weights
        As in ``fit_drivers``.

    Returns
    -------
    AsymmetryResult
        ``kano`` is ``must-be`` where worse scores clearly cost more per point than better ones win, ``attractive``
        where the reverse is clear, ``performance`` where an effect is clear and an asymmetry is not, ``indifferent``
        where neither is. An outcome at its ceiling cannot rise, which looks like must-be (``notes`` warns); a
        score at its ceiling hides how much better than 100 the best were, which looks like attractive.

    Raises
    ------
    AnalysisError
        When the cuts are not two increasing scores.
    NotEstimableError
        As ``fit_drivers``.
    """
    check_confidence(confidence)
    if cuts is not None and not 0 < cuts[0] < cuts[1] <= 100:
        raise AnalysisError(f"cuts: expected two increasing scores above 0 and up to 100, received {cuts}.")
    design = build_design(responses, outcome, level, case_mix=case_mix, weights=weights)
    bands = _band(design, cuts)
    usable = bands.usable
    controls = _controls(design, usable)
    columns = np.hstack([np.ones((len(design.rated), 1)), controls, bands.low[:, usable], bands.high[:, usable]])
    fit = fit_least_squares(design.rated, columns, weights=design.weights, codes=design.codes)
    found = _contrasts(design, bands, fit, confidence)
    top = float(np.average(design.rated == design.rated.max(), weights=design.weights))
    notes = (f"{top:.0%} gave the highest answer, so part of what looks like must-be may be the scale's end.",)
    return AsymmetryResult(
        terms=_in_order(design, bands, found),
        cuts=cuts,
        outcome=design.outcome.id,
        errors=fit.errors,
        r2=fit.r2,
        n_obs=len(design.rated),
        n_practices=len(design.practices),
        confidence=confidence,
        notes=notes if top > _CEILING else (),
    )


def _band(design: DriverDesign, cuts: tuple[float, float] | None) -> _Bands:
    scores = design.scores
    first, second = cuts if cuts is not None else np.nanquantile(scores, [1 / 3, 2 / 3], axis=0)
    low, high = scores < first, scores >= second
    middle = np.isfinite(scores) & ~low & ~high
    counts = [band.sum(axis=0) for band in (low, middle, high)]
    reasons = tuple(
        next(
            (
                f"{count[driver]} people had {word} score; at least {MIN_ANSWERS} are needed"
                for count, word in zip(counts, ("a bad", "a middling", "an excellent"), strict=True)
                if count[driver] < MIN_ANSWERS
            ),
            "",
        )
        for driver in range(scores.shape[1])
    )
    means = [_mean_score(scores, band, design.weights) for band in (low, middle, high)]
    return _Bands(low, high, reasons, means[1] - means[0], means[2] - means[1])


def _mean_score(scores: FloatArray, band: npt.NDArray[np.bool_], weights: FloatArray) -> FloatArray:
    weight = np.where(band, weights[:, None], 0.0)
    total = weight.sum(axis=0)
    return np.asarray((weight * np.nan_to_num(scores)).sum(axis=0) / np.where(total > 0, total, np.nan))


def _controls(design: DriverDesign, usable: npt.NDArray[np.intp]) -> FloatArray:
    """Case mix, scores that cannot be contrasted, and who has no score on a touchpoint; independent columns only."""
    filled = complete_drivers(design, estimate_driver_moments(design))
    case_mix, scores = np.split(filled, [len(design.covariates)], axis=1)
    others = np.setdiff1d(np.arange(scores.shape[1]), usable)
    unscored = np.isnan(design.scores[:, usable]).astype(np.float64)
    kept = np.hstack([np.ones((len(scores), 1)), case_mix, scores[:, others]])
    for column in unscored.T:
        left = column - kept @ np.linalg.lstsq(kept, column, rcond=None)[0]
        if column.sum() >= 2 and left @ left > 1e-8 * len(column):
            kept = np.column_stack([kept, column])
    return kept[:, 1:]


def _contrasts(design: DriverDesign, bands: _Bands, fit: LeastSquares, confidence: float) -> pd.DataFrame:
    """Penalty, reward and their difference per 10 points, one row per contrasted driver."""
    from scipy.stats import t

    usable = bands.usable
    p, q = len(usable), len(fit.coefficients)
    worse, better = np.eye(q)[q - 2 * p : q - p], np.eye(q)[q - p :]
    costs, gains = -10 * worse / bands.down[usable, None], 10 * better / bands.up[usable, None]
    degrees = np.minimum(fit.degrees[q - 2 * p : q - p], fit.degrees[q - p :])
    factor = t.ppf(0.5 + confidence / 2, degrees)

    def found(contrast: FloatArray) -> tuple[FloatArray, FloatArray]:
        return contrast @ fit.coefficients, np.sqrt(np.einsum("ij,jk,ik->i", contrast, fit.covariance, contrast))

    columns: dict[str, object] = {"touchpoint": [design.drivers[position] for position in usable]}
    for name, contrast in (("penalty", worse), ("reward", better), ("asymmetry", costs - gains)):
        estimate, error = found(contrast)
        columns |= {name: estimate, f"{name}_low": estimate - factor * error, f"{name}_high": estimate + factor * error}
    columns |= {"penalty_slope": found(costs)[0], "reward_slope": found(gains)[0]}
    difference, error = found(costs - gains)
    columns["p_value"] = 2 * t.sf(np.abs(difference / error), degrees)
    mean, mean_error = found((costs + gains) / 2)
    clear = np.abs(mean) > factor * mean_error
    frame = pd.DataFrame(columns)
    frame["kano"] = np.select(
        [frame["asymmetry_low"] > 0, frame["asymmetry_high"] < 0, clear],
        ["must-be", "attractive", "performance"],
        "indifferent",
    )
    return frame


def _in_order(design: DriverDesign, bands: _Bands, found: pd.DataFrame) -> pd.DataFrame:
    counted = pd.DataFrame(
        {
            "touchpoint": list(design.drivers),
            "n": np.isfinite(design.scores).sum(axis=0),
            "n_low": bands.low.sum(axis=0),
            "n_high": bands.high.sum(axis=0),
            "reason": list(bands.reasons),
        }
    )
    unused = pd.DataFrame(
        {"touchpoint": list(design.left_out), "n": 0, "n_low": 0, "n_high": 0, "reason": list(design.left_out.values())}
    )
    both = pd.concat([counted, unused], ignore_index=True) if design.left_out else counted
    frame = both.merge(found, on="touchpoint", how="left").set_index("touchpoint").loc[design.order].reset_index()
    frame["kano"] = frame["kano"].fillna("")
    ends = [f"{name}{end}" for name in ("penalty", "reward") for end in ("", "_low", "_high")]
    order = ["touchpoint", "n", "n_low", "n_high", *ends, "penalty_slope", "reward_slope"]
    return frame[[*order, "asymmetry", "asymmetry_low", "asymmetry_high", "p_value", "kano", "reason"]]
