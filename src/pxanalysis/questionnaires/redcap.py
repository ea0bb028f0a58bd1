"""A questionnaire as a REDCap data dictionary: one file per language, for a dictionary holds one."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from pxanalysis.journey.tool_facts import REDCAP_INSTRUMENT
from pxanalysis.questionnaires.texts import one_line, plain_html

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pxanalysis.journey.form import Form, Page, Question
    from pxanalysis.journey.short_ids import CodeBook

__all__ = ["DICTIONARY_COLUMNS", "make_redcap"]

DICTIONARY_COLUMNS = (
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note", "Text Validation Type OR Show Slider Number",
    "Text Validation Min", "Text Validation Max", "Identifier?", "Branching Logic (Show field only if...)",
    "Required Field?", "Custom Alignment", "Question Number (surveys only)", "Matrix Group Name", "Matrix Ranking?",
    "Field Annotation",
)  # fmt: skip
"""The 18 columns of a dictionary, in REDCap's own order."""

Row = dict[str, str]


def make_redcap(form: Form, book: CodeBook) -> dict[str, bytes]:
    """Return a dictionary per language; names and codes are the same in each."""
    return {
        f"{form.journey_id}-redcap-{language}.csv": _write(list(_rows(form, book, language)))
        for language in form.languages
    }


def _write(rows: list[Row]) -> bytes:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, DICTIONARY_COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


def _safe(text: str) -> str:
    """A label as it stands: no markup, no piped field, no separator of choices."""
    return plain_html(text, also="|[]")


def _field(name: str, kind: str, label: str, **cells: str) -> Row:
    row = {"Variable / Field Name": name, "Form Name": REDCAP_INSTRUMENT, "Field Type": kind, "Field Label": label}
    titles = {
        "choices": DICTIONARY_COLUMNS[5],
        "note": DICTIONARY_COLUMNS[17],
        "header": DICTIONARY_COLUMNS[2],
        "branching": DICTIONARY_COLUMNS[11],
    }
    return row | {titles.get(key, key): value for key, value in cells.items()}


def _rows(form: Form, book: CodeBook, language: str) -> Iterator[Row]:
    yield _field("record_id", "text", "Record ID")
    for id_ in ("practice_id", "token", "channel"):
        yield _field(book.names[id_], "text", book.names[id_], note="@HIDDEN-SURVEY")
    version = one_line(form.version).replace('"', "")
    yield _field(
        book.names["form_version"], "text", book.names["form_version"], note=f'@DEFAULT="{version}" @HIDDEN-SURVEY'
    )
    paragraphs = "<br><br>".join(_safe(paragraph) for paragraph in form.introduction[language])
    yield _field("introduction_text", "descriptive", paragraphs, header=_safe(form.title[language]))
    for page in form.pages:
        yield from _page(page, book, language)


def _page(page: Page, book: CodeBook, language: str) -> Iterator[Row]:
    heading = _safe(page.title[language] + (f": {page.lead[language]}" if page.lead else ""))
    branching = ""
    if page.gate is not None:
        yield _question(page.gate, book, language, header=heading)
        heading = ""
        branching = f"[{book.names[page.gate.id]}] = '{book.codes[page.gate.id]['1']}'"
    for block in page.blocks:
        for question in block.questions:
            matrix = {"Matrix Group Name": f"{block.id}_rows"[:60]} if block.is_matrix else {}
            yield _question(question, book, language, header=heading, branching=branching, **matrix)
            heading = ""


def _question(question: Question, book: CodeBook, language: str, **cells: str) -> Row:
    name, label = book.names[question.id], _safe(question.text[language])
    if question.choices:
        codes = book.codes[question.id]
        choices = " | ".join(f"{codes[choice.value]}, {_safe(choice.label[language])}" for choice in question.choices)
        beside = {"Custom Alignment": "LH"} if len(question.choices) > 7 else {}
        return _field(name, "radio", label, choices=choices, **cells, **beside)
    if question.limits is not None:
        low, high = (str(limit) for limit in question.limits)
        return _field(
            name,
            "text",
            label,
            **cells,
            **{DICTIONARY_COLUMNS[7]: "integer", DICTIONARY_COLUMNS[8]: low, DICTIONARY_COLUMNS[9]: high},
        )
    return _field(name, "notes", label, **cells)
