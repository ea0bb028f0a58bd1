"""Does a bad experience cost more than a good one wins? Penalty-reward contrasts and the Kano class they imply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import t

from pxanalysis.analysis.drivers.design import DriverDesign
from pxanalysis.analysis.drivers.eligibility import MIN_ANSWERS
from pxanalysis.analysis.drivers.moments import estimate_driver_moments
from pxanalysis.analysis.drivers.validation import complete_drivers
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError
from pxanalysis.result import Result, standard_columns
from pxanalysis.statistics.inputs import check_confidence
from pxanalysis.statistics.regression.least_squares import ErrorMethod, LeastSquares, fit_least_squares

if TYPE_CHECKING:
    pass

__all__ = ["AsymmetryResult", "estimate_asymmetry"]

_CEILING = 0.4

_FOUND = [
    "touchpoint",
    "penalty",
    "penalty_low",
    "penalty_high",
    "reward",
    "reward_low",
    "reward_high",
    "penalty_slope",
    "reward_slope",
    "asymmetry",
    "asymmetry_low",
    "asymmetry_high",
    "p_value",
    "p_holm",
    "kano",
]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AsymmetryResult(Result):
    """What a bad and what an excellent experience of each touchpoint do to the outcome.

    Attributes
    ----------
    terms
        One row per touchpoint: ``touchpoint, n, n_low, n_high`` (patients with a bad and with an excellent score);
        ``penalty`` and ``reward`` with ``_low`` and ``_high``, in outcome units against a middling score;
        ``penalty_slope, reward_slope``, the same per 10 points of score, and ``asymmetry`` (penalty slope less reward
        slope, both as gains per 10 points better) with ``asymmetry_low, asymmetry_high, p_value``, and ``p_holm``,
        corrected for the number of touchpoints; ``kano``; ``reason``.
    cuts
        Scores below the first are bad, from the second on excellent; None for each touchpoint's own thirds.
    outcome, errors, n_obs, n_practices, confidence
        What was fitted.
    notes
        What makes the classes doubtful.
    """

    terms: pd.DataFrame
    cuts: tuple[float, float] | None
    outcome: str
    errors: ErrorMethod
    n_obs: int
    n_practices: int
    confidence: float
    notes: tuple[str, ...]

    def tidy(self) -> pd.DataFrame:
        """One row per touchpoint: ``estimate`` is the asymmetry (penalty less reward, per point), see ``terms``."""
        names = {"touchpoint": "term", "asymmetry": "estimate", "asymmetry_low": "ci_low", "asymmetry_high": "ci_high"}
        return standard_columns(self.terms.rename(columns=names))

    def glance(self) -> pd.DataFrame:
        """One row: outcome, errors, responses, practices, notes."""
        facts = ["outcome", "errors", "n_obs", "n_practices", "confidence"]
        return pd.DataFrame([{**{fact: getattr(self, fact) for fact in facts}, "notes": " ".join(self.notes)}])


@dataclass(frozen=True, slots=True, eq=False)
class _Bands:
    """Bands of the scores of p drivers.

    ``low`` and ``high`` (n, p) say whether a score is bad or excellent; ``reasons`` why a driver cannot be contrasted;
    ``down`` and ``up`` (p,) how far the mean bad and excellent scores are from the mean middling one; ``first`` and
    ``second`` (p,) where the bands begin.
    """

    low: npt.NDArray[np.bool_]
    high: npt.NDArray[np.bool_]
    reasons: tuple[str, ...]
    down: FloatArray
    up: FloatArray
    first: FloatArray
    second: FloatArray

    @property
    def usable(self) -> npt.NDArray[np.intp]:
        return np.flatnonzero([reason == "" for reason in self.reasons])


def estimate_asymmetry(
    design: DriverDesign, *, cuts: tuple[float, float] | None = (50.0, 90.0), confidence: float = 0.95
) -> AsymmetryResult:
    """Contrast bad and excellent scores with middling ones (Brandt 1987), the other touchpoints held equal.

    Each touchpoint in turn is cut into bands, while the others are in the model as scores whose slope may differ below,
    between and above the cuts; with bands for all, what varies within a band would leak from one touchpoint to another.

    Parameters
    ----------
    cuts
        On 0-100: below the first a score is bad, from the second on excellent; None for each touchpoint's own thirds.

    Returns
    -------
    AsymmetryResult
        ``kano`` is ``must-be`` where worse scores clearly (by Holm's p-value) cost more per point than better ones win,
        ``attractive`` where the reverse is clear, ``performance`` where an effect is clear and an asymmetry is not,
        ``indifferent`` where neither is. An outcome at its ceiling cannot rise, which looks like must-be (``notes``
        warns); a score at its ceiling hides how much better than 100 the best were, which looks like attractive.

    Raises
    ------
    AnalysisError
        When the cuts are not two increasing scores.
    """
    check_confidence(confidence)
    if cuts is not None and not 0 < cuts[0] < cuts[1] <= 100:
        raise AnalysisError(f"cuts: expected two increasing scores above 0 and up to 100, received {cuts}.")
    bands = _band(design, cuts)
    splines = _splines(design, bands)
    contrasts = [_contrast(design, bands, splines, driver, confidence) for driver in bands.usable.tolist()]
    top = float(np.average(design.rated == design.rated.max(), weights=design.weights))
    notes = (f"{top:.0%} gave the highest answer, so part of what looks like must-be may be the scale's end.",)
    return AsymmetryResult(
        terms=_in_order(design, bands, _classify([row for row, _ in contrasts], confidence)),
        cuts=cuts,
        outcome=design.outcome.id,
        errors=contrasts[0][1] if contrasts else "HC3",
        n_obs=len(design.rated),
        n_practices=len(design.practices),
        confidence=confidence,
        notes=notes if top > _CEILING else (),
    )


def _band(design: DriverDesign, cuts: tuple[float, float] | None) -> _Bands:
    scores = design.scores
    p = scores.shape[1]
    edges = np.nanquantile(scores, [1 / 3, 2 / 3], axis=0) if cuts is None else np.tile(np.array(cuts)[:, None], p)
    first, second = edges
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
        for driver in range(p)
    )
    means = [_mean_score(scores, band, design.weights) for band in (low, middle, high)]
    return _Bands(low, high, reasons, means[1] - means[0], means[2] - means[1], first, second)


def _mean_score(scores: FloatArray, band: npt.NDArray[np.bool_], weights: FloatArray) -> FloatArray:
    weight = np.where(band, weights[:, None], 0.0)
    total = weight.sum(axis=0)
    return np.asarray((weight * np.nan_to_num(scores)).sum(axis=0) / np.where(total > 0, total, np.nan))


def _splines(design: DriverDesign, bands: _Bands) -> tuple[FloatArray, FloatArray]:
    """Case mix (n, c), and per driver its score and how far it is below and above the cuts (p, n, 3)."""
    filled = complete_drivers(design, estimate_driver_moments(design))
    case_mix, scores = np.split(filled, [len(design.covariates)], axis=1)
    below, above = np.clip(bands.first - scores, 0, None), np.clip(scores - bands.second, 0, None)
    return case_mix, np.stack([scores.T, below.T, above.T], axis=2)


def _contrast(
    design: DriverDesign, bands: _Bands, splines: tuple[FloatArray, FloatArray], driver: int, confidence: float
) -> tuple[dict[str, object], ErrorMethod]:
    """Penalty, reward and their difference per 10 points of one driver, and how the errors were made."""
    case_mix, scores = splines
    others = [scores[other] for other in range(len(scores)) if other != driver]
    controls = np.hstack([np.ones((len(design.rated), 1)), case_mix, design.met, *others])
    unscored = np.isnan(design.scores[:, [driver]]).astype(np.float64)
    columns = _independent(np.hstack([bands.low[:, [driver]], bands.high[:, [driver]], controls, unscored]))
    fit = fit_least_squares(design.rated, columns, weights=design.weights, codes=design.codes)
    factor = t.ppf(0.5 + confidence / 2, fit.degrees[:2].min())
    slopes = np.array([-10 / bands.down[driver], 10 / bands.up[driver]])
    contrasts = {"penalty": [1.0, 0.0], "reward": [0.0, 1.0], "asymmetry": slopes * [1, -1], "mean": slopes / 2}
    row: dict[str, object] = {"touchpoint": design.drivers[driver]}
    found = {name: _estimate(fit, np.asarray(weights)) for name, weights in contrasts.items()}
    for name, (estimate, error) in found.items():
        row |= {name: estimate, f"{name}_low": estimate - factor * error, f"{name}_high": estimate + factor * error}
    row["penalty_slope"], row["reward_slope"] = slopes * fit.coefficients[:2]
    difference, error = found["asymmetry"]
    row["p_value"] = 2 * t.sf(abs(difference / error), fit.degrees[:2].min())
    row["clear"] = abs(found["mean"][0]) > factor * found["mean"][1]
    return row, fit.errors


def _independent(columns: FloatArray) -> FloatArray:
    """Leave out columns that follow from those before them."""
    unit = columns / np.maximum(np.sqrt((columns**2).sum(axis=0)), 1e-300)
    return columns[:, np.abs(np.diagonal(np.linalg.qr(unit, mode="r"))) > 1e-8]


def _estimate(fit: LeastSquares, weights: FloatArray) -> tuple[float, float]:
    return float(weights @ fit.coefficients[:2]), float(np.sqrt(weights @ fit.covariance[:2, :2] @ weights))


def _classify(rows: list[dict[str, object]], confidence: float) -> pd.DataFrame:
    """Add Holm's p-values over the touchpoints, and the Kano classes that follow."""
    # statsmodels is heavy and only this table needs it
    from statsmodels.stats.multitest import multipletests

    frame = pd.DataFrame(rows, columns=[*_FOUND, "clear"])
    if rows:
        frame["p_holm"] = multipletests(frame["p_value"].to_numpy(), method="holm")[1]
        unlike = frame["p_holm"] < 1 - confidence
        worse = frame["asymmetry"] > 0
        frame["kano"] = np.select(
            [unlike & worse, unlike & ~worse, frame["clear"].astype(bool)],
            ["must-be", "attractive", "performance"],
            "indifferent",
        )
    return frame[_FOUND]


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
    return frame[["touchpoint", "n", "n_low", "n_high", *_FOUND[1:], "reason"]]
