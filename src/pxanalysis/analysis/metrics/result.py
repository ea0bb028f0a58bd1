"""What an estimate of metrics holds: a row per group, and the answers that a wanted precision takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pxanalysis.analysis.metrics import sample_size
from pxanalysis.result import Result, standard_columns

__all__ = ["MetricsResult"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MetricsResult(Result):
    """Metrics of one or more outcomes.

    Attributes
    ----------
    table
        One row per group, outcome and metric; see :meth:`tidy`.
    n_obs, n_dropped, n_practices
        Responses that were used; left out for lack of a date or group; practices.
    confidence
        Level of the intervals, a proportion.
    weighted
        Whether case weights were used.
    """

    table: pd.DataFrame
    n_obs: int
    n_dropped: int
    n_practices: int
    confidence: float
    weighted: bool

    def tidy(self) -> pd.DataFrame:
        """One row per group, outcome and metric.

        Columns: ``practice_id`` ("" = pooled; also ``group``, ``period``), ``term`` (outcome and metric), ``estimate,
        std_error, ci_low, ci_high, outcome, kind, metric, unit, n, method, reason, sd, n_effective``. Units: ``grade``
        and ``scale`` as answered, ``proportion`` 0-1, ``net`` −1…1.
        """
        return standard_columns(self.table.assign(term=self.table["outcome"] + " " + self.table["metric"]))

    def glance(self) -> pd.DataFrame:
        """Return one row: n_obs, n_dropped, n_practices, confidence, weighted."""
        names = ("n_obs", "n_dropped", "n_practices", "confidence", "weighted")
        return pd.DataFrame([{name: getattr(self, name) for name in names}])

    def needed_n(self, half_width: float) -> pd.DataFrame:
        """Answers for which each interval would be ± ``half_width``, and how many more that is.

        Parameters
        ----------
        half_width
            In the units of the metric (.10 is ten percentage points or ten NPS points); rows of other units than
            meant are better left out first.

        Returns
        -------
        The identifying columns with ``n, needed_n, more``; NaN where the spread is not known (and for medians).
        """
        rows = self.table
        needed = [
            _needed_n(half_width, *row, self.confidence)
            for row in zip(rows["metric"], rows["unit"], rows["estimate"], rows["sd"], strict=True)
        ]
        keys = [name for name in ("practice_id", "group", "period", "outcome", "metric", "unit", "n") if name in rows]
        more = np.maximum(0.0, np.array(needed, dtype=np.float64) - rows["n"].to_numpy())
        return rows[keys].assign(needed_n=needed, more=more)


def _needed_n(half_width: float, metric: str, unit: str, estimate: float, sd: float, confidence: float) -> float:
    if not (np.isfinite(estimate) and np.isfinite(sd)) or metric == "median":
        return np.nan
    if unit == "proportion":
        return sample_size.needed_n_for_share(half_width, estimate, confidence)
    if unit == "net":
        both = sd**2 + estimate**2
        shares = np.clip([(both + estimate) / 2, (both - estimate) / 2], 0.0, 1.0)
        return sample_size.needed_n_for_net(half_width, float(shares[0]), float(shares[1]), confidence)
    return sample_size.needed_n_for_mean(half_width, sd, confidence)
