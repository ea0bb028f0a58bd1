"""Forgetting a patient's answers: out of every file of the study, and not let in again."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from pxanalysis.analysis.privacy.cells import Block, Cell, People
from pxanalysis.analysis.privacy.fingerprints import MODEL, fingerprint_person
from pxanalysis.analysis.privacy.known import know_answers
from pxanalysis.analysis.privacy.masking import mask_text
from pxanalysis.analysis.privacy.row_cells import Cells
from pxanalysis.errors import AnalysisError, PxError, StudyError
from pxanalysis.study.contacts import CONTACTS, ContactStore
from pxanalysis.study.course_file import COURSE_PARTS, forget_in_parts
from pxanalysis.study.dentist_file import DENTIST_PARTS, forget_in_dentists
from pxanalysis.study.lock import lock_study
from pxanalysis.study.releases import ReleaseFiles
from pxanalysis.study.stand_ins import stands_for
from pxanalysis.survey.files import write_atomically
from pxanalysis.survey.forgetting import RemovedRows, remove_from_raw, remove_rows
from pxanalysis.survey.questionnaire_exports.layouts import recognise_layout
from pxanalysis.survey.sources.read import RawTable, read_source
from pxanalysis.survey.spreadsheets import list_separator

if TYPE_CHECKING:
    from pxanalysis.study.places import StudyPlaces
    from pxanalysis.survey.checking.validated import ValidatedTable
    from pxanalysis.survey.responses import Responses

__all__ = ["Forgotten", "delete_old", "forget", "read_ids", "read_tombstones", "refuse_forgotten"]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was done; it names nobody.

    Attributes
    ----------
    asked
        Ids that were given.
    removed
        Rows taken out of what the study stores.
    comments
        Comments taken out of the results.
    raw
        Records taken out of files in ``data/raw``; None when that was not asked for.
    not_rewritten
        Files in which a record could not be looked for, each with the reason.
    contacts
        Requests to be called back that were taken out.
    """

    asked: int
    removed: RemovedRows
    comments: int
    raw: int | None
    not_rewritten: tuple[str, ...] = ()
    contacts: int = 0


def read_ids(given: str) -> list[str]:
    """Response ids: those in a file, one a line, or the one that was given itself."""
    path = Path(given)
    if not path.is_file():
        return [given]
    lines = [line.strip().strip('"') for line in path.read_text(encoding="utf-8-sig").splitlines()]
    found = [line for line in lines if line and line != "response_id"]
    if not found:
        raise StudyError(f"{path.name}: there is no response id in it; expected one a line.")
    return found


def forget(study: StudyPlaces, ids: Collection[str], *, raw: bool = False) -> Forgotten:
    """Take responses out of the study for good.

    They are removed from accepted and refused rows, columns aside, releases, comments and contacts; a keyed hash of the
    id keeps them from coming back with the next export. Published figures stay until enough other people came.

    Parameters
    ----------
    raw
        Also rewrite the files in ``data/raw``.

    Raises
    ------
    StudyError
        When no id was given, or another process is at work in the study.
    """
    if not ids or not all(one.strip() for one in ids):
        raise StudyError("forget: expected the id of a response, or a file with one a line; received an empty one.")
    with lock_study(study.root):
        files = ReleaseFiles.beside(study.released_file)
        _remember(study.forgotten_file, files.read_key(), ids)
        result = _remove(study, ids)
        if raw:
            number, reasons = _rewrite_raw(study, ids)
            result = replace(result, raw=number, not_rewritten=tuple(reasons))
    return result


def delete_old(study: StudyPlaces, today: date) -> int:
    """Delete answers that are older than ``[privacy] keep_months`` whole months; how many there were."""
    oldest = study.oldest_day(today)
    if oldest is None or not study.store.batches:
        return 0
    table = study.store.read()
    old = [] if table is None else table.filter(pl.col("completed_on") < oldest)["response_id"].to_list()
    if old:
        with lock_study(study.root):
            _remove(study, old)
    return len(old)


