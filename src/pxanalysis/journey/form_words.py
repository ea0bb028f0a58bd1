"""The words a questionnaire needs beside the journey's own, in Dutch and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pxanalysis.errors import JourneyError

if TYPE_CHECKING:
    from pxanalysis.journey.model import Journey
    from pxanalysis.journey.parts import Introduction

__all__ = ["WORDS", "check_languages", "introduce", "list_blanks"]

WORDS: dict[str, dict[str, str]] = {
    "yes": {"nl": "ja", "en": "yes"},
    "no": {"nl": "nee", "en": "no"},
    "not-applicable": {"nl": "niet van toepassing", "en": "not applicable"},
    "dont-know": {"nl": "weet ik niet", "en": "I don't know"},
    "met": {"nl": "Hebt u dit meegemaakt: “{sentence}”?", "en": "Did you experience this: “{sentence}”?"},
    "each-line": {"nl": "Geef op elke regel uw antwoord.", "en": "Give your answer on each line."},
    "role": {"nl": "In welke rol vult u deze vragenlijst in?", "en": "In what role do you fill in this questionnaire?"},
    "before": {"nl": "Vooraf", "en": "Before you start"},
    "overall": {"nl": "Alles bij elkaar", "en": "All in all"},
    "about-you": {"nl": "Over u", "en": "About you"},
    "finally": {"nl": "Tot slot", "en": "Finally"},
    "number": {"nl": "een getal van {low} tot en met {high}", "en": "a number from {low} to {high}"},
    "thanks": {
        "nl": "Dank u wel. Uw antwoorden zijn verstuurd.",
        "en": "Thank you. Your answers have been sent.",
    },
}
"""Fixed words by key and language."""

_BLANKS = {
    "who": {"nl": "[wie vraagt dit: naam van de praktijk of organisatie]", "en": "[who asks: name of the practice]"},
    "why": {"nl": "de zorg te verbeteren", "en": "to improve care"},
    "kept": {"nl": "[hoeveel] maanden", "en": "[how many] months"},
    "contact": {"nl": "[e-mailadres of telefoonnummer]", "en": "[e-mail address or telephone number]"},
}

_PARAGRAPHS = {
    "nl": (
        "Deze vragenlijst gaat over: {title}. {who} vraagt naar uw ervaringen om {why}.",
        "Meedoen is vrijwillig. U mag elke vraag overslaan en op elk moment stoppen. Het heeft geen gevolgen voor uw "
        "zorg.",
        "Uw antwoorden worden bewaard onder een code, zonder uw naam. Zolang de lijst met codes bestaat, kan een "
        "antwoord nog bij een afspraak worden gevonden; daarna niet meer. Schrijf in open vragen geen namen of andere "
        "gegevens van uzelf of anderen.",
        "De antwoorden worden na {kept} verwijderd. Voor vragen, inzage of verwijdering: {contact}. Met een klacht "
        "kunt u ook terecht bij de Autoriteit Persoonsgegevens.",
    ),
    "en": (
        "This questionnaire is about: {title}. {who} asks about your experiences {why}.",
        "Taking part is voluntary. You may skip any question and stop at any moment. It has no consequences for your "
        "care.",
        "Your answers are kept under a code, without your name. As long as the list of codes exists, an answer can "
        "still be traced to an appointment; after that no longer. In open questions, please write no names or other "
        "details of yourself or others.",
        "The answers are deleted after {kept}. For questions, access or deletion: {contact}. A complaint can also be "
        "made to the Dutch Data Protection Authority (Autoriteit Persoonsgegevens).",
    ),
}


def check_languages(journey: Journey, languages: tuple[str, ...]) -> None:
    """Refuse a language that the journey, or this package, has no words in.

    Raises
    ------
    JourneyError
        Naming the language and the ones there are.
    """
    if not languages or len(set(languages)) < len(languages):
        raise JourneyError(f"language: expected one or more different languages, received {', '.join(languages)!r}.")
    for language in languages:
        if language not in journey.languages:
            raise JourneyError(
                f"language: journey '{journey.id}' is not written in '{language}'; it has: "
                f"{', '.join(journey.languages)}. Ask for one of these, or add the wording to the journey file."
            )
        if language not in _PARAGRAPHS:
            raise JourneyError(
                f"language: the words between the questions (yes, no, not applicable, the privacy text) exist in "
                f"{', '.join(_PARAGRAPHS)}, not in '{language}'. Make the questionnaire in one of these."
            )


def introduce(journey: Journey, facts: Introduction | None, language: str) -> tuple[str, ...]:
    """Paragraphs before the first question: what it is about, voluntary, how answers are kept, whom to ask."""
    months = {"nl": "maanden", "en": "months"}[language]
    given = {
        "who": facts.who[language] if facts and facts.who and language in facts.who.languages else None,
        "why": facts.why[language] if facts and facts.why and language in facts.why.languages else None,
        "kept": f"{facts.kept_months} {months}" if facts and facts.kept_months else None,
        "contact": facts.contact if facts else None,
    }
    filled = {key: value or _BLANKS[key][language] for key, value in given.items()}
    values = {"title": journey.title[language], **filled}
    return tuple(paragraph.format_map(values) for paragraph in _PARAGRAPHS[language])


def list_blanks(facts: Introduction | None) -> list[str]:
    """Keys of the privacy text that still have to be filled in."""
    given = {
        "who": facts and facts.who,
        "kept_months": facts and facts.kept_months,
        "contact": facts and facts.contact,
    }
    return [key for key, value in given.items() if not value]
