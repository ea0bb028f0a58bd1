"""FHIR QuestionnaireResponses, one per line or as a bundle, as a table: a column per question."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import Any, TextIO

import polars as pl

from pxanalysis.errors import SourceError
from pxanalysis.survey.sources.raw import BadLine, RawTable, hash_file

__all__ = ["read_fhir"]

Node = dict[str, Any]
_IN_ERROR = "entered-in-error"
_PARTIAL = ("in-progress", "stopped")
_ORDINALS = ("/ordinalValue", "/itemWeight", "/iso21090-CO-value")
_AT_ONCE = 10_000
"""Responses that are held before they become rows of a table, which takes a tenth of the memory."""


def read_fhir(path: Path) -> RawTable:
    """Read a file with QuestionnaireResponses (NDJSON, a Bundle, or one response), R4, R4B or R5.

    A column per link id holds the answer: a coding's code (its ordinal value, where the code is no number), a text, a
    number, 1 or 0; several answers, also of a question that stands there twice, are joined by a space. What was entered
    in error is left out. Beside them stand ``fhir:id``, ``fhir:authored``, ``fhir:status``, ``fhir:questionnaire`` and
    ``fhir:language``.

    Raises
    ------
    SourceError
        When there is no response in the file.
    """
    frames: list[pl.DataFrame] = []
    records: list[dict[str, str | None]] = []
    rows: list[int] = []
    bad: list[BadLine] = []
    forms: set[str] = set()
    labels: dict[str, dict[str, str]] = {}
    status: Counter[str] = Counter()
    with path.open(encoding="utf-8-sig") as stream:
        for row, text in _documents(stream):
            try:
                document = json.loads(text)
                resources = document if isinstance(document, list) else [document]
                forms |= {form for resource in resources for form in _find_releases(resource)}
                responses = [one for resource in resources for one in _responses(resource)]
                found = [_flatten(one, labels) for one in responses if one.get("status") != _IN_ERROR]
            except (json.JSONDecodeError, TypeError, AttributeError, KeyError, StopIteration) as error:
                bad.append(
                    BadLine(row, text[:500], f"expected a FHIR QuestionnaireResponse as JSON on one line; {error}")
                )
                continue
            status.update(str(one.get("status")) for one in responses)
            records += found
            rows += [row] * len(found)
            if len(records) >= _AT_ONCE:
                frames.append(_tabulate(records))
                records = []
    if not rows:
        raise SourceError(
            f"{path.name}: no QuestionnaireResponse in it; expected one resource per line (FHIR bulk export) or a "
            "Bundle. Export the responses as NDJSON."
        )
    cells = pl.concat([*frames, _tabulate(records)], how="diagonal")
    notes = [f"{path.name}: the questionnaire in it is FHIR {form}." for form in sorted(forms)]
    if status[_IN_ERROR]:
        notes.append(f"{path.name}: {status[_IN_ERROR]} responses were {_IN_ERROR} and were left out.")
    partial = sum(status[one] for one in _PARTIAL)
    if partial:
        notes.append(
            f"{path.name}: {partial} responses in this FHIR export were not sent in to the end; what they hold counts."
        )
    numbers = pl.Series("row", rows, dtype=pl.UInt32)
    return RawTable(path.name, hash_file(path), cells, numbers, tuple(bad), tuple(notes), tool="fhir", labels=labels)


def _tabulate(records: list[dict[str, str | None]]) -> pl.DataFrame:
    columns = dict.fromkeys(name for record in records for name in record)
    return pl.DataFrame(records, schema=dict.fromkeys(columns, pl.String))


def _documents(stream: TextIO) -> Iterator[tuple[int, str]]:
    """Row and text of each JSON document: line by line where the first line is one, else the whole file if it is."""
    row, first = next(((row, line) for row, line in enumerate(stream, start=1) if line.strip()), (1, ""))
    try:
        json.loads(first)
    except json.JSONDecodeError:
        stream.seek(0)
        text = stream.read().removeprefix("\ufeff")
        try:
            json.loads(text)
        except json.JSONDecodeError:
            lines: Iterable[str] = text.split("\n")
        else:
            yield 1, text
            return
    else:
        lines = chain(repeat("", row - 1), [first], stream)
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield number, line.rstrip("\n")


def _find_releases(resource: Node) -> Iterator[str]:
    """Releases of FHIR that the type names of a questionnaire beside the answers tell."""
    if resource.get("resourceType") == "Bundle":
        for entry in resource.get("entry", []):
            yield from _find_releases(entry.get("resource", {}))
    if resource.get("resourceType") == "Questionnaire":
        for item in _all_items(resource.get("item", [])):
            kind = item.get("type")
            if kind in {"choice", "open-choice"}:
                yield "R4"
            elif kind == "coding":
                yield "R5"


def _all_items(items: list[Node]) -> Iterator[Node]:
    for item in items:
        yield item
        yield from _all_items(item.get("item", []))


def _responses(resource: Node) -> Iterator[Node]:
    match resource.get("resourceType"):
        case "QuestionnaireResponse":
            yield resource
        case "Bundle":
            for entry in resource.get("entry", []):
                yield from _responses(entry.get("resource", {}))


def _flatten(response: Node, labels: dict[str, dict[str, str]]) -> dict[str, str | None]:
    facts = {f"fhir:{key}": response.get(key) for key in ("id", "authored", "status", "questionnaire", "language")}
    answers: dict[str, list[str]] = {}
    for link_id, found in _walk(response.get("item", [])):
        texts = [_value(answer) for answer in found]
        if texts not in (answers.get(link_id), []):
            answers.setdefault(link_id, []).extend(texts)
        for answer, text in zip(found, texts, strict=True):
            display = answer["valueCoding"].get("display") if "valueCoding" in answer else None
            if display:
                labels.setdefault(link_id, {})[text] = str(display)
    return facts | {link_id: " ".join(texts) for link_id, texts in answers.items()}


def _walk(items: list[Node]) -> Iterator[tuple[str, list[Node]]]:
    for item in items:
        answers = item.get("answer", [])
        if answers:
            yield item["linkId"], answers
        yield from _walk(item.get("item", []))
        for answer in answers:
            yield from _walk(answer.get("item", []))


def _value(answer: Node) -> str:
    kind, value = next((key, value) for key, value in answer.items() if key.startswith("value"))
    if kind == "valueQuantity":
        return str(value.get("value", ""))
    if isinstance(value, dict):
        code = str(value.get("code") or value.get("value") or value.get("display") or "")
        return code if code.lstrip("-").isdigit() else _find_ordinal(value) or code
    return str(int(value)) if isinstance(value, bool) else str(value)


def _find_ordinal(coding: Node) -> str | None:
    """The number of an answer whose code is none, such as one of LOINC, where the response gives it."""
    for extension in coding.get("extension", []):
        if str(extension.get("url", "")).endswith(_ORDINALS):
            number = extension.get("valueDecimal", extension.get("valueInteger"))
            return None if number is None else f"{number:g}"
    return None
