"""Requests for pages and forms: who asks is settled before anything is shown or written.

Pages and forms are served by handlers of our own in Panel's server, and only the live counts by Panel itself. A page of
Panel's is a document that a websocket fills: its session is found by a number in the page, whoever's cookie comes with
it, its content is not in the page that was asked for, and it needs a script. Pages here are HTML that is there without
one, under a policy that allows scripts of this server only, and a form is a form.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from tornado.web import HTTPError, RequestHandler

from pxanalysis.dashboard.access import PROGRAMME, Viewer
from pxanalysis.dashboard.desk import COOKIE, Desk, secure_headers
from pxanalysis.dashboard.forms import Fields, move_action, move_call_back, record_action
from pxanalysis.dashboard.overview_page import Asked
from pxanalysis.dashboard.pages import CallBacks, Place, Sent, dashboard_css, languages_of
from pxanalysis.errors import AccessError, PxError
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.study.calling_back import contact_store
from pxanalysis.study.contacts import CONTACTS, CallBackCounts

if TYPE_CHECKING:
    from pxanalysis.dashboard.snapshot import Snapshot

__all__ = ["call_backs_of", "count_call_backs", "routes"]

_log = logging.getLogger(__name__)

_LONGEST_BODY = 20_000
_SAID = {"recorded", "moved", "call"}


class _Page(RequestHandler):
    """A page in the reader's language, for whoever may see it."""

    def initialize(self, desk: Desk) -> None:
        self.desk = desk
        self.snapshot: Snapshot = desk.watcher.now

    def set_default_headers(self) -> None:
        for name, value in secure_headers().items():
            self.set_header(name, value)

    def prepare(self) -> None:
        """Refuse a name that is not ours: a page elsewhere could have it lead here."""
        if self.request.host.lower() not in self.desk.hosts:
            raise HTTPError(421)

    def get_current_user(self) -> Viewer | None:
        return self.desk.viewer_of(self.request)

    @property
    def viewer(self) -> Viewer | None:
        """Who asks; None for nobody."""
        found: Viewer | None = self.current_user
        return found

    @property
    def language(self) -> str:
        """The language asked for, where there is one; else that of the study."""
        known = languages_of(self.snapshot)
        asked = self.get_query_argument("lang", "")
        return asked if asked in known else known[0]

    @property
    def place(self) -> Place:
        """Where pages stand, and what their forms carry."""
        viewer = self.viewer
        token = "" if viewer is None else self.desk.book.form_token(viewer)
        return Place(self.desk.base, token, viewer is not None and viewer.programme)

    def show_message(self, status: int, heading: str, text: str, **options: Any) -> None:
        """Finish with a page of one message."""
        self.set_status(status)
        self.finish(self.desk.pages.message(self.snapshot, heading, text, self.language, self.place, **options))

    def write_error(self, status_code: int, **_: Any) -> None:
        """Say in the reader's language what is wrong; never how."""
        heading, text = "live.missing_heading", "live.missing"
        if status_code >= 500:
            heading, text = "live.broken_heading", "live.broken"
        try:
            self.show_message(status_code, heading, text, start=True)
        except PxError:
            self.finish("")

    def log_exception(self, kind: Any, value: Any, trace: Any) -> None:
        """Write down what went wrong; a request that was refused is not an error."""
        if isinstance(value, HTTPError):
            _log.info("%s %s: %s", value.status_code, self.request.path, value.reason or "")
        else:
            _log.error("a page could not be made", exc_info=(kind, value, trace))

    def ask_to_enter(self) -> None:
        """Finish with the page that asks for a link."""
        self.show_message(401, "live.enter_heading", "live.enter_none", asks=True)


class _Start(_Page):
    """The first page: the viewer's practice, or the programme."""

    def get(self) -> None:
        viewer = self.viewer
        if viewer is None:
            self.ask_to_enter()
            return
        if not viewer.programme:
            self.redirect(f"{self.desk.base}/practice/{_quoted(viewer.opens)}?lang={self.language}")
            return
        counts = count_call_backs(self.snapshot)
        page = self.desk.pages.programme(self.snapshot, self._asked(), self.language, self.place, counts)
        self.finish(page)

    def _asked(self) -> Asked:
        page = self.get_query_argument("page", "1")
        show, order = self.get_query_argument("show", "all"), self.get_query_argument("order", "name")
        return Asked(
            self.get_query_argument("search", "")[:80],
            "call" if show == "call" else "all",
            order if order in {"name", "call", "week"} else "name",  # type: ignore[arg-type]
            int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
            tuple(unquote(one) for one in self.get_query_arguments("compare")[:20]),
        )


