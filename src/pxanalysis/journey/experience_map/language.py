"""In which language a short text is written: Dutch or English, by the small words in it."""

from __future__ import annotations

import re

__all__ = ["guess_language"]

_DUTCH = """
de het een ik je u wij we ze zij hij er en of maar dat die dit wat wie waar hoe niet geen wel nog al ook van voor met
bij naar op aan uit om te in is ben zijn had heb heeft werd word wordt mijn mij me haar hun als dan toen nu hier daar
kan moet mag zou wil weet vraag denk zit sta durf echt heel erg even
"""
_ENGLISH = """
the a an i you we they he she it and or but that this what who where how not no yes still also of for with at to from
on out is am are were be been had have has my me her their as than then now here there can must may would will know ask
think sit stand dare really very just do does did in if
"""
_SMALL = {"nl": frozenset(_DUTCH.split()), "en": frozenset(_ENGLISH.split())}
_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def guess_language(text: str) -> str:
    """Return ``nl`` or ``en``; "" where the small words do not tell.

    Examples
    --------
    >>> guess_language("Ik durf niet te staan"), guess_language("I dare not stand"), guess_language("Au!")
    ('nl', 'en', '')
    """
    words = [word.casefold() for word in _WORDS.findall(text)]
    found = {language: sum(word in small for word in words) for language, small in _SMALL.items()}
    dutch, english = found["nl"], found["en"]
    if dutch == english:
        return ""
    return "nl" if dutch > english else "en"
