"""A questionnaire as an XLSForm, for KoboToolbox and ODK."""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import TYPE_CHECKING

from pxanalysis.errors import JourneyError
from pxanalysis.questionnaires.texts import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pxanalysis.journey.form import Form, Page, Question
    from pxanalysis.journey.short_ids import CodeBook

__all__ = ["LANGUAGE_NAMES", "make_xlsform"]

LANGUAGE_NAMES = {"nl": "Nederlands (nl)", "en": "English (en)"}
_MANY = 8
"""From this many answers on they stand beside each other, as numbers do."""
_MARKS = re.compile(r"([*_\\`])")

Row = dict[str, str]


def make_xlsform(form: Form, book: CodeBook) -> dict[str, bytes]:
    """Return the form as one workbook with the sheets ``survey``, ``choices`` and ``settings``."""
    lists = _name_lists(form)
    settings = {
        "form_title": _escape(form.title[form.languages[0]]),
        "form_id": form.journey_id,
        "version": form.version,
        "default_language": LANGUAGE_NAMES[form.languages[0]],
        "style": "pages",
    }
    survey = list(_survey(form, book, lists))
    _check_names(form, survey)
    sheets = {
        "survey": survey,
        "choices": list(_choices(form, book, lists)),
        "settings": [settings],
    }
    return {f"{form.journey_id}-xlsform.xlsx": _write(sheets)}


def _check_names(form: Form, rows: list[Row]) -> None:
    """An export drops groups, so a name may stand once in the whole form, which the converter does not check."""
    names = [row["name"] for row in rows if "name" in row]
    for name in names:
        if names.count(name) > 1:
            raise JourneyError(
                f"journey '{form.journey_id}': the id '{name}' is also what the form calls a page or note. Rename it."
            )


def _escape(text: str) -> str:
    """A label as it stands: no reference to another question, no markdown, no markup."""
    escaped = _MARKS.sub(r"\\\1", one_line(text)).replace("${", "$ {").replace("<", "&lt;")
    return re.sub(r"^#", r"\\#", escaped)


def _labels(form: Form, column: str, texts: Mapping[str, str]) -> Row:
    return {f"{column}::{LANGUAGE_NAMES[language]}": _escape(texts[language]) for language in form.languages}


def _name_lists(form: Form) -> dict[str, str]:
    """Name of the list of answers by question id; questions with the same answers share a list."""
    found: list[Question] = []
    names = {}
    for question in form.questions:
        if question.choices:
            places = [n for n, other in enumerate(found) if other.choices == question.choices]
            names[question.id] = f"answers_{(places[0] if places else len(found)) + 1}"
            if not places:
                found.append(question)
    return names


def _survey(form: Form, book: CodeBook, lists: dict[str, str]) -> Iterator[Row]:
    yield {"type": "start", "name": "start"}
    yield {"type": "end", "name": "end"}
    for name in ("practice_id", "token", "channel"):
        yield {"type": "hidden", "name": book.names[name]}
    version = form.version.replace("'", "")
    yield {"type": "calculate", "name": book.names["form_version"], "calculation": f"'{version}'"}
    yield _group("group_introduction", _labels(form, "label", form.title))
    for n in range(len(form.introduction[form.languages[0]])):
        paragraph = {language: form.introduction[language][n] for language in form.languages}
        yield {"type": "note", "name": f"introduction_{n + 1}", **_labels(form, "label", paragraph)}
    yield {"type": "end_group"}
    for page in form.pages:
        yield from _page(form, page, book, lists)


def _group(name: str, labels: Row, **more: str) -> Row:
    return {"type": "begin_group", "name": name, "appearance": "field-list", **labels, **more}


def _page(form: Form, page: Page, book: CodeBook, lists: dict[str, str]) -> Iterator[Row]:
    yield _group(f"group_{page.id}", _labels(form, "label", page.title))
    if page.lead is not None:
        yield {"type": "note", "name": f"lead_{page.id}", **_labels(form, "label", page.lead)}
    relevant: Row = {}
    if page.gate is not None:
        yield _question(form, page.gate, book, lists)
        relevant = {"relevant": f"${{{book.names[page.gate.id]}}} = '{book.codes[page.gate.id]['1']}'"}
    for block in page.blocks:
        for question in block.questions:
            yield _question(form, question, book, lists) | relevant
    yield {"type": "end_group"}


def _question(form: Form, question: Question, book: CodeBook, lists: dict[str, str]) -> Row:
    row = {"name": book.names[question.id], "required": "no", **_labels(form, "label", question.text)}
    if question.choices:
        look = {"appearance": "columns-pack"} if len(question.choices) >= _MANY else {}
        return {"type": f"select_one {lists[question.id]}", **row, **look}
    if question.kind == "number" and question.limits is not None:
        low, high = question.limits
        return {"type": "integer", **row, "constraint": f". >= {low} and . <= {high}"}
    return {"type": "text", **row, "appearance": "multiline"}


def _choices(form: Form, book: CodeBook, lists: dict[str, str]) -> Iterator[Row]:
    made: set[str] = set()
    for question in form.questions:
        name = lists.get(question.id)
        if name is None or name in made:
            continue
        made.add(name)
        for choice in question.choices:
            code = book.codes[question.id][choice.value]
            yield {"list_name": name, "name": code, **_labels(form, "label", choice.label)}


def _write(sheets: dict[str, list[Row]]) -> bytes:
    import xlsxwriter

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as wb:
        wb.set_properties({"created": datetime(2026, 1, 1)})  # the same form is the same file on any day
        head = wb.add_format({"bold": True})
        for sheet, rows in sheets.items():
            columns = list(dict.fromkeys(column for row in rows for column in row))
            place = wb.add_worksheet(sheet)
            place.freeze_panes(1, 0)
            place.set_column(0, len(columns) - 1, 24)
            for c, column in enumerate(columns):
                place.write_string(0, c, column, head)
                for r, row in enumerate(rows, start=1):
                    if row.get(column):
                        place.write_string(r, c, row[column])
    return stream.getvalue()
