"""Drawing patients' answers from latent experiences.

The model: a practice j has a latent quality q_jt at touchpoint t; a patient i meets it as
``T_it = q_jt + h·g_i + √(1−h²)·s_it + case mix``, with g_i a general disposition and s_it what is special to this
contact. Items are T plus noise, cut to the answer scale so that means lie near the ceiling, as dental means do
(8.4-9 of 10). Outcomes are a weighted sum of the touchpoints that were met plus noise; one that was not met contributes
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from pxanalysis.arrays import BoolArray, FloatArray, IntArray
from pxanalysis.errors import AnalysisError
from pxanalysis.simulation.comments import draw_comments

if TYPE_CHECKING:
    from pxanalysis.journey.model import CaseMixVariable, Journey, Outcome, PlacedItem, Scale

__all__ = ["SimulationDesign", "draw_answers"]


@dataclass(frozen=True, slots=True)
class SimulationDesign:
    """The knobs of the simulation; proportions are 0-1, latent quantities are in patient standard deviations.

    Attributes
    ----------
    weights
        Weight of each touchpoint on the outcomes, keyed by touchpoint id; empty: drawn from a gamma distribution.
    practice_sd, touchpoint_sd
        Standard deviation of quality between practices within a touchpoint, and between touchpoints.
    halo
        Correlation of a patient's touchpoint experiences through the general disposition.
    item_noise, outcome_noise
        Standard deviation of what an item or outcome adds of its own.
    level, spread
        Where answers lie on their scale (0 lowest, 1 highest answer) and how far one latent unit moves them.
    met_share
        Proportion of patients who meet an optional touchpoint.
    item_missing, outcome_missing
        Proportion of cells not answered although they apply.
    weak, weak_noise
        So many touchpoints with the largest weights have items that agree little: ``weak_noise`` for ``item_noise``.
    content
        Proportion of the variance of what an item adds of its own that is experience, which counts for the outcome;
        the rest is error.
    uneven, uneven_items
        Spread (log) of the item noise over touchpoints; whether items of a touchpoint say it unequally strongly, two of
        them sharing some of their noise.
    outcome_halo
        How much the general disposition counts for outcomes by itself, beside what was met.
    confounding
        What practices add to outcomes by themselves, in proportion to their mean quality.
    case_mix_outcome
        How much patients' characteristics count for outcomes by themselves.
    """

    weights: dict[str, float] = field(default_factory=dict)
    practice_sd: float = 0.30
    touchpoint_sd: float = 0.45
    halo: float = 0.55
    item_noise: float = 0.6
    outcome_noise: float = 0.55
    level: float = 0.80
    spread: float = 0.21
    met_share: float = 0.6
    item_missing: float = 0.03
    outcome_missing: float = 0.01
    comment_share: float = 0.3
    weak: int = 0
    weak_noise: float = 1.9
    content: float = 0.0
    uneven: float = 0.0
    uneven_items: bool = False
    outcome_halo: float = 0.0
    confounding: float = 0.0
    case_mix_outcome: float = 0.0

    def __post_init__(self) -> None:
        for name in ("halo", "level", "met_share", "item_missing", "outcome_missing", "comment_share", "content"):
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise AnalysisError(f"{name}: expected a proportion 0-1, received {value}.")


def draw_answers(
    journey: Journey,
    qualities: FloatArray,
    sizes: IntArray,
    *,
    weights: FloatArray,
    design: SimulationDesign,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Draw patients' answers for practices of given quality.

    Parameters
    ----------
    qualities
        Latent quality, shape (practices, touchpoints).
    sizes
        Number of patients of each practice, shape (practices,).
    weights
        Weight of each touchpoint on the outcomes, shape (touchpoints,), or for each practice (practices, touchpoints).

    Returns
    -------
    Table of sum(sizes) rows in practice order with items, outcomes, behaviours, case mix and open questions.
    """
    n = int(sizes.sum())
    case_mix, shift = _draw_case_mix(journey.case_mix, n, rng)
    general = rng.standard_normal((n, 1))
    special = rng.standard_normal((n, qualities.shape[1]))
    latent = np.repeat(qualities, sizes, axis=0) + design.halo * general + np.sqrt(1 - design.halo**2) * special
    latent += shift[:, None]
    met = _draw_met(journey, n, design, rng)
    columns, experience = _draw_items(journey, latent, met, weights, design, rng)
    own = np.repeat(np.broadcast_to(weights, qualities.shape), sizes, axis=0)
    overall = (np.where(met, experience, 0.0) * own).sum(axis=1)
    overall /= _spread_of(weights, design)
    overall += design.outcome_halo * general[:, 0] + design.case_mix_outcome * shift
    overall += design.confounding * np.repeat(qualities.mean(axis=1) - qualities.mean(), sizes)
    for outcome in journey.rated_outcomes:
        columns[outcome.id] = _draw_outcome(outcome, journey.scales[outcome.scale or ""], overall, design, rng)
    for outcome in journey.behaviours:
        columns[outcome.id] = _draw_behaviour(outcome, overall, rng)
    columns |= case_mix
    labels = [touchpoint.label[journey.languages[0]] for touchpoint in journey.touchpoints]
    worst = np.where(met, latent, np.inf).argmin(axis=1)
    for question in journey.open_questions:
        columns[question.id] = draw_comments(labels, worst, overall, design.comment_share, rng)
    return pl.DataFrame(columns)


