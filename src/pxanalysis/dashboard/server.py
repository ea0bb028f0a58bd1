"""The server of the dashboard: Panel's, with our pages in it, and our rules on who may look."""

from __future__ import annotations

import logging
import secrets
import signal
import socket
import sys
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bokeh.application.handlers.handler import Handler
from bokeh.resources import Resources
from bokeh.server.auth_provider import AuthProvider
from bokeh.server.views.autoload_js_handler import AutoloadJsHandler
from bokeh.server.views.static_handler import StaticHandler
from bokeh.util.token import get_token_payload
from tornado.web import RequestHandler
from tornado.websocket import WebSocketHandler

from pxanalysis.dashboard.access import AccessBook, Viewer
from pxanalysis.dashboard.desk import Desk
from pxanalysis.dashboard.handlers import routes
from pxanalysis.dashboard.live import live_counts
from pxanalysis.dashboard.pages import PageMaker
from pxanalysis.dashboard.snapshot import Watcher
from pxanalysis.errors import StudyError

if TYPE_CHECKING:
    import panel as pn
    from bokeh.server.server import Server
    from tornado.httputil import HTTPServerRequest

    from pxanalysis.study import Study

__all__ = ["DASHBOARD_FOLDER", "Dashboard", "access_book", "make_dashboard"]

_log = logging.getLogger(__name__)

DASHBOARD_FOLDER = "data/processed/dashboard"
"""Where links, sessions and courses are kept, within a study."""


@dataclass(frozen=True, slots=True, eq=False)
class Dashboard:
    """A dashboard that is ready to be served.

    Attributes
    ----------
    address
        Where others reach it, without a slash at its end.
    """

    server: Server
    watcher: Watcher
    book: AccessBook
    address: str

    def serve(self) -> None:
        """Serve until Ctrl-C, or until the system asks to stop."""
        loop: Any = self.server.io_loop
        if sys.platform != "win32":  # Bokeh's own handler prints, and never stops where nobody reads that any more
            loop.asyncio_loop.add_signal_handler(signal.SIGTERM, loop.stop)
        self.server.start()
        self.watcher.start()
        try:
            loop.start()
        except KeyboardInterrupt:
            _log.info("stopped by Ctrl-C")
        finally:
            self.server.stop()
            self.watcher.stop()


def access_book(study: Study) -> AccessBook:
    """Links and sessions of a study."""
    return AccessBook(study.root / DASHBOARD_FOLDER, study.settings.dashboard.session_days)


def make_dashboard(study: Study, *, host: str = "127.0.0.1", port: int = 5006, every: float = 10.0) -> Dashboard:
    """Make the server of a study's dashboard.

    Parameters
    ----------
    host, port
        Where it listens; port 0: any that is free.
    every
        Seconds between two looks at the study's files.

    Raises
    ------
    StudyError
        When it cannot listen there.
    """
    told = study.settings.dashboard
    _check_host(host, told.address)
    pages, port = PageMaker(), port or _free_port(host)
    watcher, book = Watcher(study.root, every, pages.warm), access_book(study)
    address = told.address or f"http://{f'[{host}]' if ':' in host else host}:{port}"
    found = urlsplit(address)
    desk = Desk(
        watcher,
        book,
        pages,
        _hosts(address, host, port),
        found.path,
        found.scheme == "https",
        frozenset(told.trusted_proxy),
        told.identity_header,
        tuple(told.users.items()),
    )
    try:
        server = _make_server(desk, host, port)
    except OSError as error:
        raise StudyError(f"{host}:{port}: cannot listen there ({error}). Choose another --port.") from error
    return Dashboard(server, watcher, book, address)


def _make_server(desk: Desk, host: str, port: int) -> Server:
    """Panel's server with our pages in it."""
    from panel.io.application import build_applications
    from panel.io.server import Server

    apps = build_applications({"/live": lambda: _live(desk)}, title="pxanalysis", location=False)
    apps["/live"].add(_ForWhom(desk))
    server = Server(
        apps,
        port=port,
        address=host,
        prefix=desk.base,
        use_index=False,
        auth_provider=_Doorkeeper(desk),
        extra_patterns=routes(desk),
        allow_websocket_origin=sorted(one for one in desk.hosts if not one.startswith("[")),
        # nothing of the request goes into a token, which a page would hand to scripts
        include_cookies=[],
        include_headers=[],
        sign_sessions=True,
        secret_key=secrets.token_urlsafe(48),
        generate_session_ids=True,
        session_token_expiration=300,
        unused_session_lifetime_milliseconds=30_000,
        check_unused_sessions_milliseconds=10_000,
        keep_alive_milliseconds=25_000,
    )
    web: Any = server._tornado
    web.settings["log_function"] = _log_request
    web.resources = _resources
    return server


