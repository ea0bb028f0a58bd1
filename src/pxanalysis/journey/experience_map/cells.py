"""Single cells of a sheet with observations: each read, or refused with what was expected."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from pxanalysis.journey.experience_map.observation import EFFORTS, SOURCES

if TYPE_CHECKING:
    from pxanalysis.journey.model import Journey

__all__ = ["READERS", "Refused", "known_ids", "read_choice"]


class Refused(ValueError):
    """A cell that cannot be read; the message says what was expected and what to do."""


_SOURCE_WORDS = {
    "meelopen": "shadowing", "meegelopen": "shadowing", "schaduwen": "shadowing", "observatie": "shadowing",
    "interview": "interview", "gesprek": "interview", "vraaggesprek": "interview",
    "werkplaats": "workshop", "sessie": "workshop", "opmerking": "comment", "reactie": "comment",
}  # fmt: skip
_EFFORT_WORDS = {"klein": "S", "small": "S", "middel": "M", "medium": "M", "groot": "L", "large": "L"}


def known_ids(journey: Journey, kind: str) -> dict[str, str]:
    """By id and by label in every language, in lower case: the id of a touchpoint or role."""
    parts = journey.touchpoints if kind == "touchpoint" else journey.roles
    found = {label.casefold(): part.id for part in parts for label in part.label.root.values()}
    return found | {part.id: part.id for part in parts}


def read_choice(value: str, known: Mapping[str, str], journey: str) -> str:
    """Return the id of a touchpoint or role that is given by id or name.

    Raises
    ------
    Refused
        When the journey has none of that name; the nearest is named.
    """
    name = value.strip().casefold()
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f" Did you mean '{known[near[0]]}'?" if near else ""
    listed = ", ".join(dict.fromkeys(known.values())) or "none"
    # What was given is not repeated: it may be somebody's name.
    raise Refused(f"journey '{journey}' has none of this name.{hint} It has: {listed}.")


def _read_feels(value: Any) -> int:
    text = str(value).strip().replace("−", "-").replace("–", "-")
    if not re.fullmatch(r"[-+]?[0-2](?:[.,]0+)?", text):
        raise Refused(
            "expected a whole number from -2 (very bad) to +2 (very good), or an empty cell where it was not seen."
        )
    return int(float(text.replace(",", ".")))


def _read_source(value: Any) -> str:
    word = str(value).strip().casefold()
    found = _SOURCE_WORDS.get(word, word)
    if found not in SOURCES:
        raise Refused(f"expected one of {', '.join(SOURCES)}.")
    return found


def _read_effort(value: Any) -> str:
    word = str(value).strip()
    found = _EFFORT_WORDS.get(word.casefold(), word.upper())
    if found not in EFFORTS:
        raise Refused("expected S (a day), M (weeks) or L (a project).")
    return found


def _read_cost(value: Any) -> float:
    text = re.sub(r"^(?:€|eur|euro)\s*|\s*(?:€|eur|euro)$", "", str(value).strip(), flags=re.IGNORECASE)
    if re.fullmatch(r"\d{1,3}[.,]\d{3}", text):
        raise Refused("this can be read in two ways; write thousands without a mark: 1500.")
    if not re.fullmatch(r"\d{1,9}(?:[.,]\d{1,2})?", text):
        raise Refused("expected an amount in euros of 0 or more, such as 250 or 12.50.")
    return float(text.replace(",", "."))


def _read_votes(value: Any) -> int:
    text = str(value).strip()
    if not re.fullmatch(r"\d{1,5}(?:\.0)?", text):
        raise Refused("expected how many chose the idea: a whole number of 0 or more.")
    return int(float(text))


def _read_date(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value).strip().removesuffix(" 00:00:00").removesuffix("T00:00:00")
    for form in ("%Y-%m-%d", "%d-%m-%Y"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise Refused("expected a day such as 2026-03-31 (or 31-03-2026).")


def _read_language(value: Any) -> str:
    text = str(value).strip().casefold()
    if not re.fullmatch(r"[a-z]{2}", text):
        raise Refused("expected the two letters of a language: nl or en.")
    return text


READERS: dict[str, Callable[[Any], Any]] = {
    "feels": _read_feels,
    "source": _read_source,
    "effort": _read_effort,
    "cost": _read_cost,
    "votes": _read_votes,
    "date": _read_date,
    "language": _read_language,
}
"""By column: how its cells are read; touchpoint and role need the journey (`read_choice`), texts are masked."""
