"""Courses of touchpoints in the periods of a release: what pages may show month by month, and nothing newer.

A release knows months of outcomes only. People who came to count together at a touchpoint are split by month here, each
part as large as a block has to be: so whatever is worked out from these figures and those of any releases is, as
before, on ``minimum_n`` people or more (`pxanalysis.analysis.privacy.cells`). What was shown once stays, unless enough
others came: a corrected date would move one person from one month to another.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd
import polars as pl

from pxanalysis.analysis.privacy.cells import quarter_of, split_block
from pxanalysis.analysis.privacy.counted import CountedAnswers
from pxanalysis.analysis.trends.chart import chart_course
from pxanalysis.analysis.trends.result import TrendsResult
from pxanalysis.survey.policy import WEIGHT
from pxanalysis.survey.scores import score_responses

__all__ = ["chart_released_touchpoints", "tabulate_released_touchpoints"]

Length = Literal["month", "quarter"]

_LIMITS = ("centre", "low", "high", "near_low", "near_high")
_COURSE = ["practice_id", "subject"]
_FIGURES = [*_COURSE, "period", "n", "estimate"]


def tabulate_released_touchpoints(
    counted: CountedAnswers,
    period: Length,
    minimum_n: int = 10,
    *,
    today: date,
    before: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the mean score of every practice's touchpoints per period that is over.

    Parameters
    ----------
    counted
        The answers of a release.
    period
        As in the course of the outcomes.
    before
        What was shown before; a course of which a figure would differ by fewer than ``minimum_n`` people stays as it
        was.

    Returns
    -------
    One row per figure: ``practice_id, subject, period`` (its first day), ``n``, ``estimate`` (0-100).
    """
    rows = [row for part in _parts(counted, minimum_n) for row in part]
    names, numbers = ("practice_id", "subject", "month"), ("score", "weight")
    schema = {**dict.fromkeys(names, pl.String()), **dict.fromkeys(numbers, pl.Float64())}
    table = pl.DataFrame(rows, schema=schema, orient="row")
    open_now = f"{today:%Y-%m}" if period == "month" else quarter_of(f"{today:%Y-%m}")
    named = table.with_columns(
        pl.col("month").map_elements(lambda name: _period(name, period), return_dtype=pl.String).alias("name")
    ).filter((pl.col("name") != "") & (pl.col("name") < open_now))
    means = named.group_by("practice_id", "subject", "name", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("n"),
        ((pl.col("score") * pl.col("weight")).sum() / pl.col("weight").sum()).alias("estimate"),
    )
    found = means.to_pandas()
    found["period"] = pd.to_datetime([_first_day(name) for name in found["name"]]).astype("datetime64[ms]")
    found = found[_FIGURES].sort_values([*_COURSE, "period"], ignore_index=True)
    return found if before is None or before.empty else _keep_shown(before, found, minimum_n)


def _parts(counted: CountedAnswers, minimum_n: int) -> Iterator[list[tuple[str, str, str, float, float]]]:
    """Practice, touchpoint, month (or quarter), score and weight of everybody, part by part of the blocks."""
    shown, member = counted.shown, counted.membership
    scores = score_responses(shown)
    practices = shown.table["practice_id"].to_list()
    months = shown.table["completed_on"].cast(pl.Date).dt.strftime("%Y-%m").fill_null("").to_list()
    weights = shown.table[WEIGHT].fill_null(0.0).to_list() if WEIGHT in shown.table.columns else [1.0] * shown.n
    whole = np.flatnonzero(counted.rows)
    for touchpoint in (one.id for one in shown.journey.touchpoints if one.items):
        elements, values = member.elements[touchpoint], scores[touchpoint].to_numpy(dtype=np.float64)
        inside: dict[str, dict[int, int]] = {}
        for row in np.flatnonzero(np.isfinite(values)):
            inside.setdefault(practices[row], {})[elements[whole[row]]] = int(row)
        for practice_id, row_of in inside.items():
            cell = member.cells.get((practice_id, touchpoint))
            for block in cell.blocks if cell else ():
                people = {one: months[row_of[one]] for one in block.people if one in row_of}
                for part in split_block(people, minimum_n):
                    own = [row_of[one] for one in part.people]
                    yield [(practice_id, touchpoint, part.period, float(values[i]), float(weights[i])) for i in own]


def _period(name: str, period: Length) -> str:
    if period == "quarter":
        return quarter_of(name)
    return "" if "Q" in name else name


def _first_day(name: str) -> str:
    return f"{name}-01" if "Q" not in name else f"{name[:4]}-{3 * int(name[-1]) - 2:02d}-01"


def _keep_shown(before: pd.DataFrame, now: pd.DataFrame, minimum_n: int) -> pd.DataFrame:
    """The new figures, but those of before of every course in which one would differ by a few people."""
    keys = [*_COURSE, "period"]
    both = before[_FIGURES].merge(now, on=keys, how="left", suffixes=("", "_now"))
    more = both["n_now"] - both["n"]
    same = (more == 0) & np.isclose(both["estimate"], both["estimate_now"], rtol=0, atol=1e-9)
    stays = both.loc[~(same | (more >= minimum_n)), _COURSE].drop_duplicates()

    def of_stays(frame: pd.DataFrame) -> np.ndarray:
        return np.asarray(pd.MultiIndex.from_frame(frame[_COURSE]).isin(pd.MultiIndex.from_frame(stays)))

    kept = pd.concat([before.loc[of_stays(before), _FIGURES], now[~of_stays(now)]])
    return kept.sort_values(keys, ignore_index=True)


def chart_released_touchpoints(figures: pd.DataFrame, period: Length, minimum_n: int = 10) -> TrendsResult:
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
