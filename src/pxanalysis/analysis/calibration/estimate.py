"""How far intervals, probabilities and advice can be trusted: simulated studies held against their known truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pxanalysis.analysis.calibration.truth import Setting, draw_study, make_settings
from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.importance.estimate import estimate_importance
from pxanalysis.analysis.priorities import PrioritySettings, estimate_priorities
from pxanalysis.analysis.priorities.ranking import gain_of, order_of, rank_within
from pxanalysis.result import Result, standard_columns
from pxanalysis.simulation.study import SimulationDesign
from pxanalysis.statistics.conventions import TOP

if TYPE_CHECKING:
    from pxanalysis.journey.model import Journey

__all__ = ["CalibrationResult", "calibrate_priorities"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CalibrationResult(Result):
    """Estimates beside their truth in S simulated studies.

    Attributes
    ----------
    drivers
        One row per study and touchpoint: ``study, touchpoint`` and, for ``beta``, ``importance`` and ``effect`` (raw
        slope), the estimate, ``_low``, ``_high`` and ``_true``.
    cells
        One row per study, practice and touchpoint: ``n, performance`` and ``gain`` in the same way, ``p_top3, status,
        rank, in_top3`` (whether it truly is), ``worth_top3`` (whether it is and has a gain worth having),
        ``gain_true``.
    confidence
        Of the intervals.
    """

    drivers: pd.DataFrame
    cells: pd.DataFrame
    confidence: float

    def tidy(self) -> pd.DataFrame:
        """Coverage of the intervals.

        ``term`` (the quantity), ``estimate`` (proportion that holds the truth), ``std_error`` (studies independent),
        ``too_low, too_high`` (proportion below, above the truth), ``bias`` (mean error in standard deviations of the
        truth), ``n``. ``gain`` is over all practices and touchpoints, ``gain_below_target`` over those where something
        truly is to be gained.
        """
        below = self.cells[self.cells["gain_true"] > 0]
        rows = [
            _coverage(frame, column, name)
            for frame, column, name in (
                (self.drivers, "beta", "beta"),
                (self.drivers, "importance", "importance"),
                (self.drivers, "effect", "effect"),
                (self.cells, "performance", "performance"),
                (self.cells, "gain", "gain"),
                (below, "gain", "gain_below_target"),
            )
        ]
        found = pd.DataFrame(rows).rename(columns={"quantity": "term"})
        half = 1.96 * found["std_error"]
        return standard_columns(found.assign(ci_low=found["estimate"] - half, ci_high=found["estimate"] + half))

    def probabilities(self, bins: int = 10) -> pd.DataFrame:
        """P(top-3 with a gain worth having) against how often it is true.

        ``p_low, p_high, predicted, observed, difference, n``.
        """
        edges = np.linspace(0.0, 1.0, bins + 1)
        place = np.clip(np.digitize(self.cells["p_top3"], edges) - 1, 0, bins - 1)
        found = self.cells.groupby(place).agg(
            predicted=("p_top3", "mean"), observed=("worth_top3", "mean"), n=("worth_top3", "size")
        )
        found.insert(0, "p_low", edges[found.index])
        found.insert(1, "p_high", edges[found.index + 1])
        return found.assign(difference=found["observed"] - found["predicted"]).reset_index(drop=True)

    def advice(self) -> pd.DataFrame:
        """One row per size of practice and one for all: how often something is advised, and how often rightly.

        ``n_low, n_high, practices, acts, abstains, keeps`` (proportions of practices), ``first_right`` (of the
        practices with advice: the first-named is truly among the best three, with something to gain), ``std_error``,
        ``act_right`` (the same of all that is advised), ``needed_n`` (median, of those that abstain).
        """
        cells = self.cells
        edges = [0, 40, 80, 160, 100_000]
        parts = [(low, high, cells[(cells["size"] >= low) & (cells["size"] < high)]) for low, high in pairwise(edges)]
        return pd.DataFrame([_advice(*part) for part in [*parts, (0, edges[-1], cells)] if len(part[2])])

    def glance(self) -> pd.DataFrame:
        """One row: studies, practices, and what ``advice`` says of all practices."""
        whole = self.advice().iloc[[-1]].drop(columns=["n_low", "n_high"])
        largest = self.probabilities()
        largest = largest[largest["n"] >= 0.01 * largest["n"].sum()]["difference"].abs().max()
        return whole.assign(studies=self.drivers["study"].nunique(), p_top3_largest_error=largest).reset_index(
            drop=True
        )


def _coverage(frame: pd.DataFrame, column: str, name: str) -> dict[str, object]:
    truth = frame[f"{column}_true"]
    margin = 1e-9
    hit = (frame[f"{column}_low"] <= truth + margin) & (truth <= frame[f"{column}_high"] + margin)
    by_study = hit.groupby(frame["study"]).mean()
    return {
        "quantity": name,
        "estimate": float(hit.mean()),
        "std_error": float(by_study.std(ddof=1) / np.sqrt(len(by_study))),
        "too_low": float((frame[f"{column}_high"] < truth - margin).mean()),
        "too_high": float((frame[f"{column}_low"] > truth + margin).mean()),
        "bias": float((frame[column] - truth).mean() / truth.std()),
        "n": len(frame),
    }


def _advice(low: int, high: int, cells: pd.DataFrame) -> dict[str, object]:
    per = cells.groupby(["study", "practice_id"])
    acts = per["status"].agg(lambda found: "act" in set(found))
    opens = per["status"].agg(lambda found: "undecided" in set(found)) & ~acts
    advised = cells[cells["status"] == "act"]
    first = advised.sort_values("rank").groupby(["study", "practice_id"])[["in_top3", "gain_true"]].first()
    right = first["in_top3"] & (first["gain_true"] > 0)
    by_study = right.groupby(level="study").mean()
    waiting = cells[(cells["status"] == "undecided") & opens.loc[_keys(cells)].to_numpy()]
    return {
        "n_low": low,
        "n_high": high,
        "practices": len(acts),
        "acts": acts.mean(),
        "abstains": opens.mean(),
        "keeps": (~acts & ~opens).mean(),
        "first_right": right.mean(),
        "std_error": by_study.std(ddof=1) / np.sqrt(len(by_study)),
        "act_right": (advised["in_top3"] & (advised["gain_true"] > 0)).mean(),
        "needed_n": waiting["needed_n"].median(),
        "never": waiting["needed_n"].isna().mean(),
    }


def _keys(cells: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(cells[["study", "practice_id"]])


def calibrate_priorities(
    journey: Journey,
    *,
    studies: int = 100,
    settings: int = 10,
    practices: int = 25,
    responses: tuple[int, int] = (20, 400),
    seed: int = 1,
    design: SimulationDesign | None = None,
    case_mix: tuple[str, ...] = (),
    n_bootstrap: int = 500,
    certainty: float = 0.8,
    progress: Callable[[int], None] | None = None,
) -> CalibrationResult:
    """Simulate studies of a journey, estimate everything, and hold it against the truth.

    Parameters
    ----------
    studies, settings
        Number of studies, dealt over this many sets of true weights and levels.
    practices, responses
        Practices in a study, and the range of their sizes (log-uniform).
    design
        Knobs of the simulation (planned missingness, distance to the ceiling).
    progress
        Told the number of each study that is done.
    """
    rng = np.random.default_rng(seed)
    truths = make_settings(journey, settings, design or SimulationDesign(), rng, case_mix)
    drivers, cells = [], []
    low, high = np.log(responses[0]), np.log(responses[1])
    for study in range(studies):
        sizes = np.rint(np.exp(rng.uniform(low, high, practices)))
        driver_rows, cell_rows = _one_study(truths[study % settings], sizes, rng, case_mix, n_bootstrap, certainty)
        drivers.append(driver_rows.assign(study=study))
        cells.append(cell_rows.assign(study=study))
        if progress is not None:
            progress(study + 1)
    return CalibrationResult(pd.concat(drivers, ignore_index=True), pd.concat(cells, ignore_index=True), 0.95)


def _one_study(
    truth: Setting,
    sizes: np.ndarray,
    rng: np.random.Generator,
    case_mix: tuple[str, ...],
    n_bootstrap: int,
    certainty: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    responses, means = draw_study(truth, sizes, rng)
    seed = int(rng.integers(2**31))
    model = fit_drivers(responses, case_mix=case_mix, n_bootstrap=n_bootstrap, seed=seed, cross_validate=False)
    importance = estimate_importance(model, n_bootstrap=n_bootstrap, seed=seed).terms.set_index("touchpoint")
    found = estimate_priorities(
        responses, model, case_mix=case_mix, n_bootstrap=n_bootstrap, seed=seed, certainty=certainty
    ).frame
    names = [touchpoint.id for touchpoint in truth.journey.touchpoints]
    terms = model.terms.set_index("term").loc[names]
    once = found.groupby("touchpoint").first().loc[names]
    drivers = pd.DataFrame(
        {
            "touchpoint": names,
            "beta": terms["estimate"].to_numpy(),
            "beta_low": terms["ci_low"].to_numpy(),
            "beta_high": terms["ci_high"].to_numpy(),
            "beta_true": truth.beta,
            "importance_true": truth.importance,
            "effect_true": truth.effect,
        }
        | {name: importance.loc[names, name].to_numpy() for name in ("importance", "importance_low", "importance_high")}
        | {name: once[name].to_numpy() for name in ("effect", "effect_low", "effect_high")}
    )
    return drivers, _cells(truth, found, means, sizes)


def _cells(truth: Setting, found: pd.DataFrame, means: np.ndarray, sizes: np.ndarray) -> pd.DataFrame:
    """Estimates per practice and touchpoint with the truth beside them; suppressed cells left out."""
    gap = np.quantile(means, 0.75, axis=0) - means
    order = order_of(truth.effect, gap, truth.met)
    gain, first = gain_of(truth.effect, gap, truth.met), rank_within(order) <= TOP
    beside = found.assign(
        size=np.repeat(sizes, means.shape[1]),
        target_true=np.tile(np.quantile(means, 0.75, axis=0), len(means)),
        performance_true=means.ravel(),
        gain_true=gain.ravel(),
        in_top3=first.ravel(),
        worth_top3=(first & (gain > PrioritySettings().smallest_gain)).ravel(),
    )
    kept = ["practice_id", "touchpoint", "n", "size", "p_top3", "rank", "in_top3", "worth_top3", "status", "needed_n"]
    kept += ["target", "target_true"]
    kept += [name + end for name in ("performance", "gain") for end in ("", "_low", "_high", "_true")]
    return beside.loc[~beside["suppressed"] & beside["p_top3"].notna(), kept]
