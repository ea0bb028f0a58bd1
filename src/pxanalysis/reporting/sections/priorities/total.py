"""What all that is offered would bring together: the figure, the place among practices, and a yardstick for it."""

from __future__ import annotations

from pxanalysis.analysis.whole_study.frames import OutcomeRow, PriorityRow
from pxanalysis.reporting.sections.priorities.advice import gain_text
from pxanalysis.reporting.sections.priorities.precision import has_few_answers
from pxanalysis.reporting.sections.selection import Selection, is_known, join_sentences
from pxanalysis.reporting.sections.values import extra_decimals, in_unit, on_limit

__all__ = ["total_sentence"]


def total_sentence(selection: Selection, rows: list[PriorityRow]) -> str:
    """What all that is offered would bring together, and a yardstick for it; empty where that cannot be said.

    The gains of a linear model add up. Said of a grade only: other outcomes are not given in points that one adds.
    """
    outcome, wording = selection.modelled, selection.wording
    own = selection.main_metric(outcome) if outcome is not None and outcome.kind == "ktv" else None
    gains = [row.gain for row in rows if is_known(row.gain)]
    if own is None or own.suppressed or not is_known(own.estimate) or not gains or len(gains) < len(rows):
        return ""
    scale = selection.journey.scales[str(outcome.scale)] if outcome is not None else None
    reached = own.estimate + sum(gains)
    more = extra_decimals(own.unit, [(own.estimate, reached)])
    # The gains stand on the cards: what is written adds up with them.
    decimals = 1 + more if own.unit == "grade" else more
    if abs(round(own.estimate, decimals) + sum(gains) - round(reached, decimals)) > 0.5 * 10.0**-decimals:
        more = 1
    if scale is None or reached > scale.max or on_limit(own.unit, own.estimate, reached, reached):
        return ""
    said = {"now": in_unit(wording, own.estimate, own.unit, more), "then": in_unit(wording, reached, own.unit, more)}
    total = wording.text("first.total", n=len(rows), **said)
    if has_few_answers(selection, own.outcome):
        # the figure and the places of practices are mostly chance: 15 answers each make a best quarter of equal ones
        return total
    return join_sentences(total, _place(selection, own, reached), _yardstick(selection, own))


def _place(selection: Selection, own: OutcomeRow, reached: float) -> str:
    """Which place among practices so much would bring; empty where it is the one that the practice has."""
    for key, limit in (("first.place_quarter", own.benchmark_high), ("first.place_half", own.benchmark)):
        if is_known(limit) and is_known(own.estimate) and reached >= limit:
            return selection.wording.text(key) if own.estimate < limit else ""
    return selection.wording.text("first.place_below") if _stays_below(selection, own, reached) else ""


def _stays_below(selection: Selection, own: OutcomeRow, reached: float) -> bool:
    """Whether it reads as less than the mean of practices, and than what the card holds the figure against."""
    if not (is_known(own.benchmark) and is_known(own.estimate)):
        return False
    limits = [own.benchmark, own.estimate - own.difference] if is_known(own.difference) else [own.benchmark]
    written = in_unit(selection.wording, reached, own.unit)
    return all(reached < limit and in_unit(selection.wording, limit, own.unit) != written for limit in limits)


def _yardstick(selection: Selection, own: OutcomeRow) -> str:
    """How far the best quarter is from the middle of all practices: what a gain is to be held against."""
    if not (is_known(own.benchmark) and is_known(own.benchmark_high)):
        return ""
    distance = own.benchmark_high - own.benchmark
    if round(distance, 2) <= 0:
        return ""
    return selection.wording.text("first.yardstick", distance=gain_text(selection, distance))
