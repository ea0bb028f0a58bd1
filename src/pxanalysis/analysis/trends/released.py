"""Courses of touchpoints in the periods of a release: what pages may show month by month, and nothing newer.

A release knows months of outcomes only. People who came to count together at a touchpoint are split by month here,
once, each part as large as a block has to be; people of whom a part was shown before are not split anew. So every part
has ``minimum_n`` people who were in none before it, and so does whatever is worked out from any number of releases and
these figures: take the last part with a multiple (`pxanalysis.analysis.privacy.cells`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd
import polars as pl

from pxanalysis.analysis.privacy.cells import common_period, quarter_of, split_block
from pxanalysis.analysis.privacy.counted import CountedAnswers
from pxanalysis.analysis.trends.chart import chart_course
from pxanalysis.analysis.trends.result import TrendsResult
from pxanalysis.statistics.conventions import MINIMUM_N
from pxanalysis.survey.policy import WEIGHT
from pxanalysis.survey.scores import score_responses

__all__ = ["SEEN", "CoursePart", "chart_released_touchpoints", "renew_parts", "tabulate_parts"]

Length = Literal["month", "quarter"]

SEEN = "seen"
"""Period of a part that is not shown: of its people something was shown before."""

_LIMITS = ("centre", "low", "high", "near_low", "near_high")
_COURSE = ["practice_id", "subject"]
_FIGURES = [*_COURSE, "period", "n", "estimate"]


@dataclass(frozen=True, slots=True)
class CoursePart:
    """People who count together at a touchpoint of a practice in a period.

    Attributes
    ----------
    period
        Month (``2026-03``), quarter (``2026-Q1``), empty for several, or `SEEN`.
    people
        Keyed hashes of what they answered there.
    """

    practice_id: str
    touchpoint: str
    period: str
    people: frozenset[int]


def renew_parts(counted: CountedAnswers, before: Iterable[CoursePart], minimum_n: int = MINIMUM_N) -> list[CoursePart]:
    """Return the parts of a release, given those that were shown before it.

    Practices whose figures stay as they were keep their parts.
    """
    known: dict[tuple[str, str], list[CoursePart]] = {}
    for part in before:
        known.setdefault((part.practice_id, part.touchpoint), []).append(part)
    rows = _scored_rows(counted)
    found = [part for place, parts in known.items() if place[0] in counted.frozen for part in parts]
    months = _months(counted)
    for place in sorted({*known, *rows}):
        if place[0] in counted.frozen:
            continue
        old, own = known.get(place, []), rows.get(place, {})
        seen = frozenset().union(*(part.people for part in old))
        cell = counted.membership.cells.get(place)
        blocks = [
            {one: months[own[one]] for one in block.people if one in own} for block in (cell.blocks if cell else ())
        ]
        now = [part for people in blocks for part in _parts_of(place, people, old, seen, minimum_n)]
        if any(_lost_some(people, old, seen, minimum_n) for people in blocks):
            now = [part for part in now if part in old]
        gone = seen.difference(*(part.people for part in now))
        found += [*now, CoursePart(*place, SEEN, gone)] if gone else now
    return found


def _lost_some(people: Mapping[int, str], old: list[CoursePart], seen: frozenset[int], minimum_n: int) -> bool:
    """Whether a block is as it was but for a few, whose score is gone since an item of theirs does not count any more.

    The practice's own figure tells of them together with new people only; no month may tell those new people apart.
    """
    parts = [part.people for part in old if part.period != SEEN and part.people & people.keys()]
    whole = frozenset().union(*parts) == people.keys()
    return bool(people.keys() & seen) and not whole and len(people.keys() - seen) < minimum_n


def _parts_of(
    place: tuple[str, str], people: Mapping[int, str], old: list[CoursePart], seen: frozenset[int], minimum_n: int
) -> list[CoursePart]:
    """Parts of one block: as they were, or split if nothing of its people was shown, or else all of it together."""
    met = [part for part in old if part.period != SEEN and part.people & people.keys()]
    if met and frozenset().union(*(part.people for part in met)) == people.keys():
        return met
    if people.keys() & seen:
        together = CoursePart(*place, common_period(people.values()), frozenset(people))
        return [together] if len(people) >= minimum_n else []
    return [CoursePart(*place, one.period, frozenset(one.people)) for one in split_block(people, minimum_n)]


def _scored_rows(counted: CountedAnswers) -> dict[tuple[str, str], dict[int, int]]:
    """Per practice and touchpoint: hash of the answers of everybody with a score, and their row in the tables."""
    shown, elements = counted.shown, counted.membership.elements
    practices = shown.table["practice_id"].to_list()
    whole, scores = np.flatnonzero(counted.rows), score_responses(shown)
    found: dict[tuple[str, str], dict[int, int]] = {}
    for touchpoint in (one.id for one in shown.journey.touchpoints if one.items):
        rows = np.flatnonzero(np.isfinite(scores[touchpoint].to_numpy(dtype=np.float64)))
        for row, one in zip(rows.tolist(), elements[touchpoint][whole[rows]].tolist(), strict=True):
            found.setdefault((practices[row], touchpoint), {})[one] = row
    return found


def _months(counted: CountedAnswers) -> list[str]:
    days = counted.shown.table["completed_on"].cast(pl.Date)
    return [str(one) for one in days.dt.strftime("%Y-%m").fill_null("")]


def tabulate_parts(
    counted: CountedAnswers, parts: Iterable[CoursePart], period: Length, *, today: date, before: pd.DataFrame | None
) -> pd.DataFrame:
    """Return the mean score per practice, touchpoint and period that is over.

    Parameters
    ----------
    parts
        Of `renew_parts`, of the same release.
    period
        As in the course of the outcomes.
    before
        Figures of the release before, for practices whose figures stay as they were.

    Returns
    -------
    One row per figure: ``practice_id, subject, period`` (its first day), ``n``, ``estimate`` (0-100).
    """
    open_now = f"{today:%Y-%m}" if period == "month" else quarter_of(f"{today:%Y-%m}")
    named = ((part, _period(part.period, period)) for part in parts if part.practice_id not in counted.frozen)
    shown = [(part, name) for part, name in named if name and name < open_now]
    table = pl.DataFrame(list(_scores(counted, shown)), schema=_SCORE_COLUMNS, orient="row")
    means = table.group_by(*_COURSE, "name", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("n"),
        ((pl.col("score") * pl.col("weight")).sum() / pl.col("weight").sum()).alias("estimate"),
    )
    found = means.to_pandas()
    found["period"] = pd.to_datetime([_first_day(name) for name in found["name"]]).astype("datetime64[ms]")
    frames = [found[_FIGURES]]
    if before is not None and len(before):
        frames.append(before.loc[before["practice_id"].isin(list(counted.frozen)), _FIGURES])
    return pd.concat(frames).sort_values([*_COURSE, "period"], ignore_index=True)


_SCORE_COLUMNS = {
    "practice_id": pl.String(),
    "subject": pl.String(),
    "name": pl.String(),
    "score": pl.Float64(),
    "weight": pl.Float64(),
}


def _scores(
    counted: CountedAnswers, shown: Iterable[tuple[CoursePart, str]]
) -> Iterator[tuple[str, str, str, float, float]]:
    table, rows, scores = counted.shown.table, _scored_rows(counted), score_responses(counted.shown)
    weights = table[WEIGHT].fill_null(0.0).to_list() if WEIGHT in table.columns else [1.0] * table.height
    values = {name: scores[name].to_numpy(dtype=np.float64) for name in scores.columns}
    for part, name in shown:
        own = rows[part.practice_id, part.touchpoint]
        for row in (own[one] for one in part.people if one in own):
            score = float(values[part.touchpoint][row])
            yield part.practice_id, part.touchpoint, name, score, float(weights[row])


def _period(name: str, period: Length) -> str:
    if name in ("", SEEN):
        return ""
    if period == "quarter":
        return quarter_of(name)
    return "" if "Q" in name else name


def _first_day(name: str) -> str:
    return f"{name}-01" if "Q" not in name else f"{name[:4]}-{3 * int(name[-1]) - 2:02d}-01"


def chart_released_touchpoints(figures: pd.DataFrame, period: Length, minimum_n: int = MINIMUM_N) -> TrendsResult:
    """Put the courses of `tabulate_released_touchpoints` on control charts.

    Returns
    -------
    TrendsResult; periods without a figure stand between the first and the last of a course as gaps.
    """
    points, courses = [], []
    for (practice_id, subject), rows in figures.groupby(_COURSE, sort=True):
        rows = _with_gaps(rows, period)
        chart = chart_course(rows["estimate"].to_numpy(), rows["n"].to_numpy(dtype=np.float64))
        limits = {name: getattr(chart.limits, name) for name in _LIMITS}
        reasons = np.where(rows["estimate"].isna(), "fewer answers than a figure may rest on", "")
        points.append(
            rows.assign(
                practice_id=str(practice_id), subject=str(subject), **limits, signal=chart.signals, reason=reasons
            )
        )
        latest = rows["estimate"].dropna()
        courses.append(
            {
                "practice_id": practice_id,
                "subject": subject,
                "period": period,
                "chart": "i_prime",
                "better": "up",
                "n_figures": chart.n_figures,
                "latest": float(latest.iloc[-1]) if len(latest) else np.nan,
                "variation": chart.variation,
                "side": chart.side,
                "assurance": chart.assurance,
                "trial": chart.trial,
                "reason": chart.reason,
            }
        )
    names = ["practice_id", "subject", "period", "n", "estimate", *_LIMITS, "signal", "reason"]
    frame = pd.concat(points, ignore_index=True)[names] if points else pd.DataFrame(columns=names)
    return TrendsResult(frame, pd.DataFrame(courses, columns=_JUDGED), minimum_n)


_JUDGED = [
    *("practice_id", "subject", "period", "chart", "better", "n_figures", "latest"),
    *("variation", "side", "assurance", "trial", "reason"),
]


def _with_gaps(rows: pd.DataFrame, period: Length) -> pd.DataFrame:
    days = pd.to_datetime(rows["period"])
    every = pd.date_range(days.min(), days.max(), freq="MS" if period == "month" else "QS")
    wide = rows.assign(period=days).set_index("period")[["n", "estimate"]].reindex(every)
    return wide.rename_axis("period").reset_index()
