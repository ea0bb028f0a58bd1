"""Case mix beside the drivers: numbers as they are, categories as 0/1 columns that enough patients carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from pxanalysis.analysis.drivers.eligibility import MIN_ANSWERS
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
        found &= ~responses.table[name].to_pandas().isna().to_numpy()
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
    practice = pd.Series(responses.practice_ids[rows])
    parts, joined = [pd.DataFrame(index=range(int(rows.sum())))], 0
    for name in names:
        if known[name].type == "number":
            parts.append(responses.numbers([name])[rows].reset_index(drop=True))
            continue
        columns, count = _code_levels(_answers(responses, name)[rows].reset_index(drop=True), known[name], practice)
        parts.append(columns)
        joined += count
    values: dict[str, int | str] = {"n": joined, "minimum": MIN_ANSWERS, "practices": FEWEST_WITH_LEVEL}
    return pd.concat(parts, axis=1), (Note("levels_joined", values),) if joined else ()


def _answers(responses: Responses, name: str) -> pd.Series[str]:
    return responses.table[name].to_pandas().astype(object)


def _code_levels(
    answers: pd.Series[str], variable: CaseMixVariable, practice: pd.Series[str]
) -> tuple[pd.DataFrame, int]:
    """0/1 columns against the commonest level, and how many levels were joined."""
    present = [level.id for level in variable.levels if (answers == level.id).any()]
    if not present:
        return pd.DataFrame(index=answers.index), 0
    several = practice.nunique() >= FEWEST_WITH_LEVEL

    def carries(chosen: pd.Series[bool]) -> bool:
        spread = not several or practice[chosen].nunique() >= FEWEST_WITH_LEVEL
        return int(chosen.sum()) >= MIN_ANSWERS and spread

    commonest = max(present, key=lambda level: int((answers == level).sum()))
    rare = [level for level in present if level != commonest and not carries(answers == level)]
    flags = {level: answers == level for level in present if level != commonest and level not in rare}
    together = answers.isin(rare)
    if rare and carries(together):
        flags[OTHER] = together
    columns = {
        f"{variable.id}={level}": np.where(answers.isna(), np.nan, flag.astype(np.float64))
        for level, flag in flags.items()
    }
    return pd.DataFrame(columns, index=answers.index), len(rare)
