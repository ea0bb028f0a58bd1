"""What a study remembers of its last release, as sets of keyed hashes on disk, and the release that is made from it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from pxanalysis.analysis.privacy.cells import Block, Cell
from pxanalysis.analysis.privacy.counted import CountedAnswers, count_answers
from pxanalysis.analysis.privacy.fingerprints import HashForm
from pxanalysis.analysis.privacy.known import KnownAnswers, know_answers
from pxanalysis.analysis.privacy.release import Release, ReleaseState, make_release
from pxanalysis.analysis.privacy.respondents import Respondents
from pxanalysis.analysis.privacy.row_cells import CellKey, Cells
from pxanalysis.errors import StudyError
from pxanalysis.study.release_file import SCHEMA, pack_state
from pxanalysis.study.release_past import read_people, translate_cells, unpack_state
from pxanalysis.study.stand_ins import FORMS
from pxanalysis.survey.files import write_atomically, write_parts

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

_ADDED = {"start": 0, "older": b""}
"""Columns that files of before may not have, and what they would hold there."""
_AT_ONCE = 2**24
"""Bytes of the file that are written together, or a little more."""


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

    def read_known(
        self, responses: Responses, minimum_n: int, form: HashForm = "siphash"
    ) -> tuple[ReleaseState, KnownAnswers | None]:
        """Read the same, and the answers by which it was understood; None where there is nothing to understand.

        Parameters
        ----------
        form
            In which hashes are to be, whatever the file holds.

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
            then = replace(responses, table=before.select(responses.table.columns))
            shown = self._know(then, Respondents.empty(), form)
            state = make_release(then, key=self.read_key(), minimum_n=minimum_n, known=shown).state
            return state, self._know(responses, state.people, form)
        if table.schema == pl.Schema(_LONG_FORM):
            people, cells = _read_long(table)
            known = self._know(responses, people, form)
            return ReleaseState(translate_cells(cells, known), people), known
        table = table.with_columns(
            pl.lit(value, dtype=SCHEMA[name]).alias(name) for name, value in _ADDED.items() if name not in table.columns
        )
        if {*table.columns} != {*SCHEMA} or table.select(*SCHEMA).schema != pl.Schema(SCHEMA):
            raise _unreadable(self.sets, "other columns than expected")
        people, written = read_people(table)
        if written >= len(FORMS):
            raise _unreadable(self.sets, "it was written by a newer version of pxanalysis")
        known = self._know(responses, people, form)
        return unpack_state(table, people, written, known), known

    def _know(self, responses: Responses, people: Respondents, form: HashForm) -> KnownAnswers:
        known = know_answers(responses, people, self.read_key())
        return replace(known, elements=known.elements.in_form(form))

    def write(self, cells: Cells, people: Respondents) -> None:
        """Remember a release."""
        write_parts(_gather(pack_state(cells, people)), self.sets)


def _gather(tables: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Fewer tables, each so large that it is worth a part of the file."""
    waiting: list[pl.DataFrame] = []
    for table in tables:
        waiting.append(table)
        if sum(int(one.estimated_size()) for one in waiting) > _AT_ONCE:
            yield pl.concat(waiting)
            waiting = []
    if waiting:
        yield pl.concat(waiting)


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


def _read_long(table: pl.DataFrame) -> tuple[Respondents, dict[CellKey, Cell]]:
    """Read a file of before with a row per hash."""
    blocks: dict[CellKey, list[Block]] = {}
    seen: dict[CellKey, frozenset[int]] = {}
    of_cells = table.filter(pl.col("part") != _PERSON)
    names = ["practice_id", "part", "block", "period"]
    for (practice, part, number, period), rows in of_cells.group_by(names, maintain_order=True):
        place, own = (str(practice), str(part)), frozenset(rows["element"].to_list())
        seen[place] = seen.get(place, frozenset()) | own
        if number != _LEFT:
            blocks.setdefault(place, []).append(Block(str(period), own))
    persons = table.filter(pl.col("part") == _PERSON)
    codes, contents = (persons[name].to_numpy() for name in ("element", "content"))
    people = Respondents(codes, contents, np.ones(len(codes), dtype=bool))
    return people, {place: Cell(tuple(blocks.get(place, [])), everybody) for place, everybody in seen.items()}


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
    files.write(release.membership.cells, release.state.people)
    counted = count_answers(responses, release)
    release.membership.elements.recent.clear()  # the fit goes on for minutes, and needs hardly any
    return release, counted


def read_counted(responses: Responses, files: ReleaseFiles, minimum_n: int) -> CountedAnswers | None:
    """The answers of the last release that are still there; None when there was none.

    Their hashes are those by which months and dentists that were shown are remembered.
    """
    if not files.sets.exists():
        return None
    state, known = files.read_known(responses, minimum_n, "blake2b")
    release = make_release(responses, state, key=files.read_key(), minimum_n=minimum_n, only_known=True, known=known)
    return count_answers(responses, release)


def hash_cells(release: Release) -> str:
    """SHA-256 of how many count where, and of how many answered where nobody counts yet.

    A cell that was renewed has more people who were ever seen in it, so that no renewal leaves the hash as it was; that
    somebody was forgotten does.
    """
    member = release.membership
    counts = sorted(
        (place, seen, sorted(blocks))
        for place, seen, blocks in member.cells.sizes()
        if place[0]  # those of effects follow from who counts for a practice
    )
    shown = {practice for (practice, _), _, blocks in counts if blocks}
    answers = zip(member.practices.names, member.practices.count().tolist(), strict=True)
    others = [name for name, n in sorted(answers) if name not in shown for _ in range(n)]
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
