"""Within a touchpoint that matters: which of its items carries it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pxanalysis.analysis.drivers.design import DriverDesign
from pxanalysis.analysis.drivers.eligibility import find_left_out
from pxanalysis.analysis.drivers.fit import fit_design
from pxanalysis.analysis.drivers.model import DriverModel
from pxanalysis.analysis.importance.ranks import summarise_ranks
from pxanalysis.analysis.importance.shares import (
    importance_columns,
    replicate_shares,
    share_out,
    tabulate,
    too_few_for_intervals,
    withhold_uncertainty,
)
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.result import Result
from pxanalysis.statistics.resampling.intervals import bootstrap_interval

__all__ = ["DrillDown", "drill_down"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DrillDown(Result):
    """Importance of the items of one touchpoint, beside the other touchpoints.

    Attributes
    ----------
    terms
        One row per item, columns as in ``ImportanceResult.terms`` with ``item`` for ``touchpoint``; ``share`` is the
        item's part of the touchpoint's importance.
    touchpoint
        Which touchpoint (or step) was opened up.
    importance, importance_low, importance_high
        Of the touchpoint as a whole with its items free: proportion of the outcome's variance; no interval of two to
        four practices (``terms`` says so).
    r2
        Of the model with the items in the touchpoint's place.
    model
        That model.
    """

    terms: pd.DataFrame
    touchpoint: str
    importance: float
    importance_low: float
    importance_high: float
    r2: float
    model: DriverModel

    def tidy(self) -> pd.DataFrame:
        """One row per item: ``estimate`` is its importance, see ``terms``; beta's errors are ``beta_error, ...``."""
        return importance_columns(self.terms.rename(columns={"item": "term"}))

    def glance(self) -> pd.DataFrame:
        """One row: the touchpoint, its importance with interval, R² and responses."""
        return pd.DataFrame(
            [
                {
                    "touchpoint": self.touchpoint,
                    "outcome": self.model.outcome,
                    "importance": self.importance,
                    "importance_low": self.importance_low,
                    "importance_high": self.importance_high,
                    "r2": self.r2,
                    "n_obs": self.model.n_obs,
                    "n_practices": self.model.n_practices,
                }
            ]
        )


def drill_down(model: DriverModel, touchpoint: str, *, n_bootstrap: int = 1000, seed: int = 1) -> DrillDown:
    """Open up one driver into its items.

    The items take the place of the touchpoint's score and share out, as one group, what the touchpoint accounts for
    beside the other drivers (Owen values).

    Parameters
    ----------
    touchpoint
        A touchpoint of a model by touchpoint, or a step of a model by step.
    n_bootstrap, seed
        Samples of practices for the intervals.

    Raises
    ------
    AnalysisError
        When the model is by item, or has no such driver.
    NotEstimableError
        When none of the items can be estimated; the reasons are named.
    """
    if model.level == "item":
        raise AnalysisError("touchpoint: the model's drivers are items already; fit with level='touchpoint'.")
    if touchpoint not in model.drivers:
        raise AnalysisError(f"touchpoint: expected one of {', '.join(model.drivers)}, received '{touchpoint}'.")
    design = _opened(model.design, touchpoint)
    opened = fit_design(design, model.family, confidence=model.confidence, n_bootstrap=n_bootstrap, seed=seed)
    groups: dict[str, list[int]] = {}
    for position, group in enumerate(design.groups):
        groups.setdefault(group, []).append(len(design.covariates) + position)
    placed = tuple(tuple(group) for group in groups.values())
    bootstrap = opened.bootstrap(n_bootstrap, seed=seed)
    estimate = share_out(opened, opened.covariance, "owen", groups=placed)
    replicates, _ = replicate_shares(opened, bootstrap, "owen", placed)
    inside = np.flatnonzero(np.array(design.groups) == touchpoint)
    estimate, replicates = estimate[inside], replicates[:, inside]
    low, high = bootstrap_interval(estimate, replicates, model.confidence)
    whole = estimate.sum()
    whole_low, whole_high = bootstrap_interval(
        np.array([whole]), replicates.sum(axis=1, keepdims=True), model.confidence
    )
    found = summarise_ranks(estimate, replicates, model.confidence).assign(
        touchpoint=[design.drivers[position] for position in inside],
        importance=estimate,
        importance_low=low,
        importance_high=high,
        share=estimate / whole,
    )
    few = too_few_for_intervals(opened.n_practices)
    items = [name for name, unit in zip(design.item_names, design.item_units, strict=True) if unit == touchpoint]
    return DrillDown(
        terms=withhold_uncertainty(tabulate(opened, found, items), opened.n_practices).rename(
            columns={"touchpoint": "item"}
        ),
        touchpoint=touchpoint,
        importance=float(whole),
        importance_low=float("nan") if few else float(whole_low[0]),
        importance_high=float("nan") if few else float(whole_high[0]),
        r2=opened.r2,
        model=opened,
    )


def _opened(design: DriverDesign, touchpoint: str) -> DriverDesign:
    """The same rows with the touchpoint's items in the place of its score."""
    inside = [position for position, unit in enumerate(design.item_units) if unit == touchpoint]
    items = pd.DataFrame(design.item_scores.of(inside), columns=[design.item_names[position] for position in inside])
    unmet = pd.DataFrame(design.items_unmet[:, inside], columns=items.columns)
    left_out = find_left_out(items, unmet)
    items = items.drop(columns=list(left_out))
    if items.shape[1] == 0:
        reasons = "; ".join(f"'{name}': {reason}" for name, reason in left_out.items())
        raise NotEstimableError(f"no item of '{touchpoint}' can be estimated ({reasons}).")
    others = [position for position, name in enumerate(design.drivers) if name != touchpoint]
    names = [design.drivers[position] for position in others]
    return replace(
        design,
        drivers=(*names, *items.columns),
        groups=(*names, *[touchpoint] * items.shape[1]),
        scores=np.column_stack([design.scores[:, others], items.to_numpy(dtype=np.float64)]),
        unmet=np.column_stack([design.unmet[:, others], unmet[items.columns].to_numpy()]),
        left_out={**design.left_out, **left_out},
    )
