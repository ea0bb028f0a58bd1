"""What kind of file something is, by its content: its name may say anything."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Literal

__all__ = ["Kind", "describe_other", "detect_kind", "is_expected_to_hold_answers"]

Kind = Literal["text", "parquet", "workbook", "spss", "stata", "fhir", "other"]

_START = 4096
_LONGEST_LIST = 1_000_000
"""Bytes of a workbook's list of sheets that are looked at."""
_MARKUP = (b"<?xml", b"<!DOCTYPE", b"<html", b"<?php")
_ARCHIVE = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")

_TEXT_NAMES = frozenset({".csv", ".tsv", ".txt", ".tab", ".dat"})
"""Endings of texts that are read whatever is in them, so that what is wrong is said line by line."""

_ANSWER_NAMES = _TEXT_NAMES | {
    ".parquet",
    ".xlsx",
    ".xlsm",
    ".xls",
    ".xlsb",
    ".ods",
    ".sav",
    ".zsav",
    ".dta",
    ".ndjson",
}
"""Endings that say a file holds answers: where its content says otherwise, somebody should know."""

_XLSFORM = "a questionnaire (XLSForm); export the submissions from KoboToolbox or ODK Central beside it"

_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document; answers on paper are typed into a spreadsheet first"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a gzip archive; unpack it"),
    (b"7z\xbc\xaf", "a 7-Zip archive; unpack it"),
    (b"Rar!", "a RAR archive; unpack it"),
    (
        b"SQLite format 3\0",
        'an SQLite database; name it in study.toml: [sql.answers] url = "sqlite:///data/raw/...", query = "SELECT ..."',
    ),
    (b"RDX3", "an R workspace; write the frame as CSV or Parquet"),
    (b"\0" * 12 + b"\xc2\xea\x81\x60", "a SAS file; export it as CSV or SPSS"),
)
"""First bytes of files that hold no answers as they are, and what to do."""


def detect_kind(path: Path) -> Kind:
    """Kind of a file by its first bytes; an archive by what is in it."""
    with path.open("rb") as handle:
        start = handle.read(_START)
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith((b"$FL2", b"$FL3")):
        return "spss"
    if start.startswith(b"<stata_dta>") or (start[:1] in {b"q", b"r", b"s"} and start[1:3] in {b"\1\1", b"\2\1"}):
        return "stata"
    if start.startswith(_ARCHIVE):
        return "workbook" if _is_workbook(path) and not _is_xlsform(path) else "other"
    if start.startswith(_OLE):
        return "workbook"
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith((b"{", b"[{", b"[\n", b"[ ", b"[\r")):
        return "fhir" if path.suffix == ".ndjson" or b"QuestionnaireResponse" in path.read_bytes() else "other"
    if any(start.startswith(mark) for mark, _ in _OTHERS) or text.startswith(_MARKUP):
        return "other"
    if start.startswith(_UTF16):
        return "text"
    if _seems_binary(start) or _companion(text) or not (path.suffix.lower() in _TEXT_NAMES or _seems_table(text)):
        return "other"
    return "text"


def is_expected_to_hold_answers(path: Path) -> bool:
    """Whether a file can be read, or its name says that it should be; not so what describes a questionnaire."""
    if detect_kind(path) != "other":
        return True
    if path.suffix.lower() not in _ANSWER_NAMES:
        return False
    with path.open("rb") as handle:
        start = handle.read(_START)
    return not _companion(start.removeprefix(b"\xef\xbb\xbf").lstrip()) and not _is_xlsform(path)


def describe_other(path: Path) -> str:
    """What a file that holds no answers seems to be, and what to do with it."""
    with path.open("rb") as handle:
        start = handle.read(_START)
    for mark, words in _OTHERS:
        if start.startswith(mark):
            return words
    if start.startswith(_ARCHIVE):
        return _describe_archive(path)
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if b"<LimeSurveyDocType>" in text:
        return "the structure of a LimeSurvey survey (.lss); export its responses as CSV beside it"
    if b"SurveyEntry" in text or b"SurveyElements" in text:
        return "the structure of a Qualtrics survey (.qsf); export its responses as CSV beside it"
    if b"<ODM" in text:
        return "a REDCap project (XML); export its records as CSV"
    if _companion(text):
        return _companion(text)
    if text.startswith((b"{", b"[")):
        what = "a FHIR questionnaire" if b'"Questionnaire"' in text else "JSON that is no FHIR QuestionnaireResponse"
        return f"{what}; export the responses as NDJSON or CSV"
    if text.startswith((b"<!DOCTYPE", b"<html")):
        return "a web page; was the export downloaded without being signed in?"
    if text.startswith(b"<?xml"):
        return "an XML file that is not known; export the answers as CSV (UTF-8)"
    if not _seems_binary(start):
        return "a text without columns; a file with answers has names separated by a comma, semicolon or tab"
    return "a file of a kind that is not known; export the answers as CSV (UTF-8), Excel, SPSS or Parquet"


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            return bool(names & {"xl/workbook.xml", "xl/workbook.bin"}) or {"content.xml", "mimetype"} <= names
    except zipfile.BadZipFile:
        return path.suffix.lower() in {".xlsx", ".xlsb", ".ods"}  # a workbook that was cut off says so when it is read


def _is_xlsform(path: Path) -> bool:
    """Whether a workbook has the sheets of an XLSForm."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open("xl/workbook.xml") as handle:
            sheets = handle.read(_LONGEST_LIST)  # no more, whatever it unpacks to
    except (zipfile.BadZipFile, KeyError):
        return False
    return b'name="survey"' in sheets and b'name="choices"' in sheets


def _describe_archive(path: Path) -> str:
    if _is_xlsform(path):
        return _XLSFORM
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return "a zip archive that is damaged or cut off; copy or download it again"
    if "word/document.xml" in names:
        return "a Word document; put the answers into a spreadsheet"
    if any(name.endswith(".lss") for name in names):
        return "an archive of a LimeSurvey survey (.lsa); export its responses as CSV"
    return f"a zip archive ({', '.join(names[:3])}); unpack it"


def _companion(text: bytes) -> str:
    """What a table is that describes a questionnaire and holds no answers; empty for any other."""
    first = text.split(b"\n", 1)[0].replace(b'"', b"").rstrip(b"\r")
    if first.startswith((b"Variable / Field Name", b"field_name,form_name,section_header")):
        return "the data dictionary of a REDCap project; export its records as CSV beside it"
    names = first.split(b"\t")
    if b"type/scale" in names and b"class" in names:
        return "the structure of a LimeSurvey survey (tab-separated); export its responses as CSV beside it"
    return ""


def _seems_table(text: bytes) -> bool:
    """Whether the first lines have as many separators, two or more: what a text is whose name says nothing."""
    lines = [line for line in text.split(b"\n")[:3] if line.strip()][:2]
    return len(lines) == 2 and any(
        lines[0].count(mark) == lines[1].count(mark) >= 2 for mark in (b",", b";", b"\t", b"|")
    )


def _seems_binary(start: bytes) -> bool:
    """Whether control bytes stand in it that text does not have; NUL alone is told apart where text is read."""
    odd = sum(byte < 9 or 13 < byte < 32 for byte in start if byte)
    return odd > len(start) // 20
