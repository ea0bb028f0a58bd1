"""What may be said of an action: the first case that fits, in this order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

__all__ = ["SENTENCES", "Figures", "Verdict", "decide", "say"]

Verdict = Literal[
    "not_in_place",
    "not_possible",
    "first_look",
    "too_few",
    "inseparable",
    "no_comparison",
    "withheld",
    "never",
    "too_early",
    "other_changes",
    "improved",
    "worse",
    "no_improvement",
    "not_clear",
]

SENTENCES: dict[Verdict, str] = {
    "not_in_place": "not in place yet",
    "not_possible": "{reason}",
    "first_look": "too early to tell; the first look is at the answers until {until}",
    "too_few": "too few answers to show",
    "inseparable": "another action at this touchpoint came in the same months; the two cannot be told apart",
    "no_comparison": (
        "cannot be separated from the general trend: only {n_compared} practices without an action, 8 are needed"
    ),
    "withheld": "not published: practices without an action seem to change too, so the method does not hold here",
    "never": "this practice has too few patients ever to tell a change of {smallest:g} points",
    "too_early": "too early to tell; about {needed} more answers needed",
    "other_changes": "other things changed here too; what the action brought cannot be told apart from them",
    "improved": "improved beyond chance and the general trend: about {estimate:.0f} ({low:.0f} to {high:.0f})",
    "worse": "worse than expected: about {estimate:.0f} ({low:.0f} to {high:.0f})",
    "no_improvement": "no worthwhile improvement",
    "not_clear": "not clear",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """What the verdict on an action in place rests on.

    Attributes
    ----------
    estimate, std_error, quantile
        d, s and the q of the interval d ± q·s that is shown.
    needed
        Answers after the action from which 1.96 s is at most the smallest worthwhile change; infinite: never.
    n_after, most_after
        Answers after it now, and how many there would be at the last look at this rate.
    smallest
        Smallest worthwhile change.
    others
        Largest |d/s| of the practice's other touchpoints; NaN where there are none.
    """

    estimate: float
    std_error: float
    quantile: float
    needed: float
    n_after: float
    most_after: float
    smallest: float
    others: float

    @property
    def low(self) -> float:
        """Lower end of the interval."""
        return self.estimate - self.quantile * self.std_error

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return self.estimate + self.quantile * self.std_error


MOST_ELSEWHERE = 2.5
"""|d/s| of the practice's other touchpoints beyond which something else changed; over four of them 5–6 % by chance."""

PRECISE = 1.96
"""Standard errors that have to fit in the smallest worthwhile change before anything is said."""


def decide(found: Figures) -> Verdict:
    """The verdict on an action that is in place, was looked at, and can be compared.

    Examples
    --------
    >>> decide(Figures(7.0, 2.0, 2.35, 60, 100, 200, 5.0, 1.0))
    'improved'
    >>> decide(Figures(7.0, 4.0, 2.35, 160, 100, 200, 5.0, 1.0))
    'too_early'
    """
    if PRECISE * found.std_error > found.smallest:
        return "never" if not found.needed <= found.most_after else "too_early"
    if found.others > MOST_ELSEWHERE and (found.low > 0 or found.high < 0):
        return "other_changes"
    if found.low > 0:
        return "improved"
    if found.high < 0:
        return "worse"
    return "no_improvement" if found.high < found.smallest else "not_clear"


def say(verdict: Verdict, **values: object) -> str:
    """The sentence of a verdict in English."""
    return SENTENCES[verdict].format(**values)


def more_needed(found: Figures) -> int:
    """Answers still to come before anything is said, at least one."""
    return max(1, math.ceil(found.needed - found.n_after)) if math.isfinite(found.needed) else 0
