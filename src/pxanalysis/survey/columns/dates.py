"""A column of dates as a whole: which comes first, day or month; what fills empty cells; what cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from pxanalysis.survey.checking.parsing import empty_cells, parse_dates, parse_text, strip_times
from pxanalysis.survey.columns.readings import AS_IT_STANDS
from pxanalysis.survey.columns.tally import add_up, count_cells
from pxanalysis.survey.columns.verdict import (
    DROPPED,
    NO_PROBLEMS,
    JudgedColumn,
    Verdict,
    collect_problems,
    name_examples,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from pxanalysis.survey.columns.readings import Reading

__all__ = ["DayColumn", "DayOrder", "day_keys", "judge_dates"]

_FILLERS = tuple(
    date(*day)
    for day in ((1899, 12, 30), (1899, 12, 31), (1900, 1, 1), (1904, 1, 1), (1960, 1, 1), (1970, 1, 1), (1980, 1, 1))
)
"""Day zero of spreadsheets, SAS, Unix, and what a survey tool writes in an anonymous survey."""
_FAR = 10
"""Years before the middle of the column that no wave of a survey lies."""
_PARTS = r"^(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4})$"
_SHORT = r"^(\d{1,2})([-/.])(\d{1,2})[-/.](\d{2})$"
_TYPED = r"^(\d{4})-(\d{2})-(\d{2})$"
_LOW, _HIGH = 12 / 30.4, 18.4 / 30.4
"""Shares of days up to the twelfth, and after it."""
_BY_CHANCE = 0.001
_SLIPS = 0.02
_FEWEST = 5
"""With fewer dates, that they are in order says nothing."""
_LONGEST_DAY = 10
"""Letters of a day; what is longer may have a time behind it."""
_US = ("%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y")


@dataclass(frozen=True, slots=True)
class DayColumn:
    """How different days stand in their column.

    Attributes
    ----------
    times
        How often each does; None: once.
    in_order
        Whether the rows are in order of date, read day first and read month first.
    """

    times: pl.Series | None = None
    in_order: tuple[bool, bool] = (False, False)


class DayOrder:
    """Whether rows are in order of date, read day first or month first; taken in part by part."""

    def __init__(self) -> None:
        self._last: list[date | None] = [None, None]
        self._number = [0, 0]
        self._sorted = [True, True]

    def add(self, text: pl.Series) -> None:
        """Take in the days of the next rows, also those that can be read in one way only: the others are among them."""
        if not any(self._sorted):
            return
        runs = text.rle().struct.unnest()  # where they are in order, few
        different = runs["value"].unique()
        for i, first in enumerate((None, _US)):
            if not self._sorted[i]:
                continue
            parsed = parse_dates(different, None, first)[0]
            values = runs["value"].replace_strict(different, parsed, return_dtype=pl.Date)
            rows, last = values.drop_nulls(), self._last[i]
            if len(rows):
                self._sorted[i] = rows.is_sorted() and (last is None or bool(rows[0] >= last))
                self._last[i] = rows[-1]
                self._number[i] += int(runs["len"].filter(values.is_not_null()).sum())

    @property
    def found(self) -> tuple[bool, bool]:
        """Whether they are in order, of five dates or more."""
        by_day, by_month = (ok and number >= _FEWEST for ok, number in zip(self._sorted, self._number, strict=True))
        return by_day, by_month


def day_keys(cells: pl.Series, date_format: str | None) -> pl.Series:
    """Cells of a column with dates as they are told apart: without a time of day, unless study.toml tells its form."""
    if cells.dtype.is_temporal():
        return parse_dates(cells, any_year=True)[0]
    if cells.dtype != pl.String or date_format is not None:
        return cells
    longest = cells.str.len_bytes().max()
    return strip_times(cells) if isinstance(longest, int) and longest > _LONGEST_DAY else cells


def judge_dates(
    cells: pl.Series,
    file: str,
    reading: Reading | None,
    date_format: str | None,
    missing: Collection[str],
    today: date,
    days: DayColumn | None = None,
) -> JudgedColumn:
    """Judge the column with the dates.

    Parameters
    ----------
    cells
        As the export has them, or each different day once; they bear the export's column name.
    days
        How often each of these cells stands there, and in what order; by default each once, in this order.
    """
    days = days or _look_at(cells)
    held = empty_cells(cells, missing) if missing else cells
    n = add_up(held.is_not_null(), days.times)
    stated = reading.text if reading is not None and "%" in reading.text else date_format
    order: str | None = None
    told, text = "", None
    lines: tuple[str, ...] = ()
    if held.dtype.is_temporal():
        told = "dates by type"
    else:
        text = strip_times(parse_text(held))
        n = add_up(text.is_not_null(), days.times)
        if stated is None and n:
            order, told, lines = _find_order(text, reading, today, days)
    if lines:
        nothing = pl.Series(cells.name, [None], dtype=pl.Date).new_from_index(0, len(cells))
        verdict = Verdict(
            file, cells.name, "completed_on", "ask", told, n, name_examples(cells, times=days.times), lines
        )
        return JudgedColumn(nothing, verdict)
    if order == "swapped" and text is not None:
        held, order = text.str.replace(_TYPED, "$1-$3-$2"), _other_order(text)
    if order in _NUMBERED and text is not None:
        values = _NUMBERED[order](text)
        failed = text.is_not_null() & values.is_null()
    else:
        values, failed = parse_dates(held, stated, _US if order == "month-first" else None, any_year=True)
    return _finish(cells, values, failed, file, told or f"dates as {stated}", stated, n, today, days.times)


def _look_at(cells: pl.Series) -> DayColumn:
    order = DayOrder()
    if not cells.dtype.is_temporal():
        order.add(strip_times(parse_text(cells)))
    return DayColumn(None, order.found)


def _explain(told: str, stated: str | None) -> str:
    form = stated or "2025-12-31 or 31-12-2025"
    return f"expected a date as {form} ({told}); else set date_format in study.toml"


def _finish(
    cells: pl.Series,
    values: pl.Series,
    failed: pl.Series,
    file: str,
    told: str,
    stated: str | None,
    n: int,
    today: date,
    times: pl.Series | None,
) -> JudgedColumn:
    name, problems, said = "completed_on", NO_PROBLEMS, told.startswith("month")
    wrong = collect_problems(failed, name, _explain(told, stated))
    filler, far, middle = _find_odd(values, today, times)
    reason = "a filler: a program writes this day where there is no date; the answer is kept, without a date"
    problems = pl.concat([problems, wrong, collect_problems(filler, name, reason, DROPPED)])
    if far.any():
        reason = (
            f"the year lies more than {_FAR} years before the middle of this column ({middle}); correct or empty it"
        )
        problems = pl.concat([problems, collect_problems(far, name, reason)])
    parts = [told]
    if filler.any():
        shown = name_examples(values.set(~filler, None), 3, times)
        parts.append(f"{add_up(filler, times)} cells are a filler ({', '.join(shown)})")
    future = add_up(values > today, times)
    if future:
        parts.append(f"{future} dates lie after today")
    if far.any():
        parts.append(f"{add_up(far, times)} dates lie more than {_FAR} years before the others")
    blank = (len(cells) if times is None else int(times.sum())) - n
    if blank:
        parts.append(f"{blank} rows have no date and are kept without one")
    said |= len(parts) > 1
    verdict = Verdict(file, cells.name, name, "read", "; ".join(parts), n, said=said)
    return JudgedColumn(values.set(filler | far, None).rename(cells.name), verdict, problems)


def _find_odd(values: pl.Series, today: date, times: pl.Series | None) -> tuple[pl.Series, pl.Series, int]:
    """Fillers, years far before the others, and the middle year."""
    likely = values.is_in(list(_FILLERS)).fill_null(value=False)
    plain = values.set(likely | (values > today).fill_null(value=True), None)
    years = count_cells(plain.dt.year(), times)
    middle = _find_middle(years) if years else today.year
    before = (values.dt.year() < middle - _FAR).fill_null(value=False)
    impossible = (values.dt.year() < 1950).fill_null(value=False)
    filler = likely & (before | impossible)
    return filler, (before | impossible) & ~filler, middle


def _find_middle(years: list[tuple[object, int]]) -> int:
    """Median year of as many dates as each has."""
    year, number = (np.array(one) for one in zip(*sorted(years), strict=True))
    upto, half = np.cumsum(number), number.sum() / 2
    low, high = year[np.searchsorted(upto, half)], year[np.searchsorted(upto, half, side="right")]
    return int((low + high) / 2)


def _from_serial(text: pl.Series) -> pl.Series:
    days = text.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    days = days.set(~days.is_between(20_000, 80_000).fill_null(value=True), None).floor().cast(pl.Int32)
    return (days - 25_569).cast(pl.Date)  # 25,569 days from 30 December 1899 to 1 January 1970


def _from_unix(text: pl.Series) -> pl.Series:
    """Days (in Greenwich) of seconds since 1970, of ten digits, or thousandths of them, of thirteen."""
    number = text.str.extract(r"^(\d{10}|\d{13})(?:\.0+)?$", 1).cast(pl.Int64)
    thousandths = number.zip_with((number >= 10**12).fill_null(value=True), number * 1000)
    return thousandths.cast(pl.Datetime("ms")).dt.date()


_NUMBERED = {"spreadsheet": _from_serial, "unix": _from_unix}
"""Readings of numbers that stand for days."""


def _find_order(
    text: pl.Series, reading: Reading | None, today: date, column: DayColumn
) -> tuple[str | None, str, tuple[str, ...]]:
    """The order of day and month by the whole column: (order, what is said, lines of a question)."""
    if reading is not None and reading.text in {"day-first", "month-first", *_NUMBERED}:
        return reading.text, f"{reading.text}, as study.toml says", ()
    times = column.times
    n = add_up(text.is_not_null(), times)
    if reading is not None and reading.text == "swapped":
        return (
            "swapped",
            "days and months of what a spreadsheet took for dates are swapped back, as study.toml says",
            (),
        )
    swapped = _doubt_swapped(text, times) if reading is None else ""
    if swapped:
        return None, swapped, ('completed_on = "swapped"', f'completed_on = "{AS_IT_STANDS}"')
    if add_up(_from_serial(text).is_not_null(), times) > n / 2:
        return None, "numbers, not dates: days as a spreadsheet counts them", ('completed_on = "spreadsheet"',)
    if add_up(_from_unix(text).is_not_null(), times) > n / 2:
        return None, "numbers, not dates: seconds since 1970, or thousandths of them", ('completed_on = "unix"',)
    short = text.str.contains(_SHORT)
    if reading is None and add_up(short, times) > n / 2:
        return None, "years of two digits", _name_short_orders(text.filter(short.fill_null(value=False)))
    first, second = (text.str.extract(_PARTS, group).cast(pl.Int32) for group in (1, 3))
    parts = first.is_not_null()
    days, months = add_up((first > 12) & (second <= 12), times), add_up((second > 12) & (first <= 12), times)
    if not parts.any():
        return None, "year, month, day", ()
    if reading is not None and reading.text == AS_IT_STANDS:
        return "day-first", "day first, as study.toml says", ()
    if months and months > 2 and days <= _SLIPS * months:
        return "month-first", f"month first: {months} of {add_up(parts, times)} cells can only be month/day", ()
    if months and days == 0:
        return "month-first", f"month first: {months} of {add_up(parts, times)} cells can only be month/day", ()
    if days and months <= max(_SLIPS * days, 0):
        return "day-first", f"day first: {days} of {add_up(parts, times)} cells can only be day/month", ()
    lines = ('completed_on = "day-first"', 'completed_on = "month-first"')
    if days and months:
        return None, f"{days} cells can only be day/month, {months} only month/day: two orders in one column", lines
    return _weigh_order(text, first, second, today, column, lines)


def _name_short_orders(text: pl.Series) -> tuple[str, ...]:
    """Lines that say how days with years of two digits are written: first the order with the fewest years."""
    first, second, last = (text.str.extract(_SHORT, group).cast(pl.Int32) for group in (1, 3, 4))
    mark = str(text.str.extract(_SHORT, 2)[0])
    fits = {
        mark.join(("%d", "%m", "%y")): (last, (first <= 31) & (second <= 12)),
        mark.join(("%m", "%d", "%y")): (last, (first <= 12) & (second <= 31)),
        mark.join(("%y", "%m", "%d")): (first, (second <= 12) & (last <= 31)),
    }
    good = [order for order, (_, fit) in fits.items() if fit.all()] or list(fits)
    return tuple(f'completed_on = "{order}"' for order in sorted(good, key=lambda order: fits[order][0].n_unique()))


def _doubt_swapped(text: pl.Series, times: pl.Series | None) -> str:
    """What is said of a column of which a spreadsheet with another order made dates, as far as it could.

    "03/04/2026" became a date, with day and month swapped; "27/04/2026" could not, and stayed text. Then every date has
    a day up to 12, and no text has.
    """
    typed = text.str.extract(_TYPED, 3).cast(pl.Int32)
    first, second = (text.str.extract(_PARTS, group).cast(pl.Int32) for group in (1, 3))
    numbers = add_up(typed.is_not_null(), times), add_up(first.is_not_null(), times)
    if not all(numbers) or _LOW ** numbers[0] * _HIGH ** numbers[1] > _BY_CHANCE:
        return ""
    if bool((typed > 12).any()) or bool(((first <= 12) & (second <= 12)).any()):
        return ""
    return (
        f"{numbers[0]} cells are dates, all of a day up to 12, and {numbers[1]} are text, none of a day up to 12: a "
        "spreadsheet swapped day and month of those that it took for dates"
    )


def _other_order(text: pl.Series) -> str | None:
    """How the cells are to be read that a spreadsheet left as text."""
    return "month-first" if bool((text.str.extract(_PARTS, 3).cast(pl.Int32) > 12).any()) else "day-first"


def _weigh_order(
    text: pl.Series, first: pl.Series, second: pl.Series, today: date, column: DayColumn, lines: tuple[str, ...]
) -> tuple[str | None, str, tuple[str, ...]]:
    """No day is above 12: what other signs there are."""
    if not (first != second).any():
        return "day-first", "day and month are the same in every cell", ()
    by_day, by_month = parse_dates(text)[0], parse_dates(text, None, _US)[0]
    later = [add_up(values > today, column.times) for values in (by_day, by_month)]
    if later[0] and not later[1]:
        return "month-first", f"month first: read as day/month, {later[0]} dates would lie after today", ()
    if later[1] and not later[0]:
        return "day-first", f"day first: read as month/day, {later[1]} dates would lie after today", ()
    by_day_sorted, by_month_sorted = column.in_order
    if by_day_sorted != by_month_sorted:
        order = "day-first" if by_day_sorted else "month-first"
        return order, f"{order.replace('-', ' ')}: the rows are in order of date that way only", ()
    n = add_up(text.is_not_null(), column.times)
    if not text.str.contains("/", literal=True).any() and n < 20:
        return "day-first", f"day first, as is usual with these marks; {n} cells cannot tell it from month first", ()
    return None, f"no day is above 12 in {n} cells, so day and month cannot be told apart", lines
