"""Advice held against causal truth, world by world: with scores as measured, corrected, and both together.

The truth is what the simulation would bring: the mean outcome of the same patients when a practice's quality on one
touchpoint is a little higher or lower. What an estimator would find in 300,000 patients is no truth: where scales are
weak its target itself is biased.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pxanalysis.analysis.calibration.truth import Setting, as_responses, draw_qualities, draw_setting, mean_curve
from pxanalysis.analysis.drivers.design import orient_outcome
from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.priorities import estimate_priorities
from pxanalysis.analysis.priorities.ranking import gain_of, order_of, rank_within
from pxanalysis.arrays import FloatArray
from pxanalysis.result import Result, standard_columns
from pxanalysis.simulation.answers import draw_answers
from pxanalysis.simulation.worlds import World, find_world
from pxanalysis.statistics.conventions import TOP
from pxanalysis.survey.scores import score_responses

if TYPE_CHECKING:
    from pxanalysis.journey.model import Journey
    from pxanalysis.survey.responses import Responses

__all__ = ["WorldCalibration", "calibrate_world"]

PATIENTS = 60_000
STEP = 0.25
VERSIONS = ("measured", "corrected", "both")
CERTAIN = 0.95


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class WorldCalibration(Result):
    """Advice beside its causal truth in S simulated studies of one world.

    Attributes
    ----------
    world
        Its name.
    cells
        One row per study, practice and touchpoint that is ranked: ``study, practice_id, touchpoint``, and by version
        (``measured``, ``corrected``, ``both``) ``act_, rank_, p_, gain_``; ``gain_low, gain_high`` (of both);
        ``gain_true`` and ``top_true`` (among the three that truly win most, with something to win).
    certainty
        From which probability on something was advised.
    """

    world: str
    cells: pd.DataFrame
    certainty: float

    def tidy(self) -> pd.DataFrame:
        """One row per version of the effects.

        ``estimate``: of the practices advised, in how many the first-named is truly among the first three with
        something to win (``std_error`` over studies); ``acts`` (practices advised), ``certain_true`` (of what has a
        chance of .95 or more, the part that is true) with ``certain_n``; ``covered`` (gain intervals of what is
        advised, for ``both``), ``gain_ratio`` (their estimated gains over their true ones).
        """
        rows = [self._row(version) for version in VERSIONS]
        found = pd.DataFrame(rows)
        reach = 1.96 * found["std_error"]
        return standard_columns(found.assign(ci_low=found["estimate"] - reach, ci_high=found["estimate"] + reach))

    def glance(self) -> pd.DataFrame:
        """One row: world, studies, practices, and the row of ``both``."""
        both = self.tidy().iloc[[-1]].drop(columns="term")
        studies = self.cells["study"].nunique()
        practices = self.cells.groupby("study")["practice_id"].nunique().sum()
        return both.assign(world=self.world, studies=studies, practices=practices).reset_index(drop=True)

    def _row(self, version: str) -> dict[str, object]:
        cells = self.cells
        practices = cells.groupby(["study", "practice_id"]).ngroups
        advised = cells[cells[f"act_{version}"]]
        first = advised.sort_values(f"rank_{version}").groupby(["study", "practice_id"])["top_true"].first()
        by_study = first.groupby(level="study").mean()
        certain = cells[cells[f"p_{version}"] >= CERTAIN]
        covered = (advised["gain_low"] <= advised["gain_true"]) & (advised["gain_true"] <= advised["gain_high"])
        true_gain = advised["gain_true"].sum()
        return {
            "term": version,
            "estimate": first.mean() if len(first) else np.nan,
            "std_error": by_study.std(ddof=1) / np.sqrt(len(by_study)) if len(by_study) > 1 else np.nan,
            "acts": len(first) / practices,
            "certain_true": certain["top_true"].mean() if len(certain) else np.nan,
            "certain_n": len(certain),
            "covered": covered.mean() if version == "both" and len(advised) else np.nan,
            "gain_ratio": advised[f"gain_{version}"].sum() / true_gain if true_gain > 0 else np.nan,
        }


def calibrate_world(
    journey: Journey,
    world: str,
    *,
    studies: int = 48,
    settings: int = 6,
    seed: int = 1,
    n_bootstrap: int = 300,
    certainty: float = 0.8,
    progress: Callable[[int], None] | None = None,
) -> WorldCalibration:
    """Simulate studies of one world, take the advice of each, and hold it against the causal truth.

    Parameters
    ----------
    world
        One of ``pxanalysis.simulation.worlds.WORLDS``.
    studies, settings
        Number of studies, dealt over this many sets of true weights and levels.
    progress
        Told the number of each study that is done.
    """
    found = find_world(world)
    rng = np.random.default_rng(seed)
    asked = found.journey(journey).model_copy(update={"open_questions": ()})
    curve = mean_curve(asked, found.design, rng)
    truths = []
    for _ in range(settings):
        setting = draw_setting(asked, found.design, curve, rng)
        truths.append(replace(setting, effect=_causal_effects(setting, found, rng)))
    cells = []
    for study in range(studies):
        rows = _one_study(truths[study % settings], found, rng, n_bootstrap, certainty)
        cells.append(rows.assign(study=study))
        if progress is not None:
            progress(study + 1)
    return WorldCalibration(world, pd.concat(cells, ignore_index=True), certainty)


def _causal_effects(setting: Setting, world: World, rng: np.random.Generator) -> FloatArray:
    """Outcome points per point of the mean score of those who meet a touchpoint, in the average practice."""
    seed = int(rng.integers(2**31))
    effect = np.empty(len(setting.weights))
    for column in range(effect.size):
        ends = []
        for step in (-STEP, STEP):
            qualities = setting.levels.copy()
            qualities[column] += step
            ends.append(_mean_of(setting, world, qualities, column, seed))
        (low_score, low), (high_score, high) = ends
        effect[column] = (high - low) / (high_score - low_score) / setting.met[column]
    return effect


def _mean_of(setting: Setting, world: World, qualities: FloatArray, column: int, seed: int) -> tuple[float, float]:
    """Mean score on a touchpoint and mean outcome of many patients of a practice, the same ones for the same seed."""
    design = replace(setting.design, item_missing=0.0, outcome_missing=0.0)
    sizes = np.array([PATIENTS])
    answers = draw_answers(
        setting.journey,
        qualities[None],
        sizes,
        weights=setting.weights,
        design=design,
        rng=np.random.default_rng(seed),
    )
    responses = as_responses(setting.journey, answers, ["x"], sizes)
    outcome = orient_outcome(responses, setting.journey.outcome(world.outcome))
    return float(score_responses(responses).iloc[:, column].mean()), float(np.nanmean(outcome))


def _one_study(
    truth: Setting, world: World, rng: np.random.Generator, n_bootstrap: int, certainty: float
) -> pd.DataFrame:
    low, high = np.log(world.responses[0]), np.log(world.responses[1])
    sizes = np.rint(np.exp(rng.uniform(low, high, world.practices))).astype(np.int64)
    qualities = draw_qualities(truth, world.practices, rng)
    own = world.weights_of(truth.weights, world.practices, rng)
    answers = draw_answers(truth.journey, qualities, sizes, weights=own, design=truth.design, rng=rng)
    ids = [f"P{practice:04d}" for practice in range(world.practices)]
    responses = as_responses(truth.journey, answers, ids, sizes)
    weights = None
    if world.uses_weights:
        responses, weights = _leave_out_some(responses, rng)
    case_mix = tuple(variable.id for variable in truth.journey.case_mix) if world.uses_case_mix else None
    seed = int(rng.integers(2**31))
    model = fit_drivers(
        responses,
        world.outcome,
        case_mix=case_mix,
        weights=weights,
        n_bootstrap=n_bootstrap,
        seed=seed,
        cross_validate=False,
    )
    frame = estimate_priorities(responses, model, n_bootstrap=n_bootstrap, seed=seed, certainty=certainty).frame
    kept = frame[~frame["suppressed"] & frame["p_top3"].notna()]
    return _beside_truth(kept, truth, truth.effect * own / truth.weights, truth.mean_scores(qualities), ids, certainty)


def _leave_out_some(responses: Responses, rng: np.random.Generator) -> tuple[Responses, FloatArray]:
    """Half of those with a low grade stay away; who stays counts for both."""
    grade = orient_outcome(responses, responses.journey.outcome("ktv"))
    low = np.nan_to_num(grade, nan=10.0) <= np.nanmedian(grade) - 1
    stays = ~low | (rng.random(low.size) < 0.5)
    kept = replace(responses, table=responses.table.filter(stays))
    return kept, np.where(low, 2.0, 1.0)[stays]


def _beside_truth(
    frame: pd.DataFrame, truth: Setting, effect: FloatArray, means: FloatArray, ids: list[str], certainty: float
) -> pd.DataFrame:
    gap = np.quantile(means, 0.75, axis=0) - means
    gain = gain_of(effect, gap, truth.met)
    top = (rank_within(order_of(effect, gap, truth.met)) <= TOP) & (gain > 0)
    names = [touchpoint.id for touchpoint in truth.journey.touchpoints]
    rows = frame["practice_id"].map({name: row for row, name in enumerate(ids)}).to_numpy()
    columns = frame["touchpoint"].map({name: column for column, name in enumerate(names)}).to_numpy()
    found = frame[["practice_id", "touchpoint", "gain_low", "gain_high"]].assign(
        gain_true=gain[rows, columns], top_true=top[rows, columns]
    )
    for version in VERSIONS:
        found = found.assign(**_version(frame, version, certainty))
    return found.reset_index(drop=True)


def _version(frame: pd.DataFrame, version: str, certainty: float) -> dict[str, pd.Series]:
    """What one version by itself would advise; where nothing could be corrected, as measured."""
    if version == "both":
        return {
            "act_both": frame["status"] == "act",
            "rank_both": frame["rank"],
            "p_both": frame["p_top3"],
            "gain_both": frame["gain"],
        }
    found = {name: frame[f"{name}_{version}"].fillna(frame[f"{name}_measured"]) for name in ("rank", "p", "gain")}
    acts = (found["p"] >= certainty) & (found["gain"] > 0)
    return {f"act_{version}": acts} | {f"{name}_{version}": values for name, values in found.items()}
