"""How often a metric is named rightly and wrongly, and how often Δr intervals hold: studies of known truth."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from pxanalysis.analysis.comparison.association import adjust_family, correlate, difference_rows, pairs_of
from pxanalysis.analysis.comparison.output.numbers import apa_number
from pxanalysis.analysis.comparison.verdict import name_metric
from pxanalysis.arrays import FloatArray

if TYPE_CHECKING:
    from great_tables import GT

__all__ = ["WORLDS", "World", "calibrate_comparison", "draw_world", "read_calibration", "show_calibration"]

Kind = Literal["binary", "continuous"]

SCALES = {"ktv": (1, 10, 8.4, 1.3), "nps": (0, 10, 8.2, 1.8), "ces": (1, 5, 4.0, 0.9)}
"""Lowest and highest answer, and mean and spread of the normal that is rounded to it: near the ceiling, as care is."""

SHARE = 0.7
"""Of patients for whom a binary criterion is 1."""

BETWEEN = 0.6
"""Correlation of the latent metrics."""


@dataclass(frozen=True, slots=True)
class World:
    """A world whose truth is known.

    Attributes
    ----------
    r
        True correlation of each metric, as answered, with the criterion.
    practices, per_practice
        Number and mean size of the practices.
    icc
        Share of the variance between practices, of metrics and criterion.
    kind
        Of the criterion.
    uneven
        Whether practices differ in size (log-uniform from a third to three times).
    """

    name: str
    r: tuple[float, float, float]
    practices: int = 20
    per_practice: int = 100
    icc: float = 0.05
    kind: Kind = "binary"
    uneven: bool = False

    @property
    def best(self) -> str:
        """The metric that is truly best, or "" when none is."""
        order = sorted(zip(self.r, SCALES, strict=True), reverse=True)
        return order[0][1] if order[0][0] > order[1][0] else ""


WORLDS = (
    World("nothing goes with the criterion", (0.0, 0.0, 0.0)),
    World("all three alike", (0.3, 0.3, 0.3)),
    World("two alike, one behind", (0.3, 0.3, 0.15)),
    World("all alike, continuous criterion", (0.3, 0.3, 0.3), kind="continuous"),
    World("all alike, practices of uneven size", (0.3, 0.3, 0.3), uneven=True),
    World("all alike, practices differ much (ICC .15)", (0.3, 0.3, 0.3), icc=0.15),
    World("all alike, 8 practices", (0.3, 0.3, 0.3), practices=8),
    World("KTV ahead by .10", (0.35, 0.25, 0.25)),
    World("NPS ahead by .10", (0.25, 0.35, 0.25)),
    World("CES ahead by .10, continuous criterion", (0.25, 0.25, 0.35), kind="continuous"),
    World("KTV ahead by .10, practices of uneven size", (0.35, 0.25, 0.25), uneven=True),
    World("KTV ahead by .05", (0.35, 0.30, 0.30)),
)


def _answers(latent: FloatArray, name: str) -> FloatArray:
    low, high, mean, spread = SCALES[name]
    return np.clip(np.rint(mean + spread * latent), low, high)


def _latent_correlation(name: str, r: float, kind: Kind) -> float:
    """Correlation of the normals behind a metric and the criterion for which those as answered correlate ``r``."""
    from scipy.optimize import brentq
    from scipy.stats import norm

    grid = norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    score = _answers(grid, name)
    score = (score - score.mean()) / score.std()

    def found(rho: float) -> float:
        if kind == "continuous":
            return rho * float((score * grid).mean())
        chance = norm.cdf((rho * grid - norm.ppf(1.0 - SHARE)) / np.sqrt(1.0 - rho**2))
        return float((score * chance).mean() / np.sqrt(SHARE * (1.0 - SHARE)))

    return float(brentq(lambda rho: found(rho) - r, -0.95, 0.95, xtol=1e-10))


def _root(world: World) -> FloatArray:
    """Transposed Cholesky root of the latent correlations of metrics and criterion."""
    matrix = np.full((4, 4), BETWEEN)
    rho = [_latent_correlation(name, r, world.kind) for name, r in zip(SCALES, world.r, strict=True)]
    matrix[3, :3] = matrix[:3, 3] = rho
    np.fill_diagonal(matrix, 1.0)
    return np.linalg.cholesky(matrix).T


def draw_world(
    world: World, root: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray, npt.NDArray[np.intp]]:
    """Draw one study: metrics as answered (n, 3), criterion (n,) and practice of each row (n,)."""
    from scipy.stats import norm

    sizes = np.full(world.practices, world.per_practice)
    if world.uneven:
        shape = np.exp(rng.uniform(-np.log(3.0), np.log(3.0), world.practices))
        sizes = np.maximum(10, np.rint(shape / shape.sum() * world.practices * world.per_practice)).astype(np.int64)
    codes = np.repeat(np.arange(world.practices, dtype=np.intp), sizes)
    practice = np.sqrt(world.icc) * rng.standard_normal((world.practices, 4))
    latent = (practice[codes] + np.sqrt(1.0 - world.icc) * rng.standard_normal((codes.size, 4))) @ root
    columns = np.column_stack([_answers(latent[:, k], name) for k, name in enumerate(SCALES)])
    criterion = latent[:, 3]
    if world.kind == "binary":
        criterion = (criterion > norm.ppf(1.0 - SHARE)).astype(np.float64)
    return columns, criterion, codes


def calibrate_comparison(
    worlds: tuple[World, ...] = WORLDS, *, studies: int = 500, n_bootstrap: int = 500, seed: int = 1
) -> pd.DataFrame:
    """Simulate studies and hold what is named, and the Δr intervals, against the truth.

    Returns
    -------
    One row per world: ``term, r_ktv, r_nps, r_ces, n, practices, studies, named`` (share of studies in which any
    metric is named), ``named_right`` (the truly best one), ``named_wrong``, ``coverage`` (share of the 95 % intervals
    of the three Δr that hold the truth), ``coverage_error`` (Monte-Carlo).
    """
    return pd.DataFrame(
        [_one_world(world, studies, n_bootstrap, np.random.default_rng([seed, k])) for k, world in enumerate(worlds)]
    )


def _one_world(world: World, studies: int, n_bootstrap: int, rng: np.random.Generator) -> dict[str, object]:
    names, root = tuple(SCALES), _root(world)
    truth = {pair: world.r[names.index(pair[0])] - world.r[names.index(pair[1])] for pair in pairs_of(names)}
    named, covered = [], []
    for _ in range(studies):
        columns, criterion, codes = draw_world(world, root, rng)
        found = correlate(columns, names, criterion, codes, n_bootstrap=n_bootstrap, seed=int(rng.integers(2**31)))
        rows = difference_rows(found, pairs_of(names), columns, criterion, "continuous")
        rows["p_holm"] = adjust_family(rows["p_value"])
        named.append(name_metric(names, rows, dict(zip(names, found.r, strict=True)), 0.05))
        true = np.array([truth[pair] for pair in zip(rows["first"], rows["second"], strict=True)])
        covered.append(((rows["ci_low"] <= true) & (true <= rows["ci_high"])).mean())
    right = np.array([name == world.best != "" for name in named])
    some = np.array([name != "" for name in named])
    return {
        "term": world.name,
        **{f"r_{name}": r for name, r in zip(names, world.r, strict=True)},
        "n": world.practices * world.per_practice,
        "practices": world.practices,
        "criterion": world.kind,
        "studies": studies,
        "named": some.mean(),
        "named_right": right.mean() if world.best else np.nan,
        "named_wrong": (some & ~right).mean(),
        "coverage": float(np.mean(covered)),
        "coverage_error": float(np.std(covered, ddof=1) / np.sqrt(studies)),
    }


def read_calibration() -> pd.DataFrame:
    """Return what ``benchmarks/metric_comparison.py`` found last, see :func:`calibrate_comparison`."""
    with resources.as_file(resources.files(__package__) / "calibration.csv") as path:
        return pd.read_csv(path)


def show_calibration() -> GT:
    """Return the table of :func:`read_calibration` for a page, with the goals."""
    from great_tables import GT

    found = read_calibration()
    truth = found[["r_ktv", "r_nps", "r_ces"]].apply(
        lambda row: " / ".join(apa_number(float(r), bounded=True) for r in row), axis=1
    )
    shown = pd.DataFrame(
        {
            "World": found["term"],
            "True r (KTV / NPS / CES)": truth,
            "n": found["n"].astype(str),
            "Practices": found["practices"].astype(str),
            "Studies": found["studies"].astype(str),
            "Named wrongly": found["named_wrong"].map(lambda share: f"{100 * share:.1f}%"),
            "Best one named": found["named_right"].map(lambda share: f"{100 * share:.1f}%" if share == share else "–"),
            "Δr intervals that hold": found["coverage"].map(lambda share: f"{100 * share:.1f}%"),
        }
    )
    table = GT(shown, id="px_calibration").tab_header("Simulated studies of known truth")
    table = table.cols_align("right", columns=list(shown.columns[1:]))
    return table.tab_options(
        table_font_size="13px", heading_align="left", data_row_padding="3px", table_font_names="inherit"
    )
