"""Wordings of questions and answers from the questionnaire's own file beside an export.

Known are a LimeSurvey structure (.lss, or tab-separated .txt), a Qualtrics survey (.qsf), a REDCap data dictionary, an
XLSForm (Kobo, ODK) and a FHIR Questionnaire. They tell what a code means; a damaged one is said, and takes nothing from
the answers.
"""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import takewhile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from pxanalysis.errors import SourceError
from pxanalysis.survey.sources.kinds import describe_other, detect_kind
from pxanalysis.survey.sources.raw import RawTable
from pxanalysis.survey.sources.workbook import open_workbook

__all__ = ["Wordings", "add_labels", "add_wordings", "read_wordings"]

_LARGEST = 50_000_000
"""Bytes of the largest questionnaire that is looked into."""
_FEWEST, _SHARE = 2, 0.2
"""Columns, and share of them, that a questionnaire has to know to be that of an export."""
_YES_NO = {"1": "Yes", "0": "No"}
_REDCAP_NAME, _REDCAP_CHOICES = "Variable / Field Name", "Choices, Calculations, OR Slider Labels"

_REDCAP_API = {
    "field_name": _REDCAP_NAME,
    "field_type": "Field Type",
    "field_label": "Field Label",
    "select_choices_or_calculations": _REDCAP_CHOICES,
}
"""Columns of a dictionary as the API gives it, and as it is called in one that was downloaded."""


@dataclass(frozen=True, slots=True)
class Wordings:
    """What a questionnaire says of the columns of its export.

    Attributes
    ----------
    texts
        Column to the question; a row of a matrix as ``question [row]``.
    labels
        Column to the words of its codes.
    """

    texts: dict[str, str] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, columns: tuple[str, ...], text: str, labels: Mapping[str, str]) -> None:
        """Note one question under every name that its column may have."""
        for column in columns:
            self.texts[column] = text
            if labels:
                self.labels[column] = dict(labels)


def add_wordings(raw: RawTable, folder: Path) -> RawTable:
    """Add the wordings of the questionnaire in the same folder that knows most of an export's columns.

    What the export itself says goes before. A questionnaire that cannot be read is named in a note.
    """
    best, name, notes = Wordings(), "", []
    codes = _codes(raw)
    known = set(codes.values())
    questionnaires = _list_questionnaires(folder)
    # of two that know as many columns, the one that is called like the export
    alike = sorted(questionnaires, key=lambda path: (-_count_alike(path.name, raw.name), path.name))
    for path in alike:
        found, damage = questionnaires[path]
        if damage:
            notes.append(f"{path.name}: this questionnaire is damaged ({damage:.120}), so its wordings are not used.")
        if found is not None and len(known & found.texts.keys()) > len(known & best.texts.keys()):
            best, name = found, path.name
    matched = len(known & best.texts.keys())
    if matched < max(_FEWEST, _SHARE * len(known)):
        return replace(raw, notes=(*raw.notes, *notes))
    texts = {column: best.texts[code] for column, code in codes.items() if code in best.texts}
    labels = {column: best.labels[code] for column, code in codes.items() if code in best.labels}
    notes.append(f"{raw.name}: {matched} of its columns have their wording from {name}.")
    return replace(raw, texts={**texts, **raw.texts}, labels={**labels, **raw.labels}, notes=(*raw.notes, *notes))


def _list_questionnaires(folder: Path) -> dict[Path, tuple[Wordings | None, str]]:
    """Files of a folder that are a questionnaire's: what each says, or how it is damaged."""
    found = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file():
                try:
                    facts = entry.stat()
                except FileNotFoundError:  # gone since the folder was listed
                    continue
                one = _look_into(Path(entry.path), facts.st_mtime_ns, facts.st_size)
                if one != (None, ""):
                    found[Path(entry.path)] = one
    return found


@lru_cache(maxsize=10_000)
def _look_into(path: Path, changed: int, size: int) -> tuple[Wordings | None, str]:
    """A file is looked into once, until it changes: a folder may hold thousands of exports."""
    try:
        return read_wordings(path), ""
    except OSError:  # nobody knows what it is; as an export it is named where it cannot be read
        return None, ""
    except (ValueError, KeyError, TypeError, AttributeError, SourceError, csv.Error) as error:
        return None, " ".join(str(error).split())


def add_labels(raw: RawTable, folder: Path) -> RawTable:
    """Add the words of codes that the questionnaire in the same folder tells, and say where they are from."""
    return replace(add_wordings(raw, folder), texts=raw.texts)


