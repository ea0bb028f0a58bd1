"""Touchpoints that a form did not ask at all, found by the day or the practice from which nobody answers them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from pxanalysis.survey.forms import is_answered

if TYPE_CHECKING:
    from pxanalysis.journey.model import Journey, Touchpoint

__all__ = ["TouchpointGap", "ask_about_changes", "find_touchpoint_gaps"]

_EXPECTED = 10.0
"""So many answers would have been expected of these people, and there is none: by chance that is below 1 in 20,000."""
_FEWEST = 20
_OPTIONAL_SHARE = 0.1
"""A contact that fewer than this share meets says too little about a day on which it came or went."""


@dataclass(frozen=True, slots=True)
class TouchpointGap:
    """A touchpoint of which a form asked nothing.

    Attributes
    ----------
    touchpoint
        Its id.
    absent
        People who answered nothing of it; ``share`` of the others did.
    changed_on
        Day from which it was asked, or was no longer (``came`` is False); None: it is of practices.
    practices
        Practices of which nobody answered it, where it is no matter of time.
    """

    touchpoint: str
    absent: int
    share: float
    changed_on: date | None = None
    came: bool = True
    practices: tuple[str, ...] = ()

    def describe(self) -> str:
        """What was found, in a sentence."""
        return _describe((self,))


def find_touchpoint_gaps(table: pl.DataFrame, journey: Journey) -> tuple[TouchpointGap, ...]:
    """Find touchpoints that a part of the people was not asked about.

    By time: up to a day, or from one on, nobody answered anything of it ("does not apply" and "don't know" included),
    where ten answers or more would have been expected. By practice: the same of a practice, but only where blanks do
    not say that a patient did not meet it; an optional contact may well be met by nobody of a practice.

    Parameters
    ----------
    table
        Accepted answers, as :class:`~pxanalysis.survey.responses.Responses` has them.
    """
    gaps: list[TouchpointGap] = []
    for touchpoint in journey.touchpoints:
        if not touchpoint.items:
            continue
        answered = pl.any_horizontal(is_answered(table, item.id) for item in touchpoint.items)
        facts = table.select("practice_id", "completed_on", answered.alias("answered"))
        found = _find_in_time(facts, touchpoint.id)
        if found is None and _says_when_unmet(touchpoint, journey):
            found = _find_by_practice(facts, touchpoint.id)
        gaps += [] if found is None else [found]
    return tuple(gaps)


def _says_when_unmet(touchpoint: Touchpoint, journey: Journey) -> bool:
    can_decline = any(journey.scales[item.scale].not_applicable for item in touchpoint.items)
    return can_decline or not touchpoint.optional


def _find_in_time(facts: pl.DataFrame, name: str) -> TouchpointGap | None:
    dated = facts.drop_nulls("completed_on")
    days = dated.filter(pl.col("answered"))["completed_on"]
    if days.is_empty():
        return None
    first, last = days.min(), days.max()
    for came, outside in ((True, pl.col("completed_on") < first), (False, pl.col("completed_on") > last)):
        absent = dated.filter(outside).height
        share = len(days) / max(dated.height - absent, 1)
        if absent >= _FEWEST and share >= _OPTIONAL_SHARE and absent * share >= _EXPECTED:
            later = dated.filter(outside)["completed_on"].min()
            day = first if came else later
            return TouchpointGap(name, absent, share, changed_on=day, came=came)  # type: ignore[arg-type]
    return None


def _find_by_practice(facts: pl.DataFrame, name: str) -> TouchpointGap | None:
    counts = facts.group_by("practice_id").agg(pl.len().alias("n"), pl.col("answered").sum()).sort("practice_id")
    others = counts.filter(pl.col("answered") > 0)
    share = float(others["answered"].sum()) / max(int(others["n"].sum()), 1)
    without = counts.filter((pl.col("answered") == 0) & (pl.col("n") * share >= _EXPECTED))
    if without.is_empty():
        return None
    return TouchpointGap(name, int(without["n"].sum()), share, practices=tuple(without["practice_id"].to_list()))


def ask_about_changes(gaps: tuple[TouchpointGap, ...]) -> list[str]:
    """What is asked, with the lines for ``study.toml``; touchpoints that changed on the same day together."""
    together: dict[tuple[date | None, bool, tuple[str, ...]], list[TouchpointGap]] = {}
    for gap in gaps:
        together.setdefault((gap.changed_on, gap.came, gap.practices), []).append(gap)
    return [
        _describe(found) + _ASKED[found[0].changed_on is not None].format(day=found[0].changed_on)
        for found in map(tuple, together.values())
    ]


_ASKED = {
    True: (
        " They count as not asked, not as people who did not meet it. Did the questionnaire change then? study.toml "
        "[forms] changed_on = [{day}]; or were all asked the same: [analysis] one_form = true"
    ),
    False: (
        " Was it not asked there? study.toml [analysis] one_form = false; or were they asked all the same: "
        "one_form = true"
    ),
}


def _describe(found: tuple[TouchpointGap, ...]) -> str:
    """Touchpoints of which the same people answered nothing."""
    first = found[0]
    names = ", ".join(f"'{gap.touchpoint}'" for gap in found)
    shares = sorted({f"{gap.share:.0%}" for gap in found}, key=lambda share: float(share[:-1]))
    others = " to ".join(dict.fromkeys((shares[0], shares[-1])))
    if first.changed_on is None:
        where = f"of practice {', '.join(first.practices)}"
    else:
        where = f"before {first.changed_on}" if first.came else f"from {first.changed_on} on"
    return f"nobody {where} ({first.absent} people) answered anything of {names}; of the others {others} did."
