"""What the priorities of one practice come down to: something first, still open, or nothing to do first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pxanalysis.analysis.whole_study.frames import PriorityRow, TouchpointRow
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.reporting.sections.selection import Selection, is_known
from pxanalysis.reporting.sections.values import extra_decimals, score
from pxanalysis.statistics.conventions import TOP

__all__ = [
    "HARDLY_WORTH",
    "NOTHING_TO_WIN",
    "Standing",
    "candidates",
    "certainty_key",
    "count_reached",
    "gain_text",
    "list_details",
    "list_reasons",
    "negative_reason",
    "plain_decimals",
    "rank_rows",
    "reached",
    "standing",
    "unplaced_key",
    "wins_nothing",
    "write_gain",
]

NOTHING_TO_WIN = frozenset({"negative_effect", "no_effect", "at_target"})
"""Why a contact wins nothing; its place among those that do says nothing."""

HARDLY_WORTH = 2.5
"""Times the smallest gain worth having; what brings less than this is no reason to tell somebody to start."""

Standing = Literal["first", "open", "nothing", "unknown"]
"""Something comes first; something may; nothing does; there is no ranking."""


def rank_rows(rows: Sequence[PriorityRow]) -> list[PriorityRow]:
    """The rows that have a place and may be shown."""
    return [row for row in rows if not row.suppressed and is_known(row.rank)]


def candidates(rows: Sequence[PriorityRow], smallest_gain: float) -> list[PriorityRow]:
    """What could be done, those that are certain first, at most three.

    What is undecided and brings less than the smallest gain worth having, in outcome points, is not among them.
    """
    chosen = [row for row in rank_rows(rows) if row.status == "act" or _may_be_worth_it(row, smallest_gain)]
    chosen.sort(key=lambda row: (row.status != "act", row.rank, row.touchpoint))
    return chosen[:TOP]


def _may_be_worth_it(row: PriorityRow, smallest_gain: float) -> bool:
    # As the gain is written: 0.0196 reads as 0.02, and that is not less than 0.02.
    little = is_known(row.gain) and round(row.gain, plain_decimals(smallest_gain)) < smallest_gain
    return row.status == "undecided" and not little


def reached(row: PriorityRow) -> bool:
    """Whether the score, after correction, is at the target or above it."""
    return is_known(row.target) and is_known(row.performance) and row.performance >= row.target


def count_reached(rows: Sequence[PriorityRow]) -> int:
    """On how many contacts the target is reached."""
    return sum(reached(row) for row in rank_rows(rows))


def wins_nothing(row: PriorityRow) -> bool:
    """Whether nothing is to be won on a contact, so that its place among those that do says nothing."""
    some = is_known(row.gain) and round(row.gain, 2) > 0
    return row.reason_code in NOTHING_TO_WIN and not some


def standing(rows: Sequence[PriorityRow], smallest_gain: float) -> Standing:
    """What one practice's rows of priorities come down to.

    Where nothing is certain and what may be won on any of them is small, nothing has to be done first.
    """
    ranked, chosen = rank_rows(rows), candidates(rows, smallest_gain)
    if not ranked:
        return "unknown"
    if any(row.status == "act" for row in chosen):
        return "first"
    largest = max((row.gain for row in chosen if is_known(row.gain)), default=0.0)
    return "nothing" if largest <= HARDLY_WORTH * smallest_gain else "open"


_SURE, _LIKELY = 0.95, 0.7


def certainty_key(row: PriorityRow, *, weak: bool = False) -> str:
    """Return the key of the word for a row of ``priorities``; empty where there is nothing to say.

    A row that is not advised is never certain, whatever its probability: the advice also weighs what can be won. Nor is
    one whose questions agree so little that the page calls them ``weak``.
    """
    if row.status == "undecided":
        return "first.not_sure"
    if row.status != "act" or not is_known(row.p_top3):
        return ""
    if row.p_top3 >= _SURE and not weak:
        return "first.sure_high"
    return "first.sure_middle" if row.p_top3 >= _LIKELY else "first.sure_low"


def unplaced_key(row: PriorityRow) -> str:
    """Return the key of why a row of ``priorities`` gets no place although it has a rank; empty where it gets one."""
    if not wins_nothing(row) or not is_known(row.rank):
        return ""
    said = {"no_effect": "status.no_effect", "negative_effect": "status.no_advice"}
    return said.get(row.reason_code, "figure.nothing_to_win")


def plain_decimals(value: float, fewest: int = 2) -> int:
    """Fewest decimals, at least ``fewest``, with which a number is written within a twentieth of itself.

    >>> plain_decimals(0.02), plain_decimals(0.0245)
    (2, 3)
    """
    fits = (decimals for decimals in range(fewest, 8) if abs(round(value, decimals) - value) <= abs(value) / 20)
    return next(fits, 8)


def gain_text(selection: Selection, gain: float, *, signed: bool = False) -> str:
    """Write a gain in points of the outcome with two decimals; of a behaviour in percentage points with one.

    A gain that would read as the smallest one worth having gets a decimal more, to stand on its side of it.
    """
    return write_gain(
        selection.wording, gain, selection.smallest_gain, of_share=selection.drives_a_share, signed=signed
    )


def write_gain(wording: Wording, gain: float, smallest: float | None, *, of_share: bool, signed: bool = False) -> str:
    """The same of a gain beside the smallest one worth having; ``of_share`` where the outcome is a behaviour."""
    size, decimals = (100.0, 1) if of_share else (1.0, 2)
    if smallest is not None:
        same = round(size * gain, decimals) == round(size * smallest, decimals)
        finest = plain_decimals(size * smallest, decimals)
        decimals = finest if gain == smallest else max(decimals + 1, finest) if same else decimals
    write = wording.signed if signed else wording.number
    return write(size * gain, decimals)


def list_reasons(selection: Selection, row: PriorityRow) -> list[str]:
    """Score beside target, and who is negative, each a sentence; empty where there is nothing to say."""
    return [_score_reason(selection, row), negative_reason(selection, row)]


def list_details(selection: Selection, row: PriorityRow) -> list[str]:
    """What the reasons rest on, for who wants to know: the score that is reckoned with, and the weight."""
    driver, wording = selection.driver(row.touchpoint), selection.wording
    said = _score_texts(selection, row)
    corrected = wording.text("first.corrected", corrected=said["corrected"]) if "corrected" in said else ""
    weight = ""
    if driver and is_known(driver.share):
        weight = wording.text("first.weight", share=wording.percent(driver.share))
    return [corrected, weight]


def negative_reason(selection: Selection, row: PriorityRow) -> str:
    """How many patients are negative here, where that is a reason: more than elsewhere, or nothing to compare with."""
    wording, share = selection.wording, row.share_negative
    if not is_known(share) or share < 0.005:
        return ""
    pooled = selection.pooled(TouchpointRow, touchpoint=row.touchpoint)
    everywhere = pooled[0].share_negative if pooled else None
    if not is_known(everywhere):
        return wording.text("first.negative_only", share=wording.percent(share))
    own, others = wording.percent(share), wording.percent(everywhere)
    worse = share > everywhere and own != others
    return wording.text("first.negative", share=own, pooled=others) if worse else ""


def _score_reason(selection: Selection, row: PriorityRow) -> str:
    """The measured score beside the target; that it may be chance where only the measured one is there."""
    said, measured = _score_texts(selection, row), _measured(selection, row)
    if not said or measured is None or not (is_known(row.target) and is_known(row.performance)):
        return ""
    if measured < row.target:
        return selection.wording.text("first.score", score=said["score"], target=said["target"])
    return selection.wording.text("first.score_reached", target=said["target"]) if row.performance < row.target else ""


def _score_texts(selection: Selection, row: PriorityRow) -> dict[str, str]:
    """Score, target and, where it reads otherwise, the corrected score; in tenths where whole points read as equal."""
    wording, measured = selection.wording, _measured(selection, row)
    performance, target = row.performance, row.target
    if measured is None or not (is_known(target) and is_known(performance)):
        return {}
    more = extra_decimals("score", [(performance, target), (measured, target)])
    said = {"score": score(wording, measured, more), "target": score(wording, target, more)}
    adjusted = score(wording, performance, more)
    return said if adjusted == said["score"] else said | {"corrected": adjusted}


def _measured(selection: Selection, row: PriorityRow) -> float | None:
    """The practice's measured score on the contact of this row, 0-100."""
    own = next((one for one in selection.touchpoints if one.touchpoint == row.touchpoint), None)
    return own.mean if own and is_known(own.mean) else None
