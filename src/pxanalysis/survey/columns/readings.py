"""What study.toml answers about a column: ``nps = "1-11"``, ``returned = "1=yes, 2=no"``, or ``age = "leave-out"``.

Parts are separated by commas. ``A-B``: answers run from A to B, which are the journey's lowest and highest (``5-1`` is
reversed). ``code=value``: this cell is that answer; a value may also be ``yes``, ``no``, ``na`` (does not apply),
``dk`` (does not know) or ``missing``. Of days: ``day-first``, ``month-first``, ``spreadsheet`` and ``unix`` (numbers),
``swapped``, or a form (``%d-%m-%y``); of ids: ``per-file``.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from dataclasses import dataclass

from pxanalysis.errors import SurveyError
from pxanalysis.survey.words import fold_text

__all__ = ["AS_IT_STANDS", "LEAVE_OUT", "MOST_CODES", "PER_FILE", "Reading", "parse_reading", "readings_of_file"]

AS_IT_STANDS = "as-it-stands"
LEAVE_OUT = "leave-out"
PER_FILE = "per-file"
MOST_CODES = 30
"""A column with more different cells holds no codes: what each means is not asked one by one."""
ORDERS = ("day-first", "month-first", "spreadsheet", "swapped", "unix")
DECIMALS = ("thousands", "decimals")
_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)\s*-\s*(-?\d+(?:\.\d+)?)")
_VALUES = {"yes": "1", "no": "0", "ja": "1", "nee": "0", "na": "na", "dk": "dk", "missing": "missing"}


@dataclass(frozen=True, slots=True)
class Reading:
    """How study.toml says a column is to be read.

    Attributes
    ----------
    text
        As it stands in study.toml.
    low, high
        Codes that are the journey's lowest and highest answer; None: the journey's own.
    codes
        Cell, in small letters, to an answer of the journey, or ``na``, ``dk`` or ``missing``.
    """

    text: str
    low: float | None = None
    high: float | None = None
    codes: tuple[tuple[str, str], ...] = ()


def parse_reading(text: str, name: str) -> Reading:
    """Parse one answer.

    Raises
    ------
    SurveyError
        When a part of it has another form; the message shows the forms.
    """
    if text in {AS_IT_STANDS, LEAVE_OUT, PER_FILE, *ORDERS, *DECIMALS} or ("%" in text and "=" not in text):
        return Reading(text)
    low = high = None
    codes: list[tuple[str, str]] = []
    for part in (part.strip() for part in text.split(",")):
        found = _RANGE.fullmatch(part)
        cell, equals, value = part.rpartition("=")
        if found and low is None and found[1] != found[2]:
            low, high = float(found[1]), float(found[2])
        elif equals and cell.strip() and _is_value(value.strip()):
            codes.append((fold_text(cell), _VALUES.get(value.strip().casefold(), value.strip())))
        else:
            raise SurveyError(
                f"study.toml [readings] {name}: '{part}' is not understood. Expected a range such as \"1-11\" (the "
                'lowest and highest code of the export), codes such as "1=yes, 2=no" or "6=na" (na, dk and missing are '
                f'known), or "{AS_IT_STANDS}", "{LEAVE_OUT}", "{PER_FILE}", {", ".join(ORDERS + DECIMALS)}.'
            )
    return Reading(text, low, high, tuple(codes))


def _is_value(value: str) -> bool:
    return value.casefold() in _VALUES or re.fullmatch(r"-?\d+", value) is not None


def readings_of_file(
    readings: Mapping[str, str | Mapping[str, str]], file: str, form: str | None = None
) -> dict[str, Reading]:
    """Answers that hold for one file: those for all, overruled by those under a pattern of its name, then of a form.

    Parameters
    ----------
    form
        Version of the questionnaire of all rows; its answers stand under ``form=NAME``.
    """
    chosen = {name: text for name, text in readings.items() if isinstance(text, str)}
    for pattern, part in readings.items():
        if not isinstance(part, str) and fnmatch.fnmatchcase(file, pattern):
            chosen |= dict(part)
    own = readings.get(f"form={form}", {})
    if form is not None and not isinstance(own, str):
        chosen |= dict(own)
    return {name: parse_reading(text, name) for name, text in chosen.items()}
