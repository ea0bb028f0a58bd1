"""Paths of a model by local SAM: measured first, then related; a check on a model that fits less than well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtri

from pxanalysis.analysis.sem.estimate import Fitted
from pxanalysis.analysis.sem.resampled import moment_samples
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.result import Result
from pxanalysis.statistics.covariance_structure.sam import Block, latent_moments, path_slopes
from pxanalysis.statistics.resampling.few_practices import bootstrap_expansion, effective_units

if TYPE_CHECKING:
    from pxanalysis.analysis.sem.record import SemRecord

__all__ = ["SamPaths", "estimate_sam"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SamPaths(Result):
    """Paths by structural-after-measurement.

    Attributes
    ----------
    table
        One row per path: ``term, target, source, estimate, std_error, ci_low, ci_high, std_all, sem`` (the same path of
        the model fitted at once) in the model's units.
    latent_cov
        Covariances of latents and other variables in paths, in the model's units.
    loadings
        ``latent, item, loading``.
    n_bootstrap, n_failed
        Samples behind the errors, and those that could not be measured.
    notes
        What was assumed.
    """

    table: pd.DataFrame
    latent_cov: pd.DataFrame
    loadings: pd.DataFrame
    n_bootstrap: int
    n_failed: int
    notes: tuple[str, ...]

    def tidy(self) -> pd.DataFrame:
        """One row per path."""
        return self.table.copy()

    def glance(self) -> pd.DataFrame:
        """One row: paths, samples, failed, largest difference with the model fitted at once, in standard errors."""
        apart = ((self.table["estimate"] - self.table["sem"]).abs() / self.table["std_error"]).max()
        facts = {"n_paths": len(self.table), "n_bootstrap": self.n_bootstrap, "n_failed": self.n_failed}
        return pd.DataFrame([facts | {"largest_difference_in_errors": apart}])

    def __repr__(self) -> str:
        return "\n".join([f"SamPaths: {len(self.table)} paths, local SAM", *(f"! {note}" for note in self.notes[:5])])


def _blocks(fitted: Fitted) -> tuple[list[str], list[Block], list[str]]:
    """Latents, then observed variables that stand in paths, each with its items."""
    table, unit = fitted.table, fitted.model.scale
    rows = [row for row in table.rows if row.group == 0]
    observed, latents = table.observed, set(table.latents)
    members = {name: [r.right for r in rows if r.operator == "=~" and r.left == name] for name in table.latents}
    every = [item for own in members.values() for item in own]
    twice = sorted({item for item in every if every.count(item) > 1 or item in latents})
    if twice:
        raise NotEstimableError(
            f"local SAM measures each latent by its own items; '{twice[0]}' belongs to two latents or is one itself."
        )
    errors = {r.left: r.value for r in rows if r.operator == "~~" and r.left == r.right and r.value is not None}
    names, blocks, notes = [], [], []
    for name, own in members.items():
        places = np.array([observed.index(item) for item in own], dtype=np.intp)
        error = errors.get(own[0], 0.0) if len(own) == 1 else None
        names.append(name)
        blocks.append(Block(places, None if error is None else float(error) / unit[places[0]] ** 2))
        if len(own) == 2:
            notes.append(f"'{name}' has two items: by themselves they are given equal loadings")
    inside = [r for r in rows if r.operator == "~"]
    for name in dict.fromkeys(end for r in inside for end in (r.left, r.right)):
        if name not in latents:
            names.append(name)
            blocks.append(Block(np.array([observed.index(name)], dtype=np.intp), 0.0))
    return names, blocks, notes


def estimate_sam(model: SemRecord, n_bootstrap: int | None) -> SamPaths:
    """See ``SemRecord.sam``."""
    fitted = model.fitted
    fitted.refuse_ordered("local SAM")
    if fitted.table.n_groups > 1:
        raise NotEstimableError("local SAM is for one group; fit each group by itself.")
    names, blocks, notes = _blocks(fitted)
    paths = [row for row in fitted.table.rows if row.operator == "~"]
    targets = list(dict.fromkeys(row.left for row in paths))
    if not targets:
        raise NotEstimableError("the model has no paths; local SAM relates latents by paths written with ~.")
    sources = [[names.index(r.right) for r in paths if r.left == target] for target in targets]
    places = [names.index(target) for target in targets]
    full = latent_moments(fitted.data.moments[0].cov[None], blocks)
    if not full.valid[0]:
        raise NotEstimableError(
            "a latent's items do not go together (no positive common variance), so it is not measured."
        )
    if full.improper[0]:
        notes.append("an error variance is below 2 % of its item's variance (Heywood case) and was set to that")
    count = n_bootstrap or fitted.options.n_bootstrap
    samples = moment_samples(fitted, count, fitted.options.seed)
    drawn = latent_moments(samples.cov[samples.valid], blocks)
    slopes = path_slopes(drawn.cov[drawn.valid], places, sources)
    estimate = path_slopes(full.cov, places, sources)[0]
    wider = bootstrap_expansion(effective_units(fitted.rows.clusters), fitted.options.confidence)
    error = slopes.std(axis=0, ddof=1) * wider
    return _result(model, names, targets, sources, full.cov[0], estimate, error, count, len(slopes), notes)


def _units(fitted: Fitted, names: list[str]) -> FloatArray:
    every = (*fitted.table.observed, *fitted.table.latents)
    return np.array([fitted.model.scale[every.index(name)] for name in names])


def _result(
    model: SemRecord,
    names: list[str],
    targets: list[str],
    sources: list[list[int]],
    cov: FloatArray,
    estimate: FloatArray,
    error: FloatArray,
    count: int,
    n_valid: int,
    notes: list[str],
) -> SamPaths:
    fitted = model.fitted
    unit = _units(fitted, names)
    known = model.parameters[model.parameters["op"] == "~"].set_index(["lhs", "rhs"])["estimate"]
    ends = [(names.index(target), s) for target, own in zip(targets, sources, strict=True) for s in own]
    factor = np.array([unit[t] / unit[s] for t, s in ends])
    spread = np.sqrt(np.diag(cov))
    raw, raw_error = estimate * factor, error * factor
    reach = float(ndtri(0.5 + fitted.options.confidence / 2)) * raw_error
    table = pd.DataFrame(
        {
            "term": [f"{names[t]} ~ {names[s]}" for t, s in ends],
            "target": [names[t] for t, _ in ends],
            "source": [names[s] for _, s in ends],
            "estimate": raw,
            "std_error": raw_error,
            "ci_low": raw - reach,
            "ci_high": raw + reach,
            "std_all": estimate * np.array([spread[s] / spread[t] for t, s in ends]),
            "sem": [float(known[(names[t], names[s])]) for t, s in ends],
        }
    )
    latent_cov = pd.DataFrame(cov * np.outer(unit, unit), index=names, columns=names)
    return SamPaths(table, latent_cov, _loadings(fitted), count, count - n_valid, tuple(notes))


def _loadings(fitted: Fitted) -> pd.DataFrame:
    names, blocks, _ = _blocks(fitted)
    full = latent_moments(fitted.data.moments[0].cov[None], blocks)
    unit, observed = fitted.model.scale, fitted.table.observed
    rows = [
        (name, observed[item], float(loading * unit[item] / unit[block.items[0]]))
        for name, block, found in zip(names, blocks, full.loadings, strict=True)
        for item, loading in zip(block.items, found[0], strict=True)
        if name in fitted.table.latents
    ]
    return pd.DataFrame(rows, columns=["latent", "item", "loading"])
