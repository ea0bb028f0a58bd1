"""Whether two folders with results of a fit hold the same: every frame, every column, numbers to a relative 1e-9."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

__all__ = ["list_differences"]

_NOT_NUMBERS = ("frames", "fit_key", "software", "version")
"""Of ``meta.json``: digests of files, and what made them."""
_DRAWN = ("performance_low", "performance_high", "gain_low", "gain_high")
_SINGLE_PRECISION = 1e-5
"""Ends of intervals of :data:`_DRAWN` come from draws in single precision, which other kernels sum otherwise."""


def list_differences(old: Path, new: Path, *, tolerance: float = 1e-9) -> list[str]:
    """Say what differs between two folders of results; nothing when they are the same.

    Parameters
    ----------
    tolerance
        Largest difference of two numbers, absolute below 1 and relative above; 0 for identical ones. Ends of intervals
        that are drawn in single precision (performance, gain) may differ by 1e-5, unless it is 0.
    """
    names = [{path.name for path in folder.glob("*.parquet")} for folder in (old, new)]
    found = [f"{name}: in one of the two only" for name in sorted(names[0] ^ names[1])]
    for name in sorted(names[0] & names[1]):
        lines = _of_frames(pd.read_parquet(old / name), pd.read_parquet(new / name), tolerance)
        found += [f"{name}: {line}" for line in lines]
    metas = [json.loads((folder / "meta.json").read_text(encoding="utf-8")) for folder in (old, new)]
    return found + [
        f"meta: {line}" for line in _of_values(metas[0], metas[1], tolerance) if not line.startswith(_NOT_NUMBERS)
    ]


def _of_frames(old: pd.DataFrame, new: pd.DataFrame, tolerance: float) -> list[str]:
    if list(old.columns) != list(new.columns) or len(old) != len(new):
        columns = sorted(set(old.columns) ^ set(new.columns))
        return [f"{len(old)} and {len(new)} rows; columns in one only: {columns}"]
    return [
        f"{column}: {line}"
        for column in old
        for line in _of_columns(old[column], new[column], _room(column, tolerance))
    ]


def _room(column: object, tolerance: float) -> float:
    return max(tolerance, _SINGLE_PRECISION) if tolerance and column in _DRAWN else tolerance


def _of_columns(old: pd.Series, new: pd.Series, tolerance: float) -> list[str]:
    if str(old.dtype) != str(new.dtype):
        return [f"type {old.dtype} and {new.dtype}"]
    if not pd.api.types.is_float_dtype(old):
        same = (old == new) | (old.isna() & new.isna())
        return [] if same.fillna(value=False).all() else [f"{int((~same).sum())} values differ"]
    near = np.isclose(old.astype(float), new.astype(float), rtol=tolerance, atol=tolerance, equal_nan=True)
    return [] if near.all() else [f"{int((~near).sum())} numbers differ, by up to {(old - new).abs().max():.2g}"]


def _of_values(old: object, new: object, tolerance: float, name: str = "") -> list[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        keys = sorted(set(old) | set(new))
        return [line for key in keys for line in _of_values(old.get(key), new.get(key), tolerance, f"{name}{key}.")]
    if isinstance(old, float) and isinstance(new, float):
        same = bool(np.isclose(old, new, rtol=tolerance, atol=tolerance, equal_nan=True))
        return [] if same else [f"{name} {old} and {new}"]
    return [] if old == new else [f"{name} {old!r:.60} and {new!r:.60}"]
