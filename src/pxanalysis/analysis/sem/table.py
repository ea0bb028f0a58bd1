"""The parameter table: what was written, with what lavaan's ``sem()`` adds to it, for one group or several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from pxanalysis.analysis.sem.syntax import ModelSyntax
from pxanalysis.errors import AnalysisError

__all__ = ["EQUAL_AT", "InvarianceLevel", "Parameter", "ParameterTable", "build_table"]

InvarianceLevel = Literal["configural", "metric", "scalar", "strict"]

EQUAL_AT: dict[InvarianceLevel, frozenset[str]] = {
    "configural": frozenset(),
    "metric": frozenset({"loadings"}),
    "scalar": frozenset({"loadings", "intercepts"}),
    "strict": frozenset({"loadings", "intercepts", "residuals"}),
}
"""What is held equal over groups; from ``scalar`` on, latent means are free but for the first group."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One row: ``left operator right`` in a group.

    Attributes
    ----------
    value
        Where it is fixed; None when free.
    number
        Number of the free parameter; rows that share it are equal. -1 when fixed.
    exogenous
        A sample moment of observed covariates: fixed, and not counted.
    """

    left: str
    operator: str
    right: str
    group: int
    label: str
    value: float | None
    number: int = -1
    exogenous: bool = False

    @property
    def term(self) -> str:
        """Text such as ``y ~ x``."""
        return f"{self.left} ~1" if self.operator == "~1" else f"{self.left} {self.operator} {self.right}"


@dataclass(frozen=True, slots=True)
class ParameterTable:
    """All rows of all groups.

    Attributes
    ----------
    observed, latents
        Names, observed variables in order of appearance.
    covariates
        Observed variables that only explain, whose moments are fixed at the sample's.
    outside
        Observed variables that only explain, fixed or not.
    rows
        Every parameter, fixed or free.
    n_parameters, n_groups, has_means
        Free parameters; groups; whether means are part of the model.
    """

    observed: tuple[str, ...]
    latents: tuple[str, ...]
    covariates: tuple[str, ...]
    outside: tuple[str, ...]
    rows: tuple[Parameter, ...]
    n_parameters: int
    n_groups: int
    has_means: bool

    @property
    def free(self) -> list[Parameter]:
        """First row of each free parameter, in the order of their numbers."""
        first: dict[int, Parameter] = {}
        for row in self.rows:
            if row.number >= 0:
                first.setdefault(row.number, row)
        return [first[number] for number in sorted(first)]


class _Builder:
    """Rows of one group, before groups and numbers."""

    def __init__(self, syntax: ModelSyntax, *, std_lv: bool, fixed_x: bool) -> None:
        self.rows: list[Parameter] = []
        self.latents, self.observed = syntax.latents, syntax.observed
        self.std_lv = std_lv
        said = syntax.statements
        self.indicators = {s.right for s in said if s.operator == "=~"}
        regressions = [s for s in said if s.operator == "~" and s.right != "1"]
        self.explained = list(dict.fromkeys(s.left for s in regressions))
        self.explaining = {s.right for s in regressions}
        in_covariances = {name for s in said if s.operator == "~~" for name in (s.left, s.right)}
        outside = [n for n in self.observed if n in self.explaining and n not in self.explained]
        self.outside = [n for n in outside if n not in self.indicators]
        free_x = in_covariances | {s.left for s in said if s.operator == "~" and s.right == "1"}
        self.given = [n for n in self.outside if n not in free_x]
        self.covariates = self.given if fixed_x else []
        self._written(syntax)

    def add(self, left: str, operator: str, right: str, value: float | None = None, label: str = "") -> None:
        """Add a row unless it was written already."""
        if not self.has(left, operator, right):
            fixed = left in self.covariates and (operator == "~1" or (operator == "~~" and right in self.covariates))
            self.rows.append(Parameter(left, operator, right, 0, label, value, exogenous=fixed))

    def has(self, left: str, operator: str, right: str) -> bool:
        """Whether the row is there, covariances in either order."""
        ends = {(left, right), (right, left)} if operator == "~~" else {(left, right)}
        return any(row.operator == operator and (row.left, row.right) in ends for row in self.rows)

    def _written(self, syntax: ModelSyntax) -> None:
        first: set[str] = set()
        for s in syntax.statements:
            if s.operator == "~" and s.right == "1":
                self.add(s.left, "~1", "", s.value, s.label)
                continue
            value = s.value
            if s.operator == "=~" and s.left not in first:
                first.add(s.left)
                value = 1.0 if value is None and not self.std_lv else value
            self.add(s.left, s.operator, s.right, value, s.label)

    def defaults(self) -> None:
        """Variances, covariances of exogenous variables, and of outcomes that explain nothing else."""
        for name in (*self.observed, *self.latents):
            fixed = 1.0 if self.std_lv and name in self.latents else None
            self.add(name, "~~", name, fixed)
        inner = self.explained
        apart = [n for n in self.latents if n not in inner and n not in self.indicators]
        ends = [n for n in (*self.latents, *self.observed) if n in inner and n not in self.explaining]
        ends = [n for n in ends if n not in self.indicators]
        for one, other in (*combinations(apart, 2), *combinations(ends, 2), *combinations(self.outside, 2)):
            self.add(one, "~~", other)

    def means(self) -> None:
        """Intercepts of observed variables free, means of latent ones 0."""
        for name in self.observed:
            self.add(name, "~1", "")
        for name in self.latents:
            self.add(name, "~1", "", 0.0)


def build_table(
    syntax: ModelSyntax,
    *,
    means: bool = False,
    std_lv: bool = False,
    fixed_x: bool = True,
    n_groups: int = 1,
    level: InvarianceLevel = "configural",
) -> ParameterTable:
    """Complete what was written by the rules of lavaan's ``sem()``.

    First loadings are 1 (all free and latent variances 1 with ``std_lv``); residual variances, covariances of
    exogenous latents and of outcomes that explain nothing are free; moments of observed covariates are the sample's.
    """
    wanted = means or n_groups > 1 or any(s.operator == "~" and s.right == "1" for s in syntax.statements)
    builder = _Builder(syntax, std_lv=std_lv, fixed_x=fixed_x)
    builder.defaults()
    if wanted:
        builder.means()
    equal = EQUAL_AT[level]
    rows = _numbered(_over_groups(builder, n_groups, equal), builder, equal)
    count = max((row.number for row in rows), default=-1) + 1
    if count == 0:
        raise AnalysisError("syntax: the model has nothing to estimate; every parameter is fixed.")
    latents, observed = tuple(builder.latents), tuple(builder.observed)
    given = tuple(builder.covariates), tuple(builder.given)
    return ParameterTable(observed, latents, *given, tuple(rows), count, n_groups, wanted)


def _over_groups(builder: _Builder, n_groups: int, equal: frozenset[str]) -> list[Parameter]:
    rows = []
    for group in range(n_groups):
        for row in builder.rows:
            value = row.value
            moved = "intercepts" in equal and group > 0 and row.operator == "~1" and row.left in builder.latents
            rows.append(replace(row, group=group, value=None if moved else value))
    return rows


def _kind(row: Parameter, builder: _Builder) -> str:
    """What a row is in the words of invariance; "" for what stays free in every group."""
    if row.operator == "=~":
        return "loadings"
    if row.operator == "~1" and row.left in builder.indicators:
        return "intercepts"
    if row.operator == "~~" and row.left == row.right and row.left in builder.indicators:
        return "residuals"
    return ""


def _numbered(rows: Sequence[Parameter], builder: _Builder, equal: frozenset[str]) -> list[Parameter]:
    """Number the free rows; the same label, or what is held equal over groups, has the same number."""
    numbers: dict[object, int] = {}
    fixed = {row.label: row.value for row in rows if row.label and row.value is not None}
    done = []
    for row in rows:
        value = fixed.get(row.label, row.value) if row.label else row.value
        if value is not None or row.exogenous:
            done.append(replace(row, value=value))
            continue
        group = 0 if _kind(row, builder) in equal else row.group
        key: object = row.label or (row.left, row.operator, row.right, group)
        done.append(replace(row, number=numbers.setdefault(key, len(numbers))))
    return done
