"""What the benchmarks share: one thread, compiled bytecode, the median of several runs, and ratios."""

from __future__ import annotations

import compileall
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def prepare() -> None:
    """Set BLAS to one thread (for what is imported from now on, and for children) and compile the package."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    compileall.compile_dir(ROOT / "src", quiet=2)


def median_seconds(run: Callable[[], object], times: int = 5) -> float:
    """Median wall time of ``times`` runs after one to warm up."""
    run()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def tell(what: str, ours: float, other: str = "", theirs: float | None = None) -> None:
    """One line: our time, and beside it what one would use instead, as a ratio."""
    ratio = f" | {other} {theirs:.3f} s | ratio {theirs / ours:.1f}" if theirs is not None else ""
    print(f"{what}: {ours:.3f} s{ratio}")
