"""Structural after measurement, locally (Rosseel & Loh 2022): each latent is measured by itself first, then the paths.

Misfit in one block cannot change another; with Bartlett's mapping M the latents' covariance is M (S - Theta) M'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.covariance_structure.structure import IntArray
from pxanalysis.statistics.factor.one_factor import fit_factors

__all__ = ["Block", "LatentMoments", "latent_moments", "path_slopes"]

LEAST_ERROR = 0.02
"""Lowest error variance, as a proportion of the item's variance, that the mapping uses (a Heywood case has less)."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Items of one latent (positions), the first of which gives it its unit; error variance of a single item."""

    items: IntArray
    error: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LatentMoments:
    """Latents of b samples.

    Attributes
    ----------
    cov
        Shape (b, m, m), in units of each latent's first item.
    loadings, errors
        Per block, shapes (b, k): loadings (the first 1) and error variances as the mapping uses them.
    valid, improper
        Shape (b,): every block could be fitted; some error variance was below the least.
    """

    cov: FloatArray
    loadings: tuple[FloatArray, ...]
    errors: tuple[FloatArray, ...]
    valid: npt.NDArray[np.bool_]
    improper: npt.NDArray[np.bool_]


def _measure(cov: FloatArray, block: Block) -> tuple[FloatArray, FloatArray, npt.NDArray[np.bool_]]:
    """Loadings on a latent of variance 1, error variances, and whether there is a fit, of one block."""
    own = cov[:, block.items[:, None], block.items]
    variance = np.einsum("bii->bi", own)
    if block.items.size == 1:
        error = np.full_like(variance, block.error or 0.0)
        return np.sqrt(np.maximum(variance - error, 1e-12)), error, (variance > error)[:, 0]
    if block.items.size == 2:
        common = own[:, 0, 1]
        loading = np.sqrt(np.maximum(common, 1e-12))[:, None] + np.zeros_like(variance)
        return loading, variance - common[:, None], common > 0
    fit = fit_factors(own, np.zeros(block.items.size, dtype=np.intp))
    return fit.loadings, fit.uniquenesses, fit.converged | fit.heywood.any(axis=1)


def latent_moments(cov: FloatArray, blocks: Sequence[Block]) -> LatentMoments:
    """Measure every block of covariances (b, p, p) and map to the latents.

    Two items have no more than their covariance: they get equal loadings.
    """
    b, p = len(cov), cov.shape[-1]
    mapping = np.zeros((b, len(blocks), p))
    noise = np.zeros((b, len(blocks)))
    valid, improper = np.ones(b, dtype=bool), np.zeros(b, dtype=bool)
    loadings, errors = [], []
    for position, block in enumerate(blocks):
        loading, error, fine = _measure(cov, block)
        variance = np.einsum("bii->bi", cov[:, block.items[:, None], block.items])
        least = LEAST_ERROR * variance if block.items.size > 1 else np.zeros_like(variance)
        improper |= (error < least).any(axis=1)
        error = np.maximum(error, least)
        loading = loading / loading[:, :1]
        exact = (error <= 0).all(axis=1, keepdims=True)
        weight = loading / np.where(exact, 1.0, np.maximum(error, 1e-300))
        weight = weight / (weight * loading).sum(axis=1, keepdims=True)
        mapping[:, position, block.items] = weight
        noise[:, position] = (weight**2 * error).sum(axis=1)
        valid &= fine & np.isfinite(weight).all(axis=1)
        loadings.append(loading)
        errors.append(error)
    between = mapping @ cov @ np.swapaxes(mapping, -1, -2)
    between[:, np.arange(len(blocks)), np.arange(len(blocks))] -= noise
    return LatentMoments(between, tuple(loadings), tuple(errors), valid, improper)


def path_slopes(cov: FloatArray, targets: Sequence[int], sources: Sequence[Sequence[int]]) -> FloatArray:
    """Slopes of every equation, beside each other in order, shape (b, sum of sources), by least squares."""
    parts = []
    for target, own in zip(targets, sources, strict=True):
        among = cov[:, np.array(own)[:, None], np.array(own)]
        parts.append(np.linalg.solve(among, cov[:, list(own), target][:, :, None])[:, :, 0])
    return np.concatenate(parts, axis=1)
