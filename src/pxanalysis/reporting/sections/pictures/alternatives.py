"""What each figure shows, in words for who cannot see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pxanalysis.analysis.whole_study.frames import OutcomeRow, PriorityRow
from pxanalysis.reporting.sections.priorities.advice import certainty_key, unplaced_key
from pxanalysis.reporting.sections.priorities.precision import has_few_answers, is_weak
from pxanalysis.reporting.sections.selection import Selection, is_known, join_sentences
from pxanalysis.reporting.sections.values import chance_text, extra_decimals, in_unit, on_limit, outside

if TYPE_CHECKING:
    from pxanalysis.figures.page.distribution import DistributionFacts
    from pxanalysis.figures.page.experience.plot import ExperienceFacts
    from pxanalysis.figures.page.funnel import FunnelFacts
    from pxanalysis.figures.page.importance import ImportanceFacts
    from pxanalysis.figures.page.matrix.plot import MatrixFacts
    from pxanalysis.figures.page.paths import PathFacts
    from pxanalysis.figures.page.ranks import RankFacts
    from pxanalysis.figures.page.trend import TrendFacts
    from pxanalysis.reporting.page.wording import Wording

__all__ = ["distribution", "experience", "funnel", "importance", "matrix", "paths", "ranks", "trend"]


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


def paths(selection: Selection, facts: PathFacts) -> str:
    """Say which touchpoints are most strongly tied to the outcome, and how much all explain."""
    wording = selection.wording
    strongest = [
        wording.text(
            "alt.paths_one", touchpoint=selection.label(row["touchpoint"]), beta=wording.number(row["beta"], 2)
        )
        for row in facts.data.to_dict("records")[: min(3, len(facts.order))]
    ]
    total = ""
    if is_known(facts.r2):
        total = wording.text("alt.paths_r2", r2=wording.percent(facts.r2), outcome=selection.outcome_word)
    marks = {"uncertain": facts.uncertain, "negative": facts.negative, "suppressor": facts.suppressors}
    marked = [
        wording.text(f"alt.paths_{key}", touchpoints=selection.enumerate_labels(list(names)))
        for key, names in marks.items()
        if names
    ]
    listed = ""
    if strongest:
        listed = wording.text("alt.paths", outcome=selection.outcome_word, touchpoints=wording.enumerate(strongest))
    return join_sentences(listed, total, *marked, _missing(selection, facts.missing))


def importance(selection: Selection, facts: ImportanceFacts) -> str:
    """Say which touchpoint is most important and which least."""
    wording = selection.wording
    if not facts.order:
        return _missing(selection, facts.missing)
    ends = wording.text(
        "alt.importance",
        outcome=selection.outcome_word,
        first=selection.label(facts.order[0]),
        high=wording.percent(facts.largest),
        last=selection.label(facts.order[-1]),
        low=wording.percent(facts.smallest),
    )
    return join_sentences(ends, _missing(selection, facts.missing))


def matrix(selection: Selection, facts: MatrixFacts) -> str:
    """Say what counts most, and of that what lies below the line, what about level with it and what above."""
    wording, sentences = selection.wording, []
    line = wording.text(f"alt.matrix_line_{facts.against}")
    heavy = {"alt.matrix_first": facts.heavy_below, "alt.matrix_keep": facts.heavy_above}
    groups = {key: [name for name in names if name not in facts.level] for key, names in heavy.items()}
    about = [name for name in (*facts.heavy_below, *facts.heavy_above) if name in facts.level]
    for key, names in (groups | {"alt.matrix_about": about}).items():
        if names:
            sentences.append(wording.text(key, line=line, touchpoints=selection.enumerate_labels(names)))
        elif key in groups:
            sentences.append(wording.text(f"{key}_none", line=line))
    return join_sentences(*sentences, _missing(selection, facts.missing))


def ranks(selection: Selection, facts: RankFacts) -> str:
    """Say what belongs to the first three, in the words of the cards and with the chance that the figure shows."""
    wording = selection.wording
    rows = {row.touchpoint: row for row in selection.own(PriorityRow)}
    groups: dict[str, list[str]] = {}
    for name in facts.order:
        chance = rows[name].p_top3
        known = f" ({chance_text(wording, chance)})" if is_known(chance) else ""
        careful = is_weak(selection, name) or has_few_answers(selection, selection.meta.outcome)
        groups.setdefault(certainty_key(rows[name], weak=careful), []).append(selection.label(name) + known)
    rest = groups.pop("", [])
    lead = wording.text("alt.ranks" if set(groups) - {"first.not_sure"} else "alt.ranks_none")
    said = [
        wording.text("alt.ranks_group", certainty=wording.text(key), touchpoints=wording.enumerate(groups[key]))
        for key in ("first.sure_high", "first.sure_middle", "first.sure_low", "first.not_sure")
        if key in groups
    ]
    if rest:
        said.append(wording.text("alt.ranks_rest", touchpoints=wording.enumerate(rest)))
    why: dict[str, list[str]] = {}
    for name in facts.missing:
        why.setdefault(unplaced_key(rows[name]), []).append(name)
    unknown = why.pop("", [])
    for key, names in why.items():
        word = wording.text(key)
        listed = selection.enumerate_labels(names)
        said.append(wording.text("alt.ranks_group", certainty=word[:1].upper() + word[1:], touchpoints=listed))
    return join_sentences(lead, *said, _missing(selection, unknown))


def _within_period(wording: Wording, period: str) -> str:
    """Say in which month (``2026-03``) or quarter (by its first day: ``2026-04-01``) something was."""
    if len(period) == 7:
        return wording.text("alt.in_month", month=wording.month(period))
    day = dt.date.fromisoformat(period[:10])
    return wording.text(f"alt.in_quarter_{(day.month - 1) // 3 + 1}", year=str(day.year))


def trend(selection: Selection, facts: TrendFacts, label: str, unit: str, outcome: str, says: str = "") -> str:
    """Say where the outcome was first and is now, whether that differs for sure, what the chart says, and on what."""
    wording = selection.wording
    course = wording.text(
        "alt.trend",
        outcome=label,
        first=in_unit(wording, facts.first, unit),
        first_period=_within_period(wording, facts.first_period),
        last=in_unit(wording, facts.last, unit),
        last_period=_within_period(wording, facts.last_period),
    )
    apart = wording.text("alt.trend_apart" if facts.apart else "alt.trend_same")
    missing = wording.text("alt.trend_missing", n=len(facts.missing)) if facts.missing else ""
    signal = wording.text(f"alt.trend_{says}") if says else ""
    return join_sentences(course, apart, signal, missing, _rests_on(selection, facts, outcome))


def _rests_on(selection: Selection, facts: TrendFacts, outcome: str) -> str:
    """How many of the answers are in a period that is shown; empty where all are."""
    counts = [row.n for row in selection.own(OutcomeRow, outcome=outcome) if row.n is not None]
    used = int(facts.data["n"].sum())
    if not counts or used >= max(counts):
        return ""
    return selection.wording.text("alt.trend_part", used=used, n=max(counts))


def funnel(selection: Selection, facts: FunnelFacts, label: str, unit: str) -> str:
    """Say where the practice lies among the others."""
    wording = selection.wording
    key = {"far below": "low", "below": "low", "within": "inside", "above": "high", "far above": "high"}
    row = facts.data.to_dict("records")[0]
    limits = row["low95"], row["high95"]
    more = extra_decimals(unit, outside(row["estimate"], *limits))
    edge = on_limit(unit, row["estimate"], *limits)
    position = "edge" if edge else key[facts.position]
    place = wording.text(
        f"comparison.{position}",
        outcome=label,
        value=in_unit(wording, row["estimate"], unit, more),
        n=int(row["n"]),
        low=in_unit(wording, row["low95"], unit, more),
        high=in_unit(wording, row["high95"], unit, more),
    )
    # What is said to be on a limit is not counted among what lies outside.
    n_outside = facts.n_outside - edge
    return join_sentences(place, wording.text("alt.funnel_outside", n=n_outside, total=facts.n_practices))


def distribution(selection: Selection, facts: DistributionFacts, label: str) -> str:
    """Say which answer was given most, as the shares are written, and how large the groups are."""
    wording, share = selection.wording, selection.wording.percent(facts.most_given_share)
    tied = [
        str(int(row["value"]))
        for row in facts.data.to_dict("records")
        if is_known(row["share"]) and wording.percent(row["share"]) == share
    ]
    if len(tied) == 1:
        most = wording.text("alt.distribution", outcome=label, answer=tied[0], share=share)
    else:
        most = wording.text("alt.distribution_tied", outcome=label, answers=wording.enumerate(tied), share=share)
    groups = [
        wording.text(f"alt.group_{key}", share=wording.percent(part), low=int(facts.low))
        for key, part in facts.groups.items()
        if is_known(part)
    ]
    return join_sentences(most, *groups)
