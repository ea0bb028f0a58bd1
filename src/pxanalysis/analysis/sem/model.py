"""A fitted structural equation model, as a researcher reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from pxanalysis.analysis.sem.diagram import plot_paths
from pxanalysis.analysis.sem.effects import Effects, estimate_effects
from pxanalysis.analysis.sem.inspect import list_modifications, list_residuals, list_scores
from pxanalysis.analysis.sem.ipma import Ipma, estimate_ipma
from pxanalysis.analysis.sem.record import SemRecord
from pxanalysis.analysis.sem.sam import SamPaths, estimate_sam
from pxanalysis.analysis.sem.summary import write_html, write_summary

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["SemModel"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SemModel(SemRecord):
    """A structural equation model; attributes as in ``SemRecord``."""

    def summary(self) -> str:
        """Text in the order of lavaan's summary."""
        return write_summary(self)

    def effects(
        self, interval: Literal["delta", "percentile", "bca"] = "delta", *, n_bootstrap: int | None = None
    ) -> Effects:
        """Direct, indirect and total effects of every variable on every other, and defined parameters.

        Parameters
        ----------
        interval
            ``delta``: normal, by the delta method; ``percentile`` or ``bca``: bootstrap of practices (of respondents
            when there is one practice).
        n_bootstrap
            Samples; those of the model's options when None.
        """
        return estimate_effects(self, interval, n_bootstrap=n_bootstrap)

    def sam(self, *, n_bootstrap: int | None = None) -> SamPaths:
        """The same paths by local SAM (each latent measured by itself first), with bootstrap errors."""
        return estimate_sam(self, n_bootstrap)

    def ipma(self, target: str) -> Ipma:
        """Total effects on a variable beside how people score (0-100): what there is to gain where."""
        return estimate_ipma(self, target)

    def modification_indices(self) -> pd.DataFrame:
        """Fixed parameters by what freeing each would take off chi-square: ``term, mi, change, std_all_change``."""
        return list_modifications(self.fitted)

    def residuals(self, kind: Literal["cor", "raw"] = "cor") -> pd.DataFrame:
        """Sample less implied covariances (``raw``) or those over the sample's standard deviations (``cor``)."""
        return list_residuals(self.fitted, kind)

    def factor_scores(self, method: Literal["regression", "bartlett"] = "regression") -> pd.DataFrame:
        """Scores of the rows that were used on every latent, in the units of the data."""
        return list_scores(self.fitted, method)

    def plot(self, ax: Axes | None = None, *, loadings: bool = False) -> Axes:
        """Draw the paths with their standardised values; a dashed line is not told from nil.

        Parameters
        ----------
        loadings
            Whether to draw the items as well.
        """
        return plot_paths(self, ax, loadings=loadings)

    def _repr_html_(self) -> str:
        return write_html(self)
