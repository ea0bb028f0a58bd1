"""What tests of several rooms share: the bootstrap of practices: each replicate equals what its resampled rows
give, and its spread the sampling error.
"""

from __future__ import annotations

import numpy as np


def survey(n_practices: int = 15, p: int = 5, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    practice = np.repeat(np.arange(n_practices), rng.integers(15, 40, n_practices))
    load = rng.uniform(0.5, 1.0, p)
    common = rng.normal(size=practice.size) + rng.normal(0, 0.4, n_practices)[practice]
    return common[:, None] * load + rng.normal(size=(practice.size, p)) + 3, practice


def holed(values: np.ndarray, seed: int = 2) -> np.ndarray:
    """A block that some never meet (planned), and answers missing here and there."""
    rng = np.random.default_rng(seed)
    out = values.copy()
    out[np.ix_(rng.random(len(out)) < 0.35, [3, 4])] = np.nan
    out[rng.random(out.shape) < 0.04] = np.nan
    return out


def resampled(values: np.ndarray, practice: np.ndarray, counts: np.ndarray, ids: list[str]) -> np.ndarray:
    """The rows of one replicate, really repeated."""
    times = dict(zip(ids, counts, strict=True))
    return np.repeat(values, [times[str(one)] for one in practice], axis=0)
