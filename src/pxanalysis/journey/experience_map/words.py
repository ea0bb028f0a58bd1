"""What the sheet, the form, the map and the workshop guide say, in Dutch and English."""

from __future__ import annotations

from pxanalysis.errors import JourneyError

__all__ = ["WORDS", "words_of"]

WORDS: dict[str, dict[str, str]] = {
    "nl": {
        "map": "Klantreis visueel", "does": "Doet", "thinks": "Denkt", "positive": "Fijn", "dilemma": "Dilemma",
        "quote": "Zegt", "idea": "Idee", "ideas": "Ideeën", "feels": "Voelt", "touchpoint": "Contactmoment",
        "role": "Rol", "source": "Hoe weet u dit?", "date": "Datum", "effort": "Moeite", "cost": "Kosten (€)",
        "votes": "Stemmen", "language": "Taal", "phase": "Fase", "everyone": "alle rollen", "no_role": "rol onbekend",
        "shadowing": "meegelopen", "interview": "gesprek", "workshop": "werksessie", "comment": "reactie",
        "feels2": "heel fijn", "feels1": "fijn", "feels0": "gewoon", "feels-1": "naar", "feels-2": "heel naar",
        "seen": "gezien", "measured": "score", "n": "n", "few": "score: te weinig antwoorden",
        "none": "niets gezien", "more": "en nog {n}", "votes_of": "{n} stemmen", "vote_of": "1 stem",
        "beforehand": "zo beschreven", "legend_seen": "gezien: gemiddelde gevoel",
        "legend_measured": "score uit antwoorden",
        "legend_beforehand": "grijs: vooraf beschreven, niet gezien", "legend_dip": "idee bij een dal",
        "optional": "niet voor iedereen", "as_text": "De kaart als tekst",
        "note": "Gezien is niet gemeten: wie gevolgd wordt, is gekozen en met weinigen. Een kaart zegt wat er gebeurt "
        "en waarom, niet hoe vaak.",
        "S": "klein", "M": "middel", "L": "groot", "euro": "€ {amount}", "spread": "van {low} tot {high}",
        "people": "{n} waarnemingen", "person": "1 waarneming", "empty": "Nog niets gezien of beschreven.",
        "invented": "verzonnen waarnemingen", "simulated": "gesimuleerde antwoorden",
    },
    "en": {
        "map": "Experience map", "does": "Does", "thinks": "Thinks", "positive": "Likes", "dilemma": "Dilemma",
        "quote": "Says", "idea": "Idea", "ideas": "Ideas", "feels": "Feels", "touchpoint": "Touchpoint",
        "role": "Role", "source": "How do you know?", "date": "Date", "effort": "Effort", "cost": "Cost (€)",
        "votes": "Votes", "language": "Language", "phase": "Phase", "everyone": "all roles", "no_role": "role unknown",
        "shadowing": "walked along", "interview": "interview", "workshop": "workshop", "comment": "comment",
        "feels2": "very good", "feels1": "good", "feels0": "neutral", "feels-1": "bad", "feels-2": "very bad",
        "seen": "seen", "measured": "score", "n": "n", "few": "score: too few answers",
        "none": "nothing seen", "more": "and {n} more", "votes_of": "{n} votes", "vote_of": "1 vote",
        "beforehand": "as described", "legend_seen": "seen: mean feeling", "legend_measured": "score from answers",
        "legend_beforehand": "grey: described beforehand, not seen", "legend_dip": "idea at a dip",
        "optional": "not for everyone", "as_text": "The map as text",
        "note": "Seen is not measured: those who are followed are chosen and few. A map tells what happens and why, "
        "not how often.",
        "S": "small", "M": "medium", "L": "large", "euro": "€ {amount}", "spread": "from {low} to {high}",
        "people": "{n} observations", "person": "1 observation", "empty": "Nothing seen or described yet.",
        "invented": "invented observations", "simulated": "simulated answers",
    },
}  # fmt: skip
"""By language, then by key; a new language adds its own."""


def words_of(language: str, journey_languages: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the words of a language.

    Raises
    ------
    JourneyError
        When there are none, or the journey is not written in it.
    """
    if language not in WORDS:
        raise JourneyError(f"language '{language}': a map has words in {' and '.join(WORDS)}. Choose one of those.")
    if journey_languages and language not in journey_languages:
        raise JourneyError(
            f"language '{language}': the journey is not written in it; it has: {', '.join(journey_languages)}."
        )
    return WORDS[language]
