"""How often columns are asked about needlessly, and which misreadings pass: simulated exports, untouched and mutated.

    python benchmarks/column_judgement.py [EXPORTS] [MUTATED] [SEED]

Untouched: exports of all questionnaires of the catalogue, n = 10 to 5,000. Mutated: each with one misreading of a known
kind in one or all columns. A mutation is *caught* when its column is asked about, refused or put right with a word;
*no evidence* when the verdict says that so many answers cannot tell; *slips* when its cells are refused one by one,
each with its reason; *silent* otherwise.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

from pxanalysis.journey.reading import list_catalogue, read_journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.survey.checking.schema import scale_of
from pxanalysis.survey.columns.judge import Judgement, judge_columns
from pxanalysis.survey.policy import SurveyPolicy
from pxanalysis.survey.reading import check_judged
from pxanalysis.survey.sources.raw import RawTable

POLICY = SurveyPolicy(today=date(2026, 7, 1))
SIZES = (10, 20, 30, 50, 100, 200, 500, 1000, 2000, 5000)
DATE_FORMS = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y")


def journeys():
    """Journeys with something to answer: those that are questionnaires."""
    return [journey for journey in map(read_journey, list_catalogue()) if journey.kind == "questionnaire"]


def export(journey, n: int, seed: int) -> pl.DataFrame:
    """A simulated export of ``n`` rows as text, its dates in one of the usual forms."""
    rng = np.random.default_rng(seed)
    practices = int(rng.integers(1, max(2, min(12, n // 10) + 1)))
    table = simulate_survey(journey, practices=practices, responses=-(-n // practices), seed=seed).answers.head(n)
    form = DATE_FORMS[seed % len(DATE_FORMS)]
    return table.with_columns(pl.col("completed_on").cast(pl.Datetime).dt.strftime(form)).cast(pl.String)


def through(table: pl.DataFrame, kind: str) -> pl.DataFrame:
    """The same export after a spreadsheet, Stata or SPSS kept it, with numbers and days as theirs."""
    typed = table.to_pandas()
    for name in typed:
        numbers = pd.to_numeric(typed[name], errors="coerce")
        if name not in {"practice_id", "response_id"} and (numbers.notna() == typed[name].notna()).all():
            typed[name] = numbers.astype("float64")
        elif name == "completed_on":
            typed[name] = pd.to_datetime(typed[name], errors="coerce", format="%Y-%m-%d")
        else:
            typed[name] = typed[name].astype(object).where(typed[name].notna(), "")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"export.{kind}"
        WRITERS[kind](typed, path)
        return as_text(read_typed(path))


def _write_sav(frame: pd.DataFrame, path: Path) -> None:
    import pyreadstat

    pyreadstat.write_sav(frame, str(path))


WRITERS = {
    "xlsx": lambda frame, path: frame.to_excel(path, index=False),
    "dta": lambda frame, path: frame.to_stata(path, write_index=False, version=118),
    "sav": _write_sav,
}


def read_typed(path: Path) -> pd.DataFrame:
    """A file of a spreadsheet, Stata or SPSS as its values; sav needs pyreadstat, which is no part of the project."""
    if path.suffix == ".xlsx":
        return pd.read_excel(path, dtype=object, engine="openpyxl")
    if path.suffix == ".dta":
        return pd.read_stata(path, convert_categoricals=False)
    import pyreadstat

    return pyreadstat.read_sav(str(path))[0]


def as_text(frame: pd.DataFrame) -> pl.DataFrame:
    """Cells as such a file's export to text has them; nothing where there is none."""
    cells = frame.astype(object).where(frame.notna(), None)
    text = {str(name): [None if cell is None or cell == "" else str(cell) for cell in cells[name]] for name in cells}
    return pl.DataFrame(text, schema=dict.fromkeys(text, pl.String))


def judge(table: pl.DataFrame, journey) -> tuple[RawTable, Judgement]:
    """Judge a table as a file."""
    raw = RawTable("export.csv", "", table, pl.int_range(2, table.height + 2, dtype=pl.UInt32, eager=True))
    return raw, judge_columns(raw, journey, policy=POLICY)


def shift(by: int):
    """Codes moved up or down, those for not applicable too far outside left."""

    def mutate(table: pl.DataFrame, journey, rng):
        names = [p.id for p in journey.items if p.id in table.columns]
        name = names[int(rng.integers(len(names)))] if rng.random() < 0.5 else None
        scale = scale_of(journey, name or names[0])
        chosen = [name] if name else [other for other in names if scale_of(journey, other) == scale]
        codes = [str(code) for code in scale.not_applicable]
        out = [
            pl.when(pl.col(c).is_in(codes))
            .then(pl.col(c))
            .otherwise((pl.col(c).cast(pl.Int64) + by).cast(pl.String))
            .alias(c)
            for c in chosen
        ]
        return table.with_columns(out), chosen

    return mutate


