"""What pages show of actions: plain records that are made once for a study, kept as JSON, and read by every report."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from pxanalysis.errors import AnalysisError

if TYPE_CHECKING:
    from pxanalysis.analysis.action_effects.result import ActionEffects
    from pxanalysis.survey.action_list import Action

__all__ = ["ShownAction", "ShownActions", "ShownMean", "show_effects"]


@dataclass(frozen=True, slots=True)
class ShownAction:
    """One action as a page shows it; None where there is nothing to show.

    Attributes
    ----------
    n_after
        Answers after it, to the nearest ten: with the exact number and those of months, a month that is hidden could be
        worked out.
    score_before, score_after, raw_change, regression, trend, estimate, low, high
        Points of the score (0-100).
    verdict
        A code of `verdicts.Verdict`, and ``reason`` where that is ``not_possible``.
    """

    action_id: str
    practice_id: str
    touchpoint: str
    kind: str
    idea: str
    status: str
    decided_on: str | None
    in_place_on: str | None
    look: int | None
    until: str | None
    n_after: int | None
    n_compared: int | None
    score_before: float | None
    score_after: float | None
    raw_change: float | None
    regression: float | None
    trend: float | None
    estimate: float | None
    low: float | None
    high: float | None
    more_needed: int | None
    smallest_change: float
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True)
class ShownMean:
    """A kind of action, or with an empty name the programme: mean change over practices, and what it took."""

    kind: str
    estimate: float | None
    low: float | None
    high: float | None
    n_practices: int
    n_actions: int
    effort_hours: float | None
    cost: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class ShownActions:
    """Actions of a study as pages show them.

    Attributes
    ----------
    key
        Hash of what they were made from.
    actions, kinds, programme
        Every action; kinds and programme, with a reason where they have no figure.
    """

    key: str
    actions: tuple[ShownAction, ...]
    kinds: tuple[ShownMean, ...]
    programme: ShownMean

    def of_practice(self, practice_id: str) -> tuple[ShownAction, ...]:
        """Actions of one practice."""
        return tuple(one for one in self.actions if one.practice_id == practice_id)

    @property
    def worked(self) -> tuple[ShownMean, ...]:
        """Kinds of which a figure may be shown, by name: never by what they brought."""
        return tuple(sorted((one for one in self.kinds if one.estimate is not None), key=lambda one: one.kind))

    def keep_frozen(self, before: ShownActions, practices: Iterable[str]) -> ShownActions:
        """Keep the figures of practices that stay as they were published, and with them all that is pooled.

        Where an answer was withdrawn, new figures beside the old ones would tell what it said.
        """
        frozen = set(practices)
        if not frozen:
            return self
        old = {one.action_id: one for one in before.actions if one.practice_id in frozen}
        kept = tuple(old.get(one.action_id, one) for one in self.actions)
        return replace(self, actions=kept, kinds=before.kinds, programme=before.programme)

    def to_json(self) -> str:
        """The records as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> ShownActions:
        """What :meth:`to_json` wrote.

        Raises
        ------
        AnalysisError
            When it is not.
        """
        try:
            found = json.loads(text)
            return cls(
                found["key"],
                tuple(ShownAction(**one) for one in found["actions"]),
                tuple(ShownMean(**one) for one in found["kinds"]),
                ShownMean(**found["programme"]),
            )
        except (ValueError, TypeError, KeyError) as error:
            raise AnalysisError(f"what is kept of actions is damaged ({error}). Run 'pxanalysis run' again.") from error


def show_effects(effects: ActionEffects, actions: Iterable[Action], key: str) -> ShownActions:
    """Make what pages show of the effects of actions."""
    status = {one.action_id: one.status for one in actions}
    rows: list[dict[str, Any]] = effects.actions.to_dict("records")  # type: ignore[assignment]
    programme: dict[str, Any] = effects.programme.iloc[0].to_dict()  # type: ignore[assignment]
    kinds: list[dict[str, Any]] = effects.kinds.to_dict("records")  # type: ignore[assignment]
    return ShownActions(
        key,
        tuple(_action(row, status[row["action_id"]]) for row in rows),
        tuple(_mean(row) for row in kinds),
        _mean({"kind": "", "effort_hours": None, "cost": None, **programme}),
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else None


def _count(value: object, nearest: int = 1) -> int | None:
    number = _number(value)
    return None if number is None else int(nearest * round(number / nearest))


def _text(value: object) -> str | None:
    return None if value is None or value != value else str(value)


def _action(row: dict[str, Any], status: str) -> ShownAction:
    return ShownAction(
        action_id=str(row["action_id"]),
        practice_id=str(row["practice_id"]),
        touchpoint=str(row["touchpoint"]),
        kind=str(row["kind"]),
        idea=str(row["idea"]),
        status=status,
        decided_on=_text(row["decided_on"]),
        in_place_on=_text(row["in_place_on"]),
        look=_count(row["look"]),
        until=_text(row["until"]),
        n_after=_count(row["n_after"], 10),
        n_compared=_count(row["n_compared"]),
        score_before=_number(row["score_before"]),
        score_after=_number(row["score_after"]),
        raw_change=_number(row["raw_change"]),
        regression=_number(row["regression"]),
        trend=_number(row["trend"]),
        estimate=_number(row["estimate"]),
        low=_number(row["ci_low"]),
        high=_number(row["ci_high"]),
        more_needed=_count(row["more_needed"]),
        smallest_change=float(row["smallest_change"]),
        verdict=str(row["verdict"]),
        reason=str(row["reason"]),
    )


def _mean(row: dict[str, Any]) -> ShownMean:
    return ShownMean(
        str(row["kind"]),
        _number(row["estimate"]),
        _number(row["ci_low"]),
        _number(row["ci_high"]),
        int(row["n_practices"]),
        int(row["n_actions"]),
        _number(row["effort_hours"]),
        _number(row["cost"]),
        str(row["reason"]),
    )
