"""What a questionnaire asks, page by page, before any tool: derived from the journey, read and written by all tools."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from pxanalysis.errors import JourneyError
from pxanalysis.journey.form_words import WORDS, check_languages, introduce

if TYPE_CHECKING:
    from pxanalysis.journey.model import Journey, Outcome, PlacedItem, Touchpoint
    from pxanalysis.journey.parts import CaseMixVariable, Introduction, Scale

__all__ = [
    "DONT_KNOW",
    "HIDDEN",
    "Block",
    "Choice",
    "Form",
    "Page",
    "Question",
    "build_form",
    "filter_id",
    "own_columns",
]

Wording = Mapping[str, str]
"""One text per language of the form."""

HIDDEN = ("practice_id", "form_version", "token", "channel")
"""What the link or the form itself fills in, and nobody is asked."""

DONT_KNOW = "dk"
"""Journey value of "I don't know": no answer of a scale, and not its "not applicable" either."""

MOST_CHOICES = 11
"""As many answers as a single choice can show side by side on paper and below each other on a phone."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: the value it has in a response table, and its label."""

    value: str
    label: Wording
    kind: Literal["answer", "not-applicable", "dont-know"] = "answer"


@dataclass(frozen=True, slots=True)
class Question:
    """One question; ``choices`` is empty for a number or a text.

    Attributes
    ----------
    limits
        Lowest and highest whole number of a number question.
    """

    id: str
    kind: Literal["rating", "choice", "yes-no", "number", "text"]
    text: Wording
    choices: tuple[Choice, ...] = ()
    limits: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """Questions that stand together: several with the same answers make a matrix."""

    id: str
    questions: tuple[Question, ...]

    @property
    def is_matrix(self) -> bool:
        """Whether the questions are the rows of one table of answers."""
        return len(self.questions) > 1


@dataclass(frozen=True, slots=True)
class Page:
    """One page: a touchpoint, or the outcomes, or what is asked about the patient.

    Attributes
    ----------
    gate
        A yes/no question; the blocks below it are asked after "yes" only.
    """

    id: str
    title: Wording
    lead: Wording | None
    blocks: tuple[Block, ...]
    gate: Question | None = None