def refuse_forgotten(table: ValidatedTable, study: StudyPlaces, oldest: date | None) -> ValidatedTable:
    """Return a checked file without those who asked to be forgotten, and without what is too old to be kept."""
    known = read_tombstones(study.forgotten_file)
    if not known and oldest is None:
        return table
    key = ReleaseFiles.beside(study.released_file).read_key()
    ids = table.accepted["response_id"].to_list()
    gone = {one for one in ids if fingerprint_person(key, one) in known}
    if oldest is not None:
        gone |= set(table.accepted.filter(pl.col("completed_on") < oldest)["response_id"])
    rows = set(table.aside.filter(pl.col("response_id").is_in(sorted(gone)))["row"].to_list())
    refused = [
        row in rows or _names_forgotten(record, key, known)
        for row, record in table.rejected.select("row", "record").iter_rows()
    ]
    keep = ~pl.col("response_id").is_in(sorted(gone))
    return replace(
        table,
        accepted=table.accepted.filter(keep),
        rejected=table.rejected.filter(~pl.Series(refused, dtype=pl.Boolean)),
        aside=table.aside.filter(keep),
    )


def _names_forgotten(record: str | None, key: bytes, known: Collection[int]) -> bool:
    if not record or not known:
        return False
    try:
        cells = json.loads(record)
    except ValueError:
        return False
    return any(fingerprint_person(key, str(value)) in known for value in cells.values())


def _remember(path: Path, key: bytes, ids: Collection[str]) -> None:
    codes = sorted(read_tombstones(path) | {fingerprint_person(key, one) for one in ids})
    write_atomically(path, json.dumps({"forgotten": codes}), private=True)


def read_tombstones(path: Path) -> frozenset[int]:
    """Keyed hashes of those who asked to be forgotten.

    Raises
    ------
    StudyError
        When the file is damaged.
    """
    if not path.exists():
        return frozenset()
    try:
        return frozenset(int(one) for one in json.loads(path.read_text(encoding="utf-8"))["forgotten"])
    except (ValueError, KeyError, TypeError) as error:
        raise StudyError(
            f"{path}: damaged ({error}). It keeps those who asked to be forgotten from coming back. Restore it from a "
            "backup, or forget them again after removing it."
        ) from error


def _remove(study: StudyPlaces, ids: Collection[str]) -> Forgotten:
    responses = _read_responses(study)
    comments = 0
    if responses is not None:
        gone = _forget_in_release(study, responses, ids)
        _forget_decisions(study, gone)
        forget_in_parts(study.root / COURSE_PARTS, gone)
        forget_in_dentists(study.root / DENTIST_PARTS, gone)
        comments = _forget_comments(study, responses, ids)
    processed = study.root / "data" / "processed"
    separator = list_separator(study.settings.study.language)
    shutil.rmtree(study.root / "as-of", ignore_errors=True)  # reports of earlier days, which can be made anew
    removed = remove_rows(processed / "responses", processed / "rejected", set(ids), separator)
    contacts = 0
    if (study.root / CONTACTS / "ledger.json").exists():
        contacts = ContactStore(study.root / CONTACTS, ReleaseFiles.beside(study.released_file).read_key()).forget(ids)
    return Forgotten(len(set(ids)), removed, comments, None, contacts=contacts)


def _read_responses(study: StudyPlaces) -> Responses | None:
    """All answers; None where there are none to look in, or they must be ingested again first."""
    try:
        return study.responses
    except PxError:
        return None


def _forget_in_release(study: StudyPlaces, responses: Responses, ids: Collection[str]) -> set[int]:
    """Put numbers that mean nothing in the place of hashes of these people: that they left is all that is known.

    Returns
    -------
    Hashes by which their answers are known elsewhere in the study.
    """
    files = ReleaseFiles.beside(study.released_file)
    if not files.sets.exists():
        return set()
    state, read = files.read_known(responses, study.settings.analysis.minimum_n)
    known = read or know_answers(responses, state.people, files.read_key())
    cells = state.cells if isinstance(state.cells, Cells) and state.cells.known is known else None
    cells = cells or Cells.match(known, state.cells)
    own = responses.table["response_id"].is_in(sorted(ids)).to_numpy()
    codes = {*known.people.codes[own].tolist()}
    gone = {part: _number_anew(known.elements.of_rows(part, np.flatnonzero(own))) for part in known.elements}

    def emptied(cell: Cell, part: str) -> Cell:
        def without(people: People) -> People:
            return _without(people, gone.get(part, {}), codes)

        blocks = tuple(Block(block.period, without(block.members)) for block in cell.blocks)
        return Cell.of(blocks, without(cell.left_members), without(cell.new_members))

    where = {known.practices.names[place] for place in np.unique(known.practices.of_row[own]).tolist()}
    kept = {key: emptied(cells[key], key[1]) for key in cells if key in cells.kept or key[0] in where}
    kept |= {key: emptied(cells[key], key[1]) for key in cells if key[1].startswith(MODEL)}
    people = state.people.take(~np.isin(state.people.codes, np.array(sorted(codes), dtype="<u8")))
    files.write(cells.take(np.flatnonzero(~own), kept), people)
    elsewhere = known.elements.in_form("blake2b")
    return {one for part in elsewhere for one in elsewhere.of_rows(part, np.flatnonzero(own)).tolist() if one}


