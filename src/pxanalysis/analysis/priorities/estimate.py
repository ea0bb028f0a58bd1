"""Where a practice wins most satisfaction: effect of a touchpoint x room for improvement, with its uncertainty.

What is uncertain about the effects comes from resampling whole practices; what is uncertain about a practice comes from
its own patients, around its shrunken mean. The two are drawn independently and multiplied, draw by draw.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pxanalysis.analysis.inputs import check_confidence
from pxanalysis.analysis.priorities.effects import DriverEffects, case_mix_of, effects_of_model, estimate_net_effects
from pxanalysis.analysis.priorities.frame import Findings, Gain, advise, make_frame
from pxanalysis.analysis.priorities.needed import GROWTH, Needed, needed_responses
from pxanalysis.analysis.priorities.performance import (
    FEWEST_PRACTICES,
    PracticePerformance,
    draw_performance,
    estimate_performance,
    grown_sd,
)
from pxanalysis.analysis.priorities.ranking import Draws, GainDraws, gain_intervals, gain_of, rank_gains
from pxanalysis.analysis.priorities.result import PrioritiesResult
from pxanalysis.analysis.priorities.scores import PracticeScores, gather_scores
from pxanalysis.analysis.regression import fit_drivers
from pxanalysis.analysis.regression_design import find_outcome
from pxanalysis.analysis.result import FloatArray
from pxanalysis.errors import AnalysisError, NotEstimableError

if TYPE_CHECKING:
    from pxanalysis.analysis.regression_model import DriverModel
    from pxanalysis.survey.responses import Responses

__all__ = ["estimate_priorities"]

SINGLE = np.float32


def estimate_priorities(
    responses: Responses,
    drivers: DriverModel | None = None,
    *,
    outcome: str | None = None,
    n_bootstrap: int = 1000,
    seed: int = 1,
    minimum_n: int = 10,
    case_mix: tuple[str, ...] | None = None,
    target: float | Mapping[str, float] | None = None,
    confidence: float = 0.95,
    certainty: float = 0.8,
) -> PrioritiesResult:
    """Estimate what each practice can do first.

    Parameters
    ----------
    drivers
        A fitted driver model; fitted here (with ``outcome`` and ``case_mix``) when None.
    outcome
        Id or kind of the outcome that gains are in; that of ``drivers``, else ``ktv``, when None.
    n_bootstrap, seed
        Draws of the effects, and of the practices' true means.
    minimum_n
        Fewest patients that a figure is shown on.
    case_mix
        Ids of case-mix variables; those of ``drivers`` when these are given.
    target
        Score (0-100) to reach, for all touchpoints or per touchpoint. Touchpoints without one are held against the
        practice at the 75th percentile.
    certainty
        A touchpoint is advised when it is among the first three, with something to gain, with this probability; it is
        left alone below one minus this; between the two it is undecided.

    Raises
    ------
    AnalysisError
        For input that makes no sense.
    NotEstimableError
        When the responses cannot carry a driver model.

    Notes
    -----
    The gain is effect x (target - performance) x the proportion of the practice's patients who meet the touchpoint: an
    optional touchpoint's effect is among those who met it, and the others win nothing. 0 at or above the target;
    negative, and never advised, where the effect is.
    """
    check_confidence(confidence)
    model = drivers or fit_drivers(responses, outcome or "ktv", case_mix=case_mix, cross_validate=False)
    _check(model, responses, outcome, certainty, minimum_n)
    effects = effects_of_model(model, n_bootstrap, seed)
    net, notes = _net(responses, model, n_bootstrap, seed)
    scores = gather_scores(responses, effects.drivers, model.level, case_mix_of(model))
    stated = _stated(target, effects.drivers)
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(3)]
    performance = estimate_performance(scores.scores, scores.codes, len(scores.practices), n_bootstrap, streams[0])
    shown = (scores.rated >= minimum_n) & (scores.responses >= minimum_n)[:, None]
    drawn = _draw(effects, performance, scores, stated, n_bootstrap, streams[1:])
    findings = _find(scores, effects, net, performance, drawn, stated, shown, minimum_n, confidence)
    status = advise(findings, certainty)
    needed = _needed(drawn, performance, findings, status, certainty)
    return PrioritiesResult(
        frame=make_frame(findings, status, needed),
        outcome=effects.outcome,
        confidence=confidence,
        certainty=certainty,
        n_bootstrap=n_bootstrap,
        seed=seed,
        minimum_n=minimum_n,
        target="stated" if target is not None else "p75" if np.isfinite(findings.target_p75).any() else "none",
        notes=_notes(model, effects, notes),
        journey=responses.journey,
        effects=effects,
        net_effects=net,
        performance=np.where(shown, performance.shrunk, np.nan),
        met=findings.met,
        met_draws=drawn.draws.met,
        practices=scores.practices,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """Draws of everything a gain is made of, and the estimates themselves as one draw more."""

    draws: GainDraws
    point: GainDraws
    p75_draws: FloatArray
    p75: FloatArray


def _check(model: DriverModel, responses: Responses, outcome: str | None, certainty: float, minimum_n: int) -> None:
    if outcome is not None and find_outcome(responses.journey, outcome).id != model.outcome:
        raise AnalysisError(
            f"outcome: received '{outcome}', but drivers were fitted to '{model.outcome}'; leave one of them out."
        )
    if not 0.5 < certainty < 1:
        raise AnalysisError(f"certainty: expected a probability between 0.5 and 1, received {certainty}.")
    if minimum_n < 1:
        raise AnalysisError(f"minimum_n: expected 1 or more, received {minimum_n}.")


def _notes(model: DriverModel, effects: DriverEffects, notes: list[str]) -> tuple[str, ...]:
    found = [*notes, f"{effects.reason.capitalize()}."] if effects.reason else list(notes)
    if np.ptp(model.design.weights) > 0:
        found.append("The effects are weighted; the practices' performance is not.")
    return tuple(found)


def _net(
    responses: Responses, model: DriverModel, n_bootstrap: int, seed: int
) -> tuple[DriverEffects | None, list[str]]:
    if not any(outcome.kind == "nps" for outcome in responses.journey.outcomes):
        return None, ["The journey does not ask for a recommendation, so there is no gain in NPS."]
    try:
        return estimate_net_effects(responses, model, n_bootstrap, seed), []
    except NotEstimableError as error:
        return None, [f"No gain in NPS: {error}"]


def _stated(target: float | Mapping[str, float] | None, drivers: tuple[str, ...]) -> FloatArray:
    """Stated targets, shape (p,), NaN where none is stated."""
    if target is None:
        return np.full(len(drivers), np.nan)
    wanted = dict(target) if isinstance(target, Mapping) else dict.fromkeys(drivers, target)
    unknown = [name for name in wanted if name not in drivers]
    if unknown:
        raise AnalysisError(f"target: no touchpoint '{unknown[0]}' in the model; there are: {', '.join(drivers)}.")
    wrong = [f"{name}={value}" for name, value in wanted.items() if not 0 <= value <= 100]
    if wrong:
        raise AnalysisError(f"target: expected scores 0-100, received {', '.join(wrong)}.")
    return np.array([float(wanted.get(name, np.nan)) for name in drivers])


def _draw(
    effects: DriverEffects,
    performance: PracticePerformance,
    scores: PracticeScores,
    stated: FloatArray,
    n_draws: int,
    rngs: list[np.random.Generator],
) -> _Drawn:
    means = draw_performance(performance, n_draws, rngs[0])
    met, met_draws = _met(scores, n_draws, rngs[1])
    p75_draws = np.full((n_draws, len(stated)), np.nan)
    if len(scores.practices) >= FEWEST_PRACTICES:
        for column in range(len(stated)):
            having = scores.rated[:, column] > 0
            p75_draws[:, column] = np.quantile(means[:, having, column], 0.75, axis=1)
    p75 = p75_draws.mean(axis=0)
    target = np.where(np.isfinite(stated), stated, p75)
    target_draws = np.where(np.isfinite(stated), stated, p75_draws)
    return _Drawn(
        draws=GainDraws(effects.draws.astype(SINGLE), target_draws.astype(SINGLE), means, met_draws),
        point=GainDraws(effects.effect[None], target[None], performance.shrunk[None], met[None]),
        p75_draws=p75_draws,
        p75=p75,
    )


def _met(scores: PracticeScores, n_draws: int, rng: np.random.Generator) -> tuple[FloatArray, Draws]:
    """Proportion of patients who meet each touchpoint, and draws of it (Jeffreys' interval) where some do not."""
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


def _find(
    scores: PracticeScores,
    effects: DriverEffects,
    net: DriverEffects | None,
    performance: PracticePerformance,
    drawn: _Drawn,
    stated: FloatArray,
    shown: npt.NDArray[np.bool_],
    minimum_n: int,
    confidence: float,
) -> Findings:
    tail = (1.0 - confidence) / 2.0
    point, draws = drawn.point, drawn.draws
    low, high = np.clip(np.quantile(draws.performance, [tail, 1.0 - tail], axis=0), 0.0, 100.0)
    return Findings(
        scores=scores,
        effects=effects,
        shown=shown,
        performance=performance.shrunk,
        performance_low=low.astype(np.float64),
        performance_high=high.astype(np.float64),
        met=point.met[0],
        target_p75=drawn.p75,
        target_stated=stated,
        target=point.target[0],
        gains=_gains(drawn, net, stated, confidence),
        ranks=rank_gains(draws, point, shown & np.isfinite(point.target[0]), confidence),
        minimum_n=minimum_n,
        confidence=confidence,
    )


def _gains(drawn: _Drawn, net: DriverEffects | None, stated: FloatArray, confidence: float) -> dict[str, Gain]:
    """Gain with its interval: in the outcome, in NPS, and to either target by itself."""
    draws, point = drawn.draws, drawn.point
    absent = np.full(point.performance.shape[1:], np.nan)
    none = (absent, absent, absent)
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


def _needed(
    drawn: _Drawn,
    performance: PracticePerformance,
    findings: Findings,
    status: npt.NDArray[np.object_],
    certainty: float,
) -> Needed:
    undecided = np.asarray(status == "undecided")
    return needed_responses(
        drawn.draws,
        drawn.point,
        grown_sd(performance, GROWTH),
        np.asarray(status != ""),
        undecided,
        undecided.any(axis=1) & ~(status == "act").any(axis=1),
        certainty,
    )
