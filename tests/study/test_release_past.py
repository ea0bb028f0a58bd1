"""Tests of: A release that was remembered before hashes were made by SipHash is understood, and nothing changes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from hashlib import blake2b
from pathlib import Path

import polars as pl
import pytest

from pxanalysis.analysis.privacy.cells import Cell
from pxanalysis.analysis.privacy.fingerprints import fingerprint_person
from pxanalysis.analysis.privacy.release import ReleaseState, make_release
from pxanalysis.errors import StudyError
from pxanalysis.journey import Journey
from pxanalysis.study.release_file import PEOPLE, PRINTS
from pxanalysis.study.releases import ReleaseFiles, read_counted, release_answers
from pxanalysis.study.stand_ins import stands_for
from pxanalysis.survey.responses import REJECTED_COLUMNS, Responses

REFERENCE = Path(__file__).parents[1] / "reference" / "release_before_siphash"
"""Made by the last version before; `make.py` there says how."""
TODAY = date(2030, 1, 1)
DECIDED = json.loads((REFERENCE / "decided.json").read_text())


@pytest.fixture
def files(tmp_path: Path) -> ReleaseFiles:
    shutil.copy(REFERENCE / "released.parquet", tmp_path)
    files = ReleaseFiles.beside(tmp_path / "released.parquet")
    files.key.write_bytes(b"k" * 32)
    return files


@pytest.fixture(scope="module")
def responses(treatment: Journey) -> Responses:
    table = pl.read_parquet(REFERENCE / "answers.parquet").filter(pl.col("response_id") != DECIDED["forgotten"])
    return Responses(treatment, table, pl.DataFrame(schema=REJECTED_COLUMNS))


def described(responses: Responses, files: ReleaseFiles) -> list[list[object]]:
    """The cells of a file, in ids of responses, as the reference has them."""
    state, known = files.read_known(responses, 10)
    assert known is not None
    ids = responses.table["response_id"].to_list()
    names = {part: dict(zip(known.elements[part].tolist(), ids, strict=True)) for part in known.elements}

    def who(part: str, people: Iterable[int]) -> list[str]:
        return sorted(names[part].get(one, "nobody" if stands_for(one) is None else "gone") for one in people)

    return [
        [practice, part, [[block.period, who(part, block.people)] for block in cell.blocks], who(part, cell.left)]
        for (practice, part), cell in sorted(state.cells.items())
    ]


def without_left_of_effects(cells: list[list[object]]) -> list[list[object]]:
    """Who left the effects over all practices is not looked for again: it makes no difference there."""
    return [cell if cell[0] else [*cell[:3], len(cell[3])] for cell in cells]  # type: ignore[arg-type]


def in_its_days(responses: Responses) -> Responses:
    """The answers as they were when the file was written."""
    other = pl.when(pl.col("response_id") == DECIDED["changed"]).then(11 - pl.col("ktv")).otherwise("ktv")
    table = responses.table.filter(pl.col("response_id") != DECIDED["left"])
    return replace(responses, table=table.with_columns(other.cast(table.schema["ktv"]).alias("ktv")))


def test_it_is_read_as_it_was_then(responses: Responses, files: ReleaseFiles) -> None:
    """With somebody who left, and an answer that was changed, both back as they were; and one who was forgotten."""
    found = without_left_of_effects(described(responses, files))
    assert found == without_left_of_effects(DECIDED["cells"])


def test_nothing_changes_by_writing_it_anew(responses: Responses, files: ReleaseFiles) -> None:
    now = in_its_days(responses)
    before = described(now, files)
    release, _ = release_answers(now, files, 10, can_freeze=True, today=TODAY)
    assert not release.renewed
    assert not release.membership.frozen
    assert release.waiting == {}
    assert described(now, files) == before


def test_who_comes_back_after_that_is_no_new_person(responses: Responses, files: ReleaseFiles) -> None:
    """What is known of them stands in the new file as it was hashed before."""
    release_answers(in_its_days(responses), files, 10, can_freeze=True, today=TODAY)
    (form,) = pl.read_parquet(files.sets).filter(pl.col("part") == PEOPLE)["block"]
    assert form == 1
    assert without_left_of_effects(described(responses, files)) == without_left_of_effects(DECIDED["cells"])
    again, _ = release_answers(responses, files, 10, can_freeze=True, today=TODAY)
    assert again.state.cells["01010137", "ktv"].seen >= again.state.cells["01010137", "ktv"].people


def test_bytes_of_the_new_file_are_of_the_new_hashes(responses: Responses, files: ReleaseFiles) -> None:
    before = pl.read_parquet(files.sets).filter(pl.col("part").str.starts_with(PRINTS))
    release_answers(in_its_days(responses), files, 10, can_freeze=True, today=TODAY)
    now = pl.read_parquet(files.sets).filter(pl.col("part").str.starts_with(PRINTS))
    assert sorted(now["part"]) == sorted(before["part"])
    assert not {*now["members"]} & {*before["members"]}


def test_other_files_know_answers_by_the_numbers_they_have_had(responses: Responses, files: ReleaseFiles) -> None:
    """Decisions on comments, months and dentists that were shown are kept for years, by hashes of before."""
    question = responses.journey.open_questions[0].id
    table = responses.table.with_columns(pl.lit("Fijn geholpen").alias(question))
    wrote = replace(responses, table=table)
    files.sets.unlink()
    key, first = files.read_key(), str(table["response_id"][0])

    def before(part: str, said: object) -> int:
        text = f"{fingerprint_person(key, first)}\x1f{part}\x1f{said}"
        return int.from_bytes(blake2b(text.encode(), digest_size=8, key=key).digest(), "little")

    _, counted = release_answers(wrote, files, 10, today=TODAY)
    again = read_counted(wrote, files, 10)
    assert again is not None
    for one in (counted, again):
        assert before(question, "Fijn geholpen") in one.comments["place"]
    place = (str(table["practice_id"][0]), "nps")
    known = before("nps", table["nps"][0])
    assert again.membership.elements["nps"][0] == known
    assert known in again.membership.cells[place].people
    assert known not in files.read(wrote, 10).cells[place].people


def test_a_file_of_a_later_version_is_refused(responses: Responses, files: ReleaseFiles) -> None:
    release_answers(in_its_days(responses), files, 10, today=TODAY)
    later = pl.when(pl.col("part") == PEOPLE).then(2).otherwise("block").cast(pl.Int32).alias("block")
    pl.read_parquet(files.sets).with_columns(later).write_parquet(files.sets)
    with pytest.raises(StudyError, match="newer version"):
        files.read(responses, 10)


def test_the_long_form_of_before_is_read(responses: Responses, tmp_path: Path) -> None:
    files = ReleaseFiles.beside(tmp_path / "released.parquet")
    release = make_release(responses, key=files.read_key())
    older, elements = release.membership.elements.in_form("blake2b"), release.membership.elements
    rows = []
    for (practice, part), cell in release.state.cells.items():
        was = dict(zip(elements[part].tolist(), older[part].tolist(), strict=True))
        blocks = enumerate(cell.blocks)
        rows += [(practice, part, at, block.period, was[one], None) for at, block in blocks for one in block.people]
    people = release.state.people
    rows += [
        ("", "\x00person", 0, "", *one) for one in zip(people.codes.tolist(), people.contents.tolist(), strict=True)
    ]
    names = ("practice_id", "part", "block", "period", "element", "content")
    types = (pl.String, pl.String, pl.Int32, pl.String, pl.UInt64, pl.UInt64)
    pl.DataFrame(rows, schema=dict(zip(names, types, strict=True)), orient="row").write_parquet(files.sets)
    assert as_sets(files.read(responses, 10)) == as_sets(release.state)
    again, _ = release_answers(responses, files, 10)
    assert not again.renewed
    assert as_sets(files.read(responses, 10)) == as_sets(release.state)


def as_sets(state: ReleaseState) -> dict[tuple[str, str], set[tuple[str, frozenset[int]]]]:
    def sets_of(cell: Cell) -> set[tuple[str, frozenset[int]]]:
        return {(block.period, block.people) for block in cell.blocks}

    return {place: sets_of(cell) for place, cell in state.cells.items() if cell.seen}
