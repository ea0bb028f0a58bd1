"""How closely each metric goes with a criterion, and which of two more closely: by every test, and by practices."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd

from pxanalysis.analysis.comparison.criteria import few_practices_reason
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.dependent_correlations import Overlapping, compare_overlapping, zou_overlapping
from pxanalysis.statistics.non_nested.fits import CriterionKind
from pxanalysis.statistics.prediction.discrimination import areas_under_curve, replicate_areas
from pxanalysis.statistics.resampling.few_practices import effective_units
from pxanalysis.statistics.resampling.practices import MomentReplicates, bootstrap_moments

__all__ = ["Correlated", "Resampled", "adjust_family", "association_rows", "correlate", "difference_rows", "resample"]

IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Resampled:
    """How replicates become an error: t with the effective number of units less one.

    Attributes
    ----------
    units
        Effective number of practices (of people, without practices).
    confidence
        Of intervals.
    reason
        Why there is no error, or "".
    """

    units: float
    confidence: float
    reason: str = ""

    def error(self, replicates: FloatArray) -> float:
        """Standard error from replicates (B,): their standard deviation, times √(units/(units−1))."""
        used = replicates[np.isfinite(replicates)]
        if self.reason or used.size < 100:
            return float("nan")
        return float(used.std(ddof=1) * np.sqrt(self.units / (self.units - 1.0)))

    def row(self, estimate: float, replicates: FloatArray) -> dict[str, float]:
        """Estimate with its error, interval and two-sided p."""
        from scipy.stats import t

        error = self.error(replicates)
        reach = float(t.ppf(0.5 + self.confidence / 2.0, self.units - 1.0))
        p = float(2.0 * t.sf(abs(estimate) / error, self.units - 1.0)) if error > 0 else float("nan")
        return {
            "estimate": estimate,
            "std_error": error,
            "ci_low": estimate - reach * error,
            "ci_high": estimate + reach * error,
            "p_value": p,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Correlated:
    """Correlations of k columns with a criterion, in the sample and in samples of practices.

    Attributes
    ----------
    names
        Of the columns, (k,).
    r, between
        With the criterion, (k,); among the columns, (k, k).
    replicates
        Shape (B, k).
    n
        People.
    drawn
        The samples of practices.
    resampled
        How replicates become errors.
    """

    names: tuple[str, ...]
    r: FloatArray
    between: FloatArray
    replicates: FloatArray
    n: int
    drawn: MomentReplicates
    resampled: Resampled

    def place(self, name: str) -> int:
        """Position of a column."""
        return self.names.index(name)


def resample(codes: IntArray | None, n: int, confidence: float) -> Resampled:
    """Say how replicates of practices (or of people, when ``codes`` is None) become errors."""
    if codes is None:
        return Resampled(float(n), confidence)
    return Resampled(effective_units(codes), confidence, few_practices_reason(int(codes.max()) + 1))


def correlate(
    columns: FloatArray,
    names: tuple[str, ...],
    criterion: FloatArray,
    codes: IntArray | None,
    *,
    n_bootstrap: int = 2000,
    seed: int = 1,
    confidence: float = 0.95,
) -> Correlated:
    """Correlate complete columns (n, k) with a criterion (n,) and resample practices."""
    rows = np.column_stack([columns, criterion])
    drawn = bootstrap_moments(rows, codes, n_bootstrap, seed)
    full = np.atleast_2d(np.corrcoef(rows.T))
    spread = np.sqrt(np.diagonal(drawn.cov, axis1=1, axis2=2))
    replicates = drawn.cov[:, :-1, -1] / (spread[:, :-1] * spread[:, -1:])
    return Correlated(
        names=names,
        r=full[:-1, -1],
        between=full[:-1, :-1],
        replicates=replicates,
        n=len(rows),
        drawn=drawn,
        resampled=resample(codes, len(rows), confidence),
    )


def association_rows(
    found: Correlated, columns: FloatArray, criterion: FloatArray, kind: CriterionKind
) -> pd.DataFrame:
    """One row per column: ``term, n, estimate`` (Pearson r; point-biserial for two classes) with error and interval.

    Also ``spearman, kendall`` (tau-b) and, for two classes, ``auc, auc_low, auc_high`` (DeLong).
    """
    from scipy.stats import kendalltau, norm, spearmanr

    rows = []
    area = areas_under_curve(columns, criterion == 1) if kind == "binary" else None
    reach = float(norm.ppf(0.5 + found.resampled.confidence / 2.0))
    for k, name in enumerate(found.names):
        row: dict[str, object] = {"term": name, "n": found.n}
        row |= found.resampled.row(float(found.r[k]), found.replicates[:, k])
        row |= {
            "spearman": float(spearmanr(columns[:, k], criterion)[0]),
            "kendall": float(kendalltau(columns[:, k], criterion)[0]),
        }
        if area is not None:
            half = reach * float(area.std_error[k])
            row |= {"auc": area.estimate[k], "auc_low": area.estimate[k] - half, "auc_high": area.estimate[k] + half}
        rows.append(row | {"reason": found.resampled.reason})
    return pd.DataFrame(rows)


def difference_rows(
    found: Correlated,
    pairs: list[tuple[str, str]],
    columns: FloatArray,
    criterion: FloatArray,
    kind: CriterionKind,
) -> pd.DataFrame:
    """One row per pair: Δr with practice-bootstrap error, and the tests that assume independent people.

    Columns: ``term, first, second, n, r_first, r_second, r_between, estimate`` (Δr), ``std_error, ci_low, ci_high,
    p_value`` (bootstrap of practices), ``williams_t, williams_p, steiger_z, steiger_p, meng_z, meng_p, zou_low,
    zou_high``; for two classes ``auc_difference, auc_error, auc_p`` (bootstrap of practices) and ``delong_z,
    delong_p``; ``reason``.
    """
    from scipy.stats import norm

    area = areas = None
    if kind == "binary":
        area = areas_under_curve(columns, criterion == 1)
        used = found.drawn.rows
        areas = replicate_areas(columns[used], criterion[used] == 1, found.drawn.units, found.drawn.counts)
    rows = []
    for first, second in pairs:
        i, j = found.place(first), found.place(second)
        row: dict[str, object] = {
            "term": f"{first} − {second}",
            "first": first,
            "second": second,
            "n": found.n,
            "r_first": found.r[i],
            "r_second": found.r[j],
            "r_between": found.between[i, j],
        }
        row |= found.resampled.row(float(found.r[i] - found.r[j]), found.replicates[:, i] - found.replicates[:, j])
        row |= _independent_tests(found, i, j)
        if area is not None and areas is not None:
            gap, error = area.difference(i, j)
            clustered = found.resampled.row(gap, areas[:, i] - areas[:, j])
            z = gap / error if error > 0 else float("nan")
            row |= {
                "auc_difference": gap,
                "auc_error": clustered["std_error"],
                "auc_p": clustered["p_value"],
                "delong_z": z,
                "delong_p": float(2.0 * norm.sf(abs(z))),
            }
        reason = "; ".join(filter(None, (found.resampled.reason, str(row.pop("independent_reason")))))
        rows.append(row | {"reason": reason})
    return pd.DataFrame(rows)


def _independent_tests(found: Correlated, i: int, j: int) -> dict[str, object]:
    names = ("williams_t", "williams_p", "steiger_z", "steiger_p", "meng_z", "meng_p", "zou_low", "zou_high")
    try:
        three = Overlapping(float(found.r[i]), float(found.r[j]), float(found.between[i, j]), found.n)
        tests = compare_overlapping(three)
        limits = zou_overlapping(three, found.resampled.confidence)
    except NotEstimableError as error:
        return dict.fromkeys(names, float("nan")) | {"independent_reason": str(error)}
    values = [value for test in tests for value in (test.statistic, test.p_value)]
    return dict(zip(names, [*values, *limits], strict=True)) | {"independent_reason": ""}


def pairs_of(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """All pairs, each once, in the order of the names."""
    return list(combinations(names, 2))


def adjust_family(p_values: pd.Series[float]) -> FloatArray:
    """Holm's p within one family; missing ones stay missing and do not count."""
    from statsmodels.stats.multitest import multipletests

    values = p_values.to_numpy(dtype=np.float64)
    out, known = np.full(values.shape, np.nan), np.isfinite(values)
    if known.any():
        out[known] = multipletests(values[known], method="holm")[1]
    return out
