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

__all__ = ["Drawn", "Gain", "draw_parts", "estimate_gains", "point_gains"]

SINGLE = np.float32

Gain = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
"""Estimate, low, high and standard deviation of the draws, each of shape (J, p)."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Draws, the estimates themselves as one draw more, and the 75th-percentile practice in both.

    Attributes
    ----------
    draws, point
        What gains are made of, against the target that is used, by each version of the effects.
    p75_draws, p75
        Shapes (B, p) and (p,), 0-100; NaN with fewer than 5 practices that are shown.
    stated
        Shape (p,), stated targets, NaN where none is.
    """

    draws: tuple[GainDraws, ...]
    point: tuple[GainDraws, ...]
    p75_draws: FloatArray
    p75: FloatArray
    stated: FloatArray

    def with_effects(self, effects: DriverEffects) -> Drawn:
        """The same practices with other effects."""
        return replace(
            self,
            draws=tuple(replace(self.draws[0], effect=one.draws.astype(SINGLE)) for one in effects.versions),
            point=tuple(replace(self.point[0], effect=one.effect[None]) for one in effects.versions),
        )

    def with_target(self, target: FloatArray, target_draws: FloatArray) -> Drawn:
        """The same practices held against another target, (p,) and (B, p)."""
        drawn = np.broadcast_to(target_draws, self.draws[0].target.shape).astype(SINGLE)
        return replace(
            self,
            draws=tuple(replace(one, target=drawn) for one in self.draws),
            point=tuple(replace(one, target=target[None]) for one in self.point),
        )


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
    shrunken means too little. Where few answers say little about practices, that lies above the best of the means that
    are shown; then the target is that best one, since nobody is known to do better. A stated target goes before it.
    """
    means = draw_performance(performance, n_draws, rngs[0])
    met, met_draws = _draw_met(scores, n_draws, rngs[1])
    p75_draws = np.full((n_draws, len(stated)), np.nan)
    best = np.full(len(stated), np.nan)
    for column in range(len(stated)):
        having = performance.n[:, column] > 0
        if having.sum() >= FEWEST_PRACTICES:
            p75_draws[:, column] = np.quantile(means[:, having, column], 0.75, axis=1)
            best[column] = performance.shrunk[having, column].max()
    p75 = p75_draws.mean(axis=0)
    p75_draws += np.minimum(best - p75, 0.0)
    p75 = np.minimum(p75, best)
    target = np.where(np.isfinite(stated), stated, p75)
    target_draws = np.where(np.isfinite(stated), stated, p75_draws)
    first = effects.versions[0]
    drawn = Drawn(
        draws=(GainDraws(first.draws.astype(SINGLE), target_draws.astype(SINGLE), means, met_draws),),
        point=(GainDraws(first.effect[None], target[None], performance.shrunk[None], met[None]),),
        p75_draws=p75_draws,
        p75=p75,
        stated=stated,
    )
    return drawn.with_effects(effects)


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
    absent = np.full(drawn.point[0].performance.shape[1:], np.nan)
    gains: dict[str, Gain] = dict.fromkeys(("gain", "gain_nps", "gain_p75", "gain_stated"), (absent,) * 4)
    gains["gain"] = gains["gain_p75"] = _gain(drawn, confidence)
    if np.isfinite(drawn.stated).any():
        gains["gain_stated"] = _gain(drawn.with_target(drawn.stated, drawn.stated), confidence)
        gains["gain_p75"] = _gain(drawn.with_target(drawn.p75, drawn.p75_draws), confidence)
    if net is not None:
        gains["gain_nps"] = _gain(drawn.with_effects(net), confidence)
    return gains


def point_gains(drawn: Drawn) -> list[FloatArray]:
    """Gain by each version of the effects, shapes (J, p)."""
    return [
        np.asarray(gain_of(one.effect[:, None], one.target[:, None] - one.performance, one.met)[0], dtype=np.float64)
        for one in drawn.point
    ]


def _gain(drawn: Drawn, confidence: float) -> Gain:
    """Mean over the versions of the effects; an interval that holds those of all; the larger error."""
    ends = [gain_intervals(draws, confidence) for draws in drawn.draws]
    lows, highs, errors = (np.stack(parts) for parts in zip(*ends, strict=True))
    return np.mean(point_gains(drawn), axis=0), lows.min(axis=0), highs.max(axis=0), errors.max(axis=0)
