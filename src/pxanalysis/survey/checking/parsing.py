"""From cells as text to typed values: numbers written in several ways, labels, dates, not-applicable codes."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

from pxanalysis.survey.policy import DONT_KNOW_PREFIX, NOT_APPLICABLE_PREFIX
from pxanalysis.survey.words import YES_OR_NO

if TYPE_CHECKING:
    from collections.abc import Collection

    from pxanalysis.journey.model import Scale

__all__ = [
    "dont_know_name",
    "empty_cells",
    "find_unknown",
    "not_applicable_name",
    "parse_answers",
    "parse_dates",
    "parse_flags",
    "parse_numbers",
    "parse_text",
    "strip_times",
]

_CODE_WITH_LABEL = r"^\s*(-?\d+)\s*(?:[–—:.)=-]+\s*[^\d\s–—:.)=-]|\(\s*[^\d\s()][^()]*\)\s*$)"
_YEAR_FIRST = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d")
_DAY_FIRST = ("%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y")
_EARLIEST_YEAR = 1950
"""A year before this is one of two digits that was read as it stands."""
_TIME_PARTS = ("%H", "%I", "%M", "%S", "%p", "%T", "%R")
_TIME_TAIL = (
    r"(?:T|,?\s)\s*\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[.,]\d+)?(?:\s?(?:[AaPp]\.?\s?[Mm]\.?|vorm\.|nachm\.))?"
    r"\s?(?:Z|[+-]\d{2}(?::?\d{2})?|(?:GMT|UTC)[+-]\d{1,2}(?::?\d{2})?|[A-Z]{2,5})?\s*$"
)
"""A time of day as survey tools write it: "T23:59:01.5+02:00", ", 11:07", "3:07:29 p. m. GMT+2", "23:30:00+02"."""
_TEXT = pl.col("cell").cast(pl.String).str.strip_chars().replace("", None).alias("text")
"""Trimmed text, empty as null; one expression costs a fraction of as many steps over a column."""

_NAMED = r"\d[ .-]+\pL{3,9}[ .,-]+\d{4}$|^\pL{3,9}\.? \d{1,2},? \d{4}$"
_MONTHS = {
    **{"jan": 1, "feb": 2, "fév": 2, "mrt": 3, "maa": 3, "mar": 3, "mär": 3, "apr": 4, "avr": 4, "mei": 5, "may": 5},
    **{"mai": 5, "juin": 6, "jun": 6, "juil": 7, "jul": 7, "aug": 8, "aoû": 8, "sep": 9, "okt": 10, "oct": 10},
    **{"nov": 11, "dec": 12, "dez": 12, "déc": 12},
}
"""How months begin in Dutch, English, German and French."""

_OFFSET = r"\s?(Z|[+-]\d{2}:?\d{2})\s*$"


def parse_text(cells: pl.Series) -> pl.Series:
    """Cells as trimmed text; empty becomes null. Whole numbers of a typed file lose no digit and get no ``.0``."""
    if cells.dtype.is_float():
        values = cells.fill_nan(None)
        exact = ((values == values.floor()) & (values.abs() < 2.0**53)).fill_null(value=False)
        whole = values.set(~exact, None).cast(pl.Int64).cast(pl.String)
        text = whole.zip_with(exact, values.cast(pl.String))
    elif cells.dtype.is_decimal():
        text = cells.cast(pl.String).str.replace(r"\.0+$", "")
    else:
        return cells.to_frame("cell").select(_TEXT).to_series().rename(cells.name)
    return text.set(text == "", None)


def empty_cells(cells: pl.Series, codes: Collection[str], scale: Scale | None = None) -> pl.Series:
    """Cells with those that hold one of ``codes``, as text or as a number, made empty.

    Parameters
    ----------
    scale
        The question's scale: its answers, and its own code for "not applicable", are no missing codes here.
    """
    own = None if scale is None else (scale.min, scale.max, *scale.not_applicable_codes)
    words, numbers = _split_codes(tuple(sorted(codes)), own)
    empty = parse_numbers(cells)[0].is_in(list(numbers)) if numbers else None
    if words and not cells.dtype.is_numeric():
        in_words = parse_text(cells).is_in(list(words)).fill_null(value=False)
        empty = in_words if empty is None else empty.fill_null(value=False) | in_words
    return cells if empty is None else cells.set(empty.fill_null(value=False), None)


@lru_cache(maxsize=256)
def _split_codes(codes: tuple[str, ...], own: tuple[int, ...] | None) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Codes that are compared as text, and as numbers; ``own`` are the lowest and highest answer, and other codes."""
    words = pl.Series(codes, dtype=pl.String)
    numbers = {float(number) for number in parse_numbers(words)[0] if number is not None}
    if own is not None:
        low, high, *not_applicable = own
        numbers -= {*range(low, high + 1), *not_applicable}
        words = words.filter(parse_numbers(words)[1])
    return tuple(words), tuple(sorted(numbers))


