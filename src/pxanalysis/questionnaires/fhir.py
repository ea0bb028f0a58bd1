"""A questionnaire as a FHIR R4B Questionnaire, held against the standard and against what its checkers let pass."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pxanalysis.errors import JourneyError
from pxanalysis.journey.tool_facts import answer_coding, canonical_url
from pxanalysis.questionnaires.texts import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pxanalysis.journey.form import Block, Form, Page, Question
    from pxanalysis.journey.short_ids import CodeBook

__all__ = ["find_fhir_problems", "make_fhir"]

_STRUCTURE = "http://hl7.org/fhir/StructureDefinition"
_TYPES = frozenset({"group", "display", "boolean", "integer", "string", "text", "choice"})

Node = dict[str, Any]


def make_fhir(form: Form, book: CodeBook) -> dict[str, bytes]:
    """Return one Questionnaire resource with every language in it.

    Raises
    ------
    JourneyError
        When it is not a valid resource; naming the place in it.
    """
    resource = _resource(form, book)
    problems = list(find_fhir_problems(resource))
    if problems:
        raise JourneyError(f"journey '{form.journey_id}' makes no valid FHIR questionnaire: {problems[0]}")
    return {f"{form.journey_id}-fhir-r4b.json": (json.dumps(resource, indent=1, ensure_ascii=False) + "\n").encode()}


def _resource(form: Form, book: CodeBook) -> Node:
    first = form.languages[0]
    hidden = [_hidden(book.names[id_]) for id_ in ("practice_id", "token", "channel")]
    hidden.append(_hidden(book.names["form_version"]) | {"initial": [{"valueString": one_line(form.version)}]})
    texts = [{language: one_line(form.introduction[language][n]) for language in form.languages} for n in range(4)]
    introduction = [
        {"linkId": f"introduction_{n + 1}", "type": "display", **_text(form, "text", text)}
        for n, text in enumerate(texts)
    ]
    return {
        "resourceType": "Questionnaire",
        "id": form.journey_id,
        "url": canonical_url(form.journey_id),
        "version": one_line(form.version),
        "name": "".join(part.capitalize() for part in form.journey_id.split("-")),
        **_text(form, "title", form.title),
        "status": "draft",
        "language": first,
        "subjectType": ["Patient"],
        "item": [*hidden, *introduction, *(_page(form, page, book) for page in form.pages)],
    }


def _text(form: Form, key: str, texts: Mapping[str, str]) -> Node:
    """A text with its translations, as the standard's translation extension."""
    first, *others = form.languages
    translations = [
        {
            "url": f"{_STRUCTURE}/translation",
            "extension": [
                {"url": "lang", "valueCode": language},
                {"url": "content", "valueString": one_line(texts[language])},
            ],
        }
        for language in others
    ]
    found: Node = {key: one_line(texts[first])}
    return found | ({f"_{key}": {"extension": translations}} if translations else {})


def _hidden(link_id: str) -> Node:
    extension = [{"url": f"{_STRUCTURE}/questionnaire-hidden", "valueBoolean": True}]
    return {"linkId": link_id, "type": "string", "text": link_id, "extension": extension}


def _control(code: str) -> list[Node]:
    coding = [{"system": "http://hl7.org/fhir/questionnaire-item-control", "code": code}]
    return [{"url": f"{_STRUCTURE}/questionnaire-itemControl", "valueCodeableConcept": {"coding": coding}}]


def _page(form: Form, page: Page, book: CodeBook) -> Node:
    items: list[Node] = []
    if page.lead is not None:
        items.append({"linkId": f"lead_{page.id}", "type": "display", **_text(form, "text", page.lead)})
    if page.gate is not None:
        items.append(_question(form, page.gate, book))
    for block in page.blocks:
        asked = _block(form, block, book)
        if page.gate is not None:
            when = {"question": book.names[page.gate.id], "operator": "="}
            shown = [when | {"answerCoding": answer_coding(page.gate, "1", book)}]
            asked = [item | {"enableWhen": shown} for item in asked]
        items += asked
    group = {"linkId": f"page_of_{page.id}", "type": "group", "extension": _control("page")}
    return group | _text(form, "text", page.title) | {"item": items}


def _block(form: Form, block: Block, book: CodeBook) -> list[Node]:
    asked = [_question(form, question, book) for question in block.questions]
    if not block.is_matrix:
        return asked
    return [{"linkId": f"rows_of_{block.id}", "type": "group", "extension": _control("gtable"), "item": asked}]


def _question(form: Form, question: Question, book: CodeBook) -> Node:
    node: Node = {"linkId": book.names[question.id], **_text(form, "text", question.text), "required": False}
    if question.choices:
        options = [_option(form, question, n, book) for n in range(len(question.choices))]
        return node | {"type": "choice", "answerOption": options}
    if question.limits is None:
        return node | {"type": "text"}
    bounds = zip(("minValue", "maxValue"), question.limits, strict=True)
    return node | {
        "type": "integer",
        "extension": [{"url": f"{_STRUCTURE}/{name}", "valueInteger": value} for name, value in bounds],
    }


def _option(form: Form, question: Question, n: int, book: CodeBook) -> Node:
    choice = question.choices[n]
    coding: Node = answer_coding(question, choice.value, book) | _text(form, "display", choice.label)
    if question.kind == "rating" and choice.kind == "answer":
        coding["extension"] = [{"url": f"{_STRUCTURE}/ordinalValue", "valueDecimal": int(choice.value)}]
    return {"valueCoding": coding}


def find_fhir_problems(resource: Node) -> Iterator[str]:
    """Yield what is wrong with a Questionnaire: by the standard's own model, and by what that lets pass.

    The model accepts unknown item types, a link id that stands twice and a condition on a question that is not there.
    """
    yield from _find_model_problems(resource)
    nodes = list(_walk(resource.get("item", [])))
    ids = [node.get("linkId", "") for node in nodes]
    yield from (f"linkId '{id_}' stands twice" for id_ in sorted({id_ for id_ in ids if ids.count(id_) > 1}))
    for node in nodes:
        name = node.get("linkId", "?")
        if node.get("type") not in _TYPES:
            yield f"item {name}: unknown type {node.get('type')!r}"
        if node.get("type") == "choice" and not node.get("answerOption"):
            yield f"item {name}: a choice without answers"
        for condition in node.get("enableWhen", []):
            if condition["question"] not in ids:
                yield f"item {name}: shown after '{condition['question']}', which is not asked"


def _find_model_problems(resource: Node) -> Iterator[str]:
    from pydantic import ValidationError

    try:
        from fhir.resources.R4B.questionnaire import Questionnaire
    except ImportError as error:
        raise JourneyError(
            "a FHIR questionnaire is checked with fhir.resources, which is not installed; run "
            "'pip install pxanalysis[questionnaires]' and try again."
        ) from error
    try:
        Questionnaire.model_validate(resource)
    except ValidationError as error:
        for detail in error.errors():
            yield f"{'.'.join(str(part) for part in detail['loc'])}: {detail['msg']}"


def _walk(items: list[Node]) -> Iterator[Node]:
    for item in items:
        yield item
        yield from _walk(item.get("item", []))
