"""Questions whose answers run against all others: reversed in the export, or in the journey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from pxanalysis.arrays import FloatArray

__all__ = ["Direction", "find_directions", "turn_to_content"]

_FEWEST = 10
_AGAINST = -0.15
_SURE = -3.0
"""t of a correlation below which it is negative; a question that fits correlates .3 to .7 with the rest."""

_CLEAR = 2.0
"""t from which a question clearly goes with the others."""


@dataclass(frozen=True, slots=True)
class Direction:
    """How one question goes with the others: correlation with their mean over ``n`` people.

    ``reversed``: it runs against them; ``unknown``: so few people cannot tell.
    """

    correlation: float
    n: int
    reversed: bool
    unknown: bool


def find_directions(items: dict[str, FloatArray], outcomes: dict[str, FloatArray]) -> dict[str, Direction]:
    """Correlate each question with the mean of all other items (item-rest correlation).

    Parameters
    ----------
    items, outcomes
        By id: shape (n,), higher is better, NaN where not answered.

    Returns
    -------
    One :class:`Direction` per question. Where every outcome (of two or more) runs against the items, the items are the
    reversed ones; where the only outcome does, both may be.
    """
    if len(items) < 2:
        return {}
    names = list(items)
    table = np.column_stack([_standardise(items[name]) for name in names])
    answered = np.isfinite(table)
    total, count = np.where(answered, table, 0.0).sum(axis=1), answered.sum(axis=1)
    found = {}
    for i, name in enumerate(names):
        others = count - answered[:, i]
        rest = np.where(
            others > 0, (total - np.where(answered[:, i], table[:, i], 0.0)) / np.maximum(others, 1), np.nan
        )
        found[name] = _correlate(items[name], rest)
    if len(items) > 2 and 2 * sum(one.reversed for one in found.values()) > len(items) and not _agree(items):
        found = {name: replace(one, reversed=False, unknown=True) for name, one in found.items()}
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    of_outcomes = {name: _correlate(values, mean) for name, values in outcomes.items()}
    known = [one for one in of_outcomes.values() if not one.unknown]
    if of_outcomes and not known:  # the items agree, but nothing says which way all of them point
        found = {name: replace(one, unknown=not one.reversed) for name, one in found.items()}
    if known and all(one.reversed for one in known):
        flipped = {name: Direction(one.correlation, one.n, reversed=True, unknown=False) for name, one in found.items()}
        if len(known) > 1:
            return flipped | {
                n: Direction(o.correlation, o.n, reversed=False, unknown=False) for n, o in of_outcomes.items()
            }
        return flipped | of_outcomes
    return found | of_outcomes


def turn_to_content(found: Mapping[str, Direction], levels: Mapping[str, tuple[float, int]]) -> Mapping[str, Direction]:
    """Of two groups of questions that run against each other, take the discontent one for the reversed one.

    Most patients are content. Where those that were taken for reversed say so and all others say the opposite, it is
    the others that the export has the other way round: a 0-10 of recommendation seldom is, words from 1 up often are.

    Parameters
    ----------
    levels
        Mean of each question's scores (0 the worst answer, 1 the best), and of how many.
    """
    against = [name for name, one in found.items() if one.reversed]
    others = [name for name, one in found.items() if not one.reversed and not one.unknown]
    if not against or not others:
        return found
    if min(levels[name][0] for name in against) <= 0.5 or max(levels[name][0] for name in others) >= 0.5:
        return found
    turned = {name: replace(found[name], reversed=True) for name in others}
    return dict(found) | turned | {name: replace(found[name], reversed=False) for name in against}


def _agree(items: dict[str, FloatArray]) -> bool:
    """Whether any two questions go together: where none do (a ranking, points to divide), none is the reversed one."""
    columns = list(items.values())
    pairs = (_correlate(one, other) for i, one in enumerate(columns) for other in columns[:i])
    return any(not pair.unknown and not pair.reversed for pair in pairs)


def _standardise(values: FloatArray) -> FloatArray:
    known = np.isfinite(values)
    if known.sum() < 2 or np.ptp(values[known]) == 0:
        return np.full(len(values), np.nan)
    scaled: FloatArray = (values - values[known].mean()) / values[known].std()
    return scaled


def _correlate(values: FloatArray, rest: FloatArray) -> Direction:
    both = np.isfinite(values) & np.isfinite(rest)
    n = int(both.sum())
    if n < 3 or np.ptp(values[both]) == 0 or np.ptp(rest[both]) == 0:
        return Direction(0.0, n, reversed=False, unknown=True)
    r = float(np.corrcoef(values[both], rest[both])[0, 1])
    t = r * np.sqrt((n - 2) / max(1e-12, 1 - r * r))
    against = n >= _FEWEST and r < _AGAINST and t < _SURE
    return Direction(r, n, reversed=bool(against), unknown=bool(t < _CLEAR and not against))
