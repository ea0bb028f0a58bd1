"""The tables that figures of a release are estimated from: what does not count in a cell is missing there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

from pxanalysis.analysis.privacy.cells import quarter_of
from pxanalysis.analysis.privacy.fingerprints import ANSWERED, MODEL, meeting_part, not_applicable_columns
from pxanalysis.analysis.privacy.release import Membership, Release, make_release
from pxanalysis.statistics.conventions import MINIMUM_N
from pxanalysis.survey.scores import score_responses

if TYPE_CHECKING:
    from pxanalysis.arrays import BoolArray
    from pxanalysis.survey.responses import Responses

__all__ = ["CountedAnswers", "count_answers"]


@dataclass(frozen=True, slots=True, eq=False)
class CountedAnswers:
    """The answers of one release.

    Attributes
    ----------
    shown
        For all figures of practices, and those of all practices together. Practices that were never shown have rows
        without answers.
    items
        The same with the answers to items that count by themselves, but not in the score of their touchpoint.
    model
        For effects over all practices.
    comments
        What people wrote who count: ``practice_id, question, text, place``; ``place`` is a number that has nothing to
        do with when they wrote.
    frozen
        Practices whose figures stay as they were published; they are in none of the tables.
    membership, still_open
        Who counts where, and the months that are not over.
    rows
        Which of all answers are rows of the tables.
    """

    shown: Responses
    items: Responses
    model: Responses
    comments: pl.DataFrame
    frozen: tuple[str, ...]
    membership: Membership
    still_open: frozenset[str]
    rows: BoolArray

    def counting_ids(self) -> set[str]:
        """Response ids of those who count for their practice."""
        counting = pl.Series(self.membership.counts(ANSWERED)[self.rows])
        return set(self.shown.table.filter(counting)["response_id"].cast(pl.String))

    def of_periods(self, length: Literal["month", "quarter", "year"]) -> Responses:
        """Answers to rated outcomes that count in a period of the trend: it is over, and their block is of it."""
        closed = {quarter_of(month) for month in self.still_open} if length == "quarter" else self.still_open
        columns = {}
        for outcome in self.shown.journey.rated_outcomes:
            blocks = self.membership.blocks(outcome.id)
            named = [quarter_of(one) if length == "quarter" else one for one in blocks.periods]
            pure = [bool(one) and one not in closed and ("Q" in one) == (length == "quarter") for one in named]
            columns[outcome.id] = np.array([*pure, False], dtype=bool)[blocks.of_row]
        return _keep(self.shown, {name: keep[self.rows] for name, keep in columns.items()})


def count_answers(responses: Responses, release: Release | None = None, minimum_n: int = MINIMUM_N) -> CountedAnswers:
    """Make the tables of a release; without one, of a first release of these answers."""
    release = release or make_release(responses, minimum_n=minimum_n)
    member = release.membership
    rows = _select_rows(member)
    present = replace(responses, table=responses.table.filter(pl.Series(rows)))

    def keep(parts: Mapping[str, np.ndarray]) -> Responses:
        return _keep(present, {name: values[rows] for name, values in parts.items()})

    adjusters = {one.id: member.counts(MODEL + one.id) for one in responses.journey.case_mix}
    outcomes = {one.id: member.counts(one.id) for one in responses.journey.outcomes}
    written = {one.id: member.counts(one.id) for one in responses.journey.open_questions}
    fixed = adjusters | outcomes | written | _not_applicable(responses, member)
    items = {placed.id: member.counts(placed.id) for placed in responses.journey.items}
    scored = {name: kept & _with_touchpoint(responses, member, name) for name, kept in items.items()}
    scored = _without_few(_keep(responses, scored), scored, member, minimum_n)
    return CountedAnswers(
        keep(fixed | scored),
        keep(fixed | items),
        keep(adjusters | _of_model(responses, member)),
        _comments(responses, member, written),
        tuple(sorted(member.frozen)),
        member,
        release.still_open,
        rows,
    )


def _select_rows(member: Membership) -> BoolArray:
    """Everybody who counts for a practice that is not frozen, and everybody of practices that were never shown."""
    shown = np.zeros(len(member.practices), dtype=bool)
    shown[member.blocks(ANSWERED).practices] = True
    return (member.counts(ANSWERED) | ~shown[member.practices.of_row]) & ~member.is_frozen()


def _keep(responses: Responses, columns: Mapping[str, np.ndarray]) -> Responses:
    kept = {name: pl.when(pl.Series(mask)).then(pl.col(name)) for name, mask in columns.items()}
    return replace(responses, table=responses.table.with_columns(**kept))


def _with_touchpoint(responses: Responses, member: Membership, item: str) -> BoolArray:
    """Rows in which an item counts in the score of its touchpoint.

    That is in those blocks of the touchpoint of which all answers to the item came to count together, and with no
    others: else the score would tell the others' answers.
    """
    touchpoint = next(placed.touchpoint.id for placed in responses.journey.items if placed.id == item)
    whole, own = member.blocks(touchpoint), member.blocks(item)
    rows = np.flatnonzero(member.elements.answered(item) & (whole.of_row >= 0))
    inside, part = whole.of_row[rows].astype(np.intp), own.of_row[rows].astype(np.intp)
    counting = part >= 0
    first = np.full(len(own), -1, dtype=np.intp)
    first[part[counting]] = inside[counting]
    with_others = np.bincount(part[counting], (first[part[counting]] != inside[counting]), minlength=len(own)) > 0
    entire = ~with_others & (np.bincount(part[counting], minlength=len(own)) == own.sizes)
    spoilt = np.bincount(inside, ~np.append(entire, False)[part], minlength=len(whole)) > 0
    kept = np.zeros(len(member.practices.of_row), dtype=bool)
    kept[rows] = ~spoilt[inside]
    return kept


def _without_few(
    responses: Responses, kept: dict[str, np.ndarray], member: Membership, minimum_n: int
) -> dict[str, np.ndarray]:
    """Which items count in a score, without the blocks in which what is left of them makes too few scores."""
    scores, kept = score_responses(responses), {name: values.copy() for name, values in kept.items()}
    for touchpoint in responses.journey.touchpoints:
        names = [item.id for item in touchpoint.items]
        if not names:
            continue
        block = member.blocks(touchpoint.id)
        scored = np.isfinite(scores[touchpoint.id].to_numpy()) & (block.of_row >= 0)
        n = np.bincount(block.of_row[scored], minlength=len(block))
        few = np.append((n > 0) & (n < minimum_n), False)[block.of_row]
        for name in names:
            kept[name] &= ~few
    return kept


def _not_applicable(responses: Responses, member: Membership) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    for touchpoint in responses.journey.touchpoints:
        columns = not_applicable_columns(responses.table, [item.id for item in touchpoint.items])
        if columns:
            found |= dict.fromkeys(columns, member.counts(meeting_part(touchpoint.id)))
    return found


def _of_model(responses: Responses, member: Membership) -> dict[str, np.ndarray]:
    inside = member.counts(ANSWERED)
    names = [outcome.id for outcome in responses.journey.outcomes]
    found = {name: member.counts(MODEL + name) for name in names}
    for touchpoint in responses.journey.touchpoints:
        items = [item.id for item in touchpoint.items]
        if items:
            found |= dict.fromkeys(items, member.counts(MODEL + touchpoint.id))
            found |= dict.fromkeys(not_applicable_columns(responses.table, items), inside)
    return found


def _comments(responses: Responses, member: Membership, written: Mapping[str, np.ndarray]) -> pl.DataFrame:
    schema = {"practice_id": pl.String, "question": pl.String, "text": pl.String, "place": pl.UInt64}
    elements = member.elements.in_form("blake2b")  # decisions were taken by these numbers, and are kept
    frames: Iterable[pl.DataFrame] = (
        responses.table.select(
            "practice_id",
            pl.lit(question).alias("question"),
            pl.col(question).alias("text"),
            pl.Series("place", elements[question], dtype=pl.UInt64),
        ).filter(pl.Series(counts & ~member.is_frozen()))
        for question, counts in written.items()
    )
    return pl.concat([pl.DataFrame(schema=schema), *frames]).sort("practice_id", "question", "place")
