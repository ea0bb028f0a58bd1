"""The data of each figure as a table of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from pxanalysis.reporting.sections.selection import Selection, is_known
from pxanalysis.reporting.sections.values import (
    extra_decimals,
    in_unit,
    outside,
    period_name,
    range_of,
    score,
    score_range,
    written_difference,
)

if TYPE_CHECKING:
    from pxanalysis.figures.page.distribution import DistributionFacts
    from pxanalysis.figures.page.experience.plot import ExperienceFacts
    from pxanalysis.figures.page.funnel import FunnelFacts
    from pxanalysis.figures.page.importance import ImportanceFacts
    from pxanalysis.figures.page.matrix.plot import MatrixFacts
    from pxanalysis.figures.page.paths import PathFacts
    from pxanalysis.figures.page.trend import TrendFacts
    from pxanalysis.reporting.page.wording import Wording

__all__ = [
    "Data",
    "distribution_data",
    "experience_data",
    "funnel_data",
    "importance_data",
    "matrix_data",
    "paths_data",
    "trend_data",
]

_LEAST = 0.005
"""A smaller share would be written as 0%."""

_MOST_DECIMALS = 2
"""Decimals of a difference of scores at most."""


@dataclass(frozen=True, slots=True)
class Data:
    """A plain table of words; the first ``words`` columns are text and the first one names the row."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, ...]]
    words: int = 1


_Cells = dict[str, Any]
"""What a drawing shows in one place, by the names that its description gives."""


def _rows(frame: pd.DataFrame) -> list[_Cells]:
    return frame.to_dict("records")  # type: ignore[return-value]


