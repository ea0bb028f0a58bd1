"""FHIR QuestionnaireResponses, one per line or as a bundle, as a table: a column per question."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import polars as pl

from pxanalysis.errors import SourceError
from pxanalysis.survey.sources.raw import BadLine, RawTable, hash_file

__all__ = ["read_fhir"]

Node = dict[str, Any]


def read_fhir(path: Path, delimiter: str | None, whole_numbers: Collection[str]) -> RawTable:
    """Read a file with QuestionnaireResponses (``.ndjson``), R4B or R5.

    A column per link id holds the answer: a coding's code, a text, a number, 1 or 0; several answers are joined by a
    space. Beside them stand ``fhir:id``, ``fhir:authored``, ``fhir:status``, ``fhir:questionnaire``, ``fhir:language``.

    Raises
    ------
    SourceError
        When there is no response in the file.
    """
    records: list[dict[str, str | None]] = []
    rows: list[int] = []
    bad: list[BadLine] = []
    for row, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found = [_flatten(response) for response in _responses(json.loads(line))]
        except (json.JSONDecodeError, TypeError, AttributeError, KeyError) as error:
            bad.append(BadLine(row, line[:500], f"expected a FHIR QuestionnaireResponse as JSON on one line; {error}"))
            continue
        records += found
        rows += [row] * len(found)
    if not records:
        raise SourceError(
            f"{path.name}: no QuestionnaireResponse in it; expected one resource per line (FHIR bulk export). Export "
            "the responses as NDJSON."
        )
    columns = list(dict.fromkeys(name for record in records for name in record))
    cells = pl.DataFrame(records, schema=dict.fromkeys(columns, pl.String))
    return RawTable(path.name, hash_file(path), cells, pl.Series("row", rows, dtype=pl.UInt32), tuple(bad))


def _responses(resource: Node) -> Iterator[Node]:
    match resource.get("resourceType"):
        case "QuestionnaireResponse":
            yield resource
        case "Bundle":
            for entry in resource.get("entry", []):
                yield from _responses(entry.get("resource", {}))


def _flatten(response: Node) -> dict[str, str | None]:
    facts = {f"fhir:{key}": response.get(key) for key in ("id", "authored", "status", "questionnaire", "language")}
    return facts | {link_id: answer for link_id, answer in _walk(response.get("item", []))}


def _walk(items: list[Node]) -> Iterator[tuple[str, str]]:
    for item in items:
        answers = item.get("answer", [])
        if answers:
            yield item["linkId"], " ".join(_value(answer) for answer in answers)
        yield from _walk(item.get("item", []))
        for answer in answers:
            yield from _walk(answer.get("item", []))


def _value(answer: Node) -> str:
    value = next(value for key, value in answer.items() if key.startswith("value"))
    if isinstance(value, dict):
        return str(value.get("code") or value.get("value") or value.get("display") or "")
    return str(int(value)) if isinstance(value, bool) else str(value)
