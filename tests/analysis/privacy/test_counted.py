"""Tests of: The tables that figures of a release are estimated from: what does not count in a cell is missing there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pxanalysis.analysis.privacy.cells import Cell
from pxanalysis.analysis.privacy.counted import _with_touchpoint
from pxanalysis.analysis.privacy.release import Membership, make_release
from pxanalysis.journey.reading import read_journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.survey.reading import read_survey
from pxanalysis.survey.responses import Responses

MINIMUM = 10


def _counting_by_sets(member: Membership, touchpoint: str, item: str) -> set[int]:
    """Rows in which an item counts in a score, as it is defined: by sets of people, block by block."""
    kept: set[int] = set()
    whole, own = member.elements[touchpoint].tolist(), member.elements[item].tolist()
    for practice in member.practices.names:
        rows = member.practices.rows_of(practice)
        parts = [block.people for block in member.cells.get((practice, item), Cell()).blocks]
        for block in member.cells.get((practice, touchpoint), Cell()).blocks:
            inside = [row for row in rows.tolist() if own[row] and whole[row] in block.people]
            answers = {own[row] for row in inside}
            met = [people for people in parts if people & answers]
            if met and frozenset().union(*met) == answers:
                kept.update(inside)
    return kept


def _without_some(responses: Responses, share: float, seed: int) -> Responses:
    """The same, some of whose items nobody answered for a while: such answers are fewer than a block."""
    rng = np.random.default_rng(seed)
    table, gone = responses.table, rng.random((len(responses.table), len(responses.journey.items))) < share
    columns = [
        pl.when(pl.Series(~gone[:, place])).then(pl.col(one.id)).alias(one.id)
        for place, one in enumerate(responses.journey.items)
    ]
    return replace(responses, table=table.with_columns(columns))


@pytest.mark.parametrize("seed", range(4))
def test_items_count_in_scores_with_whole_blocks_only(tmp_path: Path, seed: int) -> None:
    simulate_survey(read_journey("dental-treatment"), practices=4, responses=60, seed=seed).write(tmp_path)
    answers = read_survey(tmp_path / "simulated.csv", journey="dental-treatment")
    answers = _without_some(answers, 0.75 if seed % 2 else 0.4, seed)
    first = replace(answers, table=answers.table.filter(pl.int_range(pl.len()) % 3 != 0))
    state = make_release(first, minimum_n=MINIMUM).state
    release = make_release(answers, state, minimum_n=MINIMUM)
    member = release.membership
    found = {one.id: (one.touchpoint.id, _with_touchpoint(answers, member, one.id)) for one in answers.journey.items}
    expected = {name: _counting_by_sets(member, whole, name) for name, (whole, _) in found.items()}
    assert {name: set(np.flatnonzero(kept).tolist()) for name, (_, kept) in found.items()} == expected
    answered = sum(int(answers.table[name].is_not_null().sum()) for name in found)
    assert 0 < sum(map(len, expected.values())) < answered
