"""J, Cox and encompassing tests of two linear models of one continuous criterion (statsmodels)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pxanalysis.arrays import FloatArray

__all__ = ["LinearComparison", "NonNestedTest", "compare_linear"]

IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class NonNestedTest:
    """Whether one model leaves nothing to the other.

    Attributes
    ----------
    estimate
        What is tested: the coefficient of the other model's fitted values (J), the difference of the log variances
        (Cox); NaN for the encompassing F, which has none.
    statistic, p_value
        t, z or F, and its two-sided probability.
    """

    estimate: float
    statistic: float
    p_value: float


@dataclass(frozen=True, slots=True)
class LinearComparison:
    """Tests of model a against model b; a small p means that the other model explains what this one does not.

    Attributes
    ----------
    j, j_clustered
        Davidson & MacKinnon (1981), doi:10.2307/1911522: the other's fitted values added; the second with
        cluster-robust errors (CR1, G−1 degrees of freedom), None without practices.
    cox
        Cox (1961), Pesaran (1974).
    encompassing
        F of the other's columns added. With one column apart it is the square of J's t: no further evidence.
    """

    j: NonNestedTest
    j_clustered: NonNestedTest | None
    cox: NonNestedTest
    encompassing: NonNestedTest


def compare_linear(
    criterion: FloatArray, first: FloatArray, second: FloatArray, codes: IntArray | None = None
) -> tuple[LinearComparison, LinearComparison]:
    """Test the model on ``first`` against ``second``, and the other way round.

    Parameters
    ----------
    criterion, first, second
        Shapes (n,), (n, p) and (n, q), complete; a constant is added to both models.
    codes
        Practice of each row, 0…G−1.
    """
    import statsmodels.api as sm
    from statsmodels.stats.diagnostic import compare_cox, compare_encompassing, compare_j

    models = [sm.OLS(criterion, sm.add_constant(columns, has_constant="add")).fit() for columns in (first, second)]
    encompassing = compare_encompassing(*models)
    found = []
    for own, other, row in ((models[0], models[1], "x"), (models[1], models[0], "z")):
        t, p, stored = compare_j(other, own, store=True)
        z, p_cox, cox = compare_cox(own, other, store=True)
        f, p_f = encompassing.loc[row, ["stat", "pvalue"]]
        found.append(
            LinearComparison(
                j=NonNestedTest(float(stored.res_zx.params[0]), float(t), float(p)),
                j_clustered=None if codes is None else _clustered(stored.res_zx, codes),
                cox=NonNestedTest(float(cox.c01), float(z), float(p_cox)),
                encompassing=NonNestedTest(float("nan"), float(f), float(p_f)),
            )
        )
    return found[0], found[1]


def _clustered(fit: Any, codes: IntArray) -> NonNestedTest:
    robust = fit.get_robustcov_results(cov_type="cluster", groups=codes, use_t=True)
    return NonNestedTest(float(robust.params[0]), float(robust.tvalues[0]), float(robust.pvalues[0]))
