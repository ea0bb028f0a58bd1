"""A questionnaire as Qualtrics advanced-format text, with the list of what that format cannot say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pxanalysis.questionnaires.texts import plain_html

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pxanalysis.journey.form import Form, Page, Question
    from pxanalysis.journey.short_ids import CodeBook

__all__ = ["make_qualtrics"]


def make_qualtrics(form: Form, book: CodeBook) -> dict[str, bytes]:
    """Return one text file per language, and one page of what to set by hand after the import."""
    files = {
        f"{form.journey_id}-qualtrics-{language}.txt": "\n".join(_lines(form, book, language)) + "\n"
        for language in form.languages
    }
    files[f"{form.journey_id}-qualtrics-by-hand.md"] = "\n".join(_by_hand(form, book)) + "\n"
    return {name: text.encode() for name, text in files.items()}


def _safe(text: str) -> str:
    """A text as it stands: no markup, no tag of the format, no piped text."""
    return plain_html(text, also="[]").replace("${", "&#36;{")


def _lines(form: Form, book: CodeBook, language: str) -> Iterator[str]:
    yield from ("[[AdvancedFormat]]", "")
    yield from (f"[[ED:{book.names[id_]}]]" for id_ in ("practice_id", "token", "channel", "form_version"))
    yield from ("", f"[[Block:{_safe(form.title[language])}]]", "")
    yield from ("[[Question:DB]]", "<br><br>".join(_safe(p) for p in form.introduction[language]), "")
    for page in form.pages:
        yield from _page(page, book, language)


def _page(page: Page, book: CodeBook, language: str) -> Iterator[str]:
    yield from (f"[[Block:{_safe(page.title[language])}]]", "")
    if page.lead is not None:
        yield from ("[[Question:DB]]", _safe(page.lead[language]), "")
    if page.gate is not None:
        yield from _question(page.gate, book, language)
    for block in page.blocks:
        for question in block.questions:
            yield from _question(question, book, language)


def _question(question: Question, book: CodeBook, language: str) -> Iterator[str]:
    kind = "TextEntry:Essay" if question.kind == "text" else "TextEntry"
    if question.choices:
        kind = "MC:SingleAnswer:Horizontal" if len(question.choices) > 7 else "MC:SingleAnswer:Vertical"
    yield f"[[Question:{kind}]]"
    yield f"[[ID:{book.names[question.id]}]]"
    yield _safe(question.text[language])
    if question.choices:
        yield from ("", "[[AdvancedChoices]]")
    for choice in question.choices:
        yield f"[[Choice:{book.codes[question.id][choice.value]}]]"
        yield _safe(choice.label[language])
    yield ""


def _by_hand(form: Form, book: CodeBook) -> Iterator[str]:
    first, *others = form.languages
    yield f"# {form.title[first]}: what to set by hand in Qualtrics"
    yield ""
    yield f"Import `{form.journey_id}-qualtrics-{first}.txt` (Survey > Tools > Import/export > Import survey). Then:"
    yield ""
    yield f"- Survey flow, embedded data: set `{book.names['form_version']}` to `{form.version}`; leave the other three"
    yield "  empty, they come from the link: `?practice_id=P001&token=...&channel=web`."
    yield "- Survey options > Security: switch on 'Anonymize responses', so that no IP address is kept."
    yield "- Leave 'Force response' off for every question; taking part is voluntary."
    for language in others:
        yield f"- Translations: add {language} with the texts of `{form.journey_id}-qualtrics-{language}.txt`; keep all"
        yield "  question ids and recode values as they are."
    gates = [(page, page.gate) for page in form.pages if page.gate is not None]
    if gates:
        yield "- Display logic, for every question of these blocks below the first:"
    for page, gate in gates:
        yes = gate.choices[0].label[first]
        yield f"  - block '{page.title[first]}': show if `{book.names[gate.id]}` is '{yes}'"
    numbers = [question for question in form.questions if question.limits is not None]
    for question in numbers:
        low, high = question.limits or (0, 0)
        yield f"- `{book.names[question.id]}`: content validation, a number from {low} to {high}."
    yield "- Check under Recode values that every question has the codes below; tick 'Exclude from analysis' for"
    yield "  'not applicable' and for 'don't know'."
    yield "- Export answers as CSV with numeric values or with choice text; both are read."
    yield ""
    yield from _table_of_codes(form, book)


def _table_of_codes(form: Form, book: CodeBook) -> Iterator[str]:
    yield "| question | codes |"
    yield "|---|---|"
    for question in form.questions:
        if question.choices:
            codes = book.codes[question.id]
            listed = "; ".join(f"{codes[c.value]} = {c.label[form.languages[0]]}" for c in question.choices)
            yield f"| `{book.names[question.id]}` | {listed.replace('|', '/')} |"
