"""Rows of a sheet become observations, or are refused with what was expected; texts are masked on the way."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from pxanalysis.errors import PrivacyError, SurveyError
from pxanalysis.journey.experience_map.cells import READERS, Refused, known_ids, read_choice
from pxanalysis.journey.experience_map.language import guess_language
from pxanalysis.journey.experience_map.observation import LONGEST, OBSERVATION_COLUMNS, TEXTS, Observation

if TYPE_CHECKING:
    from pxanalysis.journey.model import Journey

__all__ = ["Checked", "RawRow", "Rejected", "TextRule", "check_headings", "check_rows"]

_ALIASES = {
    "contactmoment": "touchpoint", "rol": "role", "bron": "source", "datum": "date", "gevoel": "feels",
    "doet": "does", "denkt": "thinks", "positief": "positive", "citaat": "quote", "idee": "idea",
    "moeite": "effort", "inspanning": "effort", "kosten": "cost", "stemmen": "votes", "taal": "language",
}  # fmt: skip
_TYING = frozenset({
    "response_id", "token", "practice_id", "name", "naam", "patient", "patientnummer", "bsn", "email", "e-mail",
    "telefoon", "phone", "birthdate", "geboortedatum", "respnr", "respondent",
})  # fmt: skip
"""Columns that say who somebody is, or whose answer an observation is beside."""
MANY = 100
"""So many observations on one touchpoint that somebody should hear of it."""

TextRule = Callable[[str], tuple[str, str]]
"""Masks a text: returns it masked, and why it may not be shown at all ("" when it may)."""


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as it stands in a file: where it stands (``row 4``), and its cells by heading."""

    place: str
    cells: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rejected:
    """What was refused: where, which column, what stood there (masked), why, and whether the row went with it."""

    place: str
    column: str
    value: str
    reason: str
    action: str


@dataclass(slots=True)
class Checked:
    """What came of the rows of a file.

    Attributes
    ----------
    masked
        Number of texts in which something was masked, by column.
    notes
        What somebody should know of the file as a whole.
    """

    observations: list[Observation] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    masked: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


def check_headings(file: str, names: Sequence[str]) -> dict[str, str]:
    """Return by heading which column it is.

    Raises
    ------
    PrivacyError
        When a column says who somebody is or ties an observation to an answer.
    SurveyError
        When a column is not known, stands twice, or ``touchpoint`` or ``source`` is not there.
    """
    found: dict[str, str] = {}
    for name in names:
        plain = name.strip().casefold()
        column = _ALIASES.get(plain, plain)
        if column in _TYING:
            raise PrivacyError(
                f"{file}: column '{name}' tells whose observation it is, or ties it to an answer. Observations are "
                "kept without; take the column out."
            )
        if column not in OBSERVATION_COLUMNS:
            near = difflib.get_close_matches(plain, [*OBSERVATION_COLUMNS, *_ALIASES], n=1, cutoff=0.6)
            hint = f" Did you mean '{_ALIASES.get(near[0], near[0])}'?" if near else ""
            raise SurveyError(
                f"{file}: column '{name}' is not known.{hint} Known are: {', '.join(OBSERVATION_COLUMNS)}."
            )
        if column in found.values():
            raise SurveyError(f"{file}: column '{column}' stands there twice. Keep one.")
        found[name] = column
    for needed in ("touchpoint", "source"):
        if needed not in found.values():
            raise SurveyError(
                f"{file}: there is no column '{needed}'; found: {', '.join(names) or 'none'}. Start from "
                "'pxanalysis journeys observations JOURNEY --xlsx'."
            )
    return found


def check_rows(rows: Sequence[RawRow], journey: Journey, rule: TextRule) -> Checked:
    """Read rows one by one; one that is bad stops no other.

    Parameters
    ----------
    rule
        How a text is masked.
    """
    reader = _Reader(journey, rule)
    for row in rows:
        reader.read(row)
    reader.note_languages()
    reader.note_many()
    return reader.done