def _count_alike(one: str, other: str) -> int:
    """Letters with which two names begin alike."""
    pairs = zip(one.casefold(), other.casefold(), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _codes(raw: RawTable) -> dict[str, str]:
    """Column to the code in its heading: all of it, what stands before a full stop, or behind a group of Kobo."""
    if raw.tool == "kobo":
        return {column: re.split(r"[/-]", column)[-1] for column in raw.cells.columns}
    return {column: column.split(". ", 1)[0] for column in raw.cells.columns}


def read_wordings(path: Path) -> Wordings | None:
    """Wordings in a questionnaire's file; None for a file of another kind.

    Raises
    ------
    ValueError
        When it is damaged.
    """
    if not path.is_file() or path.stat().st_size > _LARGEST or detect_kind(path) != "other":
        return None
    with path.open("rb") as handle:
        start = handle.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    for mark, reader in _READERS.items():
        if mark in start:
            return reader(path)
    return None


def _read_limesurvey(path: Path) -> Wordings:
    data = path.read_bytes()
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:  # entities that unfold into gigabytes; LimeSurvey writes none
        raise ValueError("it declares entities of its own")
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from error
    language = root.findtext("./languages/language") or ""
    texts = {row["qid"]: row["question"] for row in _rows(root, "question_l10ns", language)}
    questions = [*_rows(root, "questions", language), *_rows(root, "subquestions", language)]
    texts = {row["qid"]: row.get("question", "") for row in questions} | texts
    words = {row["aid"]: row["answer"] for row in _rows(root, "answer_l10ns", language)}
    labels: dict[str, dict[str, str]] = {}
    for row in _rows(root, "answers", language):
        labels.setdefault(row["qid"], {})[row["code"]] = words.get(row.get("aid", ""), row.get("answer", ""))
    codes = {row["qid"]: row["title"] for row in questions}
    found = Wordings()
    for row in questions:
        parent, code, text = row.get("parent_qid", "0"), row["title"], texts.get(row["qid"], "")
        if parent in codes:
            above = codes[parent]
            columns = (f"{above}[{code}]", f"{above}_{code}")
            found.add(columns, f"{texts.get(parent, '')} [{text}]", labels.get(parent, {}))
        else:
            found.add((code,), text, labels.get(row["qid"], {}))
    return found


def _rows(root: ElementTree.Element, table: str, language: str) -> Iterator[dict[str, str]]:
    """Rows of a table in the survey's base language; a row without a language is of all."""
    for row in root.findall(f"./{table}/rows/row"):
        cells = {cell.tag: cell.text or "" for cell in row}
        if cells.get("language", language) in {language, ""} or not language:
            yield cells


def _read_limesurvey_text(path: Path) -> Wordings:
    """Rows of classes in the survey's base language: a question (Q), and below it its rows (SQ) and answers (A)."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    base = next((row["text"] for row in rows if (row["class"], row["name"]) == ("S", "language")), "")
    own = [row for row in rows if not base or (row.get("language") or base) == base]
    found, place = Wordings(), 0
    while place < len(own):
        question, below = own[place], []
        place += 1
        if question["class"] != "Q":
            continue
        while place < len(own) and own[place]["class"] in {"SQ", "A"}:
            below.append(own[place])
            place += 1
        code, text = question["name"], question.get("text") or ""
        labels = {row["name"]: row.get("text") or "" for row in below if row["class"] == "A"}
        parts = [row for row in below if row["class"] == "SQ"]
        for row in parts:
            columns = (f"{code}[{row['name']}]", f"{code}_{row['name']}")
            found.add(columns, f"{text} [{row.get('text') or ''}]", labels)
        if not parts:
            found.add((code,), text, labels)
    return found


def _read_qualtrics(path: Path) -> Wordings:
    survey = json.loads(path.read_text(encoding="utf-8-sig"))
    found = Wordings()
    for element in survey["SurveyElements"]:
        question = element.get("Payload")
        if element.get("Element") != "SQ" or not isinstance(question, dict) or "DataExportTag" not in question:
            continue
        tag, text = str(question["DataExportTag"]), str(question.get("QuestionText", ""))
        choices, recode = _choices(question.get("Choices")), question.get("RecodeValues") or {}
        words = _choices(question.get("Answers")) if question.get("QuestionType") == "Matrix" else choices
        labels = {str(recode.get(id_, id_)): word for id_, word in words.items()}
        single = question.get("QuestionType") == "MC" and not str(question.get("Selector", "")).startswith("MA")
        found.add((tag,), text, labels if single else {})
        found.add((f"{tag}_TEXT",), text, {})
        for id_, row in () if single else choices.items():  # rows of a matrix, sliders, boxes to tick
            is_matrix = question.get("QuestionType") == "Matrix"
            found.add((f"{tag}_{id_}",), f"{text} [{row}]", labels if is_matrix else {})
    return found


def _choices(choices: Any) -> dict[str, str]:
    """Id to words: a mapping, or a list (of a question from 0 to 10), or nothing."""
    pairs = choices.items() if isinstance(choices, dict) else enumerate(choices or [])
    return {str(id_): str(one.get("Display", "")) if isinstance(one, dict) else str(one) for id_, one in pairs}


def _read_redcap(path: Path) -> Wordings:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    found = Wordings()
    for given in rows:
        row = {_REDCAP_API.get(column, column): cell for column, cell in given.items()}
        name, kind, text = row[_REDCAP_NAME], row.get("Field Type") or "", row.get("Field Label") or ""
        labels = dict(_pairs(row.get(_REDCAP_CHOICES) or "")) if kind in {"radio", "dropdown", "checkbox"} else {}
        labels = _YES_NO if kind in {"yesno", "truefalse"} else labels
        if kind == "checkbox":
            for code, word in labels.items():
                ticked = re.sub(r"[^a-z0-9]", "_", code.casefold())
                found.add((f"{name}___{ticked}",), f"{text} [{word}]", {"1": "Checked", "0": "Unchecked"})
        else:
            found.add((name,), text, labels)
    return found


def _pairs(choices: str) -> Iterator[tuple[str, str]]:
    """Code and words of ``1, Agree | 2, Disagree``."""
    for one in choices.split("|"):
        code, comma, word = one.partition(",")
        if comma:
            yield code.strip(), word.strip()


def _read_xlsform(path: Path) -> Wordings:
    found = Wordings()
    if not describe_other(path).startswith("a questionnaire (XLSForm)"):
        return found
    book = open_workbook(path)
    lists: dict[str, dict[str, str]] = {}
    for row in _records(book.get_sheet_by_name("choices").to_python()):
        lists.setdefault(row.get("list_name") or row.get("list name", ""), {})[row.get("name", "")] = row.get(
            "label", ""
        )
    for row in _records(book.get_sheet_by_name("survey").to_python()):
        kind, _, chosen = row.get("type", "").partition(" ")
        if row.get("name") and row.get("label"):
            single = kind == "select_one"
            found.add((row["name"],), row["label"], lists.get(chosen.split(" ")[0], {}) if single else {})
    return found


def _records(rows: list[list[Any]]) -> Iterator[dict[str, str]]:
    """Rows of a sheet by the heading of their cells; ``label`` is the first column of labels, in whatever language."""
    if not rows:
        return
    heads = [str(cell).strip().casefold() for cell in rows[0]]
    label = next((place for place, head in enumerate(heads) if head.split(":")[0] == "label"), None)
    for row in rows[1:]:
        cells = [str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell) for cell in row]
        record = dict(zip(heads, cells, strict=False))
        yield record if label is None else record | {"label": cells[label]}


def _read_fhir(path: Path) -> Wordings:
    document, found = json.loads(path.read_text(encoding="utf-8-sig")), Wordings()
    if document.get("resourceType") == "Questionnaire":
        _add_items(document.get("item", []), found)
    return found


def _add_items(items: list[dict[str, Any]], found: Wordings) -> None:
    for item in items:
        options = [option.get("valueCoding", {}) for option in item.get("answerOption", [])]
        labels = {str(one["code"]): str(one.get("display", one["code"])) for one in options if "code" in one}
        found.add((str(item["linkId"]),), str(item.get("text", "")), labels)
        _add_items(item.get("item", []), found)


_READERS: dict[bytes, Callable[[Path], Wordings]] = {
    b"<LimeSurveyDocType>": _read_limesurvey,
    b"\ttype/scale\t": _read_limesurvey_text,
    b"SurveyEntry": _read_qualtrics,
    b"SurveyElements": _read_qualtrics,
    _REDCAP_NAME.encode(): _read_redcap,
    b"field_name,form_name,section_header": _read_redcap,
    b"PK\x03\x04": _read_xlsform,
    b'"Questionnaire"': _read_fhir,
}
"""What stands at the start of each, and how it is read."""
