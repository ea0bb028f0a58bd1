"""The array types that signatures speak of, said once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["BoolArray", "FloatArray", "IntArray"]

FloatArray = npt.NDArray[np.float64]
"""float64, any shape; a docstring gives the shape."""

IntArray = npt.NDArray[np.intp]
"""Whole numbers that count or index."""

BoolArray = npt.NDArray[np.bool_]
"""True or False per element."""
