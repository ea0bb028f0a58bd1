"""Draws of everything a gain is made of, and the gains they give."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pxanalysis.analysis.priorities.effects import DriverEffects
from pxanalysis.analysis.priorities.performance import PracticePerformance, draw_performance
from pxanalysis.analysis.priorities.ranking import Draws, GainDraws, gain_intervals, gain_of
from pxanalysis.analysis.priorities.scores import PracticeScores
from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.conventions import FEWEST_PRACTICES

__all__ = ["Drawn", "Gain", "draw_parts", "estimate_gains"]

SINGLE = np.float32

Gain = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
"""Estimate, low, high and standard deviation of the draws, each of shape (J, p)."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Draws, the estimates themselves as one draw more, and the 75th-percentile practice in both.

    Attributes
    ----------
    draws, point
        What gains are made of, against the target that is used.
    p75_draws, p75
        Shapes (B, p) and (p,), 0-100; NaN with fewer than 5 practices that are shown.
    stated
        Shape (p,), stated targets, NaN where none is.
    """

    draws: GainDraws
    point: GainDraws
    p75_draws: FloatArray
    p75: FloatArray
    stated: FloatArray


def draw_parts(
    effects: DriverEffects,
    performance: PracticePerformance,
    scores: PracticeScores,
    stated: FloatArray,
    n_draws: int,
    rngs: list[np.random.Generator],
) -> Drawn:
    """Draw true means and shares of patients who meet a touchpoint, beside the replicates of the effects.

    The target is the 75th percentile of the practices' true means, drawn along with them: raw means spread too far and
    shrunken means too little. A stated target goes before it.
    """
    means = draw_performance(performance, n_draws, rngs[0])
    met, met_draws = _draw_met(scores, n_draws, rngs[1])
    p75_draws = np.full((n_draws, len(stated)), np.nan)
    for column in range(len(stated)):
        having = performance.n[:, column] > 0
        if having.sum() >= FEWEST_PRACTICES:
            p75_draws[:, column] = np.quantile(means[:, having, column], 0.75, axis=1)
    p75 = p75_draws.mean(axis=0)
    target = np.where(np.isfinite(stated), stated, p75)
    target_draws = np.where(np.isfinite(stated), stated, p75_draws)
    return Drawn(
        draws=GainDraws(effects.draws.astype(SINGLE), target_draws.astype(SINGLE), means, met_draws),
        point=GainDraws(effects.effect[None], target[None], performance.shrunk[None], met[None]),
        p75_draws=p75_draws,
        p75=p75,
        stated=stated,
    )


def _draw_met(scores: PracticeScores, n_draws: int, rng: np.random.Generator) -> tuple[FloatArray, Draws]:
    """Proportion of patients who meet each touchpoint, and draws of it (Jeffreys) where some do not."""
    asked = np.maximum(scores.met + scores.not_met, 1.0)
    share = np.where(scores.met + scores.not_met > 0, scores.met / asked, 1.0)
    optional = np.flatnonzero(scores.not_met.any(axis=0))
    if optional.size == 0:
        return share, share[None].astype(SINGLE)
    draws = np.broadcast_to(share.astype(SINGLE), (n_draws, *share.shape)).copy()
    for column in optional:
        size = (n_draws, len(share))
        draws[..., column] = rng.beta(scores.met[:, column] + 0.5, scores.not_met[:, column] + 0.5, size)
    return share, draws


def estimate_gains(drawn: Drawn, net: DriverEffects | None, confidence: float) -> dict[str, Gain]:
    """Gain with its interval by name.

    ``gain`` and ``gain_nps`` to the target that is used, ``gain_p75`` and ``gain_stated`` to either by itself; NaN
    where there is none.
    """
    draws, point, stated = drawn.draws, drawn.point, drawn.stated
    absent = np.full(point.performance.shape[1:], np.nan)
    none = (absent, absent, absent, absent)
    gains = dict.fromkeys(("gain", "gain_nps", "gain_p75", "gain_stated"), none)
    gains["gain"] = gains["gain_p75"] = _gain(draws, point, confidence)
    if np.isfinite(stated).any():
        to_stated = np.broadcast_to(stated, draws.target.shape).astype(SINGLE)
        gains["gain_stated"] = _gain(replace(draws, target=to_stated), replace(point, target=stated[None]), confidence)
        to_p75 = drawn.p75_draws.astype(SINGLE)
        gains["gain_p75"] = _gain(replace(draws, target=to_p75), replace(point, target=drawn.p75[None]), confidence)
    if net is not None:
        worth = net.draws.astype(SINGLE)
        gains["gain_nps"] = _gain(replace(draws, effect=worth), replace(point, effect=net.effect[None]), confidence)
    return gains


def _gain(draws: GainDraws, point: GainDraws, confidence: float) -> Gain:
    gap = point.target[:, None, :] - point.performance
    estimate = gain_of(point.effect[:, None, :], gap, point.met)[0]
    return (np.asarray(estimate, dtype=np.float64), *gain_intervals(draws, confidence))
