"""A dashboard that is really served, and what a browser does with its cookies and forms, without a browser."""

from __future__ import annotations

import asyncio
import http.client
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from pxanalysis.dashboard.access import PROGRAMME

if TYPE_CHECKING:
    from pxanalysis.dashboard.server import Dashboard
    from pxanalysis.study import Study

__all__ = ["Answer", "Served", "Visitor", "serve"]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str


@dataclass
class Visitor:
    """Somebody with a cookie or without; ``headers`` go with every request."""

    address: str
    cookie: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, fields: Mapping[str, str] | None = None, **headers: str) -> Answer:
        link = http.client.HTTPConnection(self.address, timeout=30)
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self.cookie:
            sent.setdefault("Cookie", self.cookie)
        body = None
        if fields is not None:
            body = urlencode(fields)
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        link.request(method, path, body, sent)
        answer = link.getresponse()
        found = Answer(
            answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
        )
        link.close()
        return found

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)

    def post(self, path: str, fields: Mapping[str, str], **headers: str) -> Answer:
        return self.ask("POST", path, fields, **headers)

    def enter(self, token: str) -> Answer:
        """Exchange a link; the cookie is kept."""
        answer = self.post("/enter", {"link": token})
        if "set-cookie" in answer.headers:
            self.cookie = answer.headers["set-cookie"].partition(";")[0]
        return answer

    def form_token(self, path: str) -> str:
        """What the forms of a page carry."""
        found = re.search(r'name="token" value="([^"]+)"', self.get(path).text)
        assert found is not None
        return found[1]


@dataclass(frozen=True)
class Served:
    """A dashboard that answers."""

    made: Dashboard

    @property
    def address(self) -> str:
        return urlsplit(self.made.address).netloc

    def visitor(self, opens: str | None = None) -> Visitor:
        """Somebody who came in by a link to a practice (or ``*``); with None, somebody without one."""
        visitor = Visitor(self.address)
        if opens is not None:
            assert visitor.enter(self.made.book.issue(opens)).status == 303
        return visitor

    def programme(self) -> Visitor:
        return self.visitor(PROGRAMME)


@contextmanager
def serve(study: Study, **options: float) -> Iterator[Served]:
    """Serve a study's dashboard in a thread, on a port that is free."""
    from pxanalysis.dashboard.server import make_dashboard

    ready, found = threading.Event(), []

    def run() -> None:
        asyncio.set_event_loop(asyncio.new_event_loop())
        made = make_dashboard(study, port=0, **options)  # type: ignore[arg-type]
        made.server.start()
        made.watcher.start()
        found.append(made)
        made.server.io_loop.add_callback(ready.set)
        made.server.io_loop.start()
        made.watcher.stop()
        made.server.stop()
        made.server.io_loop.close(all_fds=True)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(60), "the dashboard did not start"
    try:
        yield Served(found[0])
    finally:
        found[0].server.io_loop.add_callback(found[0].server.io_loop.stop)
        thread.join(20)