def _log_request(handler: RequestHandler) -> None:
    """Write down what was asked for without what comes after a question mark, where a link's token stands."""
    request, status = handler.request, handler.get_status()
    _log.info("%s %s %s %.0f ms", status, request.method, request.path, 1000 * request.request_time())


def _resources(absolute_url: object = None) -> Resources:
    """Scripts that the live part needs: without mathematics and WebGL, 2 MB that a telephone would load for nothing."""
    return Resources(
        mode="server",
        root_url="/",
        path_versioner=StaticHandler.append_version,
        components=["bokeh", "bokeh-widgets", "bokeh-tables"],
    )


class _Doorkeeper(AuthProvider):
    """Who may have Panel's part: whoever may have a page; and only a session of one's own.

    Bokeh finds a session by a number or token in the request, whoever's cookie comes with it. So a request may not name
    one, but a websocket, whose token is signed and says for whom it was made.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        super().__init__()

    @property
    def get_user(self) -> Any:
        return self._user

    @property
    def get_user_async(self) -> Any:
        return None

    @property
    def login_url(self) -> str:
        return "/"

    @property
    def get_login_url(self) -> Any:
        return None

    @property
    def login_handler(self) -> Any:
        return None

    @property
    def logout_url(self) -> Any:
        return None

    @property
    def logout_handler(self) -> Any:
        return None

    def _user(self, handler: RequestHandler) -> str | None:
        viewer = self._desk.viewer_of(handler.request)
        if viewer is None:
            return None
        if isinstance(handler, WebSocketHandler):
            return viewer.session if _made_for(handler.request) == viewer.session else None
        if not isinstance(handler, AutoloadJsHandler):  # nothing else of Panel's is asked for by our pages
            return None
        asked = {"bokeh-session-id", "bokeh-token"} & set(handler.request.arguments)
        return None if asked or "Bokeh-Session-Id" in handler.request.headers else viewer.session


class _ForWhom(Handler):
    """Puts into the signed token of a session for whom it was made."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def modify_document(self, doc: Any) -> None:
        """Nothing: the document is made by the other handler."""

    def process_request(self, request: Any) -> dict[str, Any]:
        viewer = self._desk.viewer_of(request)
        return {} if viewer is None else {"viewer": viewer.session, "opens": viewer.opens}


def _made_for(request: HTTPServerRequest) -> str:
    """For whom the session of a websocket was made, by the token that it brings; empty for none.

    The token is in the request before the handshake. Its signature is checked by Bokeh when the socket opens.
    """
    _, _, token = request.headers.get("Sec-WebSocket-Protocol", "").partition(",")
    try:
        return str(get_token_payload(token.strip()).get("viewer", ""))
    except Exception:  # whatever was sent, it is no token of ours
        return ""


def _live(desk: Desk) -> pn.viewable.Viewable:
    """The live part for whoever asked for it: what it may show stands in the token that this server signed."""
    import panel as pn

    document: Any = pn.state.curdoc
    context = document.session_context
    # Panel would have its style sheets from elsewhere, which the policy of our pages forbids
    document.template_variables["dist_url"] = f"{desk.base}/static/extensions/panel/"
    payload = context.token_payload
    viewer = Viewer(str(payload["opens"]), str(payload["viewer"]))
    asked = {name: values[0].decode() for name, values in context.request.arguments.items()}
    practice_id = asked.get("practice")
    if not viewer.programme or (practice_id is not None and not viewer.may_see(practice_id)):
        practice_id = viewer.opens
    return live_counts(lambda: desk.watcher.now, lambda: desk.still_looks(viewer), practice_id, asked.get("lang", ""))


def _free_port(host: str) -> int:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as found:
        found.bind((host, 0))
        return int(found.getsockname()[1])


def _hosts(address: str, host: str, port: int) -> frozenset[str]:
    """Names under which the server is asked for: its address, and those of this computer where it listens to itself."""
    named = {urlsplit(address).netloc, f"[{host}]:{port}" if ":" in host else f"{host}:{port}"}
    if ip_address(host).is_loopback:
        named |= {f"127.0.0.1:{port}", f"localhost:{port}"}
    return frozenset(one.lower() for one in named)


def _check_host(host: str, address: str | None) -> None:
    try:
        found = ip_address(host)
    except ValueError as error:
        raise StudyError(f"--host: expected an address such as 127.0.0.1 or 0.0.0.0, received '{host}'.") from error
    if not found.is_loopback and address is None:
        raise StudyError(
            f"--host {host}: others can then reach the dashboard, but not by which name. Write it in study.toml: "
            '[dashboard] address = "https://live.example.org" (with https, by a proxy: see docs/dashboard.md).'
        )
