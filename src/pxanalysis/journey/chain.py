"""A journey as a picture of its chain, in one of its languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from pxanalysis.errors import JourneyError
from pxanalysis.figures.page.chain import ChainDrawing, ChainStep, ChainTouchpoint, draw_chain

if TYPE_CHECKING:
    from pxanalysis.journey.parts import Step

__all__ = ["CHANNEL_WORDS", "draw_steps", "write_chain"]

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


def draw_steps(
    title: str, steps: Sequence[Step], providers: Mapping[str, str], language: str, figures: Mapping[str, str]
) -> ChainDrawing:
    """Draw the steps of a journey; see ``Journey.plot``.

    Parameters
    ----------
    providers
        What each provider is called, by id.
    figures
        By step id, what was measured there (``KTV 8.4``); it stands in the arrow.
    """
    drawn = [_step(step, providers, language, figures.get(step.id, "")) for step in steps]
    return draw_chain(drawn, title=title, words=_words(language))


def _words(language: str) -> dict[str, str]:
    if language not in CHANNEL_WORDS:
        known = " and ".join(CHANNEL_WORDS)
        raise JourneyError(f"language '{language}': channels have names in {known}. Add its own in journey/chain.py.")
    return CHANNEL_WORDS[language]


def _step(step: Step, providers: Mapping[str, str], language: str, figure: str) -> ChainStep:
    words = _words(language)
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


def write_chain(drawing: ChainDrawing, title: str, path: Path, language: str, width: str = "wide") -> None:
    """Write the chain as a page (``.html``, which suits every width) or as one drawing (``.svg``).

    Raises
    ------
    JourneyError
        When the file's name ends in something else.
    """
    if path.suffix == ".svg":
        path.write_text(drawing.to_svg(width), encoding="utf-8")
    elif path.suffix == ".html":
        title = escape(title)
        path.write_text(
            f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
            "<style>body{margin:8px auto;padding:0 12px;max-width:1200px;font-family:sans-serif}h1{font-size:1.3rem}"
            "@page{size:A4;margin:12mm}svg{break-inside:avoid}</style></head>"
            f"<body><main><h1>{title}</h1>{drawing._repr_html_()}</main></body></html>\n",
            encoding="utf-8",
        )
    else:
        raise JourneyError(f"output: expected a name that ends in .html or .svg; received '{path}'.")
