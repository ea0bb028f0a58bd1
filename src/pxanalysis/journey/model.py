"""What is measured: a journey, its steps, touchpoints and items, and the outcomes they are held against.

Everything about a question (wording, range, direction, not-applicable codes) stands here once; the answer
schema, the scores, the labels and the report are derived from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field, model_validator

from pxanalysis.errors import JourneyError
from pxanalysis.journey.parts import (
    RESERVED_IDS,
    CaseMixVariable,
    Channel,
    Direction,
    Frozen,
    Idea,
    Introduction,
    Item,
    JourneyIdentifier,
    Language,
    Level,
    OpenQuestion,
    Outcome,
    OutcomeKind,
    Path,
    Problem,
    Provider,
    ReportedOn,
    Role,
    Scale,
    Step,
    Text,
    Touchpoint,
    find_repeated,
    refuse,
)

if TYPE_CHECKING:
    from pxanalysis.figures.page.chain import ChainDrawing

__all__ = [
    "RESERVED_IDS",
    "CaseMixVariable",
    "Channel",
    "Direction",
    "Idea",
    "Item",
    "Journey",
    "Level",
    "OpenQuestion",
    "Outcome",
    "OutcomeKind",
    "PlacedItem",
    "Provider",
    "ReportedOn",
    "Role",
    "Scale",
    "Step",
    "Text",
    "Touchpoint",
    "find_problems",
]


class PlacedItem(Frozen):
    """An item together with where it stands in the journey and the scale it is answered on."""

    step: Step
    touchpoint: Touchpoint
    item: Item
    scale: Scale

    @property
    def id(self) -> str:
        """The item's id, which is its column name in a response table."""
        return self.item.id


