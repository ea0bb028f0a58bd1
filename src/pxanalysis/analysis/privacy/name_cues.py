"""Names that are told by what stands around them, with or without a capital: "geholpen door ilse", "my son oliver".

A list of names never holds them all. Each pattern here is a place in a sentence where hardly anything but a name
stands; a word that is known to be an ordinary one is left.
"""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["mask_cues"]

_NAME = r"(?P<name>[^\W\d_][\w’-]{1,30}(?: [A-Z]\.?(?!\w))?)"
_THINK = r"(?: (?:geloof ik|dacht ik|denk ik|volgens mij|i think|i believe))?"
_STOP = r"(?=,|;|[.!?)]|$| (?:van|of|aged?) \d| (?:en|and|die|who|is|was|had|heeft|has|kreeg|got|gaat)\b)"
_CLOSED = r"(?=,|;|[.!?)]|$| (?:van|of|aged?) \d| (?:die|who|is|was|had|heeft|has|kreeg|got|gaat)\b)"
_DONE_BY = "geholpen|behandeld|gezien|ontvangen|verzorgd|seen|treated|helped|greeted|looked after|welcomed"
_KIN = (
    "son|daughter|husband|wife|boy|girl|mother|father|mum|mom|dad|sister|brother|partner|zoon(?:tje)?|dochter(?:tje)?|"
    "man|vrouw|moeder|vader|zus(?:je)?|broer(?:tje)?|vriendin|kleinkind|opa|oma"
)
_DESK = r"(?:the |de )?(?:front )?(?:reception|desk|office|balie|receptie|radiology|röntgen)\b"
_DOES = (
    "hielp|legde|nam|belde|stelde|deed|zei|vroeg|luisterde|bleef|lachte|explained|helped|sorted|rang|phoned|listened|"
    "treated|heeft (?:mij|me|ons|alles)"
)
_KIND = (
    "lief|lieve|aardig|aardige|behulpzaam|kundig|geduldig|zorgzaam|schat|held|de beste|kind|helpful|patient|gentle|"
    "star|gem|legend|the best"
)
_VERY = "(?:zo|heel|erg|echt|een|so|very|really|extremely|a|an|absolutely|always|altijd)"

_ANYWHERE = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"\b(?:(?:{_DONE_BY}) (?:door|by)) {_NAME}{_STOP}",
        rf"\b(?:heette|hete|heet|genaamd|naam (?:is|was)|name (?:is|was)|(?:is|was|were) (?:called|named)){_THINK} "
        rf"{_NAME}(?=,|[.!?)]|$| (?:en|and|die|who|dacht|geloof|i|denk)\b)",
        rf"\b(?:my|our|his|her|mijn|m'n|onze|zijn|haar) (?:(?:little|oldest|youngest|kleine|oudste|jongste) )?"
        rf"(?:{_KIN}),? {_NAME}{_CLOSED}",
        rf"(?:^|[.!?,] )(?:cheers|thx|ciao),? {_NAME}(?=[.!]?$)",
        rf"(?:^|[.!?,] )(?:thanks|bedankt),? {_NAME}(?=[.!]?$)",
        rf"(?:^|[.!?:] ){_NAME} (?:on|at|from|in|van|aan|achter|bij) {_DESK}",
    )
)
_CAPITAL = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:^|[.!?:] )(?P<name>[A-ZÀ-ÖØ-Þ][\w’-]{{2,30}}) (?i:{_DOES})\b",
        rf"(?:^|[.!?:] )(?P<name>[A-ZÀ-ÖØ-Þ][\w’-]{{2,30}}) (?i:is|was) (?i:{_VERY} ){{0,2}}(?i:{_KIND})\b",
        r"\((?P<name>[A-ZÀ-ÖØ-Þ][\w’-]{1,30})(?: [A-ZÀ-ÖØ-Þ][\w’-]{0,30}\.?){0,2}\)",
    )
)
_NO_NAME_ENDS = ("de", "te", "ed", "ing", "ly", "s", "heid", "tie", "ment", "tion", "ness", "teit", "lijk")
"""How verbs, adverbs and plurals end; a name with such an end is masked where lists know it."""

_MORE_ORDINARY = """
again ahead all allemaal alvast anybody anyone behandeling beide bejegening bereikbaarheid both colleague collega
contact dame dames drie drukte everyone few forward girl girls guy heer heren hoor hygiëne iemand inrichting jongen
jongens kundige lad lads locatie location locum lovely meisje meisjes mevrouw nurse ontvangst others parkeren parking
personeel personnel queue rij sfeer someone sommige specialist stagiair stagiaire straight tandarts team three through
toch trainee twee twice two various veel verschillende verwijzing wachtrij welcome zowel
"""
_NO_NAME = frozenset(_MORE_ORDINARY.split())


def mask_cues(text: str, is_ordinary: Callable[[str], bool], is_listed: Callable[[str], bool]) -> str:
    """Mask the words that stand where a name stands.

    ``is_ordinary`` says of a word that it is a common one, ``is_listed`` that it is a known name.

    Examples
    --------
    >>> mask_cues("geholpen door ilva, top", lambda word: False, lambda word: False)
    'geholpen door [naam], top'
    """

    def masked(match: re.Match[str]) -> str:
        word = match["name"]
        low = word.casefold()
        shape = not word[:1].isupper() or word.isupper()
        ordinary = is_ordinary(word) or low in _NO_NAME or (shape and low.endswith(_NO_NAME_ENDS))
        if ordinary and not is_listed(word):
            return match[0]
        start, end = match.span("name")
        return match[0][: start - match.start()] + "[naam]" + match[0][end - match.start() :]

    for pattern in (*_ANYWHERE, *_CAPITAL):
        text = pattern.sub(masked, text)
    return text
