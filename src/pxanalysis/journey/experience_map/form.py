"""A form on one page, without a network: for a tablet on the wall of a workshop; it hands over a CSV."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from markupsafe import Markup

from pxanalysis.journey.experience_map.observation import EFFORTS, LONGEST, OBSERVATION_COLUMNS, SOURCES, TEXTS
from pxanalysis.journey.experience_map.words import words_of

if TYPE_CHECKING:
    from jinja2 import Template

    from pxanalysis.journey.model import Journey

__all__ = ["make_form"]

_WORDS = {
    "nl": {
        "title": "Waarnemingen", "add": "Zet op de lijst", "save": "Bestand opslaan", "list": "Op de lijst",
        "nothing": "Nog niets op de lijst.", "choose": "Kies", "required": "Kies een contactmoment en een bron.",
        "empty": "Vul een gevoel of een tekst in.", "added": "Toegevoegd.", "not_seen": "niet gezien",
        "about": "Eén formulier per moment: wat één patiënt deed, dacht en voelde. Schrijf geen namen op. Alles staat "
        "alleen op dit scherm tot u het opslaat.", "remove": "Haal weg", "of_idea": "Van het idee",
        "noscript": "Dit formulier heeft JavaScript nodig. Gebruik anders het werkblad of de lege kaart.",
    },
    "en": {
        "title": "Observations", "add": "Put on the list", "save": "Save the file", "list": "On the list",
        "nothing": "Nothing on the list yet.", "choose": "Choose", "required": "Choose a touchpoint and a source.",
        "empty": "Fill in a feeling or a text.", "added": "Added.", "not_seen": "not seen",
        "about": "One form for each moment: what one patient did, thought and felt. Write no names. All of it stands "
        "on this screen only until you save it.", "remove": "Remove", "of_idea": "Of the idea",
        "noscript": "This form needs JavaScript. Otherwise use the sheet or the empty map.",
    },
}  # fmt: skip


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    text = (resources.files("pxanalysis.journey.experience_map") / "form.html.jinja").read_text(encoding="utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(
        text
    )


def make_form(journey: Journey, language: str) -> str:
    """Return the form for observations on a journey; ``pxanalysis.read_observations`` reads what it saves."""
    words = words_of(language, journey.languages) | _WORDS[language]
    told = {key: words[key] for key in ("required", "empty", "added", "remove", "nothing", "not_seen")}
    facts = {
        "columns": list(OBSERVATION_COLUMNS),
        "file": f"{journey.id}-observations",
        "language": language,
        "words": told,
    }
    return _template().render(
        journey=journey,
        language=language,
        words=words,
        sources=SOURCES,
        efforts=EFFORTS,
        texts=TEXTS,
        longest=LONGEST,
        feelings=(-2, -1, 0, 1, 2),
        # A text that would end the script cannot: its < is written as an escape.
        facts=Markup(json.dumps(facts).replace("<", "\\u003c")),
    )
