"""What each figure shows, in words for who cannot see it, and its data as a table of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from pxanalysis.reporting.sections.selection import Row, Selection, is_known, join_sentences
from pxanalysis.reporting.sections.values import in_unit, period_name, range_of, score, score_range

if TYPE_CHECKING:
    from pxanalysis.reporting.figures.distribution import DistributionFacts
    from pxanalysis.reporting.figures.experience import ExperienceFacts
    from pxanalysis.reporting.figures.funnel import FunnelFacts
    from pxanalysis.reporting.figures.importance import ImportanceFacts
    from pxanalysis.reporting.figures.matrix import MatrixFacts
    from pxanalysis.reporting.figures.paths import PathFacts
    from pxanalysis.reporting.figures.ranks import RankFacts
    from pxanalysis.reporting.figures.trend import TrendFacts

__all__ = [
    "Data",
    "distribution",
    "distribution_data",
    "experience",
    "experience_data",
    "funnel",
    "funnel_data",
    "importance",
    "importance_data",
    "matrix",
    "matrix_data",
    "paths",
    "paths_data",
    "ranks",
    "trend",
    "trend_data",
]


@dataclass(frozen=True, slots=True)
class Data:
    """A plain table of words; the first ``words`` columns are text and the first one names the row."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, ...]]
    words: int = 1


def _rows(frame: pd.DataFrame) -> list[Row]:
    return frame.to_dict("records")  # type: ignore[return-value]


