"""A million responses of 37 columns: read, checked and stored (goal 3 s), beside pandas reading and writing them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from measuring import median_seconds, prepare, tell

prepare()

import pandas as pd
import polars as pl

from pxanalysis.journey import read_journey
from pxanalysis.simulation.study import SimulationDesign, simulate_survey
from pxanalysis.survey.checking.headers import whole_number_columns
from pxanalysis.survey.checking.validation import validate_answers
from pxanalysis.survey.sources.read import read_source
from pxanalysis.survey.store import ResponseStore

ROWS, COLUMNS = 1_000_000, 37


def main() -> None:
    journey = read_journey("dental-treatment")
    design = SimulationDesign(comment_share=0.05)
    table = simulate_survey(journey, practices=300, responses=3400, design=design).answers.head(ROWS)
    for position in range(COLUMNS - table.width):
        table = table.with_columns((pl.int_range(pl.len()) % 5).alias(f"other_{position}"))
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "answers.csv"
        table.write_csv(path)
        runs = iter(range(100))

        def ours() -> None:
            home = Path(scratch) / str(next(runs))
            raw = read_source(path, whole_numbers=whole_number_columns(journey))
            checked = validate_answers(raw, journey)
            ResponseStore(home / "responses", home / "rejected").add(
                checked, file=raw.name, digest=raw.digest, settings=""
            )

        def theirs() -> None:
            home = Path(scratch) / str(next(runs))
            pd.read_csv(path, dtype={"practice_id": str}).to_parquet(home, partition_cols=["practice_id"])

        tell(
            f"read, check and store {table.height:,} x {table.width}",
            median_seconds(ours, 3),
            "pandas read_csv + to_parquet, nothing checked",
            median_seconds(theirs, 1),
        )


if __name__ == "__main__":
    main()
