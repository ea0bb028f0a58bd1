"""The 800 patients of the metric lab, and the samples that its README defines."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from pxanalysis.arrays import IntArray

__all__ = ["CASE_MIX", "CRITERIA", "METRICS", "PAIRS", "Key", "Lab", "Rows", "codes_of", "kind_of"]

METRICS = ("ktv", "nps", "ease")
PAIRS = tuple(combinations(METRICS, 2))
CRITERIA = ("returned", "recommended", "spend")
CASE_MIX = ["age", "complex"]

Key = tuple[str, str, str, str, str, str]
"""Section, quantity, a, b, criterion and variant, as a row of the reference has them."""

Rows = Iterator[tuple[Key, float]]


class Lab:
    """The 800 rows of the reference, oriented, and the samples its README defines."""

    def __init__(self, folder: Path) -> None:
        self.rows = pd.read_csv(folder / "patients.csv").assign(ease=lambda rows: 6 - rows["ces"])
        folds = pd.read_csv(folder / "folds.csv")
        self.first = self.rows[self.rows["wave"] == 1].merge(folds, on="practice_id", how="left")
        second = self.rows[self.rows["wave"] == 2]
        self.both = self.first.merge(second, on="patient_id", suffixes=("_1", "_2"))

    def sample(self, criterion: str) -> pd.DataFrame:
        """The patients of wave 1 who answered the metrics and the criterion."""
        return self.first.dropna(subset=[*METRICS, criterion])


def codes_of(rows: pd.DataFrame) -> IntArray:
    """Practice of each row, numbered from 0 in the order of their ids, shape (n,)."""
    return pd.factorize(rows["practice_id"], sort=True)[0].astype(np.intp)


def kind_of(criterion: str) -> Literal["continuous", "binary"]:
    """Whether a criterion is an amount or a yes or no."""
    return "continuous" if criterion == "spend" else "binary"
