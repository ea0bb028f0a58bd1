"""A rated column against its scale: shifted, stretched, squeezed, or with codes that the journey does not know."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import polars as pl

from pxanalysis.survey.columns.cells import ScaleCells, recode, sort_cells
from pxanalysis.survey.columns.labels import suggest_answers
from pxanalysis.survey.columns.readings import AS_IT_STANDS, LEAVE_OUT, MOST_CODES
from pxanalysis.survey.columns.tally import add_up, count_cells
from pxanalysis.survey.columns.verdict import DROPPED, JudgedColumn, Verdict, collect_problems, name_examples
from pxanalysis.survey.words import NO_ANSWER_WORDS, fold_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pxanalysis.journey.model import Scale
    from pxanalysis.survey.columns.readings import Reading

__all__ = ["ScaleColumn", "judge_scales"]

_STRAY = 0.005
"""Up to this share, codes next to the scale are slips of the pen, refused one by one."""
_UNKNOWN = 0.05
"""From this share on, a code that the journey does not know is a code, not a slip."""
_FEWEST = 5
"""With fewer cells than this there is no evidence on a column as a whole."""
_NEVER_BEST = 60
"""So many answers, none of them the best: the export may have another best answer."""
_TELLS_SHIFT = 45
"""Were the best answer one step past the scale, one of so many people would give it: .9 ** 45 is below .01."""
_OFTEN = 0.1
_BY_CHANCE = 0.001
"""Questions differ in how many give the best answer, by a factor three at most; so likely is none by chance then."""
_USUAL = ((0, 10), (1, 10), (0, 4), (1, 5), (1, 7), (0, 6), (1, 9), (1, 11), (0, 100), (1, 100))


@dataclass(frozen=True, slots=True, eq=False)
class ScaleColumn:
    """A rated column to be judged.

    ``cells`` bear the export's column name; ``good_high``: a high answer is good; ``times``: how often each cell stands
    in the column (None: once); ``labels``: the file's words of its codes.
    """

    name: str
    cells: pl.Series
    scale: Scale
    reading: Reading | None = None
    good_high: bool = True
    times: pl.Series | None = None
    labels: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class _Doubt:
    evidence: str
    lines: tuple[str, ...]
    pattern: str = ""


def judge_scales(
    columns: list[ScaleColumn], file: str, missing: Collection[str], most_refused: float
) -> dict[str, JudgedColumn]:
    """Judge all rated columns of a file; those on one scale are evidence for each other.

    Parameters
    ----------
    most_refused
        Share of a column's cells that may be no answer before it is asked about.
    """
    sorted_cells = {
        column.name: sort_cells(column.cells, column.name, column.scale, missing, column.times) for column in columns
    }
    codes = {name: _count(found) for name, found in sorted_cells.items()}
    doubts = {
        column.name: _doubt_column(column, sorted_cells[column.name], codes[column.name], most_refused)
        for column in columns
        if column.reading is None
    }
    for column in columns:
        if column.reading is None and doubts[column.name] is None:
            doubts[column.name] = _doubt_ceiling(column, columns, codes)
    doubts |= _doubt_together([column for column in columns if column.reading is None], codes, doubts)
    return {
        column.name: _decide(column, file, sorted_cells[column.name], doubts.get(column.name), most_refused)
        for column in columns
    }


def _count(found: ScaleCells) -> Counter[float]:
    return Counter({cast("float", value): number for value, number in count_cells(found.values, found.times)})


def _doubt_column(column: ScaleColumn, found: ScaleCells, codes: Counter[float], most_refused: float) -> _Doubt | None:
    scale, name, n = column.scale, column.name, sum(codes.values())
    if column.cells.dtype == pl.Boolean or _says_true(column.cells, column.times):
        return _Doubt(f"true and false are no answers on {scale.min}-{scale.max}", (f'{name} = "{LEAVE_OUT}"',))
    failed = add_up(found.failed, found.times)
    if failed >= _FEWEST and failed > most_refused * found.n:
        wrong = column.cells.set(~found.failed, None)
        words = [word for word, _ in count_cells(wrong, found.times, frequent_first=True)]
        lines = suggest_answers(map(str, words), scale, good_high=column.good_high, told=column.labels)
        told = f"{failed} of {found.n} cells are no answer on {scale.min}-{scale.max}"
        if len(words) > MOST_CODES:
            return _Doubt(f"{told}, in {len(words)} different texts", (f'{name} = "{LEAVE_OUT}"',), "cells")
        return _Doubt(
            f"{told}; say what each means: an answer's number, na, dk or missing", (f'{name} = "{lines}"',), "cells"
        )
    doubt = _doubt_words(column, found)
    if doubt is not None or n < _FEWEST:
        return doubt
    return (
        _doubt_parts(name, scale, codes, n)
        or _doubt_shift(column, codes, n)
        or _doubt_range(name, scale, codes, n)
        or _doubt_codes(name, scale, codes, n)
        or _doubt_squeeze(name, scale, codes, n)
    )


def _doubt_words(column: ScaleColumn, found: ScaleCells) -> _Doubt | None:
    """A text that stands there too often for a slip: the word of an answer, such as that of an end of the scale."""
    wrong = column.cells.set(~found.failed | _untold(found), None)
    if wrong.dtype != pl.String:
        return None
    counts = count_cells(wrong, found.times, frequent_first=True)
    often = [
        (str(word), number)
        for word, number in counts
        if number >= max(_UNKNOWN * found.n, _FEWEST) and fold_text(str(word)) not in NO_ANSWER_WORDS
    ]
    if not often:
        return None
    scale, (word, number) = column.scale, often[0]
    told = f"{number} of {found.n} cells say '{word}', which is no answer on {scale.min}-{scale.max}; say what it means"
    line = suggest_answers([word for word, _ in often], scale, good_high=column.good_high, told=column.labels)
    return _Doubt(told, (f'{column.name} = "{line}"',), "words")


def _untold(found: ScaleCells) -> pl.Series:
    """Cells of which another reason is told, such as that a spreadsheet made a date of them."""
    return pl.int_range(len(found.cells), eager=True).is_in(found.problems["index"].implode())


def _says_true(cells: pl.Series, times: pl.Series | None) -> bool:
    if cells.dtype != pl.String:
        return False
    n = add_up(cells.is_not_null(), times)
    return n > 0 and add_up(cells.str.to_lowercase().is_in(["true", "false"]), times) > n / 2


def _doubt_parts(name: str, scale: Scale, codes: Counter[float], n: int) -> _Doubt | None:
    """Answers between whole numbers: shares of the highest one, or half points."""
    parts = {code: times for code, times in codes.items() if code != int(code)}
    number = sum(parts.values())
    if number < max(_UNKNOWN * n, _FEWEST):
        return None
    if min(codes) >= 0 and max(codes) <= 1:
        told = f"all {n} answers lie from 0 to 1, as shares of the highest answer do"
        return _Doubt(told, (f'{name} = "{scale.min / scale.max:g}-1"', f'{name} = "{LEAVE_OUT}"'), "parts")
    often = max(parts, key=lambda code: parts[code])
    told = (
        f"{number} of {n} answers lie between whole numbers, such as {often:g}, which the journey's {scale.min}-"
        f"{scale.max} does not have; as it stands they would be lost"
    )
    return _Doubt(told, (f'{name} = "{AS_IT_STANDS}"',), "parts")


def _doubt_shift(column: ScaleColumn, codes: Counter[float], n: int) -> _Doubt | None:
    """One code past an end of the scale, and nobody at the other end."""
    name, scale = column.name, column.scale
    within = {code for code in codes if scale.min - 1 <= code <= scale.max + 1}
    if sum(codes[code] for code in within) < (1 - _STRAY) * n:
        return None
    for past, other, step in ((scale.max + 1, scale.min, 1), (scale.min - 1, scale.max, -1)):
        opposite = codes[float(scale.min - 1 if step > 0 else scale.max + 1)]
        times = codes[float(past)]
        # Nobody at the best end is a sign in itself, nobody at the worst is not: most people are content.
        strange = (step < 0) == column.good_high
        enough = times >= 1 if strange else times >= _UNKNOWN * n or (times >= 2 and times > _STRAY * n)
        if times and enough and not codes[float(other)] and not opposite:
            line = f'{name} = "{scale.min + step}-{scale.max + step}"'
            unknown = f'{name} = "{scale.min}-{scale.max}, {past}=na"'
            told = (
                f"{times} of {n} answers are {past}, none is {other}: a scale {scale.min + step}-"
                f"{scale.max + step}, where the journey has {scale.min}-{scale.max}"
            )
            return _Doubt(told, (line, unknown), f"shift{step:+d}")
    return None


def _doubt_range(name: str, scale: Scale, codes: Counter[float], n: int) -> _Doubt | None:
    """Several codes outside the scale: another scale."""
    outside = {code for code in codes if code == int(code) and not scale.min <= code <= scale.max}
    share = sum(codes[code] for code in outside) / n
    if len(outside) < 2 or share <= 2 * _STRAY:
        return None
    low, high = min(codes), max(codes)
    times = math.gcd(*(int(code) for code in codes if code == int(code)))
    tens = times > 1 and all(scale.min <= code / times <= scale.max for code in codes)
    guesses = [pair for pair in _USUAL if pair[0] <= low and high <= pair[1]]
    guesses = [(scale.min * times, scale.max * times)] if tens else guesses
    guess = min(guesses, key=lambda pair: pair[1] - pair[0], default=(int(low), int(high)))
    told = f"{share:.0%} of {n} answers lie outside {scale.min}-{scale.max}; found {low:g} to {high:g}"
    rest = ", ".join(f"{code:g}=na" for code in sorted(outside))
    return _Doubt(told, (f'{name} = "{guess[0]}-{guess[1]}"', f'{name} = "{scale.min}-{scale.max}, {rest}"'), "range")


def _doubt_codes(name: str, scale: Scale, codes: Counter[float], n: int) -> _Doubt | None:
    """One code outside the scale that stands there too often for a slip."""
    outside = [code for code in codes if not scale.min <= code <= scale.max and code == int(code)]
    often = [code for code in outside if codes[code] >= max(_UNKNOWN * n, 3)]
    if not often:
        return None
    lines = tuple(f'{name} = "{scale.min}-{scale.max}, {often[0]:g}={meaning}"' for meaning in ("na", "dk", "missing"))
    return _Doubt(
        f"{codes[often[0]]} of {n} answers are {often[0]:g}, which the journey's {scale.min}-{scale.max} does not have",
        lines,
        "code",
    )


def _doubt_squeeze(name: str, scale: Scale, codes: Counter[float], n: int) -> _Doubt | None:
    """A long scale of which only the lower half is used, as when five answers were put in the place of eleven."""
    top = max(codes)
    if scale.max - scale.min < 6 or n < 20 or top > (scale.min + scale.max) / 2:
        return None
    low = 0 if min(codes) == 0 else 1
    told = f"no answer of {n} is above {top:g}, where the journey has {scale.min}-{scale.max}"
    lines = (f'{name} = "{low}-{top:g}"',) if top > low else ()
    return _Doubt(told, (*lines, f'{name} = "{AS_IT_STANDS}"'), "squeeze")


def _doubt_ceiling(column: ScaleColumn, columns: list[ScaleColumn], codes: dict[str, Counter[float]]) -> _Doubt | None:
    """Nobody at the good end of one question, where many are at that of the others on its scale."""
    scale, good = column.scale, float(column.scale.max if column.good_high else column.scale.min)
    others: Counter[float] = Counter()
    for other in columns:
        same = other.scale == scale and other.good_high == column.good_high and other.reading is None
        if same and other.name != column.name:
            others += codes[other.name]
    n, total = sum(codes[column.name].values()), sum(others.values())
    if not n or not total or codes[column.name][good] or len(codes[column.name]) == 1:  # one code fits any scale
        return None
    share = others[good] / total
    if share < _OFTEN or (1 - share / 3) ** n > _BY_CHANCE or _chance_of_none(codes[column.name], good) > _BY_CHANCE:
        return None
    step = -1 if column.good_high else 1
    told = f"nobody of {n} answers {good:g}, which is {share:.0%} of the answers to other questions on this scale"
    ranges = (f"{scale.min + step}-{scale.max + step}", f"{scale.max}-{scale.min}")
    lines = tuple(f'{column.name} = "{text}"' for text in (AS_IT_STANDS, *ranges))
    return _Doubt(told, lines, "ceiling")


def _chance_of_none(codes: Counter[float], best: float) -> float:
    """How likely it is that nobody gives the best answer, as the column's own answers fall off towards it.

    Shares of answers fall off faster and faster towards an end (they are log-concave): that of the best is at most the
    next one times their ratio. A scale that was cut off there does not fall off.
    """
    n, side = sum(codes.values()), 1 if best > max(codes) else -1
    used = sorted((code for code, times in codes.items() if times), key=lambda code: -side * code)
    if len(used) < 2:
        return 1.0
    top, below = used[:2]
    ratio = min(1.0, codes[top] / codes[below]) ** (1 / abs(top - below))
    return float((1 - codes[top] / n * ratio ** abs(best - top)) ** n)


def _doubt_together(
    columns: list[ScaleColumn], codes: dict[str, Counter[float]], doubts: dict[str, _Doubt | None]
) -> dict[str, _Doubt | None]:
    """What one shifted column says of others on its scale, and a highest answer that nobody gives anywhere."""
    more: dict[str, _Doubt | None] = {}
    scales: list[Scale] = []
    for column in columns:
        if column.scale not in scales:
            scales.append(column.scale)
    for scale in scales:
        low, high = scale.min, scale.max
        same = [column for column in columns if column.scale == scale and codes[column.name]]
        open_ones = [column for column in same if doubts.get(column.name) is None]
        shifts = Counter(d.pattern for c in same if (d := doubts.get(c.name)) and d.pattern.startswith("shift"))
        if shifts:
            pattern, times = shifts.most_common(1)[0]
            step = int(pattern.removeprefix("shift"))
            other = low if step > 0 else high
            silent = [column for column in open_ones if not codes[column.name][float(other)]]
            if times >= len(open_ones) - len(silent):
                told = f"other columns on this scale run {low + step}-{high + step}; nobody answers {other} here either"
                for column in silent:
                    line = f'{column.name} = "{low + step}-{high + step}"'
                    more[column.name] = _Doubt(told, (line, f'{column.name} = "{AS_IT_STANDS}"'), pattern)
            continue
        more |= _doubt_best(same, open_ones, codes)
    return more


def _doubt_best(
    same: list[ScaleColumn], open_ones: list[ScaleColumn], codes: dict[str, Counter[float]]
) -> dict[str, _Doubt | None]:
    """The best answer of a scale that nobody gives to any of its questions.

    Most patients are content: that none gives the best answer is strange, that none gives the worst is not. Which end
    is best depends on the direction: of an effort from 1 to 5 it is the 1.
    """
    more: dict[str, _Doubt | None] = {}
    for good_high in (True, False):
        columns = [column for column in same if column.good_high == good_high]
        if not columns or any(column not in open_ones for column in columns):
            continue
        scale = columns[0].scale
        best = float(scale.max if good_high else scale.min)
        n = sum(sum(codes[column.name].values()) for column in columns)
        if n < _NEVER_BEST or any(codes[column.name][best] for column in columns):
            continue
        if math.prod(_chance_of_none(codes[column.name], best) for column in columns) > _BY_CHANCE:
            continue
        bottom = min(min(codes[column.name]) for column in columns)
        top = max(max(codes[column.name]) for column in columns)
        low, high = (min(bottom, scale.min), top) if good_high else (bottom, max(top, scale.max))
        told = f"nobody gives the best answer {best:g} in {n} answers to {len(columns)} questions"
        for column in columns:
            lines = (f'{column.name} = "{AS_IT_STANDS}"', f'{column.name} = "{low:g}-{high:g}"')
            more[column.name] = _Doubt(told, lines, "best")
    return more


def _decide(
    column: ScaleColumn, file: str, found: ScaleCells, doubt: _Doubt | None, most_refused: float
) -> JudgedColumn:
    name, export, reading = column.name, column.cells.name, column.reading
    nothing = pl.Series(export, [None], dtype=pl.Float64).new_from_index(0, len(column.cells))
    if reading is not None and reading.text != AS_IT_STANDS:
        cells, problems = recode(column.cells, name, column.scale, reading)
        wrong = problems.height if column.times is None else int(column.times.gather(problems["index"]).sum())
        if wrong >= _FEWEST and wrong > most_refused * found.n:
            told = f"{wrong} of {found.n} cells are not what study.toml says ({reading.text})"
            verdict = Verdict(
                file,
                export,
                name,
                "ask",
                told,
                found.n,
                name_examples(column.cells, times=column.times),
                (f'{name} = "{LEAVE_OUT}"',),
                holds=True,
            )
            return JudgedColumn(nothing, verdict)
        return JudgedColumn(
            cells, Verdict(file, export, name, "read", f"read by study.toml: {reading.text}", found.n), problems
        )
    if doubt is not None:
        examples = name_examples(column.cells, times=column.times)
        holds = doubt.pattern == "cells"
        verdict = Verdict(file, export, name, "ask", doubt.evidence, found.n, examples, doubt.lines, holds=holds)
        return JudgedColumn(nothing, verdict, _list_outside(column, found))
    return JudgedColumn(found.cells.rename(export), _tell(column, file, found), found.problems)


def _list_outside(column: ScaleColumn, found: ScaleCells) -> pl.DataFrame:
    """Cells of a column that is asked about which are no answer on the journey's scale."""
    scale = column.scale
    outside = ~found.values.is_between(scale.min, scale.max).fill_null(value=True) | found.failed
    reason = f"expected a whole number {scale.min}-{scale.max}; the whole column is asked about, see 'pxanalysis check'"
    return pl.concat([found.problems, collect_problems(outside, column.name, reason, DROPPED)]).unique(
        ["index"], keep="first", maintain_order=True
    )