class _OfPractice(_Page):
    """What is of one practice."""

    def find_practice(self, quoted: str) -> str | None:
        """The practice, when it is there and the viewer may see it; else the request is finished."""
        viewer, practice_id = self.viewer, unquote(quoted)
        if viewer is None:
            self.ask_to_enter()
            return None
        if not viewer.may_see(practice_id):
            raise HTTPError(404)
        if practice_id not in self.snapshot.names:
            if viewer.programme:
                raise HTTPError(404)
            self.show_message(410, "live.refused_heading", "live.refused_left")
            return None
        return practice_id

    def show_practice(self, practice_id: str, sent: Sent) -> None:
        """Finish with the page; with what was sent, where it was not written down."""
        viewer = self.viewer
        own = viewer is not None and not viewer.programme
        call_backs = call_backs_of(self.snapshot, practice_id, own=own)
        pages = self.desk.pages
        self.finish(pages.practice(self.snapshot, practice_id, self.language, self.place, call_backs, sent))


class _Practice(_OfPractice):
    """The page of one practice."""

    def get(self, quoted: str) -> None:
        practice_id = self.find_practice(quoted)
        if practice_id is not None:
            said = self.get_query_argument("said", "")
            self.show_practice(practice_id, Sent(said if said in _SAID else ""))


class _Form(_OfPractice):
    """A form of a practice's page; what it does, by the last part of its address."""

    def post(self, quoted: str, what: str) -> None:
        practice_id = self.find_practice(quoted)
        if practice_id is None:
            return
        viewer = self.viewer
        fields = _read_form(self)
        if viewer is None or not _is_ours(self, fields, viewer):
            self.show_message(403, "live.form_old_heading", "live.form_old", start=True)
            return
        if what == "call-back" and viewer.programme:
            raise HTTPError(404)
        act, said, place = _ACTS[what]
        wording = Wording(self.language, self.snapshot.study.journey.reported_on)
        problems = act(self.snapshot.study, practice_id, fields, wording)
        self.snapshot = self.desk.watcher.look_at_actions()
        if problems:
            self.set_status(422)
            self.show_practice(practice_id, Sent(errors=problems, filled=fields))
            return
        address = f"{self.desk.base}/practice/{_quoted(practice_id)}?lang={self.language}&said={said}#{place}"
        self.redirect(address, status=303)


_ACTS = {
    "action": (record_action, "recorded", "actions"),
    "move": (move_action, "moved", "actions"),
    "call-back": (move_call_back, "call", "call-backs"),
}


class _Enter(_Page):
    """A link is shown with a button, which exchanges it: what only looks at an address (a mail filter) uses up none."""

    def get(self) -> None:
        token = self.get_query_argument("link", "")[:500]
        if not token:
            self.ask_to_enter()
            return
        link = self.desk.book.look_up(token)
        state = "unknown" if link is None else self.desk.book.state(link)
        if link is None or state != "open":
            self.show_message(403, "live.refused_heading", f"live.refused_{state}", asks=True)
            return
        self.show_message(200, "live.enter_heading", "live.enter_text", link=token)

    def post(self) -> None:
        if not _same_origin(self):
            self.show_message(403, "live.form_old_heading", "live.form_old", asks=True)
            return
        token = _token_in(_read_form(self).get("link", ""))
        link = self.desk.book.look_up(token)
        if link is not None and link.opens != PROGRAMME and link.opens not in self.snapshot.names:
            self.show_message(410, "live.refused_heading", "live.refused_left")
            return
        try:
            cookie = self.desk.book.exchange(token)
        except AccessError as error:
            _log.warning("a link was refused: %s", error)
            self.show_message(403, "live.refused_heading", f"live.refused_{error.code}", asks=True)
            return
        self.set_cookie(
            COOKIE, cookie, httponly=True, samesite="Strict", secure=self.desk.secure, path=f"{self.desk.base}/"
        )
        self.redirect(f"{self.desk.base}/?lang={self.language}", status=303)