def shift_outcome(kind: str, by: int):
    """An outcome's codes moved."""

    def mutate(table, journey, rng):
        names = [outcome.id for outcome in journey.rated_outcomes if outcome.kind == kind]
        return table.with_columns((pl.col(names[0]).cast(pl.Int64) + by).cast(pl.String)), names[:1]

    return mutate


def reverse(which: str):
    """Codes turned round in one item, in all of a scale, or in an outcome."""

    def mutate(table, journey, rng):
        items = [p.id for p in journey.items]
        names = {"one": [items[int(rng.integers(len(items)))]], "all": items}.get(which, [journey.rated_outcomes[0].id])
        out = []
        for name in names:
            scale = scale_of(journey, name)
            turned = (scale.min + scale.max - pl.col(name).cast(pl.Int64)).cast(pl.String)
            codes = [str(code) for code in scale.not_applicable]
            out.append(pl.when(pl.col(name).is_in(codes)).then(pl.col(name)).otherwise(turned).alias(name))
        return table.with_columns(out), names

    return mutate


def stretch(low: int, high: int):
    """An outcome on another range."""

    def mutate(table, journey, rng):
        long = [outcome for outcome in journey.rated_outcomes if journey.scales[outcome.scale].max == 10]
        outcome = long[int(rng.integers(len(long)))]
        scale = scale_of(journey, outcome.id)
        position = (pl.col(outcome.id).cast(pl.Float64) - scale.min) / (scale.max - scale.min)
        codes = (low + position * (high - low)).round(0).cast(pl.Int64).cast(pl.String)
        return table.with_columns(codes.alias(outcome.id)), [outcome.id]

    return mutate


def flags(yes: str, no: str):
    """Yes and no in other codes."""

    def mutate(table, journey, rng):
        name = journey.behaviours[0].id
        return table.with_columns(pl.col(name).replace({"1": yes, "0": no})), [name]

    return mutate


def month_first(mark: str):
    """Dates with the month first."""

    def mutate(table, journey, rng):
        days = pl.Series([date(2025, 1, 1).toordinal() + int(d) for d in rng.integers(0, 540, table.height)])
        text = [date.fromordinal(day).strftime(f"%m{mark}%d{mark}%Y") for day in days]
        return table.with_columns(pl.Series("completed_on", text)), ["completed_on"]

    return mutate


def fill_dates(filler: str):
    """A filler in a tenth of the dates."""

    def mutate(table, journey, rng):
        hit = pl.Series(rng.random(table.height) < 0.1) | (pl.int_range(table.height, eager=True) == 0)
        filled = pl.when(hit).then(pl.lit(filler)).otherwise(pl.col("completed_on")).alias("completed_on")
        return table.with_columns(filled), ["completed_on"]

    return mutate


def sprinkle(share: float, write):
    """A part of one item's answers replaced: ``write`` takes a scale and a code, as text."""

    def mutate(table, journey, rng):
        items = [p.id for p in journey.items if p.id in table.columns]
        name = items[int(rng.integers(len(items)))]
        scale = scale_of(journey, name)
        held = table[name].is_not_null() & ~table[name].is_in([str(code) for code in scale.not_applicable])
        hit = (pl.Series(rng.random(table.height)) < share) & held
        cells = [write(scale, cell) if one else cell for one, cell in zip(hit, table[name], strict=True)]
        return table.with_columns(pl.Series(name, cells, dtype=pl.String)), [name]

    return mutate


def other_dates(write):
    """Every date in another form."""

    def mutate(table, journey, rng):
        days = [date(2025, 1, 1).toordinal() + int(d) for d in rng.integers(0, 540, table.height)]
        text = [write(date.fromordinal(day)) for day in days]
        return table.with_columns(pl.Series("completed_on", text)), ["completed_on"]

    return mutate


def round_ids(table, journey, rng):
    """Response ids as a spreadsheet leaves numbers of fifteen digits."""
    return table.with_columns(pl.lit("2,02512E+14").alias("response_id")), ["response_id"]


