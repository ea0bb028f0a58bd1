"""How the report was made, for a researcher."""

from __future__ import annotations

from typing import Any

from pxanalysis.reporting.fragments import Fragment, render_part
from pxanalysis.reporting.sections.definitions import SOURCES, define_terms
from pxanalysis.reporting.sections.drivers import explain_none, ranked_drivers
from pxanalysis.reporting.sections.method_facts import list_facts, list_remarks
from pxanalysis.reporting.sections.method_tables import (
    case_mix_table,
    comparison_table,
    missing_table,
    model_row,
    reliability_row,
    variance_table,
)
from pxanalysis.reporting.sections.selection import Selection

__all__ = ["make"]


def make(selection: Selection, notebook_hash: str = "") -> Fragment:
    """Return questionnaire, reliability, model, comparisons, definitions, data and settings.

    A practice with too few respondents gets the questionnaire, privacy, data and settings only.
    """
    wording, journey = selection.wording, selection.journey
    outcome = selection.outcome_labels.get(str(selection.meta["outcome"]), str(selection.meta["outcome"]))
    return render_part(
        "method",
        wording,
        questionnaire=wording.text(
            "method.questionnaire_text",
            title=journey.title[selection.language],
            touchpoints=len(journey.touchpoints),
            items=len(journey.items),
        ),
        full=None if selection.suppressed else _full(selection, outcome),
        facts=list_facts(selection, outcome, notebook_hash),
        minimum=selection.minimum,
        asked=bool(journey.open_questions),
    )


def _full(selection: Selection, outcome: str) -> dict[str, Any]:
    """Everything that a suppressed practice does not get."""
    from pxanalysis.reporting.tables import page_table, table_model, table_reliability

    wording = selection.wording
    reliability = [reliability_row(selection, row) for row in selection.study("reliability")]
    model = [model_row(selection, row) for row in ranked_drivers(selection)]
    return {
        "reliability": page_table(table_reliability(reliability, wording)) if reliability else "",
        "variance": variance_table(selection),
        "missing": missing_table(selection),
        "model": page_table(table_model(model, wording)) if model else "",
        "no_model": " ".join(explain_none(selection)) if not model else "",
        "model_caption": wording.text("method.model_caption", outcome=outcome),
        "remarks": list_remarks(selection),
        "comparisons": comparison_table(selection),
        "case_mix": case_mix_table(selection),
        "terms": define_terms(selection),
        "sources": "; ".join(SOURCES),
    }