def _draw_items(
    journey: Journey,
    latent: FloatArray,
    met: BoolArray,
    weights: FloatArray,
    design: SimulationDesign,
    rng: np.random.Generator,
) -> tuple[dict[str, object], FloatArray]:
    """Answers to the items, and what was experienced at each touchpoint with what its items add to it."""
    # what base worlds do not have is drawn apart, so that their answers stay the same with the same seed
    more = rng.spawn(1)[0]
    n, mean_weights = len(latent), np.atleast_2d(weights).mean(axis=0)
    position = {touchpoint.id: t for t, touchpoint in enumerate(journey.touchpoints)}
    columns: dict[str, object] = {}
    experience, noise, last = latent.copy(), _noise_of(mean_weights, design), np.zeros(n)
    for placed in journey.items:
        t, size = position[placed.touchpoint.id], len(placed.touchpoint.items)
        place = [item.id for item in placed.touchpoint.items].index(placed.id)
        error = rng.standard_normal(n)
        if design.uneven_items and place == 1:
            error = 0.7 * last + np.sqrt(1 - 0.7**2) * error
        last = error
        loading = np.linspace(0.6, 1.4, size)[place] if design.uneven_items and size > 1 else 1.0
        answered = loading * latent[:, t] + noise[t] * np.sqrt(1 - design.content) * error
        if design.content > 0:
            real = noise[t] * np.sqrt(design.content) * more.standard_normal(n)
            experience[:, t] += real / size
            answered += real
        columns[placed.id] = _draw_item(placed, answered, met[:, t], design, rng)
    return columns, experience


def _spread_of(weights: FloatArray, design: SimulationDesign) -> float:
    """Standard deviation of the weighted sum of touchpoint experiences within a practice."""
    mean = np.atleast_2d(weights).mean(axis=0)
    return float(np.sqrt(design.halo**2 * mean.sum() ** 2 + (1 - design.halo**2) * (mean**2).sum()))


def _noise_of(weights: FloatArray, design: SimulationDesign) -> FloatArray:
    """Standard deviation of what items add of their own, per touchpoint."""
    noise = np.full(len(weights), design.item_noise)
    if design.uneven > 0:
        # the same scales are weak in every study of one set of weights
        noise *= np.exp(design.uneven * np.random.default_rng(int(1e6 * weights.max())).standard_normal(len(weights)))
    noise[np.argsort(-weights, kind="stable")[: design.weak]] = design.weak_noise
    return noise


def _draw_met(journey: Journey, n: int, design: SimulationDesign, rng: np.random.Generator) -> BoolArray:
    optional = np.array([touchpoint.optional for touchpoint in journey.touchpoints])
    return ~optional | (rng.random((n, len(optional))) < design.met_share)


def _to_scale(position: FloatArray, scale: Scale) -> FloatArray:
    return np.clip(np.rint(scale.min + (scale.max - scale.min) * position), scale.min, scale.max)


def _draw_item(
    placed: PlacedItem, latent: FloatArray, met: BoolArray, design: SimulationDesign, rng: np.random.Generator
) -> pl.Series:
    n = latent.size
    position = design.level + design.spread * latent
    if placed.item.direction == "lower-is-better":
        position = 1.0 - position
    values = _to_scale(position, placed.scale)
    missing = rng.random(n) < design.item_missing
    if placed.scale.not_applicable_codes:
        values = np.where(met, values, placed.scale.not_applicable_codes[0])
        missing &= met
    else:
        missing |= ~met
    return _whole_numbers(placed.id, values, missing)


def _draw_outcome(
    outcome: Outcome, scale: Scale, overall: FloatArray, design: SimulationDesign, rng: np.random.Generator
) -> pl.Series:
    n = overall.size
    level = {"ktv": 0.84, "nps": 0.83, "ces": 0.78}[outcome.kind]
    spread = {"ktv": 0.11, "nps": 0.15, "ces": 0.20}[outcome.kind]
    position = level + spread * (overall + design.outcome_noise * rng.standard_normal(n))
    if outcome.direction == "lower-is-better":
        position = 1.0 - position
    return _whole_numbers(outcome.id, _to_scale(position, scale), rng.random(n) < design.outcome_missing)


def _draw_behaviour(outcome: Outcome, overall: FloatArray, rng: np.random.Generator) -> pl.Series:
    base, slope = (-3.2, -0.9) if outcome.direction == "lower-is-better" else (1.2, 0.7)
    happened = rng.random(overall.size) < 1 / (1 + np.exp(-(base + slope * overall)))
    return _whole_numbers(outcome.id, happened.astype(float), rng.random(overall.size) < 0.05)


def _whole_numbers(name: str, values: FloatArray, missing: BoolArray) -> pl.Series:
    filled = pl.Series(name, np.where(missing, 0, values).astype(np.int64))
    return filled.zip_with(pl.Series(~missing), pl.Series(name, [None] * len(values), dtype=pl.Int64))


def _draw_case_mix(
    variables: tuple[CaseMixVariable, ...], n: int, rng: np.random.Generator
) -> tuple[dict[str, object], FloatArray]:
    """Characteristics of patients, and how far they shift the patients' latent experience, shape (n,)."""
    columns: dict[str, object] = {}
    shift = np.zeros(n)
    for variable in variables:
        if variable.type == "number":
            low, high = variable.range or (0.0, 100.0)
            values = np.clip(np.rint(rng.normal(low + 0.45 * (high - low), 0.16 * (high - low), n)), low, high)
            columns[variable.id] = values.astype(np.int64)
            shift += 0.15 * (values - values.mean()) / max(values.std(), 1e-9)
        elif variable.levels:
            k = len(variable.levels)
            chosen = np.minimum(rng.binomial(k - 1, 0.55, n), k - 1) if k > 1 else np.zeros(n, dtype=np.int64)
            columns[variable.id] = np.array([level.id for level in variable.levels])[chosen]
            shift += 0.10 * (chosen - chosen.mean())
    return columns, shift
