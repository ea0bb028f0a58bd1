"""A questionnaire as one page that works without a network: on a phone, by keyboard, on paper."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from pxanalysis.journey.tool_facts import FORM_MARK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Template

    from pxanalysis.journey.form import Form
    from pxanalysis.journey.short_ids import CodeBook

__all__ = ["make_html"]

_WORDS: dict[str, dict[str, str]] = {
    "nl": {
        "next": "Volgende", "back": "Vorige", "finish": "Afronden", "part": "Deel {n} van {m}",
        "clear": "Antwoorden op deze pagina wissen", "practice": "Praktijk (code)",
        "done": "Klaar. Uw antwoorden staan alleen op dit scherm.",
        "how": "Sla het bestand op en geef het aan wie u om deze vragenlijst vroeg. Sluit u het venster, dan is alles "
        "weg: er blijft niets op dit apparaat achter.",
        "save": "Bestand met antwoorden opslaan", "again": "Alles wissen en opnieuw beginnen",
        "text": "De antwoorden als tekst", "noscript": "Zonder JavaScript kunt u dit formulier afdrukken en met pen "
        "invullen.", "paper": "Zet bij elke vraag één kruisje. U mag vragen overslaan.",
        "paper_no": "Bij nee: ga naar het volgende onderdeel.", "version": "versie",
        "low_high": "Vul {low} tot en met {high} in.", "trial": "Proefformulier",
    },
    "en": {
        "next": "Next", "back": "Back", "finish": "Finish", "part": "Part {n} of {m}",
        "clear": "Clear the answers on this page", "practice": "Practice (code)",
        "done": "Done. Your answers are on this screen only.",
        "how": "Save the file and give it to whoever asked you to fill this in. When you close the window everything "
        "is gone: nothing stays on this device.",
        "save": "Save the file with answers", "again": "Clear everything and start again",
        "text": "The answers as text", "noscript": "Without JavaScript you can print this form and fill it in by pen.",
        "paper": "Tick one box for each question. You may skip questions.",
        "paper_no": "If no: go to the next part.", "version": "version",
        "low_high": "Please enter {low} to {high}.", "trial": "Try-out form",
    },
}  # fmt: skip


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    text = (resources.files("pxanalysis.questionnaires") / "form.html.jinja").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(text)


def make_html(form: Form, book: CodeBook, pictures: Mapping[str, str] | None = None) -> dict[str, bytes]:
    """Return one page per language.

    Parameters
    ----------
    pictures
        SVG of the chain per language, shown before the first question and on paper.
    """
    return {
        f"{form.journey_id}-form-{language}.html": _page(form, book, language, (pictures or {}).get(language))
        for language in form.languages
    }


def _page(form: Form, book: CodeBook, language: str, picture: str | None) -> bytes:
    facts: dict[str, Any] = {
        "mark": FORM_MARK,
        "journey": form.journey_id,
        "version": form.version,
        "language": language,
        "columns": [question.id for question in form.questions],
    }
    words = _WORDS[language]
    page = _template().render(
        form=form,
        book=book,
        language=language,
        words=words,
        picture=Markup(picture) if picture else None,
        # A text that would end the script cannot: its < is written as an escape.
        facts=Markup(json.dumps(facts).replace("<", "\\u003c")),
        messages=Markup(json.dumps({key: words[key] for key in ("part", "low_high")}).replace("<", "\\u003c")),
    )
    return page.encode()
