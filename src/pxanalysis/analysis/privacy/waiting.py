"""New answers wait until enough have come in: two releases a few answers apart would tell what those few said."""

from __future__ import annotations

import polars as pl

from pxanalysis.analysis.privacy.rules import MINIMUM_N, check_minimum_n

__all__ = ["hold_back_answers"]


def hold_back_answers(
    current: pl.DataFrame, released: pl.DataFrame | None, *, minimum_n: int = MINIMUM_N
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Keep a practice as it was last released until ``minimum_n`` of its answers are new.

    Whoever holds a report on 84 patients beside one on 85 can work out what the 85th said. The pooled figures follow:
    they change by whole practices' steps only.

    Parameters
    ----------
    current
        All accepted answers, one row per ``response_id``, with ``practice_id``.
    released
        The answers that the previous release rested on; None when there was none. Columns that it does not have (a
        question that is new) are taken from ``current``; those that ``current`` no longer has are left out.
    minimum_n
        Smallest number of people by whom two releases may differ.

    Returns
    -------
    The answers to release now, sorted by ``response_id``; and, per practice that stays as it was, how many new or
    corrected answers wait. A practice of which fewer than ``minimum_n`` answers were released was not shown and
    waits for nothing. Where an answer was withdrawn the practice is renewed at once: a patient's wish to be left out
    goes before.

    Examples
    --------
    >>> old = pl.DataFrame({"response_id": [f"r{i:02d}" for i in range(30)], "practice_id": ["p"] * 30})
    >>> new = pl.DataFrame({"response_id": [f"r{i:02d}" for i in range(32)], "practice_id": ["p"] * 32})
    >>> table, waiting = hold_back_answers(new, old)
    >>> table.height, waiting
    (30, {'p': 2})
    """
    minimum = check_minimum_n(minimum_n)
    if released is None:
        return current.sort("response_id"), {}
    shared = [name for name in current.columns if released.schema.get(name) == current.schema[name]]
    waiting = _few_moved(current.select(shared), released.select(shared), minimum)
    held = pl.col("practice_id").is_in(list(waiting))
    added = current.select("response_id", pl.exclude(shared))
    before = released.select(shared).filter(held).join(added, on="response_id", how="left").select(current.columns)
    return pl.concat([current.filter(~held), before]).sort("response_id"), waiting


def _few_moved(current: pl.DataFrame, released: pl.DataFrame, minimum: int) -> dict[str, int]:
    """Practices with at least one but fewer than ``minimum`` new or corrected answers, and how many these are."""
    key = ["practice_id", "response_id"]
    now = current.select(key).with_columns(row=current.hash_rows())
    then = released.select(key).with_columns(row=released.hash_rows())
    shown = then.group_by("practice_id").len().filter(pl.col("len") >= minimum)["practice_id"]
    withdrawn = then.join(now, on=key, how="anti")["practice_id"]
    moved = (
        now.join(then, on=[*key, "row"], how="anti")
        .filter(pl.col("practice_id").is_in(shown.implode()), ~pl.col("practice_id").is_in(withdrawn.implode()))
        .group_by("practice_id")
        .len()
        .filter(pl.col("len") < minimum)
        .sort("practice_id")
    )
    return {str(practice): int(count) for practice, count in moved.iter_rows()}
