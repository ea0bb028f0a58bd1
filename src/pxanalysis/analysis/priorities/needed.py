"""How many more responses would settle what comes first, if what is found now is true.

With f times the responses a practice's uncertainty shrinks to what the variance components say, its estimates being
held where they are. Where that does not settle the order, all practices are taken to collect f times as many, which
shrinks the uncertainty of the effects and of the target with the root of f too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pxanalysis.analysis.priorities.ranking import GainDraws, rank_gains
from pxanalysis.arrays import BoolArray, FloatArray

__all__ = ["GROWTH", "Needed", "needed_responses"]

GROWTH = (1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
"""Multiples of the responses that are tried; an order that ten times as many do not settle is called too close."""

DRAWS = 250


@dataclass(frozen=True, slots=True, eq=False)
class Needed:
    """Shapes (J, p).

    Attributes
    ----------
    factor
        Smallest multiple of the present responses that settles it; NaN when none that was tried does.
    from_all
        Whether all practices have to collect that multiple, not only this one.
    """

    factor: FloatArray
    from_all: BoolArray


def needed_responses(
    draws: tuple[GainDraws, ...],
    point: tuple[GainDraws, ...],
    shrinking: FloatArray,
    *,
    ranked: BoolArray,
    undecided: BoolArray,
    abstains: BoolArray,
    certainty: float,
    smallest: float,
) -> Needed:
    """Find the multiple of responses with which each undecided touchpoint would be decided.

    Parameters
    ----------
    draws, point
        By each version of the effects; all have to agree.
    shrinking
        Shape (growth, J, p): standard deviation of the true means with each multiple of ``GROWTH``, as a proportion
        of the present one.
    ranked, undecided
        Shape (J, p).
    abstains
        Shape (J,): practices without anything to act on; for these it is settled when a first thing can be named, or
        when nothing is left that might be one.
    """
    factor = np.full(ranked.shape, np.nan)
    from_all = np.zeros(ranked.shape, dtype=bool)
    few = [
        replace(one, **{name: getattr(one, name)[:DRAWS] for name in ("effect", "target", "performance", "met")})
        for one in draws
    ]
    for everywhere in (False, True):
        for step, growth in enumerate(GROWTH):
            left = undecided & np.isnan(factor)
            some = np.flatnonzero(left.any(axis=1))
            if some.size == 0:
                return Needed(factor, from_all)
            chances = [
                _chance(one, here, shrinking[step], some, growth if everywhere else 1.0, ranked, smallest)
                for one, here in zip(few, point, strict=True)
            ]
            named = np.min(chances, axis=0) >= certainty
            decided = named | (np.max(chances, axis=0) <= 1.0 - certainty)
            open_ones = undecided[some]
            whole = (open_ones & named).any(axis=1, keepdims=True) | (decided | ~open_ones).all(axis=1, keepdims=True)
            settled = np.zeros_like(ranked)
            settled[some] = np.where(abstains[some, None], whole, decided)
            new = left & settled
            factor[new], from_all[new] = growth, everywhere
    return Needed(factor, from_all)


def _chance(
    draws: GainDraws,
    point: GainDraws,
    shrinking: FloatArray,
    some: npt.NDArray[np.intp],
    growth: float,
    ranked: BoolArray,
    smallest: float,
) -> FloatArray:
    """Probability of being among the first three with a gain worth having, for the practices ``some``."""
    here = replace(point, performance=point.performance[:, some], met=point.met[:, some])
    grown = _grown(draws, here, shrinking, some, growth)
    return rank_gains(grown, here, ranked[some], smallest=smallest).p_act


def _grown(
    draws: GainDraws, point: GainDraws, shrinking: FloatArray, some: npt.NDArray[np.intp], growth: float
) -> GainDraws:
    """Draws for the practices ``some``, drawn in towards the estimates."""
    less = np.float32(1.0 / np.sqrt(growth))
    own = shrinking[some].astype(np.float32)
    return GainDraws(
        effect=point.effect + less * (draws.effect - point.effect),
        target=point.target + less * (draws.target - point.target),
        performance=point.performance + own * (draws.performance[:, some] - point.performance),
        met=draws.met[:, some],
    )
