"""Answers in words, in order: what "helemaal oneens" to "helemaal eens" are on a scale, and which way its codes run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pxanalysis.survey.words import DONT_KNOW_WORDS, NOT_APPLICABLE_WORDS, fold_text

__all__ = ["Ladder", "find_ladder", "means_dont_know", "means_not_applicable", "runs_upwards", "tell_end"]

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
        "stimme überhaupt nicht zu|stimme gar nicht zu|trifft überhaupt nicht zu|trifft gar nicht zu"
        "|pas du tout d'accord",
        "stimme eher nicht zu|stimme nicht zu|trifft eher nicht zu|plutôt pas d'accord|pas d'accord",
        "teils teils|teils/teils|teils, teils|weder noch|ni d'accord ni pas d'accord|neutre|neutral",
        "stimme eher zu|stimme zu|trifft eher zu|plutôt d'accord|d'accord",
        "stimme voll und ganz zu|stimme voll zu|trifft voll und ganz zu|trifft voll zu|tout à fait d'accord",
    ),
    (
        "sehr unzufrieden|très insatisfait",
        "unzufrieden|eher unzufrieden|insatisfait|plutôt insatisfait",
        "teils teils|teils/teils|weder noch|ni satisfait ni insatisfait|neutre|neutral",
        "zufrieden|eher zufrieden|satisfait|plutôt satisfait",
        "sehr zufrieden|très satisfait",
    ),
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


def runs_upwards(words: Mapping[int, str]) -> bool | None:
    """Whether the words of codes go up a ladder with the codes; None when no ladder tells, or two differ.

    Two words are enough, as where only the ends of a scale have one.

    Examples
    --------
    >>> runs_upwards({1: "Zeer tevreden", 5: "Zeer ontevreden"}), runs_upwards({1: "Rood", 2: "Groen"})
    (False, None)
    """
    found = set()
    for rungs in _RUNGS:
        places = [rungs[text] for _, word in sorted(words.items()) if (text := fold_text(word)) in rungs]
        if len(set(places)) > 1 and len(set(places)) == len(places):
            found.add(_tell_way(places))
    return found.pop() if len(found) == 1 else None


def tell_end(word: str) -> bool | None:
    """True for a word that stands at the top of every ladder it is on, False for one at the bottom, None for others.

    Examples
    --------
    >>> tell_end("Zeer waarschijnlijk"), tell_end("Very poor"), tell_end("Goed")
    (True, False, None)
    """
    text = fold_text(word)
    ends = {(rungs[text] == max(rungs.values()), rungs[text] == 0) for rungs in _RUNGS if text in rungs}
    return {(True, False): True, (False, True): False}.get(ends.pop()) if len(ends) == 1 else None


def _tell_way(places: list[int]) -> bool | None:
    if places == sorted(places):
        return True
    return False if places == sorted(places, reverse=True) else None
