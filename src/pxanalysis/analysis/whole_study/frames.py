"""The frames of a study's results: every column of each, declared once with its meaning, unit and type.

A frame is declared as the class of its rows, so that whoever reads a row is checked by the type checker; the pandera
model that a frame is held against before it is written, and the page of documentation, are made from the same class.
A frame has all its columns, in this order, whether or not something could be estimated.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar, get_args, get_type_hints

import numpy as np
import pandas as pd

from pxanalysis.errors import AnalysisError

if TYPE_CHECKING:
    import pandera.pandas as pa

__all__ = [
    "FRAMES",
    "CaseMixRow",
    "Column",
    "CommentRow",
    "ComparisonRow",
    "DistributionRow",
    "DriverRow",
    "FrameRow",
    "FunnelRow",
    "ItemRow",
    "OutcomeRow",
    "PracticeRow",
    "PriorityRow",
    "ReliabilityRow",
    "TouchpointRow",
    "TrendRow",
    "VarianceRow",
    "as_declared",
    "empty_frame",
    "frame_schema",
    "frames_version",
    "list_columns",
    "read_rows",
    "validate_frame",
    "with_absent",
]


@dataclass(frozen=True, slots=True)
class Column:
    """What a column means, and in which unit: ``0-100``, ``proportion``, ``outcome`` (the outcome's own scale) ...

    Examples
    --------
    >>> Column("Share of people with a score below 50.", "proportion").unit
    'proportion'
    """

    meaning: str
    unit: str = ""


_PRACTICE = Column("Practice; empty for all practices that are shown together.", "id")
_OUTCOME, _TOUCHPOINT = Column("Outcome of the journey.", "id"), Column("Touchpoint of the journey.", "id")
_HIDDEN = Column("Whether the figures are hidden, because they rest on too few people.")
_REASON = Column("Why figures are absent; empty where they are there.", "sentence")
_CODE = Column("The same as a code; empty where the figures are there.", "code")
_LOW, _HIGH = "Lower end of the interval of {}.", "Upper end of the interval of {}."


def _ends(of: str, unit: str) -> tuple[Column, Column]:
    return Column(_LOW.format(of), unit), Column(_HIGH.format(of), unit)


_N = Column("People behind the figures; absent where they are hidden.", "people")
_MEAN = _ends("the mean", "0-100")
_ESTIMATE = _ends("the estimate", "outcome")
_GAIN = _ends("the gain", "outcome")
_BETA = _ends("beta", "standard deviations")
_IMPORTANCE = _ends("the importance", "proportion")
_RANK = _ends("the rank", "rank")
_DIFFERENCE = _ends("the difference", "outcome")
_BENCHMARK = Column("25th percentile of the practices.", "0-100"), Column("75th percentile of the practices.", "0-100")
_NEEDED = tuple(Column(f"Responses a practice needs for a reliability of {r}.", "people") for r in (".7", ".8", ".9"))


class FrameRow:
    """One row of a frame; ``None`` where a figure is absent."""

    __slots__ = ()
    frame: ClassVar[str]
    meaning: ClassVar[str]


@dataclass(frozen=True, slots=True)
class PracticeRow(FrameRow):
    """A practice: its numbers and dates."""

    frame: ClassVar[str] = "practices"
    meaning: ClassVar[str] = "One row per practice."

    practice_id: Annotated[str, Column("Practice.", "id")]
    name: Annotated[str, Column("What it is called; its id where no name is known.")]
    n: Annotated[int, Column("Responses.", "people")]
    n_invited: Annotated[int | None, Column("Patients who were invited; absent where that is not known.", "people")]
    first_date: Annotated[str | None, Column("First day of a response; absent with few responses.", "ISO date")]
    last_date: Annotated[str | None, Column("Last day of a response; absent with few responses.", "ISO date")]
    n_rejected: Annotated[int, Column("Rows that were refused.", "rows")]
    suppressed: Annotated[bool, _HIDDEN]
    reason: Annotated[str, _REASON]


@dataclass(frozen=True, slots=True)
class OutcomeRow(FrameRow):
    """A metric of an outcome beside those of the other practices."""

    frame: ClassVar[str] = "outcomes"
    meaning: ClassVar[str] = "One row per practice (and all together), outcome and metric."

    practice_id: Annotated[str, _PRACTICE]
    outcome: Annotated[str, _OUTCOME]
    kind: Annotated[str, Column("`ktv`, `nps`, `ces` or `behaviour`.", "code")]
    metric: Annotated[str, Column("How answers are summed up: `mean`, `net`, `top2` ...", "code")]
    unit: Annotated[str, Column("`grade`, `net` (-1 to 1), `proportion` or `score`.", "code")]
    n: Annotated[int | None, _N]
    estimate: Annotated[float | None, Column("The metric.", "outcome")]
    ci_low: Annotated[float | None, _ESTIMATE[0]]
    ci_high: Annotated[float | None, _ESTIMATE[1]]
    method: Annotated[str, Column("How the interval was made.", "sentence")]
    reason: Annotated[str, _REASON]
    suppressed: Annotated[bool, _HIDDEN]
    benchmark: Annotated[float | None, Column("Mean of the practices that are shown.", "outcome")]
    benchmark_low: Annotated[float | None, Column("25th percentile of the practices.", "outcome")]
    benchmark_high: Annotated[float | None, Column("75th percentile of the practices.", "outcome")]
    adjusted: Annotated[float | None, Column("After case mix, shrunken; of the main metric.", "outcome")]
    difference: Annotated[float | None, Column("From the mean of practices, after case mix.", "outcome")]
    difference_low: Annotated[float | None, _DIFFERENCE[0]]
    difference_high: Annotated[float | None, _DIFFERENCE[1]]
    difference_shrunk: Annotated[float | None, Column("What is to be expected of the difference.", "outcome")]
    meaningful: Annotated[float | None, Column("Least difference that counts.", "outcome")]
    verdict: Annotated[str, Column("`lower`, `higher` or `no difference`; empty where not compared.", "code")]
    comparison_reason: Annotated[str, Column("Why there is no verdict.", "sentence")]


@dataclass(frozen=True, slots=True)
class DistributionRow(FrameRow):
    """How often an answer was given."""

    frame: ClassVar[str] = "distributions"
    meaning: ClassVar[str] = "One row per practice (and all together), outcome and possible answer."

    practice_id: Annotated[str, _PRACTICE]
    outcome: Annotated[str, _OUTCOME]
    value: Annotated[int, Column("The answer.", "outcome")]
    n: Annotated[int | None, Column("People who answered the question.", "people")]
    share: Annotated[float | None, Column("Share of them who gave this answer.", "proportion")]
    suppressed: Annotated[bool, _HIDDEN]


@dataclass(frozen=True, slots=True)
class TouchpointRow(FrameRow):
    """How a touchpoint was experienced."""

    frame: ClassVar[str] = "touchpoints"
    meaning: ClassVar[str] = "One row per practice (and all together) and touchpoint, in journey order."

    practice_id: Annotated[str, _PRACTICE]
    touchpoint: Annotated[str, _TOUCHPOINT]
    position: Annotated[int, Column("Place in the journey, from 0.")]
    n: Annotated[int | None, _N]
    n_not_applicable: Annotated[int | None, Column("People who did not meet the touchpoint.", "people")]
    n_missing: Annotated[int | None, Column("People who met it and have no score.", "people")]
    mean: Annotated[float | None, Column("Mean score.", "0-100")]
    ci_low: Annotated[float | None, _MEAN[0]]
    ci_high: Annotated[float | None, _MEAN[1]]
    shrunk: Annotated[float | None, Column("Mean, shrunken to that of all practices.", "0-100")]
    reliability: Annotated[float | None, Column("Reliability of the practice's mean.", "proportion")]
    share_negative: Annotated[float | None, Column("Share of people with a score below 50.", "proportion")]
    feels: Annotated[float | None, Column("The mean as a feeling.", "-2 to +2")]
    benchmark_low: Annotated[float | None, _BENCHMARK[0]]
    benchmark_high: Annotated[float | None, _BENCHMARK[1]]
    comparison_reason: Annotated[str, Column("Why there is no benchmark or shrunken mean.", "sentence")]
    suppressed: Annotated[bool, _HIDDEN]
    reason: Annotated[str, _REASON]


@dataclass(frozen=True, slots=True)
class ItemRow(FrameRow):
    """How a question was answered."""

    frame: ClassVar[str] = "items"
    meaning: ClassVar[str] = "One row per practice (and all together) and item."

    practice_id: Annotated[str, _PRACTICE]
    item: Annotated[str, Column("Item of the journey.", "id")]
    touchpoint: Annotated[str, _TOUCHPOINT]
    n: Annotated[int | None, _N]
    mean: Annotated[float | None, Column("Mean score of all who rated the touchpoint.", "0-100")]
    mean_over: Annotated[
        str,
        Column(
            "`all`: they all answered it; `estimated`: missing answers allowed for (maximum likelihood); "
            "`answered`: of whoever answered.",
            "code",
        ),
    ]
    share_negative: Annotated[float | None, Column("Share of answers below 50.", "proportion")]
    lowest: Annotated[bool, Column("Lowest of its touchpoint, among people who answered all of its items.")]
    clearly_lowest: Annotated[bool, Column("The same, by two points or more and more than chance.")]
    suppressed: Annotated[bool, _HIDDEN]
    reason: Annotated[str, _REASON]


@dataclass(frozen=True, slots=True)
class ReliabilityRow(FrameRow):
    """How well the questions of a touchpoint measure one thing."""

    frame: ClassVar[str] = "reliability"
    meaning: ClassVar[str] = "One row per touchpoint, over the practices that are shown."

    scale: Annotated[str, _TOUCHPOINT]
    n: Annotated[int | None, Column("People who answered all items.", "people")]
    k: Annotated[int, Column("Items.", "items")]
    alpha: Annotated[float | None, Column("Cronbach's alpha.", "proportion")]
    alpha_low: Annotated[float | None, Column(_LOW.format("alpha"), "proportion")]
    alpha_high: Annotated[float | None, Column(_HIGH.format("alpha"), "proportion")]
    alpha_interval: Annotated[str, Column("How that interval was made.", "sentence")]
    omega: Annotated[float | None, Column("McDonald's omega total of one factor.", "proportion")]
    spearman_brown: Annotated[float | None, Column("Spearman-Brown, of two items.", "proportion")]
    verdict: Annotated[str, Column("`insufficient`, `groups`, `strong` ... or `not-estimable`.", "code")]
    reason_code: Annotated[str, _CODE]
    reason: Annotated[str, _REASON]
    icc: Annotated[float | None, Column("Share of the variance that lies between practices.", "proportion")]
    n_for_70: Annotated[float | None, _NEEDED[0]]
    n_for_80: Annotated[float | None, _NEEDED[1]]
    n_for_90: Annotated[float | None, _NEEDED[2]]
    icc_reason: Annotated[str, Column("Why there is no ICC, or no number of responses beside it.", "sentence")]


@dataclass(frozen=True, slots=True)
class DriverRow(FrameRow):
    """What a touchpoint does to the outcome."""

    frame: ClassVar[str] = "drivers"
    meaning: ClassVar[str] = "One row per touchpoint: the driver model of the whole study."

    touchpoint: Annotated[str, _TOUCHPOINT]
    n: Annotated[int, Column("People with a score.", "people")]
    beta: Annotated[float | None, Column("Standardised coefficient.", "standard deviations")]
    std_error: Annotated[float | None, Column("Standard error of beta.", "standard deviations")]
    ci_low: Annotated[float | None, _BETA[0]]
    ci_high: Annotated[float | None, _BETA[1]]
    p_value: Annotated[float | None, Column("Of the coefficient `b_raw`, two-sided.", "proportion")]
    b_raw: Annotated[float | None, Column("Coefficient.", "outcome per point of 0-100")]
    vif: Annotated[float | None, Column("Variance inflation factor.", "ratio")]
    importance: Annotated[float | None, Column("Share of the outcome's variance; adds up to R².", "proportion")]
    importance_low: Annotated[float | None, _IMPORTANCE[0]]
    importance_high: Annotated[float | None, _IMPORTANCE[1]]
    share: Annotated[float | None, Column("Share of what all drivers explain.", "proportion")]
    rank: Annotated[float | None, Column("By importance.", "rank")]
    rank_low: Annotated[float | None, _RANK[0]]
    rank_high: Annotated[float | None, _RANK[1]]
    p_top3: Annotated[float | None, Column("Chance of being among the first three.", "proportion")]
    sign_flag: Annotated[str, Column("`negative`, `suppressor` or empty.", "code")]
    reason: Annotated[str, _REASON]
    reliability: Annotated[
        float | None, Column("Of the score: 1 less its error's share of its variance.", "proportion")
    ]
    reliability_from: Annotated[
        str, Column("`items`, `borrowed`, `stated`, `formative` ...; empty: not corrected.", "code")
    ]
    corrected: Annotated[float | None, Column("Beta with measurement error taken out.", "standard deviations")]
    corrected_low: Annotated[float | None, _BETA[0]]
    corrected_high: Annotated[float | None, _BETA[1]]
    importance_corrected: Annotated[float | None, Column("Importance with measurement error taken out.", "proportion")]
    importance_corrected_low: Annotated[float | None, _IMPORTANCE[0]]
    importance_corrected_high: Annotated[float | None, _IMPORTANCE[1]]
    rank_corrected: Annotated[float | None, Column("By importance with measurement error taken out.", "rank")]
    sem_effect: Annotated[float | None, Column("Total effect of the latent touchpoint.", "standard deviations")]
    second_importance: Annotated[float | None, Column("Importance for the second outcome.", "proportion")]
    rank_second: Annotated[float | None, Column("By importance for the second outcome.", "rank")]
    rank_sem: Annotated[float | None, Column("By total effect, where priorities are by SEM.", "rank")]


@dataclass(frozen=True, slots=True)
class PriorityRow(FrameRow):
    """What a practice could win on a touchpoint."""

    frame: ClassVar[str] = "priorities"
    meaning: ClassVar[str] = "One row per practice and touchpoint."

    practice_id: Annotated[str, Column("Practice.", "id")]
    touchpoint: Annotated[str, _TOUCHPOINT]
    importance: Annotated[float | None, Column("Share of the outcome's variance.", "proportion")]
    performance: Annotated[float | None, Column("Mean score after case mix, shrunken.", "0-100")]
    performance_low: Annotated[float | None, Column(_LOW.format("the performance"), "0-100")]
    performance_high: Annotated[float | None, Column(_HIGH.format("the performance"), "0-100")]
    share_negative: Annotated[float | None, Column("Share of people with a score below 50.", "proportion")]
    improvement_score: Annotated[float | None, Column("Scaled importance x share negative (CQ-index).", "0-1")]
    target: Annotated[float | None, Column("Score to reach: 75th percentile of practices, or stated.", "0-100")]
    target_stated: Annotated[float | None, Column("The target that the study states, if any.", "0-100")]
    gain: Annotated[float | None, Column("Expected change of the outcome when the target is reached.", "outcome")]
    gain_low: Annotated[float | None, _GAIN[0]]
    gain_high: Annotated[float | None, _GAIN[1]]
    rank: Annotated[float | None, Column("By gain, within the practice.", "rank")]
    rank_low: Annotated[float | None, _RANK[0]]
    rank_high: Annotated[float | None, _RANK[1]]
    p_top3: Annotated[float | None, Column("Chance of being among the first three with a gain.", "proportion")]
    status: Annotated[str, Column("`act`, `keep` or `undecided`.", "code")]
    needed_n: Annotated[float | None, Column("More responses that would settle what is undecided.", "people")]
    suppressed: Annotated[bool, _HIDDEN]
    reason: Annotated[str, _REASON]
    reason_code: Annotated[str, Column("Why there is no gain, or why the status is what it is.", "code")]
    n: Annotated[float | None, _N]
    effect: Annotated[float | None, Column("Effect of a point on those who meet it.", "outcome per point of 0-100")]
    met_share: Annotated[float | None, Column("Share of the practice's people who meet it.", "proportion")]
    gain_measured: Annotated[float | None, Column("Gain with scores as measured.", "outcome")]
    gain_corrected: Annotated[float | None, Column("Gain with measurement error taken out.", "outcome")]
    rank_measured: Annotated[float | None, Column("Rank with scores as measured.", "rank")]
    rank_corrected: Annotated[float | None, Column("Rank with measurement error taken out.", "rank")]


@dataclass(frozen=True, slots=True)
class VarianceRow(FrameRow):
    """How much practices differ before any correction."""

    frame: ClassVar[str] = "practice_variance"
    meaning: ClassVar[str] = "One row per rated outcome, touchpoint and item."

    outcome_or_touchpoint: Annotated[str, Column("Outcome, touchpoint or item.", "id")]
    icc: Annotated[float | None, Column("Share of the variance that lies between practices.", "proportion")]
    sigma2_between: Annotated[float | None, Column("Variance between practices.", "squared units")]
    sigma2_within: Annotated[float | None, Column("Variance between people of a practice.", "squared units")]
    n_for_70: Annotated[float | None, _NEEDED[0]]
    n_for_80: Annotated[float | None, _NEEDED[1]]
    n_for_90: Annotated[float | None, _NEEDED[2]]
    reason: Annotated[str, _REASON]


@dataclass(frozen=True, slots=True)
class FunnelRow(FrameRow):
    """A practice's place in the funnel."""

    frame: ClassVar[str] = "funnel"
    meaning: ClassVar[str] = "One row per rated outcome and practice with enough answers, after case mix."

    outcome: Annotated[str, _OUTCOME]
    practice_id: Annotated[str, Column("Practice; empty where the funnel cannot be drawn.", "id")]
    n: Annotated[float | None, Column("People who answered.", "people")]
    estimate: Annotated[float | None, Column("Main metric after case mix.", "outcome")]
    low95: Annotated[float | None, Column("Lower 95% limit.", "outcome")]
    high95: Annotated[float | None, Column("Upper 95% limit.", "outcome")]
    low998: Annotated[float | None, Column("Lower 99.8% limit.", "outcome")]
    high998: Annotated[float | None, Column("Upper 99.8% limit.", "outcome")]
    centre: Annotated[float | None, Column("Middle of the funnel.", "outcome")]
    flag: Annotated[str, Column("`low998`, `low95`, `within`, `high95`, `high998` or empty.", "code")]
    reason: Annotated[str, _REASON]


@dataclass(frozen=True, slots=True)
class ComparisonRow(FrameRow):
    """How practices differ after case mix."""

    frame: ClassVar[str] = "comparisons"
    meaning: ClassVar[str] = "One row per outcome."

    outcome: Annotated[str, _OUTCOME]
    metric: Annotated[str, Column("The metric compared; empty where none was.", "code")]
    n_obs: Annotated[float | None, Column("People.", "people")]
    n_practices: Annotated[float | None, Column("Practices.", "practices")]
    sigma2_between: Annotated[float | None, Column("Variance between practices after case mix.", "squared units")]
    sigma2_within: Annotated[float | None, Column("Variance between people of a practice.", "squared units")]
    icc: Annotated[float | None, Column("Share of the variance that lies between practices.", "proportion")]
    meaningful: Annotated[float | None, Column("Least difference that counts.", "outcome")]
    statistic: Annotated[float | None, Column("F, or likelihood ratio, of all practices being equal.")]
    df1: Annotated[float | None, Column("Degrees of freedom.")]
    df2: Annotated[float | None, Column("Degrees of freedom of the error; absent of a likelihood ratio.")]
    p_value: Annotated[float | None, Column("Of all practices being equal.", "proportion")]
    phi: Annotated[float | None, Column("Overdispersion of the funnel.", "ratio")]
    tau2: Annotated[float | None, Column("Variance that the funnel's limits are widened by.", "squared units")]
    reason: Annotated[str, _REASON]


@dataclass(frozen=True, slots=True)
class CaseMixRow(FrameRow):
    """What a patient characteristic does to an outcome."""

    frame: ClassVar[str] = "case_mix"
    meaning: ClassVar[str] = "One row per outcome and patient characteristic (and level)."

    outcome: Annotated[str, _OUTCOME]
    variable: Annotated[str, Column("Case-mix variable of the journey.", "id")]
    level: Annotated[str, Column("Level, against the first; empty of a number.", "id")]
    used: Annotated[bool, Column("Whether practices were corrected for it.")]
    estimate: Annotated[float | None, Column("Effect within practices.", "outcome")]
    std_error: Annotated[float | None, Column("Its standard error.", "outcome")]
    n_imputed: Annotated[int | None, Column("People whose characteristic was put in; absent where few.", "people")]
    reason: Annotated[str, _REASON]


@dataclass(frozen=True, slots=True)
class TrendRow(FrameRow):
    """An outcome in a month or quarter."""

    frame: ClassVar[str] = "trend"
    meaning: ClassVar[str] = "One row per practice, rated outcome and period: the main metric."

    practice_id: Annotated[str, Column("Practice.", "id")]
    outcome: Annotated[str, _OUTCOME]
    period: Annotated[str, Column("Month (`2026-03`) or first day of the quarter (`2026-04-01`).", "ISO date")]
    n: Annotated[int | None, _N]
    estimate: Annotated[float | None, Column("The main metric.", "outcome")]
    ci_low: Annotated[float | None, _ESTIMATE[0]]
    ci_high: Annotated[float | None, _ESTIMATE[1]]
    previous: Annotated[str, Column("The period before it that has a figure.", "ISO date")]
    difference: Annotated[float | None, Column("From that period.", "outcome")]
    difference_low: Annotated[float | None, _DIFFERENCE[0]]
    difference_high: Annotated[float | None, _DIFFERENCE[1]]
    since_first_low: Annotated[float | None, Column(_LOW.format("the difference from the first period"), "outcome")]
    since_first_high: Annotated[float | None, Column(_HIGH.format("the difference from the first period"), "outcome")]
    suppressed: Annotated[bool, _HIDDEN]
    reason_code: Annotated[str, Column("`few_respondents` or `protects_others`; empty where shown.", "code")]
    reason: Annotated[str, _REASON]


@dataclass(frozen=True, slots=True)
class CommentRow(FrameRow):
    """What somebody wrote, masked."""

    frame: ClassVar[str] = "comments"
    meaning: ClassVar[str] = "One row per comment that may be shown."

    practice_id: Annotated[str, Column("Practice.", "id")]
    question: Annotated[str, Column("Open question of the journey.", "id")]
    text: Annotated[str, Column("The comment, masked; as hostile as any text of a patient.")]


FRAMES: dict[str, type[FrameRow]] = {
    kind.frame: kind
    for kind in (
        *(PracticeRow, OutcomeRow, DistributionRow, TouchpointRow, ItemRow, ReliabilityRow, DriverRow, PriorityRow),
        *(VarianceRow, FunnelRow, ComparisonRow, CaseMixRow, TrendRow, CommentRow),
    )
}
"""Row class by name of the frame."""

R = TypeVar("R", bound=FrameRow)

_DTYPES = {str: "str", int: "int64", float: "float64", bool: "bool"}
_WORDS = {"str": "text", "int64": "whole number", "Int64": "whole number", "float64": "number", "bool": "yes/no"}


@dataclass(frozen=True, slots=True)
class Declared:
    """A column as declared: its pandas dtype, whether it may be absent, what it means."""

    name: str
    dtype: str
    nullable: bool
    meaning: str
    unit: str

    @property
    def kind(self) -> str:
        """What it holds, in a word."""
        return _WORDS[self.dtype]


def list_columns(kind: type[FrameRow]) -> tuple[Declared, ...]:
    """List the columns of a frame in order, from the class of its rows."""
    return _columns(kind.frame)


@cache
def _columns(frame: str) -> tuple[Declared, ...]:
    kind = FRAMES[frame]
    hints = get_type_hints(kind, include_extras=True)
    return tuple(_declared(one.name, hints[one.name]) for one in fields(kind))  # type: ignore[arg-type]


def _declared(name: str, hint: Any) -> Declared:
    type_, column = get_args(hint)
    options = [one for one in get_args(type_) if one is not type(None)] or [type_]
    nullable = len(get_args(type_)) > 1
    dtype = "Int64" if nullable and options[0] is int else _DTYPES[options[0]]
    return Declared(name, dtype, nullable, column.meaning, column.unit)


def frame_schema(kind: type[FrameRow]) -> pa.DataFrameSchema:
    """Return the pandera model of a frame: exactly its columns, in order, of their types."""
    return _schema_of(kind.frame)


@cache
def _schema_of(name: str) -> pa.DataFrameSchema:
    kind = FRAMES[name]
    # a page that shows results needs no pandera
    import pandera.pandas as pa

    columns = {
        one.name: pa.Column(
            one.dtype, nullable=one.nullable, description=one.meaning, metadata={"unit": one.unit} if one.unit else None
        )
        for one in list_columns(kind)
    }
    return pa.DataFrameSchema(columns, strict=True, ordered=True, name=kind.frame, description=kind.meaning)


@cache
def frames_version() -> str:
    """Name the declared columns and types in a few digits: results that were written with others are not read."""
    import hashlib

    text = "\n".join(f"{name}: {list_columns(kind)}" for name, kind in sorted(FRAMES.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def as_declared(frame: pd.DataFrame, kind: type[FrameRow]) -> pd.DataFrame:
    """Return the declared columns of a frame with their types; ``validate_frame`` holds them against the model.

    Raises
    ------
    AnalysisError
        When a column is not there or cannot be of its type, named with what was expected.
    """
    columns = list_columns(kind)
    absent = [one.name for one in columns if one.name not in frame]
    if absent:
        raise AnalysisError(f"frame '{kind.frame}': no column '{absent[0]}'; it was to have it ({len(absent)} absent).")
    chosen = frame[[one.name for one in columns]].reset_index(drop=True)
    try:
        return chosen.astype({one.name: one.dtype for one in columns})
    except (TypeError, ValueError) as error:
        raise AnalysisError(f"frame '{kind.frame}': {error}") from error


def validate_frame(frame: pd.DataFrame, kind: type[FrameRow]) -> pd.DataFrame:
    """Hold a frame against its pandera model.

    Raises
    ------
    AnalysisError
        When a column is not there or holds something else, named with what was expected.
    """
    from pandera.errors import SchemaErrors

    try:
        checked: pd.DataFrame = frame_schema(kind).validate(as_declared(frame, kind), lazy=True)
    except SchemaErrors as error:
        raise AnalysisError(f"frame '{kind.frame}': {_failure(error)}") from error
    return checked


def with_absent(frame: pd.DataFrame, kind: type[FrameRow]) -> pd.DataFrame:
    """Return a frame as declared in which the columns that it lacks are absent: no figure, no word, no flag."""
    lacking = {one.name: _absent(one) for one in list_columns(kind) if one.name not in frame}
    return as_declared(frame.assign(**lacking), kind)


def _absent(column: Declared) -> Any:
    if column.nullable:
        return np.nan if column.dtype == "float64" else None
    return {"str": "", "bool": False}.get(column.dtype, 0)


def _failure(error: Exception) -> str:
    cases = getattr(error, "failure_cases", None)
    if cases is None or cases.empty:
        return str(error)
    first = cases.iloc[0]
    return f"column '{first['column']}' holds {first['failure_case']!r}, which fails '{first['check']}'."


def empty_frame(kind: type[FrameRow]) -> pd.DataFrame:
    """Return a frame without rows, with all its columns."""
    return pd.DataFrame({one.name: pd.Series(dtype=one.dtype) for one in list_columns(kind)})


def read_rows(frame: pd.DataFrame, kind: type[R]) -> list[R]:
    """Turn a frame into typed rows; absent cells become ``None``."""
    cells = (_plain(frame[one.name]) for one in list_columns(kind))
    return [kind(*row) for row in zip(*cells, strict=True)]


def _plain(column: pd.Series) -> list[Any]:
    # Most columns are numbers of NumPy, which are asked faster what is absent; Int64 and boolean are not.
    plain = isinstance(column.dtype, np.dtype) and column.dtype.kind == "f"
    absent = np.isnan(column.to_numpy()) if plain else column.isna().to_numpy()
    if not absent.any():
        return column.tolist()
    return [None if gone else cell for cell, gone in zip(column.tolist(), absent.tolist(), strict=True)]