MUTATIONS = {
    "items 1 lower": shift(-1),
    "items 1 higher": shift(1),
    "NPS 1-11": shift_outcome("nps", 1),
    "KTV 0-9": shift_outcome("ktv", -1),
    "KTV or NPS on 1-5": stretch(1, 5),
    "KTV or NPS 0-100": stretch(0, 100),
    "one item reversed": reverse("one"),
    "all items reversed": reverse("all"),
    "KTV reversed": reverse("outcome"),
    "yes/no as 1/2": flags("1", "2"),
    "yes/no as J/N": flags("J", "N"),
    "yes/no as 1/empty": flags("1", ""),
    "dates m/d/y": month_first("/"),
    "dates m-d-y": month_first("-"),
    "dates 1970": fill_dates("1970-01-01"),
    "dates as serials": other_dates(lambda day: str(day.toordinal() - 693_594)),
    "yes/no as -1/0": flags("-1", "0"),
    "unknown code 88": sprinkle(0.15, lambda scale, cell: "88"),
    "5-jan for 5": sprinkle(0.3, lambda scale, cell: f"{cell}-jan"),
    "label of another": sprinkle(0.3, lambda scale, cell: f"{cell} - {next(iter(scale.labels.values())).root['nl']}"),
    "ids rounded": round_ids,
}


def outcome_of(table, journey, names) -> str:
    """caught, without evidence, slips or silent."""
    raw, judged = judge(table, journey)
    verdicts = [verdict for verdict in judged.verdicts if verdict.name in names]
    if all(v.decision != "read" or v.said or "words" in v.evidence for v in verdicts):
        return "caught"
    if any(v.decision != "read" for v in verdicts) and len(verdicts) > 1:
        return "caught"
    left = [v for v in verdicts if v.decision == "read" and not v.said]
    if all("cannot tell" in v.evidence or "too few" in v.evidence or not v.n for v in left):
        return "no evidence"
    rejected = check_judged(raw, judged, journey, policy=POLICY).rejected
    return "slips" if set(rejected["column"]) & {v.column for v in left} else "silent"


def _iso_days(table: pl.DataFrame, seed: int) -> pl.Series:
    return table["completed_on"].str.to_datetime(DATE_FORMS[seed % len(DATE_FORMS)]).dt.strftime("%Y-%m-%d")


def false_alarms(exports: int, seed: int = 0, kinds: tuple[str, ...] = ()) -> tuple[int, int, Counter]:
    """Columns judged, columns asked about, and which; of exports that files of these kinds kept, if any."""
    known, columns, asked = journeys(), 0, Counter()
    for i in range(exports):
        journey = known[i % len(known)]
        table = export(journey, SIZES[i % len(SIZES)], seed + 1000 + i)
        if kinds:
            table = through(table.with_columns(_iso_days(table, seed + 1000 + i)), kinds[i % len(kinds)])
        _, judged = judge(table, journey)
        columns += len(judged.verdicts)
        for verdict in (*judged.asked, *judged.refused):
            asked[verdict.evidence] += 1
    return columns, sum(asked.values()), asked


def mutations(exports: int, seed: int = 0) -> dict[str, Counter]:
    """What became of each kind of misreading."""
    known, found = journeys(), defaultdict(Counter)
    kinds = list(MUTATIONS)
    for i in range(exports):
        kind, rng = kinds[i % len(kinds)], np.random.default_rng(seed + i)
        journey = known[int(rng.integers(len(known)))]
        n = SIZES[(i // len(kinds)) % len(SIZES)]
        table = export(journey, n, seed + 5000 + i)
        if kind.startswith("yes") and not journey.behaviours:
            continue
        mutated, names = MUTATIONS[kind](table, journey, rng)
        if all(name in table and mutated[name].equals(table[name]) for name in names if name in mutated):
            found[kind]["same"] += 1  # a single "0" is a 0 either way: nothing was misread
            continue
        result = outcome_of(mutated.with_columns(pl.col(pl.String).replace({"": None})), journey, set(names))
        found[kind][result] += 1
        if result == "silent":
            found[kind][f"n={n}"] += 1
    return found


if __name__ == "__main__":
    exports, mutated, seed = (int(text) for text in [*sys.argv[1:], *("700", "300", "0")[len(sys.argv) - 1 :]])
    columns, asked, which = false_alarms(exports, seed)
    print(f"{exports} untouched exports, {columns} columns: {asked} asked about ({asked / max(columns, 1):.3%})")
    for evidence, times in which.most_common(12):
        print(f"  {times}x {evidence}")
    for kind in WRITERS:
        try:
            columns, asked, which = false_alarms(max(exports // 7, 5), seed, (kind,))
        except ImportError as error:
            print(f"{kind}: not tried ({error})")
            continue
        print(f"{kind}: {columns} columns, {asked} asked about: {which.most_common(5)}")
    for kind, counts in mutations(mutated, seed).items():
        print(f"{kind:20} {dict(counts)}")
