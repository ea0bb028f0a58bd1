"""A questionnaire as a LimeSurvey structure file: tab-separated, every language in one file."""

from __future__ import annotations

import csv
import hashlib
import io
from typing import TYPE_CHECKING

from pxanalysis.journey.form_words import WORDS
from pxanalysis.questionnaires.texts import one_line, plain_html

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pxanalysis.journey.form import Block, Choice, Form, Page, Question
    from pxanalysis.journey.short_ids import CodeBook

__all__ = ["make_limesurvey", "survey_number"]

_COLUMNS = (
    "id", "related_id", "class", "type/scale", "name", "relevance", "text", "help", "language", "validation",
    "mandatory", "other", "default", "same_default", "hidden", "display_columns", "num_value_int_only",
    "min_num_value_n", "max_num_value_n",
)  # fmt: skip
"""Beside these, every other cell of a question row would be taken for an attribute."""

_SETTINGS = {
    "format": "G", "anonymized": "N", "datestamp": "Y", "ipaddr": "N", "refurl": "N", "savetimings": "N",
    "allowprev": "Y", "showprogress": "Y", "shownoanswer": "N", "showgroupinfo": "B", "showqnumcode": "X",
    "usetokens": "N",
}  # fmt: skip
_FIRST_SUBQUESTION = 10_001
"""Subquestions share the number space of questions."""

Row = dict[str, str]


def survey_number(journey_id: str) -> str:
    """Six digits, the same for a journey each time; LimeSurvey gives another one when it is taken already."""
    return str(100_000 + int(hashlib.sha256(journey_id.encode()).hexdigest(), 16) % 900_000)


def make_limesurvey(form: Form, book: CodeBook) -> dict[str, bytes]:
    """Return the structure as ``.txt``: UTF-8 with a byte order mark, as LimeSurvey itself writes it."""
    sid = survey_number(form.journey_id)
    stream = io.StringIO()
    writer = csv.DictWriter(stream, _COLUMNS, delimiter="\t", quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
    writer.writeheader()
    for row in [*_head(form, sid), *(row for language in form.languages for row in _Tree(form, book, language).rows())]:
        writer.writerow(row)
    return {f"{form.journey_id}-limesurvey.txt": ("\ufeff" + stream.getvalue()).encode()}


def _safe(text: str) -> str:
    """A text that is shown as it stands: no markup, no expression, no backslash before a quotation mark."""
    return plain_html(text, also="{}\\")


def _head(form: Form, sid: str) -> Iterator[Row]:
    first, *others = form.languages
    settings = {"sid": sid, "language": first, "additional_languages": " ".join(others), **_SETTINGS}
    for name, value in settings.items():
        yield {"class": "S", "name": name, "text": value}
    for language in form.languages:
        welcome = "".join(f"<p>{_safe(paragraph)}</p>" for paragraph in form.introduction[language])
        texts = {
            "surveyls_survey_id": sid,
            "surveyls_language": language,
            "surveyls_title": _safe(form.title[language]),
            "surveyls_welcometext": welcome,
            "surveyls_endtext": WORDS["thanks"][language],
        }
        for name, value in texts.items():
            yield {"class": "SL", "name": name, "text": value, "language": language}


class _Tree:
    """Groups, questions, subquestions and answers in one language; ids are the same in every language."""

    def __init__(self, form: Form, book: CodeBook, language: str) -> None:
        self.form, self.book, self.language = form, book, language
        self.question, self.subquestion = 0, _FIRST_SUBQUESTION - 1

    def rows(self) -> Iterator[Row]:
        for n, page in enumerate(self.form.pages):
            lead = page.lead[self.language] if page.lead else ""
            yield self._row("G", str(n), id=str(n + 1), text=_safe(lead), name=_safe(page.title[self.language]))
            if n == 0:
                yield from self._hidden()
            yield from self._page(page)

    def _row(self, kind: str, scale: str, **cells: str) -> Row:
        return {"class": kind, "type/scale": scale, "language": self.language, "relevance": "1"} | cells

    def _ask(self, kind: str, id_: str, text: str, **cells: str) -> Row:
        self.question += 1
        name = self.book.names[id_]
        return self._row(
            "Q", kind, id=str(self.question), name=name, text=text, mandatory="N", other="N", same_default="0", **cells
        )

    def _hidden(self) -> Iterator[Row]:
        for id_ in ("practice_id", "token", "channel", "form_version"):
            default = {"default": one_line(self.form.version)} if id_ == "form_version" else {}
            yield self._ask("S", id_, self.book.names[id_], hidden="1", **default)

    def _page(self, page: Page) -> Iterator[Row]:
        relevance = "1"
        if page.gate is not None:
            yield from self._single(page.gate, "1")
            relevance = f'(({self.book.names[page.gate.id]}.NAOK == "{self.book.codes[page.gate.id]["1"]}"))'
        for block in page.blocks:
            if block.is_matrix:
                yield from self._matrix(block, relevance)
            else:
                yield from self._single(block.questions[0], relevance)

    def _matrix(self, block: Block, relevance: str) -> Iterator[Row]:
        yield self._ask("F", block.id, _safe(WORDS["each-line"][self.language]), relevance=relevance)
        question = str(self.question)
        for row in block.questions:
            self.subquestion += 1
            text = _safe(row.text[self.language])
            yield self._row("SQ", "0", id=str(self.subquestion), name=self.book.names[row.id], text=text)
        yield from self._answers(block.questions[0].id, block.questions[0].choices, question)

    def _single(self, question: Question, relevance: str) -> Iterator[Row]:
        text = _safe(question.text[self.language])
        if question.choices:
            several = {"display_columns": str(len(question.choices))} if question.kind == "rating" else {}
            yield self._ask("L", question.id, text, relevance=relevance, **several)
            yield from self._answers(question.id, question.choices, str(self.question))
        elif question.limits is not None:
            low, high = (str(limit) for limit in question.limits)
            limits = {"num_value_int_only": "1", "min_num_value_n": low, "max_num_value_n": high}
            yield self._ask("N", question.id, text, relevance=relevance, **limits)
        else:
            yield self._ask("T", question.id, text, relevance=relevance)

    def _answers(self, id_: str, choices: tuple[Choice, ...], question: str) -> Iterator[Row]:
        for choice in choices:
            code = self.book.codes[id_][choice.value]
            yield self._row("A", "0", id=question, name=code, text=_safe(choice.label[self.language]), relevance="")
