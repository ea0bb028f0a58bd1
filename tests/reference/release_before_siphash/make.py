"""Made with version 6faddb2, the last that hashed answers by BLAKE2b: a release file, its answers, and who counted.

First release of all but some; then one answer is changed, one patient left, one is forgotten, and the others come. What
is kept is what that version said of the file with all answers back as they were, but those of the forgotten one. (In
that version: ``python make.py``; it is not run by the tests.)
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import polars as pl

from pxanalysis.journey import read_journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import forgetting
from pxanalysis.study.release_file import stands_for
from pxanalysis.study.releases import ReleaseFiles, release_answers
from pxanalysis.survey.responses import REJECTED_COLUMNS, Responses

HERE = Path(__file__).parent
TODAY = date(2030, 1, 1)


def main() -> None:
    table = simulate_survey(read_journey("dental-treatment"), practices=3, responses=(40, 40), seed=8).answers
    table.write_parquet(HERE / "answers.parquet")
    responses = Responses(read_journey("dental-treatment"), table, pl.DataFrame(schema=REJECTED_COLUMNS))
    files = ReleaseFiles.beside(HERE / "released.parquet")
    files.sets.unlink(missing_ok=True)
    files.key.write_bytes(b"k" * 32)

    def of(rows: pl.DataFrame) -> Responses:
        return replace(responses, table=rows)

    place = pl.int_range(pl.len()).over("practice_id")
    release_answers(of(table.filter(place < 25)), files, 10, today=TODAY)
    changed, left, forgotten = (table["response_id"][row] for row in (0, 1, 42))
    study = SimpleNamespace(released_file=files.sets, settings=SimpleNamespace(analysis=SimpleNamespace(minimum_n=10)))
    forgetting._forget_in_release(study, of(table.filter(place < 25)), [forgotten])
    other = pl.when(pl.col("response_id") == changed).then(11 - pl.col("ktv")).otherwise("ktv").alias("ktv")
    now = table.filter(~pl.col("response_id").is_in([left, forgotten])).with_columns(other.cast(table.schema["ktv"]))
    release_answers(of(now), files, 10, today=TODAY, can_freeze=True)

    back = of(table.filter(pl.col("response_id") != forgotten))
    state, known = files.read_known(back, 10)
    names = {
        part: dict(zip(found.tolist(), back.table["response_id"], strict=True))
        for part, found in known.elements.items()
    }

    def who(part: str, people: frozenset[int]) -> list[str]:
        return sorted(names[part].get(one, "gone" if stands_for(one) else "nobody") for one in people)

    cells = [
        [practice, part, [[b.period, who(part, b.people)] for b in cell.blocks], who(part, cell.left)]
        for (practice, part), cell in sorted(state.cells.items())
    ]
    (HERE / "decided.json").write_text(
        json.dumps({"forgotten": forgotten, "left": left, "changed": changed, "cells": cells})
    )


if __name__ == "__main__":
    main()
