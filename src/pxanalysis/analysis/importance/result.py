"""Importance of the drivers with its uncertainty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pxanalysis.analysis.drivers.bootstrap import DriverReplicates
from pxanalysis.analysis.drivers.model import DriverModel
from pxanalysis.analysis.importance.dominance import DominanceResult, estimate_dominance
from pxanalysis.analysis.importance.drilldown import DrillDown, drill_down
from pxanalysis.analysis.importance.ranks import pairwise_differences, rank_drivers
from pxanalysis.analysis.importance.shares import importance_columns
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError
from pxanalysis.figures.charts.intervals import plot_intervals
from pxanalysis.result import Result
from pxanalysis.statistics.relative_importance.methods import ImportanceMethod
from pxanalysis.statistics.resampling.intervals import IntervalMethod

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

__all__ = ["ImportanceResult"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ImportanceResult(Result):
    """Which part of the explained variance belongs to which driver.

    Attributes
    ----------
    terms
        One row per driver in journey order: ``touchpoint`` (the driver's id, also for items and steps), ``n, beta,
        std_error, ci_low, ci_high, p_value, b_raw, vif`` as in the driver model; ``importance`` (proportion of the
        outcome's variance) with ``importance_low, importance_high``; ``share`` (of what the drivers explain over and
        above case mix and who met what); ``rank, rank_low, rank_high, p_top1, p_top3``; ``sign_flag``; ``reason``; and
        with the error of scores taken out ``importance_corrected`` with ``_low`` and ``_high``, ``rank_corrected``,
        beside beta's columns of that kind (see ``DriverModel``); empty where there is no correction.
    method, interval
        How R² was shared out, and which bootstrap interval.
    r2, r2_low, r2_high, r2_covariates
        Proportion of variance explained, its interval, and the part that is no driver's.
    replicates
        Importance in each usable bootstrap sample, shape (B, p).
    bootstrap
        The samples themselves.
    model
        The driver model it comes from.
    """

    terms: pd.DataFrame
    method: ImportanceMethod
    interval: IntervalMethod
    r2: float
    r2_low: float
    r2_high: float
    r2_covariates: float
    confidence: float
    replicates: FloatArray
    bootstrap: DriverReplicates
    model: DriverModel

    @property
    def importance(self) -> pd.Series[float]:
        """Importance by driver, those in the model only."""
        used = self.terms[self.terms["touchpoint"].isin(self.model.drivers)]
        return used.set_index("touchpoint")["importance"]

    def tidy(self) -> pd.DataFrame:
        """One row per driver: ``estimate`` is its importance, ``std_error`` the spread of that over the samples.

        Beta and its error stand behind as ``beta, beta_error, beta_low, beta_high``; the rest as in ``terms``.
        """
        spread = self.replicates.std(axis=0, ddof=1)
        errors = dict(zip(self.model.drivers, spread, strict=True))
        rows = self.terms.rename(columns={"touchpoint": "term"})
        return importance_columns(rows).assign(std_error=rows["term"].map(errors))

    def glance(self) -> pd.DataFrame:
        """One row: method, R² with its interval, responses, practices and bootstrap samples."""
        return pd.DataFrame(
            [
                {
                    "outcome": self.model.outcome,
                    "level": self.model.level,
                    "method": self.method,
                    "interval": self.interval,
                    "r2": self.r2,
                    "r2_low": self.r2_low,
                    "r2_high": self.r2_high,
                    "r2_covariates": self.r2_covariates,
                    "n_obs": self.model.n_obs,
                    "n_complete": self.model.n_complete,
                    "n_dropped": self.model.n_dropped,
                    "n_practices": self.model.n_practices,
                    "n_bootstrap": len(self.bootstrap.counts),
                    "n_bootstrap_used": len(self.replicates),
                    "confidence": self.confidence,
                    "notes": " ".join(dict.fromkeys(map(str, (*self.model.notes, *self.bootstrap.notes)))),
                }
            ]
        )

    def compare_drivers(self) -> pd.DataFrame:
        """Every pair of drivers: ``term, other, estimate`` (difference), ``ci_low, ci_high, p_greater``."""
        estimate = np.asarray(self.importance, dtype=np.float64)
        return pairwise_differences(self.model.drivers, estimate, self.replicates, self.confidence)

    def chance_in_top(self, k: int) -> pd.Series[float]:
        """Proportion of bootstrap samples in which each driver is among the k most important."""
        if not 1 <= k <= len(self.model.drivers):
            raise AnalysisError(f"k: expected 1 to {len(self.model.drivers)} (the number of drivers), received {k}.")
        chance = (rank_drivers(self.replicates) <= k).mean(axis=0)
        return pd.Series(chance, index=list(self.model.drivers), name=f"p_top{k}")

    def by_group(self) -> pd.Series[float]:
        """Importance summed by what the drivers belong to (steps, or touchpoints of items)."""
        groups = pd.Series(self.model.design.groups, index=list(self.model.drivers))
        return self.importance.groupby(groups, sort=False).sum()

    @property
    def labels(self) -> Mapping[str, str]:
        """What drivers are called in the study's language."""
        return self.model.labels

    def dominance(self) -> DominanceResult:
        """Every pair of drivers held against each other in all models that the others make (at most 25 drivers)."""
        return estimate_dominance(self.model)

    def drill_down(self, touchpoint: str, *, n_bootstrap: int = 1000, seed: int = 1) -> DrillDown:
        """Which items carry the importance of one touchpoint (Owen values)."""
        return drill_down(self.model, touchpoint, n_bootstrap=n_bootstrap, seed=seed)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw importance with its intervals, largest on top."""
        shown = self.tidy().dropna(subset="estimate").sort_values("estimate", ascending=False)
        shown = shown.assign(label=shown["term"].map(self.label))
        axis = f"part of the variance of {self.model.outcome} ({self.confidence:.0%} interval), R² = {self.r2:.0%}"
        return plot_intervals(shown, axis, reference=0.0, bars=True, ax=ax)