def _number_anew(hashes: np.ndarray) -> dict[int, int]:
    return {one: secrets.randbits(63) for one in hashes.tolist() if one}


def _without(people: People, gone: dict[int, int], codes: set[int]) -> People:
    """Put numbers that mean nothing in the place of some hashes, and of what stands for somebody's answer."""
    hashes = people.hashes
    theirs = np.isin(hashes, np.array(sorted(gone), dtype="<u8"))
    stays = [one for one in people.stand_ins if stands_for(one) not in codes]
    new = [gone[one] for one in hashes[theirs].tolist()]
    new += [secrets.randbits(63) for _ in range(len(people.stand_ins) - len(stays))]
    return People.of(np.concatenate([hashes[~theirs], np.array(new, dtype="<u8")]), stays)


def _forget_decisions(study: StudyPlaces, gone: set[int]) -> None:
    """Take out what was decided on their comments, and the page on which they stand to be read."""
    (study.root / "data" / "processed" / "comments-review.html").unlink(missing_ok=True)
    if study.reviewed_file.exists():
        known = json.loads(study.reviewed_file.read_text(encoding="utf-8"))
        kept = {code: one for code, one in known.items() if int(code) not in gone}
        write_atomically(study.reviewed_file, json.dumps(kept, indent=1, ensure_ascii=False), private=True)


def _forget_comments(study: StudyPlaces, responses: Responses, ids: Collection[str]) -> int:
    """Take what they wrote out of the results; the pages are then out of date."""
    try:
        results = study.results
    except AnalysisError:  # no results: nothing of theirs is in them
        return 0
    comments = results["comments"]
    dropped: list[int] = []
    own = responses.table.filter(pl.col("response_id").is_in(sorted(ids)))
    for question in responses.journey.open_questions:
        for practice, text in own.select("practice_id", question.id).drop_nulls().iter_rows():
            same = (comments["practice_id"] == practice) & (comments["question"] == question.id)
            found = comments.index[same & (comments["text"] == mask_text(text)) & ~comments.index.isin(dropped)]
            dropped += list(found[:1])
    if dropped:
        frames = {**results.frames, "comments": comments.drop(index=dropped).reset_index(drop=True)}
        replace(results, frames=frames).write(study.results_folder)
    return len(dropped)


def _rewrite_raw(study: StudyPlaces, ids: Collection[str]) -> tuple[int, list[str]]:
    column, delimiter = study.settings.columns.get("response_id", "response_id"), study.settings.source.delimiter
    number, reasons = 0, []
    read = study.raw_files()
    shown = (path for path in study.raw_folder.glob("*") if path.is_file() and not path.name.startswith((".", "~$")))
    aside = {*(path.resolve() for path in read), study.practices_file.resolve()}
    for path in [*read, *sorted(path for path in shown if path.resolve() not in aside)]:
        try:
            named: str | None = column
            if path.suffix.lower() in {".csv", ".tsv", ".txt"}:
                named = _find_id_column(read_source(path), column)
            if named is None:
                reasons.append(f"{path.name}: there is no column '{column}'; name it in study.toml under [columns].")
                continue
            number += remove_from_raw(path, named, set(ids), delimiter)
        except PxError as error:
            reasons.append(str(error))
    reasons += [
        f"[sql.{name}]: pxanalysis never writes to a database. Delete them there as well, or their rows come back into "
        "data/raw when the answers there change (reports leave them out all the same)."
        for name in study.settings.sql
    ]
    reasons += [
        f"[pull.{name}]: pxanalysis only reads from a server. Delete them there as well, or they come back into "
        "data/raw when the answers there change (reports leave them out all the same)."
        for name in study.settings.pull
    ]
    return number, reasons


def _find_id_column(raw: RawTable, column: str) -> str | None:
    """The column with response ids: the one that study.toml names, else that of the survey tool it is an export of."""
    if column in raw.cells.columns:
        return column
    layout = recognise_layout(raw)
    return None if layout is None else layout.response_id
