"""What a fitted structural equation model is, before anything is made of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pxanalysis.analysis.sem.estimate import Fitted
from pxanalysis.analysis.sem.syntax import ModelSyntax
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.result import Result, standard_columns

__all__ = ["SemRecord"]

GLANCED = ["npar", "chisq", "df", "pvalue", "chisq.scaled", "cfi", "tli", "rmsea", "srmr", "logl", "aic", "bic"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SemRecord(Result):
    """What a fitted structural equation model is: its parameters, its fit, and what it was made from.

    Attributes
    ----------
    syntax
        The model, in lavaan's words.
    parameters
        One row per parameter: ``term, lhs, op, rhs, group, label, estimate, std_error, z, p_value, ci_low, ci_high,
        std_lv, std_all, std_all_error, free``.
    measures
        Fit measures by lavaan's names.
    reasons
        Why a measure is not given, by name.
    r2
        ``group, variable, r2``.
    errors
        What the standard errors rest on, in words.
    notes
        What a careful reader should know.
    n_obs, n_dropped, n_practices
        Rows used, rows not used, practices among them (1: none were given).
    labels
        What variables are called, by name.
    fitted, parsed
        The numbers in standard units, and the syntax as read: what further analysis rests on.
    """

    syntax: str
    parameters: pd.DataFrame
    measures: dict[str, float]
    reasons: dict[str, str]
    r2: pd.DataFrame
    errors: str
    notes: tuple[str, ...]
    n_obs: int
    n_dropped: int
    n_practices: int
    fitted: Fitted
    parsed: ModelSyntax
    labels: dict[str, str] = field(default_factory=dict)

    def tidy(self) -> pd.DataFrame:
        """One row per parameter, with ``reason`` where there is no error."""
        table = self.parameters.copy()
        fixed = table["std_error"].isna()
        return standard_columns(
            table.assign(reason=np.where(fixed, np.where(table["free"], "no error: see notes", "fixed"), ""))
        )

    def glance(self) -> pd.DataFrame:
        """One row: estimator, errors, sizes and the main fit measures."""
        options = self.fitted.options
        row: dict[str, object] = {
            "estimator": options.estimator,
            "errors": self.errors,
            "missing": "complete" if self.fitted.data.complete else options.missing,
            "n_obs": self.n_obs,
            "n_dropped": self.n_dropped,
            "n_practices": self.n_practices,
        }
        return pd.DataFrame([row | {name: self.measures.get(name, np.nan) for name in GLANCED}])

    def measure(self, name: str) -> float:
        """One fit measure.

        Raises
        ------
        NotEstimableError
            When it could not be given, with the reason.
        AnalysisError
            When there is no such measure.
        """
        if name in self.measures:
            return self.measures[name]
        if name in self.reasons:
            raise NotEstimableError(f"{name}: {self.reasons[name]}.")
        raise AnalysisError(f"there is no measure '{name}'; there are: {', '.join(self.measures)}.")

    def __repr__(self) -> str:
        m = self.measures
        first = f"SemModel: {self.fitted.options.estimator}, {self.n_obs} rows, {int(m['npar'])} parameters"
        fit = f"chi-square {m['chisq']:.2f} on {int(m['df'])} df, CFI {m['cfi']:.3f}, RMSEA {m['rmsea']:.3f}"
        return "\n".join([first, fit, *(f"! {note}" for note in self.notes[:4])])
