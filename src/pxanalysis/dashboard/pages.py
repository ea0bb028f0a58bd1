"""Whole pages of the dashboard, in one language, for one viewer; what rests on a release is made once and kept."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from markupsafe import Markup

from pxanalysis.dashboard.overview_page import (
    MOST_COMPARED,
    Asked,
    ProgrammeRow,
    list_practices,
    programme_values,
)
from pxanalysis.dashboard.practice_page import PracticeParts, make_practice, practice_values
from pxanalysis.reporting.page.fragments import display_text, render_part
from pxanalysis.reporting.page.policy import page_css
from pxanalysis.reporting.page.wording import Wording, list_languages
from pxanalysis.reporting.sections.selection import LONGEST_NAME

if TYPE_CHECKING:
    from pxanalysis.dashboard.snapshot import Snapshot
    from pxanalysis.study.contacts import CallBack, CallBackCounts

__all__ = ["Body", "CallBacks", "PageMaker", "Place", "Sent", "dashboard_css", "languages_of"]

_KEPT = 400
"""Practices of which the parts that rest on a release are kept."""

_AT_ONCE = 60
"""With more practices the list is not made while somebody waits for it."""

_PAUSE = 0.002
"""Seconds between two practices in which readers go first."""


@cache
def dashboard_css() -> str:
    """The style sheet of every page of the dashboard."""
    own = resources.files("pxanalysis.reporting") / "template" / "dashboard.css"
    return page_css() + own.read_text(encoding="utf-8")


@cache
def _version() -> str:
    return hashlib.sha256(dashboard_css().encode()).hexdigest()[:10]


def languages_of(snapshot: Snapshot) -> list[str]:
    """Languages that pages can be shown in, the study's own first."""
    own = snapshot.study.settings.study.language
    known = set(list_languages())
    return sorted((one for one in snapshot.study.journey.languages if one in known), key=lambda one: (one != own, one))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page stands, and for whom.

    Attributes
    ----------
    base
        Path before every address; empty where the dashboard is at the root.
    token
        What forms carry; empty where nothing can be written.
    programme
        Whether the viewer sees all practices.
    interactive
        Whether links and forms lead somewhere: not in a notebook.
    """

    base: str = ""
    token: str = ""
    programme: bool = False
    interactive: bool = True


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a form: that it was written down (a code), or why not, with what was filled in."""

    said: str = ""
    errors: Sequence[Mapping[str, str]] = ()
    filled: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Body:
    """What a page has below its heading."""

    heading: str
    html: str
    simulated: bool
    practice_id: str | None


@dataclass(frozen=True, slots=True)
class CallBacks:
    """Call-backs as a viewer may see them.

    Attributes
    ----------
    asked
        Whether the study asks who wants to be called back, or has such requests.
    own
        Requests; only for the practice itself.
    counts
        How they stand.
    problem
        Why they cannot be read; empty where they can.
    """

    asked: bool = False
    own: Sequence[CallBack] | None = None
    counts: CallBackCounts | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Made:
    """What was made of one release; ``of`` are the very objects that it was made from."""

    of: tuple[object, ...]
    parts: dict[tuple[str, str], PracticeParts] = field(default_factory=dict)
    rows: dict[str, list[ProgrammeRow]] = field(default_factory=dict)


