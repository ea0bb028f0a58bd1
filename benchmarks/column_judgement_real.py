"""How often columns of real files are asked about needlessly, under a journey that is guessed from each file.

    python benchmarks/column_judgement_real.py FOLDER

A file's columns of whole numbers 0-10 become items, those of yes and no behaviours, the first column of dates the day
of the answer. Columns of a block (the same name up to its number) share a scale: the smallest usual one that holds all
their codes. Files of spreadsheets, Stata and SPSS are taken as text: the program reads CSV and Parquet. Nobody knows
here which items are worded negatively: a column that is asked about for its direction is counted apart, since the guess
may be wrong and the question right.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import polars as pl
from column_judgement import as_text, read_typed

from pxanalysis.errors import PxError
from pxanalysis.journey.model import Journey
from pxanalysis.survey.checking.parsing import parse_dates, parse_numbers, parse_text
from pxanalysis.survey.columns.judge import judge_columns
from pxanalysis.survey.sources.read import RawTable, read_source
from pxanalysis.survey.words import YES_OR_NO, fold_text

USUAL = ((1, 4), (1, 5), (1, 7), (1, 10), (0, 3), (0, 4), (0, 6), (0, 10))
FEWEST = 5
KINDS = {".csv", ".tsv", ".txt", ".xlsx", ".dta", ".sav"}


def text(words: str) -> dict[str, str]:
    """One text for both languages."""
    return {"nl": words[:80] or "x", "en": words[:80] or "x"}


def sort_columns(raw: RawTable) -> tuple[dict[str, set[float]], list[str], list[str]]:
    """Columns that may be items (with their codes), behaviours, and dates."""
    items, flags, dates = {}, [], []
    for name in raw.cells.columns:
        cells = parse_text(raw.cells[name]).drop_nulls()
        if len(cells) < FEWEST:
            continue
        numbers, failed = parse_numbers(cells)
        codes = set(numbers.drop_nulls().unique())
        words = {fold_text(cell) for cell in cells.unique()}
        if (codes == {0.0, 1.0} and not failed.any()) or (len(words) == 2 and words <= set(YES_OR_NO)):
            flags.append(name)
        elif not failed.any() and 2 < len(codes) <= 11 and all(c == int(c) and 0 <= c <= 10 for c in codes):
            items[name] = codes
        elif parse_dates(cells)[1].sum() == 0 and cells.n_unique() > 2 and failed.any():
            dates.append(name)
    return items, flags, dates


def guess_journey(items: dict[str, set[float]], flags: list[str]) -> tuple[Journey, dict[str, str]]:
    """A journey with one touchpoint per block, and its ids' columns."""
    blocks: dict[str, list[str]] = defaultdict(list)
    for name in items:
        blocks[re.sub(r"[\d\[\]_. ]+$", "", name)].append(name)
    columns, scales, touchpoints = {}, {}, []
    for number, (_, names) in enumerate(blocks.items()):
        codes = set().union(*(items[name] for name in names))
        low, high = next(pair for pair in USUAL if pair[0] <= min(codes) and max(codes) <= pair[1])
        scale = f"s{low}_{high}"
        scales[scale] = {"min": low, "max": high}
        ids = [f"q{number}_{i}" for i in range(len(names))]
        columns |= dict(zip(ids, names, strict=True))
        parts = [{"id": i, "text": text(n), "scale": scale} for i, n in zip(ids, names, strict=True)]
        touchpoints.append({"id": f"t{number}", "label": text(f"t{number}"), "items": parts})
    behaviours = [
        {"id": f"b{i}", "kind": "behaviour", "direction": "higher-is-better", "label": text(n), "text": text(n)}
        for i, n in enumerate(flags)
    ]
    columns |= {f"b{i}": name for i, name in enumerate(flags)}
    step = {"id": "s", "label": text("S"), "sentence": text("I go"), "provider": "p", "touchpoints": touchpoints}
    first = next(iter(scales))
    ktv = {"id": "ktv", "kind": "ktv", "scale": first, "label": text("k"), "text": text("k")}
    journey = {
        "id": "guessed", "title": text("x"), "description": text("x"), "providers": [{"id": "p", "label": text("P")}],
        "scales": scales, "steps": [step], "outcomes": [ktv, *behaviours],
    }  # fmt: skip
    return Journey.model_validate(journey), columns


def judge_file(path: Path) -> tuple[int, list[str]] | None:
    """Columns judged, and what is asked; None where there is nothing to rate."""
    if path.suffix in {".xlsx", ".dta", ".sav"}:
        cells = as_text(read_typed(path))
        raw = RawTable(path.name, "", cells, pl.int_range(2, cells.height + 2, dtype=pl.UInt32, eager=True))
    else:
        raw = read_source(path)
    items, flags, dates = sort_columns(raw)
    if not items:
        return None
    journey, columns = guess_journey(items, flags)
    if dates:
        columns["completed_on"] = dates[0]
    cells = raw.cells.with_columns(pl.lit("one").alias("the practice"))
    judged = judge_columns(replace(raw, cells=cells), journey, columns=columns | {"practice_id": "the practice"})
    return len(judged.verdicts) - 1, [str(one) for one in (*judged.asked, *judged.refused)]


if __name__ == "__main__":
    total, direction, others = 0, 0, 0
    for path in sorted(p for p in Path(sys.argv[1]).rglob("*") if p.suffix in KINDS):
        try:
            found = judge_file(path)
        except (PxError, ImportError, ValueError, KeyError, OverflowError) as error:
            print(f"{path.name}: not read: {str(error)[:110]}")
            continue
        if found is None:
            continue
        columns, asked = found
        against = [one for one in asked if "run against all others" in one]
        total, direction, others = total + columns, direction + len(against), others + len(asked) - len(against)
        print(f"{path.name}: {columns} columns, {len(asked)} asked, {len(against)} of them for their direction")
        for one in asked:
            if one not in against:
                print(f"    {one[:330]}")
    print(f"{total} columns: {others} asked about, {direction} more for a direction that was guessed")
