"""Gains and ranks per practice from draws of effects and of true performance; when they say enough to act on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pxanalysis.arrays import BoolArray, FloatArray
from pxanalysis.statistics.conventions import TOP
from pxanalysis.statistics.resampling.intervals import percentile_interval

__all__ = [
    "CombinedRanks",
    "Draws",
    "GainDraws",
    "RankedGains",
    "combine_ranks",
    "gain_intervals",
    "gain_of",
    "order_of",
    "rank_gains",
    "rank_within",
]

Draws = npt.NDArray[np.floating[Any]]

PRACTICES_AT_ONCE = 50


@dataclass(frozen=True, slots=True, eq=False)
class GainDraws:
    """What a gain is made of, in B draws: effect x (target - performance) x share of patients who meet it.

    Attributes
    ----------
    effect
        Shape (B, p), outcome points per point.
    target
        Shape (B, p), 0-100; NaN without a target.
    performance
        Shape (B, J, p), the practices' true means, 0-100.
    met
        Shape (B, J, p), or (1, J, p) when it is known: proportion of patients who meet the touchpoint.
    """

    effect: Draws
    target: Draws
    performance: Draws
    met: Draws


@dataclass(frozen=True, slots=True, eq=False)
class RankedGains:
    """Per practice and touchpoint, shapes (J, p); NaN where not ranked.

    Attributes
    ----------
    rank, rank_low, rank_high
        1 for the largest gain, with its interval.
    p_top
        Probability that it is among the first three.
    p_act
        Probability that it is among the first three and that a gain worth having is to be won.
    p_first
        Probability that it comes first.
    """

    rank: FloatArray
    rank_low: FloatArray
    rank_high: FloatArray
    p_top: FloatArray
    p_act: FloatArray
    p_first: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class CombinedRanks:
    """What the versions of the effects (as measured, corrected) say together; shapes (J, p), NaN where not ranked.

    Attributes
    ----------
    rank
        By the sum of the ranks, equal ones by the mean gain.
    rank_low, rank_high
        Lowest and highest by any version.
    p_top, p_act
        The lowest by any version.
    p_most
        The highest ``p_act`` by any version.
    differ
        The versions put another touchpoint first (it is one of those, and each version is certain of its own), or count
        this one among the first three or not.
    by_version
        What each says.
    """

    rank: FloatArray
    rank_low: FloatArray
    rank_high: FloatArray
    p_top: FloatArray
    p_act: FloatArray
    p_most: FloatArray
    differ: BoolArray
    by_version: tuple[RankedGains, ...]


def combine_ranks(
    ranks: tuple[RankedGains, ...], gains: list[FloatArray], smallest: float, certainty: float
) -> CombinedRanks:
    """Take together what ranks by several versions of the effects say, see :class:`CombinedRanks`.

    Parameters
    ----------
    gains
        Gain by each version, shapes (J, p).
    smallest
        Smallest gain worth having; rankings are held against each other only where there is one.
    certainty
        Probability from which on a version's first place counts as its own.
    """
    ranked = np.isfinite(ranks[0].rank)
    together = np.sum([one.rank for one in ranks], axis=0)
    mean = np.mean(gains, axis=0)
    p = ranked.shape[1]
    score = np.where(ranked, (p + 1.0) * together + rank_within(np.where(ranked, mean, -np.inf)), np.inf)
    lowest = {name: np.min([getattr(one, name) for one in ranks], axis=0) for name in ("rank_low", "p_top", "p_act")}
    return CombinedRanks(
        rank=np.where(ranked, rank_within(-score), np.nan),
        rank_high=np.max([one.rank_high for one in ranks], axis=0),
        p_most=np.max([one.p_act for one in ranks], axis=0),
        differ=_differing(ranks, gains, smallest, certainty),
        by_version=ranks,
        **lowest,
    )


def _differing(ranks: tuple[RankedGains, ...], gains: list[FloatArray], smallest: float, certainty: float) -> BoolArray:
    """Touchpoints with something to gain that are first, or among the first three, by one version only.

    Near ties change places between versions as they do between samples: another first place counts as another ranking
    where each version is certain of its own.
    """
    placed = [
        np.where(np.isfinite(one.rank) & (gain > smallest), one.rank, np.inf)
        for one, gain in zip(ranks, gains, strict=True)
    ]
    first, top = np.stack([rank == 1 for rank in placed]), np.stack([rank <= TOP for rank in placed])
    sure = np.stack([np.nanmax(np.where(np.isfinite(one.p_first), one.p_first, 0.0), axis=1) for one in ranks])
    both_sure = np.asarray((sure >= certainty).all(axis=0))
    other = first.any(axis=0) & ~first.all(axis=0) & both_sure[:, None]
    return np.asarray(other | (top.any(axis=0) & ~top.all(axis=0)))


def gain_of(effect: npt.ArrayLike, gap: npt.ArrayLike, met: npt.ArrayLike) -> Draws:
    """Outcome points won by closing a gap (target less performance); 0 at or above the target.

    Only the patients who meet the touchpoint win, so the effect counts for that proportion of patients. Negative where
    the effect is negative.

    Examples
    --------
    >>> gain_of([0.02, 0.02, -0.01], [10.0, -5.0, 10.0], 1.0).tolist()
    [0.2, 0.0, -0.1]
    """
    gain: Draws = np.asarray(effect) * np.maximum(gap, 0.0) * np.asarray(met)
    return gain


def order_of(effect: Draws, gap: Draws, met: Draws) -> Draws:
    """What touchpoints are put in order by: the gain, and below 0 how far they are above the target.

    A touchpoint with a negative effect stands last wherever its performance is.
    """
    signed = effect * gap * met
    lowest = -200.0 * np.abs(effect).max(axis=-1, keepdims=True)
    return np.where(effect > 0, signed, lowest - np.abs(signed))


def rank_within(order: Draws) -> npt.NDArray[np.int8]:
    """Rank 1 ... p over the last axis, 1 for the largest; equal values in the order they stand.

    Examples
    --------
    >>> rank_within(np.array([0.1, 0.3, 0.3])).tolist()
    [3, 1, 2]
    """
    p = order.shape[-1]
    rank = np.ones(order.shape, dtype=np.int8)
    for one in range(p):
        for other in range(one + 1, p):
            first = order[..., one] >= order[..., other]
            rank[..., other] += first
            rank[..., one] += ~first
    return rank


def _practices(count: int) -> Iterator[slice]:
    return (slice(start, start + PRACTICES_AT_ONCE) for start in range(0, count, PRACTICES_AT_ONCE))


def gain_intervals(draws: GainDraws, confidence: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Percentile interval and standard deviation of every gain, three arrays of shape (J, p) in outcome points."""
    parts = []
    for part in _practices(draws.performance.shape[1]):
        gains = gain_of(*_parts(draws, part))
        parts.append([*percentile_interval(gains, confidence), gains.std(axis=0, ddof=1, dtype=np.float64)])
    low, high, error = np.concatenate(parts, axis=1)
    return low, high, error


