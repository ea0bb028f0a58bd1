"""Rows of a frame as records whose columns are attributes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

__all__ = ["each_row"]


def each_row(table: pd.DataFrame) -> Iterator[Any]:
    """Rows of a frame; what a column holds is known to whoever made the frame, not to the type checker.

    Examples
    --------
    >>> [row.x for row in each_row(pd.DataFrame({"x": [1, 2]}))]
    [1, 2]
    """
    return iter(table.itertuples())
