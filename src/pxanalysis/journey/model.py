"""What is measured: a journey, its steps, touchpoints and items, and the outcomes they are held against.

Everything about a question (wording, range, direction, not-applicable codes) stands here once; the answer
schema, the scores, the labels and the report are derived from it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel, model_validator
from pydantic_core import PydanticCustomError

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
    "Role",
    "Scale",
    "Step",
    "Text",
    "Touchpoint",
]

Channel = Literal["in-person", "phone", "web", "app", "email", "letter", "text-message"]
Direction = Literal["higher-is-better", "lower-is-better"]
OutcomeKind = Literal["ktv", "nps", "ces", "behaviour"]

RESERVED_IDS = frozenset(
    {"response_id", "practice_id", "practice_name", "completed_on", "role", "channel", "simulated"}
)
"""Column names every response has beside its answers; no item or outcome may take one of them."""


def _identifier(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,47}", value):
        raise PydanticCustomError(
            "identifier",
            "expected an id of lower-case letters, digits and _ (at most 48, a letter first), found '{found}'",
            {"found": value},
        )
    return value


def _journey_identifier(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,47}", value):
        raise PydanticCustomError(
            "identifier",
            "expected a journey id of lower-case letters, digits and - (a letter first), found '{found}'",
            {"found": value},
        )
    return value


Identifier = Annotated[str, AfterValidator(_identifier)]


class Frozen(BaseModel):
    """Base of the journey's parts: immutable, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Text(RootModel[dict[Annotated[str, Field(pattern=r"^[a-z]{2}$")], Annotated[str, Field(min_length=1)]]]):
    """One wording in several languages, for example ``{nl: Verdoving, en: Anaesthesia}``."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    def __getitem__(self, language: str) -> str:
        return self.root[language]

    @property
    def languages(self) -> frozenset[str]:
        """The languages this text is written in."""
        return frozenset(self.root)


class Scale(Frozen):
    """An answer scale of whole numbers.

    Attributes
    ----------
    min, max
        Lowest and highest answer, both included.
    labels
        Wording of answers, keyed by the answer; may name only the end points.
    not_applicable
        Codes outside ``min..max`` that mean "does not apply to me".
    """

    min: int
    max: int
    labels: dict[int, Text] = Field(default_factory=dict)
    not_applicable: tuple[int, ...] = ()

    @model_validator(mode="after")
    def _ordered(self) -> Scale:
        if self.min >= self.max:
            raise PydanticCustomError(
                "scale", "expected min below max, found min {low} and max {high}", {"low": self.min, "high": self.max}
            )
        inside = [code for code in self.not_applicable if self.min <= code <= self.max]
        if inside:
            raise PydanticCustomError(
                "scale",
                "not-applicable code {code} lies within the answers {low}-{high}; choose a code outside them",
                {"code": inside[0], "low": self.min, "high": self.max},
            )
        outside = [code for code in self.labels if not self.min <= code <= self.max]
        if outside:
            raise PydanticCustomError(
                "scale", "label for answer {code}, which the scale does not have", {"code": outside[0]}
            )
        return self


class Idea(Frozen):
    """A ready suggestion for improving a touchpoint: an imperative title and one concrete sentence."""

    id: Identifier
    title: Text
    text: Text


class Item(Frozen):
    """One rated statement about a touchpoint; ``scale`` names one of the journey's scales."""

    id: Identifier
    text: Text
    scale: str
    direction: Direction = "higher-is-better"


class Touchpoint(Frozen):
    """One contact inside a step. ``optional`` says that not every patient meets it."""

    id: Identifier
    label: Text
    sentence: Text | None = None
    channels: tuple[Channel, ...] = ("in-person",)
    optional: bool = False
    items: tuple[Item, ...] = Field(min_length=1)
    ideas: tuple[Idea, ...] = ()


class Step(Frozen):
    """A stage of the journey, with the sentence in which a patient would name it."""

    id: Identifier
    label: Text
    sentence: Text
    provider: Identifier
    day: Text | None = None
    touchpoints: tuple[Touchpoint, ...] = Field(min_length=1)


class Outcome(Frozen):
    """What the journey leads to: KTV, NPS, CES (each on a scale) or a behaviour (0/1)."""

    id: Identifier
    kind: OutcomeKind
    label: Text
    text: Text
    scale: str | None = None
    direction: Direction = "higher-is-better"