class PageMaker:
    """Makes pages of a snapshot, and keeps what rests on the last two releases: one is shown, the next is made."""

    def __init__(self) -> None:
        self._kept: list[_Made] = []

    def practice(
        self, snapshot: Snapshot, practice_id: str, language: str, place: Place, call_backs: CallBacks, sent: Sent
    ) -> str:
        """Return the page of a practice."""
        body = self.practice_body(snapshot, practice_id, language, place, call_backs, sent)
        wording = Wording(language, snapshot.study.journey.reported_on)
        links = [(wording.text("live.to_programme"), f"{place.base}/?lang={language}")] if place.programme else []
        return self._shell(snapshot, body, wording, place, _own(place, practice_id), links)

    def practice_body(
        self,
        snapshot: Snapshot,
        practice_id: str,
        language: str,
        place: Place,
        call_backs: CallBacks = CallBacks(),
        sent: Sent | None = None,
    ) -> Body:
        """Return what a practice's page has below its heading."""
        sent = sent or Sent()
        parts = self.parts(snapshot, practice_id, language)
        wording = Wording(language, snapshot.study.journey.reported_on)
        counts = call_backs.counts
        waiting = call_backs.own if call_backs.own is not None else counts.late if counts is not None else 0
        values = practice_values(snapshot, practice_id, parts, language, waiting)
        empty = dict.fromkeys(("touchpoint", "idea", "owner_role", "kind", "decided_on"), "")
        body = render_part(
            "dashboard_practice",
            wording,
            **values,
            base=place.base,
            own=_own(place, practice_id),
            token=place.token,
            said=wording.text(f"live.said_{sent.said}") if sent.said else "",
            errors=sent.errors,
            filled=empty | dict(sent.filled),
            slot=place.interactive,
            stale=bool(snapshot.problems),
            call_backs_shown=call_backs.asked,
            call_backs_unread=bool(call_backs.problem),
            call_backs_hidden=counts.open if place.programme and counts is not None else 0,
            call_backs_lost=counts.lost if counts is not None else 0,
        )
        return Body(parts.name, body.html, bool(values["simulated"]), practice_id)

    def programme(
        self, snapshot: Snapshot, asked: Asked, language: str, place: Place, counts: Mapping[str, CallBackCounts]
    ) -> str:
        """Return the page of the programme."""
        body = self.programme_body(snapshot, asked, language, place, counts)
        wording = Wording(language, snapshot.study.journey.reported_on)
        return self._shell(snapshot, body, wording, place, f"{place.base}/", [])

    def programme_body(
        self, snapshot: Snapshot, asked: Asked, language: str, place: Place, counts: Mapping[str, CallBackCounts]
    ) -> Body:
        """Return what the programme's page has below its heading."""
        wording = Wording(language, snapshot.study.journey.reported_on)
        values = programme_values(snapshot, self.rows(snapshot, language), asked, counts, language)
        page = int(values["page"])
        body = render_part(
            "dashboard_programme",
            wording,
            **values,
            base=place.base,
            slot=place.interactive,
            stale=bool(snapshot.problems),
            pending=not self.is_warm(snapshot, language),
            most=MOST_COMPARED,
            earlier=_address(place.base, asked, language, page - 1),
            later=_address(place.base, asked, language, page + 1),
        )
        return Body(wording.text("live.programme"), body.html, bool(values["simulated"]), None)

    def message(
        self,
        snapshot: Snapshot,
        heading: str,
        text: str,
        language: str,
        place: Place,
        *,
        link: str = "",
        asks: bool = False,
        start: bool = False,
    ) -> str:
        """Return a page with one message; ``link`` is what its button exchanges, ``asks`` whether it asks for one."""
        wording = Wording(language, snapshot.study.journey.reported_on)
        body = render_part(
            "dashboard_message",
            wording,
            text=wording.text(text) if text else "",
            base=place.base,
            link=link,
            asks=asks,
            start=f"{place.base}/?lang={language}" if start else "",
        )
        made = Body(wording.text(heading), body.html, False, None)
        return self._shell(snapshot, made, wording, place, "", [], live=False)

    def parts(self, snapshot: Snapshot, practice_id: str, language: str) -> PracticeParts:
        """What of a practice rests on the release, made once."""
        found, key = self._made_of(snapshot).parts, (practice_id, language)
        if key not in found:
            while len(found) >= _KEPT:
                del found[next(iter(found))]
            found[key] = make_practice(snapshot, practice_id, language)
        return found[key]

    def rows(self, snapshot: Snapshot, language: str) -> list[ProgrammeRow]:
        """What of every practice rests on the release, made once; of many, nothing until `warm` has made it."""
        found = self._made_of(snapshot).rows
        if language not in found and len(snapshot.names) > _AT_ONCE:
            return list_practices(snapshot, language, bare=True)
        if language not in found:
            found[language] = list_practices(snapshot, language)
        return found[language]

    def is_warm(self, snapshot: Snapshot, language: str) -> bool:
        """Whether the rows of all practices have what was released."""
        return language in self._made_of(snapshot).rows

    def warm(self, snapshot: Snapshot) -> None:
        """Make what readers will ask for of a release, in another thread than theirs, before or while it is shown."""
        found, languages = self._made_of(snapshot), languages_of(snapshot)
        for language in languages:
            if language not in found.rows:
                found.rows[language] = list_practices(snapshot, language, pause=_PAUSE)
        each = _KEPT // max(len(languages), 1)
        for language in languages:
            for practice_id in list(snapshot.names)[:each]:
                self.parts(snapshot, practice_id, language)
                time.sleep(_PAUSE)

    def _made_of(self, snapshot: Snapshot) -> _Made:
        of = (snapshot.results, snapshot.courses, snapshot.shown_actions, snapshot.study, snapshot.names)
        for made in self._kept:
            if all(one is other for one, other in zip(made.of, of, strict=True)):
                return made
        made = _Made(of)
        self._kept = [made, *self._kept[:1]]
        return made

    def _shell(
        self,
        snapshot: Snapshot,
        body: Body,
        wording: Wording,
        place: Place,
        address: str,
        links: Sequence[tuple[str, str]],
        *,
        live: bool = True,
    ) -> str:
        languages = [
            (code, Wording(other).text("live.other_language"), f"{address}?lang={code}")
            for code, other in ((one, wording.language) for one in languages_of(snapshot) if one != wording.language)
            if address
        ]
        query = {"bokeh-autoload-element": "live", "bokeh-app-path": f"{place.base}/live", "lang": wording.language}
        query |= {} if body.practice_id is None else {"practice": body.practice_id}
        page = render_part(
            "dashboard_shell",
            wording,
            heading=body.heading,
            title=display_text(snapshot.study.settings.study.title, LONGEST_NAME),
            body=Markup(body.html),
            base=place.base,
            version=_version(),
            links=list(links),
            languages=languages,
            token=place.token,
            simulated=body.simulated,
            live=f"{place.base}/live/autoload.js?{urlencode(query)}" if live else "",
        )
        return page.html + "\n"


def _own(place: Place, practice_id: str) -> str:
    """Address of a practice's page."""
    return f"{place.base}/practice/{quote(practice_id, safe='')}"


def _address(base: str, asked: Asked, language: str, page: int) -> str:
    query = [("lang", language), ("search", asked.search), ("show", asked.show), ("order", asked.order)]
    query += [("page", str(page)), *(("compare", name) for name in asked.compare)]
    return f"{base}/?{urlencode(query)}"