def parse_numbers(cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Numbers with a decimal point or comma, and which cells are neither a number nor empty.

    Returns
    -------
    (values, failed)
        Float64 with null where empty or failed, and Boolean, both of the cells' length.
    """
    if cells.dtype.is_numeric() or cells.dtype == pl.Boolean:
        values = cells.cast(pl.Float64)
        values = values.fill_nan(None) if cells.dtype.is_float() else values
        return values, pl.Series([False]).new_from_index(0, len(cells))
    found = cells.to_frame("cell").select(_TEXT).with_columns(value=pl.col("text").cast(pl.Float64, strict=False))
    if found["value"].null_count() > found["text"].null_count():
        commas = pl.col("text").str.replace(r"^(-?\d+),(\d+)$", "$1.$2").cast(pl.Float64, strict=False)
        found = found.with_columns(value=pl.coalesce("value", commas))
    finite = pl.col("value").is_finite()
    found = found.select(
        pl.when(finite).then("value"), failed=pl.col("text").is_not_null() & ~finite.fill_null(value=False)
    )
    return found["value"].rename(cells.name), found["failed"]


def parse_answers(cells: pl.Series, scale: Scale) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Answers on a scale, written as ``5``, ``5.0``, ``5 - very good``, ``5 (very good)`` or as one of its labels.

    Returns
    -------
    (values, not_applicable, failed)
        Float64 (null where empty, failed or not applicable), Boolean, Boolean.
    """
    values, failed = parse_numbers(cells)
    by_word = pl.Series([False]).new_from_index(0, len(cells))
    if failed.any():
        text = parse_text(cells)
        if scale.not_applicable_words or scale.dont_know_words:
            by_word = text.is_in(list(scale.not_applicable_words)).fill_null(value=False)
            text = text.set(by_word | text.is_in(list(scale.dont_know_words)).fill_null(value=False), None)
        codes = text.str.extract(_CODE_WITH_LABEL, 1).cast(pl.Float64, strict=False)
        labels = {
            wording.lower(): float(code) for code, label in scale.labels.items() for wording in label.root.values()
        }
        named = text.str.to_lowercase().replace_strict(labels, default=None, return_dtype=pl.Float64)
        values = values.fill_null(codes).fill_null(named)
        failed = text.is_not_null() & values.is_null()
    if not scale.not_applicable_codes and not scale.dont_know_codes:
        return values, by_word, failed
    value = pl.col("value")
    coded = _is_any(value, scale.not_applicable_codes)
    no_answer = coded | _is_any(value, scale.dont_know_codes) if scale.dont_know_codes else coded
    told = values.to_frame("value").select(pl.when(~no_answer).then(value), coded=coded.fill_null(value=False))
    return told["value"].rename(values.name), told["coded"] | by_word, failed


def _is_any(value: pl.Expr, codes: Collection[int]) -> pl.Expr:
    """Whether a number is one of a few codes; comparing is several times quicker than looking up in a list."""
    return pl.any_horizontal(pl.lit(value=False), *(value == float(code) for code in codes))


def parse_flags(cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Zero or one, also in words (yes, ja, oui; no, nee, nein); values and failures as in :func:`parse_numbers`."""
    values, failed = parse_numbers(cells)
    if failed.any():
        words = parse_text(cells).str.to_lowercase()
        values = values.fill_null(words.replace_strict(YES_OR_NO, default=None, return_dtype=pl.Float64))
        failed &= values.is_null()
    return values, failed


def strip_times(text: pl.Series) -> pl.Series:
    """Dates as text without a time of day and its zone behind them: the day where the answer was given."""
    return text.str.replace(_TIME_TAIL, "")


def _number_months(text: pl.Series) -> pl.Series:
    """Days with the name of their month ("5 januari 2026", "05-Jan-2026", "Jan 5, 2026") as year, month and day."""
    if not text.str.contains(_NAMED).any():
        return text
    days = {cell: day for cell in text.drop_nulls().unique() if (day := _read_named(cell)) is not None}
    return text.replace(days) if days else text


def _read_named(cell: str) -> str | None:
    found = re.fullmatch(r"(\d{1,2})[ .-]+([^\W\d]{3,9})[ .,-]+(\d{4})", cell)
    day, name, year = found.groups() if found else (None, None, None)
    if found is None:
        found = re.fullmatch(r"([^\W\d]{3,9})\.? (\d{1,2}),? (\d{4})", cell)
        name, day, year = found.groups() if found else (None, None, None)
    month = next((number for start, number in _MONTHS.items() if name and name.casefold().startswith(start)), None)
    return None if month is None else f"{year}-{month:02}-{int(str(day)):02}"


def parse_dates(
    cells: pl.Series,
    date_format: str | None = None,
    first: tuple[str, ...] | None = None,
    *,
    any_year: bool = False,
) -> tuple[pl.Series, pl.Series]:
    """Dates as 2025-12-31, 31-12-2025, 31 dec 2025 or with a time behind; day before month, as in Dutch exports.

    Parameters
    ----------
    date_format
        A strftime format that overrules the ones tried by default; an offset (``%z``) is left out, so that the day is
        the one where the answer was given.
    first
        Formats in the place of those with the day first, when the column as a whole has another order.
    any_year
        Whether years before 1950 are kept, for whoever judges the column.

    Returns
    -------
    (values, failed)
        Date with null where empty or failed, and Boolean.
    """
    nothing = pl.Series(cells.name, [None], dtype=pl.Date).new_from_index(0, len(cells))
    if cells.dtype in (pl.Date, pl.Datetime):
        if isinstance(cells.dtype, pl.Datetime) and cells.dtype.time_zone is not None:
            cells = cells.dt.replace_time_zone(None)  # the day where the answer was given, not in Greenwich
        return cells.cast(pl.Date), pl.Series([False]).new_from_index(0, len(cells))
    if cells.dtype.is_temporal():
        return nothing, cells.is_not_null()
    text, values = parse_text(cells), nothing
    if date_format and "%z" in date_format:
        text, date_format = text.str.replace(_OFFSET, ""), date_format.replace("%z", "").strip()
    if date_format and any(part in date_format for part in _TIME_PARTS):
        values = text.str.to_datetime(date_format, strict=False, exact=True).dt.date()
    else:
        text = strip_times(text)
        text = text if date_format else _number_months(text)
        usual = _YEAR_FIRST + (_DAY_FIRST if first is None else first)
        for pattern in (date_format,) if date_format else usual:
            some = text if pattern != "%Y%m%d" else text.set(text.str.len_chars() != 8, None)
            values = values.fill_null(some.str.to_date(pattern, strict=False, exact=True))
            if values.null_count() == text.null_count():
                break
    if not any_year:
        values = values.set((values.dt.year() < _EARLIEST_YEAR).fill_null(value=False), None)
    else:
        values = values.set((values.dt.year() < 1800).fill_null(value=False), None)
    return values, text.is_not_null() & values.is_null()


def not_applicable_name(column: str) -> str:
    """Name of the Boolean column that stands beside an item."""
    return NOT_APPLICABLE_PREFIX + column


def dont_know_name(column: str) -> str:
    """Name of the Boolean column that says who did not know."""
    return DONT_KNOW_PREFIX + column


def find_unknown(cells: pl.Series, scale: Scale) -> pl.Series:
    """Cells that say "I do not know", as code or word of the scale; Boolean."""
    codes = parse_numbers(cells)[0].is_in([float(code) for code in scale.dont_know_codes]).fill_null(value=False)
    if cells.dtype.is_numeric() or not scale.dont_know_words:
        return codes
    return codes | parse_text(cells).is_in(list(scale.dont_know_words)).fill_null(value=False)
