"""Tests of: Cells renewed for all practices at once decide what is decided practice by practice, by sets."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pxanalysis.analysis.privacy import release as release_module
from pxanalysis.analysis.privacy.practice_cells import PracticeCells
from pxanalysis.analysis.privacy.release import Release, ReleaseState, make_release
from pxanalysis.analysis.privacy.row_cells import CellKey
from pxanalysis.journey import Journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.survey.responses import REJECTED_COLUMNS, Responses

TODAY = date(2026, 4, 20)

Steps = list[tuple[list[int], int | None, int | None]]
"""Of each release: how many answers there are of each practice; who is left out; whose grade is another."""


@pytest.fixture(scope="module")
def pool(treatment: Journey) -> Responses:
    """Three practices over four months, with items and touchpoints that few answer."""
    rng = np.random.default_rng(4)
    table = simulate_survey(treatment, practices=3, responses=(60, 60), seed=4).answers
    days = [date(2026, 1, 1) + timedelta(days=int(one)) for one in rng.integers(0, 110, table.height)]
    table = table.with_columns(pl.Series("completed_on", days, dtype=pl.Date))
    for share, touchpoint in zip((0.2, 0.5, 0.8), treatment.touchpoints, strict=False):
        asked = pl.Series(rng.random(table.height) < share)
        table = table.with_columns(pl.when(asked).then(pl.col(item.id)) for item in touchpoint.items)
    for place, item in enumerate(treatment.items):
        asked = pl.Series(rng.random(table.height) < (0.3 if place % 3 == 0 else 0.9))
        table = table.with_columns(pl.when(asked).then(pl.col(item.id)))
    return Responses(treatment, table, pl.DataFrame(schema=REJECTED_COLUMNS))


def _at(pool: Responses, step: tuple[list[int], int | None, int | None]) -> Responses:
    counts, left, changed = step
    names = pool.practices
    number = pl.int_range(pl.len()).over("practice_id")
    most = pl.col("practice_id").replace_strict(dict(zip(names, counts, strict=True)), return_dtype=pl.Int64)
    table = pool.table.with_row_index("row").filter(number < most)
    if left is not None:
        table = table.filter(pl.col("row") != left)
    other = pl.when(pl.col("row") == (-1 if changed is None else changed)).then(11 - pl.col("ktv")).otherwise("ktv")
    return replace(pool, table=table.with_columns(other.cast(pool.table.schema["ktv"]).alias("ktv")).drop("row"))


def _as_sets(
    release: Release,
) -> dict[CellKey, tuple[list[tuple[str, frozenset[int]]], frozenset[int], frozenset[int]]]:
    return {
        key: ([(one.period, one.people) for one in cell.blocks], cell.left, cell.new_members.unpack())
        for key, cell in release.state.cells.items()
    }


def _releases(pool: Responses, steps: Steps, *, by_rows: bool, can_freeze: bool) -> list[Release]:
    found, state = [], ReleaseState.empty()
    with pytest.MonkeyPatch.context() as patch:
        if not by_rows:
            nobody = np.zeros(len(pool.practices), dtype=bool)
            patch.setattr(release_module, "find_settled", lambda before, _: nobody[: len(before.known.practices)])
        for step in steps:
            release = make_release(_at(pool, step), state, today=TODAY, can_freeze=can_freeze)
            found.append(release)
            state = release.state
    return found


COUNTS = st.lists(st.sampled_from([0, 3, 9, 10, 12, 25, 40, 60]), min_size=3, max_size=3)
SOMEBODY = st.none() | st.sampled_from([0, 1, 5, 60, 61, 125])


@given(st.lists(st.tuples(COUNTS, SOMEBODY, SOMEBODY), min_size=1, max_size=4), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_rows_decide_as_sets_do(pool: Responses, steps: Steps, can_freeze: bool) -> None:
    """Blocks in order with their periods, who left, who was new in each; who waits, what is frozen."""
    by_rows = _releases(pool, steps, by_rows=True, can_freeze=can_freeze)
    by_sets = _releases(pool, steps, by_rows=False, can_freeze=can_freeze)
    for found, expected in zip(by_rows, by_sets, strict=True):
        assert _as_sets(found) == _as_sets(expected)
        assert (found.waiting, found.part_waiting) == (expected.waiting, expected.part_waiting)
        assert (found.renewed, found.membership.frozen) == (expected.renewed, expected.membership.frozen)
        for part in found.membership.elements:
            assert np.array_equal(found.membership.counts(part), expected.membership.counts(part)), part


def test_a_study_that_grows_is_decided_by_rows_only(pool: Responses, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the test above would compare sets with sets."""

    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(PracticeCells, "renew", refuse)
    steps: Steps = [([40, 25, 9], None, None), ([60, 40, 12], None, None)]
    first, second = _releases(pool, steps, by_rows=True, can_freeze=True)
    assert first.renewed
    assert second.renewed
    assert any(len(cell.blocks) > 2 for cell in second.state.cells.values())


def test_somebody_who_left_long_ago_keeps_nobody_from_rows(pool: Responses, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a cell is withheld for want of others, who is in it is decided by sets; here all answered everything."""
    columns = [pl.col(one.id).fill_null(1) for one in (*pool.journey.items, *pool.journey.outcomes)]
    whole = replace(pool, table=pool.table.with_columns(columns))
    steps: Steps = [([30, 30, 30], None, None), ([45, 45, 45], 5, None)]
    state = _releases(whole, steps, by_rows=True, can_freeze=True)[-1].state
    place = (str(whole.table["practice_id"][5]), "answered")
    assert len(state.cells[place].left_members) == 1

    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(PracticeCells, "renew", refuse)
    cell = make_release(_at(whole, ([60, 60, 60], 5, None)), state, today=TODAY).state.cells[place]
    assert len(cell.left_members) == 1
    assert len(cell.people) > len(state.cells[place].people)
