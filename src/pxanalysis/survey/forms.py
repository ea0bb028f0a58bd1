"""Forms: versions of the questionnaire that did not ask everything, found by a column or by what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from pxanalysis.survey.policy import DONT_KNOW_PREFIX, NOT_APPLICABLE_PREFIX

if TYPE_CHECKING:
    from pxanalysis.journey.model import Journey

__all__ = ["FormGap", "describe_forms", "find_form_gaps", "is_answered"]

_SHARE = 0.2
"""So many of those who met a touchpoint have not answered the item: more than skip a question by chance."""
_FEWEST = 20
_RATIO = 4.0
"""And so many times more than skip the touchpoint's other items."""
_SAME = 0.9
_NEARLY_ALL = 0.9
_PRACTICE = 10
"""Fewer people of a practice or period show no form."""


@dataclass(frozen=True, slots=True)
class FormGap:
    """An item that a form did not ask.

    Attributes
    ----------
    item, touchpoint
        Their ids.
    absent, present
        People who answered something of the touchpoint without and with this item.
    """

    item: str
    touchpoint: str
    absent: int
    present: int


def find_form_gaps(table: pl.DataFrame, journey: Journey) -> tuple[FormGap, ...]:
    """Find items that a part of the people was not asked, from the pattern of missing answers.

    An item is one when, among those who answered anything of its touchpoint, a fifth or more lacks it, at least four
    times as many as lack the item of that touchpoint that is skipped least, and when who lacks it is not by chance: the
    very same people lack another item too, or nearly all of some practice or of the first or last quarter of the time
    lack it, and nearly none of another. A question that people skip is lacking everywhere a little.

    Parameters
    ----------
    table
        Accepted answers, as :class:`~pxanalysis.survey.responses.Responses` has them.
    """
    lacking: dict[str, pl.Series] = {}
    gaps: list[FormGap] = []
    for touchpoint in journey.touchpoints:
        names = [item.id for item in touchpoint.items]
        answered = table.select(is_answered(table, name).alias(name) for name in names)
        met = answered.select(pl.any_horizontal(pl.all())).to_series()
        people = int(met.sum())
        absent = {name: people - int(answered[name].sum()) for name in names}
        for name, count in absent.items():
            if count >= max(_FEWEST, _SHARE * people, _RATIO * max(min(absent.values()), 1)):
                lacking[name] = met & ~answered[name]
                gaps.append(FormGap(name, touchpoint.id, count, people - count))
    return tuple(gap for gap in gaps if _is_of_a_form(gap.item, lacking, table, journey))


def _is_of_a_form(name: str, lacking: dict[str, pl.Series], table: pl.DataFrame, journey: Journey) -> bool:
    """Whether those who lack an item are not a sample of all."""
    own = lacking[name]
    for other, rows in lacking.items():
        either = int((own | rows).sum())
        if other != name and int((own & rows).sum()) >= _SAME * either:
            return True
    touchpoint = next(one for one in journey.touchpoints if name in [item.id for item in one.items])
    met = table.select(pl.any_horizontal(is_answered(table, item.id) for item in touchpoint.items)).to_series()
    frame = table.select("practice_id", "completed_on").with_columns(own.alias("lacks")).filter(met)
    by_practice = frame.group_by("practice_id").agg(pl.len().alias("n"), pl.col("lacks").mean().alias("share"))
    shares = by_practice.filter(pl.col("n") >= _PRACTICE)["share"].to_list()
    dated = frame.drop_nulls("completed_on").sort("completed_on")["lacks"]
    quarter = len(dated) // 4
    if quarter >= _PRACTICE:
        shares += [float(part.sum()) / quarter for part in (dated.head(quarter), dated.tail(quarter))]
    return bool(shares) and max(shares) >= _NEARLY_ALL and min(shares) <= 1 - _NEARLY_ALL


def is_answered(table: pl.DataFrame, name: str) -> pl.Expr:
    """Whether an item was answered, "does not apply" and "I do not know" included: who says so was asked."""
    flags = [prefix + name for prefix in (NOT_APPLICABLE_PREFIX, DONT_KNOW_PREFIX) if prefix + name in table.columns]
    return pl.any_horizontal(pl.col(name).is_not_null(), *(pl.col(flag).fill_null(value=False) for flag in flags))


def describe_forms(gaps: tuple[FormGap, ...], *, ask: bool = False) -> list[str]:
    """What is said of them, or asked with the lines for ``study.toml``; no message when all were asked the same."""
    if not gaps:
        return []
    shown = ", ".join(f"'{gap.item}' ({gap.absent} people were not asked, {gap.present} were)" for gap in gaps)
    found = (
        f"the questionnaire had more than one form: {shown}. Scores of these contacts rest on the questions that all "
        "were asked, or, where those are too few, on the people who were asked enough of them, so that practices and "
        "periods are compared on the same."
    )
    question = (
        " Was it so? study.toml [analysis] one_form = false (or [forms], with what tells the versions); or were these "
        "questions only skipped: one_form = true"
    )
    return [found + question * ask]
