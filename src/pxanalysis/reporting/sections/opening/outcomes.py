"""How patients rate the practice: a card for each outcome, and how far to trust the comparison."""

from __future__ import annotations

import math

from pxanalysis.analysis.whole_study.frames import ComparisonRow, VarianceRow
from pxanalysis.journey.model import Outcome
from pxanalysis.reporting.page.fragments import Fragment, render_part
from pxanalysis.reporting.sections.opening.cards import (
    STANDS_APART,
    Card,
    elsewhere,
    main_row,
    make_card,
    say_verdict,
    verdict_code,
)
from pxanalysis.reporting.sections.priorities.precision import answers_needed, rests_on_few
from pxanalysis.reporting.sections.selection import Selection, is_known, join_sentences
from pxanalysis.reporting.sections.values import extra_decimals, in_unit

__all__ = ["make"]


def make(selection: Selection) -> Fragment:
    """Return one figure, one comparison and one direction for each outcome."""
    cards = [make_card(selection, outcome) for outcome in selection.journey.rated_outcomes]
    said = [_behaviour(selection, outcome) for outcome in selection.journey.behaviours]
    behaviours = [sentence for sentence in said if sentence]
    unsure = _unsure(selection, cards)
    return render_part("outcomes", selection.wording, cards=cards, behaviours=behaviours, unsure=unsure)


def _behaviour(selection: Selection, outcome: Outcome) -> str:
    """What patients did, where that is not as elsewhere; the other figures are with all outcomes, in the appendix."""
    row = main_row(selection, outcome)
    if row is None or row.estimate is None:
        return ""
    other, code = elsewhere(row), verdict_code(row)
    if other is None or code not in STANDS_APART:
        return ""
    wording = selection.wording
    more = extra_decimals(row.unit, [(row.estimate, other)])
    with wording.about(f"outcome:{outcome.id}"):
        return wording.text(
            "outcome.behaviour_apart",
            label=selection.outcome_labels[outcome.id],
            value=in_unit(wording, row.estimate, row.unit, more),
            verdict=say_verdict(selection, outcome, code),
            other=in_unit(wording, other, row.unit, more),
        )


def _unsure(selection: Selection, cards: list[Card]) -> str:
    """How many answers it takes to tell practices apart, where an outcome has fewer; empty where none has."""
    needed, alike = _needed(selection), _alike(selection)
    careful = alike or (needed and any(card.tone in {"better", "worse"} for card in cards))
    return join_sentences(needed, alike, selection.wording.text("opening.read_carefully") if careful else "")


def _needed(selection: Selection) -> str:
    short: dict[str, tuple[int, int]] = {}
    rated = [(outcome.id, main_row(selection, outcome)) for outcome in selection.journey.rated_outcomes]
    shown = {name: row.n for name, row in rated if row is not None and row.n is not None}
    for name, own in shown.items():
        found = selection.variance_of(name)
        if found and is_known(found.n_for_70) and own < found.n_for_70:
            short[name] = int(found.n_for_70), own
    if not short:
        return ""
    with selection.wording.about(*(f"outcome:{name}" for name in short)):
        return join_sentences(_how_many(selection, short, shown), rests_on_few(selection))


def _how_many(selection: Selection, short: dict[str, tuple[int, int]], shown: dict[str, int]) -> str:
    of, (most, own) = max(short.items(), key=lambda one: one[1])
    if len(short) == len(shown) and own == selection.n:
        return selection.wording.text("opening.unsure", needed=most, own=own)
    if len(short) == len(shown):
        label = selection.outcome_labels[of]
        return selection.wording.text("opening.unsure_of", needed=most, own=own, outcome=label)
    names = selection.wording.enumerate([selection.outcome_labels[name] for name in short])
    return selection.wording.text("opening.unsure_some", outcomes=names, needed=most, own=own)


def _alike(selection: Selection) -> str:
    """Outcomes with a direction although practices were not seen to differ on them; empty where there is none."""
    needed = answers_needed(selection.study(VarianceRow), selection.study(ComparisonRow))
    rows = {outcome.id: main_row(selection, outcome) for outcome in selection.journey.outcomes}
    apart = [name for name, row in rows.items() if row is not None and verdict_code(row) in {"lower", "higher"}]
    names = [name for name in apart if math.isinf(needed.get(name, 0.0))]
    if not names:
        return ""
    with selection.wording.about(*(f"outcome:{name}" for name in names)):
        outcomes = selection.wording.enumerate([selection.outcome_labels[name] for name in names])
        return selection.wording.text("opening.unsure_alike", outcomes=outcomes)
