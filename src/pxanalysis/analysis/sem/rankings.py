"""The order of touchpoints by regression and by a structural equation model, beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import kendalltau

from pxanalysis.analysis.sem.model import SemModel
from pxanalysis.errors import AnalysisError
from pxanalysis.result import Result

if TYPE_CHECKING:
    from pxanalysis.analysis.importance.result import ImportanceResult

__all__ = ["RankingAgreement", "compare_rankings"]

FIRST_PLACES = 3


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RankingAgreement(Result):
    """Two orders of the same touchpoints.

    Attributes
    ----------
    table
        One row per touchpoint: ``term, importance, rank_regression`` (share of explained variance), ``rank_corrected``
        (the same with measurement error taken out; NaN where nothing was corrected), ``total_effect``
        (standardised, of the latent touchpoint), ``ci_low, ci_high, rank_sem``.
    tau
        Kendall's tau of the two orders.
    same_first
        Whether both put the same touchpoint first.
    n_shared_top
        How many of the first three they share.
    """

    table: pd.DataFrame
    tau: float
    same_first: bool
    n_shared_top: int

    @property
    def sentence(self) -> str:
        """What the agreement says."""
        first = self.table.sort_values("rank_regression")["term"].iloc[0]
        other = self.table.sort_values("rank_sem")["term"].iloc[0]
        shared = f"they share {self.n_shared_top} of the first {min(FIRST_PLACES, len(self.table))}"
        if self.same_first:
            return f"Regression and structural equation model both put '{first}' first; {shared} (tau {self.tau:.2f})."
        return (
            f"Regression puts '{first}' first, the structural equation model '{other}'; {shared} (tau {self.tau:.2f}). "
            "Do not call either almost certain."
        )

    def tidy(self) -> pd.DataFrame:
        """One row per touchpoint."""
        return self.table.assign(estimate=self.table["total_effect"])

    def glance(self) -> pd.DataFrame:
        """One row: tau, whether the first is the same, how many of the first three are shared, the sentence."""
        facts = {"tau": self.tau, "same_first": self.same_first, "n_shared_top": self.n_shared_top}
        return pd.DataFrame([facts | {"sentence": self.sentence}])


def compare_rankings(importance: ImportanceResult, model: SemModel, outcome: str = "ktv") -> RankingAgreement:
    """Put the importances of a driver model beside the total effects of a structural equation model.

    Parameters
    ----------
    importance
        From ``estimate_importance``, of the same responses and level.
    model
        From ``fit_sem``; with ``chain=True`` total effects include what works through later touchpoints.

    Raises
    ------
    AnalysisError
        When they have fewer than two touchpoints in common.
    """
    shares = importance.terms.set_index("touchpoint")["importance"].dropna()
    total = model.effects().on(outcome).set_index("source")
    common = [name for name in shares.index if name in total.index]
    if len(common) < 2:
        raise AnalysisError("model: expected at least two touchpoints that the importances have as well.")
    table = pd.DataFrame(
        {
            "term": common,
            "importance": shares[common].to_numpy(),
            "rank_regression": shares[common].rank(ascending=False, method="first").astype(int).to_numpy(),
            "rank_corrected": _corrected_ranks(importance, common),
            "total_effect": total.loc[common, "std_all"].to_numpy(),
            "ci_low": total.loc[common, "std_all_low"].to_numpy(),
            "ci_high": total.loc[common, "std_all_high"].to_numpy(),
            "rank_sem": total.loc[common, "std_all"].rank(ascending=False, method="first").astype(int).to_numpy(),
        }
    )
    tau = float(kendalltau(table["importance"], table["total_effect"]).statistic)
    tops = [set(table.loc[table[column] <= FIRST_PLACES, "term"]) for column in ("rank_regression", "rank_sem")]
    same = bool(np.argmin(table["rank_regression"]) == np.argmin(table["rank_sem"]))
    return RankingAgreement(table.sort_values("rank_sem", ignore_index=True), tau, same, len(tops[0] & tops[1]))


def _corrected_ranks(importance: ImportanceResult, names: list[str]) -> pd.Series[float]:
    shares = importance.terms.set_index("touchpoint").loc[names, "importance_corrected"]
    return shares.rank(ascending=False, method="first").reset_index(drop=True)
