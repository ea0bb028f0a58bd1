"""Who answered: the response of each practice and month, and who is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import polars as pl

from pxanalysis.errors import AnalysisError
from pxanalysis.result import Result
from pxanalysis.statistics.proportions.intervals import wilson
from pxanalysis.statistics.raking import RakedWeights, rake

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ResponseRate", "estimate_response", "match_tokens", "weigh_responses"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ResponseRate(Result):
    """The response, raw and adjusted for who could answer.

    Attributes
    ----------
    table
        One row per practice and month: ``practice_id, month, invited, answered, open, rate, adjusted_rate, ci_low,
        ci_high`` (Wilson, of the adjusted rate), ``reason`` where a rate cannot be given.
    missing
        Per characteristic and category: ``share_invited, share_answered, difference``.
    tokens
        One row per token that came back: ``token, status`` (``valid``, ``unknown``, ``expired``, ``reused``, ``other
        practice``).
    """

    table: pd.DataFrame
    missing: pd.DataFrame
    tokens: pd.DataFrame

    def tidy(self) -> pd.DataFrame:
        """One row per practice and month; ``estimate`` is the adjusted rate, a proportion 0-1."""
        found = self.table.assign(term=self.table["practice_id"] + " " + self.table["month"])
        found = found.rename(columns={"adjusted_rate": "estimate"})
        spread = (found["ci_high"] - found["ci_low"]) / (2 * 1.959964)
        return found.assign(std_error=spread)[
            ["term", "estimate", "std_error", "ci_low", "ci_high", "invited", "answered", "open", "rate", "reason"]
        ]

    def glance(self) -> pd.DataFrame:
        """One row: all invited and answered, and how many tokens were no valid ones."""
        invited, answered = int(self.table["invited"].sum()), int(self.table["answered"].sum())
        could = invited - int(self.table["open"].sum())
        return pd.DataFrame(
            [
                {
                    "n_practices": self.table["practice_id"].nunique(),
                    "invited": invited,
                    "answered": answered,
                    "rate": answered / invited if invited else None,
                    "adjusted_rate": answered / could if could else None,
                    "n_tokens_refused": int((self.tokens["status"] != "valid").sum()),
                }
            ]
        )

    def describe(self) -> str:
        """The response and who is missing, as the command prints them."""
        parts = [self.glance().to_string(index=False), self.table.to_string(index=False, float_format="{:.3f}".format)]
        if len(self.missing):
            parts.append(self.missing.to_string(index=False, float_format="{:.3f}".format))
        return "\n\n".join(parts)

    def __repr__(self) -> str:
        row = self.glance().iloc[0]
        answered, invited = int(row["answered"]), int(row["invited"])
        return f"ResponseRate({answered} of {invited} answered, {int(row['n_practices'])} practices)"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Adjusted response per month, a line for each practice."""
        import matplotlib.pyplot as plt

        ax = ax or plt.subplots()[1]
        for practice_id, rows in self.table.groupby("practice_id"):
            ax.plot(rows["month"], rows["adjusted_rate"], marker="o", label=str(practice_id))
        ax.set(xlabel="month of the appointment", ylabel="response, of those who could answer", ylim=(0, 1))
        ax.legend()
        return ax


def match_tokens(answers: pl.DataFrame, ledger: pl.DataFrame) -> pl.DataFrame:
    """Say of each answer with a token what that token is worth.

    Parameters
    ----------
    answers
        ``token, practice_id, completed_on``, one row per answer, in the order of arrival.

    Returns
    -------
    The same rows with ``status``: ``valid``; ``unknown`` (not in the ledger), ``other practice``, ``expired``
    (completed after the last day) or ``reused`` (an earlier answer had it).
    """
    known = ledger.select("token", pl.col("practice_id").alias("invited_by"), "expires_on", "month")
    joined = answers.filter(pl.col("token").is_not_null()).join(known, on="token", how="left", maintain_order="left")
    joined = joined.with_columns(
        pl.when(pl.col("invited_by").is_null())
        .then(pl.lit("unknown"))
        .when(pl.col("invited_by") != pl.col("practice_id"))
        .then(pl.lit("other practice"))
        .when((pl.col("completed_on") > pl.col("expires_on")).fill_null(value=False))
        .then(pl.lit("expired"))
        .otherwise(pl.lit("valid"))
        .alias("status")
    )
    again = (pl.col("status") == "valid") & ~pl.col("token").is_first_distinct().over("status")
    return joined.with_columns(pl.when(again).then(pl.lit("reused")).otherwise("status").alias("status"))


