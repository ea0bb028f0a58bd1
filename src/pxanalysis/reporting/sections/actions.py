"""What was decided and what came of it; until actions are recorded, how a practice can start and what it could see."""

from __future__ import annotations

import math
from statistics import NormalDist

from pxanalysis.analysis.whole_study.frames import OutcomeRow, TouchpointRow
from pxanalysis.reporting.page.fragments import Fragment, render_part
from pxanalysis.reporting.sections.priorities.advice import candidates
from pxanalysis.reporting.sections.selection import Selection, is_known

__all__ = ["make", "visible_difference"]

LEVEL, POWER = 0.05, 0.80
"""Of the two-sided test of a difference before and after."""


def visible_difference(low: float, high: float, confidence: float = 0.95) -> float:
    """Smallest difference between two equal groups that shows four times out of five, from one group's interval.

    (z.975 + z.80) x sqrt(2) x standard error, in the unit of the interval, whose confidence is a proportion.

    >>> round(visible_difference(-1.96, 1.96), 2), round(visible_difference(-1.645, 1.645, 0.90), 2)
    (3.96, 3.96)
    """
    quantile = NormalDist().inv_cdf
    error = (high - low) / (2.0 * quantile(0.5 + confidence / 2.0))
    return (quantile(1.0 - LEVEL / 2.0) + quantile(POWER)) * math.sqrt(2.0) * error


def make(selection: Selection) -> Fragment:
    """Return that no actions are recorded, how to start one, and how large a result has to be to show."""
    return render_part(
        "actions",
        selection.wording,
        minimum=selection.minimum,
        visible=[*_in_score(selection), *_in_outcome(selection)],
    )


def _in_score(selection: Selection) -> list[str]:
    """What shows in the score of the contact that comes first; else of the one with most answers."""
    shown = {row.touchpoint: row for row in selection.touchpoints if not row.suppressed}
    chosen = candidates(selection.priorities, selection.smallest_gain or 0.0)
    first = [shown[row.touchpoint] for row in chosen if row.touchpoint in shown]
    rows = first[:1] or sorted(shown.values(), key=lambda row: -(row.n or 0))[:1]
    visible = _visible(selection, rows[0]) if rows else None
    if visible is None:
        return []
    return [selection.wording.text("actions.visible_score", n=rows[0].n or 0, points=math.ceil(visible))]


def _in_outcome(selection: Selection) -> list[str]:
    outcome = selection.modelled
    if outcome is None or outcome.kind not in {"ktv", "ces"}:
        return []
    row = selection.main_metric(outcome)
    visible = None if row is None or row.suppressed else _visible(selection, row)
    if visible is None:
        return []
    difference = selection.wording.number(visible, 1)
    said = {"outcome": selection.outcome_word, "difference": difference}
    return [selection.wording.text("actions.visible_outcome", **said)]


def _visible(selection: Selection, row: TouchpointRow | OutcomeRow) -> float | None:
    if not (is_known(row.ci_low) and is_known(row.ci_high)):
        return None
    return visible_difference(row.ci_low, row.ci_high, selection.meta.confidence)
