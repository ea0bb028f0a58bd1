"""The parts a journey is made of, each valid by itself: texts, scales, items, touchpoints, steps, outcomes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel, model_validator
from pydantic_core import PydanticCustomError

__all__ = [
    "RESERVED_IDS",
    "CaseMixVariable",
    "Channel",
    "Direction",
    "Frozen",
    "Idea",
    "Identifier",
    "Introduction",
    "Item",
    "JourneyIdentifier",
    "Language",
    "Level",
    "OpenQuestion",
    "Outcome",
    "OutcomeKind",
    "Path",
    "Problem",
    "Provider",
    "ReportedOn",
    "Role",
    "Scale",
    "ScaleKind",
    "Step",
    "Text",
    "Touchpoint",
    "find_repeated",
    "refuse",
]

Channel = Literal["in-person", "phone", "web", "app", "email", "letter", "text-message"]
Direction = Literal["higher-is-better", "lower-is-better"]
OutcomeKind = Literal["ktv", "nps", "ces", "behaviour"]
ScaleKind = Literal["reflective", "formative"]
"""Items of a touchpoint measure one thing (``reflective``: what they do not share is error), or make it up."""

Reliability = Annotated[float, Field(ge=0.05, le=1.0)]

ReportedOn = Literal["practice", "hospital", "department", "organisation"]

RESERVED_IDS = frozenset(
    {
        "response_id",
        "practice_id",
        "practice_name",
        "completed_on",
        "role",
        "channel",
        "simulated",
        "token",
        "form_version",
    }
)
"""Column names every response has beside its answers; no item or outcome may take one of them."""


_ID = r"[a-z][a-z0-9_]{0,47}"
_JOURNEY_ID = r"[a-z][a-z0-9-]{0,47}"

Path = tuple[str | int, ...]
"""Where something stands in a journey file: keys and positions from the top."""


class Problem(NamedTuple):
    """Something inconsistent: where it stands, what to do about it, and what it clashes with."""

    path: Path
    message: str
    clashes_with: Path | None = None


def refuse(problems: list[Problem]) -> None:
    """Raise one validation error that carries all ``problems``, if there are any."""
    if problems:
        message = "; ".join(problem.message for problem in problems)
        raise PydanticCustomError("inconsistent", "{message}", {"message": message, "problems": problems})


def find_repeated(path: Path, ids: list[str]) -> Iterator[Problem]:
    """Yield ids that stand twice in the list at ``path``, each at its second place."""
    for i, name in enumerate(ids):
        first = ids.index(name)
        if first < i:
            yield Problem((*path, i, "id"), f"id '{name}' is used twice; rename one of them", (*path, first, "id"))


def _identifier(value: str) -> str:
    if not re.fullmatch(_ID, value):
        raise PydanticCustomError(
            "identifier", "expected an id of lower-case letters, digits and _ (at most 48, a letter first)"
        )
    return value


def _journey_identifier(value: str) -> str:
    if not re.fullmatch(_JOURNEY_ID, value):
        raise PydanticCustomError(
            "identifier", "expected a journey id of lower-case letters, digits and - (at most 48, a letter first)"
        )
    return value


Identifier = Annotated[str, AfterValidator(_identifier), Field(json_schema_extra={"pattern": f"^{_ID}$"})]

JourneyIdentifier = Annotated[
    str, AfterValidator(_journey_identifier), Field(json_schema_extra={"pattern": f"^{_JOURNEY_ID}$"})
]

Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]


class Frozen(BaseModel):
    """Base of the journey's parts: immutable, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


