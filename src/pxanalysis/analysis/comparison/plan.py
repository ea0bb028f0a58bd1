"""The plan of a comparison, written before the results are seen: ``comparison.toml`` and its hash."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pxanalysis.errors import AnalysisError, StudyError

__all__ = [
    "EXAMPLE_PLAN",
    "PLAN_FILE",
    "ComparisonPlan",
    "Criterion",
    "Exclusion",
    "Hypothesis",
    "Timing",
    "Transform",
    "read_plan",
]

PLAN_FILE = "comparison.toml"

Transform = Literal["mean", "top2", "top", "net"]
"""``mean``: answers as given; ``top2``, ``top``: share of the two best answers, the best; ``net``: −1, 0, 1."""

Timing = Literal["after", "same", "before", "unknown"]


EXAMPLE_PLAN = """\
# The plan of a comparison, written before results are seen: its hash is registered first, and deviations are reported.
title = "Which metric goes with coming back"
metrics = ["ktv", "nps", "ces"]               # ids or kinds; all that the journey has when left out
transforms = ["mean", "top2", "top", "net"]   # forms that are compared
primary = "mean"                              # the form that decides; the others are sensitivity
cluster = "practice_id"                       # or "none": people were not sampled by practice
n_bootstrap = 2000
seed = 1
folds = 5                                     # parts of the practices, each predicted from the others
confidence = 0.95
# planned_n = 2000                            # complete responses; fewer is reported
# planned_practices = 20

[[criteria]]                                  # what metrics are held against; all behaviours when left out
id = "returned"
timing = "after"                              # after, same (moment), before (refused), unknown

[[hypotheses]]
criterion = "returned"
better = "ktv"
than = "nps"

# [[exclusions]]
# column = "age"
# below = 18                                  # or above, or equals
# reason = "children do not answer themselves"
"""
"""A plan to start from."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Criterion(_Part):
    """What the metrics are held against.

    Attributes
    ----------
    id
        A behaviour, another outcome, a rated item or a numeric characteristic of the journey.
    timing
        When it was observed, seen from the questionnaire: ``after`` (prediction), ``same`` (the two share a moment and
        often a mood), ``before`` (refused unless ``allow_before``), ``unknown`` (said beside every figure).
    """

    id: str
    timing: Timing = "unknown"
    allow_before: bool = False


class Hypothesis(_Part):
    """One metric goes more closely with a criterion than another."""

    criterion: str
    better: str
    than: str


class Exclusion(_Part):
    """Responses left out, with the reason why: those below, above or equal to a value (missing ones stay)."""

    column: str
    reason: str = Field(min_length=3)
    below: float | None = None
    above: float | None = None
    equals: str | float | None = None

    @model_validator(mode="after")
    def _one_rule(self) -> Exclusion:
        if sum(value is not None for value in (self.below, self.above, self.equals)) != 1:
            raise ValueError("give exactly one of below, above, equals")
        return self


class ComparisonPlan(_Part):
    """Everything that decides what a comparison finds.

    Attributes
    ----------
    metrics
        Ids or kinds (``ktv``, ``nps``, ``ces``) of the outcomes to compare, at least two; empty: all the journey has.
    criteria
        Empty: the behaviours of the journey.
    transforms, primary
        Forms in which metrics are compared, and the one that decides; the others are sensitivity.
    hypotheses
        What is expected; tested with Holm's correction in the family of all pairs and criteria of ``primary``.
    cluster
        ``practice_id``, or ``none`` for people who were not sampled by practice.
    folds
        Parts of the practices that are predicted from the others.
    planned_n, planned_practices
        What the study meant to collect; fewer is reported as a deviation.
    """

    title: str = ""
    metrics: tuple[str, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    transforms: tuple[Transform, ...] = get_args(Transform)
    primary: Transform = "mean"
    hypotheses: tuple[Hypothesis, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    cluster: Literal["practice_id", "none"] = "practice_id"
    n_bootstrap: int = Field(default=2000, ge=200, le=100_000)
    seed: int = 1
    folds: int = Field(default=5, ge=2, le=50)
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    planned_n: int | None = Field(default=None, ge=1)
    planned_practices: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _agrees(self) -> ComparisonPlan:
        if self.primary not in self.transforms:
            raise ValueError(f"primary: '{self.primary}' is not among the transforms {', '.join(self.transforms)}")
        for name, found in (("metrics", self.metrics), ("criteria", tuple(c.id for c in self.criteria))):
            twice = [one for one in found if found.count(one) > 1]
            if twice:
                raise ValueError(f"{name}: '{twice[0]}' stands there twice")
        return self

    @property
    def hash(self) -> str:
        """SHA-256 of all that the plan says, whatever the order or layout of the file."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def changed(self, **changes: Any) -> ComparisonPlan:
        """Return the plan with other values, checked.

        Raises
        ------
        AnalysisError
            By the name of the value.
        """
        try:
            return ComparisonPlan.model_validate(self.model_dump() | changes)
        except ValidationError as error:
            raise AnalysisError(_describe(error)) from error


def _describe(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in detail['loc']) or 'plan'}: {detail['msg']} (found {detail['input']!r:.60})"
        for detail in error.errors()
    )


def read_plan(path: str | Path) -> ComparisonPlan:
    """Read and check a plan.

    Raises
    ------
    StudyError
        When the file is not there or not valid; the message names the key.
    """
    file = Path(path)
    if not file.is_file():
        raise StudyError(f"{file}: there is no plan here. Start from 'pxanalysis compare-metrics --example'.")
    try:
        return ComparisonPlan.model_validate(tomllib.loads(file.read_text(encoding="utf-8-sig")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StudyError(f"{file}: not valid TOML: {error}. Correct the file there.") from error
    except ValidationError as error:
        raise StudyError(f"{file}: {_describe(error)}. Correct the file there.") from error
