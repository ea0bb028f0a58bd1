"""Contact details in an export of somebody who asked to be called back: found, and taken out of its answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from pxanalysis.errors import SurveyError
from pxanalysis.survey.checking.parsing import parse_text
from pxanalysis.survey.sources.read import RawTable, read_source
from pxanalysis.survey.words import YES_OR_NO, fold_text

__all__ = ["ContactColumns", "ContactDetails", "ContactSearch", "FoundContacts", "drop_contacts", "search_contacts"]


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


class ContactSearch:
    """A search for who asked to be called back, in an export that is gone through part by part.

    Attributes
    ----------
    known
        Practice and day of those whose row was accepted, by response id.
    """

    def __init__(self, file: str, columns: ContactColumns) -> None:
        self._file, self._named = file, columns
        self._columns: list[str] = []
        self._filled = False
        self._wanted: list[ContactDetails] = []
        self._ids = pl.Series(dtype=pl.String)
        self._without = self._unreachable = 0
        self.known: dict[str, tuple[str, date | None]] = {}

    @property
    def _absent(self) -> list[str]:
        return [name for name in (*self._named.named, self._named.response_id) if name not in self._columns]

    def add(self, cells: pl.DataFrame) -> None:
        """Look through the next rows, as the export has them."""
        self._columns, columns = cells.columns, self._named
        present = [name for name in columns.named if name in self._columns]
        table = cells.select(parse_text(cells[name]).fill_null("").alias(name) for name in present)
        self._filled = self._filled or any(bool((table[name] != "").any()) for name in present)
        if self._absent:
            return
        agreed = table[columns.consent].is_in([word for word in table[columns.consent].unique() if _is_yes(word)])
        left = table.select(pl.any_horizontal(pl.col(name) != "" for name in columns.contact)).to_series()
        ids = parse_text(cells[columns.response_id]).fill_null("")
        wanted = agreed & left & (ids != "")
        self._without += int((left & ~agreed).sum())
        self._unreachable += int((agreed & ~wanted).sum())
        for response_id, row in zip(ids.filter(wanted), table.filter(wanted).iter_rows(named=True), strict=True):
            contact = {name: row[name] for name in columns.contact if row[name]}
            request = row[columns.request] if columns.request else ""
            self._wanted.append(ContactDetails(response_id, contact, request))

    def find_known(self, accepted: pl.DataFrame) -> None:
        """Look for those who ask among accepted rows."""
        if len(self._ids) != len(self._wanted):
            self._ids = pl.Series([one.response_id for one in self._wanted], dtype=pl.String)
        rows = accepted.filter(pl.col("response_id").is_in(self._ids.implode()))
        for response_id, practice_id, day in rows.select("response_id", "practice_id", "completed_on").iter_rows():
            self.known[str(response_id)] = (str(practice_id), day)

    def found(self) -> FoundContacts | None:
        """What the export holds; None when it has no such columns, or nothing stands in them.

        Raises
        ------
        SurveyError
            When a column is not there, or there are no response ids, without which nobody could be forgotten.
        """
        if not self._filled:
            return None
        if self._absent:
            raise SurveyError(
                f"{self._file}: there is no column '{self._absent[0]}', which contacts need (study.toml, [contact]; "
                f"response ids so that somebody can be forgotten). The file has: {', '.join(self._columns)}. Correct "
                "the name, or export it with that column."
            )
        return FoundContacts(tuple(self._wanted), self._without, self._unreachable)


def search_contacts(
    path: Path, columns: ContactColumns, *, delimiter: str | None = None, encoding: str | None = None
) -> ContactSearch:
    """Look through an export that is held."""
    search = ContactSearch(path.name, columns)
    search.add(read_source(path, delimiter=delimiter, encoding=encoding).cells)
    return search


def _is_yes(text: str) -> bool:
    """Whether a cell says yes; a word that is not known is no consent."""
    return text.strip() in {"1", "1.0"} or YES_OR_NO.get(fold_text(text), 0.0) == 1.0