class Journey(Frozen):
    """The whole experience chain of one patient group, described once.

    Attributes
    ----------
    languages
        Every text in the journey must be written in each of these.
    kind
        ``questionnaire`` when the chain is meant to be asked in full; ``chain`` for an overall description of
        which parts become questionnaires of their own.
    reported_on
        What kind of provider each report is about, and what it is called there.
    introduction
        What its questionnaires tell before they ask; ``[questionnaire]`` in study.toml goes before it.
    """

    id: JourneyIdentifier
    version: str = "1.0"
    kind: Literal["questionnaire", "chain"] = "questionnaire"
    reported_on: ReportedOn = "practice"
    languages: tuple[Language, ...] = Field(default=("nl", "en"), min_length=1)
    title: Text
    description: Text
    providers: tuple[Provider, ...] = Field(min_length=1)
    roles: tuple[Role, ...] = ()
    scales: dict[str, Scale]
    steps: tuple[Step, ...] = Field(min_length=1)
    outcomes: tuple[Outcome, ...] = Field(min_length=1)
    case_mix: tuple[CaseMixVariable, ...] = ()
    open_questions: tuple[OpenQuestion, ...] = ()
    introduction: Introduction | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Journey:
        refuse(list(find_problems(self)))
        return self

    @cached_property
    def touchpoints(self) -> tuple[Touchpoint, ...]:
        """All touchpoints in journey order."""
        return tuple(touchpoint for step in self.steps for touchpoint in step.touchpoints)

    @cached_property
    def items(self) -> tuple[PlacedItem, ...]:
        """All items in journey order, each with its place and scale."""
        return tuple(
            PlacedItem.model_construct(step=step, touchpoint=touchpoint, item=item, scale=self.scales[item.scale])
            for step in self.steps
            for touchpoint in step.touchpoints
            for item in touchpoint.items
        )

    @property
    def rated_outcomes(self) -> tuple[Outcome, ...]:
        """Outcomes answered on a scale (KTV, NPS, CES)."""
        return tuple(outcome for outcome in self.outcomes if outcome.kind != "behaviour")

    @property
    def behaviours(self) -> tuple[Outcome, ...]:
        """Outcomes that are 0/1."""
        return tuple(outcome for outcome in self.outcomes if outcome.kind == "behaviour")

    def outcome(self, id_or_kind: str) -> Outcome:
        """Return the outcome with this id, or the first of this kind (``ktv``, ``nps``, ``ces``).

        Raises
        ------
        KeyError
            When the journey has no such outcome; the message lists those it has.
        """
        for outcome in self.outcomes:
            if outcome.id == id_or_kind:
                return outcome
        for outcome in self.outcomes:
            if outcome.kind == id_or_kind and outcome.kind != "behaviour":
                return outcome
        known = ", ".join(outcome.id for outcome in self.outcomes)
        raise KeyError(f"journey '{self.id}' has no outcome '{id_or_kind}'; it has: {known}")

    def touchpoint(self, touchpoint_id: str) -> Touchpoint:
        """Return the touchpoint with this id.

        Raises
        ------
        KeyError
            When the journey has no such touchpoint; the message lists those it has.
        """
        for touchpoint in self.touchpoints:
            if touchpoint.id == touchpoint_id:
                return touchpoint
        known = ", ".join(touchpoint.id for touchpoint in self.touchpoints)
        raise KeyError(f"journey '{self.id}' has no touchpoint '{touchpoint_id}'; it has: {known}")

    def plot(self, language: str | None = None, figures: Mapping[str, str] | None = None) -> ChainDrawing:
        """Draw the chain: steps as arrows, their touchpoints below; it shows itself in JupyterLab.

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
        # a process that only reads journeys draws none
        from pxanalysis.journey.chain import draw_steps

        language = language or self.languages[0]
        if language not in self.languages:
            raise JourneyError(
                f"language: journey '{self.id}' is not written in '{language}'; it has: {', '.join(self.languages)}."
            )
        providers = {provider.id: provider.label[language] for provider in self.providers}
        return draw_steps(self.title[language], self.steps, providers, language, figures or {})


def _walk_ids(journey: Journey) -> Iterator[tuple[Path, str]]:
    """Every id that names something in the journey, with where it stands."""
    for s, step in enumerate(journey.steps):
        yield ("steps", s, "id"), step.id
        for t, touchpoint in enumerate(step.touchpoints):
            here: Path = ("steps", s, "touchpoints", t)
            yield (*here, "id"), touchpoint.id
            for i, item in enumerate(touchpoint.items):
                yield (*here, "items", i, "id"), item.id
            for i, idea in enumerate(touchpoint.ideas):
                yield (*here, "ideas", i, "id"), idea.id
    for group in ("outcomes", "case_mix", "open_questions"):
        for i, part in enumerate(getattr(journey, group)):
            yield (group, i, "id"), part.id


def _walk_texts(value: Any, path: Path = ()) -> Iterator[tuple[Path, Text]]:
    if isinstance(value, Text):
        yield path, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _walk_texts(getattr(value, name), (*path, name))
    elif isinstance(value, tuple):
        for i, part in enumerate(value):
            yield from _walk_texts(part, (*path, i))
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _walk_texts(part, (*path, key))


def find_problems(journey: Journey) -> Iterator[Problem]:
    """Yield what is inconsistent over the whole journey: ids, references, wording."""
    wrong_ids = list(_find_id_problems(journey))
    yield from wrong_ids
    yield from _find_reference_problems(journey)
    yield from _find_misplaced_questions(journey)
    if not wrong_ids:  # an idea names an item by its id: one mistake should not be reported twice
        yield from _find_idea_problems(journey)
    for path, text in _walk_texts(journey):
        for language in sorted(set(journey.languages) - text.languages):
            languages = ", ".join(journey.languages)
            yield Problem(path, f"wording is missing in '{language}'; the journey's languages are {languages}")


def _find_id_problems(journey: Journey) -> Iterator[Problem]:
    first: dict[str, Path] = {}
    for path, name in _walk_ids(journey):
        if name in RESERVED_IDS:
            yield Problem(path, f"id '{name}' is a column every response has; choose another id")
        elif name in first:
            message = f"id '{name}' is used twice; ids are unique over the whole journey, rename one of them"
            yield Problem(path, message, first[name])
        first.setdefault(name, path)
    yield from find_repeated(("providers",), [provider.id for provider in journey.providers])
    yield from find_repeated(("roles",), [role.id for role in journey.roles])


def _find_reference_problems(journey: Journey) -> Iterator[Problem]:
    providers = {provider.id for provider in journey.providers}
    for s, step in enumerate(journey.steps):
        if step.provider not in providers:
            known = ", ".join(sorted(providers))
            yield Problem(("steps", s, "provider"), f"provider '{step.provider}' is not listed; listed are: {known}")
        for t, touchpoint in enumerate(step.touchpoints):
            for i, item in enumerate(touchpoint.items):
                if item.scale not in journey.scales:
                    place = ("steps", s, "touchpoints", t, "items", i, "scale")
                    yield Problem(place, _unknown_scale(item.scale, journey))
    for i, outcome in enumerate(journey.outcomes):
        path = ("outcomes", i, "scale")
        if outcome.kind == "behaviour" and outcome.scale is not None:
            yield Problem(path, "a behaviour is 0/1 and has no scale; leave 'scale' out")
        if outcome.kind != "behaviour" and outcome.scale is None:
            yield Problem(path, f"a {outcome.kind} is answered on a scale; add 'scale', one of: {_scales(journey)}")
        elif outcome.kind != "behaviour" and outcome.scale not in journey.scales:
            yield Problem(path, _unknown_scale(outcome.scale, journey))


def _find_misplaced_questions(journey: Journey) -> Iterator[Problem]:
    known = {touchpoint.id for touchpoint in journey.touchpoints}
    for i, question in enumerate(journey.open_questions):
        if question.touchpoint is not None and question.touchpoint not in known:
            message = f"there is no touchpoint '{question.touchpoint}'; there are: {', '.join(sorted(known))}"
            yield Problem(("open_questions", i, "touchpoint"), message)


def _find_idea_problems(journey: Journey) -> Iterator[Problem]:
    for s, step in enumerate(journey.steps):
        for t, touchpoint in enumerate(step.touchpoints):
            known = [item.id for item in touchpoint.items]
            for i, idea in enumerate(touchpoint.ideas):
                for k, name in enumerate(idea.items):
                    if name not in known:
                        path = ("steps", s, "touchpoints", t, "ideas", i, "items", k)
                        message = f"'{name}' is no item of touchpoint '{touchpoint.id}'; it has: {', '.join(known)}"
                        yield Problem(path, message)


def _unknown_scale(name: str | None, journey: Journey) -> str:
    return f"scale '{name}' is not defined; defined are: {_scales(journey)}"


def _scales(journey: Journey) -> str:
    return ", ".join(journey.scales) or "none"