class Text(RootModel[dict[Language, Annotated[str, Field(min_length=1)]]]):
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
        Codes outside ``min..max``, or words, that mean "does not apply to me".
    dont_know
        Codes outside ``min..max``, or words, that mean "I do not know": no answer, but the touchpoint was met.
    """

    min: int
    max: int
    labels: dict[int, Text] = Field(default_factory=dict)
    not_applicable: tuple[int | Annotated[str, Field(min_length=1)], ...] = ()
    dont_know: tuple[int | Annotated[str, Field(min_length=1)], ...] = ()

    @property
    def not_applicable_codes(self) -> tuple[int, ...]:
        """The numbers among ``not_applicable``."""
        return tuple(code for code in self.not_applicable if isinstance(code, int))

    @property
    def not_applicable_words(self) -> tuple[str, ...]:
        """The words among ``not_applicable``."""
        return tuple(code for code in self.not_applicable if isinstance(code, str))

    @property
    def dont_know_codes(self) -> tuple[int, ...]:
        """The numbers among ``dont_know``."""
        return tuple(code for code in self.dont_know if isinstance(code, int))

    @property
    def dont_know_words(self) -> tuple[str, ...]:
        """The words among ``dont_know``."""
        return tuple(code for code in self.dont_know if isinstance(code, str))

    @model_validator(mode="after")
    def _ordered(self) -> Scale:
        if self.min >= self.max:
            refuse([Problem(("max",), f"expected max above min, found min {self.min} and max {self.max}")])
        problems = []
        for i, code in enumerate(self.dont_know):
            if code in self.not_applicable:
                problems.append(Problem(("dont_know", i), f"{code!r} is also not applicable; it can mean one thing"))
            elif isinstance(code, int) and self.min <= code <= self.max:
                message = f"don't-know code {code} is also an answer ({self.min}-{self.max}); choose a code outside"
                problems.append(Problem(("dont_know", i), message))
        for i, code in enumerate(self.not_applicable):
            if isinstance(code, int) and self.min <= code <= self.max:
                message = f"not-applicable code {code} is also an answer ({self.min}-{self.max}); choose a code outside"
                problems.append(Problem(("not_applicable", i), message))
        for code in self.labels:
            if not self.min <= code <= self.max:
                message = f"label for {code}, which is not an answer of this scale ({self.min}-{self.max})"
                problems.append(Problem(("labels", code), message))
        refuse(problems)
        return self


class Idea(Frozen):
    """A ready suggestion for improving a touchpoint: an imperative title and one concrete sentence.

    Attributes
    ----------
    items
        Items of the touchpoint that it answers to; none: it is for the touchpoint as a whole.
    """

    id: Identifier
    title: Text
    text: Text
    items: tuple[Identifier, ...] = ()


class Item(Frozen):
    """One rated statement about a touchpoint; ``scale`` names one of the journey's scales.

    Attributes
    ----------
    wording
        Findings of the wording check that are meant, each with its reason: ``negation: patients say it so; ...``.
    """

    id: Identifier
    text: Text
    scale: str
    direction: Direction = "higher-is-better"
    wording: str | None = None


class Touchpoint(Frozen):
    """One contact inside a step, with what the experience map says of it beforehand.

    Attributes
    ----------
    does, thinks
        What a patient does here ("I call the practice and wait for an answer.") and thinks ("Can I be seen in time?").
    dilemma
        What a patient weighs here, as a question ("Do I wait, or call now?"). What a patient feels is measured.
    optional
        Not every patient meets it.
    topic
        Under which of a register's prescribed topics it falls, for one that asks experiences by topic.
    scale
        Whether its items measure one thing (``reflective``: effects are corrected for how little they agree) or
        together make it up (``formative``: as measured). Left out: both are reported.
    reliability
        Of its score, where that is known otherwise, for example from a retest; the only way to know it of one item.
    """

    id: Identifier
    label: Text
    sentence: Text | None = None
    topic: Identifier | None = None
    does: Text | None = None
    thinks: Text | None = None
    dilemma: Text | None = None
    channels: tuple[Channel, ...] = ("in-person",)
    optional: bool = False
    scale: ScaleKind | None = None
    reliability: Reliability | None = None
    items: tuple[Item, ...] = Field(min_length=1)
    ideas: tuple[Idea, ...] = ()


class Step(Frozen):
    """A stage of the journey, with the sentence in which a patient would name it.

    Attributes
    ----------
    details
        Id of the journey that describes this step in full, in an overall chain.
    """

    id: Identifier
    label: Text
    sentence: Text
    provider: Identifier
    day: Text | None = None
    details: JourneyIdentifier | None = None
    touchpoints: tuple[Touchpoint, ...] = Field(min_length=1)


class Outcome(Frozen):
    """What the journey leads to: KTV, NPS, CES (each on a scale) or a behaviour (0/1).

    Attributes
    ----------
    source
        Who knows it: ``patient`` (it is asked) or ``records`` (the provider's administration; never asked).
    """

    id: Identifier
    kind: OutcomeKind
    label: Text
    text: Text
    scale: str | None = None
    direction: Direction = "higher-is-better"
    source: Literal["patient", "records"] = "patient"


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
    """A patient characteristic that practices do not choose and that colours answers.

    Attributes
    ----------
    marker
        It is a question about something else altogether, asked only to see how a patient answers at all (halo), and is
        held equal with its ``reliability`` taken into account.
    reliability
        Of a marker's answer.
    """

    id: Identifier
    label: Text
    type: Literal["number", "category"]
    range: tuple[float, float] | None = None
    levels: tuple[Level, ...] = ()
    marker: bool = False
    reliability: Reliability | None = None

    @model_validator(mode="after")
    def _fitting(self) -> CaseMixVariable:
        problems = []
        if self.type == "number" and self.levels:
            problems.append(Problem(("levels",), "a number has a range, not levels; make it 'type: category'"))
        if self.type == "category" and self.range is not None:
            problems.append(Problem(("range",), "a category has levels, not a range; make it 'type: number'"))
        if self.marker and self.type != "number":
            problems.append(Problem(("marker",), "a marker is answered with a number; make it 'type: number'"))
        if self.reliability is not None and not self.marker:
            problems.append(
                Problem(("reliability",), "only a marker has a reliability; add 'marker: true' or leave it out")
            )
        if self.range is not None and self.range[0] >= self.range[1]:
            problems.append(Problem(("range",), "expected a range [lowest, highest] with lowest below highest"))
        problems.extend(find_repeated(("levels",), [level.id for level in self.levels]))
        refuse(problems)
        return self


class OpenQuestion(Frozen):
    """A question answered in free text, about one touchpoint or, when none is named, about the whole journey."""

    id: Identifier
    text: Text
    touchpoint: Identifier | None = None


class Introduction(Frozen):
    """What a questionnaire tells before it asks: who asks, why, how long answers are kept, whom to ask.

    Attributes
    ----------
    who
        Who asks and is responsible for the answers, by name.
    why
        What the answers are for; "to improve care" when left out.
    kept_months
        After how many months the answers are deleted.
    contact
        Where patients can put questions or withdraw: an e-mail address, a telephone number.
    """

    who: Text | None = None
    why: Text | None = None
    kept_months: int | None = Field(default=None, ge=1, le=240)
    contact: str | None = Field(default=None, min_length=3, max_length=200)
