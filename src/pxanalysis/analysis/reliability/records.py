"""Results of a reliability analysis: one coefficient, and one scale with all its coefficients and items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from pxanalysis.analysis.reliability.verdict import Verdict
from pxanalysis.figures.charts.intervals import plot_intervals
from pxanalysis.result import Result, standard_columns
from pxanalysis.statistics.conventions import RELIABLE_FROM
from pxanalysis.statistics.factor.alpha import feldt_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["DEFINITIONS", "REASONS", "Coefficient", "ReasonCode", "ScaleReliability", "Term", "not_estimated"]

Term = Literal[
    "alpha",
    "alpha_standardised",
    "mean_inter_item_r",
    "spearman_brown",
    "split_half_lowest",
    "split_half_highest",
    "split_half_odd_even",
    "omega_total",
    "omega_implied",
    "omega_standardised",
    "composite_reliability",
    "ave",
    "ordinal_alpha",
    "ordinal_omega",
    "categorical_omega",
]

DEFINITIONS: dict[Term, str] = {
    "alpha": "Cronbach's alpha of the raw scores",
    "alpha_standardised": "alpha of standardised items, k r / (1 + (k - 1) r) with r the mean inter-item correlation",
    "mean_inter_item_r": "mean of the Pearson correlations between items",
    "spearman_brown": "Spearman-Brown reliability of a two-item scale, 2 r / (1 + r)",
    "split_half_lowest": "worst split into halves, cov(A, B) / (p q var(A + B)), p and q shares of the items (Raju)",
    "split_half_highest": "best split into halves (Guttman's lambda 4 when they are equal)",
    "split_half_odd_even": "correlation of the odd with the even items, stepped up (Spearman-Brown, Horst if unequal)",
    "omega_total": "omega total, one-factor ML, observed variance: (sum of loadings)^2 / variance of the sum",
    "omega_implied": "omega total, one-factor ML, implied variance: (sum l)^2 / ((sum l)^2 + sum of uniquenesses)",
    "omega_standardised": "omega total of standardised items, one-factor ML, observed variance (as in psych)",
    "composite_reliability": "rho_C of the standardised one-factor ML loadings (Fornell & Larcker)",
    "ave": "average variance extracted, mean squared standardised one-factor ML loading (Fornell & Larcker)",
    "ordinal_alpha": "alpha of the polychoric correlations (Zumbo et al.)",
    "ordinal_omega": "omega of the normal variables behind the answers, one-factor DWLS, observed variance",
    "categorical_omega": "omega of the sum of the answers as given, one-factor DWLS (Green & Yang)",
}
"""What each coefficient is, in one line."""

ReasonCode = Literal[
    "",
    "single-item",
    "no-answers",
    "constant-item",
    "too-few-rows",
    "too-few-complete-rows",
    "never-together",
    "negative-alpha",
    "two-items-only",
    "three-items-needed",
    "heywood",
    "factor-not-converged",
    "more-than-one-factor",
    "singular",
    "too-many-categories",
    "polychoric-at-bound",
    "moments-not-converged",
]

REASONS: dict[ReasonCode, str] = {
    "": "",
    "single-item": "the scale has one item, and agreement between items needs at least two",
    "no-answers": "nobody answered item {item}",
    "constant-item": "everyone gave item {item} the same answer, so it shares no variance with the others",
    "too-few-rows": "{n} people answered and a scale of {k} items needs more than {k}",
    "too-few-complete-rows": "{n} people answered all {k} items and more than {k} are needed; missing='em' also "
    "uses incomplete answers",
    "never-together": "items {item} and {other} were answered together by {n} people",
    "negative-alpha": "alpha is negative because the items correlate negatively on average: {item} runs against the "
    "others and probably has to be reverse-coded",
    "two-items-only": "the Spearman-Brown formula is for scales of two items",
    "three-items-needed": "a one-factor model of two items is not identified; see spearman_brown",
    "heywood": "inadmissible solution (Heywood case): the factor explains all variance of item {item}",
    "factor-not-converged": "the one-factor model did not converge",
    "more-than-one-factor": "one factor does not describe these items (SRMR {srmr:.2f}, above {limit:.2f}): they "
    "measure more than one thing, and this coefficient assumes they do not",
    "singular": "items {item} are (nearly) weighted sums of each other, so a factor model cannot be fitted",
    "too-many-categories": "item {item} has too many different answers for polychoric correlations",
    "polychoric-at-bound": "the table of items {item} and {other} leaves their polychoric correlation at ±1",
    "moments-not-converged": "maximum likelihood did not converge on these incomplete answers",
}
"""English sentence of each reason; reports hold the Dutch one under the same code."""


RELIABILITY_AXIS = "reliability (dotted: " + ", ".join(f"{x:.2f}"[1:] for x in sorted(RELIABLE_FROM.values())) + ")"
"""What the axis of a picture of reliabilities says."""


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One reliability coefficient of one scale.

    Attributes
    ----------
    term, definition
        Its name, and which of the definitions it follows.
    estimate, std_error, ci_low, ci_high
        NaN where not estimated.
    interval
        ``Feldt``, ``bootstrap of practices``, ``bootstrap of respondents`` or ``none``.
    reason_code, reason
        Why there is no estimate, or what is wrong with it; "" otherwise.
    """

    term: Term
    estimate: float
    std_error: float = np.nan
    ci_low: float = np.nan
    ci_high: float = np.nan
    interval: str = "none"
    reason_code: ReasonCode = ""
    reason: str = ""

    @property
    def definition(self) -> str:
        """What the coefficient is, in one line."""
        return DEFINITIONS[self.term]


