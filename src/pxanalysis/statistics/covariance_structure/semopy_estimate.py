"""The full-sample maximum-likelihood estimate as semopy finds it, from a standardised covariance matrix.

semopy (Meshcheryakov, Igolkina & Samsonova 2021) is right on clean, standardised input and a tight tolerance, and is
given nothing else: safe names, every parameter labelled, everything it would add by itself written out as fixed, one
loading per latent fixed to 1 (without one it never returns), one thread, one model at a time.
"""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.covariance_structure.structure import ARROW, TWO_HEADED, Structure
from pxanalysis.statistics.covariance_structure.threads import single_thread

__all__ = ["SemopyEstimate", "estimate_by_semopy", "semopy_description"]

FTOL = 1e-7
"""semopy's tolerance in standard units; its default stops far from the optimum. Newton steps go on from there."""

LOCK = threading.Lock()
"""semopy's model class shares state; its solver is not safe to run twice at once."""


@dataclass(frozen=True, slots=True, eq=False)
class SemopyEstimate:
    """What semopy came back with.

    Attributes
    ----------
    theta
        Parameters (q,), NaN for means, which it is not asked for; None when it failed.
    message
        Its own words, or the error it raised.
    """

    theta: FloatArray | None
    message: str


def _scaled_latents(structure: Structure) -> dict[int, int]:
    """Latents without a fixed loading, with the cell of the loading that is set to 1 for semopy."""
    free_first: dict[int, int] = {}
    anchored = set()
    for cell in np.flatnonzero(structure.kind == ARROW):
        source = int(structure.column[cell])
        if source < structure.n_observed or not _is_measured(structure, cell):
            continue
        if structure.parameter[cell] < 0 and structure.value[cell] != 0:
            anchored.add(source)
        else:
            free_first.setdefault(source, int(cell))
    return {source: cell for source, cell in free_first.items() if source not in anchored}


def _is_measured(structure: Structure, cell: np.intp | int) -> bool:
    """Whether an arrow from a latent is a loading: its target has no other kind of cause, for semopy's purposes."""
    target = structure.row[cell]
    return bool(target < structure.n_observed) or structure.column[cell] > target


def semopy_description(structure: Structure, start: FloatArray | None = None) -> str:
    """Write the covariance part of a model in semopy's own words, with starting values (q,) where they are known."""
    scaled = _scaled_latents(structure)
    begins = () if start is None else _start_lines(structure, scaled, start)
    return "\n".join((*_lines(structure, scaled), *begins))


def _start_lines(structure: Structure, scaled: dict[int, int], start: FloatArray) -> Iterator[str]:
    """Starting values in semopy's words and units; ``start`` (q,)."""
    size = np.ones(structure.n_variables)
    for latent, cell in scaled.items():
        size[latent] = start[structure.parameter[cell]] or 1.0
    for cell in structure.free:
        number, row, column = structure.parameter[cell], structure.row[cell], structure.column[cell]
        if structure.kind[cell] == ARROW and scaled.get(int(column)) != cell:
            yield f"START({start[number] * size[row] / size[column]:.6f}) p{number}"
        elif structure.kind[cell] == TWO_HEADED and not (row == column and row in scaled):
            yield f"START({start[number] * size[row] * size[column]:.6f}) p{number}"
    for latent in scaled:
        own = (structure.kind == TWO_HEADED) & (structure.row == latent) & (structure.column == latent)
        number = structure.parameter[own][0] if own.any() else -1
        variance = start[number] if number >= 0 else structure.value[own][0] if own.any() else 1.0
        yield f"START({variance * size[latent] ** 2:.6f}) s{latent}"


