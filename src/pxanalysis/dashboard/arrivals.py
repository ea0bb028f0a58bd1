"""Answers that come in: counts only, as they stand now, per practice and per channel; nothing of what they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from pxanalysis.analysis.response_rate import estimate_response
from pxanalysis.analysis.trends.chart import chart_course
from pxanalysis.survey.invitations import read_ledger

if TYPE_CHECKING:
    import pandas as pd

    from pxanalysis.study import Study

__all__ = ["Arrivals", "Flow", "PracticeArrivals", "RateFall", "count_arrivals"]

WEEK = 7

_PACE_DAYS = 84
"""Days before the last answer over which the usual pace is taken."""

_EXPECTED = 6.9
"""Answers that would have come at the usual pace while none did: by chance once in a thousand times (Poisson)."""

_FEWEST = 10
"""With fewer answers in those days there is no usual pace."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What comes in over one way.

    Attributes
    ----------
    total, today, week, week_before
        Answers in all, today, in the last seven days with today, and in the seven before them.
    last
        Day of the last answer; None where none has a date.
    silent
        Whether so long nothing came that at the usual pace it would happen once in a thousand times, and longer than
        ever in the last year.
    """

    total: int = 0
    today: int = 0
    week: int = 0
    week_before: int = 0
    last: date | None = None
    silent: bool = False


@dataclass(frozen=True, slots=True)
class RateFall:
    """A response rate that fell: the latest month whose time to answer has passed, and the usual rate (proportions)."""

    month: str
    rate: float
    usual: float


@dataclass(frozen=True, slots=True)
class PracticeArrivals:
    """Counts of one practice.

    Attributes
    ----------
    all, channels
        All answers, and those per channel (``web``, ``paper`` ...) where answers name more than one.
    invited, rate
        Patients who were invited, and the share of them who answered; None where it is not known or makes no sense.
    fall
        Where the rate fell.
    """

    all: Flow = Flow()
    channels: Mapping[str, Flow] = field(default_factory=dict)
    invited: int | None = None
    rate: float | None = None
    fall: RateFall | None = None


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Counts of a study.

    Attributes
    ----------
    today
        The day they were made on.
    whole
        All practices together.
    practices
        By practice id.
    ahead
        Last day of an answer where that is after today: the computer's clock has gone back, or an export's ran ahead.
    """

    today: date
    whole: PracticeArrivals = PracticeArrivals()
    practices: Mapping[str, PracticeArrivals] = field(default_factory=dict)
    ahead: date | None = None

    def of(self, practice_id: str) -> PracticeArrivals:
        """Counts of one practice; zeros where nothing came."""
        return self.practices.get(practice_id, PracticeArrivals())


def count_arrivals(study: Study) -> Arrivals:
    """Count the answers that the study has now.

    Raises
    ------
    PxError
        When they cannot be read.
    """
    today = study.today
    listed = study.practices
    invited = {name: one.invited for name, one in listed.items() if one.invited}
    if not study.store.batches:
        return Arrivals(today, practices={name: PracticeArrivals(invited=invited.get(name)) for name in listed})
    table = study.responses.table.select("practice_id", "completed_on", "channel", "response_id")
    table = table.with_columns(pl.col("completed_on").cast(pl.Date))
    rates, falls = _rates(study, table, today)
    flows = _flows(table, today)
    found = {}
    for practice_id in sorted({*flows, *listed} - {""}):
        whole, channels = flows.get(practice_id, (Flow(), {}))
        number, rate = rates.get(practice_id, (invited.get(practice_id), None))
        if rate is None and number and whole.total <= number:
            rate = whole.total / number
        found[practice_id] = PracticeArrivals(whole, channels, number, rate, falls.get(practice_id))
    whole, channels = flows.get("", (Flow(), {}))
    numbers = [one.invited for one in found.values()]
    total = sum(one for one in numbers if one) if numbers and all(numbers) else None
    rate = whole.total / total if total and whole.total <= total else None
    last = table["completed_on"].max()
    ahead = last if isinstance(last, date) and last > today else None
    return Arrivals(today, PracticeArrivals(whole, channels, total, rate), found, ahead)


