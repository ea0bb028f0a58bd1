"""What a map shows at each touchpoint: of all observations the mean feeling and the texts that tell most of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from pxanalysis.errors import JourneyError
from pxanalysis.figures.page.experience_map import (
    Feeling,
    MapDrawing,
    MapPhase,
    MapTouchpoint,
    Survey,
    Telling,
    draw_map,
)  # fmt: skip
from pxanalysis.journey.chain import CHANNEL_WORDS
from pxanalysis.journey.experience_map.observation import TEXTS, Observation, at
from pxanalysis.journey.experience_map.words import words_of

if TYPE_CHECKING:
    from pxanalysis.journey.model import Journey, Touchpoint

__all__ = ["Measured", "choose_role", "draw_journey_map", "phases_of", "rank_ideas"]

MOST_TOLD = 20
"""Texts of one kind at one touchpoint in the alternative for who does not see the picture."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The survey's figure of one touchpoint.

    Attributes
    ----------
    score
        Mean, 0-100, higher is better; None where it may not be shown or was not asked.
    n
        How many it rests on.
    reason
        Why there is no score; "" where there is.
    """

    score: float | None
    n: int | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    reason: str = ""

    @property
    def feels(self) -> float | None:
        """The score on the scale of what was observed: 0-100 becomes −2 to +2, 50 is neutral."""
        return None if self.score is None else (self.score - 50.0) / 25.0


def choose_role(journey: Journey, role: str | None) -> str | None:
    """Return the role when the journey has it.

    Raises
    ------
    JourneyError
        When it has not.
    """
    known = [one.id for one in journey.roles]
    if role is not None and role not in known:
        raise JourneyError(f"role: journey '{journey.id}' has no role '{role}'; it has: {', '.join(known) or 'none'}.")
    return role


def draw_journey_map(
    journey: Journey,
    observations: Sequence[Observation],
    *,
    language: str | None = None,
    role: str | None = None,
    measured: Mapping[str, Measured] | None = None,
    made_up: Sequence[str] = (),
) -> MapDrawing:
    """Draw observations along a journey, as on the wall of a workshop.

    Parameters
    ----------
    role
        Only what this role went through; all roles, a curve each, when None.
    measured
        The survey's figures by touchpoint.
    made_up
        What of it is not real, ``invented`` (observations) or ``simulated`` (answers): the title says so.
    """
    language = language or journey.languages[0]
    words = words_of(language, journey.languages)
    choose_role(journey, role)
    name = next((one.label[language] for one in journey.roles if one.id == role), "")
    beside = ", ".join([*([name] if name else []), *(words[one] for one in made_up)])
    title = f"{words['map']}: {journey.title[language]}" + (f" ({beside})" if beside else "")
    return draw_map(phases_of(journey, observations, language, role, measured), title, words, language)


def phases_of(
    journey: Journey,
    observations: Sequence[Observation],
    language: str,
    role: str | None = None,
    measured: Mapping[str, Measured] | None = None,
) -> list[MapPhase]:
    """What stands at each touchpoint, phase by phase; parameters as of :func:`draw_journey_map`."""
    words = words_of(language)
    used = [one for one in observations if role is None or one.role == role]
    roles = {one.id: one.label[language] for one in journey.roles} | {"": words["no_role"]}
    present = [name for name in roles if any(one.role == name for one in used)]
    curves = {name: roles[name] for name in present}
    return [
        MapPhase(
            step.label[language],
            step.sentence[language],
            tuple(
                _touchpoint(one, at(used, one.id), curves, (measured or {}).get(one.id), language)
                for one in step.touchpoints
            ),
        )
        for step in journey.steps
    ]


def _touchpoint(
    touchpoint: Touchpoint,
    seen: list[Observation],
    roles: Mapping[str, str],
    measured: Measured | None,
    language: str,
) -> MapTouchpoint:
    felt = [one.feels for one in seen if one.feels is not None]
    feelings = [_feeling(name, [one for one in seen if one.role == role]) for role, name in roles.items()]
    middle = fmean(felt) if felt else None
    telling = {kind: _tell(kind, seen, middle, language) for kind in TEXTS}
    for kind in ("does", "thinks", "dilemma"):
        written = getattr(touchpoint, kind)
        if not telling[kind].texts and written is not None:
            telling[kind] = Telling((written[language],), beforehand=True)
    telling["idea"] = _tell_ideas(seen, language)
    channels = CHANNEL_WORDS.get(language, CHANNEL_WORDS["en"])
    return MapTouchpoint(
        label=touchpoint.label[language],
        channels=", ".join(channels[one] for one in touchpoint.channels),
        optional=touchpoint.optional,
        n=len(seen),
        feels=middle,
        feelings=tuple(one for one in feelings if one is not None),
        telling=telling,
        survey=None if measured is None else Survey(measured.score, measured.feels, measured.n),
    )


def _feeling(name: str, seen: Iterable[Observation]) -> Feeling | None:
    felt = [one.feels for one in seen if one.feels is not None]
    return Feeling(name, fmean(felt), min(felt), max(felt), len(felt)) if felt else None


def _tell(kind: str, seen: Sequence[Observation], middle: float | None, language: str) -> Telling:
    """The texts of one kind, the one that tells most first.

    What is typical is told by who felt most like the mean; a dilemma by who felt worst, what was fine by who felt
    best. Texts in the language of the map come before others.
    """
    written = [one for one in seen if one.texts.get(kind)]

    def order(one: Observation) -> tuple[bool, float]:
        feels = 0.0 if one.feels is None else float(one.feels)
        worth = {"dilemma": feels, "positive": -feels}.get(kind, abs(feels - (middle or 0.0)))
        return language not in one.texts[kind], worth

    in_order = sorted(written, key=order)
    texts = list(dict.fromkeys(one.text(kind, language) for one in in_order))
    return _telling(texts, _other_languages(kind, in_order, language))


def _telling(texts: list[str], languages: Mapping[str, str]) -> Telling:
    return Telling(tuple(texts[:MOST_TOLD]), max(0, len(texts) - MOST_TOLD), languages=languages)


def _other_languages(kind: str, seen: Iterable[Observation], language: str) -> dict[str, str]:
    """By text that is not written in the language: the language it is written in."""
    others = [one.texts[kind] for one in seen if language not in one.texts[kind]]
    return {text: name for words in others for name, text in list(words.items())[:1]}


def rank_ideas(seen: Iterable[Observation], language: str) -> list[Observation]:
    """Observations that carry an idea, most votes first, then the smallest effort; in this language first."""
    efforts = {"S": 0, "M": 1, "L": 2, None: 3}
    ideas = [one for one in seen if one.texts.get("idea")]
    return sorted(ideas, key=lambda one: (-(one.votes or 0), efforts[one.effort], language not in one.texts["idea"]))


def _tell_ideas(seen: Sequence[Observation], language: str) -> Telling:
    words = words_of(language)
    told: list[str] = []
    other: dict[str, str] = {}
    for one in rank_ideas(seen, language):
        facts = [
            words[one.effort] if one.effort else "",
            words["euro"].format(amount=f"{one.cost:.0f}") if one.cost else "",
            "" if not one.votes else words["vote_of"] if one.votes == 1 else words["votes_of"].format(n=one.votes),
        ]
        beside = ", ".join(fact for fact in facts if fact)
        told.append(one.text("idea", language) + (f" ({beside})" if beside else ""))
        if language not in one.texts["idea"]:
            other[told[-1]] = next(iter(one.texts["idea"]))
    return _telling(list(dict.fromkeys(told)), other)
