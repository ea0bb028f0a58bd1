"""The export layout of each survey tool, as in real exports: header, metadata, codes or labels."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from pxanalysis.journey.form_words import WORDS
from pxanalysis.journey.tool_facts import FORM_MARK, REDCAP_INSTRUMENT, answer_coding, canonical_url

if TYPE_CHECKING:
    from pxanalysis.journey.form import Block, Question
    from pxanalysis.journey.short_ids import CodeBook, Tool
    from pxanalysis.simulation.exports.filled import Filled

__all__ = ["WRITERS"]

Writer = Callable[["Filled", "CodeBook", bool], tuple[str, bytes]]
_TIME = "T10:15:30"
_HIDDEN = ("practice_id", "token", "channel", "form_version")


def _write(rows: Iterable[Iterable[object]], *, separator: str = ",", bom: bool = False, quote: int) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator, quoting=quote, lineterminator="\r\n").writerows(rows)  # type: ignore[arg-type]
    return (("\ufeff" if bom else "") + stream.getvalue()).encode()


def _shown(question: Question, value: str | None, book: CodeBook, language: str | None) -> str:
    """A cell: empty, the tool's code, or the label in the language of the export."""
    if value is None:
        return ""
    if not question.choices:
        return value
    if language is None:
        return book.codes[question.id][value]
    return next(choice.label[language] for choice in question.choices if choice.value == value)


def _answers(filled: Filled, book: CodeBook, language: str | None) -> list[list[str]]:
    questions = filled.form.questions
    return [
        [_shown(question, value, book, language) for question, value in zip(questions, row, strict=True)]
        for row in filled.answers.iter_rows()
    ]


def _hidden(context: dict[str, Any]) -> list[str]:
    return [str(context[name]) for name in _HIDDEN]


def _kobo(filled: Filled, book: CodeBook, labels: bool) -> tuple[str, bytes]:
    """Semicolons, everything quoted; names without their group, metadata behind; labels in the default language."""
    language = filled.form.languages[0] if labels else None
    names = [q.text[language] if language else book.names[q.id] for q in filled.form.questions]
    meta = [
        "_id",
        "_uuid",
        "_submission_time",
        "_validation_status",
        "_notes",
        "_status",
        "_submitted_by",
        "__version__",
        "_tags",
        "_index",
    ]
    rows = [["start", "end", *(book.names[name] for name in _HIDDEN), *names, "simulated", *meta]]
    cells = _answers(filled, book, language)
    for n, (context, answers) in enumerate(zip(filled.context.iter_rows(named=True), cells, strict=True), start=1):
        end = f"{context['completed_on']}{_TIME}.000+01:00"
        start = f"{context['completed_on']}T10:05:00.000+01:00"
        sent = f"{context['completed_on']}T09:15:31"
        status = "submitted_via_web"
        row_meta = [str(n), context["response_id"], sent, "", "", status, "", f"v{context['form_version']}", "", str(n)]
        rows.append([start, end, *_hidden(context), *answers, "1", *row_meta])
    return "simulated.csv", _write(rows, separator=";", quote=csv.QUOTE_ALL)


def _limesurvey_head(filled: Filled, book: CodeBook, language: str | None) -> list[str]:
    def heading(block: Block, question: Question) -> str:
        if language is None:
            name = book.names[question.id]
            return f"{book.names[block.id]}[{name}]" if block.is_matrix else name
        text = question.text[language]
        return f"{WORDS['each-line'][language]} [{text}]" if block.is_matrix else text

    head = []
    for page in filled.form.pages:
        if page.gate is not None:
            head.append(page.gate.text[language] if language else book.names[page.gate.id])
        head += [heading(block, question) for block in page.blocks for question in block.questions]
    return head


def _limesurvey(filled: Filled, book: CodeBook, labels: bool) -> tuple[str, bytes]:
    """A byte order mark, everything quoted; partial responses have no date of submission."""
    language = filled.form.languages[0] if labels else None
    meta = ["id", "submitdate", "lastpage", "startlanguage", "seed", "startdate", "datestamp"]
    full = ["Response ID", "Date submitted", "Last page", "Start language", "Seed", "Date started", "Date last action"]
    names = [book.names[name] for name in _HIDDEN]
    rows = [[*(full if labels else meta), *names, *_limesurvey_head(filled, book, language), "simulated"]]
    cells = _answers(filled, book, language)
    for n, (context, answers) in enumerate(zip(filled.context.iter_rows(named=True), cells, strict=True), start=1):
        stamp = f"{context['completed_on']} 10:15:30"
        sent = stamp if context["finished"] else ""
        last = str(len(filled.form.pages)) if context["finished"] else "3"
        begun = f"{context['completed_on']} 10:05:00"
        rows.append(
            [str(n), sent, last, context["language"], str(100_000 + n), begun, stamp, *_hidden(context), *answers, "1"]
        )
    return "simulated.csv", _write(rows, bom=True, quote=csv.QUOTE_ALL)


def _redcap(filled: Filled, book: CodeBook, labels: bool) -> tuple[str, bytes]:
    """Raw or label export of one instrument; partial responses have no time stamp but that they were not completed."""
    language = filled.form.languages[0] if labels else None
    names = [q.text[language] if language else book.names[q.id] for q in filled.form.questions]
    hidden = [book.names[name] for name in _HIDDEN]
    first = ["Record ID", "Survey Identifier", "Survey Timestamp"]
    if not labels:
        first = ["record_id", "redcap_survey_identifier", f"{REDCAP_INSTRUMENT}_timestamp"]
    rows = [[*first, *hidden, *names, "simulated", "Complete?" if labels else f"{REDCAP_INSTRUMENT}_complete"]]
    states = {True: ("2", "Complete"), False: ("0", "Incomplete")}
    cells = _answers(filled, book, language)
    for n, (context, answers) in enumerate(zip(filled.context.iter_rows(named=True), cells, strict=True), start=1):
        stamp = f"{context['completed_on']} 10:15:30" if context["finished"] else "[not completed]"
        state = states[context["finished"]][labels]
        rows.append([str(n), "", stamp, *_hidden(context), *answers, "1", state])
    return "simulated.csv", _write(rows, quote=csv.QUOTE_MINIMAL)


