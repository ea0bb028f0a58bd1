"""Simulated studies whose true answers are known on the scale of the observed scores.

True means come from a very large draw of patients at each of a row of latent qualities; true effects and importances
from the model fitted to a very large draw of practices. Both are therefore what the estimators would give without
sampling error; they are not latent quantities.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.importance.shares import share_out
from pxanalysis.arrays import FloatArray
from pxanalysis.simulation.study import SimulationDesign, draw_answers
from pxanalysis.survey.policy import NOT_APPLICABLE_PREFIX
from pxanalysis.survey.responses import REJECTED_COLUMNS, Responses
from pxanalysis.survey.scores import score_responses

if TYPE_CHECKING:
    from pxanalysis.journey.model import Journey

__all__ = ["Setting", "as_responses", "draw_qualities", "draw_setting", "draw_study", "make_settings", "mean_curve"]

LOWEST, HIGHEST, STEPS = -2.4, 2.4, 33
PATIENTS_PER_STEP = 12_000
DEGREE = 7
MANY_PRACTICES, PATIENTS_EACH = 500, 600


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """One set of true weights and levels on p touchpoints.

    Attributes
    ----------
    journey, design
        What is asked, and the knobs of the simulation.
    weights, levels
        Shape (p,): weights on the outcome; latent quality of the average practice.
    effect, beta, importance
        Shape (p,): true raw and standardised slopes and shares of the outcome's variance.
    curve
        Shape (DEGREE + 1, p): coefficients of the mean score as a polynomial of latent quality.
    """

    journey: Journey
    design: SimulationDesign
    weights: FloatArray
    levels: FloatArray
    effect: FloatArray
    beta: FloatArray
    importance: FloatArray
    curve: FloatArray

    def mean_scores(self, qualities: FloatArray) -> FloatArray:
        """True mean scores (0-100) of practices of given latent quality, shapes (J, p)."""
        powers = np.stack([(qualities / HIGHEST) ** power for power in range(DEGREE + 1)])
        return np.asarray(np.einsum("djp,dp->jp", powers, self.curve))

    @property
    def met(self) -> FloatArray:
        """True proportion of patients who meet each touchpoint, shape (p,)."""
        optional = np.array([touchpoint.optional for touchpoint in self.journey.touchpoints])
        return np.where(optional, self.design.met_share, 1.0)


def make_settings(
    journey: Journey, count: int, design: SimulationDesign, rng: np.random.Generator, case_mix: tuple[str, ...] = ()
) -> list[Setting]:
    """Draw ``count`` sets of weights and levels, with their truth from very large draws."""
    journey = journey.model_copy(update={"open_questions": ()})
    curve = mean_curve(journey, design, rng)
    return [_with_target(draw_setting(journey, design, curve, rng), rng, case_mix) for _ in range(count)]


def mean_curve(journey: Journey, design: SimulationDesign, rng: np.random.Generator) -> FloatArray:
    """Mean score as a polynomial of latent quality, from very large draws; shape (DEGREE + 1, p)."""
    p = len(journey.touchpoints)
    steps = np.linspace(LOWEST, HIGHEST, STEPS)
    means = np.empty((STEPS, p))
    for step, quality in enumerate(steps):
        sizes = np.array([PATIENTS_PER_STEP])
        answers = draw_answers(
            journey, np.full((1, p), quality), sizes, weights=np.full(p, 1 / p), design=design, rng=rng
        )
        means[step] = score_responses(as_responses(journey, answers, ["x"], sizes)).mean().to_numpy()
    return np.asarray(np.polynomial.polynomial.polyfit(steps / HIGHEST, means, DEGREE))


def draw_setting(journey: Journey, design: SimulationDesign, curve: FloatArray, rng: np.random.Generator) -> Setting:
    """Draw weights and levels; effect, beta and importance are still to be found."""
    p = len(journey.touchpoints)
    names = [touchpoint.id for touchpoint in journey.touchpoints]
    drawn = rng.gamma(1.5, size=p) + 0.1
    given = np.array([design.weights.get(name, 0.0) for name in names])
    weights = given / given.sum() if design.weights else drawn / drawn.sum()
    levels = design.touchpoint_sd * rng.standard_normal(p)
    levels -= weights @ levels
    nothing = np.zeros(p)
    return Setting(journey, design, weights, levels, nothing, nothing, nothing, curve)


def _with_target(setting: Setting, rng: np.random.Generator, case_mix: tuple[str, ...]) -> Setting:
    """What the estimators would find without sampling error, from a very large draw."""
    names = [touchpoint.id for touchpoint in setting.journey.touchpoints]
    sizes = np.full(MANY_PRACTICES, float(PATIENTS_EACH))
    everybody, _ = draw_study(setting, sizes, rng)
    model = fit_drivers(everybody, "ktv", case_mix=case_mix, n_bootstrap=50, cross_validate=False)
    terms = model.terms.set_index("term").loc[names]
    return replace(
        setting,
        effect=terms["b_raw"].to_numpy(dtype=np.float64),
        beta=terms["estimate"].to_numpy(dtype=np.float64),
        importance=share_out(model, model.covariance),
    )


def draw_qualities(setting: Setting, practices: int, rng: np.random.Generator) -> FloatArray:
    """Latent qualities of practices, shape (practices, p)."""
    special = np.sqrt(0.75) * rng.standard_normal((practices, len(setting.weights)))
    together = 0.5 * rng.standard_normal((practices, 1))
    return np.asarray(setting.levels + setting.design.practice_sd * (together + special))


def draw_study(setting: Setting, sizes: FloatArray, rng: np.random.Generator) -> tuple[Responses, FloatArray]:
    """Draw practices of these sizes and their patients' answers; also the true mean scores, shape (J, p)."""
    practices = len(sizes)
    design = setting.design
    qualities = draw_qualities(setting, practices, rng)
    counts = np.rint(sizes).astype(np.int64)
    answers = draw_answers(setting.journey, qualities, counts, weights=setting.weights, design=design, rng=rng)
    ids = [f"P{practice:04d}" for practice in range(practices)]
    return as_responses(setting.journey, answers, ids, counts), setting.mean_scores(qualities)


def as_responses(journey: Journey, answers: pl.DataFrame, ids: list[str], sizes: npt.NDArray[np.int64]) -> Responses:
    """Answers as validation would leave them: "not applicable" in a column of its own."""
    codes = {
        placed.id: list(placed.scale.not_applicable_codes) for placed in journey.items if placed.scale.not_applicable
    }
    flags = [pl.col(name).is_in(found).fill_null(value=False) for name, found in codes.items()]
    table = answers.with_columns(
        *(flag.alias(NOT_APPLICABLE_PREFIX + name) for name, flag in zip(codes, flags, strict=True)),
        *(
            pl.when(flag).then(None).otherwise(pl.col(name)).alias(name)
            for name, flag in zip(codes, flags, strict=True)
        ),
        pl.Series("practice_id", np.repeat(np.array(ids), sizes)),
        pl.lit(value=True).alias("simulated"),
    )
    return Responses(journey, table, pl.DataFrame(schema=REJECTED_COLUMNS), {})
