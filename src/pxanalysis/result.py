"""What every result can do: be listed per term, be summed up in one row, be shown in a notebook."""

from __future__ import annotations

from abc import abstractmethod

import pandas as pd

__all__ = ["Result"]


class Result:
    """Base of the frozen result records (``@dataclass(frozen=True, slots=True, eq=False)``)."""

    __slots__ = ()

    @abstractmethod
    def tidy(self) -> pd.DataFrame:
        """One row per term: ``term, estimate, std_error, ci_low, ci_high, ...``; ``reason`` where not estimated."""

    @abstractmethod
    def glance(self) -> pd.DataFrame:
        """One row for the whole model: method, n_obs, n_dropped, n_practices, ..."""

    def _repr_html_(self) -> str:
        glance = self.glance().to_html(index=False, na_rep="")
        tidy = self.tidy().to_html(index=False, na_rep="", float_format=lambda value: f"{value:.4g}")
        return glance + tidy