@dataclass(frozen=True)
class Form:
    """A questionnaire in one or more languages.

    Attributes
    ----------
    languages
        The first is the one a tool starts in.
    introduction
        Paragraphs before the first question, per language.
    """

    journey_id: str
    version: str
    languages: tuple[str, ...]
    title: Wording
    introduction: Mapping[str, tuple[str, ...]]
    pages: tuple[Page, ...]

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Every question in order, filter questions included."""
        return tuple(question for page in self.pages for question in _walk(page))

    @cached_property
    def gated(self) -> dict[str, str]:
        """Id of the filter question by id of each question behind it."""
        return {
            q.id: page.gate.id for page in self.pages if page.gate for block in page.blocks for q in block.questions
        }


def _walk(page: Page) -> Iterator[Question]:
    if page.gate is not None:
        yield page.gate
    for block in page.blocks:
        yield from block.questions


def filter_id(touchpoint_id: str) -> str:
    """Id of the filter question before an optional touchpoint."""
    return f"met_{touchpoint_id}"


def own_columns(journey: Journey) -> frozenset[str]:
    """Columns of our questionnaire that are no answers to the journey: they are kept aside without a word."""
    filters = (filter_id(touchpoint.id) for touchpoint in journey.touchpoints if touchpoint.optional)
    return frozenset({*HIDDEN, *filters, "dont_know", "form_language"})


def build_form(
    journey: Journey,
    languages: tuple[str, ...] | None = None,
    *,
    facts: Introduction | None = None,
    outcomes_first: bool = False,
) -> Form:
    """Derive the questionnaire from a journey.

    Parameters
    ----------
    languages
        Languages of the form, all of the journey's that have fixed words when left out.
    facts
        Who asks, why, how long answers are kept, whom to ask; the journey's own ``introduction`` when left out.
    outcomes_first
        Ask the outcomes before the touchpoints, for research on the effect of order.

    Raises
    ------
    JourneyError
        When a language is not there, a scale has more than eleven answers, or ids clash.
    """
    known = tuple(language for language in journey.languages if language in WORDS["yes"])
    languages = languages or known or journey.languages
    check_languages(journey, languages)
    _check_scales(journey)
    builder = _Builder(journey, languages)
    touchpoints = [builder.touchpoint_page(touchpoint) for touchpoint in journey.touchpoints]
    outcomes = builder.outcome_page()
    middle = [*outcomes, *touchpoints] if outcomes_first else [*touchpoints, *outcomes]
    facts = facts or journey.introduction
    form = Form(
        journey_id=journey.id,
        version=journey.version,
        languages=languages,
        title=builder.wording(journey.title.root),
        introduction={language: introduce(journey, facts, language) for language in languages},
        pages=(*builder.role_page(), *middle, *builder.about_page(), *builder.open_page()),
    )
    _check_ids(form)
    return form


def _check_scales(journey: Journey) -> None:
    used = {placed.item.scale for placed in journey.items} | {outcome.scale for outcome in journey.rated_outcomes}
    for name in sorted(filter(None, used)):
        scale = journey.scales[name]
        if scale.max - scale.min + 1 > MOST_CHOICES:
            raise JourneyError(
                f"journey '{journey.id}', scales.{name}: runs from {scale.min} to {scale.max}; a questionnaire asks a "
                "single choice of at most 11 answers, for a slider that is left alone cannot be told from an answer. "
                "Use min: 0 and max: 10."
            )


def _check_ids(form: Form) -> None:
    seen: set[str] = set(HIDDEN)
    for question in form.questions:
        if question.id in seen:
            raise JourneyError(
                f"journey '{form.journey_id}': '{question.id}' would name two questions of the questionnaire (an "
                "optional touchpoint gets a filter question met_<touchpoint>). Rename that id in the journey file."
            )
        seen.add(question.id)


class _Builder:
    """Makes pages of one journey in the languages asked for."""

    def __init__(self, journey: Journey, languages: tuple[str, ...]) -> None:
        self.journey = journey
        self.languages = languages

    def wording(self, texts: Mapping[str, str]) -> dict[str, str]:
        return {language: " ".join(texts[language].split()) for language in self.languages}

    def words(self, key: str, **values: Mapping[str, str] | str) -> dict[str, str]:
        def fill(language: str) -> str:
            pairs = {name: value if isinstance(value, str) else value[language] for name, value in values.items()}
            return WORDS[key][language].format_map(pairs)

        return {language: fill(language) for language in self.languages}

    def touchpoint_page(self, touchpoint: Touchpoint) -> Page:
        placed = [item for item in self.journey.items if item.touchpoint.id == touchpoint.id]
        groups = [(scale, list(items)) for scale, items in groupby(placed, key=lambda item: item.item.scale)]
        blocks = [
            Block(
                touchpoint.id if n == 0 else f"{touchpoint.id}_part{n + 1}", tuple(self._item(item) for item in items)
            )
            for n, (_, items) in enumerate(groups)
        ]
        asked_here = [q for q in self.journey.open_questions if q.touchpoint == touchpoint.id]
        blocks += [Block(q.id, (Question(q.id, "text", self.wording(q.text.root)),)) for q in asked_here]
        sentence = self.wording((touchpoint.sentence or touchpoint.label).root)
        gate = None
        if touchpoint.optional:
            gate = Question(filter_id(touchpoint.id), "yes-no", self.words("met", sentence=sentence), self._yes_or_no())
        lead = None if touchpoint.optional else sentence
        return Page(touchpoint.id, self.wording(touchpoint.label.root), lead, tuple(blocks), gate)

    def _item(self, placed: PlacedItem) -> Question:
        return Question(placed.id, "rating", self.wording(placed.item.text.root), self._points(placed.scale))

    def outcome_page(self) -> list[Page]:
        asked = [outcome for outcome in self.journey.outcomes if outcome.source == "patient"]
        blocks = tuple(Block(outcome.id, (self._outcome(outcome),)) for outcome in asked)
        return [Page("page_outcomes", self.words("overall"), None, blocks)] if blocks else []

    def _outcome(self, outcome: Outcome) -> Question:
        text = self.wording(outcome.text.root)
        if outcome.scale is None:
            return Question(outcome.id, "yes-no", text, self._yes_or_no())
        return Question(outcome.id, "rating", text, self._points(self.journey.scales[outcome.scale]))

    def role_page(self) -> list[Page]:
        if len(self.journey.roles) < 2:
            return []
        choices = tuple(Choice(role.id, self.wording(role.label.root)) for role in self.journey.roles)
        block = Block("role", (Question("role", "choice", self.words("role"), choices),))
        return [Page("page_role", self.words("before"), None, (block,))]

    def about_page(self) -> list[Page]:
        blocks = tuple(Block(v.id, (self._characteristic(v),)) for v in self.journey.case_mix)
        return [Page("page_about", self.words("about-you"), None, blocks)] if blocks else []

    def _characteristic(self, variable: CaseMixVariable) -> Question:
        label = self.wording(variable.label.root)
        if variable.type == "category" and variable.levels:
            choices = tuple(Choice(level.id, self.wording(level.label.root)) for level in variable.levels)
            return Question(variable.id, "choice", label, choices)
        if variable.type == "category":
            return Question(variable.id, "text", label)
        low, high = (int(limit) for limit in variable.range or (0, 120))
        hint = self.words("number", low=str(low), high=str(high))
        text = {language: f"{label[language]} ({hint[language]})" for language in self.languages}
        return Question(variable.id, "number", text, limits=(low, high))

    def open_page(self) -> list[Page]:
        asked = [question for question in self.journey.open_questions if question.touchpoint is None]
        blocks = tuple(Block(q.id, (Question(q.id, "text", self.wording(q.text.root)),)) for q in asked)
        return [Page("page_open", self.words("finally"), None, blocks)] if blocks else []

    def _yes_or_no(self) -> tuple[Choice, ...]:
        return Choice("1", self.words("yes")), Choice("0", self.words("no"))

    def _points(self, scale: Scale) -> tuple[Choice, ...]:
        every = all(value in scale.labels for value in range(scale.min, scale.max + 1))
        points = [Choice(str(value), self._point(scale, value, every)) for value in range(scale.min, scale.max + 1)]
        if scale.not_applicable:
            points.append(Choice(str(scale.not_applicable[0]), self.words("not-applicable"), "not-applicable"))
            points.append(Choice(DONT_KNOW, self.words("dont-know"), "dont-know"))
        return tuple(points)

    def _point(self, scale: Scale, value: int, every: bool) -> dict[str, str]:
        """A point with its label; its number stands before it unless every point has a label."""
        if value not in scale.labels:
            return dict.fromkeys(self.languages, str(value))
        label = self.wording(scale.labels[value].root)
        return label if every else {language: f"{value} – {text}" for language, text in label.items()}