def estimate_response(
    answers: pl.DataFrame,
    ledger: pl.DataFrame,
    *,
    case_mix: Sequence[str] = (),
    today: date | None = None,
    confidence: float = 0.95,
) -> ResponseRate:
    """Estimate the response per practice and month of the appointment.

    Raw: answered / invited. Adjusted: those who still can answer, and have not, are no non-response yet, so they are
    left out: answered / (invited - open).

    Parameters
    ----------
    answers
        ``token, practice_id, completed_on``.
    ledger
        As :mod:`pxanalysis.survey.invitations` writes it.
    case_mix
        Columns of the ledger by which to say who is missing.
    """
    today = today or date.today()
    absent = [name for name in case_mix if name not in ledger.columns]
    if absent:
        raise AnalysisError(f"case_mix: the ledger has no column '{absent[0]}'; it has: {', '.join(ledger.columns)}.")
    matched = match_tokens(answers, ledger)
    valid = matched.filter(pl.col("status") == "valid")["token"]
    marked = ledger.with_columns(pl.col("token").is_in(valid.implode()).alias("answered")).with_columns(
        (~pl.col("answered") & (pl.col("expires_on") >= today)).alias("open")
    )
    counts = marked.group_by("practice_id", "month").agg(
        pl.len().alias("invited"), pl.col("answered").sum(), pl.col("open").sum()
    )
    table = _rates(counts.sort("practice_id", "month").to_pandas(), confidence)
    return ResponseRate(table, _missing(marked, case_mix), matched.select("token", "status").to_pandas())


def _rates(table: pd.DataFrame, confidence: float) -> pd.DataFrame:
    could = table["invited"] - table["open"]
    none = could == 0
    rate = (table["answered"] / could.where(~none)).astype(float)
    number = np.asarray(could.where(~none, 1), dtype=np.float64)
    low, high = wilson(np.asarray(rate.fillna(0.0), dtype=np.float64), number, confidence)
    reason = none.map({True: "nobody's time to answer has passed yet", False: ""})
    return table.assign(
        rate=table["answered"] / table["invited"],
        adjusted_rate=rate,
        ci_low=pd.Series(low, table.index).where(~none),
        ci_high=pd.Series(high, table.index).where(~none),
        reason=reason,
    )


def _missing(marked: pl.DataFrame, case_mix: Sequence[str]) -> pd.DataFrame:
    rows = []
    closed = marked.filter(~pl.col("open"))
    answered = closed.filter(pl.col("answered"))
    for name in case_mix:
        for (level,), group in closed.group_by([name], maintain_order=True):
            share = group.height / closed.height
            theirs = answered.filter(pl.col(name) == level).height / answered.height if answered.height else None
            difference = None if theirs is None else theirs - share
            rows.append((name, level, share, theirs, difference))
    return pd.DataFrame(rows, columns=["characteristic", "category", "share_invited", "share_answered", "difference"])


def weigh_responses(
    answers: pl.DataFrame, ledger: pl.DataFrame, characteristics: Sequence[str]
) -> tuple[pl.DataFrame, RakedWeights]:
    """Weights that give each category the share it has among the invited.

    Returns
    -------
    ``token`` (with ``response_id`` when the answers have it) and ``weight`` of the valid answers, for
    ``estimate_metrics(responses, weights=...)``; and the raking with its effective n.
    """
    matched = match_tokens(answers, ledger).filter(pl.col("status") == "valid")
    known = matched.select("token", *(["response_id"] if "response_id" in matched.columns else [])).join(
        ledger, on="token", how="left", maintain_order="left"
    )
    if known.select(characteristics).null_count().sum_horizontal().item():
        raise AnalysisError(f"weights: {', '.join(characteristics)} are not known of everybody; leave it out.")
    targets = {
        name: dict(ledger.group_by(name, maintain_order=True).agg(pl.len()).iter_rows()) for name in characteristics
    }
    raked = rake({name: known[name].to_list() for name in characteristics}, targets)
    return known.drop(set(ledger.columns) - {"token"}).with_columns(pl.Series("weight", raked.weights)), raked
