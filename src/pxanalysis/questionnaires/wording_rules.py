"""What makes a statement hard to answer, rule by rule, in Dutch and English: each with a better form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

__all__ = ["RULES", "Remark", "content_words", "repeats_outcome"]

MOST_WORDS = 18


class Remark(NamedTuple):
    """What is wrong with a text, and a better form or how to get one."""

    message: str
    better: str


_AND = {"nl": "en", "en": "and"}
_OR = {"nl": "of", "en": "or"}
_ONE_THING = {
    "nl": r"\b(wel) (en|of) (niet|geen)\b|\b(\w+) (en|of) \4\b|\bhij of zij\b|\b(zo )?nu en dan\b|\baf en toe\b",
    "en": r"\b(\w+) (and|or) \1( not)?\b|\bhimself or herself\b|\bhis or her\b|\bhe or she\b|"
    r"\bagain and again\b|\bcheck-in and check-out\b|\bwhether or not\b",
}
"""Pairs that ask one thing."""
_WHETHER = re.compile(
    r"\b(wist|weet|weten|duidelijk|vroeg|vraagt|vertel\w*|hoor\w*|begreep|begrijp|zag|zie|zien|kijk\w*|keek|bespr\w+|merk\w+)"
    r"\b[^.,;]*?\bof\b",
    flags=re.IGNORECASE,
)
"""Dutch "of" that means whether: it follows a verb of knowing, asking or telling."""
_NEGATIONS = {
    "nl": r"\b(niet|geen|nooit|niemand|nergens|niets|zonder|nauwelijks)\b",
    "en": r"\b(not|no|never|nobody|nothing|nowhere|without|hardly|\w+n't)\b",
}
_LEADING = {
    "nl": r"\b(natuurlijk|uiteraard|vanzelfsprekend|toch|altijd|geweldig\w*|fantastisch\w*|perfect\w*|uitstekend\w*|"
    r"vreselijk\w*|verschrikkelijk\w*|eindelijk|zoals het hoort)\b",
    "en": r"\b(of course|obviously|naturally|surely|always|great|fantastic|perfect(ly)?|excellent|terribl[ey]|awful|"
    r"finally|as it should)\b",
}
_PLAIN = {
    "nl": {
        "adequaat": "goed genoeg", "adequate": "goede", "bejegening": "hoe men met u omging", "bejegend": "behandeld",
        "betreffende": "over", "middels": "met", "conform": "volgens", "reeds": "al", "tevens": "ook",
        "indien": "als", "dient": "moet", "dienen": "moeten", "alvorens": "voordat", "echter": "maar",
        "faciliteiten": "ruimtes en spullen", "communicatie": "uitleg", "accommodatie": "gebouw", "expertise": "kennis",
        "professional": "zorgverlener", "professionele": "vakkundige", "geïnformeerd": "verteld",
        "anamnese": "vragen over uw gezondheid", "diagnose": "wat er aan de hand is", "consult": "afspraak",
        "interventie": "behandeling", "competent": "vakkundig", "empathisch": "begripvol", "hygiënisch": "schoon",
    },
    "en": {
        "adequate": "good enough", "adequately": "well enough", "regarding": "about", "utilise": "use",
        "utilize": "use", "commence": "start", "facilitate": "help", "subsequently": "then", "facilities": "rooms",
        "prior": "before", "courteous": "polite", "expertise": "knowledge", "professional": "skilled",
        "communication": "explanation", "consultation": "appointment", "competent": "skilled",
        "empathetic": "understanding", "diagnosis": "what is wrong", "intervention": "treatment",
    },
}  # fmt: skip
_OUTCOME_WORDS = {
    "nl": r"\b(tevreden\w*|ontevreden\w*|aanbevel\w*|aanbeveel|aanbeveelt|aanraden|rapportcijfer|alles bij elkaar|"
    r"over het geheel)\b",
    "en": r"\b(satisf\w+|dissatisf\w+|recommend\w*|overall|all in all|on the whole)\b",
}
_STOP = frozenset(
    [
        "de",
        "het",
        "een",
        "ik",
        "u",
        "uw",
        "mij",
        "mijn",
        "we",
        "wij",
        "dat",
        "die",
        "dit",
        "deze",
        "er",
        "en",
        "of",
        "in",
        "op",
        "aan",
        "van",
        "voor",
        "met",
        "bij",
        "te",
        "is",
        "was",
        "waren",
        "werd",
        "hoe",
        "wat",
        "the",
        "a",
        "an",
        "i",
        "you",
        "your",
        "my",
        "me",
        "we",
        "that",
        "this",
        "it",
        "and",
        "or",
        "in",
        "on",
        "at",
        "of",
        "for",
        "with",
        "to",
        "is",
        "was",
        "were",
        "how",
        "what",
        "did",
        "do",
        "does",
        "not",
        "niet",
        "hoeveel",
        "much",
        "geeft",
        "vond",
        "kon",
        "could",
        "kreeg",
        "got",
    ]
)


def _double(text: str, language: str) -> Iterator[Remark]:
    plain = re.sub(_ONE_THING[language], " ", text, flags=re.IGNORECASE)
    if language == "nl":
        plain = _WHETHER.sub(" ", plain)
    for word in (_AND[language], _OR[language]):
        found = re.search(rf"(.*\S) {word} (\S.*)", plain, flags=re.IGNORECASE)
        if found:
            left, right = found[1].split()[-1], found[2].strip(" .").split()[0]
            yield Remark(
                f"asks two things at once ('{left} {word} {right} …')",
                f"make two statements: one about '{left}', one about '{found[2].strip(' .')}'",
            )
            return


def _negation(text: str, language: str) -> Iterator[Remark]:
    plain = re.sub(_ONE_THING[language], " ", text, flags=re.IGNORECASE)
    found = re.search(_NEGATIONS[language], plain, flags=re.IGNORECASE)
    if found:
        without = re.sub(r"\s+", " ", plain.replace(found[0], "", 1)).strip()
        yield Remark(
            f"denies something ('{found[0]}'): disagreeing with a denial is misread",
            f"say it without '{found[0]}', for example start from “{without}” and turn it round; set direction: "
            "lower-is-better if agreeing is then bad",
        )


def _leading(text: str, language: str) -> Iterator[Remark]:
    found = re.search(_LEADING[language], text, flags=re.IGNORECASE)
    if found:
        without = re.sub(r"\s+", " ", text.replace(found[0], "", 1)).strip()
        yield Remark(f"leads to an answer ('{found[0]}')", f"“{without[:1].upper()}{without[1:]}”")


def _hard(text: str, language: str) -> Iterator[Remark]:
    for word, plain in _PLAIN[language].items():
        found = re.search(rf"\b{word}\b", text, flags=re.IGNORECASE)
        if found:
            yield Remark(f"'{found[0]}' is harder than B1", f"“{text.replace(found[0], plain)}”")
    for sentence in re.split(r"(?<=[.!?])\s+", text):
        count = len(sentence.split())
        if count > MOST_WORDS:
            yield Remark(
                f"a sentence of {count} words is harder than B1",
                f"say it in at most {MOST_WORDS} words, or in two sentences",
            )


RULES: dict[str, Callable[[str, str], Iterator[Remark]]] = {
    "two-things": _double,
    "negation": _negation,
    "leading": _leading,
    "reading-level": _hard,
}
"""Rules about one text in one language, by name."""


def content_words(text: str) -> set[str]:
    """Words of a text that carry its meaning, in lower case."""
    return {word for word in re.findall(r"[^\W\d_]+", text.lower()) if word not in _STOP and len(word) > 2}


def repeats_outcome(text: str, outcome: str, language: str) -> Iterator[Remark]:
    """Whether a statement asks an outcome again: the outcome then explains itself, which inflates R²."""
    found = re.search(_OUTCOME_WORDS[language], text, flags=re.IGNORECASE)
    ours, theirs = content_words(text), content_words(outcome)
    share = len(ours & theirs) / len(ours | theirs) if ours | theirs else 0.0
    if found or share >= 0.5:
        why = f"'{found[0]}'" if found else f"the words {', '.join(sorted(ours & theirs))}"
        yield Remark(
            f"repeats an outcome ({why}); such a driver explains the outcome by itself, which inflates R²",
            "ask what happened at this touchpoint, not how the patient judges the whole",
        )
