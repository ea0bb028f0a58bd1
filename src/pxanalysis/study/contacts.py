"""Who asked to be called back: encrypted, apart from the answers, and for some days only.

Each request is a file of its own, encrypted with a key that stands in the environment and nowhere in the study. Its
name is a keyed hash of the response id, so that somebody can be forgotten, and is not kept twice, without that key. A
ledger beside them has practice, day and state, and nothing by which anybody is known; it is what the programme counts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from pxanalysis.analysis.privacy.fingerprints import fingerprint_person
from pxanalysis.errors import StudyError
from pxanalysis.study.lock import lock_briefly
from pxanalysis.survey.files import write_atomically

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

    from pxanalysis.survey.contacts import ContactDetails

__all__ = ["CONTACTS", "KEY", "CallBack", "CallBackCounts", "CallBackState", "ContactStore", "Wanted", "make_key"]

KEY = "PXANALYSIS_CONTACT_KEY"
"""Environment variable with the key; several, divided by commas, while one is replaced: the first one encrypts."""

CONTACTS = "data/processed/contacts"
"""Where they are kept, within a study."""

CallBackState = Literal["open", "done", "not reached", "closed"]

LATE = 3
"""Days after which somebody who asked to be called back has waited too long."""

_JUMP = 14
"""The clock may go so many days ahead between two looks; further, and nothing is deleted before it is seen again."""

_CHECK = b"pxanalysis contacts"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request to be called back, with the practice and the day of the answer it came with."""

    details: ContactDetails
    practice_id: str
    day: date | None


@dataclass(frozen=True, slots=True)
class CallBack:
    """A request as the practice sees it: never with an answer.

    Attributes
    ----------
    number
        What tells it from others; not the response id.
    contact
        How the patient is reached, by the name of the column.
    state, note
        Where it stands, and what the practice wrote down.
    until
        Day after which it is deleted.
    """

    number: str
    practice_id: str
    day: date
    contact: Mapping[str, str]
    request: str
    state: CallBackState
    note: str
    until: date


@dataclass(frozen=True, slots=True)
class CallBackCounts:
    """Call-backs of a practice: how many wait, of those too long, were handled, ran out unhandled, or were lost."""

    open: int = 0
    late: int = 0
    done: int = 0
    not_reached: int = 0
    closed: int = 0
    expired: int = 0
    lost: int = 0

    @property
    def handled(self) -> int:
        """Those that somebody saw to."""
        return self.done + self.not_reached + self.closed


def make_key() -> str:
    """A new key, to be kept outside the study."""
    from cryptography.fernet import Fernet  # of an extra

    return Fernet.generate_key().decode()