def rank_gains(
    draws: GainDraws, point: GainDraws, ranked: BoolArray, confidence: float = 0.95, smallest: float = 0.0
) -> RankedGains:
    """Put the touchpoints of every practice in order, in all draws.

    Parameters
    ----------
    point
        The same with one draw: the estimates themselves.
    ranked
        Shape (J, p), which touchpoints are ranked in which practice.
    smallest
        Smallest gain worth having, outcome points.
    """
    parts = [_rank_some(draws, point, ranked, confidence, smallest, part) for part in _practices(len(ranked))]
    columns = zip(*([getattr(part, name) for name in RankedGains.__slots__] for part in parts), strict=True)
    return RankedGains(*(np.concatenate(column) for column in columns))


def _rank_some(
    draws: GainDraws, point: GainDraws, ranked: BoolArray, confidence: float, smallest: float, part: slice
) -> RankedGains:
    chosen = ranked[part]
    effect, gap, met = _parts(draws, part)
    ranks = rank_within(np.where(chosen, order_of(effect, gap, met), -np.inf))
    share = np.stack([(ranks == place + 1).mean(axis=0) for place in range(ranks.shape[-1])], axis=-1)
    up_to = np.cumsum(share, axis=-1) + 1e-9
    tail = (1.0 - confidence) / 2.0
    fields = (
        rank_within(np.where(chosen, order_of(*_parts(point, part)), -np.inf))[0],
        1 + (up_to < tail).sum(axis=-1),
        1 + (up_to < 1.0 - tail).sum(axis=-1),
        share[..., :TOP].sum(axis=-1),
        ((ranks <= TOP) & (gain_of(effect, gap, met) > smallest)).mean(axis=0),
        share[..., 0],
    )
    return RankedGains(*(np.where(chosen, field, np.nan).astype(np.float64) for field in fields))


def _parts(draws: GainDraws, part: slice) -> tuple[Draws, Draws, Draws]:
    gap = draws.target[:, None, :] - draws.performance[:, part]
    return draws.effect[:, None, :], gap, draws.met[:, part]
