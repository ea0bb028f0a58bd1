"""Bootstrap samples of practices (of respondents when there is one), and the model refitted to each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from pxanalysis.analysis.sem.estimate import Fitted
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.covariance_structure.likelihood import GroupMoments
from pxanalysis.statistics.covariance_structure.objective import CompleteData
from pxanalysis.statistics.covariance_structure.replicates import Replicates, free_given, refit_replicates
from pxanalysis.statistics.covariance_structure.structure import IntArray
from pxanalysis.statistics.resampling.few_practices import bootstrap_expansion, effective_units
from pxanalysis.statistics.resampling.practices import BootstrapMethod, MomentReplicates, bootstrap_moments

__all__ = ["moment_samples", "resample_model", "with_resampled_errors"]

EXACT_UP_TO = 20_000
"""Patterns times samples up to which every sample's own moments are found; beyond, by one Newton step (checked)."""

FEWEST_VALID = 0.9
"""With a smaller proportion of samples that could be fitted, what is left says little."""


def moment_samples(fitted: Fitted, n_bootstrap: int, seed: int) -> MomentReplicates:
    """Moments of bootstrap samples of practices (respondents when there is one), in standard units."""
    unit = fitted.model.scale[: len(fitted.table.observed)]
    rows = (fitted.rows.numbers - fitted.centre[0]) / unit
    clusters = fitted.rows.clusters if fitted.rows.n_clusters > 1 else None
    names = list(fitted.table.observed)
    data = fitted.data
    patterns = 1 if isinstance(data, CompleteData) else data.groups[0].patterns.count
    method: BootstrapMethod = "one-step" if patterns * n_bootstrap > EXACT_UP_TO else "auto"
    return bootstrap_moments(pd.DataFrame(rows, columns=names), clusters, n_bootstrap, seed, method=method)


def resample_model(fitted: Fitted, n_bootstrap: int, seed: int) -> Replicates:
    """Refit a model of one group to bootstrap samples.

    With missing answers each sample's moments are those of its saturated model, to which the model is fitted as to
    complete rows (two-stage maximum likelihood); the full sample's estimate stays that of the rows themselves.

    Raises
    ------
    NotEstimableError
        For several groups, or when more than a tenth of the samples cannot be fitted; constant columns are named.
    """
    if fitted.table.n_groups > 1:
        raise NotEstimableError("the bootstrap is for one group; fit each group by itself.")
    samples = moment_samples(fitted, n_bootstrap, seed)
    given = np.array([row.exogenous for row in fitted.model.rows[0]])
    structure, theta = free_given(fitted.model.structures[0], fitted.solution.theta, given)
    n = float(len(fitted.rows.numbers))
    done = refit_replicates([structure], theta, [GroupMoments(n, samples.mean, samples.cov)])
    if done.valid.mean() < FEWEST_VALID:
        raise NotEstimableError(
            f"{done.n_failed} of {n_bootstrap} bootstrap samples could not be fitted{_constant(fitted, samples)}; "
            "leave out columns that hardly vary, or paths between latents that hardly differ.",
            code="bootstrap_failed",
        )
    return replace(done, theta=done.theta[:, : fitted.table.n_parameters])


def _constant(fitted: Fitted, samples: MomentReplicates) -> str:
    """Name the columns that are constant in many practices, of which a sample may consist."""
    rows, codes = fitted.rows.numbers, fitted.rows.clusters
    if samples.valid.all():
        return ""
    same = [
        name
        for name, column in zip(fitted.table.observed, rows.T, strict=True)
        if np.mean([np.ptp(x[np.isfinite(x)]) == 0 for x in _parts(column, codes)]) > 0.3
    ]
    return f" (column {', '.join(same)} is the same for everybody in many of them)" if same else ""


def _parts(column: FloatArray, codes: IntArray) -> list[FloatArray]:
    parts = [column[codes == code] for code in np.unique(codes)] if np.unique(codes).size > 1 else [column[:50]]
    return [part for part in parts if np.isfinite(part).any()]


def with_resampled_errors(fitted: Fitted) -> tuple[Fitted, list[str]]:
    """Take errors from the practice bootstrap, widened for few practices, and say how many samples failed."""
    done = resample_model(fitted, fitted.options.n_bootstrap, fitted.options.seed)
    spread = np.atleast_2d(np.cov(done.theta[done.valid].T))
    wider = bootstrap_expansion(effective_units(fitted.rows.clusters), fitted.options.confidence)
    failed = int((~done.valid).sum())
    said = f"{failed} of {fitted.options.n_bootstrap} bootstrap samples could not be fitted and were set aside"
    return replace(fitted, covariance=spread * wider**2, replicates=done), [said] if failed else []