def _data(selection: Selection, title: str, columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Data:
    return Data(title, [selection.wording.text(key) for key in columns], rows)


def _count(selection: Selection, value: Any) -> str:
    return selection.wording.number(value) if is_known(value) else selection.wording.text("too_few")


def experience_data(selection: Selection, facts: ExperienceFacts) -> Data:
    """Experience and benchmark per touchpoint."""
    wording, rows = selection.wording, []
    for row in _rows(facts.data):
        between = ""
        if is_known(row["benchmark_low"]) and is_known(row["benchmark_high"]):
            low, high = wording.signed(row["benchmark_low"], 1), wording.signed(row["benchmark_high"], 1)
            between = wording.text("between", low=low, high=high)
        feels = wording.signed(row["feels"], 1) if is_known(row["feels"]) else ""
        rows.append((selection.label(row["touchpoint"]), _count(selection, row["n"]), feels, between))
    columns = ("column.touchpoint", "column.n", "column.feels", "column.benchmark")
    return _data(selection, wording.text("alt.experience_title"), columns, rows)


def paths_data(selection: Selection, facts: PathFacts) -> Data:
    """Standardised coefficient and interval per touchpoint."""
    wording, rows = selection.wording, []
    for row in _rows(facts.data):
        beta = wording.number(row["beta"], 2) if is_known(row["beta"]) else wording.text("alt.not_estimated")
        between = ""
        if is_known(row["ci_low"]) and is_known(row["ci_high"]):
            low, high = wording.number(row["ci_low"], 2), wording.number(row["ci_high"], 2)
            between = wording.text("between", low=low, high=high)
        rows.append((selection.label(row["touchpoint"]), beta, between))
    columns = ("column.touchpoint", "column.beta", "column.interval")
    return _data(selection, wording.text("alt.paths_title", outcome=selection.outcome_word), columns, rows)


def importance_data(selection: Selection, facts: ImportanceFacts) -> Data:
    """Importance and interval per touchpoint."""
    wording, rows = selection.wording, []
    for row in _rows(facts.data):
        value = wording.percent(row["importance"], 1) if is_known(row["importance"]) else ""
        between = range_of(wording, row["importance_low"], row["importance_high"], "proportion", 1)
        rows.append((selection.label(row["touchpoint"]), value or wording.text("alt.not_estimated"), between))
    columns = ("column.touchpoint", "column.weight", "column.interval")
    return _data(selection, wording.text("alt.importance_title"), columns, rows)


def matrix_data(selection: Selection, facts: MatrixFacts) -> Data:
    """Importance and performance per touchpoint, and how far that is from the target, with intervals."""
    wording = selection.wording
    rows: list[tuple[str, ...]] = []
    for row in _rows(facts.data):
        cells = (
            selection.label(row["touchpoint"]),
            wording.percent(row["importance"], 1) if is_known(row["importance"]) else "",
            range_of(wording, row["importance_low"], row["importance_high"], "proportion", 1),
        )
        if facts.against == "own_mean":
            own = score(wording, row["performance"]) or wording.text("too_few")
            rows.append((*cells, own, score_range(wording, row["performance_low"], row["performance_high"])))
        else:
            rows.append((*cells, *_against_target(wording, row)))
    columns = ["column.touchpoint", "column.weight", "column.interval", "column.score_adjusted"]
    if facts.against != "own_mean":
        columns += [f"alt.matrix_{facts.against}", "alt.matrix_ahead"]
    title = wording.text(f"alt.matrix_title_{facts.against}")
    return _data(selection, title, [*columns, "column.interval"], rows)


def _against_target(wording: Wording, row: _Cells) -> tuple[str, str, str, str]:
    """The score, the target, how many points the one is above or below the other, and between which."""
    more, ahead, between = 0, "", ""
    ends = [float(row[name]) for name in ("ahead_low", "ahead_high") if is_known(row[name])]
    if is_known(row["performance"]) and is_known(row["target"]):
        more, difference = written_difference("score", row["performance"], row["target"])
        # An interval that ends near 0 is written on the side of 0 where it ends: the words speak of that side.
        needed = extra_decimals("score", [(end, 0.0) for end in ends], _MOST_DECIMALS)
        if needed > more:
            more, difference = needed, round(row["performance"], needed) - round(row["target"], needed)
        ahead = wording.signed(difference, more)
    if len(ends) == 2:
        low, high = (wording.signed(end, more) for end in ends)
        between = wording.text("between", low=low, high=high)
    own = score(wording, row["performance"], more) or wording.text("too_few")
    return own, score(wording, row["target"], more), ahead, between


def trend_data(selection: Selection, facts: TrendFacts, label: str, unit: str) -> Data:
    """Estimate and interval per period."""
    wording, rows = selection.wording, []
    for row in _rows(facts.data):
        value = in_unit(wording, row["estimate"], unit) if is_known(row["estimate"]) else ""
        between = range_of(wording, row["ci_low"], row["ci_high"], unit)
        count = wording.text("withheld") if row["protects"] else _count(selection, row["n"])
        rows.append((period_name(wording, str(row["period"])), count, value, between))
    columns = ("column.period", "column.n", "column.value", "column.interval")
    return _data(selection, wording.text("alt.trend_title", outcome=label), columns, rows)


def funnel_data(selection: Selection, facts: FunnelFacts, label: str, unit: str) -> Data:
    """The own practice's place and the limits; of others nothing."""
    wording = selection.wording
    rows = []
    for row in _rows(facts.data):
        limits = [(row["low95"], row["high95"]), (row["low998"], row["high998"])]
        more = extra_decimals(unit, [pair for ends in limits for pair in outside(row["estimate"], *ends)])
        figures = (in_unit(wording, row[name], unit, more) for name in ("estimate", "centre"))
        ranges = (range_of(wording, *ends, unit, more) for ends in limits)
        rows.append((selection.name, wording.number(row["n"]), *figures, *ranges))
    columns = (
        *("column.practice", "column.n", "column.value", "column.centre"),
        *("column.limits95", "column.limits998"),
    )
    return _data(selection, wording.text("alt.funnel_title", outcome=label), columns, rows)


def _share(wording: Wording, share: float) -> str:
    """A share as the figure writes it: what somebody answered is not 0%."""
    return f"<{wording.percent(0.01)}" if 0 < share < _LEAST else wording.percent(share)


def distribution_data(selection: Selection, facts: DistributionFacts, label: str) -> Data:
    """Share of each answer, and that of all practices together."""
    wording, rows = selection.wording, []
    for row in _rows(facts.data):
        share = _share(wording, row["share"]) if is_known(row["share"]) else wording.text("too_few")
        pooled = _share(wording, row["benchmark"]) if is_known(row["benchmark"]) else ""
        rows.append((str(int(row["value"])), share, pooled))
    columns = ("column.answer", "column.share", "column.share_pooled")
    return _data(selection, wording.text("alt.distribution_title", outcome=label), columns, rows)
