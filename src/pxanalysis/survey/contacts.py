"""Contact details in an export of somebody who asked to be called back: taken out of it, and emptied there."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from pxanalysis.errors import SourceError, SurveyError
from pxanalysis.survey.checking.parsing import parse_text
from pxanalysis.survey.files import write_atomically, write_parquet
from pxanalysis.survey.sources.read import RawTable, read_source
from pxanalysis.survey.words import YES_OR_NO, fold_text

__all__ = ["ContactColumns", "ContactDetails", "FoundContacts", "drop_contacts", "find_contacts", "scrub_contacts"]

_TEXT = {".csv", ".tsv", ".txt"}


@dataclass(frozen=True, slots=True)
class ContactColumns:
    """Names of an export's columns: how somebody is reached, the wish to be, what it is about, the response id."""

    contact: Sequence[str]
    consent: str
    request: str | None
    response_id: str

    @property
    def named(self) -> tuple[str, ...]:
        """Those that are kept apart from answers."""
        return tuple(name for name in (*self.contact, self.consent, self.request) if name is not None)


@dataclass(frozen=True, slots=True)
class ContactDetails:
    """How one person is reached, and about what; the contact by the name of its column."""

    response_id: str
    contact: Mapping[str, str]
    request: str


@dataclass(frozen=True, slots=True)
class FoundContacts:
    """What an export holds.

    Attributes
    ----------
    wanted
        Of those who asked to be called back and can be reached.
    without_consent
        How many left a contact and did not say that it may be used.
    unreachable
        How many asked to be called back and left nothing to reach them by.
    """

    wanted: tuple[ContactDetails, ...]
    without_consent: int
    unreachable: int


def drop_contacts(raw: RawTable, named: Collection[str]) -> RawTable:
    """The table of an export without its contact columns, and without lines in which they cannot be told apart.

    Raises
    ------
    SurveyError
        When a line cannot be split: what is a contact in it is not known.
    """
    present = [name for name in named if name in raw.cells.columns]
    if not present:
        return raw
    if raw.bad_lines:
        bad = raw.bad_lines[0]
        raise SurveyError(
            f"{raw.name}, row {bad.row}: {bad.reason}, so the contact in it (column '{present[0]}') cannot be kept "
            "apart from the answers. Correct the row in the export, or take it out."
        )
    return replace(raw, cells=raw.cells.drop(present), bad_lines=())


def find_contacts(
    path: Path, columns: ContactColumns, *, delimiter: str | None = None, encoding: str | None = None
) -> FoundContacts | None:
    """Find who asked to be called back; None when the export has no such columns, or nothing stands in them.

    Raises
    ------
    SurveyError
        When a column is not there, or there are no response ids, without which nobody could be forgotten.
    """
    cells = read_source(path, delimiter=delimiter, encoding=encoding).cells
    present = [name for name in columns.named if name in cells.columns]
    if not present:
        return None
    table = cells.select(parse_text(cells[name]).fill_null("").alias(name) for name in present)
    if not any((table[name] != "").any() for name in present):
        return None
    absent = [name for name in (*columns.named, columns.response_id) if name not in cells.columns]
    if absent:
        raise SurveyError(
            f"{path.name}: there is no column '{absent[0]}', which contacts need (study.toml, [contact]; response ids "
            f"so that somebody can be forgotten). The file has: {', '.join(cells.columns)}. Correct the name, or "
            "export it with that column."
        )
    ids = parse_text(cells[columns.response_id]).fill_null("")
    wanted, without, unreachable = [], 0, 0
    for response_id, row in zip(ids, table.iter_rows(named=True), strict=True):
        contact = {name: row[name] for name in columns.contact if row[name]}
        if not _is_yes(row[columns.consent]):
            without += bool(contact)
        elif not contact or not response_id:
            unreachable += 1
        else:
            wanted.append(ContactDetails(response_id, contact, row[columns.request] if columns.request else ""))
    return FoundContacts(tuple(wanted), without, unreachable)


def _is_yes(text: str) -> bool:
    """Whether a cell says yes; a word that is not known is no consent."""
    return text.strip() in {"1", "1.0"} or YES_OR_NO.get(fold_text(text), 0.0) == 1.0


def scrub_contacts(path: Path, named: Collection[str], delimiter: str | None = None) -> int:
    """Empty the contact columns of an export; how many records had something in them.

    Of text, records without a contact keep every byte.

    Raises
    ------
    SourceError
        When the file is of a kind that is not rewritten; the message says what to do.
    """
    kind = path.suffix.lower()
    if kind == ".parquet":
        return _scrub_parquet(path, named)
    data = path.read_bytes() if kind in _TEXT else b""
    if kind not in _TEXT or b"\x00" in data:
        what = "UTF-16 text is" if kind in _TEXT else f"files ending in '{path.suffix}' are"
        raise SourceError(
            f"{path.name}: {what} not rewritten, so contacts would stay beside answers. Export the answers as CSV "
            "UTF-8 or Parquet, or without these columns."
        )
    text = data.decode("latin-1")  # each byte a letter: what is kept is written back byte by byte
    lines = text.splitlines(keepends=True) if "\n" not in text else [one + "\n" for one in text.split("\n")]
    lines[-1] = lines[-1].removesuffix("\n") if "\n" in text else lines[-1]
    separator = delimiter or max(",;\t|", key=lines[0].count)
    names = {name.encode().decode("latin-1") for name in named}
    kept, places, scrubbed, before = [], None, 0, 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    for record in reader:
        source = "".join(lines[before : reader.line_num])
        before = reader.line_num
        if places is None:
            found = [cell.strip().removeprefix("ï»¿") for cell in record]
            places = [i for i, name in enumerate(found) if name in names]
        elif any(i < len(record) and record[i] for i in places):
            scrubbed += 1
            source = _written(["" if i in places else cell for i, cell in enumerate(record)], separator, source)
        kept.append(source)
    if scrubbed:
        write_atomically(path, "".join(kept).encode("latin-1"))
    return scrubbed


def _written(record: Sequence[str], separator: str, source: str) -> str:
    ending = "\r\n" if source.endswith("\r\n") else "\n" if source.endswith("\n") else ""
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=separator, lineterminator=ending).writerow(record)
    return stream.getvalue()


def _scrub_parquet(path: Path, named: Collection[str]) -> int:
    table = pl.read_parquet(path, glob=False)
    present = [name for name in named if name in table.columns]
    filled = table.select(pl.any_horizontal(pl.col(name).is_not_null() for name in present)).to_series()
    if filled.any():
        write_parquet(table.with_columns(pl.lit(None).cast(table[name].dtype).alias(name) for name in present), path)
    return int(filled.sum())
