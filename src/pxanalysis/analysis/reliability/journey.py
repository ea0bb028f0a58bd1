"""How reliable the scales of a journey are: every touchpoint or step, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from pxanalysis.analysis.reliability.discriminant import Discriminant, estimate_discriminant
from pxanalysis.analysis.reliability.records import RELIABILITY_AXIS, ScaleReliability
from pxanalysis.analysis.reliability.scale import estimate_scale_reliability
from pxanalysis.errors import AnalysisError
from pxanalysis.figures.charts.intervals import plot_intervals
from pxanalysis.result import Result
from pxanalysis.statistics.conventions import RELIABLE_FROM
from pxanalysis.statistics.inputs import as_generator, check_weights
from pxanalysis.statistics.moments.estimate import MissingMethod
from pxanalysis.survey.scores import score_items

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pxanalysis.journey.model import Journey
    from pxanalysis.survey.responses import Responses

__all__ = ["Reliability", "ScaleLevel", "estimate_reliability", "scales_of"]

ScaleLevel = Literal["touchpoint", "step"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reliability(Result):
    """Reliability of every scale of a journey.

    Attributes
    ----------
    scales
        One result per scale, in journey order.
    discriminant
        HTMT of every pair of scales, None when there is one scale or it was not asked for.
    level
        ``touchpoint`` or ``step``.
    n_obs, n_practices
        Responses and practices that were read.
    labels
        What scales are called in the study's language, by id.
    """

    scales: tuple[ScaleReliability, ...]
    discriminant: Discriminant | None
    level: ScaleLevel
    n_obs: int
    n_practices: int
    labels: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> ScaleReliability:
        for scale in self.scales:
            if scale.name == name:
                return scale
        raise KeyError(f"no scale '{name}'; there are: {', '.join(scale.name for scale in self.scales)}")

    def tidy(self) -> pd.DataFrame:
        """One row per scale and coefficient, see ``ScaleReliability.tidy``."""
        return pd.concat([scale.tidy() for scale in self.scales], ignore_index=True)

    def glance(self) -> pd.DataFrame:
        """One row: level, n_obs, n_practices, number of scales and how many are good for groups or better."""
        good = sum(scale.verdict.code in ("individuals", "practices", "groups") for scale in self.scales)
        row = {"level": self.level, "n_obs": self.n_obs, "n_practices": self.n_practices}
        return pd.DataFrame([row | {"n_scales": len(self.scales), "n_reliable": good}])

    def table(self) -> pd.DataFrame:
        """One row per scale, see ``ScaleReliability.glance``: sizes, coefficients with intervals, verdict, reason."""
        return pd.concat([scale.glance() for scale in self.scales], ignore_index=True)

    @property
    def items(self) -> pd.DataFrame:
        """One row per scale and item, see ``ScaleReliability.item_table``."""
        tables = [scale.item_table.assign(scale=scale.name) for scale in self.scales]
        return pd.concat(tables, ignore_index=True)

    def _repr_html_(self) -> str:
        shown = ["scale", "n", "k", "alpha", "alpha_low", "alpha_high", "omega", "omega_low", "omega_high"]
        table = self.table()[[*shown, "spearman_brown", "sentence", "reason"]]
        return self.glance().to_html(index=False, border=0) + table.to_html(
            index=False, na_rep="", border=0, float_format=lambda value: f"{value:.2f}"
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw alpha and omega of every scale with their intervals and the limits of the verdicts."""
        table = self.table()
        label = [f"{self.label(one.name)} ({one.k})" for one in self.scales]
        rows = [
            pd.DataFrame({"label": label, "series": series, "estimate": table[name]}).assign(
                ci_low=table[f"{name}_low"], ci_high=table[f"{name}_high"]
            )
            for name, series in (("alpha", "alpha"), ("omega", "omega total"))
        ]
        return plot_intervals(
            pd.concat(rows), RELIABILITY_AXIS, lowest=-0.1, limits=list(RELIABLE_FROM.values()), ax=ax
        )


def scales_of(journey: Journey, level: ScaleLevel = "touchpoint") -> dict[str, list[str]]:
    """Items of every touchpoint or step of a journey, in journey order."""
    scales: dict[str, list[str]] = {}
    for placed in journey.items:
        unit = placed.touchpoint.id if level == "touchpoint" else placed.step.id
        scales.setdefault(unit, []).append(placed.id)
    return scales


def estimate_reliability(
    responses: Responses,
    level: ScaleLevel = "touchpoint",
    *,
    missing: MissingMethod = "listwise",
    confidence: float = 0.95,
    n_bootstrap: int = 1000,
    seed: np.random.Generator | int = 0,
    discriminant: bool = True,
    weights: object = None,
) -> Reliability:
    """Estimate the reliability of every scale of the journey, on item scores of 0-100 with higher is better.

    Parameters
    ----------
    responses
        Answers; a patient who did not meet a touchpoint takes no part in that touchpoint's scale.
    level
        ``touchpoint`` or ``step``.
    missing
        ``listwise`` rests each scale on the patients who answered all its items; ``em`` also uses incomplete
        answers (advised for steps that hold optional touchpoints).
    n_bootstrap
        Samples of practices (of respondents when there is one practice) behind the intervals.
    discriminant
        Whether to estimate HTMT of every pair of scales as well.
    weights
        Case weights of shape (n,), 0 or more.

    Returns
    -------
    A result with one ``ScaleReliability`` per scale; what cannot be estimated carries its reason.

    Raises
    ------
    AnalysisError
        For an unknown level or option, or when there are no responses.
    """
    if level not in get_args(ScaleLevel):
        raise AnalysisError(f"level: expected one of {', '.join(get_args(ScaleLevel))}, received '{level}'.")
    if responses.n == 0:
        raise AnalysisError("there are no responses; read answers before estimating their reliability.")
    scores = score_items(responses)
    practices, _ = responses.practice_codes
    mass = None if weights is None else check_weights(weights, responses.n)
    members = scales_of(responses.journey, level)
    rng = as_generator(seed)
    scales = tuple(
        estimate_scale_reliability(
            scores,
            items,
            name=name,
            clusters=practices,
            weights=mass,
            missing=missing,
            confidence=confidence,
            n_bootstrap=n_bootstrap,
            seed=stream,
        )
        for (name, items), stream in zip(members.items(), rng.spawn(len(members)), strict=True)
    )
    apart = None
    if discriminant and len(members) > 1:
        apart = estimate_discriminant(
            scores, members, clusters=practices, weights=mass, confidence=confidence, n_bootstrap=n_bootstrap, seed=rng
        )
    return Reliability(scales, apart, level, responses.n, len(responses.practices), responses.labels)
