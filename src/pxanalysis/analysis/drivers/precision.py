"""How precisely each driver is measured: the error variance of its score, from its items, borrowed or stated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from pxanalysis.analysis.drivers.design import DriverDesign, ScaleFacts
from pxanalysis.arrays import FloatArray, IntArray
from pxanalysis.statistics.measurement_error import item_error, item_spread, scale_error
from pxanalysis.statistics.resampling.incomplete import counted_covariances
from pxanalysis.statistics.resampling.weights import weighted_sums

__all__ = ["Precision", "PrecisionSource", "estimate_precision"]

PrecisionSource = Literal["items", "borrowed", "stated", "formative", "unrelated", "unknown", "known"]
"""Where an error variance comes from.

``items``: how little its items agree; ``borrowed``: one item, as precise as an item of the other scales; ``stated`` in
the journey. Not corrected: ``formative`` (stated: its items make it up), ``unrelated`` (its items do not go together at
all), ``unknown`` (one item and no scale to borrow from), ``known`` (case mix).
"""


@dataclass(frozen=True, slots=True, eq=False)
class Precision:
    """Error variance of c case-mix columns and p drivers in R samples.

    Attributes
    ----------
    error
        Shape (R, c+p), squared points; 0 where not corrected.
    source
        c+p names, see ``PrecisionSource``.
    borrowed
        Shape (R,): mean reliability of one item over the scales of several items; NaN without any.
    """

    error: FloatArray
    source: tuple[PrecisionSource, ...]
    borrowed: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _Scale:
    """Mean variance and covariance of a scale's items and mean of 1/(items answered), each of shape (R,)."""

    variance: FloatArray
    covariance: FloatArray
    per_item: FloatArray

    @property
    def error(self) -> FloatArray:
        return scale_error(self.variance, self.covariance, self.per_item)


def estimate_precision(design: DriverDesign, variance: FloatArray, counts: npt.NDArray[np.int32]) -> Precision:
    """Estimate the error variances in samples of practices.

    Parameters
    ----------
    design
        Of touchpoints.
    variance
        Shape (R, c+p): variance of case mix and drivers in each sample.
    counts
        Shape (R, J): how often each practice is in a sample; the first row is all practices once.
    """
    scales = {name: _measure(design, name, counts) for name in design.drivers if len(_items_of(design, name)) > 1}
    facts = {name: design.scales.get(name, ScaleFacts()) for name in (*design.covariates, *design.drivers)}
    lenders = [
        scale
        for name, scale in scales.items()
        if facts[name].kind != "formative" and scale.covariance[0] > 0 and scale.variance[0] > 0
    ]
    borrowed = _borrow(lenders, len(counts))
    error, source = np.zeros_like(variance), []
    for column, (name, fact) in enumerate(facts.items()):
        where = _find_source(fact, scales.get(name), column < len(design.covariates), bool(lenders))
        source.append(where)
        if where == "stated":
            error[:, column] = item_error(variance[:, column], fact.reliability or 1.0)
        elif where == "borrowed":
            error[:, column] = item_error(variance[:, column], borrowed)
        elif where == "items":
            error[:, column] = scales[name].error
    return Precision(np.maximum(error, 0.0), tuple(source), borrowed)


def _find_source(fact: ScaleFacts, scale: _Scale | None, covariate: bool, lends: bool) -> PrecisionSource:
    if fact.reliability is not None:
        return "stated"
    if covariate:
        return "known"
    if fact.kind == "formative":
        return "formative"
    if scale is None:
        return "borrowed" if lends else "unknown"
    return "items" if scale.covariance[0] > 0 else "unrelated"


def _borrow(lenders: list[_Scale], samples: int) -> FloatArray:
    """Mean over the scales of the correlation between items, at least 0; shape (R,)."""
    if not lenders:
        return np.full(samples, np.nan)
    ratios = [np.maximum(scale.covariance, 0.0) / np.maximum(scale.variance, 1e-12) for scale in lenders]
    return np.asarray(np.mean(ratios, axis=0))


def _items_of(design: DriverDesign, name: str) -> list[int]:
    return [place for place, unit in enumerate(design.item_units) if unit == name]


def _measure(design: DriverDesign, name: str, counts: npt.NDArray[np.int32]) -> _Scale:
    """Spread of the items over the rows that the score rests on; for who did not meet it they are constants.

    So they carry the proportion that met the touchpoint, as the variance of the score does. The patients of a practice
    who gave the same answers are taken together.
    """
    column = design.drivers.index(name)
    unmet = design.unmet[:, column]
    scored = np.isfinite(design.scores[:, column]) & ~unmet
    answers, kind = design.item_scores.group(_items_of(design, name))
    constant = _mean_answers(answers, np.bincount(kind[scored], minlength=len(answers)))
    kind = np.where(unmet, len(answers), kind)  # one kind more: those who did not meet it
    used = np.flatnonzero(scored | unmet)
    cell, pairs = pd.factorize(design.codes[used] * (len(answers) + 1) + kind[used])
    unit, answer = np.divmod(pairs, len(answers) + 1)
    weight = np.bincount(cell, design.weights[used]).astype(np.float64)
    answered = np.isfinite(answers).sum(axis=1)
    met = np.append(np.ones(len(answers)), 0.0)
    share = np.append(1.0 / np.maximum(answered, 1), 0.0)
    sums = [np.bincount(unit, weight * flag[answer], minlength=counts.shape[1]) for flag in (share, met)]
    totals = weighted_sums(counts, np.column_stack(sums))
    values = np.vstack([answers, constant])[answer]
    lowest, highest = np.fmin.reduce(values, initial=np.inf), np.fmax.reduce(values, initial=-np.inf)
    varying = np.flatnonzero(highest > lowest)
    whole = np.zeros((len(counts), constant.size, constant.size))
    whole[:, varying[:, None], varying] = counted_covariances(
        values[:, varying], unit, weight, counts, np.bincount(cell)
    )
    variance, covariance = item_spread(whole)
    per_item = np.divide(totals[:, 0], totals[:, 1], out=np.full(len(counts), np.nan), where=totals[:, 1] > 0)
    return _Scale(variance, covariance, per_item)


def _mean_answers(answers: FloatArray, times: IntArray) -> FloatArray:
    """Mean of each column of ``answers`` (m, k), given so many ``times`` (m,); 0 where nobody answered.

    An item that nobody answered, in a small study, has no mean and no spread.
    """
    seen = np.isfinite(answers) * times[:, None]
    return np.asarray((np.where(seen > 0, answers, 0.0) * seen).sum(axis=0) / np.maximum(seen.sum(axis=0), 1))
