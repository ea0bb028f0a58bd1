"""Answers in words, in order: what "helemaal oneens" to "helemaal eens" are on a scale."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pxanalysis.survey.words import DONT_KNOW_WORDS, NOT_APPLICABLE_WORDS, fold_text

__all__ = ["Ladder", "find_ladder", "means_dont_know", "means_not_applicable"]

_LADDERS: tuple[tuple[str, ...], ...] = (
    (
        "helemaal oneens|helemaal mee oneens|zeer oneens|volledig mee oneens|zeer mee oneens|strongly disagree"
        "|totally disagree|completely disagree",
        "oneens|mee oneens|disagree|somewhat disagree",
        "neutraal|niet eens, niet oneens|niet eens/niet oneens|niet mee eens, niet mee oneens|noch eens, noch oneens"
        "|neutral|neither agree nor disagree|neither disagree nor agree|neither|undecided",
        "eens|mee eens|agree|somewhat agree",
        "helemaal eens|helemaal mee eens|zeer eens|volledig mee eens|zeer mee eens|strongly agree|totally agree"
        "|completely agree",
    ),
    (
        "strongly disagree|helemaal mee oneens|helemaal oneens",
        "disagree|mee oneens|oneens",
        "somewhat disagree|slightly disagree|enigszins mee oneens|beetje mee oneens",
        "neither agree nor disagree|neutral|neutraal",
        "somewhat agree|slightly agree|enigszins mee eens|beetje mee eens",
        "agree|mee eens|eens",
        "strongly agree|helemaal mee eens|helemaal eens",
    ),
    (
        "zeer ontevreden|heel ontevreden|very dissatisfied|very unsatisfied|extremely dissatisfied",
        "ontevreden|dissatisfied|somewhat dissatisfied|unsatisfied",
        "neutraal|niet tevreden, niet ontevreden|neutral|neither satisfied nor dissatisfied",
        "tevreden|satisfied|somewhat satisfied",
        "zeer tevreden|heel tevreden|very satisfied|extremely satisfied",
    ),
    (
        "zeer slecht|heel slecht|very poor|very bad|terrible",
        "slecht|poor|bad",
        "matig|redelijk|voldoende|fair|average|neutral|neutraal",
        "goed|good",
        "zeer goed|heel goed|uitstekend|very good|excellent",
    ),
    ("slecht|poor", "matig|fair", "goed|good", "zeer goed|very good", "uitstekend|excellent"),
    (
        "very unfavorably|zeer ongunstig",
        "somewhat unfavorably|unfavorably|ongunstig",
        "neither favorably nor unfavorably|neither favorably nor unfavorably (neutral)|neutraal",
        "somewhat favorably|favorably|gunstig",
        "very favorably|zeer gunstig",
    ),
    (
        "very unimportant|zeer onbelangrijk",
        "somewhat unimportant|unimportant|onbelangrijk",
        "neither important nor unimportant|neither important nor unimportant (neutral)|neutraal|neutral",
        "somewhat important|important|belangrijk",
        "very important|zeer belangrijk",
    ),
    (
        "not at all|not at all important|helemaal niet|helemaal niet belangrijk",
        "slightly|slightly important|a little|een beetje|niet zo belangrijk",
        "moderately|moderately important|somewhat|enigszins",
        "very|very important|quite a bit|grotendeels|belangrijk",
        "extremely|extremely important|a great deal|volledig|zeer belangrijk",
    ),
    ("not at all|helemaal niet", "not much|niet veel", "some|enigszins", "a lot|veel"),
    ("nooit|never", "zelden|rarely|seldom", "soms|sometimes", "vaak|meestal|often|usually", "altijd|always"),
    (
        "zeer onwaarschijnlijk|very unlikely|extremely unlikely",
        "onwaarschijnlijk|unlikely|somewhat unlikely",
        "neutraal|neutral|neither likely nor unlikely",
        "waarschijnlijk|likely|somewhat likely",
        "zeer waarschijnlijk|very likely|extremely likely",
    ),
    (
        "zeer moeilijk|very difficult",
        "moeilijk|difficult",
        "neutraal|neutral|niet moeilijk, niet makkelijk|neither easy nor difficult",
        "makkelijk|gemakkelijk|easy",
        "zeer makkelijk|zeer gemakkelijk|very easy",
    ),
    ("nee, helemaal niet", "een beetje", "grotendeels", "ja, helemaal"),
    ("nee, helemaal niet|no, not at all", "ja, enigszins|ja, een beetje|yes, somewhat", "ja, zeker|yes, definitely"),
)  # fmt: skip
"""Lowest first; on one rung stand words for the same answer. Shorter ladders of the same words stand first."""

_RUNGS = tuple({word: place for place, rung in enumerate(one) for word in rung.split("|")} for one in _LADDERS)
_ABSENT = re.compile(r"\bn\.?/?a\.?\b|\bn\.?v\.?t\b|niet van toepassing|not applicable|does not apply|\bunfamiliar\b")
_UNKNOWN = re.compile(r"\bweet\b.*\bniet\b|\bdon'?t know\b|\bgeen mening\b|\bno opinion\b|\bunsure\b|\bno answer\b")


@dataclass(frozen=True, slots=True)
class Ladder:
    """Words of a column on a scale.

    Attributes
    ----------
    places
        Word as the column has it, to its place from 1.
    top
        The highest place, also where nobody gave it.
    """

    places: dict[str, int]
    top: int


def means_not_applicable(word: str) -> bool:
    """Whether an answer says that a question does not apply.

    Examples
    --------
    >>> means_not_applicable("Unfamiliar (N/A)"), means_not_applicable("Nauwelijks")
    (True, False)
    """
    text = fold_text(word)
    return text in {fold_text(one) for one in NOT_APPLICABLE_WORDS} or _ABSENT.search(text) is not None


def means_dont_know(word: str) -> bool:
    """Whether an answer says that somebody does not know."""
    text = fold_text(word)
    return text in {fold_text(one) for one in DONT_KNOW_WORDS} or _UNKNOWN.search(text) is not None


def find_ladder(words: Iterable[str]) -> Ladder | None:
    """The ladder on which all words stand, each on a rung of its own; None when there is none.

    Examples
    --------
    >>> find_ladder(["Eens", "Oneens", "Helemaal eens"])
    Ladder(places={'Oneens': 2, 'Eens': 4, 'Helemaal eens': 5}, top=5)
    """
    given = list(dict.fromkeys(words))
    if len(given) < 2:
        return None
    for rungs in _RUNGS:
        places = {word: rungs.get(fold_text(word), -1) + 1 for word in given}
        found = set(places.values())
        if 0 not in found and len(found) == len(given):
            return Ladder(dict(sorted(places.items(), key=lambda pair: pair[1])), max(rungs.values()) + 1)
    return None
