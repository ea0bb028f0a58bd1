"""Which versions of the questionnaire there were, and on what practices are compared all the same."""

from __future__ import annotations

from collections.abc import Sequence

from pxanalysis.analysis.whole_study.facts import FormFacts
from pxanalysis.analysis.whole_study.frames import ItemRow
from pxanalysis.reporting.sections.selection import Selection

__all__ = ["describe_forms", "describe_item_means"]


def describe_forms(selection: Selection) -> list[str]:
    """Sentences about the versions, known or found; none where everybody was asked the same."""
    forms, uncommon = selection.meta.forms, selection.meta.uncommon_items
    if len(forms) > 1 and any(form.not_asked for form in forms):
        lead = selection.wording.text("method.forms", n=len(forms))
        return [lead, *(_describe(selection, form) for form in forms)]
    if uncommon:
        return [selection.wording.text("method.forms_found", items=_quote(selection, uncommon))]
    return []


def describe_item_means(selection: Selection) -> list[str]:
    """Over whom means of questions are, where not everybody who rated the contact answered them."""
    over = {row.mean_over for row in selection.own(ItemRow)}
    keys = {"estimated": "method.item_means_estimated", "answered": "method.item_means_answered"}
    return [selection.wording.text(key) for kind, key in keys.items() if kind in over]


def _describe(selection: Selection, form: FormFacts) -> str:
    wording = selection.wording
    dated = form.first is not None and form.last is not None
    period = wording.period(form.first or "", form.last or "") if dated else wording.text("fact.undated")
    return wording.text(
        "method.form" if form.not_asked else "method.form_all",
        name=form.name or wording.text("method.form_unknown"),
        n=form.n,
        period=period,
        items=_quote(selection, form.not_asked),
    )


def _quote(selection: Selection, items: Sequence[str]) -> str:
    """Questions as they were asked, each in quotation marks."""
    texts = [selection.wording.text("quote", text=selection.item_texts.get(item, item)) for item in items]
    return selection.wording.enumerate(texts)