def _tell(column: ScaleColumn, file: str, found: ScaleCells) -> Verdict:
    scale, parts, said = column.scale, [f"answers {column.scale.min}-{column.scale.max}"], False
    if found.dont_know:
        parts.append(f"{found.dont_know} cells say 'do not know' in words and are read as no answer")
        said = True
    if found.not_applicable and column.cells.dtype == pl.String:
        parts.append(f"{found.not_applicable} cells say 'does not apply'")
    n = add_up(found.values.is_not_null(), found.times)
    best, worst = (scale.max, scale.min) if column.good_high else (scale.min, scale.max)
    used = set(found.values.drop_nulls().unique())
    if n >= _TELLS_SHIFT and len(used) == 1:
        parts.append(f"all {n} answers are {next(iter(used)):g}, which cannot tell this scale from another")
        said = True
    elif n < _FEWEST:
        parts.append(f"{n} answers are too few to tell another scale from this one")
    elif best not in used:
        parts.append(f"nobody gives the best answer: {n} answers cannot tell this scale from one shifted by one")
    elif n < _TELLS_SHIFT and worst not in used:
        parts.append(f"nobody gives the worst answer: {n} answers cannot tell this scale from one shifted by one")
    return Verdict(file, column.cells.name, column.name, "read", "; ".join(parts), found.n, said=said)
