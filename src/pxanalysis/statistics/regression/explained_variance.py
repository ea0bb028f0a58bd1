"""Explained variance of every subset of drivers.

The R² of all 2^p subsets comes from successive Schur complements, breadth-first over the drivers: taking a
driver in sweeps it out of the covariances of those still to come, leaving it out drops its row. The matrices
shrink as their number doubles, so the work per subset is constant on average. Bootstrap replicates are one
more array axis.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError, NotEstimableError

__all__ = [
    "BREADTH",
    "MAX_PLAYERS",
    "TOLERANCE",
    "Blocks",
    "as_correlations",
    "check_singular",
    "chunks",
    "prepare",
    "subset_r2",
    "subset_sizes",
    "walk",
]

MAX_PLAYERS = 25
"""Most drivers (or groups) whose 2^p subsets are enumerated; beyond it, use relative weights or groups."""

TOLERANCE = 1e-10
"""A driver whose variance is this proportion or less unexplained by the others is a combination of them."""

BREADTH = 16
"""Drivers walked breadth-first at once; those beyond it are walked depth-first, which bounds the memory."""

_CHUNK = 1 << 16
"""Subsets x replicates held at once, so that the working arrays stay near the processor."""

Blocks = Sequence[Sequence[int]]


def subset_sizes(players: int) -> npt.NDArray[np.int64]:
    """Count the players in each subset, shape (2^players,); player j is bit j of the index."""
    sizes = np.zeros(1, dtype=np.int64)
    for _ in range(players):
        sizes = np.concatenate([sizes, sizes + 1])
    return sizes


def as_correlations(covariances: FloatArray) -> FloatArray:
    """Covariance matrices (..., k, k) as correlation matrices; a variable without variance gets NaN."""
    scale = np.sqrt(np.diagonal(covariances, axis1=-2, axis2=-1))
    scale = np.where(scale > 0, scale, np.nan)
    return np.asarray(covariances / (scale[..., :, None] * scale[..., None, :]))


def _sweep(matrices: FloatArray, out: FloatArray | None = None) -> FloatArray:
    """Schur complement of the first variable; (m, m, ...) to (m-1, m-1, ...), into ``out`` when given."""
    column = matrices[0, 1:]
    product: FloatArray = np.multiply(column[:, None], (column / matrices[0, 0])[None, :], out=out)
    np.subtract(matrices[1:, 1:], product, out=product)
    return product


def _tolerances(matrices: FloatArray, variables: int) -> FloatArray:
    """Variance of each variable unexplained by those before it, (variables, B); NaN where there is none."""
    pivots = np.empty((variables, matrices.shape[2]))
    for position in range(variables):
        pivots[position] = np.where(matrices[0, 0] > TOLERANCE, matrices[0, 0], np.nan)
        safe = matrices.copy()
        safe[0, 0] = pivots[position]
        matrices = _sweep(safe)
    return pivots


def _ordered(
    covariances: FloatArray, always: Sequence[int], blocks: Blocks, outcome: int
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Correlations (k, k, B), covariates first and the outcome last, and which of the B are not singular."""
    size = covariances.shape[-1]
    order = [*always, *(index for block in blocks for index in block), outcome % size]
    flat = covariances.reshape(-1, size, size)[:, order][:, :, order]
    matrices = np.ascontiguousarray(np.moveaxis(as_correlations(flat), 0, -1))
    usable: npt.NDArray[np.bool_] = np.isfinite(matrices).all(axis=(0, 1))  # type: ignore[assignment]
    usable[usable] = np.isfinite(_tolerances(matrices[..., usable], len(order) - 1)).all(axis=0)
    matrices[..., ~usable] = np.eye(len(order))[:, :, None]
    return matrices, usable


def _residuals(matrices: FloatArray, sizes: Sequence[int]) -> FloatArray:
    """Unexplained variance of the last variable per subset of the blocks, (2^m, B), breadth-first."""
    work = matrices[:, :, None, :]
    for size in sizes:
        kept = work.shape[0] - size
        both = np.empty((kept, kept, 2, *work.shape[2:]))
        both[:, :, 0] = work[size:, size:]
        for _ in range(size - 1):
            work = _sweep(work)
        _sweep(work, out=both[:, :, 1])
        work = both.reshape(kept, kept, -1, work.shape[-1])
    left: FloatArray = work[0, 0]
    return left


def _without_last_block(matrices: FloatArray, size: int, *, swept: bool) -> FloatArray:
    """Take the block that stands just before the outcome in (sweep it) or leave it out."""
    drivers = matrices.shape[0] - 1
    block = list(range(drivers - size, drivers))
    rest = [*range(drivers - size), drivers]
    if not swept:
        return matrices[np.ix_(rest, rest)]
    work = matrices[np.ix_([*block, *rest], [*block, *rest])]
    for _ in range(size):
        work = _sweep(work)
    return work


