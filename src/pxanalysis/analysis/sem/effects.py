"""Direct, indirect and total effects with their intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from pxanalysis.analysis.sem.diagram import plot_effects
from pxanalysis.analysis.sem.estimate import Fitted
from pxanalysis.analysis.sem.parameters import defined_values
from pxanalysis.analysis.sem.resampled import resample_model
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.result import Result
from pxanalysis.statistics.covariance_structure.ordinal import unit_variances
from pxanalysis.statistics.covariance_structure.paths import direct_and_total
from pxanalysis.statistics.covariance_structure.replicates import Replicates
from pxanalysis.statistics.covariance_structure.structure import AnyArray, Structure, imply
from pxanalysis.statistics.resampling.few_practices import effective_units, expanded_tail
from pxanalysis.statistics.resampling.intervals import bca_interval, percentile_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pxanalysis.analysis.sem.record import SemRecord

__all__ = ["EffectInterval", "Effects", "estimate_effects"]

EffectInterval = Literal["delta", "percentile", "bca"]
STEP = 1e-30


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Effects(Result):
    """Effects along the paths of a model.

    Attributes
    ----------
    table
        One row per effect: ``term, source, target, kind`` (direct, indirect, total, or defined), ``estimate,
        std_error, ci_low, ci_high, p_value, std_all, std_all_low, std_all_high``.
    interval
        How intervals were made.
    n_bootstrap, n_refitted, n_failed, n_inadmissible
        Bootstrap samples, those that needed a fit of their own, those that could not be fitted, and those with a
        negative variance (0 for delta).
    labels
        What variables are called.
    """

    table: pd.DataFrame
    interval: EffectInterval
    n_bootstrap: int
    n_refitted: int
    n_failed: int
    n_inadmissible: int
    labels: dict[str, str]

    def tidy(self) -> pd.DataFrame:
        """One row per effect."""
        return self.table.copy()

    def glance(self) -> pd.DataFrame:
        """One row: interval, samples, refitted, failed, inadmissible."""
        facts = ("interval", "n_bootstrap", "n_refitted", "n_failed", "n_inadmissible")
        return pd.DataFrame([{fact: getattr(self, fact) for fact in facts}])

    def on(self, target: str, kind: str = "total") -> pd.DataFrame:
        """Effects of one kind on one variable, largest first.

        Raises
        ------
        AnalysisError
            When nothing leads there.
        """
        rows = self.table[(self.table["target"] == target) & (self.table["kind"] == kind)]
        if rows.empty:
            reached = ", ".join(dict.fromkeys(self.table["target"]))
            raise AnalysisError(f"target: no path leads to '{target}'; paths lead to: {reached}.")
        return rows.sort_values("std_all", ascending=False, ignore_index=True)

    def summary(self) -> str:
        """The table as text."""
        shown = ["term", "estimate", "std_error", "ci_low", "ci_high", "std_all"]
        return f"{self.interval} intervals\n" + self.table[shown].to_string(index=False, float_format="%.3f")

    def plot(self, target: str, ax: Axes | None = None) -> Axes:
        """Draw direct and indirect parts of standardised total effects on one variable, with the total's interval."""
        parts = self.table[self.table["target"] == target]
        return plot_effects(self.on(target), parts, self.labels, target, ax)

    def __repr__(self) -> str:
        return f"Effects: {len(self.table)} effects, {self.interval} intervals, {self.n_failed} samples failed"


def _wanted(fitted: Fitted) -> list[tuple[int, int]]:
    """Pairs (target, source) with a directed path between variables that are not items."""
    structure = fitted.model.structures[0]
    names = (*fitted.table.observed, *fitted.table.latents)
    items = {row.right for row in fitted.table.rows if row.operator == "=~"}
    arrows = structure.kind == 0
    reach = np.zeros((structure.n_variables,) * 2, dtype=np.int64)
    reach[structure.row[arrows], structure.column[arrows]] = 1
    whole = reach.copy()
    for _ in range(structure.n_variables):
        whole = ((whole + whole @ reach) > 0).astype(np.int64)
    if np.trace(whole):
        raise NotEstimableError("paths run in a circle, so indirect effects have no end; take one of them out.")
    pairs = np.argwhere(whole)
    return [(int(t), int(s)) for t, s in pairs if names[t] not in items and names[s] not in items]


def _values(model: SemRecord, pairs: list[tuple[int, int]], theta: AnyArray) -> tuple[AnyArray, AnyArray]:
    """Direct, indirect and total effects of all pairs, then what is defined: raw and standardised, each (b, k)."""
    structure = model.fitted.model.structures[0]
    if not model.fitted.ordered:
        return _values_of(model, structure, pairs, theta)
    # With ordered answers observed variances stay 1, whatever the parameters are.
    each = [_values_of(model, unit_variances(structure, one), pairs, one[None]) for one in theta]
    return np.concatenate([raw for raw, _ in each]), np.concatenate([standard for _, standard in each])


