"""What is known of a study as a whole: what went in, and the figures that are not of a practice."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from pxanalysis.errors import AnalysisError

__all__ = ["Agreement", "ComparedGroups", "FormFacts", "NewBaseline", "PlainNote", "StudyFacts"]

PlainNote = dict[str, int | str]
"""A :class:`~pxanalysis.statistics.notes.Note` as plain JSON: its ``code`` and its values."""


class NewBaseline(BaseModel):
    """From which day a practice's course is held beside what came after it, and why; no program decides it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    practice_id: str
    subject: str
    day: str
    reason: str
    who: str


class Agreement(BaseModel):
    """How far the ranking by regression and the one by a structural equation model agree.

    Attributes
    ----------
    tau
        Kendall's tau-b, -1 to 1.
    same_first
        Whether the same touchpoint comes first.
    shared_top
        Touchpoints in both top threes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tau: float
    same_first: bool
    shared_top: int


class FormFacts(BaseModel):
    """A version of the questionnaire: see :class:`pxanalysis.survey.form_versions.FormVersion`.

    ``n`` and the days are None of a version that too few people had, and ``n`` of one whose number would tell theirs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    n: int | None
    first: str | None
    last: str | None
    not_asked: tuple[str, ...]


class ComparedGroups(BaseModel):
    """Whether means of those with another form, or another language, may be compared.

    Attributes
    ----------
    by
        What the groups differ in.
    groups
        Those with enough answers to tell, by name; ``complete``: whether these are all.
    holds_up_to, comparable
        The strictest level of measurement invariance that holds (None: not even the same items belong together), and
        whether that is enough to compare means (scalar or strict); None with a ``reason``.
    reason
        ``few`` answers in all groups but one, or ``not estimable``, of which ``said`` holds why.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: Literal["form", "language"]
    groups: tuple[str, ...]
    complete: bool
    holds_up_to: Literal["configural", "metric", "scalar", "strict"] | None = None
    comparable: bool | None = None
    reason: Literal["", "few", "not estimable"] = ""
    said: str = ""


class StudyFacts(BaseModel):
    """What went in and the figures of the whole study; kept as ``meta.json``.

    Attributes
    ----------
    journey_id, title, study_title
        The journey, its title by language, and what the study is called.
    rebases
        New baselines of courses.
    provider
        The provider that reports advise, where the journey has several; empty: all its touchpoints are advised on.
    n_responses, n_practices, n_invited
        Responses, practices, patients who were invited (None unless known of every practice).
    n_rejected_rows, n_rejected_cells
        Rows that were refused, cells that were set missing.
    n_effective
        Responses of equal weight that the weighted ones are worth (Kish 1965); None where nobody was weighted.
    first_date, last_date
        ISO dates of practices with enough responses; None without dates.
    simulated
        Whether the answers were made up.
    minimum_n, confidence, n_bootstrap, seed
        Settings of the fit; ``confidence`` is a proportion.
    outcome
        The outcome that the drivers explain.
    driver_level, driver_method, driver_errors, missing_method
        How the model was fitted; ``driver_errors`` is None without one.
    r2, adj_r2, cv_r2, r2_covariates, r2_drivers
        Proportions of variance, of the whole model, adjusted, out of sample, of case mix alone, and of the drivers;
        the intervals of ``r2`` and ``r2_drivers`` beside them. None without a model.
    n_obs, n_complete, n_dropped
        Responses in the model, those without a missing score, those that were not used.
    n_practices_model, n_terms, condition_index, n_samples_failed
        Practices and coefficients of the model, Belsley's condition index, bootstrap samples that could not be fitted.
    drivers_reason, drivers_reason_code
        Why there is no model; empty where there is one.
    certainty, smallest_gain
        Probability from which a priority is advised; smallest gain that counts, in standard deviations of the outcome.
    gains_from, borrowed_reliability, single_item_orders
        Versions that gains rest on, the reliability that single questions are taken to have, and the drivers' order
        under other such reliabilities.
    second_outcome, second_reason
        The outcome whose importances stand beside, and why they are absent.
    ranking_agreement
        Where a structural equation model was fitted as well.
    waiting, part_waiting, comments_unread, frozen, still_open
        By practice: answers and parts that count from the next release, comments that nobody has read, practices whose
        figures are those of before, periods that are not closed.
    forms, uncommon_items, items_needed
        Versions of the questionnaire, items that not every form asked, the share of items a score needs.
    comparability
        Whether means of those with another form or in another language may be compared.
    observations
        What was observed along the journey, masked, as the JSON of an experience map; None where none is named.
    fit_key, release, given, reviewed, data_hash, journey_hash, settings_hash
        Hashes of what went in.
    frames, frames_version
        Digest of each frame's file, and of their declarations.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    journey_id: str
    title: dict[str, str]
    study_title: str = ""
    provider: str = ""
    rebases: tuple[NewBaseline, ...] = ()
    n_responses: int
    n_practices: int
    n_invited: int | None = None
    n_rejected_rows: int
    n_rejected_cells: int
    n_effective: float | None = None
    first_date: str | None = None
    last_date: str | None = None
    simulated: bool
    minimum_n: int
    confidence: float
    n_bootstrap: int
    seed: int
    version: str
    software: dict[str, str]

    outcome: str
    driver_level: str = "touchpoint"
    driver_method: str = "lmg"
    driver_errors: str | None = None
    missing_method: str = "em"
    r2: float | None = None
    r2_low: float | None = None
    r2_high: float | None = None
    adj_r2: float | None = None
    cv_r2: float | None = None
    r2_covariates: float | None = None
    r2_drivers: float | None = None
    r2_drivers_low: float | None = None
    r2_drivers_high: float | None = None
    n_obs: int = 0
    n_complete: int = 0
    n_dropped: int = 0
    n_practices_model: int | None = None
    n_terms: int | None = None
    condition_index: float | None = None
    n_samples_failed: int | None = None
    case_mix: tuple[str, ...] = ()
    driver_notes: tuple[PlainNote, ...] = ()
    priority_notes: tuple[PlainNote, ...] = ()
    cv_note: PlainNote | None = None
    drivers_reason: str = ""
    drivers_reason_code: str = ""
    certainty: float | None = None
    smallest_gain: float | None = None
    gains_from: tuple[Literal["measured", "corrected", "sem"], ...] = ()
    borrowed_reliability: float | None = None
    single_item_orders: dict[str, tuple[str, ...]] = {}
    second_outcome: str | None = None
    second_reason: str = ""
    ranking_agreement: Agreement | None = None

    waiting: dict[str, int] = {}
    part_waiting: dict[str, tuple[str, ...]] = {}
    comments_unread: dict[str, int] = {}
    frozen: tuple[str, ...] = ()
    still_open: tuple[str, ...] = ()
    study_notes: tuple[str, ...] = ()
    forms: tuple[FormFacts, ...] = ()
    uncommon_items: tuple[str, ...] = ()
    items_needed: float = 0.5
    comparability: tuple[ComparedGroups, ...] = ()
    observations: str | None = None

    fit_key: str = ""
    release: str = ""
    given: str = ""
    reviewed: str = ""
    data_hash: str | None = None
    journey_hash: str | None = None
    settings_hash: str | None = None
    frames: dict[str, str] = {}
    frames_version: str = ""

    def with_facts(self, **facts: object) -> StudyFacts:
        """The same study with other facts, which are validated."""
        return StudyFacts.model_validate(self.model_dump() | facts)

    def to_plain(self) -> dict[str, Any]:
        """Every fact as plain JSON."""
        return self.model_dump(mode="json")

    @classmethod
    def of(cls, facts: Mapping[str, object], path: Path) -> StudyFacts:
        """Facts as they were read from a file.

        Raises
        ------
        AnalysisError
            When they are of another version of the program, or damaged.
        """
        try:
            return cls.model_validate(facts)
        except ValidationError as error:
            what = "; ".join(".".join(map(str, one["loc"])) for one in error.errors())
            raise AnalysisError(
                f"{path}: not facts of this version of pxanalysis ({what}). Run 'pxanalysis fit --force'."
            ) from error
