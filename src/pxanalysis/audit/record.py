"""One value of ours beside one from outside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from pxanalysis.errors import NotEstimableError, StudyError

__all__ = ["Check", "beside", "estimated", "references_folder"]


T = TypeVar("T")


def references_folder() -> Path:
    """Where the outside values are: in the wheel, or in the checkout the package is run from."""
    here = Path(__file__).resolve()
    for folder in (here.parents[1] / "reference", here.parents[3] / "tests" / "reference"):
        if folder.is_dir():
            return folder
    raise StudyError("The installation has no reference values; install the package again.")


@dataclass(frozen=True, slots=True)
class Check:
    """A value computed here and the same from elsewhere.

    Attributes
    ----------
    statistic, term
        What is computed, and of what.
    ours, outside
        The two values, on the same scale.
    tolerance
        The largest absolute difference that the source's own precision explains.
    source
        Program and version, or publication.
    """

    statistic: str
    term: str
    ours: float
    outside: float
    tolerance: float
    source: str

    @property
    def agrees(self) -> bool:
        """Whether the values differ by no more than the tolerance; a value that is missing does not agree."""
        return bool(abs(self.ours - self.outside) <= self.tolerance)


def estimated(found: T | None) -> T:
    """What was estimated; a reference whose model cannot be estimated is no reference.

    Raises
    ------
    NotEstimableError
        There is nothing.
    """
    if found is None:
        raise NotEstimableError(
            "reference values: one of the models could not be estimated; install the package again."
        )
    return found


def beside(
    statistic: str,
    terms: Iterable[object],
    ours: npt.ArrayLike,
    outside: npt.ArrayLike,
    source: str,
    *,
    rtol: float = 0.0,
    atol: float = 0.0,
) -> Iterator[Check]:
    """A check per value of two equally long arrays; the tolerance is ``atol + rtol * |outside|``, as numpy's."""
    pairs = zip(terms, np.ravel(np.asarray(ours, float)), np.ravel(np.asarray(outside, float)), strict=True)
    for term, mine, theirs in pairs:
        yield Check(statistic, str(term), float(mine), float(theirs), atol + rtol * abs(float(theirs)), source)