def _values_of(
    model: SemRecord, structure: Structure, pairs: list[tuple[int, int]], theta: AnyArray
) -> tuple[AnyArray, AnyArray]:
    fitted = model.fitted
    scale = fitted.model.scale
    direct, total = direct_and_total(structure, theta)
    spread = np.sqrt(np.diagonal(imply(structure, theta).all_cov, axis1=-2, axis2=-1).astype(theta.dtype))
    t, s = (np.array([pair[end] for pair in pairs], dtype=np.intp) for end in (0, 1))
    parts = [direct[:, t, s], total[:, t, s] - direct[:, t, s], total[:, t, s]]
    raw = [part * (scale[t] / scale[s]) for part in parts]
    standard = [part * spread[:, s] / spread[:, t] for part in parts]
    if model.parsed.definitions:
        defined = defined_values(fitted, model.parsed, theta)
        raw.append(defined)
        standard.append(np.full_like(defined, np.nan))
    return np.concatenate(raw, axis=1), np.concatenate(standard, axis=1)


def _frame(model: SemRecord, pairs: list[tuple[int, int]]) -> pd.DataFrame:
    names = (*model.fitted.table.observed, *model.fitted.table.latents)
    rows = [
        (f"{names[t]} <- {names[s]} ({kind})", names[s], names[t], kind)
        for kind in ("direct", "indirect", "total")
        for t, s in pairs
    ]
    rows += [(f"{name} := {expression.text}", "", name, "defined") for name, expression in model.parsed.definitions]
    return pd.DataFrame(rows, columns=["term", "source", "target", "kind"])


def estimate_effects(model: SemRecord, interval: EffectInterval, *, n_bootstrap: int | None) -> Effects:
    """See ``SemRecord.effects``."""
    if interval not in get_args(EffectInterval):
        raise AnalysisError(f"interval: expected one of {', '.join(get_args(EffectInterval))}, received '{interval}'.")
    fitted = model.fitted
    if fitted.table.n_groups > 1:
        raise NotEstimableError("effects are for one group; fit each group by itself.")
    pairs = _wanted(fitted)
    if not pairs and not model.parsed.definitions:
        raise NotEstimableError("the model has no paths between variables; write some with ~, as in 'y ~ x'.")
    theta = fitted.solution.theta
    frame = _frame(model, pairs)
    raw, standard = (part[0] for part in _values(model, pairs, theta[None]))
    slopes = _slopes(lambda at: _values(model, pairs, at), theta)
    spread = [np.sqrt(np.maximum(np.einsum("kq,qr,kr->k", s, fitted.covariance, s), 0)) for s in slopes]
    if interval == "delta":
        reach = float(ndtri(0.5 + fitted.options.confidence / 2))
        ends = [(x - reach * e, x + reach * e) for x, e in ((raw, spread[0]), (standard, spread[1]))]
        return _result(model, frame, (raw, standard), spread[0], (ends[0], ends[1]), "delta", None, 0)
    fitted.refuse_ordered(f"{interval} intervals")
    count = n_bootstrap or fitted.options.n_bootstrap
    done = fitted.replicates
    if done is None or len(done.theta) != count:
        done = resample_model(fitted, count, fitted.options.seed)
    both = _values(model, pairs, done.theta[done.valid])
    tail = expanded_tail(effective_units(fitted.rows.clusters), fitted.options.confidence)
    error = both[0].std(axis=0, ddof=1)
    if interval == "percentile":
        made = [percentile_interval(x, 1 - 2 * tail) for x in both]
    else:
        moves = _influence(fitted)
        tail = (1 - fitted.options.confidence) / 2 if fitted.rows.n_clusters == 1 else tail
        points = zip(both, (raw, standard), slopes, strict=True)
        made = [bca_interval(at, x, moves @ s.T, 1 - 2 * tail) for x, at, s in points]
    return _result(model, frame, (raw, standard), error, (made[0], made[1]), interval, done, count)


def _slopes(
    values: Callable[[AnyArray], tuple[AnyArray, AnyArray]], theta: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Exact derivatives of raw and standardised effects to the parameters, each (k, q)."""
    raw, standard = values(theta + STEP * 1j * np.eye(theta.size))
    return raw.imag.T / STEP, standard.imag.T / STEP


def _influence(fitted: Fitted) -> FloatArray:
    """How each practice (respondent when there is one) moves the parameters, shape (units, q), up to a factor."""
    scores = fitted.data.scores(fitted.model.structures, fitted.solution.theta)[0]
    if fitted.rows.n_clusters > 1:
        summed = np.zeros((int(fitted.rows.clusters.max()) + 1, scores.shape[1]))
        np.add.at(summed, fitted.rows.clusters, scores)
        scores = summed
    influence: FloatArray = scores @ np.linalg.inv(fitted.bread)
    return influence


def _result(
    model: SemRecord,
    frame: pd.DataFrame,
    estimates: tuple[FloatArray, FloatArray],
    error: FloatArray,
    ends: tuple[tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]],
    interval: EffectInterval,
    done: Replicates | None,
    count: int,
) -> Effects:
    nil = error < 1e-14
    z = np.divide(estimates[0], error, out=np.full_like(error, np.nan), where=~nil)
    table = frame.assign(
        estimate=estimates[0],
        std_error=np.where(nil, np.nan, error),
        ci_low=ends[0][0],
        ci_high=ends[0][1],
        p_value=2 * ndtr(-np.abs(z)),
        std_all=estimates[1],
        std_all_low=ends[1][0],
        std_all_high=ends[1][1],
    )
    table = table[~(nil & (np.abs(estimates[0]) < 1e-14))].reset_index(drop=True)
    facts = (0, 0, 0) if done is None else (done.n_refitted, done.n_failed, done.n_inadmissible)
    return Effects(table, interval, count, *facts, model.labels)
