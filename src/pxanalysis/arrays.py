"""The array types that signatures speak of, said once, and how many rows are worked on at a time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["ROWS_AT_ONCE", "BoolArray", "FloatArray", "IntArray"]

ROWS_AT_ONCE = 4_096
"""What is made of so many rows of some dozens of columns stays in the processor's cache: of a million rows whole copies
cost more than the sums."""

FloatArray = npt.NDArray[np.float64]
"""float64, any shape; a docstring gives the shape."""

IntArray = npt.NDArray[np.intp]
"""Whole numbers that count or index."""

BoolArray = npt.NDArray[np.bool_]
"""True or False per element."""
