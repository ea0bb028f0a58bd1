"""What was decided and what came of it; until actions are recorded, how a practice can start and what it could see."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

from pxanalysis.analysis.whole_study.frames import OutcomeRow, TouchpointRow
from pxanalysis.reporting.page.fragments import Fragment, display_text, render_part
from pxanalysis.reporting.sections.pictures.data import Data
from pxanalysis.reporting.sections.priorities.advice import candidates
from pxanalysis.reporting.sections.selection import LONGEST_LABEL, LONGEST_SENTENCE, Selection, is_known, join_sentences
from pxanalysis.statistics.conventions import FEWEST_ACTING

if TYPE_CHECKING:
    from pxanalysis.analysis.action_effects.shown import ShownAction, ShownActions
    from pxanalysis.reporting.page.wording import Wording

__all__ = ["kind_data", "make", "programme_sentence", "say_verdict", "visible_difference"]

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
    """Return what was chosen and what it brought; without actions how to start, and how large a result has to be."""
    shown = selection.actions
    own = () if shown is None else shown.of_practice(selection.practice_id)
    if shown is not None and own:
        open_ideas = [one for one in own if one.status == "idea"]
        chosen = [one for one in own if one.decided_on is not None]
        return render_part(
            "actions_recorded",
            selection.wording,
            actions=[_describe(selection, one) for one in sorted(chosen, key=lambda one: one.decided_on or "")],
            more=selection.wording.text("actions.ideas", n=len(open_ideas)) if open_ideas else "",
            kinds=kind_data(selection.wording, shown),
        )
    return render_part(
        "actions",
        selection.wording,
        minimum=selection.minimum,
        visible=[*_in_score(selection), *_in_outcome(selection)],
    )


_STRONG = {"improved", "worse"}
"""Verdicts that say something, in bold."""


def _describe(selection: Selection, action: ShownAction) -> dict[str, str | bool]:
    wording = selection.wording
    days = {"decided": action.decided_on, "there": action.in_place_on}
    status = join_sentences(
        *(wording.text(f"actions.{name}", day=wording.date(day)) for name, day in days.items() if day),
        wording.text("actions.given_up") if action.status == "dropped" else "",
    )
    return {
        "idea": display_text(action.idea, LONGEST_SENTENCE),
        "contact": selection.label(action.touchpoint),
        "status": status,
        "said": say_verdict(wording, action),
        "strong": action.verdict in _STRONG,
        "beside": _beside(wording, action),
    }


def say_verdict(wording: Wording, action: ShownAction) -> str:
    """The sentence of the verdict, in the order that `pxanalysis.analysis.action_effects.verdicts` decided."""
    values: dict[str, str | int] = {"smallest": wording.number(action.smallest_change)}
    if action.estimate is not None and action.low is not None and action.high is not None:
        points = {"estimate": action.estimate, "low": action.low, "high": action.high}
        values |= {name: wording.signed(value) for name, value in points.items()}
    if action.more_needed is not None:
        values["needed"] = wording.number(_nearest_five(action.more_needed))
    if action.until is not None:
        values["until"] = wording.month(action.until)
    values["count"] = wording.number(action.n_compared or 0)
    return wording.text(f"actions.verdict_{action.verdict}", **values)


def _nearest_five(count: int) -> int:
    return max(5, 5 * math.ceil(count / 5))


def _beside(wording: Wording, action: ShownAction) -> str:
    """The raw change, and what of it would have come by itself; whole points, so that no month can be worked out."""
    if action.raw_change is None or action.score_before is None or action.score_after is None or not action.look:
        return ""
    said = [
        wording.text(
            "actions.raw",
            before=wording.number(action.score_before),
            after=wording.number(action.score_after),
            months=action.look,
            change=wording.signed(round(action.score_after) - round(action.score_before)),  # of what is written
        )
    ]
    if action.regression is not None and round(action.regression):
        key = "actions.regression" if action.regression > 0 else "actions.regression_high"
        said.append(wording.text(key, points=wording.signed(action.regression)))
    if action.trend is not None and round(action.trend):
        said.append(wording.text("actions.trend", points=wording.signed(action.trend)))
    return " ".join(said)


def kind_data(wording: Wording, shown: ShownActions) -> Data:
    """Kinds of action of which enough practices tell, by name, with what they took."""
    rows = []
    for kind in shown.worked:
        cells = (
            wording.signed(kind.estimate or 0.0),
            wording.text("between", low=wording.signed(kind.low or 0.0), high=wording.signed(kind.high or 0.0)),
            wording.number(kind.n_practices),
            wording.text("none") if kind.effort_hours is None else wording.number(kind.effort_hours),
            wording.text("none") if kind.cost is None else wording.number(kind.cost),
        )
        rows.append((display_text(kind.kind, LONGEST_LABEL), *cells))
    keys = ("kind_name", "kind_change", "kind_interval", "kind_practices", "kind_hours", "kind_cost")
    return Data(wording.text("actions.kinds"), [wording.text(f"actions.{key}") for key in keys], rows)


def programme_sentence(wording: Wording, shown: ShownActions) -> str:
    """What actions brought over all practices that acted; why that is not known, where it is not."""
    mean = shown.programme
    if mean.estimate is None or mean.low is None or mean.high is None:
        few = mean.n_practices < FEWEST_ACTING
        return wording.text("programme.few" if few else "programme.withheld", count=mean.n_practices)
    ends = {"low": wording.signed(mean.low), "high": wording.signed(mean.high)}
    return wording.text("programme.mean", count=mean.n_practices, points=wording.signed(mean.estimate), **ends)


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
