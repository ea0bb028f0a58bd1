"""Which versions of the questionnaire there were, and on what practices are compared all the same."""

from __future__ import annotations

from collections.abc import Sequence

from pxanalysis.analysis.whole_study.facts import ComparedGroups, FormFacts
from pxanalysis.analysis.whole_study.frames import ItemRow
from pxanalysis.reporting.sections.selection import Selection
from pxanalysis.statistics.conventions import FEWEST_PER_GROUP

__all__ = ["describe_comparability", "describe_forms", "describe_item_means"]


_ANSWERS = {True: "yes", False: "no", "few": "few", "not estimable": "open"}


def describe_forms(selection: Selection) -> list[str]:
    """Sentences about the versions, known or found; none where everybody was asked the same."""
    forms, uncommon = selection.meta.forms, selection.meta.uncommon_items
    if len(forms) > 1 and any(form.not_asked for form in forms):
        lead = selection.wording.text("method.forms", n=len(forms))
        return [lead, *(_describe(selection, form) for form in forms)]
    if uncommon:
        return [selection.wording.text("method.forms_found", items=_quote(selection, uncommon))]
    return []


def describe_comparability(selection: Selection) -> list[str]:
    """Whether scores of people with another version, or in another language, may be compared."""
    wording, said = selection.wording, []
    for found in selection.meta.comparability:
        answer = _ANSWERS[found.reason or found.comparable]
        level = wording.text(f"method.invariance_level_{found.holds_up_to or 'none'}")
        groups = wording.enumerate([_name_group(selection, found, name) for name in found.groups])
        key = f"method.invariance_{found.by}_{answer}"
        said.append(wording.text(key, groups=groups, level=level, n=FEWEST_PER_GROUP))
        if found.groups and not found.complete:
            said.append(wording.text("method.invariance_not_all", n=FEWEST_PER_GROUP))
    return said


def _name_group(selection: Selection, found: ComparedGroups, name: str) -> str:
    """A version by its name, a language by its name in the reader's language."""
    return selection.wording.language_name(name) if found.by == "language" else name


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
        answered=wording.text("withheld") if form.n is None else wording.text("count.patients", n=form.n),
        period=period,
        items=_quote(selection, form.not_asked),
    )


def _quote(selection: Selection, items: Sequence[str]) -> str:
    """Questions as they were asked, each in quotation marks."""
    texts = [selection.wording.text("quote", text=selection.item_texts.get(item, item)) for item in items]
    return selection.wording.enumerate(texts)
