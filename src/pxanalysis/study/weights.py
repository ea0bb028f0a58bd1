"""How much each response counts, where study.toml says so."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pxanalysis.errors import StudyError
from pxanalysis.study.settings import FROM_RESPONSE
from pxanalysis.survey.policy import WEIGHT

if TYPE_CHECKING:
    import polars as pl

    from pxanalysis.study.settings import StudySettings

__all__ = ["MOST_UNEQUAL", "describe_weights", "weigh_answers"]

MOST_UNEQUAL = 3.0
"""Weights are trimmed to a third of their mean and three times it: else a figure could be mostly one person's."""


def weigh_answers(table: pl.DataFrame, aside: pl.DataFrame, settings: StudySettings, root: Path) -> pl.DataFrame:
    """Put the weight of each response beside its answers.

    Parameters
    ----------
    table, aside
        Accepted answers, and the columns of the exports that are kept beside them.
    settings, root
        ``[analysis] weights``: the column that has them, or ``response``: raked to the invited, by the ledger in
        ``[invitations] folder``.

    Returns
    -------
    The answers with a column ``WEIGHT``, about 1 on average (see ``MOST_UNEQUAL``). With ``response``, answers without
    a valid token have 1: what would weigh them is not known.

    Raises
    ------
    StudyError
        When there is no such column, a response has no weight above 0, or nobody was invited.
    """
    import polars as pl

    found = _find_weights(table, aside, settings, root)
    trimmed = pl.col(WEIGHT).clip(1.0 / MOST_UNEQUAL, MOST_UNEQUAL)
    return table.join(found.with_columns(trimmed), on="response_id", how="left", maintain_order="left")


def describe_weights(table: pl.DataFrame, aside: pl.DataFrame, settings: StudySettings, root: Path) -> list[str]:
    """What is to be said of the weights: whose were trimmed."""
    weights = _find_weights(table, aside, settings, root)[WEIGHT]
    beyond = int(((weights > MOST_UNEQUAL) | (weights < 1.0 / MOST_UNEQUAL)).sum())
    if not beyond:
        return []
    return [
        f"weights: {beyond} of {len(weights)} are further than {MOST_UNEQUAL:g} times from their mean and were trimmed "
        "to that, so that no figure is mostly one person's."
    ]


def _find_weights(table: pl.DataFrame, aside: pl.DataFrame, settings: StudySettings, root: Path) -> pl.DataFrame:
    import polars as pl

    name = settings.analysis.weights
    found = (
        _from_ledger(table, aside, settings, root) if name == FROM_RESPONSE else _from_column(table, aside, str(name))
    )
    return found.with_columns(pl.col(WEIGHT) / pl.col(WEIGHT).mean())


def _from_column(table: pl.DataFrame, aside: pl.DataFrame, name: str) -> pl.DataFrame:
    import polars as pl

    have = table if name in table.columns else aside
    if name not in have.columns:
        raise StudyError(
            f"study.toml [analysis] weights: no export has a column '{name}'. Name the one that has the weights; "
            "'pxanalysis check' lists those that the journey does not know."
        )
    text = pl.col(name).cast(pl.String).str.strip_chars().str.replace(",", ".", literal=True)
    found = table.select("response_id").join(
        have.select("response_id", text.alias("found"), text.cast(pl.Float64, strict=False).alias(WEIGHT)),
        on="response_id",
        how="left",
        maintain_order="left",
    )
    bad = found.filter(pl.col(WEIGHT).is_null() | ~pl.col(WEIGHT).is_finite() | (pl.col(WEIGHT) <= 0))
    if bad.height:
        first = bad.row(0, named=True)
        raise StudyError(
            f"column '{name}', response '{first['response_id']}': expected a weight above 0, found "
            f"{repr(first['found']) if first['found'] else 'nothing'} ({bad.height} of {found.height} are so). "
            "Give these a weight in the export, or leave out their rows, or [analysis] weights in study.toml."
        )
    return found.select("response_id", WEIGHT)


def _from_ledger(table: pl.DataFrame, aside: pl.DataFrame, settings: StudySettings, root: Path) -> pl.DataFrame:
    import polars as pl

    from pxanalysis.analysis.response_rate import weigh_responses
    from pxanalysis.survey.invitations import read_ledger

    folder, by = root / settings.invitations.folder, settings.invitations.weigh_by
    ledger = read_ledger(folder)
    if ledger is None or not by or "token" not in aside.columns:
        missing = f"there is no ledger in {folder}" if ledger is None else "the answers came without tokens"
        raise StudyError(
            f'study.toml [analysis] weights = "{FROM_RESPONSE}": '
            f"{missing if by else 'it does not say what to weigh by'}. It needs the ledger of 'pxanalysis invite', "
            'links with tokens, and [invitations] weigh_by = ["column of the ledger", ...].'
        )
    answers = table.select("response_id", "practice_id", "completed_on").join(
        aside.select("response_id", "token"), on="response_id", how="left", maintain_order="left"
    )
    weights, _ = weigh_responses(answers, ledger, by)
    return (
        table.select("response_id")
        .join(weights.select("response_id", pl.col("weight").alias(WEIGHT)), on="response_id", how="left")
        .with_columns(pl.col(WEIGHT).fill_null(1.0))
    )
