"""Taking in an export with contacts: they go to the encrypted store, and out of the copy in ``data/raw``."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pxanalysis.errors import SurveyError
from pxanalysis.study.contacts import CONTACTS, ContactStore, Wanted
from pxanalysis.study.forgetting import read_tombstones
from pxanalysis.study.releases import ReleaseFiles
from pxanalysis.survey.contact_scrubbing import scrub_contacts
from pxanalysis.survey.contacts import search_contacts
from pxanalysis.survey.sources.raw import hash_file

if TYPE_CHECKING:
    from pxanalysis.study.places import StudyPlaces
    from pxanalysis.study.taking_in import FileCheck

__all__ = ["contact_store", "delete_old_contacts", "keep_contacts"]


def contact_store(study: StudyPlaces) -> ContactStore:
    """Requests to be called back of a study."""
    key = ReleaseFiles.beside(study.released_file).read_key()
    return ContactStore(study.root / CONTACTS, key, study.settings.contact.keep_days)


def delete_old_contacts(study: StudyPlaces, today: date) -> int:
    """Delete requests to be called back that are too old; how many."""
    if not (study.root / CONTACTS / "ledger.json").exists():
        return 0
    return contact_store(study).delete_old(today)


def keep_contacts(study: StudyPlaces, path: Path, found: FileCheck, today: date) -> FileCheck:
    """Keep the contacts of a checked file apart, and empty them in the study's own copy of it.

    They are kept before the file is rewritten, so that a run that is cut short loses nothing: it finds them again.

    Returns
    -------
    The check, with the digest of the file as it is now and a note of what was done.

    Raises
    ------
    StudyError
        Without a key, or with another one than before; the file is then left as it is, and not taken in.
    SurveyError
        When a column is not there, or the file cannot be rewritten.
    """
    settings = study.settings
    columns, source = settings.contact_columns, settings.source
    if columns is None or found.answers is None:
        return found
    search = found.contacts
    if search is None:
        search = search_contacts(path, columns, delimiter=source.delimiter, encoding=source.encoding)
    there = search.found()
    if there is None:
        return found
    if found.table is not None:
        search.find_known(found.table.accepted)
    known = search.known
    wanted = [Wanted(one, *known[one.response_id]) for one in there.wanted if one.response_id in known]
    refused = len(there.wanted) - len(wanted)
    own = study.raw_folder.resolve() in path.resolve().parents
    if refused and own:
        missing = next(one.response_id for one in there.wanted if one.response_id not in known)
        raise SurveyError(
            f"{path.name}: response '{missing}' asks to be called back, but its row was refused, so its practice is "
            "not known; the file is left as it is. See 'pxanalysis check' for the reason and correct the row, or empty "
            "its contact."
        )
    kept = contact_store(study).add(wanted, today, read_tombstones(study.forgotten_file))
    days, name = settings.contact.keep_days, path.name
    notes = [f"{name}: {kept} requests to be called back are kept apart, encrypted, for {days} days."]
    if there.without_consent:
        notes.append(f"{name}: {there.without_consent} contacts without consent ('{columns.consent}') are not kept.")
    if there.unreachable:
        notes.append(f"{name}: {there.unreachable} ask to be called back, without a contact or response id.")
    if not own:
        notes.append(f"{path}: is not in data/raw and stays as it is; it still holds contacts. Delete them there.")
        return replace(found, notes=(*found.notes, *notes))
    scrub_contacts(path, columns.named, source.delimiter, source.encoding)
    return replace(found, digest=hash_file(path), notes=(*found.notes, *notes))
