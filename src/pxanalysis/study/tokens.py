"""Answers that came by an invitation which is not theirs to use: a link that was used before, or had expired."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

__all__ = ["describe_tokens", "refuse_tokens"]

_REASONS = {
    "expired": "the link had expired when the answer was given",
    "reused": "the link had been used for an earlier answer",
    "other practice": "the link was sent for another practice",
}


def refuse_tokens(table: pl.DataFrame, aside: pl.DataFrame, folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Take apart the answers whose token is expired, reused or another practice's, where there is a ledger.

    An answer without a token, or with one that the ledger does not know, stays: it came by another way.

    Parameters
    ----------
    table, aside
        Accepted answers, and what is kept beside them; tokens stand in either.
    folder
        That of ``pxanalysis invite``.

    Returns
    -------
    (answers that count, refused ones as rows of the rejected table)
    """
    import polars as pl

    from pxanalysis.analysis.response_rate import match_tokens
    from pxanalysis.survey.invitations import LEDGER, read_ledger
    from pxanalysis.survey.responses import REJECTED_COLUMNS

    ledger = read_ledger(folder)
    if ledger is None or "token" not in aside.columns:
        return table, pl.DataFrame(schema=REJECTED_COLUMNS)
    tokens = table.select("response_id", "practice_id", "completed_on").join(
        aside.select("response_id", "token"), on="response_id", how="left", maintain_order="left"
    )
    wrong = match_tokens(tokens, ledger).filter(pl.col("status").is_in([*_REASONS]))
    rejected = wrong.with_row_index("row", offset=1).select(
        pl.lit(f"{folder.name}/{LEDGER}").alias("file"),
        pl.col("row").cast(pl.Int64),
        pl.lit("token").alias("column"),
        pl.col("token").alias("value"),
        pl.col("status").replace(_REASONS).alias("reason"),
        pl.lit("row rejected").alias("action"),
        pl.struct("response_id").struct.json_encode().alias("record"),
        "practice_id",
    )
    return table.join(wrong.select("response_id"), on="response_id", how="anti", maintain_order="left"), rejected


def describe_tokens(table: pl.DataFrame, aside: pl.DataFrame, folder: Path) -> list[str]:
    """What is to be said of the refused ones: how many, and why."""
    _, rejected = refuse_tokens(table, aside, folder)
    counts = sorted(rejected["reason"].value_counts().iter_rows())
    return [f"{n} answers do not count: {reason}. They stand in study.responses.rejected." for reason, n in counts]