def _lines(structure: Structure, scaled: dict[int, int]) -> Iterator[str]:
    written: set[tuple[int, int]] = set()
    for cell in range(structure.kind.size):
        row, column = int(structure.row[cell]), int(structure.column[cell])
        free = structure.parameter[cell] >= 0
        word = f"p{structure.parameter[cell]}*" if free else f"{structure.value[cell]:.17f}*"
        if structure.kind[cell] == ARROW:
            loading = column >= structure.n_observed and _is_measured(structure, cell)
            word = "1*" if scaled.get(column) == cell else word
            yield f"v{column} =~ {word}v{row}" if loading else f"v{row} ~ {word}v{column}"
        elif structure.kind[cell] == TWO_HEADED:
            written.add((max(row, column), min(row, column)))
            word = f"s{row}*" if row == column and row in scaled else word
            yield f"v{row} ~~ {word}v{column}"
    loaded = structure.row[(structure.kind == ARROW) & (structure.column >= structure.n_observed)]
    inner = [v for v in range(structure.n_variables) if v >= structure.n_observed or v not in loaded]
    for position, one in enumerate(inner):
        for other in inner[:position]:
            if (max(one, other), min(one, other)) not in written:
                yield f"v{one} ~~ 0*v{other}"


def estimate_by_semopy(
    structure: Structure, cov: FloatArray, n: float, start: FloatArray | None = None
) -> SemopyEstimate:
    """Ask semopy for the estimate; ``cov`` (p, p) is in the units of ``structure`` and about standardised.

    From a covariance matrix alone semopy has, by its own words, no good starting values; ``start`` (q,) gives it some.
    """
    import pandas as pd

    names = [f"v{i}" for i in range(structure.n_observed)]
    frame = pd.DataFrame(cov, index=names, columns=names)
    scaled = _scaled_latents(structure)
    try:
        with LOCK, single_thread(), warnings.catch_warnings(), np.errstate(all="ignore"), _quiet():
            warnings.simplefilter("ignore")
            import semopy

            model = semopy.Model(semopy_description(structure, start))
            result = model.fit(cov=frame, n_samples=int(n), obj="MLW", options={"ftol": FTOL, "maxiter": 500})
    except Exception as error:  # semopy raises whatever its parts raise; the message goes into ours
        return SemopyEstimate(None, f"{type(error).__name__}: {error}")
    found = _by_label(model)
    if not np.isfinite(list(found.values())).all():
        return SemopyEstimate(None, "it returned numbers that are not finite")
    return SemopyEstimate(_to_parameters(structure, found, scaled), str(result.message))


class _quiet:
    """semopy tells on the root logger what it was asked to do."""

    def __enter__(self) -> None:
        logging.disable(logging.WARNING)

    def __exit__(self, *_: object) -> None:
        logging.disable(logging.NOTSET)


def _by_label(model: object) -> dict[str, float]:
    parameters = model.parameters  # type: ignore[attr-defined]
    found = {}
    for label, parameter in parameters.items():
        place = parameter.locations[0]
        found[label] = float(place.matrix[place.indices])
    return found


def _to_parameters(structure: Structure, found: dict[str, float], scaled: dict[int, int]) -> FloatArray:
    """Estimates by number, with the latents that semopy had on the scale of an item brought to their own."""
    size = np.ones(structure.n_variables)
    for latent in scaled:
        own = (structure.kind == TWO_HEADED) & (structure.row == latent) & (structure.column == latent)
        fixed = structure.value[own][0] if own.any() and structure.parameter[own][0] < 0 else 1.0
        size[latent] = np.sqrt(max(found[f"s{latent}"], 1e-6) / max(fixed, 1e-12))
    theta = np.full(structure.n_parameters, np.nan)
    for cell in structure.free:
        number, row, column = structure.parameter[cell], structure.row[cell], structure.column[cell]
        if structure.kind[cell] == ARROW:
            raw = 1.0 if scaled.get(int(column)) == cell else found[f"p{number}"]
            theta[number] = raw * size[column] / size[row]
        elif structure.kind[cell] == TWO_HEADED:
            raw = found[f"s{row}"] if row == column and row in scaled else found[f"p{number}"]
            theta[number] = raw / (size[row] * size[column])
    return theta
