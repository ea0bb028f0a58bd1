"""Versions of the questionnaire that are known: named by a column of the export, or by the day they came into use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from pxanalysis.survey.forms import is_answered

if TYPE_CHECKING:
    from pxanalysis.journey.model import Journey

__all__ = ["FORM", "LANGUAGE", "FormVersion", "describe_versions", "find_uneven_items", "list_versions"]

FORM = "form_version"
"""Column of :class:`~pxanalysis.survey.responses.Responses` with the version, where it is known."""

LANGUAGE = "form_language"
"""Column of :class:`~pxanalysis.survey.responses.Responses` with the language it was filled in, where it is known."""

_EXPECTED = 5.0
"""So many answers a version would have had, were the question asked as elsewhere; none at all is no chance then."""


@dataclass(frozen=True, slots=True)
class FormVersion:
    """One version of the questionnaire.

    Attributes
    ----------
    name
        As the column has it, or its number in time; empty: it is not known which one these people had.
    n
        People who filled it in; ``first`` and ``last``: the days of the first and last answer.
    not_asked
        Items that nobody with this version answered, where others did.
    """

    name: str
    n: int
    first: date | None
    last: date | None
    not_asked: tuple[str, ...]


def list_versions(table: pl.DataFrame, journey: Journey) -> tuple[FormVersion, ...]:
    """Every version with what it did not ask, in order of its name; none where versions are not known.

    Parameters
    ----------
    table
        Accepted answers, as :class:`~pxanalysis.survey.responses.Responses` has them.
    """
    if FORM not in table.columns:
        return ()
    names = [placed.id for placed in journey.items]
    answered = table.select(FORM, "completed_on", *(is_answered(table, name).alias(name) for name in names))
    counts = answered.group_by(FORM).agg(
        pl.len().alias("n"),
        pl.col("completed_on").min().alias("first"),
        pl.col("completed_on").max().alias("last"),
        *(pl.col(name).sum() for name in names),
    )
    counts = counts.sort(FORM)
    found = []
    for row in counts.iter_rows(named=True):
        others = table.height - row["n"]
        absent = [
            name
            for name in names
            if not row[name] and others and row["n"] * int(counts[name].sum()) / others >= _EXPECTED
        ]
        found.append(FormVersion(str(row[FORM]), int(row["n"]), row["first"], row["last"], tuple(absent)))
    return tuple(found)


def find_uneven_items(versions: tuple[FormVersion, ...], journey: Journey) -> frozenset[str]:
    """Items that one version did not ask although it asked another of the same touchpoint: a mean has to go without.

    A touchpoint that a version did not ask at all has no score there, and is the same where it has one.
    """
    uneven: set[str] = set()
    for touchpoint in journey.touchpoints:
        names = {item.id for item in touchpoint.items}
        for version in versions:
            absent = names & set(version.not_asked)
            if absent != names:
                uneven |= absent
    return frozenset(uneven)


def describe_versions(versions: tuple[FormVersion, ...]) -> list[str]:
    """What is said of them; no message when all were asked the same."""
    differing = [version for version in versions if version.not_asked]
    if not differing:
        return []
    shown = "; ".join(
        f"'{version.name or 'not known'}' ({version.n} people) did not ask {', '.join(version.not_asked)}"
        for version in differing
    )
    return [
        f"the questionnaire had {len(versions)} versions: {shown}. Scores rest on the questions that all versions "
        "asked, or, where those are too few, on the people who were asked enough of them."
    ]
