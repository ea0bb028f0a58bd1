"""What is said of how precisely a contact is measured: weak scales, single questions, two orders that differ."""

from __future__ import annotations

from collections.abc import Iterable

from pxanalysis.analysis.whole_study.frames import (
    ComparisonRow,
    DriverRow,
    OutcomeRow,
    PriorityRow,
    ReliabilityRow,
    VarianceRow,
)
from pxanalysis.reporting.sections.priorities.advice import gain_text
from pxanalysis.reporting.sections.selection import Selection, is_known
from pxanalysis.statistics.conventions import FEWEST_RESAMPLED, RELIABLE_FROM
from pxanalysis.statistics.random_effects.reliability import needed_n

__all__ = [
    "answers_needed",
    "differ_sentence",
    "has_few_answers",
    "is_weak",
    "precision_sentence",
    "rests_on_few",
    "scale_is_weak",
]

_NOT_WEAK = frozenset({"formative", "stated"})
"""How the journey says that little agreement is no sign of imprecision."""


def answers_needed(variances: Iterable[VarianceRow], comparisons: Iterable[ComparisonRow]) -> dict[str, float]:
    """Answers it takes to tell practices apart, by outcome; absent where that is not known.

    Infinite where practices were not seen to differ more than by chance: no number of answers tells them apart then.
    Of what patients did, the ICC is that of the comparison, after case mix.
    """
    compared = [row for row in comparisons if is_known(row.icc)]
    needed = {row.outcome: float(needed_n(row.icc or 0.0, RELIABLE_FROM["groups"])) for row in compared}
    for row in variances:
        if is_known(row.n_for_70) or row.icc == 0.0:
            needed[row.outcome_or_touchpoint] = row.n_for_70 if is_known(row.n_for_70) else float("inf")
    return needed


def has_few_answers(selection: Selection, outcome: str) -> bool:
    """Whether there are fewer answers on an outcome than it takes to tell practices apart on it."""
    needed = answers_needed(selection.study(VarianceRow), selection.study(ComparisonRow))
    counts = [row.n for row in selection.own(OutcomeRow, outcome=outcome) if row.n is not None]
    return max(counts, default=selection.n) < needed.get(outcome, 0.0)


def rests_on_few(selection: Selection) -> str:
    """That a number of answers needed is unsure itself, where few practices tell how much practices differ.

    With 6 practices of 60 answers and a true ICC of .03 (76 answers for .7), one estimate in four is 252 or more and
    one in twenty 26 or less (from the F distribution of the ICC).
    """
    practices = selection.meta.n_practices
    return selection.wording.text("opening.unsure_few", n=practices) if practices < FEWEST_RESAMPLED else ""


def is_weak(selection: Selection, touchpoint: str) -> bool:
    """Whether the page calls the questions of a contact weak, or there is one question of unknown precision."""
    scale = _scale(selection, touchpoint)
    return scale is not None and scale_is_weak(scale, _source(selection, touchpoint))


def scale_is_weak(scale: ReliabilityRow, source: str) -> bool:
    """The same of a row of ``reliability`` and where the touchpoint's reliability comes from."""
    return source not in _NOT_WEAK and (_single(scale) or _low(scale))


def precision_sentence(selection: Selection, row: PriorityRow) -> str:
    """What little agreement or a single question means for the gain of a row of ``priorities``; empty where neither."""
    name = row.touchpoint
    scale = _scale(selection, name)
    if scale is None or not is_weak(selection, name):
        return ""
    wording = selection.wording
    if _single(scale):
        assumed = selection.meta.borrowed_reliability
        if _source(selection, name) == "borrowed" and assumed is not None:
            return wording.text("first.single_assumed", reliability=wording.number(assumed, 2))
        return wording.text("first.single_unknown")
    alpha, measured, corrected = wording.number(scale.alpha or 0.0, 2), row.gain_measured, row.gain_corrected
    if not (is_known(measured) and is_known(corrected)):
        return wording.text("first.weak_only", alpha=alpha)
    unit = "first.points_of_share" if selection.drives_a_share else "first.points"
    said = {"measured": gain_text(selection, measured), "corrected": gain_text(selection, corrected)}
    said = {version: wording.text(unit, gain=gain) for version, gain in said.items()}
    if said["measured"] == said["corrected"]:
        return wording.text("first.weak_only", alpha=alpha)
    return wording.text("first.weak_more" if corrected > measured else "first.weak_less", alpha=alpha, **said)


def differ_sentence(selection: Selection, row: PriorityRow) -> str:
    """Which contacts come first as measured and corrected, or that the two differ on whether this one does."""
    rows = selection.own(PriorityRow)
    first = {
        "measured": next((selection.label(one.touchpoint) for one in rows if one.rank_measured == 1), ""),
        "corrected": next((selection.label(one.touchpoint) for one in rows if one.rank_corrected == 1), ""),
    }
    own = selection.label(row.touchpoint)
    wording = selection.wording
    if first["measured"] != first["corrected"] and own in first.values():
        return wording.text("first.differ_first", **{name: wording.text("quote", text=first[name]) for name in first})
    return wording.text("first.differ_top")


def _scale(selection: Selection, touchpoint: str) -> ReliabilityRow | None:
    return next(iter(selection.study(ReliabilityRow, scale=touchpoint)), None)


def _source(selection: Selection, touchpoint: str) -> str:
    rows = selection.study(DriverRow, touchpoint=touchpoint)
    return rows[0].reliability_from if rows else ""


def _single(scale: ReliabilityRow) -> bool:
    return scale.k == 1


def _low(scale: ReliabilityRow) -> bool:
    return is_known(scale.alpha) and scale.alpha < RELIABLE_FROM["groups"]