class ContactStore:
    """Requests to be called back of one study.

    Parameters
    ----------
    folder
        Where they are kept.
    person_key
        Key by which response ids are hashed, the study's own.
    keep_days
        Days after which a request is deleted.
    key
        Key of the encryption; that of the environment when None.
    """

    def __init__(self, folder: Path, person_key: bytes, keep_days: int = 30, key: str | None = None) -> None:
        self._folder, self._person_key, self._keep_days = folder, person_key, keep_days
        self._key = os.environ.get(KEY, "") if key is None else key
        self._ledger = folder / "ledger.json"

    def add(self, wanted: Iterable[Wanted], today: date, forgotten: Collection[int] = ()) -> int:
        """Keep requests that are new, young enough, and not of somebody who asked to be forgotten; how many.

        Raises
        ------
        StudyError
            Without a key, or with another one than before.
        """
        cipher, kept = self._cipher(), 0
        with lock_briefly(self._folder / ".lock"):
            ledger = self._checked(self._read(), cipher)
            for one in wanted:
                code = fingerprint_person(self._person_key, one.details.response_id)
                number = f"{code:016x}"
                day = one.day if one.day is not None and one.day <= today else today
                if code in forgotten or number in ledger["requests"] or self._until(day) < today:
                    continue
                plain = {"practice_id": one.practice_id, "day": day.isoformat(), **asdict(one.details)}
                self._write_request(number, cipher, {**plain, "contact": dict(one.details.contact), "note": ""})
                ledger["requests"][number] = {"practice": one.practice_id, "day": day.isoformat(), "state": "open"}
                kept += 1
            self._write(ledger)
        return kept

    def read(self, practice_id: str, today: date) -> list[CallBack]:
        """Requests of a practice that are not too old, those that wait first, then oldest first.

        Raises
        ------
        StudyError
            Without a key, with another one than before, or when the ledger is damaged.
        """
        ledger = self._read()
        own = {number: one for number, one in ledger["requests"].items() if one["practice"] == practice_id}
        shown = {number: one for number, one in own.items() if self._is_kept(one, today)}
        if not shown:
            return []
        cipher = self._cipher()
        self._checked(ledger, cipher)
        found = [self._call_back(number, one, cipher) for number, one in shown.items() if self._file(number).is_file()]
        return sorted(found, key=lambda one: (one.state != "open", one.day, one.number))

    def move(self, number: str, practice_id: str, state: CallBackState, note: str) -> None:
        """Let a request of a practice move on, with a note.

        Raises
        ------
        StudyError
            When the practice has no such request, or it cannot be read.
        """
        if state not in get_args(CallBackState):
            raise StudyError(f"call-back: expected one of {', '.join(get_args(CallBackState))}, received '{state}'.")
        cipher = self._cipher()
        with lock_briefly(self._folder / ".lock"):
            ledger = self._checked(self._read(), cipher)
            entry = ledger["requests"].get(number)
            if entry is None or entry["practice"] != practice_id or not self._file(number).is_file():
                raise StudyError(f"call-back: practice '{practice_id}' has no request '{number}' (any more).")
            plain = json.loads(cipher.decrypt(self._file(number).read_bytes()))
            self._write_request(number, cipher, {**plain, "note": note})
            ledger["requests"][number] = {**entry, "state": state}
            self._write(ledger)

    def counts(self, today: date) -> dict[str, CallBackCounts]:
        """How call-backs stand, by practice; this needs no key, and tells nothing of anybody."""
        found: dict[str, CallBackCounts] = {}
        for number, one in self._read()["requests"].items():
            own = found.get(one["practice"], CallBackCounts())
            name = one["state"].replace(" ", "_")
            if name == "open" and not self._is_kept(one, today):
                name = "expired"
            elif name == "open" and not self._file(number).is_file():
                name = "lost"
            more = {name: getattr(own, name) + 1}
            if name == "open" and (today - date.fromisoformat(one["day"])).days >= LATE:
                more["late"] = own.late + 1
            found[one["practice"]] = replace(own, **more)
        return found

    def delete_old(self, today: date) -> int:
        """Delete requests that are too old; how many. This needs no key.

        After a leap of the clock nothing is deleted until the new day is seen a second time: what is too old is not
        shown meanwhile.
        """
        if not self._ledger.exists():
            return 0
        with lock_briefly(self._folder / ".lock"):
            ledger = self._read()
            seen = date.fromisoformat(ledger.get("seen", today.isoformat()))
            steady = abs((today - seen).days) <= _JUMP
            old = [number for number, one in ledger["requests"].items() if not self._is_kept(one, today)]
            gone = [number for number in old if steady and self._file(number).is_file()]
            for number in gone:
                self._file(number).unlink()
                entry = ledger["requests"][number]
                ledger["requests"][number] = {
                    **entry,
                    "state": "expired" if entry["state"] == "open" else entry["state"],
                }
            if gone or ledger.get("seen") != today.isoformat():
                self._write({**ledger, "seen": today.isoformat()})
        return len(gone)

    def forget(self, ids: Iterable[str]) -> int:
        """Take out the requests of some responses, and that there were any; how many. This needs no key."""
        if not self._ledger.exists():
            return 0
        with lock_briefly(self._folder / ".lock"):
            ledger, gone = self._read(), 0
            for one in ids:
                number = f"{fingerprint_person(self._person_key, one):016x}"
                self._file(number).unlink(missing_ok=True)
                gone += ledger["requests"].pop(number, None) is not None
            if gone:
                self._write(ledger)
        return gone

    def _until(self, day: date) -> date:
        return day + timedelta(days=self._keep_days)

    def _is_kept(self, entry: Mapping[str, str], today: date) -> bool:
        return entry["state"] != "expired" and self._until(date.fromisoformat(entry["day"])) >= today

    def _file(self, number: str) -> Path:
        return self._folder / f"{number}.request"

    def _cipher(self) -> MultiFernet:
        try:
            from cryptography.fernet import Fernet, MultiFernet  # of an extra
        except ModuleNotFoundError as error:
            raise StudyError(
                "contacts are encrypted with 'cryptography', which is not installed: pip install "
                "'pxanalysis[dashboard]'."
            ) from error
        if not self._key.strip():
            raise StudyError(
                f"contacts: the environment variable {KEY} is not set, so contacts can be neither kept nor read. Set "
                "it to the key of this study; 'pxanalysis dashboard key' makes a new one."
            )
        try:
            return MultiFernet([Fernet(one.strip()) for one in self._key.split(",")])
        except ValueError as error:
            raise StudyError(
                f"contacts: {KEY} is not a key: expected 44 characters, as 'pxanalysis dashboard key' makes them."
            ) from error

    def _checked(self, ledger: dict[str, Any], cipher: MultiFernet) -> dict[str, Any]:
        """The ledger, which remembers with which key it was begun."""
        from cryptography.fernet import InvalidToken

        if "check" not in ledger:
            return {**ledger, "check": cipher.encrypt(_CHECK).decode()}
        try:
            cipher.decrypt(ledger["check"].encode())
        except InvalidToken as error:
            raise StudyError(
                f"contacts: {KEY} is another key than the one they were encrypted with. Set the former one; while a "
                f"key is replaced, both: new,old. If it is lost, so are the contacts: remove {self._folder}."
            ) from error
        return ledger

    def _call_back(self, number: str, entry: Mapping[str, Any], cipher: MultiFernet) -> CallBack:
        from cryptography.fernet import InvalidToken

        try:
            plain = json.loads(cipher.decrypt(self._file(number).read_bytes()))
        except InvalidToken as error:
            raise StudyError(
                f"{self._file(number)}: damaged, or encrypted with another key than {KEY}. Restore it from a backup, "
                "or remove it: the request is then counted as lost."
            ) from error
        day = date.fromisoformat(entry["day"])
        return CallBack(
            number,
            entry["practice"],
            day,
            plain["contact"],
            plain["request"],
            entry["state"],
            plain["note"],
            self._until(day),
        )

    def _write_request(self, number: str, cipher: MultiFernet, plain: Mapping[str, Any]) -> None:
        data = cipher.encrypt(json.dumps(plain, ensure_ascii=False).encode())
        write_atomically(self._file(number), data, private=True)

    def _read(self) -> dict[str, Any]:
        if not self._ledger.exists():
            return {"requests": {}}
        try:
            found = json.loads(self._ledger.read_text(encoding="utf-8"))
            for one in found["requests"].values():
                date.fromisoformat(one["day"]), str(one["practice"]), str(one["state"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StudyError(
                f"{self._ledger}: damaged ({error!s:.80}). Restore it from a backup; or remove {self._folder}, and "
                "with it all requests to be called back."
            ) from error
        return dict(found)

    def _write(self, ledger: Mapping[str, Any]) -> None:
        write_atomically(self._ledger, json.dumps(ledger, indent=1, sort_keys=True), private=True)
