"""How far a database was read: the mark beyond which rows are new or changed, and the rows that stand there already."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, Self

from pxanalysis.errors import SourceError

__all__ = ["HighWater", "Tracker", "hash_row"]

Kind = Literal["int", "decimal", "day", "moment", "text"]

_OVERLAP = timedelta(minutes=5)
"""What is read again each time: a row may be written before another and be seen after it."""
_AHEAD = timedelta(days=1)
"""How far a moment may be ahead of this computer's clock: beyond, it would hide all that comes before it."""
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_MANY = 50_000


@dataclass(frozen=True, slots=True)
class HighWater:
    """How far was read.

    Attributes
    ----------
    kind, text
        The value, and what it is.
    seen
        Hashes of the rows that are kept already and lie at it or beyond.
    """

    kind: Kind
    text: str
    seen: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def value(self) -> Any:
        """As the database takes it."""
        match self.kind:
            case "int":
                return int(self.text)
            case "decimal":
                return Decimal(self.text)
            case "day":
                return date.fromisoformat(self.text)
            case "moment":
                return datetime.fromisoformat(self.text)
        return self.text

    def record(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"kind": self.kind, "text": self.text, "seen": sorted(self.seen)}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Self:
        """The same back."""
        return cls(record["kind"], record["text"], frozenset(record["seen"]))


def hash_row(cells: tuple[str | None, ...]) -> str:
    """What a row is known by again; a missing cell is not an empty one."""
    text = "\x1f".join("\x00" if cell is None else cell for cell in cells)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


class Tracker:
    """Finds, of the rows that come, how far was read.

    Parameters
    ----------
    place
        As messages call the database.
    column
        The mark.
    allow_text
        Whether texts can be marks: where the database compares them letter by letter.
    now
        This moment, with a time zone.
    """

    def __init__(self, place: str, column: str, *, allow_text: bool, now: datetime | None = None) -> None:
        self._place, self._column, self._allow_text = place, column, allow_text
        self._now = now or datetime.now(UTC)
        self._kind: Kind | None = None
        self._top: Any = None
        self._rows: list[tuple[Any, str]] = []

    def add(self, value: Any, digest: str) -> None:
        """Note a row.

        Raises
        ------
        SourceError
            When a mark is empty, or cannot be compared.
        """
        kind = self._kind_of(value)
        if self._kind is None:
            self._kind = kind
        if kind != self._kind or (kind == "moment" and self._rows and _is_local(value) != _is_local(self._rows[0][0])):
            raise SourceError(
                f"{self._place} mark: column '{self._column}' holds values of two kinds, which have no order "
                f"({value!r} is one). Cast it in the query."
            )
        top = self._cap(value)
        self._top = top if self._top is None else max(self._top, top)
        self._rows.append((value, digest))
        if len(self._rows) > 2 * _MANY:
            self._prune()

    def settle(self) -> HighWater | None:
        """How far was read; None when no row came."""
        if self._kind is None:
            return None
        self._prune()
        level = self._level()
        text = level.isoformat() if isinstance(level, date) else str(level)
        return HighWater(self._kind, text, frozenset(digest for _, digest in self._rows))

    def _prune(self) -> None:
        level = self._level()
        self._rows = [(value, digest) for value, digest in self._rows if value >= level]

    def _level(self) -> Any:
        return self._top - _OVERLAP if self._kind == "moment" else self._top

    def _kind_of(self, value: Any) -> Kind:
        if value is None or value == "":
            raise SourceError(
                f"{self._place} mark: a row has no '{self._column}', so it is not known when it came or changed. Give "
                "each row one in the query (COALESCE), or leave those rows out there."
            )
        if isinstance(value, bool):
            pass
        elif isinstance(value, int):
            return "int"
        elif isinstance(value, (float, Decimal)):
            return "decimal"
        elif isinstance(value, datetime):
            return "moment"
        elif isinstance(value, date):
            return "day"
        elif isinstance(value, str) and self._allow_text and _ISO.match(value):
            return "text"
        raise SourceError(
            f"{self._place} mark: '{self._column}' is {value!r:.40}; expected a moment, a day or a rising number. Cast "
            "it in the query."
        )

    def _cap(self, value: Any) -> Any:
        """The value, or the latest that can be: a clock that is wrong does not hide what comes after."""
        latest = self._now + _AHEAD
        if isinstance(value, datetime):
            return min(value, latest.replace(tzinfo=None) if _is_local(value) else latest)
        if isinstance(value, date):
            return min(value, latest.date())
        if isinstance(value, str):
            return min(value, latest.date().isoformat())
        return value


def _is_local(value: datetime) -> bool:
    return value.tzinfo is None
