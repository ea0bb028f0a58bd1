"""How the report was made, for a researcher."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from pxanalysis.analysis.whole_study.frames import ReliabilityRow
from pxanalysis.reporting.page.fragments import Fragment, render_part
from pxanalysis.reporting.page.tables import table_model, table_reliability
from pxanalysis.reporting.sections.drivers import explain_none, ranked_drivers
from pxanalysis.reporting.sections.method.checks import list_checks, list_remarks
from pxanalysis.reporting.sections.method.definitions import define_terms
from pxanalysis.reporting.sections.method.facts import list_facts
from pxanalysis.reporting.sections.method.forms import describe_comparability, describe_forms, describe_item_means
from pxanalysis.reporting.sections.method.measurement import explain_measurement, measurement_table
from pxanalysis.reporting.sections.method.reliability import explain_reliability, reliability_row, variance_table
from pxanalysis.reporting.sections.method.sources import list_sources
from pxanalysis.reporting.sections.method.tables import (
    case_mix_table,
    comparison_table,
    is_corrected,
    missing_table,
    model_row,
)

if TYPE_CHECKING:
    from pxanalysis.reporting.sections.selection import Selection

__all__ = ["make"]


@dataclass(frozen=True, slots=True)
class _Fold:
    """A part of the appendix under a heading that opens it; ``name`` is that of its template, its id and its key."""

    name: str
    heading: str
    body: Markup


def make(selection: Selection, notebook_hash: str = "") -> Fragment:
    """Return questionnaire, reliability, model, comparisons, definitions, privacy, data, settings and sources.

    A practice with too few respondents gets the questionnaire, privacy, data and settings only.
    """
    folds = [_questionnaire(selection)]
    if not selection.suppressed:
        folds += [_reliability(selection), _missing(selection), _model(selection), _comparison(selection)]
        folds.append(_fold(selection, "terms", terms=define_terms(selection)))
    folds.append(_fold(selection, "privacy", minimum=selection.minimum, asked=bool(selection.journey.open_questions)))
    folds.append(_fold(selection, "data", facts=list_facts(selection, _outcome(selection), notebook_hash)))
    sources = list_sources(fold.body for fold in folds)
    if sources:
        folds.append(_fold(selection, "sources", sources=sources))
    return render_part("method", selection.wording, folds=folds)


def _fold(selection: Selection, name: str, **values: Any) -> _Fold:
    body = render_part(f"method_{name}", selection.wording, **values).html
    return _Fold(name, selection.wording.text(f"method.{name}"), Markup(body))


def _outcome(selection: Selection) -> str:
    return selection.outcome_labels.get(selection.meta.outcome, selection.meta.outcome)


def _questionnaire(selection: Selection) -> _Fold:
    journey = selection.journey
    described = selection.wording.text(
        "method.questionnaire_text",
        title=journey.title[selection.language],
        touchpoints=len(journey.touchpoints),
        items=len(journey.items),
        share=selection.wording.percent(selection.meta.items_needed),
    )
    forms = [*describe_forms(selection), *describe_comparability(selection), *describe_item_means(selection)]
    return _fold(selection, "questionnaire", questionnaire=described, forms=forms)


def _reliability(selection: Selection) -> _Fold:
    rows = selection.study(ReliabilityRow)
    cells = [reliability_row(selection, row) for row in rows]
    return _fold(
        selection,
        "reliability",
        table=table_reliability(cells, selection.wording) if cells else "",
        notes=explain_reliability(selection, rows) if cells else [],
        variance=variance_table(selection),
        corrected=is_corrected(selection),
        minimum=selection.minimum,
    )


def _missing(selection: Selection) -> _Fold:
    return _fold(selection, "missing", table=missing_table(selection), minimum=selection.minimum)


def _model(selection: Selection) -> _Fold:
    cells = [model_row(selection, row) for row in ranked_drivers(selection)]
    return _fold(
        selection,
        "model",
        table=table_model(cells, selection.wording) if cells else "",
        no_model="" if cells else " ".join(explain_none(selection)),
        outcome=_outcome(selection),
        checks=list_checks(selection),
        remarks=list_remarks(selection),
        measurement=measurement_table(selection) if cells else None,
        measured=explain_measurement(selection) if cells else [],
        by_sem=selection.meta.ranking_agreement is not None,
        acted=selection.actions is not None and bool(selection.actions.of_practice(selection.practice_id)),
    )


def _comparison(selection: Selection) -> _Fold:
    comparisons = comparison_table(selection)
    case_mix = case_mix_table(selection)
    return _fold(selection, "comparison", comparisons=comparisons, case_mix=case_mix)
