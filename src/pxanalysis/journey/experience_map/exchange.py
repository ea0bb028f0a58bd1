"""An experience map as JSON, for other tools: what it holds stands in a JSON Schema; observations come back from it.

Phases in order, in each its touchpoints with channels and actor (who offers it); at each touchpoint what was measured,
where it was, and the observations: role, source, emotion (−2…2), thoughts, dilemma, quote, and the idea with its
effort, cost and votes. Every text is an object by language.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from pxanalysis.errors import SurveyError
from pxanalysis.journey.experience_map.checking import RawRow
from pxanalysis.journey.experience_map.observation import Effort, Observation, Source, at
from pxanalysis.journey.parts import Channel, Language

if TYPE_CHECKING:
    from pxanalysis.journey.experience_map.content import Measured
    from pxanalysis.journey.model import Journey, Step, Touchpoint

__all__ = ["FORMAT", "export_map", "export_map_schema", "rows_of_map"]

FORMAT = "pxanalysis-experience-map"
"""What tells such a file from other JSON."""

Words = dict[Language, Annotated[str, Field(min_length=1)]]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MapIdea(_Strict):
    """What would make it better; effort S, M or L, cost in euros, how many chose it."""

    text: Words
    effort: Effort | None = None
    cost: Annotated[float, Field(ge=0)] | None = None
    votes: Annotated[int, Field(ge=0)] | None = None


class MapObservation(_Strict):
    """What one patient was seen or heard to do, think and feel; never who it was."""

    role: str | None = None
    source: Source
    date: dt.date | None = None
    emotion: Annotated[int, Field(ge=-2, le=2)] | None = None
    does: Words | None = None
    thoughts: Words | None = None
    positive: Words | None = None
    dilemma: Words | None = None
    quote: Words | None = None
    idea: MapIdea | None = None


class MapMeasured(_Strict):
    """The mean score of the survey (0-100, higher is better), of how many, with its 95% interval."""

    score: Annotated[float, Field(ge=0, le=100)]
    n: Annotated[int, Field(ge=1)]
    ci_low: float | None = None
    ci_high: float | None = None


class MapTouchpoint(_Strict):
    """One contact: over which channels, and its actor, who offers it."""

    id: str
    label: Words
    channels: list[Channel]
    actor: str
    optional: bool = False
    measured: MapMeasured | None = None
    observations: list[MapObservation] = []


class MapPhase(_Strict):
    """A stage of the journey, in the words of a patient."""

    id: str
    label: Words
    sentence: Words
    touchpoints: Annotated[list[MapTouchpoint], Field(min_length=1)]


class MapActor(_Strict):
    """Who offers touchpoints, or in what role somebody goes through them."""

    id: str
    label: Words


class ExperienceMapFile(_Strict):
    """An experience map: the journey with what was observed along it; ``invented`` when nobody was."""

    format: Literal["pxanalysis-experience-map"]
    version: Literal[1]
    journey: str
    title: Words
    languages: list[Language]
    invented: bool = False
    actors: list[MapActor]
    roles: list[MapActor]
    phases: Annotated[list[MapPhase], Field(min_length=1)]


def export_map_schema() -> str:
    """JSON Schema of an experience map as JSON."""
    schema = ExperienceMapFile.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "pxanalysis experience map"
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def export_map(
    journey: Journey,
    observations: Sequence[Observation],
    measured: Mapping[str, Measured] | None = None,
    *,
    invented: bool = False,
) -> str:
    """An experience map as JSON; :func:`rows_of_map` reads it back."""
    content = ExperienceMapFile(
        format="pxanalysis-experience-map",
        version=1,
        journey=journey.id,
        title=journey.title.root,
        languages=list(journey.languages),
        invented=invented,
        actors=[MapActor(id=one.id, label=one.label.root) for one in journey.providers],
        roles=[MapActor(id=one.id, label=one.label.root) for one in journey.roles],
        phases=[_phase(step, observations, measured or {}) for step in journey.steps],
    )
    return content.model_dump_json(indent=1, exclude_none=True) + "\n"


def _phase(step: Step, observations: Sequence[Observation], measured: Mapping[str, Measured]) -> MapPhase:
    touchpoints = [_touchpoint(one, step.provider, observations, measured.get(one.id)) for one in step.touchpoints]
    return MapPhase(id=step.id, label=step.label.root, sentence=step.sentence.root, touchpoints=touchpoints)


def _touchpoint(
    touchpoint: Touchpoint, actor: str, observations: Sequence[Observation], measured: Measured | None
) -> MapTouchpoint:
    figure = None
    if measured is not None and measured.score is not None and measured.n:
        figure = MapMeasured(score=measured.score, n=measured.n, ci_low=measured.ci_low, ci_high=measured.ci_high)
    return MapTouchpoint(
        id=touchpoint.id,
        label=touchpoint.label.root,
        channels=list(touchpoint.channels),
        actor=actor,
        optional=touchpoint.optional,
        measured=figure,
        observations=[_observation(one) for one in at(observations, touchpoint.id)],
    )


def _observation(one: Observation) -> MapObservation:
    words = {kind: dict(texts) for kind, texts in one.texts.items()}
    idea = words.pop("idea", None)
    return MapObservation(
        role=one.role or None,
        source=one.source,
        date=one.date,
        emotion=one.feels,
        does=words.get("does"),
        thoughts=words.get("thinks"),
        positive=words.get("positive"),
        dilemma=words.get("dilemma"),
        quote=words.get("quote"),
        idea=MapIdea(text=idea, effort=one.effort, cost=one.cost, votes=one.votes) if idea else None,
    )


def rows_of_map(file: str, text: str, journey: str) -> tuple[list[RawRow], bool]:
    """Read the observations of an experience map as rows, to be checked as those of any file; and whether invented.

    Raises
    ------
    SurveyError
        When it is no JSON, no experience map, or that of another journey.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SurveyError(f"{file}: not valid JSON ({error}). Export the map again.") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise SurveyError(f"{file}: expected an experience map ('format': '{FORMAT}'); found other JSON.")
    if found.get("journey") != journey:
        raise SurveyError(
            f"{file}: a map of journey '{found.get('journey')}', not of '{journey}'. Name the journey it belongs to."
        )
    rows: list[RawRow] = []
    for p, phase in enumerate(_list(file, found, "phases", "")):
        for t, touchpoint in enumerate(_list(file, phase, "touchpoints", f"phases[{p}]")):
            place = f"phases[{p}].touchpoints[{t}]"
            for o, one in enumerate(_list(file, touchpoint, "observations", place)):
                rows.append(RawRow(f"{place}.observations[{o}]", _cells(one, touchpoint.get("id"))))
    return rows, found.get("invented") is True


def _list(file: str, holder: Any, name: str, place: str) -> list[Any]:
    where = f"{place}.{name}".lstrip(".")
    value = holder.get(name, []) if isinstance(holder, dict) else None
    if not isinstance(value, list):
        raise SurveyError(
            f"{file}, {where}: expected a list. Hold the file against 'pxanalysis journeys map --schema'."
        )
    return value


def _cells(one: Any, touchpoint: Any) -> dict[str, Any]:
    """An observation of the exchange as the cells of a row."""
    if not isinstance(one, dict):
        return {"touchpoint": touchpoint, "source": str(one)}
    found = one.get("idea")
    idea: dict[str, Any] = found if isinstance(found, dict) else {}
    same = ("role", "source", "date", "does", "positive", "dilemma", "quote")
    return (
        {"touchpoint": touchpoint, "feels": one.get("emotion"), "thinks": one.get("thoughts"), "idea": idea.get("text")}
        | {name: one.get(name) for name in same}
        | {name: idea.get(name) for name in ("effort", "cost", "votes")}
    )
