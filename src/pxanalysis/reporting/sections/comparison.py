"""The practice beside others, of which none is named."""

from __future__ import annotations

from pxanalysis.journey.model import Outcome
from pxanalysis.reporting.fragments import Fragment, display_text, render_part
from pxanalysis.reporting.sections.opening import MAIN_METRIC
from pxanalysis.reporting.sections.pictures import distribution_pictures, funnel_pictures
from pxanalysis.reporting.sections.selection import LONGEST_LABEL, Row, Selection, is_known
from pxanalysis.reporting.sections.values import in_unit

__all__ = ["make"]

FEWEST_PRACTICES = 5
"""As in the fit: with fewer there is no benchmark and no funnel."""


def make(selection: Selection, *, figures: bool) -> Fragment:
    """Return where the practice lies among others, or why that cannot be said."""
    wording = selection.wording
    others = [row for row in selection.study("practices") if row["practice_id"] != selection.practice_id]
    hidden = sum(bool(row["suppressed"]) for row in others)
    compared = len(others) - hidden
    own = {str(row["outcome"]): row for row in selection.own("funnel") if is_known(row["estimate"])}
    possible = bool(own) and compared + 1 >= FEWEST_PRACTICES
    return render_part(
        "comparison",
        wording,
        lead=wording.text("comparison.lead", n=compared)
        if possible
        else wording.text("comparison.too_few_practices", n=FEWEST_PRACTICES),
        places=[_place(selection, own[o.id]) for o in selection.journey.rated_outcomes if o.id in own]
        if possible
        else [],
        notes=[_case_mix(selection), *_reliable_from(selection), *_hidden(selection, hidden)] if possible else [],
        funnels=funnel_pictures(selection) if possible and figures else [],
        distributions=distribution_pictures(selection) if figures else [],
    )


def _unit(outcome: str, selection: Selection) -> str:
    kind = selection.journey.outcome(outcome).kind
    return {"ktv": "grade", "nps": "net", "ces": "scale"}.get(kind, "proportion")


def _place(selection: Selection, row: Row) -> str:
    wording, outcome = selection.wording, str(row["outcome"])
    unit = _unit(outcome, selection)
    key = "inside"
    if row["estimate"] < row["low95"]:
        key = "low"
    elif row["estimate"] > row["high95"]:
        key = "high"
    return wording.text(
        f"comparison.{key}",
        outcome=selection.outcome_labels[outcome],
        value=in_unit(wording, row["estimate"], unit),
        n=int(row["n"]),
        low=in_unit(wording, row["low95"], unit),
        high=in_unit(wording, row["high95"], unit),
    )


def _case_mix(selection: Selection) -> str:
    wording = selection.wording
    figures = [text for outcome in selection.journey.rated_outcomes if (text := _adjusted(selection, outcome))]
    used = selection.meta.get("case_mix") or []
    variables = [
        display_text(variable.label[selection.language], LONGEST_LABEL).lower()
        for variable in selection.journey.case_mix
        if variable.id in used
    ]
    if not figures or not variables:
        return wording.text("comparison.no_case_mix")
    return wording.text(
        "comparison.adjusted", variables=wording.enumerate(variables), figures=wording.enumerate(figures)
    )


def _reliable_from(selection: Selection) -> list[str]:
    """How many answers tell practices apart on satisfaction, and how many that is from here."""
    wording = selection.wording
    found = selection.study("practice_variance", outcome_or_touchpoint=selection.meta["outcome"])
    if not found or not is_known(found[0]["n_for_70"]):
        return []
    needed = int(found[0]["n_for_70"])
    if selection.n >= needed:
        return [wording.text("comparison.enough", n=needed, own=selection.n)]
    return [wording.text("comparison.more_needed", n=needed, own=selection.n, more=needed - selection.n)]


def _adjusted(selection: Selection, outcome: Outcome) -> str:
    rows = selection.own("outcomes", outcome=outcome.id, metric=MAIN_METRIC[outcome.kind])
    if not rows or rows[0]["suppressed"] or not is_known(rows[0]["adjusted"]):
        return ""
    value = in_unit(selection.wording, rows[0]["adjusted"], str(rows[0]["unit"]))
    label = selection.outcome_labels[outcome.id]
    return selection.wording.text("comparison.adjusted_figure", outcome=label, value=value)


def _hidden(selection: Selection, hidden: int) -> list[str]:
    if not hidden:
        return []
    return [selection.wording.text("comparison.hidden", n=hidden, minimum=selection.minimum)]