def not_estimated(term: Term, code: ReasonCode, **facts: object) -> Coefficient:
    """Make a coefficient that only carries the reason why there is none."""
    return Coefficient(term, np.nan, reason_code=code, reason=REASONS[code].format(**facts))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ScaleReliability(Result):
    """Reliability of one scale.

    Attributes
    ----------
    name, items
        The scale and its items.
    n_obs
        Rows the coefficients rest on: complete rows, or with ``missing='em'`` all with an answer.
    n_interval
        Rows the Feldt interval counts: ``n_obs``, or with ``em`` the smallest number of joint answers to a pair;
        Kish's effective number when there are weights.
    n_incomplete, n_absent
        Rows left out because an answer is missing (0 with ``em``), and rows without any answer to the scale.
    srmr
        Standardised root mean square residual of the one-factor model, 0 with three items, NaN without a model;
        above .10 the coefficients of that model carry a reason and the verdict rests on alpha.
    n_practices, n_bootstrap, confidence, missing
        What the intervals rest on.
    coefficients
        All coefficients, in the order of ``DEFINITIONS``.
    item_table
        One row per item: ``item, n, mean, sd, item_rest, alpha_if_dropped, loading, reason`` (``loading`` is the
        standardised one-factor loading).
    verdict
        What the scale is good enough for.
    reason_code, reason
        What prevents or spoils the estimate as a whole; "" otherwise.
    """

    name: str
    items: tuple[str, ...]
    n_obs: int
    n_interval: float
    n_incomplete: int
    n_absent: int
    n_practices: int
    n_bootstrap: int
    confidence: float
    missing: str
    coefficients: tuple[Coefficient, ...]
    item_table: pd.DataFrame
    srmr: float
    verdict: Verdict
    reason_code: ReasonCode
    reason: str

    def __getitem__(self, term: Term) -> Coefficient:
        return next(coefficient for coefficient in self.coefficients if coefficient.term == term)

    @property
    def k(self) -> int:
        """Number of items."""
        return len(self.items)

    @property
    def feldt(self) -> tuple[float, float]:
        """Feldt's interval of alpha as published: for respondents who do not cluster in practices."""
        return feldt_interval(self["alpha"].estimate, self.n_interval, self.k, self.confidence)

    def tidy(self) -> pd.DataFrame:
        """One row per coefficient: ``scale, term, estimate, std_error, ci_low, ci_high, interval, n, reason, ...``."""
        rows = [
            {
                "scale": self.name,
                "term": one.term,
                "estimate": one.estimate,
                "std_error": one.std_error,
                "ci_low": one.ci_low,
                "ci_high": one.ci_high,
                "interval": one.interval,
                "n": self.n_obs,
                "definition": one.definition,
                "reason_code": one.reason_code,
                "reason": one.reason,
            }
            for one in self.coefficients
        ]
        return standard_columns(pd.DataFrame(rows))

    def glance(self) -> pd.DataFrame:
        """One row: the scale, its sizes, main coefficients with intervals, verdict and reason."""
        alpha, omega = self["alpha"], self["omega_total"]
        row = {
            "scale": self.name,
            "n": self.n_obs,
            "n_incomplete": self.n_incomplete,
            "k": self.k,
            "alpha": alpha.estimate,
            "alpha_low": alpha.ci_low,
            "alpha_high": alpha.ci_high,
            "alpha_interval": alpha.interval,
            "alpha_standardised": self["alpha_standardised"].estimate,
            "mean_inter_item_r": self["mean_inter_item_r"].estimate,
            "omega": omega.estimate,
            "omega_low": omega.ci_low,
            "omega_high": omega.ci_high,
            "spearman_brown": self["spearman_brown"].estimate,
            "categorical_omega": self["categorical_omega"].estimate,
            "composite_reliability": self["composite_reliability"].estimate,
            "ave": self["ave"].estimate,
            "srmr": self.srmr,
            "verdict": self.verdict.code,
            "verdict_basis": self.verdict.basis,
            "certain": self.verdict.certain,
            "sentence": self.verdict.sentence,
            "reason_code": self.reason_code,
            "reason": self.reason,
        }
        return pd.DataFrame([row])

    def _repr_html_(self) -> str:
        facts = self.glance()[["scale", "n", "n_incomplete", "k", "verdict", "sentence", "reason"]]
        shown = self.tidy().drop(columns=["scale", "n", "reason_code"])

        def three(value: float) -> str:
            return f"{value:.3f}"

        return "".join(
            table.to_html(index=False, na_rep="", float_format=three, border=0)
            for table in (facts, shown, self.item_table)
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw every coefficient with its interval, and the limits of the verdicts; or say why there is none."""
        table = self.tidy().assign(label=lambda rows: rows["term"].str.replace("_", " "))
        shown = table[table["estimate"].notna() & ~table["term"].isin(["mean_inter_item_r", "ave"])]
        title, limits = f"{self.name}: {self.k} items, n = {self.n_obs}", list(RELIABLE_FROM.values())
        return plot_intervals(
            shown, RELIABILITY_AXIS, lowest=-0.1, limits=limits, reason=self.reason, title=title, ax=ax
        )