def _data(selection: Selection, title: str, columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Data:
    return Data(title, [selection.wording.text(key) for key in columns], rows)


def _count(selection: Selection, value: Any) -> str:
    return selection.wording.number(value) if is_known(value) else selection.wording.text("too_few")


def _missing(selection: Selection, names: Sequence[str]) -> str:
    if not names:
        return ""
    return selection.wording.text("alt.missing", touchpoints=selection.enumerate_labels(list(names)))


def experience(selection: Selection, facts: ExperienceFacts) -> str:
    """Say where the journey feels best and worst, and which points are low."""
    wording = selection.wording
    ends = wording.text(
        "alt.experience",
        best=selection.label(facts.highest),
        high=wording.signed(facts.highest_feels, 1),
        worst=selection.label(facts.lowest),
        low=wording.signed(facts.lowest_feels, 1),
    )
    low = (
        wording.text("alt.experience_low", touchpoints=selection.enumerate_labels(list(facts.low))) if facts.low else ""
    )
    return join_sentences(ends, low, _missing(selection, facts.missing))


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


def paths(selection: Selection, facts: PathFacts) -> str:
    """Say which touchpoints are most strongly tied to the outcome, and how much all explain."""
    wording = selection.wording
    strongest = [
        wording.text(
            "alt.paths_one", touchpoint=selection.label(row["touchpoint"]), beta=wording.number(row["beta"], 2)
        )
        for row in _rows(facts.data)[: min(3, len(facts.order))]
    ]
    total = wording.text("alt.paths_r2", r2=wording.percent(facts.r2)) if is_known(facts.r2) else ""
    uncertain = ""
    if facts.uncertain:
        uncertain = wording.text("alt.paths_uncertain", touchpoints=selection.enumerate_labels(list(facts.uncertain)))
    listed = wording.text("alt.paths", touchpoints=wording.enumerate(strongest)) if strongest else ""
    return join_sentences(listed, total, uncertain, _missing(selection, facts.missing))


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
    return _data(selection, wording.text("alt.paths_title"), columns, rows)


def importance(selection: Selection, facts: ImportanceFacts) -> str:
    """Say which touchpoint is most important and which least."""
    wording = selection.wording
    if not facts.order:
        return _missing(selection, facts.missing)
    ends = wording.text(
        "alt.importance",
        first=selection.label(facts.order[0]),
        high=wording.percent(facts.largest),
        last=selection.label(facts.order[-1]),
        low=wording.percent(facts.smallest),
    )
    return join_sentences(ends, _missing(selection, facts.missing))


def importance_data(selection: Selection, facts: ImportanceFacts) -> Data:
    """Importance and interval per touchpoint."""
    wording, rows = selection.wording, []
    for row in _rows(facts.data):
        value = wording.percent(row["importance"], 1) if is_known(row["importance"]) else ""
        between = range_of(wording, row["importance_low"], row["importance_high"], "proportion")
        rows.append((selection.label(row["touchpoint"]), value or wording.text("alt.not_estimated"), between))
    columns = ("column.touchpoint", "column.weight", "column.interval")
    return _data(selection, wording.text("alt.importance_title"), columns, rows)


def matrix(selection: Selection, facts: MatrixFacts) -> str:
    """Say what is important and scores low, and what is important and scores high."""
    wording, sentences = selection.wording, []
    for key, names in (("alt.matrix_first", facts.do_first), ("alt.matrix_keep", facts.keep_up)):
        listed = selection.enumerate_labels(list(names))
        sentences.append(wording.text(key, touchpoints=listed) if names else wording.text(f"{key}_none"))
    return join_sentences(*sentences, _missing(selection, facts.missing))


def matrix_data(selection: Selection, facts: MatrixFacts) -> Data:
    """Importance and performance with their intervals per touchpoint."""
    wording, rows = selection.wording, []
    for row in _rows(facts.data):
        rows.append(
            (
                selection.label(row["touchpoint"]),
                wording.percent(row["importance"], 1) if is_known(row["importance"]) else "",
                range_of(wording, row["importance_low"], row["importance_high"], "proportion"),
                score(wording, row["performance"]) or wording.text("too_few"),
                score_range(wording, row, "performance_low", "performance_high"),
            )
        )
    columns = ("column.touchpoint", "column.weight", "column.interval", "column.score", "column.interval")
    return _data(selection, wording.text("alt.matrix_title"), columns, rows)


def ranks(selection: Selection, facts: RankFacts) -> str:
    """Say which touchpoints surely and which possibly belong to the first three."""
    wording = selection.wording
    surely = selection.enumerate_labels(list(facts.surely_top))
    perhaps = [name for name in facts.possibly_top if name not in facts.surely_top]
    sure = wording.text("alt.ranks_sure", touchpoints=surely) if facts.surely_top else wording.text("alt.ranks_none")
    maybe = wording.text("alt.ranks_maybe", touchpoints=selection.enumerate_labels(perhaps)) if perhaps else ""
    return join_sentences(sure, maybe, _missing(selection, facts.missing))


def trend(selection: Selection, facts: TrendFacts, label: str, unit: str) -> str:
    """Say where the outcome was first and is now, and whether that differs for sure."""
    wording = selection.wording
    course = wording.text(
        "alt.trend",
        outcome=label,
        first=in_unit(wording, facts.first, unit),
        first_period=period_name(wording, facts.first_period),
        last=in_unit(wording, facts.last, unit),
        last_period=period_name(wording, facts.last_period),
    )
    apart = wording.text("alt.trend_apart" if facts.apart else "alt.trend_same")
    missing = wording.text("alt.trend_missing", n=len(facts.missing)) if facts.missing else ""
    return join_sentences(course, apart, missing)


def trend_data(selection: Selection, facts: TrendFacts, label: str, unit: str) -> Data:
    """Estimate and interval per period."""
    wording, rows = selection.wording, []
    for row in _rows(facts.data):
        value = in_unit(wording, row["estimate"], unit) if is_known(row["estimate"]) else ""
        between = range_of(wording, row["ci_low"], row["ci_high"], unit)
        rows.append((period_name(wording, str(row["period"])), _count(selection, row["n"]), value, between))
    columns = ("column.period", "column.n", "column.value", "column.interval")
    return _data(selection, wording.text("alt.trend_title", outcome=label), columns, rows)


def funnel(selection: Selection, facts: FunnelFacts, label: str, unit: str) -> str:
    """Say where the practice lies among the others."""
    wording = selection.wording
    key = {"far below": "low", "below": "low", "within": "inside", "above": "high", "far above": "high"}
    row = _rows(facts.data)[0]
    place = wording.text(
        f"comparison.{key[facts.position]}",
        outcome=label,
        value=in_unit(wording, row["estimate"], unit),
        n=int(row["n"]),
        low=in_unit(wording, row["low95"], unit),
        high=in_unit(wording, row["high95"], unit),
    )
    return join_sentences(place, wording.text("alt.funnel_outside", n=facts.n_practices, outside=facts.n_outside))


def funnel_data(selection: Selection, facts: FunnelFacts, label: str, unit: str) -> Data:
    """The own practice's place and the limits; of others nothing."""
    wording = selection.wording
    rows = [
        (
            selection.name,
            wording.number(row["n"]),
            in_unit(wording, row["estimate"], unit),
            in_unit(wording, row["centre"], unit),
            range_of(wording, row["low95"], row["high95"], unit),
            range_of(wording, row["low998"], row["high998"], unit),
        )
        for row in _rows(facts.data)
    ]
    columns = (
        *("column.practice", "column.n", "column.value", "outcome.benchmark"),
        *("column.limits95", "column.limits998"),
    )
    return _data(selection, wording.text("alt.funnel_title", outcome=label), columns, rows)


def distribution(selection: Selection, facts: DistributionFacts, label: str) -> str:
    """Say which answer was given most, and how large the groups are."""
    wording = selection.wording
    most = wording.text(
        "alt.distribution",
        outcome=label,
        answer=str(int(facts.most_given)),
        share=wording.percent(facts.most_given_share),
    )
    groups = [
        wording.text(f"alt.group_{key}", share=wording.percent(share))
        for key, share in facts.groups.items()
        if is_known(share)
    ]
    return join_sentences(most, *groups)


def distribution_data(selection: Selection, facts: DistributionFacts, label: str) -> Data:
    """Share of each answer, and that of all practices together."""
    wording, rows = selection.wording, []
    for row in _rows(facts.data):
        share = wording.percent(row["share"]) if is_known(row["share"]) else wording.text("too_few")
        pooled = wording.percent(row["benchmark"]) if is_known(row["benchmark"]) else ""
        rows.append((str(int(row["value"])), share, pooled))
    columns = ("column.answer", "column.share", "column.share_pooled")
    return _data(selection, wording.text("alt.distribution_title", outcome=label), columns, rows)