def _flows(table: pl.DataFrame, today: date) -> dict[str, tuple[Flow, dict[str, Flow]]]:
    """Flows per practice, and under the empty id of all together, each with those per channel."""
    days = table.group_by("practice_id", "channel", "completed_on").len("n").sort("completed_on")
    found = {}
    parts = {"": days, **{str(name): part for (name,), part in days.partition_by("practice_id", as_dict=True).items()}}
    for practice_id, part in parts.items():
        named = part.filter(pl.col("channel").is_not_null())
        channels = {
            str(name): _flow(own, today) for (name,), own in named.partition_by("channel", as_dict=True).items()
        }
        found[practice_id] = _flow(part, today), dict(sorted(channels.items())) if len(channels) > 1 else {}
    return found


def _flow(days: pl.DataFrame, today: date) -> Flow:
    dated = days.drop_nulls("completed_on").group_by("completed_on").agg(pl.col("n").sum()).sort("completed_on")
    when, n = dated["completed_on"].to_list(), dated["n"].to_numpy()
    if not when:
        return Flow(int(days["n"].sum()))
    ago = np.array([(today - day).days for day in when])
    now, week, before = (
        int(n[(ago >= first) & (ago < last)].sum()) for first, last in ((0, 1), (0, WEEK), (WEEK, 2 * WEEK))
    )
    return Flow(int(days["n"].sum()), now, week, before, when[-1], _is_silent(when, n, today))


def _is_silent(when: list[date], n: np.ndarray, today: date) -> bool:
    quiet = (today - when[-1]).days
    if quiet < WEEK:
        return False
    since = when[-1] - timedelta(days=_PACE_DAYS)
    recent = int(n[np.array([day > since for day in when])].sum())
    year = [day for day in when if day > when[-1] - timedelta(days=365)]
    longest = max(((after - before).days for before, after in pairwise(year)), default=0)
    return recent >= _FEWEST and quiet * recent / _PACE_DAYS > _EXPECTED and quiet > longest


def _rates(
    study: Study, table: pl.DataFrame, today: date
) -> tuple[dict[str, tuple[int, float | None]], dict[str, RateFall]]:
    """Invited patients and response rate per practice, and where it fell: from the invitations, where they are kept."""
    ledger = read_ledger(study.root / study.settings.invitations.folder)
    aside = study.store.read_aside()
    if ledger is None or "token" not in aside.columns:
        return {}, {}
    answers = table.join(aside.select("response_id", "token"), on="response_id", how="left")
    months = estimate_response(answers.select("token", "practice_id", "completed_on"), ledger, today=today).table
    rates: dict[str, tuple[int, float | None]] = {}
    falls = {}
    for practice_id, rows in months.groupby("practice_id"):
        invited, answered, still = (int(rows[name].sum()) for name in ("invited", "answered", "open"))
        could = invited - still
        rates[str(practice_id)] = invited, answered / could if could else None
        fall = _find_fall(rows.sort_values("month"))
        if fall is not None:
            falls[str(practice_id)] = fall
    return rates, falls


def _find_fall(rows: pd.DataFrame) -> RateFall | None:
    """Whether the latest closed month is on a p' chart of the closed months lower than chance would have it."""
    closed = rows[(rows["open"] == 0) & (rows["invited"] >= _FEWEST)]
    if closed.empty:
        return None
    rate, n = (closed[name].to_numpy(dtype=np.float64) for name in ("rate", "invited"))
    chart = chart_course(rate, n, kind="p_prime")
    if chart.reason or chart.variation != "concern":
        return None
    return RateFall(str(closed["month"].iloc[-1]), float(rate[-1]), float(chart.limits.centre[-1]))
