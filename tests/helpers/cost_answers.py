"""Answers of one practice to the questions about costs, given row by row."""

from __future__ import annotations

import polars as pl

from pxanalysis.journey import Journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.survey.responses import REJECTED_COLUMNS, Responses

NAMES = ["costs_beforehand", "costs_clear", "costs_fair"]


def answers_of(treatment: Journey, rows: list[tuple[int | None, int | None, int | None]]) -> Responses:
    table = simulate_survey(treatment, practices=1, responses=len(rows), seed=3).answers.head(len(rows))
    columns = [pl.Series(name, [row[i] for row in rows], dtype=pl.Int8) for i, name in enumerate(NAMES)]
    return Responses(treatment, table.with_columns(columns), pl.DataFrame(schema=REJECTED_COLUMNS))
