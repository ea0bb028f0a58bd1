"""What handlers share: what there is to show, who may look, and under which names the server is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pxanalysis.dashboard.access import AccessBook, Viewer
from pxanalysis.dashboard.pages import PageMaker

if TYPE_CHECKING:
    from pxanalysis.dashboard.snapshot import Watcher

__all__ = ["COOKIE", "Desk", "secure_headers"]

COOKIE = "pxanalysis_live"

_PROXY = "proxy "
"""Start of what tells a session of somebody for whom a proxy vouches."""


@dataclass(frozen=True, slots=True, eq=False)
class Desk:
    """What handlers share.

    Attributes
    ----------
    watcher, book, pages
        What there is to show, who may look, and what makes pages.
    hosts
        Values of ``Host`` that are answered, in small letters: another name that leads here is not ours.
    base
        Path under which others reach this server; empty for the root.
    secure
        Whether that is by https, so that a cookie goes no other way.
    proxies, header, users
        Addresses whose identity header is believed, its name, and what each identity opens.
    """

    watcher: Watcher
    book: AccessBook
    pages: PageMaker
    hosts: frozenset[str]
    base: str = ""
    secure: bool = False
    proxies: frozenset[str] = frozenset()
    header: str = "X-Forwarded-User"
    users: tuple[tuple[str, str], ...] = ()

    def viewer_of(self, request: Any) -> Viewer | None:
        """Who sends a request: by the cookie, or by the header of a proxy that is trusted; None for nobody."""
        if request.host.lower() not in self.hosts:
            return None
        morsel = request.cookies.get(COOKIE)
        viewer = None if morsel is None else self.book.viewer(morsel.value)
        return viewer or self._vouched_for(request)

    def still_looks(self, viewer: Viewer) -> bool:
        """Whether a viewer's access has not ended since."""
        if viewer.session.startswith(_PROXY):
            return dict(self.users).get(viewer.session.removeprefix(_PROXY)) == viewer.opens
        return self.book.is_open(viewer)

    def _vouched_for(self, request: Any) -> Viewer | None:
        names = request.headers.get_list(self.header)
        # the address of the socket: headers that say where a request came from can be written by anybody
        if len(names) != 1 or request.connection.context.address[0] not in self.proxies:
            return None
        opens = dict(self.users).get(names[0].strip())
        return None if opens is None else Viewer(opens, _PROXY + names[0].strip())


def secure_headers() -> dict[str, str]:
    """Headers of every answer: nothing is kept, framed, or loaded from elsewhere."""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; font-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Server": "pxanalysis",
    }
