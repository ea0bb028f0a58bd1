"""What is remembered of a release: small, and the same sets of people again when it is read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from pxanalysis.analysis.privacy.fingerprints import ANSWERED
from pxanalysis.analysis.privacy.release import ReleaseState, make_release
from pxanalysis.journey import Journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study.releases import ReleaseFiles, release_answers
from pxanalysis.study.stand_ins import stands_for
from pxanalysis.survey.responses import REJECTED_COLUMNS, Responses


@pytest.fixture(scope="module")
def responses(treatment: Journey) -> Responses:
    table = simulate_survey(treatment, practices=10, responses=(60, 60), seed=8).answers
    return Responses(treatment, table, pl.DataFrame(schema=REJECTED_COLUMNS))


@pytest.fixture
def files(tmp_path: Path) -> ReleaseFiles:
    return ReleaseFiles.beside(tmp_path / "released.parquet")


def as_sets(state: ReleaseState) -> dict[tuple[str, str], tuple[set[tuple[str, frozenset[int]]], frozenset[int]]]:
    return {
        place: ({(block.period, frozenset(block.people)) for block in cell.blocks}, frozenset(cell.seen))
        for place, cell in state.cells.items()
        if cell.seen
    }


def as_people(state: ReleaseState) -> set[tuple[int, int]]:
    return set(zip(state.people.codes.tolist(), state.people.contents.tolist(), strict=True))


def change(responses: Responses, ids: list[str], value: int) -> Responses:
    hit = pl.col("response_id").is_in(ids)
    changed = pl.when(hit).then(value).otherwise("ktv").cast(responses.table.schema["ktv"]).alias("ktv")
    return replace(responses, table=responses.table.with_columns(changed))


def test_what_was_written_is_read_again(responses: Responses, files: ReleaseFiles) -> None:
    release, _ = release_answers(responses, files, 10)
    found = files.read(responses, 10)
    assert as_sets(found) == as_sets(release.state)
    assert as_people(found) == as_people(release.state)


def test_six_hundred_answers_take_less_than_half_of_before(responses: Responses, files: ReleaseFiles) -> None:
    """A hash of eight bytes per person and part took 200 KB."""
    release, _ = release_answers(responses, files, 10)
    hashes = sum(len(cell.seen) for cell in release.state.cells.values())
    assert files.sets.stat().st_size < 100_000
    assert files.sets.stat().st_size < 0.45 * 8 * hashes


@pytest.mark.slow
def test_a_changed_answer_is_seen_and_comes_back_as_itself(responses: Responses, files: ReleaseFiles) -> None:
    """Over two writes: changed, remembered as gone, put right again; nobody is new then."""
    release, _ = release_answers(responses, files, 10)
    row = responses.table.filter(pl.col("ktv") != 3).row(0, named=True)
    place = (str(row["practice_id"]), "ktv")
    changed = change(responses, [row["response_id"]], 3)
    now = files.read(changed, 10).cells[place]
    (gone,) = now.people - release.state.cells[place].people
    assert stands_for(gone) is not None
    release_answers(changed, files, 10, can_freeze=True)
    again = files.read(responses, 10)
    assert again.cells[place].people == release.state.cells[place].people
    assert again.cells[place].seen == release.state.cells[place].seen
    twice = make_release(responses, again, key=files.read_key())
    assert not twice.membership.frozen
    assert twice.waiting == {}


def test_who_left_is_still_known_to_have_been_there(responses: Responses, files: ReleaseFiles) -> None:
    release, _ = release_answers(responses, files, 10)
    first = responses.table["response_id"][0]
    fewer = replace(responses, table=responses.table.filter(pl.col("response_id") != first))
    release_answers(fewer, files, 10, can_freeze=True)
    release_answers(fewer, files, 10, can_freeze=True)
    back = files.read(responses, 10)
    found, before = as_sets(back), as_sets(release.state)
    assert {place: cell for place, cell in found.items() if place[0]} == {
        place: cell for place, cell in before.items() if place[0]
    }, "with the answer there again every hash is what it was; effects let go of who leaves at once"
    assert {place: seen for place, (_, seen) in found.items()} == {place: seen for place, (_, seen) in before.items()}
    assert len(files.read(fewer, 10).cells[str(responses.table["practice_id"][0]), ANSWERED].seen) == 60


def test_who_was_new_in_a_block_stays_known_where_somebody_left(responses: Responses, files: ReleaseFiles) -> None:
    """A renewed block holds people of before; only the others were in no figure yet."""
    first = replace(responses, table=responses.table.filter(pl.int_range(pl.len()).over("practice_id") < 40))
    before, _ = release_answers(first, files, 10)
    release, _ = release_answers(replace(responses, table=responses.table.slice(1)), files, 10, can_freeze=True)
    place = (str(responses.table["practice_id"][0]), ANSWERED)
    gone = int(before.membership.elements[ANSWERED][0])
    (own,) = (block.people for block in before.state.cells[place].blocks if gone in block.people)
    for cell in (release.state.cells[place], files.read(responses, 10).cells[place]):
        new = frozenset().union(*(cell.new_in(block) for block in cell.blocks))
        assert new == cell.people - own
        assert (len(cell.people), len(cell.left)) == (59, 1)
