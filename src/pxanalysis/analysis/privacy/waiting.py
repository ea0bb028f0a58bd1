"""New answers wait until enough have come in: two releases a few answers apart would tell what those few said."""

from __future__ import annotations

import polars as pl

from pxanalysis.analysis.privacy.rules import MINIMUM_N, check_minimum_n

__all__ = ["SHOWN", "hold_back_answers"]

SHOWN = "shown"
"""Column of a release: whether figures on this answer's practice were ever shown."""

_IDS = ("response_id", "practice_id")


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
        What this function returned for the previous release; None when there was none. Columns that it does not have
        (a question that is new) are taken from ``current``; those that ``current`` no longer has are left out.
    minimum_n
        Smallest number of people by whom two releases may differ.

    Returns
    -------
    The answers to release now with ``SHOWN``, sorted by ``response_id``; and how many new answers wait, per practice
    where some do.

    Notes
    -----
    - An answer is known by its id, in whatever practice; or by its content, where ids are given anew with every export.
    - A practice none of whose answers was ever shown waits for nothing.
    - Corrections of fewer than ``minimum_n`` answers of a practice wait with it; they never count as new people.
    - An answer that was withdrawn is gone at once, and lets no new one through: a patient's wish goes before.
    - The rule is about practices. Of a question that few patients meet, fewer than ``minimum_n`` can be new; pages
      round its figures to whole points and per cents, tables of results do not.

    Examples
    --------
    >>> ids = [f"r{i:02d}" for i in range(32)]
    >>> first, _ = hold_back_answers(pl.DataFrame({"response_id": ids[:30], "practice_id": ["p"] * 30}), None)
    >>> table, waiting = hold_back_answers(pl.DataFrame({"response_id": ids, "practice_id": ["p"] * 32}), first)
    >>> table.height, waiting
    (30, {'p': 2})
    """
    minimum = check_minimum_n(minimum_n)
    if released is None:
        released = current.clear().with_columns(pl.lit(value=False).alias(SHOWN))
    shared = [name for name in current.columns if released.schema.get(name) == current.schema[name]]
    before = _same_people(released.select([*shared, SHOWN]), current.select(shared))
    known = current.join(before.select("response_id", SHOWN), on="response_id", how="left")
    counts = known.group_by("practice_id").agg(
        new=pl.col(SHOWN).is_null().sum(), ever=pl.col(SHOWN).fill_null(value=False).any()
    )
    held = counts.filter(pl.col("ever") & (pl.col("new") < minimum))
    waits = pl.col("practice_id").is_in(held["practice_id"].implode())
    old = _with_old_answers(known.filter(waits & pl.col(SHOWN).is_not_null()), before, shared, minimum)
    table = pl.concat([known.filter(~waits), old.select(known.columns)])
    enough = pl.len().over("practice_id") >= minimum
    table = table.with_columns((enough | pl.col(SHOWN).fill_null(value=False)).alias(SHOWN)).sort("response_id")
    waiting = held.filter(pl.col("new") > 0).sort("practice_id").select("practice_id", "new")
    return table, {str(practice): int(new) for practice, new in waiting.iter_rows()}


def _same_people(released: pl.DataFrame, current: pl.DataFrame) -> pl.DataFrame:
    """The released answers under the ids that they have now; those that are no longer there are left out."""
    stayed = released.join(current.select("response_id"), on="response_id", how="semi")
    gone = released.join(current.select("response_id"), on="response_id", how="anti")
    if gone.is_empty():
        return stayed
    fresh = current.join(released.select("response_id"), on="response_id", how="anti")
    content = [name for name in current.columns if name not in _IDS]
    pair = ["content", "place"]
    here, there = (_numbered(frame, content) for frame in (fresh, gone))
    renamed = there.join(here.select(*pair, pl.col("response_id").alias("now")), on=pair, how="inner")
    renamed = renamed.with_columns(response_id=pl.col("now")).select(released.columns)
    return pl.concat([stayed, renamed])


def _numbered(frame: pl.DataFrame, content: list[str]) -> pl.DataFrame:
    """Answers with a hash of their content, and the how manieth with this content each is."""
    hashed = frame.with_columns(content=frame.select(content).hash_rows())
    return hashed.with_columns(place=pl.int_range(pl.len()).over("content"))


def _with_old_answers(rows: pl.DataFrame, before: pl.DataFrame, shared: list[str], minimum: int) -> pl.DataFrame:
    """Rows of held practices as they were released, unless enough of a practice's answers were corrected."""
    content = [name for name in shared if name not in _IDS]
    was = rows.select("response_id").join(before, on="response_id", how="left", maintain_order="left")
    cells = ["response_id", *content]
    corrected = rows.select(cells).hash_rows() != was.select(cells).hash_rows()
    renewed = rows.with_columns(corrected=corrected).select(
        (pl.col("corrected").sum().over("practice_id") >= minimum).alias("renewed")
    )["renewed"]
    kept = pl.concat(
        [was.select("response_id", *content), rows.select(pl.exclude("response_id", *content))], how="horizontal"
    )
    return pl.concat([rows.filter(renewed), kept.select(rows.columns).filter(~renewed)])