class _Reader:
    """Reads rows of one file, and remembers what it has seen."""

    def __init__(self, journey: Journey, rule: TextRule) -> None:
        self.done = Checked()
        self._journey, self._rule = journey, rule
        self._known = {kind: known_ids(journey, kind) for kind in ("touchpoint", "role")}
        self._seen: dict[str, str] = {}
        self._places: dict[str, list[str]] = {}

    def read(self, row: RawRow) -> None:
        """Keep one row, or say why not."""
        for name, value in row.cells.items():
            if not _is_plain(value):
                reason = f"{name}: expected one text or number, or a text by language (nl: ...), found something else."
                self._refuse(row.place, name, type(value).__name__, reason, whole=True)
                return
        cells = {name: value for name, value in row.cells.items() if value is not None and str(value).strip() != ""}
        if not cells:
            return
        values = self._values(row.place, cells)
        if values is None:
            return
        language = values.pop("language", "")
        texts = self._texts(row.place, cells, language)
        if not texts and "feels" not in values:
            self._refuse(row.place, "", "", "nothing was observed: no feeling and no text. Fill one in.", whole=True)
            return
        if texts and self._is_repeated(row.place, values, texts):
            return
        self.done.observations.append(Observation(**values, texts=texts))

    def _refuse(self, place: str, column: str, value: Any, reason: str, *, whole: bool) -> None:
        shown = self._rule(str(value))[0][:80]
        self.done.rejected.append(Rejected(place, column, shown, reason, "row left out" if whole else "cell left out"))

    def _values(self, place: str, cells: Mapping[str, Any]) -> dict[str, Any] | None:
        """What is not text; None where the row cannot be used."""
        values: dict[str, Any] = {}
        for column in ("touchpoint", "role", *READERS):
            if column not in cells:
                continue
            try:
                values[column] = self._value(column, cells[column])
            except Refused as error:
                self._refuse(place, column, cells[column], f"{column}: {error}", whole=column not in _OF_AN_IDEA)
                if column not in _OF_AN_IDEA:
                    return None
        for needed in ("touchpoint", "source"):
            if needed not in values:
                self._refuse(place, needed, "", f"{needed}: empty; every observation needs one.", whole=True)
                return None
        return values

    def _value(self, column: str, cell: Any) -> Any:
        if column in self._known:
            return read_choice(str(cell), self._known[column], self._journey.id)
        return READERS[column](cell)

    def _texts(self, place: str, cells: Mapping[str, Any], language: str) -> dict[str, dict[str, str]]:
        """The texts of a row, masked, each by language."""
        given = {kind: cells[kind] for kind in TEXTS if kind in cells}
        plain = " ".join(str(text) for text in given.values() if not isinstance(text, Mapping))
        spoken = language or guess_language(plain) or self._journey.languages[0]
        if plain.strip():
            self._places.setdefault(spoken, []).append(place)
        texts: dict[str, dict[str, str]] = {}
        for kind, text in given.items():
            words = text if isinstance(text, Mapping) else {spoken: text}
            masked = {str(name): self._mask(place, kind, str(one)) for name, one in words.items()}
            kept = {name: one for name, one in masked.items() if one}
            if kept:
                texts[kind] = kept
        return texts

    def _mask(self, place: str, kind: str, text: str) -> str:
        """The text as it may be shown; "" where it may not."""
        masked, reason = self._rule(text)
        if reason:
            self._refuse(place, kind, "(not shown)", f"{kind}: {reason}", whole=False)
            return ""
        self.done.masked[kind] += " ".join(text.split()) != masked
        if len(masked) > LONGEST:
            cut = masked[:LONGEST].rsplit(" ", 1)[0] + " …"
            self._refuse(
                place, kind, masked, f"{kind}: {len(masked)} characters; the first {LONGEST} are kept.", whole=False
            )
            return cut
        return masked

    def _is_repeated(self, place: str, values: Mapping[str, Any], texts: Mapping[str, Any]) -> bool:
        key = repr((sorted(values.items(), key=str), sorted(texts.items(), key=str)))
        first = self._seen.setdefault(key, place)
        if first != place:
            self._refuse(place, "", "", f"the same as {first}, word for word; counted once.", whole=True)
        return first != place

    def note_languages(self) -> None:
        """Say which rows are in another language than most, and which languages the journey lacks."""
        if len(self._places) > 1:
            usual = max(self._places, key=lambda name: len(self._places[name]))
            others = [
                f"{len(places)} in '{name}' ({_first(places)})"
                for name, places in self._places.items()
                if name != usual
            ]
            self.done.notes.append(
                f"two languages are mixed: {len(self._places[usual])} rows in '{usual}', {', '.join(others)}. A map "
                "shows the texts of its own language first. Where a row was taken wrongly, add a column 'language'."
            )

    def note_many(self) -> None:
        """Say where one touchpoint has so many observations that the others hardly show."""
        counts = Counter(one.touchpoint for one in self.done.observations)
        for name, count in counts.items():
            if count >= MANY:
                self.done.notes.append(
                    f"touchpoint '{name}' has {count} of the {len(self.done.observations)} observations. The map shows "
                    "their mean and the most typical texts; tidy() and table hold all."
                )


def _is_plain(value: Any) -> bool:
    """Whether a cell is one value, or a text by the two letters of its language."""
    if isinstance(value, Mapping):
        return all(
            re.fullmatch("[a-z]{2}", str(key)) and isinstance(one, str | int | float) for key, one in value.items()
        )
    return value is None or isinstance(value, str | int | float | date)


_OF_AN_IDEA = frozenset({"effort", "cost", "votes", "date", "language"})
"""Columns that a row can do without."""


def _first(places: Sequence[str], most: int = 5) -> str:
    return ", ".join(places[:most]) + (" …" if len(places) > most else "")
