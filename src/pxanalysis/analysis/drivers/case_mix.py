"""Case mix beside the drivers: numbers as they are, categories as 0/1 columns that enough patients carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from pxanalysis.analysis.drivers.eligibility import MIN_ANSWERS
from pxanalysis.arrays import IntArray
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.notes import Note

if TYPE_CHECKING:
    from pxanalysis.journey.model import CaseMixVariable
    from pxanalysis.survey.responses import Responses

__all__ = ["FEWEST_WITH_LEVEL", "OTHER", "code_case_mix", "knows_case_mix"]

FEWEST_WITH_LEVEL = 3
"""A level that occurs in fewer practices cannot be told apart from them (where there are as many)."""

OTHER = "(other)"
"""Name of the level that rare ones are joined in."""


def knows_case_mix(responses: Responses, names: tuple[str, ...]) -> npt.NDArray[np.bool_]:
    """Whether all of these case-mix variables are known of a patient, shape (n,).

    Raises
    ------
    AnalysisError
        For a variable that the journey does not have.
    """
    known = {variable.id: variable for variable in responses.journey.case_mix}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise AnalysisError(
            f"case_mix: the journey has no variable '{unknown[0]}'; it has: {', '.join(known) or 'none'}."
        )
    found = np.ones(responses.n, dtype=bool)
    for name in names:
        found &= ~_answers(responses, name).isna().to_numpy()
    return found


def code_case_mix(
    responses: Responses, names: tuple[str, ...], rows: npt.NDArray[np.bool_]
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Case-mix columns of the responses that are used.

    Parameters
    ----------
    names
        Ids of case-mix variables of the journey.
    rows
        Shape (n,), which responses are used.

    Returns
    -------
    Columns (used, c), a number in its own units and a category as 0/1 per level (``health=good``) against the
    commonest one, NaN where missing; and what was joined. Levels of fewer than 10 patients, or in fewer than 3
    practices when there are as many, are joined in one ``(other)`` level, or counted with the commonest when they are
    too few together.
    """
    known = {variable.id: variable for variable in responses.journey.case_mix}
    practice = pd.factorize(_answers(responses, "practice_id"))[0][rows]
    parts, joined = [pd.DataFrame(index=range(int(rows.sum())))], 0
    for name in names:
        if known[name].type == "number":
            parts.append(responses.numbers([name])[rows].reset_index(drop=True))
            continue
        columns, count = _code_levels(_answers(responses, name), known[name], practice, rows)
        parts.append(columns)
        joined += count
    values: dict[str, int | str] = {"n": joined, "minimum": MIN_ANSWERS, "practices": FEWEST_WITH_LEVEL}
    return pd.concat(parts, axis=1), (Note("levels_joined", values),) if joined else ()


def _answers(responses: Responses, name: str) -> pd.Series[str]:
    return responses.table[name].to_pandas()


def _code_levels(
    answers: pd.Series[str], variable: CaseMixVariable, practice: IntArray, rows: npt.NDArray[np.bool_]
) -> tuple[pd.DataFrame, int]:
    """0/1 columns of the ``rows`` against the commonest level, and how many levels were joined."""
    codes, kinds = pd.factorize(answers)
    places = {kind: place for place, kind in enumerate(kinds)}
    codes = codes[rows]
    levels = {level.id: codes == places[level.id] for level in variable.levels if level.id in places}
    sizes = {level: int(flag.sum()) for level, flag in levels.items() if flag.any()}
    if not sizes:
        return pd.DataFrame(index=range(codes.size)), 0
    several = _count_different(practice) >= FEWEST_WITH_LEVEL

    def carries(chosen: npt.NDArray[np.bool_]) -> bool:
        spread = not several or _count_different(practice[chosen]) >= FEWEST_WITH_LEVEL
        return int(chosen.sum()) >= MIN_ANSWERS and spread

    commonest = max(sizes, key=lambda level: sizes[level])
    rare = [level for level in sizes if level != commonest and not carries(levels[level])]
    flags = {level: levels[level] for level in sizes if level != commonest and level not in rare}
    together = np.isin(codes, [places[level] for level in rare])
    if rare and carries(together):
        flags[OTHER] = together
    columns = {
        f"{variable.id}={level}": np.where(codes < 0, np.nan, flag.astype(np.float64)) for level, flag in flags.items()
    }
    return pd.DataFrame(columns, index=range(codes.size)), len(rare)


def _count_different(codes: IntArray) -> int:
    return int((np.bincount(codes) > 0).sum())
