"""Importance beside performance (IPMA): total effects on an outcome, and where people stand on 0-100."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pxanalysis.analysis.sem.effects import estimate_effects
from pxanalysis.analysis.sem.records import each_row
from pxanalysis.errors import AnalysisError
from pxanalysis.result import Result
from pxanalysis.statistics.factor.composites import Composites, estimate_composites
from pxanalysis.statistics.inputs import numeric_matrix
from pxanalysis.statistics.moments.estimate import MissingMethod, estimate_moments

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pxanalysis.analysis.sem.record import SemRecord

__all__ = ["Ipma", "estimate_composite_ipma", "estimate_ipma"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Ipma(Result):
    """Importance-performance map.

    Attributes
    ----------
    table
        One row per driver, most to gain first: ``driver, importance`` (change of the target per point of the driver),
        ``performance`` (mean, 0-100), ``gain`` (importance times the room above) and, where known, ``importance_low,
        importance_high``.
    target
        What is to be improved.
    unit
        What importance is in.
    labels
        What drivers are called.
    """

    table: pd.DataFrame
    target: str
    unit: str
    labels: dict[str, str]

    def tidy(self) -> pd.DataFrame:
        """One row per driver: ``term, estimate`` (importance), and the rest."""
        return self.table.assign(term=self.table["driver"], estimate=self.table["importance"])

    def glance(self) -> pd.DataFrame:
        """One row: target, unit, number of drivers."""
        return pd.DataFrame([{"target": self.target, "unit": self.unit, "n_drivers": len(self.table)}])

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw performance (down) against importance (right), with the means as lines."""
        from matplotlib import pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(6.5, 4.5), layout="constrained")
        table = self.table
        ax.scatter(table["importance"], table["performance"], color="#1f5f8b", zorder=3)
        for row in each_row(table):
            name = self.labels.get(row.driver, row.driver)
            ax.annotate(name, (row.importance, row.performance), xytext=(5, 4), textcoords="offset points", fontsize=8)
        ax.axvline(table["importance"].mean(), color="#8a97a5", linewidth=0.8)
        ax.axhline(table["performance"].mean(), color="#8a97a5", linewidth=0.8)
        ax.margins(x=0.2, y=0.15)
        ax.set_xlabel(f"total effect on {self.labels.get(self.target, self.target)} ({self.unit})")
        ax.set_ylabel("performance (0-100)")
        ax.spines[["top", "right"]].set_visible(False)
        return ax


def _ordered(table: pd.DataFrame) -> pd.DataFrame:
    gain = table["importance"] * (100.0 - table["performance"])
    return table.assign(gain=gain).sort_values("gain", ascending=False, ignore_index=True)


def estimate_ipma(model: SemRecord, target: str) -> Ipma:
    """See ``SemRecord.ipma``."""
    total = estimate_effects(model, "delta", n_bootstrap=None).on(target)
    fitted = model.fitted
    numbers = pd.DataFrame(fitted.rows.numbers, columns=list(fitted.rows.names))
    parameters = model.parameters
    loadings = parameters[parameters["op"] == "=~"]
    rows = []
    for row in each_row(total):
        own = loadings[loadings["lhs"] == row.source]
        if own.empty:
            continue
        items = numbers[list(own["rhs"])]
        if float(items.min().min()) < 0 or float(items.max().max()) > 100:
            raise AnalysisError(
                f"'{row.source}' has items outside 0-100; performance is on 0-100, so rescale items first "
                "(responses are on 0-100 already)."
            )
        size = float(own["estimate"].mean())
        ends = (row.estimate / size, row.ci_low / size, row.ci_high / size)
        rows.append((row.source, *ends, float(items.mean().mean())))
    columns = ["driver", "importance", "importance_low", "importance_high", "performance"]
    if not rows:
        raise AnalysisError(f"target: no latent leads to '{target}'; performance is that of latents with items.")
    unit = "points of it per point of the score"
    return Ipma(_ordered(pd.DataFrame(rows, columns=columns)), target, unit, model.labels)


def estimate_composite_ipma(
    data: object,
    scales: Mapping[str, Sequence[str]],
    paths: Mapping[str, Sequence[str]],
    target: str,
    *,
    low: float,
    high: float,
    missing: MissingMethod = "em",
) -> Ipma:
    """IPMA of partial-least-squares composites, as SmartPLS users know it (Ringle & Sarstedt 2016).

    Parameters
    ----------
    scales, paths
        As for ``estimate_composites``.
    low, high
        Ends of the items' answer scale, brought to 0-100.

    Raises
    ------
    AnalysisError
        When nothing leads to the target, or answers lie outside the scale.
    """
    composites = estimate_composites(data, scales, paths, missing=missing)
    total = _total_effects(composites)
    if target not in total.index or not total.loc[target].any():
        raise AnalysisError(f"target: no path leads to '{target}'; scales are: {', '.join(total.index)}.")
    performance, size = _composite_scores(data, composites, low, high, missing)
    on_target = dict(zip(total.columns, total.loc[target].to_numpy(dtype=np.float64), strict=True))
    drivers = [name for name, effect in on_target.items() if effect != 0]
    table = pd.DataFrame(
        {
            "driver": drivers,
            "importance": [float(on_target[name]) * size[target] / size[name] for name in drivers],
            "performance": [performance[name] for name in drivers],
        }
    )
    return Ipma(_ordered(table), target, "points per point, 0-100", {})


def _composite_scores(
    data: object, composites: Composites, low: float, high: float, missing: MissingMethod
) -> tuple[dict[str, float], dict[str, float]]:
    """Mean and standard deviation of every composite on 0-100, its raw weights summing to 1."""
    items = list(composites.indicators["item"])
    matrix = numeric_matrix(data, items)
    if np.nanmin(matrix.numbers) < low or np.nanmax(matrix.numbers) > high:
        raise AnalysisError(f"low, high: expected the ends of the answer scale, but answers lie outside {low}-{high}.")
    moments = estimate_moments(matrix, method=missing)
    spread = np.sqrt(np.diag(moments.cov))
    weights = composites.indicators.assign(raw=composites.indicators["weight"] / spread)
    weights["raw"] /= weights.groupby("scale")["raw"].transform("sum")
    percent = 100.0 / (high - low)
    cov = moments.cov.to_numpy() * percent**2
    level = (moments.mean.to_numpy() - low) * percent
    performance, size = {}, {}
    for name in composites.scales["scale"]:
        own = np.where(weights["scale"] == name, weights["raw"], 0.0)
        performance[name], size[name] = float(own @ level), float(np.sqrt(own @ cov @ own))
    return performance, size


def _total_effects(composites: Composites) -> pd.DataFrame:
    """Total standardised effects of columns on rows."""
    names = list(composites.scales["scale"])
    direct = pd.DataFrame(0.0, index=names, columns=names)
    for row in each_row(composites.paths):
        direct.loc[row.target, row.source] = row.estimate
    eye = np.eye(len(names))
    return pd.DataFrame(np.linalg.inv(eye - direct.to_numpy()) - eye, index=names, columns=names)