class Provider(Frozen):
    """An organisation that the patient meets in the journey."""

    id: Identifier
    label: Text


class Role(Frozen):
    """In what role somebody answers: patient, parent, informal carer."""

    id: Identifier
    label: Text


class Level(Frozen):
    """One value a case-mix category can take."""

    id: str = Field(min_length=1)
    label: Text


class CaseMixVariable(Frozen):
    """A patient characteristic that practices do not choose and that colours answers."""

    id: Identifier
    label: Text
    type: Literal["number", "category"]
    range: tuple[float, float] | None = None
    levels: tuple[Level, ...] = ()

    @model_validator(mode="after")
    def _fitting(self) -> CaseMixVariable:
        if self.type == "number" and self.levels:
            raise PydanticCustomError("case_mix", "a number has a range, not levels; make it 'type: category'")
        if self.type == "category" and self.range is not None:
            raise PydanticCustomError("case_mix", "a category has levels, not a range; make it 'type: number'")
        return self


class OpenQuestion(Frozen):
    """A question answered in free text."""

    id: Identifier
    text: Text


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
    """

    id: Annotated[str, AfterValidator(_journey_identifier)]
    version: str = "1.0"
    kind: Literal["questionnaire", "chain"] = "questionnaire"
    languages: tuple[Annotated[str, Field(pattern=r"^[a-z]{2}$")], ...] = ("nl", "en")
    title: Text
    description: Text
    providers: tuple[Provider, ...] = Field(min_length=1)
    roles: tuple[Role, ...] = ()
    scales: dict[str, Scale]
    steps: tuple[Step, ...] = Field(min_length=1)
    outcomes: tuple[Outcome, ...] = Field(min_length=1)
    case_mix: tuple[CaseMixVariable, ...] = ()
    open_questions: tuple[OpenQuestion, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Journey:
        for path, message in find_problems(self):
            raise PydanticCustomError("journey", "{message}", {"message": message, "path": path})
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
        """Return the touchpoint with this id."""
        for touchpoint in self.touchpoints:
            if touchpoint.id == touchpoint_id:
                return touchpoint
        known = ", ".join(touchpoint.id for touchpoint in self.touchpoints)
        raise KeyError(f"journey '{self.id}' has no touchpoint '{touchpoint_id}'; it has: {known}")


Path = tuple[str | int, ...]


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


def find_problems(journey: Journey) -> Iterator[tuple[Path, str]]:
    """Yield what is inconsistent over the whole journey, as (path into the file, message)."""
    seen = Counter[str]()
    for path, name in _walk_ids(journey):
        seen[name] += 1
        if seen[name] == 2:
            yield path, f"id '{name}' is used twice; ids are unique over the whole journey, rename one of them"
        if name in RESERVED_IDS:
            yield path, f"id '{name}' is a column every response has; choose another id"
    providers = {provider.id for provider in journey.providers}
    for s, step in enumerate(journey.steps):
        if step.provider not in providers:
            known = ", ".join(sorted(providers))
            yield ("steps", s, "provider"), f"provider '{step.provider}' is not listed; listed are: {known}"
        for t, touchpoint in enumerate(step.touchpoints):
            for i, item in enumerate(touchpoint.items):
                if item.scale not in journey.scales:
                    path = ("steps", s, "touchpoints", t, "items", i, "scale")
                    yield path, _unknown_scale(item.scale, journey)
    for i, outcome in enumerate(journey.outcomes):
        if outcome.kind == "behaviour" and outcome.scale is not None:
            yield ("outcomes", i, "scale"), "a behaviour is 0/1 and has no scale; leave 'scale' out"
        if outcome.kind != "behaviour" and outcome.scale not in journey.scales:
            yield ("outcomes", i, "scale"), _unknown_scale(outcome.scale, journey)
    for path, text in _walk_texts(journey):
        absent = sorted(set(journey.languages) - text.languages)
        if absent:
            yield path, f"wording is missing in '{absent[0]}'; the journey's languages are {list(journey.languages)}"


def _unknown_scale(name: str | None, journey: Journey) -> str:
    return f"scale '{name}' is not defined; defined are: {', '.join(journey.scales) or 'none'}"
