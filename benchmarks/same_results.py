"""Whether two folders with results of a fit hold the same: every frame, every column, numbers to a relative 1e-9.

    python benchmarks/same_results.py OLD/data/processed/results NEW/data/processed/results

Use it before and after a change that should change nothing: `pxanalysis run` in a copy of a study with the old code and
in another with the new, and then this. It exits with 1 when anything differs, and says what.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

TOLERANCE = 1e-9


def differences(old: Path, new: Path) -> list[str]:
    names = [{path.name for path in folder.glob("*.parquet")} for folder in (old, new)]
    found = [f"{name}: in one of the two only" for name in sorted(names[0] ^ names[1])]
    for name in sorted(names[0] & names[1]):
        found += [f"{name}: {line}" for line in _of_frames(pd.read_parquet(old / name), pd.read_parquet(new / name))]
    metas = [json.loads((folder / "meta.json").read_text(encoding="utf-8")) for folder in (old, new)]
    return found + [f"meta: {line}" for line in _of_values(*metas) if not line.startswith(("frames", "fit_key"))]


def _of_frames(old: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    if list(old.columns) != list(new.columns) or len(old) != len(new):
        columns = sorted(set(old.columns) ^ set(new.columns))
        return [f"{len(old)} and {len(new)} rows; columns in one only: {columns}"]
    return [f"{column}: {line}" for column in old for line in _of_columns(old[column], new[column])]


def _of_columns(old: pd.Series, new: pd.Series) -> list[str]:
    if str(old.dtype) != str(new.dtype):
        return [f"type {old.dtype} and {new.dtype}"]
    if not pd.api.types.is_float_dtype(old):
        same = (old == new) | (old.isna() & new.isna())
        return [] if same.fillna(value=False).all() else [f"{int((~same).sum())} values differ"]
    near = np.isclose(old.astype(float), new.astype(float), rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)
    return [] if near.all() else [f"{int((~near).sum())} numbers differ, by up to {(old - new).abs().max():.2g}"]


def _of_values(old: object, new: object, name: str = "") -> list[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        keys = sorted(set(old) | set(new))
        return [line for key in keys for line in _of_values(old.get(key), new.get(key), f"{name}{key}.")]
    if isinstance(old, float) and isinstance(new, float):
        return [] if np.isclose(old, new, rtol=TOLERANCE, atol=TOLERANCE) else [f"{name} {old} and {new}"]
    return [] if old == new else [f"{name} {old!r:.60} and {new!r:.60}"]


def main() -> None:
    found = differences(Path(sys.argv[1]), Path(sys.argv[2]))
    print("\n".join(found) or "the same")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
