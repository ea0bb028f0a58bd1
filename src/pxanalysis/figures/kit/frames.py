"""What figures read from result frames: columns that may be absent, and cells that must stay hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

import numpy as np
import pandas as pd

from pxanalysis.arrays import FloatArray
from pxanalysis.figures.kit.words import Words

__all__ = [
    "count_text",
    "flags",
    "hidden",
    "label_of",
    "optional",
    "rank_of",
    "reasons",
    "remembered",
    "remembering",
    "shown",
    "span",
    "texts",
]

P = ParamSpec("P")
R = TypeVar("R")


_REMEMBERING: ContextVar[bool] = ContextVar("_REMEMBERING", default=False)


_KEPT = 8
"""What a page describes before it comes back to the first: the courses of its outcomes, without and with limits."""


@contextmanager
def remembering() -> Iterator[None]:
    """Say that frames are not written to meanwhile: a page describes one for its text and for every width drawn."""
    token = _REMEMBERING.set(True)
    try:
        yield
    finally:
        _REMEMBERING.reset(token)


def remembered(describe: Callable[P, R]) -> Callable[P, R]:
    """Within ``remembering``, keep what was described last: the very same objects count as the same frame."""
    last: list[tuple[tuple[object, ...], R]] = []

    @wraps(describe)
    def described(*args: P.args, **options: P.kwargs) -> R:
        asked = (*args, *(part for pair in sorted(options.items()) for part in pair))
        if not _REMEMBERING.get():
            return describe(*args, **options)
        for known, found in last:
            if len(known) == len(asked) and all(map(_is_same, known, asked)):
                return found
        found = describe(*args, **options)
        last[:] = [(asked, found), *last[: _KEPT - 1]]
        return found

    return described


def _is_same(one: object, other: object) -> bool:
    return one is other or (isinstance(one, str | int | float | tuple) and type(one) is type(other) and one == other)


def texts(frame: pd.DataFrame, column: str) -> list[str]:
    """Return a column of ids; nothing for a frame without rows, which may have no columns either."""
    return [] if frame.empty else frame[column].astype(str).tolist()


def optional(frame: pd.DataFrame, column: str) -> FloatArray:
    """Return a column as numbers; NaN where the frame has no such column or no finite value."""
    if column not in frame:
        return np.full(len(frame), np.nan)
    cells = frame[column]
    if cells.dtype != np.float64:
        cells = pd.to_numeric(cells, errors="coerce")
    numbers = cells.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def hidden(frame: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which rows stand on too few people to be shown."""
    if "suppressed" not in frame:
        return np.zeros(len(frame), dtype=np.bool_)
    return frame["suppressed"].fillna(value=True).to_numpy(dtype=np.bool_)


def shown(frame: pd.DataFrame, column: str) -> FloatArray:
    """Return a column as numbers, NaN where the row is suppressed, whatever the cell holds."""
    return np.where(hidden(frame), np.nan, optional(frame, column))


def label_of(labels: Mapping[str, str], name: object) -> str:
    """Return the wording of an id; the id itself where there is none."""
    return labels.get(str(name), str(name))


def span(low: FloatArray, high: FloatArray) -> tuple[float, float]:
    """Return the lowest and highest finite value of two arrays, (0, 1) when there is none."""
    values = np.concatenate([low, high])
    values = values[np.isfinite(values)]
    return (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)


def flags(frame: pd.DataFrame, column: str) -> list[str]:
    """Return a column of codes; empty text where the frame has no such column or no value."""
    return frame[column].fillna("").astype(str).tolist() if column in frame else [""] * len(frame)


def reasons(frame: pd.DataFrame) -> list[str]:
    """Return why a row has no estimate; empty where there is nothing to say."""
    return flags(frame, "reason")


def rank_of(first: Sequence[str], name: str) -> int:
    """Return which of the things to do first this is: 1, 2, ...; 0 when it is none of them."""
    return first.index(name) + 1 if name in first else 0


def count_text(count: float, words: Words) -> str:
    """Write a number of answers as ``n = 214``; nothing where it is not known or not to be shown."""
    return words.text("figure.count", n=words.number(count)) if np.isfinite(count) else ""
