"""Whether the cells of a column can be answers to one question of a journey."""

from __future__ import annotations

import polars as pl

from pxanalysis.journey.model import CaseMixVariable, Journey, Scale
from pxanalysis.survey.checking.parsing import parse_dates, parse_flags, parse_numbers, parse_text
from pxanalysis.survey.checking.schema import scale_of
from pxanalysis.survey.columns.cells import sort_cells

__all__ = ["explain_misfit"]

_MOST_WRONG = 0.2
"""Share of cells that may be no answer: more, and it is another question or another scale."""
_US = ("%m/%d/%Y", "%m-%d-%Y")


def explain_misfit(cells: pl.Series, id_: str, journey: Journey) -> str:
    """Why a column cannot be this question of the journey; empty when it can."""
    scale = scale_of(journey, id_)
    n = len(cells) - cells.null_count()
    if n == 0:
        return "" if scale is None else "nobody answered"
    if scale is not None:
        return _explain_scale(cells, id_, scale)
    if id_ == "completed_on":
        failed = min(int(parse_dates(cells, first=order)[1].sum()) for order in (None, _US))
        return _explain_share(failed, n, "no dates")
    if id_ in {outcome.id for outcome in journey.behaviours}:
        return _explain_share(int(parse_flags(cells)[1].sum()), n, "neither yes nor no")
    for variable in journey.case_mix:
        if variable.id == id_:
            return _explain_characteristic(cells, variable, n)
    return ""


def _explain_scale(cells: pl.Series, id_: str, scale: Scale) -> str:
    found = sort_cells(cells, id_, scale, ())
    values = found.values.drop_nulls()
    outside = int((~values.is_between(scale.min, scale.max)).sum())
    wrong = int(found.failed.sum()) + outside
    if found.n and wrong > _MOST_WRONG * found.n:
        numbers = [float(value) for value in values]
        what = f"found {min(numbers):g} to {max(numbers):g}" if outside else "found other words"
        return f"{wrong} of {found.n} cells are no answer on {scale.min}-{scale.max}; {what}"
    top = values.max()
    if scale.max - scale.min >= 6 and len(values) >= 20 and isinstance(top, float):
        middle = (scale.min + scale.max) / 2
        return f"no answer is above {top:g}; the journey has {scale.min}-{scale.max}" if top <= middle else ""
    return ""


def _explain_characteristic(cells: pl.Series, variable: CaseMixVariable, n: int) -> str:
    if variable.type == "number":
        return _explain_share(int(parse_numbers(cells)[1].sum()), n, "no numbers")
    levels = [level.id for level in variable.levels]
    other = int((~parse_text(cells).drop_nulls().is_in(levels)).sum())
    return _explain_share(other, n, f"other groups than {', '.join(levels)}") if levels else ""


def _explain_share(wrong: int, n: int, what: str) -> str:
    return f"{wrong} of {n} cells are {what}" if wrong > _MOST_WRONG * n else ""
