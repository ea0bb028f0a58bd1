"""Whole pages of the dashboard, in one language, for one viewer; what rests on a release is made once and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from markupsafe import Markup

from pxanalysis.dashboard.practice_page import PracticeParts, make_practice, practice_values
from pxanalysis.dashboard.programme_page import (
    MOST_COMPARED,
    Asked,
    ProgrammeRow,
    list_practices,
    programme_values,
)
from pxanalysis.reporting.page.fragments import display_text, render_part
from pxanalysis.reporting.page.policy import page_css
from pxanalysis.reporting.page.wording import Wording, list_languages
from pxanalysis.reporting.sections.selection import LONGEST_NAME

if TYPE_CHECKING:
    from pxanalysis.dashboard.snapshot import Snapshot
    from pxanalysis.study.contacts import CallBack, CallBackCounts

__all__ = ["CallBacks", "PageMaker", "Place", "dashboard_css", "languages_of"]

_KEPT = 400
"""Practices of which the parts that rest on a release are kept."""


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
    """

    base: str = ""
    token: str = ""
    programme: bool = False


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


@dataclass(eq=False)
class PageMaker:
    """Makes pages of a snapshot, and keeps what rests on the release it has."""

    _parts: dict[tuple[str, str], PracticeParts] = field(default_factory=dict)
    _rows: dict[str, list[ProgrammeRow]] = field(default_factory=dict)
    _of: tuple[object, ...] = ()

    def practice(
        self,
        snapshot: Snapshot,
        practice_id: str,
        language: str,
        place: Place,
        call_backs: CallBacks = CallBacks(),
        *,
        said: str = "",
        errors: Sequence[Mapping[str, str]] = (),
        filled: Mapping[str, str] | None = None,
    ) -> str:
        """Return the page of a practice."""
        parts = self.parts(snapshot, practice_id, language)
        wording = Wording(language, snapshot.study.journey.reported_on)
        own = f"{place.base}/practice/{quote(practice_id, safe='')}"
        waiting = call_backs.own if call_backs.own is not None else call_backs.counts.late if call_backs.counts else 0
        values = practice_values(snapshot, practice_id, parts, language, waiting)
        counts = call_backs.counts
        body = render_part(
            "dashboard_practice",
            wording,
            **values,
            base=place.base,
            own=own,
            token=place.token,
            said=wording.text(f"live.said_{said}") if said else "",
            errors=errors,
            filled={"touchpoint": "", "idea": "", "owner_role": "", "kind": "", "decided_on": "", **(filled or {})},
            slot=True,
            stale=bool(snapshot.problems),
            call_backs_shown=call_backs.asked,
            call_backs_unread=bool(call_backs.problem),
            call_backs_hidden=counts.open if place.programme and counts is not None else 0,
            call_backs_lost=counts.lost if counts is not None else 0,
        )
        links = [(wording.text("live.to_programme"), f"{place.base}/?lang={language}")] if place.programme else []
        return self._shell(snapshot, parts.name, body.html, wording, place, own, links, values["simulated"], practice_id)

    def programme(
        self, snapshot: Snapshot, asked: Asked, language: str, place: Place, counts: Mapping[str, CallBackCounts]
    ) -> str:
        """Return the page of the programme."""
        wording = Wording(language, snapshot.study.journey.reported_on)
        values = programme_values(snapshot, self.rows(snapshot, language), asked, counts, language)
        page = int(values["page"])
        body = render_part(
            "dashboard_programme",
            wording,
            **values,
            base=place.base,
            slot=True,
            stale=bool(snapshot.problems),
            most=MOST_COMPARED,
            earlier=_address(place.base, asked, language, page - 1),
            later=_address(place.base, asked, language, page + 1),
        )
        heading = wording.text("live.programme")
        return self._shell(snapshot, heading, body.html, wording, place, f"{place.base}/", [], values["simulated"], None)

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
        return self._shell(snapshot, wording.text(heading), body.html, wording, place, "", [], False, None, live=False)

    def parts(self, snapshot: Snapshot, practice_id: str, language: str, *, figures: bool = True) -> PracticeParts:
        """What of a practice rests on the release, made once."""
        self._renew(snapshot)
        key = practice_id, f"{language} {figures}"
        if key not in self._parts:
            while len(self._parts) >= _KEPT:
                del self._parts[next(iter(self._parts))]
            self._parts[key] = make_practice(snapshot, practice_id, language, figures=figures)
        return self._parts[key]

    def rows(self, snapshot: Snapshot, language: str) -> list[ProgrammeRow]:
        """What of every practice rests on the release, made once."""
        self._renew(snapshot)
        if language not in self._rows:
            self._rows[language] = list_practices(snapshot, language)
        return self._rows[language]

    def _renew(self, snapshot: Snapshot) -> None:
        of = (snapshot.results, snapshot.courses, snapshot.shown_actions, snapshot.study, snapshot.names)
        if len(of) != len(self._of) or any(one is not other for one, other in zip(of, self._of, strict=True)):
            self._parts, self._rows, self._of = {}, {}, of

    def _shell(
        self,
        snapshot: Snapshot,
        heading: str,
        body: str,
        wording: Wording,
        place: Place,
        address: str,
        links: Sequence[tuple[str, str]],
        simulated: bool,
        practice_id: str | None,
        *,
        live: bool = True,
    ) -> str:
        languages = [
            (code, Wording(other).text("live.other_language"), f"{address}?lang={code}")
            for code, other in ((one, wording.language) for one in languages_of(snapshot) if one != wording.language)
            if address
        ]
        query = {"bokeh-autoload-element": "live", "bokeh-app-path": f"{place.base}/live", "lang": wording.language}
        query |= {} if practice_id is None else {"practice": practice_id}
        page = render_part(
            "dashboard_shell",
            wording,
            heading=heading,
            title=display_text(snapshot.study.settings.study.title, LONGEST_NAME),
            body=Markup(body),
            base=place.base,
            version=_version(),
            links=list(links),
            languages=languages,
            token=place.token,
            simulated=simulated,
            live=f"{place.base}/live/autoload.js?{urlencode(query)}" if live else "",
        )
        return page.html + "\n"


def _address(base: str, asked: Asked, language: str, page: int) -> str:
    query = [("lang", language), ("search", asked.search), ("show", asked.show), ("order", asked.order)]
    query += [("page", str(page)), *(("compare", name) for name in asked.compare)]
    return f"{base}/?{urlencode(query)}"

