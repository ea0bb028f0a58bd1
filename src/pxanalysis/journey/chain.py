"""A journey as a picture of its chain, in one of its languages."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from pxanalysis.errors import JourneyError

if TYPE_CHECKING:
    from pxanalysis.figures.page.chain import ChainDrawing, ChainStep
    from pxanalysis.journey.model import Journey, Step

__all__ = ["CHANNEL_WORDS", "draw_journey", "write_chain"]

CHANNEL_WORDS: dict[str, dict[str, str]] = {
    "nl": {
        "in-person": "op locatie", "phone": "telefoon", "web": "website", "app": "app", "email": "e-mail",
        "letter": "brief", "text-message": "sms", "optional": "niet voor iedereen",
    },
    "en": {
        "in-person": "in person", "phone": "phone", "web": "website", "app": "app", "email": "e-mail",
        "letter": "letter", "text-message": "text message", "optional": "not for everyone",
    },
}  # fmt: skip
"""What channels are called; ``optional`` is said of a touchpoint that not every patient meets."""


def draw_journey(
    journey: Journey, language: str | None = None, figures: Mapping[str, str] | None = None
) -> ChainDrawing:
    """Draw a journey's chain.

    Parameters
    ----------
    language
        One of the journey's languages; its first when left out.
    figures
        By step id, what was measured there (``KTV 8.4``); it stands in the arrow.

    Raises
    ------
    JourneyError
        When the journey is not written in the language.
    """
    from pxanalysis.figures.page.chain import draw_chain

    language = language or journey.languages[0]
    if language not in journey.languages:
        raise JourneyError(
            f"language: journey '{journey.id}' is not written in '{language}'; it has: {', '.join(journey.languages)}."
        )
    providers = {provider.id: provider.label[language] for provider in journey.providers}
    steps = [_step(step, providers, language, (figures or {}).get(step.id, "")) for step in journey.steps]
    words = CHANNEL_WORDS.get(language, CHANNEL_WORDS["en"])
    return draw_chain(steps, title=journey.title[language], words=words)


def _step(step: Step, providers: dict[str, str], language: str, figure: str) -> ChainStep:
    from pxanalysis.figures.page.chain import ChainStep, ChainTouchpoint

    words = CHANNEL_WORDS.get(language, CHANNEL_WORDS["en"])
    cards = tuple(
        ChainTouchpoint(
            touchpoint.label[language],
            touchpoint.sentence[language] if touchpoint.sentence else "",
            ", ".join(words[channel] for channel in touchpoint.channels),
            touchpoint.optional,
        )
        for touchpoint in step.touchpoints
    )
    day = step.day[language] if step.day else ""
    return ChainStep(step.label[language], providers[step.provider], cards, day, figure)


def write_chain(
    journey: Journey, path: Path, language: str, width: str = "wide", figures: Mapping[str, str] | None = None
) -> None:
    """Write the chain as a page (``.html``, which suits every width) or as one drawing (``.svg``).

    Raises
    ------
    JourneyError
        When the file's name ends in something else.
    """
    drawing = draw_journey(journey, language, figures)
    if path.suffix == ".svg":
        path.write_text(drawing.to_svg(width), encoding="utf-8")
    elif path.suffix == ".html":
        title = escape(journey.title[language])
        path.write_text(
            f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
            "<style>body{margin:8px auto;max-width:1200px;font-family:sans-serif}h1{font-size:1.3rem}"
            "@page{size:A4;margin:12mm}svg{break-inside:avoid}</style></head>"
            f"<body><main><h1>{title}</h1>{drawing._repr_html_()}</main></body></html>\n",
            encoding="utf-8",
        )
    else:
        raise JourneyError(f"output: expected a name that ends in .html or .svg; received '{path}'.")
