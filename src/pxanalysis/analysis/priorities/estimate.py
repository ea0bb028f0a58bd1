"""Where a practice wins most satisfaction: effect of a touchpoint x room for improvement, with its uncertainty.

What is uncertain about the effects comes from resampling whole practices; what is uncertain about a practice comes from
its own patients, around its shrunken mean. The two are drawn independently and multiplied, draw by draw.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pxanalysis.analysis.drivers.design import find_outcome
from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.priorities.draws import Drawn, draw_parts, estimate_gains, point_gains
from pxanalysis.analysis.priorities.effects import DriverEffects, case_mix_of, effects_of_model, estimate_net_effects
from pxanalysis.analysis.priorities.frame import Findings, advise, make_frame
from pxanalysis.analysis.priorities.needed import GROWTH, Needed, needed_responses
from pxanalysis.analysis.priorities.performance import PracticePerformance, estimate_performance, grown_sd
from pxanalysis.analysis.priorities.ranking import CombinedRanks, combine_ranks, rank_gains
from pxanalysis.analysis.priorities.result import PrioritiesResult
from pxanalysis.analysis.priorities.scores import PracticeScores, gather_scores
from pxanalysis.analysis.priorities.settings import PrioritySettings
from pxanalysis.arrays import BoolArray, FloatArray
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.statistics.conventions import MINIMUM_N
from pxanalysis.statistics.notes import Note
from pxanalysis.statistics.resampling.intervals import percentile_interval
from pxanalysis.survey.responses import check_responses

if TYPE_CHECKING:
    from pxanalysis.analysis.drivers.model import DriverModel
    from pxanalysis.survey.responses import Responses

__all__ = ["estimate_priorities"]

FINER = 16
"""A probability near .8 has an error of .013 with 1,000 draws, and 4 in 100 pieces of advice turned with the seed."""
FEWEST_FINER = 500
"""Bootstrap samples from which advice is held steady."""

MOST_DRAWN = 8_000_000
"""True means that are drawn at most (draws x practices x touchpoints)."""


def estimate_priorities(
    responses: Responses,
    drivers: DriverModel | None = None,
    *,
    outcome: str | None = None,
    effects: DriverEffects | None = None,
    n_bootstrap: int = 1000,
    seed: int = 1,
    minimum_n: int = MINIMUM_N,
    case_mix: tuple[str, ...] | None = None,
    weights: FloatArray | None = None,
    target: float | Mapping[str, float] | None = None,
    confidence: float = 0.95,
    certainty: float = 0.8,
    smallest_gain: float = 0.02,
) -> PrioritiesResult:
    """Estimate what each practice can do first.

    Parameters
    ----------
    drivers
        A fitted driver model; fitted here (with ``outcome`` and ``case_mix``) when None.
    outcome
        Id or kind of the outcome that gains are in; that of ``drivers``, else ``ktv``, when None.
    effects
        Effects to use in place of those of ``drivers``, such as ``effects_of_sem`` gives.
    n_bootstrap, seed
        Draws of the effects, and of the practices' true means.
    minimum_n
        Fewest patients that a figure is shown on.
    case_mix
        Ids of case-mix variables; those of ``drivers`` when these are given.
    weights
        Case weights of shape (n,) that practices' scores are weighed by; give those of ``drivers``.
    target
        Score (0-100) to reach, for all touchpoints or per touchpoint. Touchpoints without one are held against the
        practice at the 75th percentile.
    certainty
        A touchpoint is advised when it is among the first three, with a gain worth having, with this probability; it
        is left alone below one minus this; between the two it is undecided.
    smallest_gain
        Smallest gain worth having, as a proportion of the outcome's standard deviation between patients (so that it
        does not depend on how the outcome is coded).

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
    check_responses(responses, "estimate_priorities(responses, drivers)")
    _check_options(responses, drivers, case_mix)
    settings = PrioritySettings(n_bootstrap, seed, minimum_n, confidence, certainty, smallest_gain)
    model = drivers or fit_drivers(responses, outcome or "ktv", case_mix=case_mix, cross_validate=False)
    _check_outcome(model, responses, outcome)
    scores = gather_scores(responses, model.drivers, model.level, case_mix_of(model))
    n_draws = _enough_draws(n_bootstrap, len(scores.practices) * len(model.drivers))
    effects = effects_of_model(model, n_draws, seed) if effects is None else _drawn_out(effects, model, n_draws)
    net, notes = _net(responses, model, n_draws, seed, weights)
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(3)]
    seen = _visible(scores, minimum_n)
    performance = estimate_performance(seen, scores.codes, len(scores.practices), n_draws, streams[0], weights)
    stated = _stated(target, effects.drivers)
    drawn = draw_parts(effects, performance, scores, stated, n_draws, streams[1:])
    findings = _find(scores, effects, net, performance, drawn, settings)
    status = advise(findings)
    needed = _needed(drawn, performance, status, findings)
    return PrioritiesResult(
        frame=make_frame(findings, status, needed),
        outcome=effects.outcome,
        settings=settings,
        target="stated" if target is not None else "p75" if np.isfinite(findings.target_p75).any() else "none",
        notes=_notes(model, effects, notes, scores=weights is not None),
        journey=responses.journey,
        effects=effects,
        net_effects=net,
        performance=np.where(findings.shown, performance.shrunk, np.nan),
        met=findings.met,
        met_draws=drawn.draws[0].met,
        practices=scores.practices,
        names=responses.labels,
    )


