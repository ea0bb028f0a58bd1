"""One observation: what one patient was seen or heard to do, think and feel at one touchpoint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

__all__ = [
    "EFFORTS",
    "LONGEST",
    "OBSERVATION_COLUMNS",
    "SOURCES",
    "TEXTS",
    "Effort",
    "Observation",
    "Source",
    "at",
    "say",
]

Source = Literal["shadowing", "interview", "workshop", "comment"]
"""Walked along with the patient; asked the patient; told in a workshop; written by the patient."""

Effort = Literal["S", "M", "L"]
"""Of an idea: done in a day, in weeks, or a project."""

SOURCES: tuple[str, ...] = get_args(Source)
EFFORTS: tuple[str, ...] = get_args(Effort)
TEXTS = ("does", "thinks", "positive", "dilemma", "quote", "idea")
"""What is told in words: what a patient does, thinks, thinks well of, weighs, says, and what would make it better."""

OBSERVATION_COLUMNS = (
    "touchpoint", "role", "source", "date", "feels", *TEXTS, "effort", "cost", "votes", "language",
)  # fmt: skip
"""Columns of a sheet with observations, in order; only ``touchpoint`` and ``source`` have to be filled in."""

LONGEST = 600
"""Longest text of one observation, in characters."""

Words = Mapping[str, str]
"""One text by language."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What one patient was seen or heard to do, think, feel at one touchpoint; texts are masked.

    Attributes
    ----------
    touchpoint
        Id within the journey.
    role
        Id of the role of who was observed, or had the idea; "" when not noted. Never a name.
    source
        How it is known.
    feels
        −2 (very bad) to +2 (very good); None where it was not seen.
    texts
        By kind (`TEXTS`), then by language.
    date
        The day; no drawing or page shows it.
    effort, cost, votes
        Of the idea: S, M or L; euros; how many in the workshop chose it.
    """

    touchpoint: str
    source: Source
    role: str = ""
    feels: int | None = None
    texts: Mapping[str, Words] = field(default_factory=dict)
    date: date | None = None
    effort: Effort | None = None
    cost: float | None = None
    votes: int | None = None

    def text(self, kind: str, language: str) -> str:
        """One of its texts, in this language where it is written in it, else as it is; "" when there is none."""
        return say(self.texts.get(kind, {}), language)

    @property
    def languages(self) -> frozenset[str]:
        """The languages in which all of its texts are written."""
        written = [frozenset(words) for words in self.texts.values()]
        return frozenset.intersection(*written) if written else frozenset()


def say(words: Words, language: str) -> str:
    """Return a text in a language where it has that, else in its first.

    >>> say({"nl": "Ik wacht", "en": "I wait"}, "en"), say({"nl": "Ik wacht"}, "en"), say({}, "en")
    ('I wait', 'Ik wacht', '')
    """
    return words.get(language) or next(iter(words.values()), "")


def at(observations: Iterable[Observation], touchpoint: str) -> list[Observation]:
    """Those at one touchpoint, in order."""
    return [one for one in observations if one.touchpoint == touchpoint]
