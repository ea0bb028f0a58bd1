"""Answers on a scale, cell by cell: numbers, labels, words for "does not apply" and "do not know", and the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from pxanalysis.survey.checking.parsing import empty_cells, parse_answers, parse_numbers, parse_text
from pxanalysis.survey.columns.labels import find_false_labels
from pxanalysis.survey.columns.tally import add_up
from pxanalysis.survey.columns.verdict import DROPPED, NO_PROBLEMS, collect_problems
from pxanalysis.survey.words import AMBIGUOUS, DONT_KNOW_WORDS, NOT_APPLICABLE_WORDS, fold_text, fold_words, split_coded

if TYPE_CHECKING:
    from collections.abc import Collection

    from pxanalysis.journey.model import Scale
    from pxanalysis.survey.columns.readings import Reading

__all__ = ["ScaleCells", "recode", "sort_cells"]


@dataclass(frozen=True, slots=True, eq=False)
class ScaleCells:
    """A column's cells, told apart.

    Attributes
    ----------
    cells
        As they are to be checked; null where a problem stands.
    values
        Numbers on the export's own codes, null where there is none; shape (records,).
    failed
        Cells with a text that is no answer.
    not_applicable, dont_know
        How many cells say so in words.
    n
        Cells that hold something, those that mean "no answer" left out.
    times
        How often each cell stands in the column; None: once.
    """

    cells: pl.Series
    values: pl.Series
    failed: pl.Series
    problems: pl.DataFrame
    not_applicable: int
    dont_know: int
    n: int
    times: pl.Series | None = None


def sort_cells(
    cells: pl.Series, name: str, scale: Scale, missing: Collection[str], times: pl.Series | None = None
) -> ScaleCells:
    """Tell the cells of a scale's column apart; ``times``: how often each stands there, once when None."""
    if cells.dtype == pl.String:
        text = parse_text(cells)
        own = _own_words(scale)
        absent = [word for word in NOT_APPLICABLE_WORDS if word not in own]
        unsure = [word for word in DONT_KNOW_WORDS if word not in own]
        unmet = fold_words(text, [*absent, *scale.not_applicable_words] if scale.not_applicable else [])
        if unmet.any():
            unmet &= ~text.is_in(list(AMBIGUOUS)).fill_null(value=False) | _declared(text, scale)
            text = text.set(unmet, None)
        kept = empty_cells(text, missing, scale)
        unknown = fold_words(kept, [*unsure, *scale.dont_know_words])
        if not scale.not_applicable:
            unknown |= fold_words(kept, absent) & ~kept.is_in(list(AMBIGUOUS)).fill_null(value=False)
        kept = kept.set(unknown, None) if unknown.any() else kept
    else:
        kept = empty_cells(cells, missing, scale) if missing else cells
        unmet = unknown = pl.Series([False]).new_from_index(0, len(cells))
    values, coded, failed = parse_answers(kept, scale)
    problems = NO_PROBLEMS
    if kept.dtype == pl.String:
        false = find_false_labels(kept, scale, times)
        for reason in sorted(set(false.values())):
            wrong = kept.is_in([cell for cell, why in false.items() if why == reason]).fill_null(value=False)
            problems = pl.concat([problems, collect_problems(wrong, name, reason)])
            kept, values, failed = kept.set(wrong, None), values.set(wrong, None), failed | wrong
    n = add_up(kept.is_not_null() | unmet | unknown | ~_untouched(kept, problems), times)
    out = kept
    if unmet.any():
        out = out.set(unmet, str(scale.not_applicable[0]))
    if unknown.any() and scale.dont_know:
        out = out.set(unknown, str(scale.dont_know[0]))
    not_applicable = add_up(unmet, times) + add_up(coded, times)
    return ScaleCells(out, values, failed, problems, not_applicable, add_up(unknown, times), n, times)


def _own_words(scale: Scale) -> set[str]:
    """Labels of answers: "geen mening" is one where the journey has it in the middle of a scale."""
    return {fold_text(word) for label in scale.labels.values() for word in label.root.values()}


def _untouched(cells: pl.Series, problems: pl.DataFrame) -> pl.Series:
    """Cells without a problem."""
    return ~pl.int_range(len(cells), eager=True).is_in(problems["index"].implode())


def _declared(text: pl.Series, scale: Scale) -> pl.Series:
    return text.is_in(list(scale.not_applicable_words)).fill_null(value=False)


def recode(cells: pl.Series, name: str, scale: Scale, reading: Reading) -> tuple[pl.Series, pl.DataFrame]:
    """Cells under the codes or the range of study.toml; what it has no answer for is refused with that reason."""
    text = parse_text(cells)
    codes = dict(reading.codes)
    known = {cell: codes[fold] for cell in text.drop_nulls().unique() if (fold := _fold(cell)) in codes}
    held = text.is_in(list(known)).fill_null(value=False)
    unmet = text.is_in([cell for cell, value in known.items() if value == "na"]).fill_null(value=False)
    numbers = {cell: float(value) for cell, value in known.items() if value not in {"na", "dk", "missing"}}
    named = text.replace_strict(numbers, default=None, return_dtype=pl.Float64)
    rest = text.set(held, None)
    if reading.low is None or reading.high is None:
        values, coded, failed = parse_answers(rest, scale)
        unsure = pl.Series([False]).new_from_index(0, len(cells))
    else:
        values, coded, unsure, failed = _rescale(rest, scale, reading.low, reading.high)
    values = values.set(failed | coded | unsure, None).fill_null(named)
    reason = f"not among the codes that study.toml names for {name}: {reading.text}"
    out, unmet = values, unmet | coded
    if scale.not_applicable and unmet.any():
        out = out.cast(pl.String).set(unmet, str(scale.not_applicable[0]))
    if scale.dont_know and unsure.any():
        out = out.cast(pl.String).set(unsure, str(scale.dont_know[0]))
    return out.rename(cells.name), collect_problems(failed, name, reason, DROPPED)


def _rescale(
    text: pl.Series, scale: Scale, low: float, high: float
) -> tuple[pl.Series, pl.Series, pl.Series, pl.Series]:
    """Codes from ``low`` to ``high``, with a label behind them or without, on the journey's scale.

    Returns
    -------
    (values, not applicable, not known, failed), all of the cells' length
    """
    different = text.drop_nulls().unique().to_list()
    codes = {cell: float(found[0]) for cell in different if (found := split_coded(cell))}
    values, failed = parse_numbers(text)
    values = values.fill_null(text.replace_strict(codes, default=None, return_dtype=pl.Float64))
    failed &= values.is_null()
    inside = values.is_between(min(low, high), max(low, high)).fill_null(value=False)
    absent = fold_words(text, [*NOT_APPLICABLE_WORDS, *scale.not_applicable_words])
    absent |= values.is_in([float(code) for code in scale.not_applicable_codes]).fill_null(value=False)
    unsure = fold_words(text, [*DONT_KNOW_WORDS, *scale.dont_know_words])
    unsure |= values.is_in([float(code) for code in scale.dont_know_codes]).fill_null(value=False) & ~inside
    failed = (failed | (values.is_not_null() & ~inside)) & ~absent & ~unsure
    return (scale.min + (values - low) * (scale.max - scale.min) / (high - low)).round(9), absent, unsure, failed


def _fold(cell: str) -> str:
    return fold_text(cell.removesuffix(".0"))
