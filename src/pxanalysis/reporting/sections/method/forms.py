"""Which versions of the questionnaire there were, and on what practices are compared all the same."""

from __future__ import annotations

from typing import Any

from pxanalysis.reporting.sections.selection import Selection

__all__ = ["describe_forms"]


def describe_forms(selection: Selection) -> list[str]:
    """Sentences about the versions, known or found; none where everybody was asked the same."""
    forms = selection.meta.get("forms") or []
    uncommon = [str(item) for item in selection.meta.get("uncommon_items") or []]
    if len(forms) > 1 and any(form["not_asked"] for form in forms):
        lead = selection.wording.text("method.forms", n=len(forms))
        return [lead, *(_describe(selection, form) for form in forms)]
    if uncommon:
        return [selection.wording.text("method.forms_found", items=_quote(selection, uncommon))]
    return []


def _describe(selection: Selection, form: dict[str, Any]) -> str:
    wording = selection.wording
    undated = form["first"] is None
    period = wording.text("fact.undated") if undated else wording.period(form["first"], form["last"])
    return wording.text(
        "method.form" if form["not_asked"] else "method.form_all",
        name=form["name"] or wording.text("method.form_unknown"),
        n=form["n"],
        period=period,
        items=_quote(selection, form["not_asked"]),
    )


def _quote(selection: Selection, items: list[str]) -> str:
    """Questions as they were asked, each in quotation marks."""
    texts = [selection.wording.text("quote", text=selection.item_texts.get(item, item)) for item in items]
    return selection.wording.enumerate(texts)
