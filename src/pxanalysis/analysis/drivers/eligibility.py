"""What these answers can carry: which drivers, which "met" effects, how many rows for how many terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pxanalysis.arrays import FloatArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.moments.em import find_kinds
from pxanalysis.statistics.moments.estimate import count_joint

if TYPE_CHECKING:
    from pxanalysis.journey.model import Outcome

__all__ = ["MIN_ANSWERS", "check_complete", "check_outcome", "check_size", "find_left_out", "find_tellable"]

MIN_ANSWERS = 10
"""A driver answered by fewer people, or by fewer together with another driver, is left out with its reason.

The reason stands in results that others read, so it says that there are fewer and not how many.
"""


def _how_many(n: int) -> str:
    return str(n) if n >= MIN_ANSWERS else f"fewer than {MIN_ANSWERS}"


def check_complete(complete: int, some: int) -> None:
    """Refuse listwise deletion that leaves nothing."""
    if complete == 0:
        raise NotEstimableError(
            f"none of {_how_many(some)} responses is complete on all drivers and the outcome, so listwise deletion "
            "leaves nothing; use missing='em', which keeps them all.",
            code="too_few",
        )


def check_outcome(outcome: Outcome, rated: FloatArray, n: int) -> None:
    """Refuse an outcome that nobody answered or that is constant."""
    if rated.size == 0:
        raise NotEstimableError(
            f"none of {n} responses has both the outcome '{outcome.id}' and a score on any driver; a driver model "
            "needs both on the same response.",
            code="too_few",
        )
    if rated.min() == rated.max():
        which = f" (every answer is {rated[0]:g})" if rated.size >= MIN_ANSWERS else ""
        raise NotEstimableError(
            f"outcome '{outcome.id}' is constant{which}, so there is nothing to explain; choose another outcome or "
            "wait for more answers.",
            code="constant_outcome",
        )


def check_size(outcome: Outcome, n: int, n_drivers: int, n_others: int, left_out: dict[str, str]) -> None:
    """Refuse a model without drivers, or with more coefficients than n rows can carry."""
    if n_drivers == 0:
        reasons = "; ".join(f"'{name}': {reason}" for name, reason in left_out.items())
        raise NotEstimableError(f"no driver is left to explain '{outcome.id}' with ({reasons}).", code="too_few")
    terms = n_drivers + n_others
    if n <= terms + 1:
        raise NotEstimableError(
            f"{_how_many(n)} responses cannot carry {terms} drivers and covariates; at least {terms + 2} are needed, "
            f"and about {10 * terms} for estimates that mean something. Use level='step' or fewer drivers.",
            code="too_few",
        )


def find_left_out(scores: pd.DataFrame, unmet: pd.DataFrame) -> dict[str, str]:
    """Name the drivers that these answers cannot carry, with the reason; ``unmet`` says where nothing is missing."""
    names = [str(name) for name in scores.columns]
    values = scores.to_numpy(dtype=np.float64)
    answered = np.isfinite(values)
    kinds, of_row = find_kinds(answered | unmet.to_numpy())
    together = count_joint(kinds, np.bincount(of_row, minlength=len(kinds)).astype(np.intp))
    counts = answered.sum(axis=0)
    reasons: dict[str, str] = {}
    kept: list[int] = []
    for position in np.argsort(-counts, kind="stable").tolist():
        column = values[answered[:, position], position]
        apart = [other for other in kept if together[position, other] < MIN_ANSWERS]
        if column.size == 0:
            reasons[names[position]] = "nobody who gave the outcome answered it"
        elif column.size < MIN_ANSWERS:
            reasons[names[position]] = f"answered by fewer than {MIN_ANSWERS} people"
        elif column.min() == column.max():
            reasons[names[position]] = f"every answer is the same ({column.min():g})"
        elif apart:
            reasons[names[position]] = (
                f"answered together with '{names[apart[0]]}' by fewer than {MIN_ANSWERS} people, so their effects "
                "cannot be told apart; the one with more answers is kept"
            )
        else:
            kept.append(position)
    return {name: reasons[name] for name in names if name in reasons}


def find_tellable(met: pd.DataFrame) -> list[str]:
    """Name the units met by enough and not met by enough, whose pattern does not follow from that of earlier ones.

    Where touchpoints are always skipped together, the first one stands for all of them.
    """
    kinds, of_row = find_kinds(met.to_numpy() > 0)
    times = np.bincount(of_row, minlength=len(kinds))  # alike rows stand or fall together
    root = np.sqrt(times)
    chosen: list[int] = []
    for place in range(met.shape[1]):
        flag = kinds[:, place]
        if min(times @ flag, times @ ~flag) < MIN_ANSWERS:
            continue
        column, before = flag * root, np.column_stack([np.ones(len(kinds)), kinds[:, chosen]]) * root[:, None]
        left = column - before @ np.linalg.lstsq(before, column, rcond=None)[0]
        if left @ left > 1e-8 * len(met):
            chosen.append(place)
    return [str(met.columns[place]) for place in chosen]
