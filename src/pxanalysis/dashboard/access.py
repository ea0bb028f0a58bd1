"""Who may look: links that are exchanged once, the sessions that come of them, and identities that a proxy vouches for.

A link is a signed number. Exchanged, it gives a random cookie; of that only a hash is kept, with the day on which it
ends. What a link opens (one practice, or the programme) stands on the server alone, so that nothing a browser sends can
change it, and taking a link back ends its sessions as well.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from itsdangerous import BadSignature, URLSafeSerializer

from pxanalysis.errors import AccessError, StudyError
from pxanalysis.study.lock import lock_briefly
from pxanalysis.survey.files import write_atomically

__all__ = ["LONGEST_DAYS", "PROGRAMME", "AccessBook", "Link", "Viewer", "name_opened"]

PROGRAMME = "*"
"""What a link to the page of all practices opens, where others have the id of a practice."""

LONGEST_DAYS = 7
"""A link can be exchanged for so many days at most."""

_DAY = 86_400.0
_SKEW = 300.0
"""Seconds by which the clock may have gone back before what it issued is refused."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who may look.

    Attributes
    ----------
    opens
        Id of the practice, or ``*`` for the programme.
    session
        Hash that tells this session from others; what a form carries is tied to it.
    """

    opens: str
    session: str

    @property
    def programme(self) -> bool:
        """Whether all practices are theirs to see."""
        return self.opens == PROGRAMME

    def may_see(self, practice_id: str) -> bool:
        """Whether a practice's page is theirs to see."""
        return self.programme or self.opens == practice_id


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was given out; times in seconds since 1970."""

    number: str
    opens: str
    issued: float
    expires: float
    used: float | None = None
    revoked: bool = False

    def state(self, now: float) -> str:
        """``revoked``, ``used``, ``expired`` or ``open``."""
        if self.revoked:
            return "revoked"
        if self.used is not None:
            return "used"
        return "open" if self.issued - _SKEW <= now <= self.expires else "expired"


@dataclass(frozen=True, slots=True)
class _Session:
    link: str
    opens: str
    opened: float
    ends: float


@dataclass(frozen=True, slots=True)
class _Book:
    key: str
    links: dict[str, Link]
    sessions: dict[str, _Session]


class AccessBook:
    """Links and sessions of a study, in a file that only its owner reads; a server and a command may both write it.

    Parameters
    ----------
    folder
        Where the file is kept.
    session_days
        Days after which a session ends.
    clock
        Seconds since 1970.
    """

    def __init__(self, folder: Path, session_days: int = 7, clock: Callable[[], float] = time.time) -> None:
        self._path = folder / "access.json"
        self._session_days, self._clock = session_days, clock
        self._seen: tuple[int, int] | None = None
        self._kept: _Book | None = None

    @property
    def links(self) -> tuple[Link, ...]:
        """Links that were given out, oldest first."""
        return tuple(self._read().links.values())

    def state(self, link: Link) -> str:
        """``revoked``, ``used``, ``expired`` or ``open``, by the clock of this book."""
        return link.state(self._clock())

    def issue(self, opens: str, days: int = LONGEST_DAYS) -> str:
        """Give out a link; returns its token.

        Raises
        ------
        AccessError
            For more than seven days, or none.
        """
        if not 1 <= days <= LONGEST_DAYS:
            raise AccessError(
                f"days: expected 1 to {LONGEST_DAYS}, received {days}. A link can be renewed at any time."
            )
        now, number = self._clock(), secrets.token_hex(8)
        with self._changing() as book:
            book.links[number] = Link(number, opens, now, now + days * _DAY)
        return str(self._signer("link").dumps(number))

    def exchange(self, token: str) -> str:
        """Exchange a link's token, once, for what goes into a cookie.

        Raises
        ------
        AccessError
            When it is not a link of this study, was used or taken back, or is too old.
        """
        number = self._number(token)
        with self._changing() as book:
            now, link = self._clock(), book.links.get(number)
            state = "unknown" if link is None else link.state(now)
            if link is None or state != "open":
                raise AccessError(f"the link is {state}", code=state)
            book.links[number] = replace(link, used=now)
            cookie = secrets.token_urlsafe(32)
            book.sessions[_digest(cookie)] = _Session(number, link.opens, now, now + self._session_days * _DAY)
        return cookie

    def look_up(self, token: str) -> Link | None:
        """The link of a token, whatever became of it; None for what is no link of this study."""
        try:
            return self._read().links.get(self._number(token))
        except AccessError:
            return None

    def viewer(self, cookie: str) -> Viewer | None:
        """Whose cookie it is; None when it is nobody's, ended, or its link was taken back."""
        digest = _digest(cookie)
        session = self._read().sessions.get(digest)
        viewer = None if session is None else Viewer(session.opens, digest)
        return viewer if viewer is not None and self.is_open(viewer) else None

    def is_open(self, viewer: Viewer) -> bool:
        """Whether a session has not ended, and its link was not taken back."""
        book, now = self._read(), self._clock()
        session = book.sessions.get(viewer.session)
        if session is None or not session.opened - _SKEW <= now <= session.ends:
            return False
        link = book.links.get(session.link)
        return link is not None and not link.revoked

    def end(self, viewer: Viewer) -> None:
        """End a session."""
        with self._changing() as book:
            book.sessions.pop(viewer.session, None)

    def revoke(self, which: str) -> int:
        """Take back a link by its number, or all that open a practice; their sessions end. How many there were."""
        with self._changing() as book:
            found = [one for one in book.links.values() if which in (one.number, one.opens) and not one.revoked]
            for link in found:
                book.links[link.number] = replace(link, revoked=True)
            gone = {link.number for link in found}
            for digest in [digest for digest, one in book.sessions.items() if one.link in gone]:
                del book.sessions[digest]
        return len(found)

    def form_token(self, viewer: Viewer) -> str:
        """What a form carries so that no other site can send it."""
        return str(self._signer("form").dumps(viewer.session))

    def is_form_token(self, token: str, viewer: Viewer) -> bool:
        """Whether a form was made for this session."""
        try:
            found = self._signer("form").loads(token)
        except BadSignature:
            return False
        return isinstance(found, str) and hmac.compare_digest(found, viewer.session)

    def _number(self, token: str) -> str:
        try:
            return str(self._signer("link").loads(token))
        except BadSignature as error:
            raise AccessError("the link is unknown", code="unknown") from error

    def _signer(self, purpose: str) -> URLSafeSerializer:
        return URLSafeSerializer(self._read().key, salt=f"pxanalysis-{purpose}", signer_kwargs=_SIGNER)

    def _read(self) -> _Book:
        """The book as it is on disk; read again only when the file changed."""
        try:
            found = self._path.stat()
        except FileNotFoundError:  # the key is made
            with self._changing():
                pass
            found = self._path.stat()
        seen = found.st_mtime_ns, found.st_ino
        if self._kept is None or seen != self._seen:
            self._kept, self._seen = _parse(self._path), seen
        return self._kept

    @contextmanager
    def _changing(self) -> Iterator[_Book]:
        """The book while nobody else writes it; written when the block ends without an error."""
        with lock_briefly(self._path.with_suffix(".lock")):
            book = _parse(self._path) if self._path.exists() else _Book(secrets.token_hex(32), {}, {})
            yield book
            now = self._clock()
            plain = {
                "key": book.key,
                "links": [asdict(one) for one in book.links.values()],
                "sessions": {digest: asdict(one) for digest, one in book.sessions.items() if one.ends >= now},
            }
            write_atomically(self._path, json.dumps(plain, indent=1), private=True)


_SIGNER = {"key_derivation": "hmac", "digest_method": hashlib.sha256}


def _parse(path: Path) -> _Book:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        links = {one["number"]: Link(**one) for one in found["links"]}
        return _Book(str(found["key"]), links, {name: _Session(**one) for name, one in found["sessions"].items()})
    except (ValueError, KeyError, TypeError) as error:
        raise StudyError(
            f"{path}: damaged ({error!s:.80}). Nobody is let in by it. Remove it, and give out new links with "
            "'pxanalysis dashboard link'."
        ) from error


def _digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()


def name_opened(opens: str, known: Collection[str]) -> str:
    """What a link opens, checked: ``*`` or the id of a practice.

    Raises
    ------
    AccessError
        Naming the practices that there are.
    """
    if opens == PROGRAMME or opens in known:
        return opens
    some = ", ".join(sorted(known)[:12])
    raise AccessError(f"practice: there is no practice '{opens}' in this study. There are: {some or 'none yet'}.")