def _enough_draws(n_bootstrap: int, cells: int) -> int:
    """Draws with which hardly any advice turns with the seed: 16 times the samples, as far as memory allows.

    Whoever asks for few samples wants to try something out: as many draws then.
    """
    if n_bootstrap < FEWEST_FINER:
        return n_bootstrap
    return int(np.clip(MOST_DRAWN // max(cells, 1), n_bootstrap, FINER * n_bootstrap))


def _drawn_out(effects: DriverEffects, model: DriverModel, n_draws: int) -> DriverEffects:
    """Given effects with so many draws, theirs over again."""
    if effects.drivers != model.drivers or effects.outcome != model.outcome:
        raise AnalysisError("effects: expected those of the driver model's touchpoints and outcome.")
    versions = [replace(one, draws=one.draws[np.arange(n_draws) % len(one.draws)]) for one in effects.versions]
    return replace(effects, versions=tuple(versions))


def _visible(scores: PracticeScores, minimum_n: int) -> FloatArray:
    """Scores without those of practices that a touchpoint is hidden for: what practices are shrunk towards shows them.

    A touchpoint that is hidden everywhere keeps its scores; nothing of it is shown.
    """
    shown = scores.rated >= minimum_n
    shown |= ~shown.any(axis=0)
    return np.where(shown[scores.codes], scores.scores, np.nan)


def _check_options(responses: Responses, drivers: DriverModel | None, case_mix: tuple[str, ...] | None) -> None:
    """Refuse a case mix that would do nothing, or is none of the journey's."""
    known = [variable.id for variable in responses.journey.case_mix]
    unknown = [name for name in case_mix or () if name not in known]
    if unknown:
        raise AnalysisError(
            f"case_mix: journey '{responses.journey.id}' has no case-mix variable '{unknown[0]}'; it has: "
            f"{', '.join(known) or 'none'}."
        )
    if drivers is not None and case_mix is not None and set(case_mix) != set(case_mix_of(drivers) or ()):
        held = ", ".join(case_mix_of(drivers) or ()) or "nothing"
        raise AnalysisError(
            f"case_mix: the driver model holds {held} equal, received {', '.join(case_mix) or 'nothing'}; leave "
            "case_mix out here, or fit the drivers with it."
        )


def _check_outcome(model: DriverModel, responses: Responses, outcome: str | None) -> None:
    if outcome is not None and find_outcome(responses.journey, outcome).id != model.outcome:
        raise AnalysisError(
            f"outcome: received '{outcome}', but drivers were fitted to '{model.outcome}'; leave one of them out."
        )


def _notes(model: DriverModel, effects: DriverEffects, notes: list[Note], *, scores: bool) -> tuple[Note, ...]:
    """The notes, with one where effects are weighted and scores are not."""
    weighted = [Note("weighted")] if np.ptp(model.design.weights) > 0 and not scores else []
    return (*notes, *effects.notes, *weighted)


def _net(
    responses: Responses, model: DriverModel, n_draws: int, seed: int, weights: FloatArray | None
) -> tuple[DriverEffects | None, list[Note]]:
    if not any(outcome.kind == "nps" for outcome in responses.journey.outcomes):
        return None, [Note("no_recommendation")]
    try:
        return estimate_net_effects(responses, model, n_draws, seed, weights), []
    except NotEstimableError as error:
        return None, [Note("nps_not_estimated", {"reason": str(error)})]


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


def _find(
    scores: PracticeScores,
    effects: DriverEffects,
    net: DriverEffects | None,
    performance: PracticePerformance,
    drawn: Drawn,
    settings: PrioritySettings,
) -> Findings:
    point, draws = drawn.point[0], drawn.draws[0]
    smallest = settings.smallest_gain * effects.spread
    shown = (scores.rated >= settings.minimum_n) & (scores.responses >= settings.minimum_n)[:, None]
    ranked = shown & np.isfinite(point.target[0])
    low, high = np.clip(percentile_interval(draws.performance, settings.confidence), 0.0, 100.0)
    return Findings(
        scores=scores,
        effects=effects,
        shown=shown,
        performance=performance.shrunk,
        performance_low=low.astype(np.float64),
        performance_high=high.astype(np.float64),
        met=point.met[0],
        target_p75=drawn.p75,
        target_stated=drawn.stated,
        target=point.target[0],
        gains=estimate_gains(drawn, net, settings.confidence),
        ranks=_rank(drawn, ranked, settings, smallest),
        version_gains=dict(zip((one.name for one in effects.versions), point_gains(drawn), strict=True)),
        smallest=smallest,
        settings=settings,
    )


def _rank(drawn: Drawn, ranked: BoolArray, settings: PrioritySettings, smallest: float) -> CombinedRanks:
    ranks = tuple(
        rank_gains(draws, point, ranked, settings.confidence, smallest)
        for draws, point in zip(drawn.draws, drawn.point, strict=True)
    )
    return combine_ranks(ranks, point_gains(drawn), smallest, settings.certainty)


def _needed(
    drawn: Drawn, performance: PracticePerformance, status: npt.NDArray[np.object_], findings: Findings
) -> Needed:
    undecided = np.asarray(status == "undecided")
    return needed_responses(
        drawn.draws,
        drawn.point,
        grown_sd(performance, GROWTH),
        ranked=np.asarray(status != ""),
        undecided=undecided & ~findings.ranks.differ,
        abstains=undecided.any(axis=1) & ~(status == "act").any(axis=1),
        certainty=findings.settings.certainty,
        smallest=findings.smallest,
    )
