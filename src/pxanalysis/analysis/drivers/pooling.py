"""Do the drivers differ between practices? Practice-specific effects, partially pooled.

Each practice with enough responses gets slopes of its own, with their errors. How much they truly differ is tau²; where
it is 0 all practices are given the mean, and elsewhere a practice's slope is drawn towards the mean as far as its error
says (partial pooling). A bare slope of one practice is never to be read by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import norm
from statsmodels.stats.multitest import multipletests

from pxanalysis.analysis.drivers.slopes import PracticeSlopes, estimate_practice_slopes
from pxanalysis.errors import NotEstimableError
from pxanalysis.result import Result, standard_columns
from pxanalysis.statistics.random_effects.pooling import MeanTest, PooledEffects, TauMethod, pool_effects

if TYPE_CHECKING:
    from pxanalysis.analysis.drivers.model import DriverModel

__all__ = ["PooledDrivers", "PooledEffects", "pool_drivers", "pool_effects"]

FEWEST_POOLED = 3
"""With fewer there is no telling whether practices differ in their slopes."""

CERTAIN = 0.05


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PooledDrivers(Result):
    """Practice-specific drivers, partially pooled.

    Attributes
    ----------
    terms
        One row per driver: ``term, n_practices``, the mean effect ``estimate`` with ``std_error, ci_low, ci_high``
        (standardised with the study's standard deviations, as the beta of ``fit_drivers``), ``tau2`` (same units,
        squared) with ``tau2_low, tau2_high``, ``tau2_dl`` (DerSimonian-Laird), ``i2`` (proportion), ``q, q_df,
        q_p_value, q_p_holm`` (over the drivers), ``new_low, new_high`` (where another practice's effect lies),
        ``verdict`` (``shared``: tau² is 0, so that nothing was seen to differ; ``differs``: Q is significant among so
        many drivers; ``unclear``: neither), ``sentence``, ``reason``.
    practices
        One row per practice and driver: ``practice_id, term, n`` (responses), ``own, own_error`` (not pooled),
        ``estimate, std_error, ci_low, ci_high`` (partially pooled), ``b_raw`` (the same in outcome points per point),
        ``trust`` (weight of the practice's own slope, 0-1), ``reason``. A practice that cannot have slopes of its own
        has the mean effect.
    pooled
        What the pooling gave, arrays.
    method, outcome, confidence, n_obs, n_practices, n_left_out
        Estimate of tau², outcome, level of intervals; responses and practices used, practices without own slopes.
    """

    terms: pd.DataFrame
    practices: pd.DataFrame
    pooled: PooledEffects
    method: TauMethod
    outcome: str
    confidence: float
    n_obs: int
    n_practices: int
    n_left_out: int

    @property
    def shared(self) -> bool:
        """Whether every tau² is 0, so that no driver was seen to differ between practices."""
        return bool((self.terms["verdict"] == "shared").all())

    def tidy(self) -> pd.DataFrame:
        """One row per driver, see ``terms``."""
        return standard_columns(self.terms)

    def glance(self) -> pd.DataFrame:
        """One row: practices used, how many drivers differ, and a sentence."""
        counts = self.terms["verdict"].value_counts()
        return pd.DataFrame(
            [
                {
                    "outcome": self.outcome,
                    "method": self.method,
                    "n_obs": self.n_obs,
                    "n_practices": self.n_practices,
                    "n_left_out": self.n_left_out,
                    "n_shared": int(counts.get("shared", 0)),
                    "n_unclear": int(counts.get("unclear", 0)),
                    "n_differs": int(counts.get("differs", 0)),
                    "sentence": self._sentence(),
                }
            ]
        )

    def _sentence(self) -> str:
        if self.shared:
            return "No driver was seen to differ between practices: tau² is 0 for every driver."
        names = [str(term) for term in self.terms.loc[self.terms["verdict"] == "differs", "term"]]
        if names:
            return f"The effect differs between practices for: {', '.join(names)}."
        return "There is no clear sign that the drivers differ between practices."


def pool_drivers(
    model: DriverModel,
    *,
    method: TauMethod = "reml",
    mean_test: MeanTest = "hartung-knapp",
    responses_per_driver: int = 5,
) -> PooledDrivers:
    """Estimate practice-specific effects of the drivers of a model and pool them partially.

    Parameters
    ----------
    model
        From ``fit_drivers``. What goes with case mix and with who met what is taken out with the slopes of the whole
        study first; slopes are least squares whatever the model's family.
    method
        Estimate of tau²; the other one is reported beside it as a check (``tau2_dl``).
    mean_test
        Interval of the mean effect: t with Hartung and Knapp's error, or normal.
    responses_per_driver
        A practice gets slopes of its own when it has at least this many responses for each.

    Raises
    ------
    NotEstimableError
        When fewer than 3 practices can have slopes of their own.
    """
    slopes = estimate_practice_slopes(model, responses_per_driver)
    able = int(slopes.usable.sum())
    if able < FEWEST_POOLED:
        raise NotEstimableError(
            f"{able} of {slopes.usable.size} practices have the {slopes.needed} responses that slopes of their own "
            f"take (largest: {slopes.n.max():.0f}); at least {FEWEST_POOLED} are needed to see whether practices "
            "differ. Until then all are taken to share the drivers."
        )
    pooled = pool_effects(
        slopes.estimate, slopes.error**2, method=method, mean_test=mean_test, confidence=model.confidence
    )
    return PooledDrivers(
        terms=_terms(model, pooled),
        practices=_practices(model, slopes, pooled),
        pooled=pooled,
        method=method,
        outcome=model.outcome,
        confidence=model.confidence,
        n_obs=int(slopes.n[slopes.usable].sum()),
        n_practices=able,
        n_left_out=int(slopes.usable.size - able),
    )


def _terms(model: DriverModel, pooled: PooledEffects) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "term": list(model.drivers),
            "n_practices": pooled.count.astype(int),
            "estimate": pooled.mean,
            "std_error": pooled.mean_error,
            "ci_low": pooled.mean_low,
            "ci_high": pooled.mean_high,
            "tau2": pooled.tau2,
            "tau2_low": pooled.tau2_low,
            "tau2_high": pooled.tau2_high,
            "tau2_dl": pooled.tau2_dl,
            "i2": pooled.i2,
            "q": pooled.q,
            "q_df": pooled.count.astype(int) - 1,
            "q_p_value": pooled.q_p_value,
            "q_p_holm": multipletests(pooled.q_p_value, method="holm")[1],
            "new_low": pooled.new_low,
            "new_high": pooled.new_high,
        }
    )
    frame["verdict"] = np.select([pooled.tau2 == 0, frame["q_p_holm"] < CERTAIN], ["shared", "differs"], "unclear")
    frame["sentence"] = [
        _describe(*row)
        for row in zip(frame["term"], frame["verdict"], frame["i2"], np.sqrt(pooled.tau2_high), strict=True)
    ]
    return frame.assign(reason="")


def _describe(term: str, verdict: str, i2: float, most: float) -> str:
    if verdict == "shared":
        said = f"The effect of {term} was not seen to differ between practices: tau² is 0"
        return f"{said}; a standard deviation of up to {most:.2f} goes with these data." if most > 0 else f"{said}."
    if verdict == "differs":
        return f"The effect of {term} differs between practices: {i2:.0%} of what is seen to vary is not chance."
    return f"Whether the effect of {term} differs between practices cannot be told: what varies may be chance."


def _practices(model: DriverModel, slopes: PracticeSlopes, pooled: PooledEffects) -> pd.DataFrame:
    practices, p = slopes.estimate.shape
    own = slopes.usable[:, None]
    tau = np.sqrt(pooled.tau2 + pooled.mean_error**2)
    estimate = np.where(own, pooled.shrunk, pooled.mean)
    error = np.where(own, pooled.shrunk_error, tau)
    reach = norm.ppf(0.5 + model.confidence / 2) * error
    columns = {
        "own": slopes.estimate,
        "own_error": slopes.error,
        "estimate": estimate,
        "std_error": error,
        "ci_low": estimate - reach,
        "ci_high": estimate + reach,
        "b_raw": estimate * slopes.to_raw,
        "trust": pooled.trust,
    }
    frame = pd.DataFrame({name: values.ravel() for name, values in columns.items()})
    frame.insert(0, "practice_id", np.repeat(model.design.practices, p))
    frame.insert(1, "term", np.tile(model.drivers, practices))
    frame.insert(2, "n", np.repeat(slopes.n.astype(int), p))
    frame["reason"] = np.repeat(slopes.reasons, p)
    return frame
