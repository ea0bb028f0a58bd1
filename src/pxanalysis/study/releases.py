"""What a study remembers of its last release, as sets of keyed hashes on disk, and the release that is made from it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pxanalysis.analysis.privacy.cells import Block, Cell
from pxanalysis.analysis.privacy.counted import CountedAnswers, count_answers
from pxanalysis.analysis.privacy.fingerprints import KnownAnswers, Person, know_answers
from pxanalysis.analysis.privacy.release import Release, ReleaseState, make_release
from pxanalysis.errors import StudyError
from pxanalysis.study.release_file import SCHEMA, pack_state, read_people, unpack_state
from pxanalysis.survey.files import write_atomically, write_parquet

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = [
    "ReleaseFiles",
    "describe_waiting",
    "hash_cells",
    "read_counted",
    "release_answers",
]

_LONG_FORM = {
    "practice_id": pl.String,
    "part": pl.String,
    "block": pl.Int32,
    "period": pl.String,
    "element": pl.UInt64,
    "content": pl.UInt64,
}
"""Columns of the files of before, with a row per hash; the next release writes the small form."""
_PERSON = "\x00person"
_LEFT = -1
_OLD_FORM = "shown"
"""Column of the files of before, which held the answers themselves."""


@dataclass(frozen=True, slots=True)
class ReleaseFiles:
    """Where a release is remembered.

    Attributes
    ----------
    sets, key
        The sets of keyed hashes, and the key, which nobody but the owner may read.
    """

    sets: Path
    key: Path

    @classmethod
    def beside(cls, sets: Path) -> ReleaseFiles:
        """Name both files after that of the sets."""
        return cls(sets, sets.with_suffix(".key"))

    def read_key(self) -> bytes:
        """Read the key; it is made when there is none and nothing was released yet.

        Raises
        ------
        StudyError
            When it is gone while the sets are still there.
        """
        if self.key.exists():
            return self.key.read_bytes()
        if self.sets.exists() and not self._is_of_old_form():
            raise StudyError(
                f"{self.key}: not there. Without it nobody can know which answers the last reports rest on. Restore it "
                f"from a backup; or, to start anew, remove {self.sets} and the folder of the results as well."
            )
        write_atomically(self.key, secrets.token_bytes(32), private=True)
        return self.key.read_bytes()

    def _is_of_old_form(self) -> bool:
        return _OLD_FORM in _read_parquet(self.sets).columns

    def read(self, responses: Responses, minimum_n: int) -> ReleaseState:
        """Read what is remembered; of a file that held answers, their cells. Raises as ``read_known``."""
        return self.read_known(responses, minimum_n)[0]

    def read_known(self, responses: Responses, minimum_n: int) -> tuple[ReleaseState, KnownAnswers | None]:
        """Read the same, and the answers by which it was understood, where it had to be.

        Raises
        ------
        StudyError
            When the file cannot be read. A release that is not known cannot be kept apart from the next.
        """
        if not self.sets.exists():
            return ReleaseState.empty(), None
        table = _read_parquet(self.sets)
        if _OLD_FORM in table.columns:
            before = pl.concat([responses.table.clear(), table.drop(_OLD_FORM)], how="diagonal_relaxed")
            before = before.select(responses.table.columns)
            return make_release(replace(responses, table=before), key=self.read_key(), minimum_n=minimum_n).state, None
        if table.schema == pl.Schema(_LONG_FORM):
            return _state_of(table), None
        if "start" not in table.columns:
            table = table.with_columns(pl.lit(0, dtype=pl.Int64).alias("start")).select(*SCHEMA)
        if table.schema != pl.Schema(SCHEMA):
            raise _unreadable(self.sets, "other columns than expected")
        known = know_answers(responses, read_people(table), self.read_key())
        return unpack_state(table, known), known

    def write(self, state: ReleaseState, known: KnownAnswers) -> None:
        """Remember a release of the answers that are there."""
        write_parquet(pack_state(state, known), self.sets)


def _read_parquet(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _unreadable(path, f"{error!s:.120}") from error


def _unreadable(path: Path, why: str) -> StudyError:
    return StudyError(
        f"{path}: cannot be read ({why}). It says which answers reports rest on. Restore it from a backup; or remove "
        "it, and the next reports show all answers, however few of them are new."
    )


def _state_of(table: pl.DataFrame) -> ReleaseState:
    blocks: dict[tuple[str, str], list[Block]] = {}
    seen: dict[tuple[str, str], frozenset[int]] = {}
    of_cells = table.filter(pl.col("part") != _PERSON)
    names = ["practice_id", "part", "block", "period"]
    for (practice, part, number, period), rows in of_cells.group_by(names, maintain_order=True):
        place, people = (str(practice), str(part)), frozenset(rows["element"].to_list())
        seen[place] = seen.get(place, frozenset()) | people
        if number != _LEFT:
            blocks.setdefault(place, []).append(Block(str(period), people))
    cells = {place: Cell(tuple(blocks.get(place, [])), everybody) for place, everybody in seen.items()}
    known = table.filter(pl.col("part") == _PERSON).select("element", "content").iter_rows()
    return ReleaseState(cells, tuple(Person(code, content) for code, content in known))


def release_answers(
    responses: Responses, files: ReleaseFiles, minimum_n: int, *, can_freeze: bool = False, today: date | None = None
) -> tuple[Release, CountedAnswers]:
    """Return the release for the reports to be made now; it is remembered for the next to be held against.

    Parameters
    ----------
    minimum_n
        Smallest number of people by whom two releases of a cell may differ.
    can_freeze
        Whether the figures of before are there; without them what cannot be renewed is withheld.
    today
        Months that end before it are over; the computer's own when not given.

    Raises
    ------
    StudyError
        When what is remembered of the release before cannot be read.
    """
    key, (state, known) = files.read_key(), files.read_known(responses, minimum_n)
    release = make_release(
        responses,
        state,
        key=key,
        minimum_n=minimum_n,
        today=today or date.today(),
        can_freeze=can_freeze,
        known=known,
    )
    # Before the results are: a release that nobody saw holds back too much, one that is not known too little.
    member = release.membership
    files.write(release.state, KnownAnswers(member.practices, member.people, member.elements))
    return release, count_answers(responses, release)


def read_counted(responses: Responses, files: ReleaseFiles, minimum_n: int) -> CountedAnswers | None:
    """The answers of the last release that are still there; None when there was none."""
    if not files.sets.exists():
        return None
    state, known = files.read_known(responses, minimum_n)
    release = make_release(responses, state, key=files.read_key(), minimum_n=minimum_n, only_known=True, known=known)
    return count_answers(responses, release)


def hash_cells(release: Release) -> str:
    """SHA-256 of how many count where, and of how many answered where nobody counts yet.

    A cell that was renewed has more people who were ever seen in it, so that no renewal leaves the hash as it was; that
    somebody was forgotten does.
    """
    member = release.membership
    counts = [
        (place, cell.count_seen(), sorted((block.period, len(block)) for block in cell.blocks))
        for place, cell in sorted(release.state.cells.items())
        if place[0]  # those of effects follow from who counts for a practice
    ]
    shown = {practice for (practice, _), cell in member.cells.items() if cell.blocks}
    others = sorted(one for one in member.practices if one not in shown)
    return hashlib.sha256(str((counts, others)).encode()).hexdigest()


def describe_waiting(release: Release, minimum_n: int) -> list[str]:
    """Say what does not count yet, and whose figures were not renewed; no message where all count."""
    notes = []
    if release.waiting:
        notes.append(
            f"{sum(release.waiting.values())} newer answers of {len(release.waiting)} practices count from the next "
            f"release: they wait until {minimum_n} have come in there, for reports that differ by fewer people would "
            "tell what those few said."
        )
    if release.part_waiting:
        notes.append(
            f"Of {len(release.part_waiting)} practices some questions have answers that wait until {minimum_n} people "
            "have answered them."
        )
    notes += _describe_frozen(release.membership.frozen)
    return notes


def _describe_frozen(frozen: Collection[str]) -> list[str]:
    if not frozen:
        return []
    return [
        f"The figures of {len(frozen)} practices were not renewed: answers were withdrawn or changed there, and too "
        "few others have come. Figures of all practices together rest on the others."
    ]