class _Leave(_Page):
    """The end of a session, on the server as well."""

    def post(self) -> None:
        viewer = self.viewer
        if viewer is not None and _is_ours(self, _read_form(self), viewer):
            self.desk.book.end(viewer)
        self.clear_cookie(COOKIE, path=f"{self.desk.base}/")
        self.redirect(f"{self.desk.base}/?lang={self.language}", status=303)


class _Style(_Page):
    """The style sheet, which tells nothing."""

    def get(self) -> None:
        self.set_header("Content-Type", "text/css; charset=utf-8")
        self.set_header("Cache-Control", "public, max-age=86400")
        self.finish(dashboard_css())


class _Nothing(_Page):
    """Every other address."""

    def prepare(self) -> None:
        super().prepare()
        raise HTTPError(404)


def routes(desk: Desk) -> list[tuple[str, type[RequestHandler], dict[str, Any]]]:
    """Addresses of pages and forms, in the order in which they are tried."""
    given = {"desk": desk}
    return [
        (r"/?", _Start, given),
        (r"/practice/([^/]+)", _Practice, given),
        (r"/practice/([^/]+)/(action|move|call-back)", _Form, given),
        (r"/enter", _Enter, given),
        (r"/leave", _Leave, given),
        (r"/dashboard\.css", _Style, given),
        (r"/(?!live/|live$|static/).*", _Nothing, given),
    ]


def _read_form(handler: RequestHandler) -> dict[str, str]:
    """Fields of a form, each once; a longer or other body is refused."""
    kind = handler.request.headers.get("Content-Type", "").partition(";")[0].strip()
    if kind != "application/x-www-form-urlencoded" or len(handler.request.body) > _LONGEST_BODY:
        raise HTTPError(400)
    try:
        found = parse_qs(handler.request.body.decode("utf-8"), keep_blank_values=True, max_num_fields=30)
    except ValueError as error:
        raise HTTPError(400) from error
    return {name: values[0] for name, values in found.items()}


def _is_ours(handler: _Page, fields: Fields, viewer: Viewer) -> bool:
    """Whether a form was made for this session, and sent from a page of ours."""
    return _same_origin(handler) and handler.desk.book.is_form_token(fields.get("token", ""), viewer)


def _same_origin(handler: _Page) -> bool:
    """Whether the browser says that a page of this server sent it; one that says nothing is old, not another's."""
    headers = handler.request.headers
    origin = headers.get("Origin")
    if origin is not None:
        return urlsplit(origin).netloc.lower() in handler.desk.hosts
    return headers.get("Sec-Fetch-Site", "same-origin") in {"same-origin", "none"}


def _token_in(text: str) -> str:
    """The token of what was pasted: a whole link, or its code."""
    text = text.strip()
    query = parse_qs(urlsplit(text).query)
    return query["link"][0] if "link" in query else text


def _quoted(practice_id: str) -> str:
    return quote(practice_id, safe="")


def count_call_backs(snapshot: Snapshot) -> dict[str, CallBackCounts]:
    """How call-backs stand, by practice; none where they cannot be counted."""
    study = snapshot.study
    if not (study.root / CONTACTS / "ledger.json").exists():
        return {}
    try:
        return contact_store(study).counts(study.today)
    except PxError as error:
        _log.warning("call-backs cannot be counted: %s", error)
        return {}


def call_backs_of(snapshot: Snapshot, practice_id: str, *, own: bool) -> CallBacks:
    """Call-backs of a practice: whose they are for itself alone, how many for the programme."""
    study = snapshot.study
    kept = (study.root / CONTACTS / "ledger.json").exists()
    if not kept:
        return CallBacks(asked=bool(study.settings.contact.named), own=() if own else None)
    counts = count_call_backs(snapshot).get(practice_id)
    if not own:
        return CallBacks(asked=True, counts=counts)
    try:
        return CallBacks(True, contact_store(study).read(practice_id, study.today), counts)
    except PxError as error:
        _log.warning("call-backs cannot be read: %s", error)
        return CallBacks(True, (), counts, problem=str(error))
