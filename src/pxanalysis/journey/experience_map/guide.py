"""A guide for the workshops that make a map: two pages, and the journey as an empty map for the wall."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from markupsafe import Markup

from pxanalysis.figures.page.experience_map.empty import draw_empty_map
from pxanalysis.journey.experience_map.words import words_of

if TYPE_CHECKING:
    from jinja2 import Template

    from pxanalysis.journey.model import Journey

__all__ = ["make_guide"]


@cache
def _template(language: str) -> Template:
    from jinja2 import Environment, StrictUndefined

    folder = resources.files("pxanalysis.journey.experience_map")
    text = (folder / f"guide.{language}.html.jinja").read_text(encoding="utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(
        text
    )


def make_guide(journey: Journey, language: str) -> str:
    """Return the guide of a journey as a page that prints: two sheets of A4 and the empty map on A3.

    Raises
    ------
    JourneyError
        When there is no guide in the language, or the journey is not written in it.
    """
    words = words_of(language, journey.languages)
    phases = [(step.label[language], [one.label[language] for one in step.touchpoints]) for step in journey.steps]
    waits = [one.label[language] for one in journey.touchpoints if one.dilemma][:3]
    return _template(language).render(
        title=journey.title[language],
        journey_id=journey.id,
        roles=[role.label[language].lower() for role in journey.roles],
        phases=phases,
        moments=waits or [one.label[language] for one in journey.touchpoints][:3],
        dilemmas=[one.dilemma[language] for one in journey.touchpoints if one.dilemma][:2],
        words=words,
        sheets=[Markup(svg) for svg in draw_empty_map(phases, f"{words['map']}: {journey.title[language]}", words)],
    )
