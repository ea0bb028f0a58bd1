"""Header rows of survey tools, in which one name may stand over several columns."""

from __future__ import annotations

from collections import Counter

__all__ = ["names_repeat", "number_names"]

_REPEATING = (
    {"StartDate", "EndDate", "Finished"},
    {"V1", "V2", "V3", "V4"},
    {"Date submitted", "Last page", "Start language"},
    {"Datum ingezonden", "Laatste pagina"},
    {"_uuid", "_submission_time"},
)
"""Columns by which tools are known that give several questions one name: Qualtrics, LimeSurvey, KoboToolbox."""
_FIRST = {"timestamp", "tijdstempel", "respondentid", "respondent id"}


def names_repeat(header: list[str]) -> bool:
    """Whether a header is of a tool in which names may stand twice; elsewhere that is a mistake in the file."""
    columns = {name.strip() for name in header}
    return any(signs <= columns for signs in _REPEATING) or header[0].strip().casefold() in _FIRST


def number_names(names: list[str]) -> list[str]:
    """Names of which a second use gets a number.

    Examples
    --------
    >>> number_names(["Q1", "Q2", "Q1", ""])
    ['Q1', 'Q2', 'Q1.1', '']
    """
    uses: Counter[str] = Counter()
    out = []
    for name in names:
        uses[name] += 1
        out.append(name if uses[name] == 1 or not name else f"{name}.{uses[name] - 1}")
    return out
