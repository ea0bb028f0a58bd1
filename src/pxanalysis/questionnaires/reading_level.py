"""How hard a text is to read, and how long a questionnaire takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pxanalysis.journey.form import Form

__all__ = ["B1_EASE", "count_syllables", "estimate_minutes", "reading_ease"]

B1_EASE = 60.0
"""At this reading ease and above a text counts as plain language (Flesch's "standard", 13-15 years of age)."""

_SECONDS_PER_WORD = 0.25
"""Silent reading at 240 words a minute (Brysbaert 2019, J Mem Lang 109: 238 for English non-fiction)."""
_SECONDS = {"rating": 3.0, "choice": 3.0, "yes-no": 2.5, "number": 5.0, "text": 30.0}
"""To choose and mark an answer once the question is read: our own working values, to be held against real durations."""

_DUTCH = re.compile(r"aai|ooi|oei|eeu|ieu|aa|ee|oo|uu|ie|oe|ui|eu|ou|au|ij|ei|[aeiouyàáâäèéêëìíîïòóôöùúûü]")
_ENGLISH = re.compile(r"[aeiouy]+")


def count_syllables(word: str, language: str) -> int:
    """Syllables of a word, at least one; by groups of vowels.

    >>> count_syllables("wachtkamer", "nl"), count_syllables("afspraak", "nl"), count_syllables("made", "en")
    (3, 2, 1)
    """
    word = word.lower()
    if language == "nl":
        return max(1, len(_DUTCH.findall(word)))
    if word.endswith("e") and not word.endswith(("le", "ee")):
        word = word[:-1]
    return max(1, len(_ENGLISH.findall(word)))


def reading_ease(texts: list[str], language: str) -> float:
    """Reading ease of texts together, about 0 (hard) to 100 (easy).

    Dutch: Douma (1960), 206.84 − 77 syllables per word − 0.93 words per sentence. English: Flesch (1948),
    206.835 − 84.6 syllables per word − 1.015 words per sentence.
    """
    sentences = [part for text in texts for part in re.split(r"[.!?]+", text) if part.strip()]
    words = [word for sentence in sentences for word in re.findall(r"[^\W\d_]+", sentence)]
    if not words:
        return 100.0
    syllables = sum(count_syllables(word, language) for word in words) / len(words)
    length = len(words) / len(sentences)
    if language == "nl":
        return 206.84 - 77 * syllables - 0.93 * length
    return 206.835 - 84.6 * syllables - 1.015 * length


def estimate_minutes(form: Form, language: str) -> float:
    """Minutes to fill in the form by somebody who meets every touchpoint and writes in every open question."""
    introduction = sum(len(paragraph.split()) for paragraph in form.introduction[language])
    headings = sum(len(page.title[language].split()) for page in form.pages)
    seconds = _SECONDS_PER_WORD * (introduction + headings)
    for question in form.questions:
        seconds += _SECONDS_PER_WORD * len(question.text[language].split()) + _SECONDS[question.kind]
    return seconds / 60