_QUALTRICS = (
    "StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished", "RecordedDate",
    "ResponseId", "DistributionChannel", "UserLanguage",
)  # fmt: skip


def _qualtrics(filled: Filled, book: CodeBook, labels: bool) -> tuple[str, bytes]:
    """Three header rows; two previews by the maker; numeric values or choice text."""
    language = filled.form.languages[0] if labels else None
    questions = filled.form.questions
    hidden = [book.names[name] for name in _HIDDEN]
    rows = [[*_QUALTRICS, *(book.names[q.id] for q in questions), *hidden, "simulated"]]
    rows.append([*_QUALTRICS, *(q.text[filled.form.languages[0]] for q in questions), *hidden, "simulated"])
    ids = [*_QUALTRICS, *(f"QID{n}" for n in range(1, len(questions) + 1)), *hidden, "simulated"]
    rows.append([json.dumps({"ImportId": id_}) for id_ in ids])
    cells = _answers(filled, book, language)
    for n, (context, answers) in enumerate(zip(filled.context.iter_rows(named=True), cells, strict=True), start=1):
        day, done = context["completed_on"], context["finished"]
        status, finished = ("IP Address", str(done)) if labels else ("0", str(int(done)))
        meta = [f"{day} 10:05:00", f"{day} 10:15:30", status, "192.0.2.1", "100" if done else "40", "630", finished,
                f"{day} 10:15:31", f"R_{context['response_id'].replace('-', '')[:15]}", "anonymous",
                context["language"].upper()]  # fmt: skip
        if n in {1, 5}:
            preview = [*meta[:2], "Survey Preview" if labels else "1", *meta[3:8], f"R_preview{n}", "preview", meta[10]]
            rows.append([*preview, *answers, *_hidden(context), "1"])
        rows.append([*meta, *answers, *_hidden(context), "1"])
    return "simulated.csv", _write(rows, quote=csv.QUOTE_MINIMAL)


def _html(filled: Filled, book: CodeBook, labels: bool) -> tuple[str, bytes]:
    """What our own page hands over, the rows of many in one file."""
    head = [FORM_MARK, "response_id", "practice_id", "completed_on", "channel", "token", "form_version", "language"]
    rows = [[*head, *(question.id for question in filled.form.questions), "simulated"]]
    for context, answers in zip(filled.context.iter_rows(named=True), _answers(filled, book, None), strict=True):
        rows.append([filled.form.journey_id, *(str(context[name]) for name in head[1:]), *answers, "1"])
    return "simulated.csv", _write(rows, quote=csv.QUOTE_ALL)


def _fhir(filled: Filled, book: CodeBook, labels: bool) -> tuple[str, bytes]:
    """One QuestionnaireResponse per line, nested as the questionnaire is; what was not answered is not there."""
    lines = [
        json.dumps(_response(filled, book, context, answers), ensure_ascii=False)
        for context, answers in zip(
            filled.context.iter_rows(named=True), filled.answers.iter_rows(named=True), strict=True
        )
    ]
    return "simulated.ndjson", ("\n".join(lines) + "\n").encode()


def _response(
    filled: Filled, book: CodeBook, context: dict[str, Any], answers: dict[str, str | None]
) -> dict[str, Any]:
    hidden = [{"linkId": book.names[name], "answer": [{"valueString": str(context[name])}]} for name in _HIDDEN]
    items: list[dict[str, Any]] = [*hidden, {"linkId": "simulated", "answer": [{"valueBoolean": True}]}]
    for page in filled.form.pages:
        asked = [_fhir_answer(page.gate, answers, book)] if page.gate else []
        for block in page.blocks:
            inner = [found for q in block.questions if (found := _fhir_answer(q, answers, book))]
            asked += [{"linkId": f"rows_of_{block.id}", "item": inner}] if block.is_matrix and inner else inner
        asked = [node for node in asked if node]
        if asked:
            items.append({"linkId": f"page_of_{page.id}", "item": asked})
    return {
        "resourceType": "QuestionnaireResponse",
        "id": context["response_id"],
        "questionnaire": f"{canonical_url(filled.form.journey_id)}|{context['form_version']}",
        "status": "completed" if context["finished"] else "in-progress",
        "language": context["language"],
        "authored": f"{context['completed_on']}{_TIME}+01:00",
        "item": items,
    }


def _fhir_answer(question: Question, answers: dict[str, str | None], book: CodeBook) -> dict[str, Any]:
    value = answers[question.id]
    if value is None:
        return {}
    if question.choices:
        answer: dict[str, Any] = {"valueCoding": answer_coding(question, value, book)}
    else:
        answer = {"valueInteger": int(value)} if question.limits is not None else {"valueString": value}
    return {"linkId": book.names[question.id], "answer": [answer]}


WRITERS: dict[Tool, Writer] = {
    "xlsform": _kobo,
    "limesurvey": _limesurvey,
    "redcap": _redcap,
    "qualtrics": _qualtrics,
    "fhir": _fhir,
    "html": _html,
}
"""How each tool writes an export."""
