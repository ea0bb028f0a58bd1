"""What patients wrote, masked, where enough people wrote something: which comments a report may show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pandas as pd
import polars as pl

from pxanalysis.analysis.privacy.decisions import Decision
from pxanalysis.analysis.privacy.masking import mask_text, needs_reader
from pxanalysis.analysis.whole_study.settings import FitSettings

__all__ = ["count_unread", "select_comments"]

COMMENTS_SHOWN = 40
"""Comments of a practice to a question that are kept for its report."""

FIRST_SCREEN = 10
"""Comments of a practice to a question that are shown although nobody has read them: what a page shows at once."""


def select_comments(
    comments: pl.DataFrame, settings: FitSettings, decisions: Mapping[int, Decision] | None = None
) -> pd.DataFrame:
    """Masked free text of practices in which at least ``minimum_n`` people wrote something to the question.

    Parameters
    ----------
    comments
        Of those who count in the release: ``practice_id, question, text, place``. They stand in the order of
        ``place``, which does not tell who wrote last.
    decisions
        What somebody who read them decided, by ``place``. Of comments that nobody has read `FIRST_SCREEN` are shown,
        and none in a script in which names cannot be told.
    """
    known = decisions or {}
    cell = ["practice_id", "question"]
    rows = comments.filter(pl.len().over(cell) >= settings.minimum_n).sort([*cell, "place"]).to_pandas()
    found = [
        (*names, text)
        for names, own in rows.groupby(cell)
        for text in _texts_to_show(zip(own["text"], own["place"], strict=True), known)
    ]
    return pd.DataFrame(found, columns=[*cell, "text"]).astype(str)


def _texts_to_show(written: Iterable[tuple[str, int]], known: Mapping[int, Decision]) -> Iterator[str]:
    """The comments of one practice to one question that are kept; no more are masked than that takes."""
    unread = shown = 0
    for text, place in written:
        decision = known.get(place)
        if shown == COMMENTS_SHOWN:
            return
        if decision is None and unread == FIRST_SCREEN:
            continue
        told = _text_to_show(text, decision)
        if told:
            unread += decision is None
            shown += 1
            yield told


def _text_to_show(text: str, decision: Decision | None) -> str:
    """A comment as it may be shown; empty where it may not, or not yet."""
    if decision is None:
        return "" if needs_reader(text) else mask_text(text)
    return "" if decision.verdict == "withhold" else decision.text


def count_unread(
    comments: pl.DataFrame, settings: FitSettings, decisions: Mapping[int, Decision] | None = None
) -> dict[str, int]:
    """Per practice, comments that are shown once somebody has read them."""
    known = set(decisions or {})
    cell = ["practice_id", "question"]
    enough = comments.filter((pl.len().over(cell) >= settings.minimum_n) & ~pl.col("place").is_in(sorted(known)))
    frame = enough.to_pandas()
    frame = frame.assign(foreign=[needs_reader(text) for text in frame["text"]])
    waits = frame.groupby(cell)["foreign"].agg(lambda one: int(one.sum()) + max(0, int((~one).sum()) - FIRST_SCREEN))
    numbers = waits.groupby("practice_id").sum()
    return {str(practice): int(number) for practice, number in numbers.items() if number}