def walk(matrices: FloatArray, sizes: Sequence[int], start: int = 0) -> Iterator[tuple[int, FloatArray]]:
    """Yield (first subset, unexplained variances from it on), depth-first beyond ``BREADTH`` blocks."""
    if len(sizes) <= BREADTH:
        yield start, _residuals(matrices, sizes)
        return
    for swept in (False, True):
        rest = _without_last_block(matrices, sizes[-1], swept=swept)
        yield from walk(rest, sizes[:-1], start + (swept << (len(sizes) - 1)))


def chunks(matrices: FloatArray, players: int) -> Iterator[slice]:
    """Split the replicates so that a part with its subsets fits near the processor."""
    step = max(1, _CHUNK >> players)
    for start in range(0, matrices.shape[-1], step):
        yield slice(start, start + step)


def prepare(
    covariances: FloatArray,
    outcome: int,
    always: Sequence[int],
    blocks: Blocks | None,
    *,
    enumerated: bool = True,
) -> tuple[FloatArray, npt.NDArray[np.bool_], list[int], FloatArray]:
    """Matrices with the covariates swept out, usable flags, block sizes, and the outcome's variance left."""
    covariances = np.asarray(covariances, dtype=np.float64)
    size = covariances.shape[-1]
    if covariances.ndim < 2 or covariances.shape[-2] != size or size < 2:
        raise AnalysisError(
            f"covariances: expected shape (..., p+1, p+1) with p at least 1, received {covariances.shape}."
        )
    if blocks is None:
        blocks = [[index] for index in range(size) if index != outcome % size and index not in always]
    if enumerated and len(blocks) > MAX_PLAYERS:
        raise AnalysisError(
            f"{len(blocks)} drivers have too many subsets to enumerate; at most {MAX_PLAYERS}. "
            "Use method='johnson', or groups of drivers."
        )
    matrices, usable = _ordered(covariances, always, blocks, outcome)
    for _ in always:
        matrices = _sweep(matrices)
    return matrices, usable, [len(block) for block in blocks], matrices[-1, -1]


def subset_r2(
    covariances: FloatArray, *, outcome: int = -1, always: Sequence[int] = (), blocks: Blocks | None = None
) -> FloatArray:
    """R² of the outcome on every subset of the drivers, over and above the covariates that are always in.

    Parameters
    ----------
    covariances
        Covariance or correlation matrices of drivers and outcome, shape (..., p+1, p+1).
    outcome
        Position of the outcome; the last by default.
    always
        Positions of covariates (case mix) that are in every model.
    blocks
        Positions of drivers that enter together, one sequence per player; each driver by itself when None.

    Returns
    -------
    Array of shape (2^m, ...), m players; player j is bit j of the first index. NaN for a singular matrix.

    Raises
    ------
    AnalysisError
        When the shape is wrong, or there are more than 25 players.

    Examples
    --------
    >>> subset_r2(np.array([[1.0, 0.0, 0.6], [0.0, 1.0, 0.3], [0.6, 0.3, 1.0]])).round(2).tolist()
    [0.0, 0.36, 0.09, 0.45]
    """
    covariances = np.asarray(covariances, dtype=np.float64)
    matrices, usable, sizes, left = prepare(covariances, outcome, always, blocks)
    explained = np.empty((1 << len(sizes), matrices.shape[-1]))
    for chunk in chunks(matrices, len(sizes)):
        for start, residuals in walk(matrices[..., chunk], sizes):
            explained[start : start + len(residuals), chunk] = left[chunk] - residuals
    explained[:, ~usable] = np.nan
    return explained.reshape(-1, *covariances.shape[:-2])


def check_singular(covariance: FloatArray, names: Sequence[str]) -> None:
    """Refuse, by name, drivers that copy or add up others; shape (p, p), without the outcome.

    Raises
    ------
    NotEstimableError
        When a driver has no variance, or the others determine it.

    Examples
    --------
    >>> check_singular(np.array([[1.0, 1.0], [1.0, 1.0]]), ["calls", "phone"])
    Traceback (most recent call last):
        ...
    pxanalysis.errors.NotEstimableError: 'phone' is a copy of 'calls': ...
    """
    correlations = as_correlations(np.asarray(covariance, dtype=np.float64))
    for position, name in enumerate(names):
        if not np.isfinite(correlations[position, position]):
            constant = f"'{name}' is constant, so it cannot drive anything; leave it out."
            raise NotEstimableError(constant, code="singular")
        before = correlations[:position, :position]
        link = correlations[:position, position]
        coefficients = np.linalg.solve(before, link) if position else link
        if 1.0 - link @ coefficients > TOLERANCE:
            continue
        sources = [f"'{names[i]}'" for i in np.flatnonzero(np.abs(coefficients) > 1e-6).tolist()]
        what = "a copy" if len(sources) == 1 else "a weighted sum"
        raise NotEstimableError(
            f"'{name}' is {what} of {' and '.join(sources)}: what they explain cannot be told apart. Leave one out.",
            code="singular",
        )
