"""Scores of which few are different, as a code of one byte each: an eighth of the memory, and alike rows found fast.

Of a million patients who answered 30 questions, the scores themselves take 240 MB.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pxanalysis.arrays import FloatArray, IntArray

__all__ = ["CodedScores"]


@dataclass(frozen=True, slots=True, eq=False)
class CodedScores:
    """Scores of n patients on k items.

    Attributes
    ----------
    codes
        Of each item, shape (n,): the place of the patient's score among its values.
    values
        Of each item its different scores on 0-100, after NaN, which stands first.
    """

    codes: tuple[npt.NDArray[np.unsignedinteger], ...]
    values: tuple[FloatArray, ...]

    @classmethod
    def code(cls, columns: Iterable[FloatArray]) -> CodedScores:
        """Code the scores of each item, shape (n,), NaN where missing."""
        codes, values = [], []
        for column in columns:
            found, different = pd.factorize(column)
            codes.append((found + 1).astype(np.min_scalar_type(len(different))))
            values.append(np.concatenate([[np.nan], different]))
        return cls(tuple(codes), tuple(values))

    def of(self, places: Sequence[int]) -> FloatArray:
        """Scores on some items, by their places 0 ... k-1, shape (n, items)."""
        return np.column_stack([self.values[place][self.codes[place]] for place in places])

    def group(self, places: Sequence[int]) -> tuple[FloatArray, IntArray]:
        """Different rows of scores on some items, shape (m, items), and which of them each patient has, shape (n,)."""
        kind, rows = self.codes[places[0]].astype(np.intp), self.values[places[0]][:, None]
        for place in places[1:]:
            own = self.values[place]
            kind, pairs = pd.factorize(kind * own.size + self.codes[place])
            rows = np.column_stack([rows[pairs // own.size], own[pairs % own.size]])
        return rows, kind
