"""The page in two sentences: what patients think of the practice, and where it can start."""

from __future__ import annotations

from pxanalysis.analysis.whole_study.frames import OutcomeRow, PriorityRow
from pxanalysis.journey.model import Outcome
from pxanalysis.reporting.sections.opening.cards import elsewhere, main_row, verdict_code
from pxanalysis.reporting.sections.priorities.advice import candidates, gain_text, standing
from pxanalysis.reporting.sections.priorities.precision import has_few_answers
from pxanalysis.reporting.sections.selection import Selection, is_known, join_sentences
from pxanalysis.reporting.sections.values import extra_decimals, in_unit

__all__ = ["summarise"]


def summarise(selection: Selection) -> str:
    """How patients rate the practice beside others, and what to start with; each as sure as the parts below say it."""
    return join_sentences(_rated(selection), _start(selection))


def _headline(selection: Selection) -> tuple[Outcome, OutcomeRow, float] | None:
    """The outcome that the drivers explain where patients rate it, else the first with a figure; and that figure."""
    rated = sorted(selection.journey.rated_outcomes, key=lambda one: one.id != selection.meta.outcome)
    for outcome in rated:
        row = main_row(selection, outcome)
        if row is not None and is_known(row.estimate):
            return outcome, row, row.estimate
    return None


def _rated(selection: Selection) -> str:
    found = _headline(selection)
    if found is None:
        return ""
    wording, (outcome, row, own) = selection.wording, found
    code, other = verdict_code(row), elsewhere(row)
    apart = other is not None and code not in {"", "no_difference"}
    more = extra_decimals(row.unit, [(own, other)] if apart and other is not None else [])
    said = {"value": in_unit(wording, own, row.unit, more), "outcome": selection.outcome_labels[outcome.id]}
    figure = wording.text("summary.grade" if outcome.kind == "ktv" else "summary.other", **said)
    if not code:
        return f"{figure}."
    seems = "seems_" if code in {"lower", "higher"} and has_few_answers(selection, outcome.id) else ""
    with wording.about(f"outcome:{outcome.id}"):
        beside = wording.text(f"summary.{seems}{code}")
    return wording.text("summary.beside", figure=figure, beside=beside)


def _start(selection: Selection) -> str:
    wording, smallest = selection.wording, selection.smallest_gain or 0.0
    found, rows = standing(selection.priorities, smallest), candidates(selection.priorities, smallest)
    if found != "first":
        return wording.text(f"summary.{found}")
    most = "start_most" if _brings_most(selection, rows) else "start"
    quoted = wording.text("quote", text=selection.label(rows[0].touchpoint))
    with wording.about(f"touchpoint:{rows[0].touchpoint}"):
        return wording.text(f"summary.{most}", touchpoint=quoted)


def _brings_most(selection: Selection, rows: list[PriorityRow]) -> bool:
    """Whether nothing that the page offers is estimated to bring as much, as it is written there."""
    first, others = rows[0].gain, [row.gain for row in rows[1:] if is_known(row.gain)]
    return is_known(first) and all(
        first > other and gain_text(selection, first) != gain_text(selection, other) for other in others
    )
