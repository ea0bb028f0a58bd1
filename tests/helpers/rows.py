"""A row of a result frame of which a test says only what it is about."""

from __future__ import annotations

from typing import TypeVar

import pandas as pd

from pxanalysis.analysis.whole_study.frames import FrameRow, read_rows, with_absent

R = TypeVar("R", bound=FrameRow)


def row_of(kind: type[R], **known: object) -> R:
    """Return a row in which everything else is absent."""
    return read_rows(with_absent(pd.DataFrame([known]), kind), kind)[0]
