"""What a valid answer is: a pandera schema derived from the journey, with the remedy for each failure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import polars as pl

from pxanalysis.errors import SurveyError

if TYPE_CHECKING:
    from collections.abc import Collection

    # pandera is heavy and only checking answers needs it
    import pandera.polars as pa

    from pxanalysis.journey.model import Journey, Scale
    from pxanalysis.survey.policy import SurveyPolicy

__all__ = ["AnswerSchema", "build_schema", "scale_of"]

KEY_COLUMNS = ("response_id", "practice_id", "completed_on", "simulated")
"""A failure in one of these rejects the whole row: an answer has an owner, identity and date, and is real or not."""

REPEATED = "the response id stands on an earlier row too; the first is kept, remove or renumber the other"
"""Reason of the second and later rows with one response id."""

_PRESENT = "present"


_Check = tuple[str, Callable[[pl.Expr], pl.Expr], str]
"""What a check is called, what holds where a cell passes, and the sentence for a failure."""


@dataclass(frozen=True, slots=True)
class _Column:
    """What a column of typed answers has to be."""

    dtype: Any
    checks: tuple[_Check, ...]
    required: bool


@dataclass(frozen=True, eq=False)
class AnswerSchema:
    """A pandera schema and, per (column, check), the sentence for a failure.

    Attributes
    ----------
    passes
        Per (column, check), the expression that holds where a cell passes.
    """

    columns: dict[str, _Column]
    reasons: dict[tuple[str, str], str]
    passes: dict[tuple[str, str], pl.Expr]

    @cached_property
    def schema(self) -> pa.DataFrameSchema:
        """Made when a row fails: pandera takes longer to load than a hundred thousand answers to check."""
        import pandera.polars as pa

        columns = {}
        for name, one in self.columns.items():
            # ignore_na is pandera's own rule that a null passes; a required cell has a check of its own.
            made = [pa.Check(_test(holds), name=label, error=label) for label, holds, _ in one.checks]
            if one.required:
                made.insert(0, pa.Check(_is_present, name=_PRESENT, error=_PRESENT, ignore_na=False))
            columns[name] = pa.Column(one.dtype, made, nullable=True, required=one.required)
        return pa.DataFrameSchema(columns, strict=False, ordered=False)

    def find_failing(self, columns: Collection[str]) -> pl.Expr:
        """Rows of which any cell may fail: all others need not be gone through check by check.

        An id that stands more than once is one on every row, so that among these rows it is told which is the first.
        """
        tests = [~test for (column, label), test in self.passes.items() if column in columns and label != "unique"]
        return pl.any_horizontal(*tests, pl.col("response_id").is_duplicated())


def scale_of(journey: Journey, column: str) -> Scale | None:
    """Scale of an item or rated outcome, None for any other column."""
    for placed in journey.items:
        if placed.id == column:
            return placed.scale
    for outcome in journey.rated_outcomes:
        if outcome.id == column:
            return journey.scales[outcome.scale or ""]
    return None


class _Builder:
    """Collects columns, and the sentence that belongs to each check."""

    def __init__(self) -> None:
        self.columns: dict[str, _Column] = {}
        self.reasons: dict[tuple[str, str], str] = {}
        self.passes: dict[tuple[str, str], pl.Expr] = {}

    def add(self, name: str, dtype: Any, checks: list[_Check], *, nullable: bool) -> None:
        self.columns[name] = _Column(dtype, tuple(checks), required=not nullable)
        self.reasons |= {(name, label): reason for label, _, reason in checks}
        self.passes |= {(name, label): holds(pl.col(name)).fill_null(value=True) for label, holds, _ in checks}
        if not nullable:
            self.passes[name, _PRESENT] = pl.col(name).is_not_null()
            self.reasons[name, _PRESENT] = f"expected a value for {name}, found an empty cell; every row needs one"


def _is_present(data: Any) -> pl.LazyFrame:
    return data.lazyframe.select(pl.col(data.key).is_not_null())  # type: ignore[no-any-return]


def _test(expression: Callable[[pl.Expr], pl.Expr]) -> Callable[[Any], pl.LazyFrame]:
    def check(data: Any) -> pl.LazyFrame:
        return data.lazyframe.select(expression(pl.col(data.key)).fill_null(value=True))  # type: ignore[no-any-return]

    return check


@dataclass(frozen=True, slots=True, eq=False)
class _Same:
    """A journey as a key: itself, not one that says the same, for that takes long to find out."""

    journey: Journey

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.journey is other.journey

    def __hash__(self) -> int:
        return id(self.journey)


def build_schema(journey: Journey, policy: SurveyPolicy) -> AnswerSchema:
    """Derive the schema of typed answers from a journey.

    Items and outcomes are whole numbers within their scale, behaviours 0 or 1, case-mix categories one of their
    levels, dates not in the future, response ids unique, practice ids of the stated form.
    """
    return _build(_Same(journey), policy)


@lru_cache(maxsize=8)
def _build(same: _Same, policy: SurveyPolicy) -> AnswerSchema:
    """A study of hundreds of files is checked by one schema; it is the same for all of them."""
    journey = same.journey
    builder = _Builder()
    _add_keys(builder, policy)
    for name in [placed.id for placed in journey.items] + [outcome.id for outcome in journey.rated_outcomes]:
        _add_scale(builder, name, scale_of(journey, name))
    for name in ["simulated", *[outcome.id for outcome in journey.behaviours]]:
        reason = "expected 0 (no) or 1 (yes); map other codes in the export"
        builder.add(name, pl.Float64, [("zero or one", lambda c: c.is_in([0.0, 1.0]), reason)], nullable=True)
    for variable in journey.case_mix:
        if variable.type == "number":
            _add_number(builder, variable.id, variable.range)
        elif variable.levels:
            _add_levels(builder, variable.id, [level.id for level in variable.levels])
    if journey.roles:
        _add_levels(builder, "role", [role.id for role in journey.roles])
    return AnswerSchema(builder.columns, builder.reasons, builder.passes)


def _add_keys(builder: _Builder, policy: SurveyPolicy) -> None:
    builder.add("response_id", pl.String, [("unique", lambda c: c.is_first_distinct(), REPEATED)], nullable=False)
    plain = "expected a practice id of at most 64 characters without control characters"
    checks = [
        ("plain", lambda c: ~c.str.contains(r"[\x00-\x1f\x7f]") & (c.str.len_chars() <= 64), plain),
    ]
    if policy.practice_pattern:
        pattern = f"^(?:{policy.practice_pattern})$"
        _check_pattern(pattern, policy.practice_pattern)
        reason = f"expected a practice id of the form {policy.practice_pattern} (study.toml), leading zeros included"
        checks.append(("form", lambda c: c.str.contains(pattern), reason))
    builder.add("practice_id", pl.String, checks, nullable=False)
    future = f"the date lies after today ({policy.today.isoformat()}); correct it, or the computer's clock"
    builder.add(
        "completed_on",
        pl.Date,
        [("not in the future", lambda c: c <= policy.today, future)],
        nullable=True,
    )


def _check_pattern(pattern: str, stated: str) -> None:
    try:
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.PolarsError as error:
        raise SurveyError(
            f"study.toml [source] practice_pattern: '{stated}' is not a regular expression that can be used (no "
            f"look-around or back-references): {error}. For eight digits write '[0-9]{{8}}'."
        ) from error


def _add_scale(builder: _Builder, name: str, scale: Scale | None) -> None:
    if scale is None:  # pragma: no cover - the journey's own validation makes this impossible
        return
    codes = f" or {'/'.join(map(str, scale.not_applicable))} for not applicable" if scale.not_applicable else ""
    expected = f"expected a whole number {scale.min}-{scale.max}{codes}"
    remedy = "if it is a code for 'does not apply', add it to not_applicable of this scale in the journey file"
    low, high = scale.min, scale.max
    builder.add(
        name,
        pl.Float64,
        [
            (
                "whole",
                lambda c: c == c.floor(),
                f"{expected}; a decimal cannot be an answer on this scale",
            ),
            ("in range", lambda c: (c >= low) & (c <= high), f"{expected}; {remedy}"),
        ],
        nullable=True,
    )


def _add_number(builder: _Builder, name: str, limits: tuple[float, float] | None) -> None:
    low, high = limits or (float("-inf"), float("inf"))
    reason = f"expected a number {low:g} to {high:g}"
    builder.add(name, pl.Float64, [("in range", lambda c: (c >= low) & (c <= high), reason)], nullable=True)


def _add_levels(builder: _Builder, name: str, levels: list[str]) -> None:
    reason = f"expected one of {', '.join(levels)}; add the level to the journey file or correct the export"
    builder.add(name, pl.String, [("known level", lambda c: c.is_in(levels), reason)], nullable=True)
