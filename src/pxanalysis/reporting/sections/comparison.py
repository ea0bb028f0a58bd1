"""The practice beside others, of which none is named."""

from __future__ import annotations

from pxanalysis.analysis.whole_study.frames import FunnelRow, OutcomeRow, PracticeRow
from pxanalysis.reporting.page.fragments import Fragment, render_part
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.reporting.sections.opening.cards import main_row, outcomes_table, verdict_code
from pxanalysis.reporting.sections.opening.corrected import case_mix_labels, make_corrected
from pxanalysis.reporting.sections.pictures.section import FUNNEL_KINDS, distribution_pictures, funnel_pictures
from pxanalysis.reporting.sections.priorities.precision import rests_on_few
from pxanalysis.reporting.sections.selection import Selection, is_known, join_sentences
from pxanalysis.reporting.sections.values import difference_text
from pxanalysis.statistics.conventions import FEWEST_PRACTICES

__all__ = ["make"]


def make(selection: Selection, *, figures: bool) -> Fragment:
    """Return where the practice lies among others, or why that cannot be said."""
    others = [row for row in selection.study(PracticeRow) if row.practice_id != selection.practice_id]
    hidden = sum(row.suppressed for row in others)
    compared = len(others) - hidden
    own = {row.outcome: row for row in selection.own(FunnelRow) if is_known(row.estimate)}
    possible = bool(own) and compared + 1 >= FEWEST_PRACTICES
    drawn = [outcome.id for outcome in selection.journey.rated_outcomes if figures and outcome.kind in FUNNEL_KINDS]
    return render_part(
        "comparison",
        selection.wording,
        lead=_lead(selection, compared, own=bool(own)),
        corrected=make_corrected(selection, own, drawn) if possible else None,
        verdicts=_verdicts(selection),
        outcomes=outcomes_table(selection),
        notes=[
            *_differing(selection),
            *_behaviours(selection),
            *(_about_others(selection, hidden) if possible else []),
        ],
        funnels=funnel_pictures(selection) if possible and figures else [],
        distributions=distribution_pictures(selection) if figures else [],
    )


def _verdicts(selection: Selection) -> list[str]:
    """Per outcome the difference, with its interval, that makes the direction on its card."""
    wording, lines = selection.wording, []
    for outcome in selection.journey.rated_outcomes:
        row = main_row(selection, outcome)
        code = verdict_code(row) if row is not None else ""
        if row is None or not code:
            continue
        key = "opening.difference_corrected" if case_mix_labels(selection, outcome.id) else "opening.difference"
        difference = join_sentences(difference_text(wording, row, row.unit, key), _expected(wording, row))
        with wording.about(f"outcome:{outcome.id}"):
            said = {"verdict": wording.text(f"verdict.{code}"), "difference": difference}
        if difference:
            lines.append(
                wording.text("comparison.verdict_line", outcome=selection.outcome_labels[outcome.id], **said) + "."
            )
    return lines


def _expected(wording: Wording, row: OutcomeRow) -> str:
    """What is to be expected of a difference beside its verdict: those that stand out do so partly by chance."""
    if row.verdict not in {"lower", "higher"} or not is_known(row.difference_shrunk):
        return ""
    size, decimals = (1.0, 2) if row.unit in {"grade", "scale"} else (100.0, 1)
    return wording.text("opening.expected", difference=wording.signed(size * row.difference_shrunk, decimals))


def _about_others(selection: Selection, hidden: int) -> list[str]:
    return [*_reliable_from(selection), *_hidden(selection, hidden)]


def _differing(selection: Selection) -> list[str]:
    """That versions or languages of the questionnaire are answered differently, where that was found."""
    apart = [found.by for found in selection.meta.comparability if found.comparable is False]
    return [selection.wording.text(f"comparison.{by}s_differ") for by in apart]


def _behaviours(selection: Selection) -> list[str]:
    """That what patients did afterwards is known of some of them only."""
    asked = [outcome.id for outcome in selection.journey.outcomes if outcome.kind == "behaviour"]
    known = [name for name in asked if any(row.n is not None for row in selection.own(OutcomeRow, outcome=name))]
    if not known:
        return []
    names = selection.wording.enumerate([selection.outcome_labels[name] for name in known])
    return [selection.wording.text("outcome.behaviour_note", outcomes=names)]


def _lead(selection: Selection, compared: int, *, own: bool) -> str:
    wording = selection.wording
    if compared + 1 < FEWEST_PRACTICES:
        return wording.text("comparison.too_few_practices", n=FEWEST_PRACTICES)
    if not own:
        return wording.text("comparison.no_own", minimum=selection.minimum)
    return wording.text("comparison.lead", n=compared)


def _reliable_from(selection: Selection) -> list[str]:
    """How many answers tell practices apart on the outcome, and how many that is from here."""
    wording = selection.wording
    found = selection.variance_of(selection.meta.outcome)
    if found is None or not is_known(found.n_for_70):
        return []
    needed = int(found.n_for_70)
    rated = selection.own(OutcomeRow, outcome=selection.meta.outcome)
    answered = rated[0].n if rated else None
    own = selection.n if answered is None else answered
    with wording.about(f"outcome:{selection.meta.outcome}"):
        outcome = selection.outcome_word
        if own >= needed:
            said = wording.text("comparison.enough", n=needed, own=own, outcome=outcome)
        else:
            said = wording.text("comparison.more_needed", n=needed, own=own, more=needed - own, outcome=outcome)
        return [join_sentences(said, rests_on_few(selection))]


def _hidden(selection: Selection, hidden: int) -> list[str]:
    if not hidden:
        return []
    return [selection.wording.text("comparison.hidden", n=hidden, minimum=selection.minimum)]
