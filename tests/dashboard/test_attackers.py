"""Somebody who may see one practice, or nothing, and wants more: other practices, other people's sessions, a script."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import pytest
from dashboards import Served, Visitor, serve
from hostile_strings import HOSTILE
from study_copies import copy_study

from pxanalysis.dashboard.access import PROGRAMME

if TYPE_CHECKING:
    from pathlib import Path

    from pxanalysis.study import Study

ODD = "../De Linde/2"


@pytest.fixture(scope="module")
def study(made: Study, tmp_path_factory: pytest.TempPathFactory) -> Study:
    return copy_study(made, tmp_path_factory.mktemp("attacked"))


@pytest.fixture(scope="module")
def served(study: Study) -> Iterator[Served]:
    with serve(study) as found:
        yield found


@pytest.fixture(scope="module")
def ids(study: Study) -> list[str]:
    return sorted(set(study.results["practices"]["practice_id"]) - {ODD})


@pytest.fixture(scope="module")
def own(served: Served, ids: list[str]) -> Visitor:
    return served.visitor(ids[-1])


def page_of(practice_id: str) -> str:
    return f"/practice/{quote(practice_id, safe='')}"


@pytest.mark.parametrize(
    "path",
    ["/", "/practice/01010137", "/live", "/live/autoload.js?bokeh-autoload-element=a", "/live/metadata", "/data"],
)
def test_without_a_cookie_there_is_nothing_to_see(served: Served, ids: list[str], path: str) -> None:
    answer = served.visitor().get(path)
    assert answer.status in {302, 401, 403, 404}
    assert not any(one in answer.text for one in ids)


def test_a_practice_sees_itself_and_no_other(served: Served, own: Visitor, ids: list[str], study: Study) -> None:
    assert own.get(page_of(ids[-1])).status == 200
    names = {one: study.practices[one].name or one for one in ids[:-1]}
    for other in [*ids[:-1], ODD]:
        answer = own.get(page_of(other))
        assert answer.status == 404
        assert names.get(other, ODD) not in answer.text
    assert own.get("/").headers["location"].startswith(page_of(ids[-1]))
    absent = own.get(page_of("no such practice"))
    # what is there and what is not look the same to whoever may see neither
    assert absent.text == own.get(page_of(ids[0])).text


@pytest.mark.parametrize(
    "path",
    [
        "/practice/../practice/{other}",
        "/practice/{own}/../{other}",
        "/practice/{own}%2f..%2f{other}",
        "/practice/%2e%2e%2f{other}",
        "/practice/{other}?practice={own}",
        "/practice/{own};{other}",
        "/practice//{other}",
        "/static/../data/processed/dashboard/access.json",
        "/static/..%2f..%2f..%2fstudy.toml",
        "/dashboard.css/../../study.toml",
        "/live/../practice/{other}",
    ],
)
def test_no_path_leads_around(own: Visitor, ids: list[str], study: Study, path: str) -> None:
    other, name = ids[0], study.practices[ids[0]].name
    answer = own.get(path.format(own=ids[-1], other=other))
    assert answer.status in {302, 400, 401, 403, 404}
    assert str(name) not in answer.text


def test_a_link_works_once_and_only_unchanged(served: Served, ids: list[str]) -> None:
    token = served.made.book.issue(ids[-1])
    visitor = served.visitor()
    assert visitor.get(f"/enter?link={token}").status == 200  # what looks at an address uses up nothing
    body, mark, signature = token.partition(".")
    for forged in [
        body + mark + ("A" if signature[0] != "A" else "B") + signature[1:],
        base64.urlsafe_b64encode(json.dumps(PROGRAMME).encode()).decode().rstrip("=") + mark + signature,
        body,
        "",
        "A" * 600,
        token[:-1],
    ]:
        assert visitor.enter(forged).status in {400, 403}
        assert visitor.cookie == ""
    assert visitor.enter(token).status == 303
    again = served.visitor()
    assert again.enter(token).status == 403
    assert again.cookie == ""


def test_a_link_to_a_practice_that_left_opens_nothing_and_says_why(served: Served) -> None:
    visitor = served.visitor()
    answer = visitor.enter(served.made.book.issue("01999999"))
    assert (answer.status, visitor.cookie) == (410, "")
    assert "zit niet meer in deze studie" in answer.text
    stays = Visitor(served.address, f"pxanalysis_live={served.made.book.exchange(served.made.book.issue('01999999'))}")
    assert stays.get("/practice/01999999").status == 410


def test_a_cookie_is_hidden_from_scripts_and_stays_here(served: Served, ids: list[str]) -> None:
    answer = served.visitor().enter(served.made.book.issue(ids[-1]))
    flags = {one.strip().casefold() for one in answer.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/"} <= flags


def test_a_cookie_that_was_guessed_changed_or_taken_back_opens_nothing(served: Served, ids: list[str]) -> None:
    visitor = served.visitor(ids[-1])
    name, _, value = visitor.cookie.partition("=")
    stored = served.made.book._path.read_text()
    assert value not in stored, "the cookie itself is kept"
    session = re.findall(r'"([0-9a-f]{64})": \{', stored)
    for guess in [value[:-1], value + "A", value.swapcase(), "", *session, "../access", "null"]:
        assert Visitor(served.address, f"{name}={guess}").get(page_of(ids[-1])).status == 401
    assert visitor.get(page_of(ids[-1])).status == 200
    assert served.made.book.revoke(ids[-1]) >= 1
    assert visitor.get(page_of(ids[-1])).status == 401


def test_an_identity_header_counts_from_nobody_unless_a_proxy_is_trusted(served: Served, ids: list[str]) -> None:
    for name in ("X-Forwarded-User", "X_Forwarded_User", "Remote-User", "X-Real-IP", "Forwarded"):
        visitor = Visitor(served.address, headers={name: "*", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "x"})
        assert visitor.get("/").status == 401


def test_another_name_that_leads_here_is_refused(own: Visitor, ids: list[str]) -> None:
    for host in ("evil.invalid", "evil.invalid:5006", "127.0.0.1.evil.invalid", "127.0.0.1:1"):
        assert own.get(page_of(ids[-1]), Host=host).status == 421


ACTION = {"idea": "Bel patiënten vooraf op", "touchpoint": "waiting_room"}


def test_a_form_from_elsewhere_writes_nothing(served: Served, ids: list[str], study: Study) -> None:
    visitor, before = served.visitor(ids[-1]), len(study.actions)
    token, address = visitor.form_token(page_of(ids[-1])), f"{page_of(ids[-1])}/action"
    theirs = served.visitor(ids[-2]).form_token(page_of(ids[-2]))
    for forged in ["", "x", theirs, token[:-1]]:
        assert visitor.post(address, {**ACTION, "token": forged}).status == 403
    whole = {**ACTION, "token": token}
    assert visitor.post(address, whole, Origin="https://evil.invalid").status == 403
    assert visitor.post(address, whole, Origin="null").status == 403
    assert visitor.post(address, whole, Sec_Fetch_Site="cross-site").status == 403
    assert visitor.post(address, whole, Content_Type="text/plain").status == 400
    assert visitor.post(f"{page_of(ids[0])}/action", whole).status == 404
    assert visitor.get(f"{address}?token={token}").status in {404, 405}
    assert len(study.actions) == before
    hidden = {**whole, "practice_id": ids[0], "action_id": "A-mine", "expected_gain": "9"}
    assert visitor.post(address, hidden).status == 303
    (made,) = [one for one in study.actions if one.idea == ACTION["idea"]]
    assert (made.practice_id, made.action_id == "A-mine", made.expected_gain) == (ids[-1], False, None)
    assert made.idea_on == date.today()


def test_an_action_of_another_practice_cannot_be_moved(served: Served, ids: list[str], study: Study) -> None:
    first, second = served.visitor(ids[-1]), served.visitor(ids[-2])
    sent = {"idea": "Een ander idee", "touchpoint": "staff", "token": first.form_token(page_of(ids[-1]))}
    assert first.post(f"{page_of(ids[-1])}/action", sent).status == 303
    (action,) = [one for one in study.actions if one.idea == "Een ander idee"]
    fields = {"action_id": action.action_id, "move": "choose", "day": date.today().isoformat()}
    answer = second.post(f"{page_of(ids[-2])}/move", {**fields, "token": second.form_token(page_of(ids[-2]))})
    assert answer.status == 422
    assert "Een ander idee" not in answer.text
    assert study.actions.find(action.action_id).status == "idea"
    answer = first.post(f"{page_of(ids[-1])}/move", {**fields, "token": first.form_token(page_of(ids[-1]))})
    assert answer.status == 303
    assert study.actions.find(action.action_id).status == "chosen"


def test_a_session_that_ended_cannot_be_used_again(served: Served, ids: list[str]) -> None:
    visitor = served.visitor(ids[-1])
    copied = Visitor(served.address, visitor.cookie)
    assert visitor.post("/leave", {"token": visitor.form_token(page_of(ids[-1]))}).status == 303
    assert copied.get(page_of(ids[-1])).status == 401


@pytest.mark.parametrize("query", ["bokeh-session-id=abc", "bokeh-token=abc", "bokeh-session-id=abc&bokeh-token=x"])
def test_panels_sessions_cannot_be_named(own: Visitor, query: str) -> None:
    answer = own.get(f"/live/autoload.js?bokeh-autoload-element=live&{query}")
    assert answer.status in {302, 403}
    assert "docs_json" not in answer.text


def test_nothing_of_the_cookie_is_in_what_scripts_can_read(own: Visitor, ids: list[str]) -> None:
    script = own.get("/live/autoload.js?bokeh-autoload-element=live&bokeh-app-path=/live").text
    value = own.cookie.partition("=")[2]
    payloads = [base64.urlsafe_b64decode(one + "==") for one in re.findall(r"[A-Za-z0-9_-]{40,}", script)]
    assert value not in script
    assert not any(value.encode() in one for one in payloads)


class TestWebsockets:
    """The live part's websocket belongs to the session it was made for."""

    @staticmethod
    async def _open(served: Served, cookie: str, token: str, origin: str) -> bytes | None:
        from tornado.httpclient import HTTPClientError, HTTPRequest
        from tornado.websocket import websocket_connect

        headers = {"Cookie": cookie, "Origin": origin}
        request = HTTPRequest(f"ws://{served.address}/live/ws", headers=headers)
        try:
            link = await websocket_connect(request, subprotocols=["bokeh", token])
        except HTTPClientError:
            return None
        found = await link.read_message()
        link.close()
        while found is not None and await link.read_message() is not None:
            pass
        return None if found is None else str(found).encode()

    def _try(self, served: Served, cookie: str, token: str, origin: str = "") -> bytes | None:
        """What the websocket says first; in a thread, since an open browser has a loop running in this one."""
        opened = self._open(served, cookie, token, origin or f"http://{served.address}")
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, opened).result()

    @staticmethod
    def _token(visitor: Visitor, query: str = "") -> str:
        script = visitor.get(f"/live/autoload.js?bokeh-autoload-element=live&bokeh-app-path=/live{query}").text
        found = re.search(r'"token": ?"([^"]+)"', script)
        assert found is not None
        return found[1]

    def test_ones_own_opens(self, served: Served, ids: list[str]) -> None:
        visitor = served.visitor(ids[-1])
        assert self._try(served, visitor.cookie, self._token(visitor)) is not None

    def test_not_without_a_cookie_from_elsewhere_or_with_anothers_token(self, served: Served, ids: list[str]) -> None:
        visitor, other = served.visitor(ids[-1]), served.visitor(ids[-2])
        token = self._token(visitor)
        assert self._try(served, "", token) is None
        assert self._try(served, visitor.cookie, token, "https://evil.invalid") is None
        assert self._try(served, other.cookie, token) is None
        assert self._try(served, visitor.cookie, token[:-2] + "AA") is None
        assert self._try(served, visitor.cookie, "A.B") is None

    def test_the_live_part_of_another_practice_is_not_given(self, served: Served, ids: list[str], study: Study) -> None:
        """Asked for another practice's counts, a practice gets its own."""
        from bokeh.util.token import get_session_id

        visitor = served.visitor(ids[-1])
        token = self._token(visitor, f"&practice={ids[0]}")
        session = served.made.server.get_session("/live", get_session_id(token))
        (shown,) = [one.text for one in session.document.roots if hasattr(one, "text")]
        totals = {one: served.made.watcher.now.arrivals.of(one).all.total for one in (ids[0], ids[-1])}
        assert totals[ids[0]] != totals[ids[-1]]
        assert f"&lt;p class=&quot;value&quot;&gt;{totals[ids[-1]]}&lt;" in shown


@pytest.mark.slow
def test_no_script_runs_from_any_field(served: Served, ids: list[str], study: Study, chromium: object) -> None:
    """Every hostile string as an idea, a role and a kind, and as what is searched for: the browser runs none."""
    from playwright.sync_api import Browser

    assert isinstance(chromium, Browser)
    visitor = served.visitor(ids[-1])
    token, address = visitor.form_token(page_of(ids[-1])), f"{page_of(ids[-1])}/action"
    for vector in HOSTILE[::2]:
        sent = {
            "idea": vector[:300],
            "owner_role": vector[:80],
            "kind": vector[:80],
            "touchpoint": "staff",
            "token": token,
        }
        assert visitor.post(address, sent).status in {303, 422}
    boss = served.programme()
    context = chromium.new_context()
    name, _, value = boss.cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": f"http://{served.address}/"}])
    page = context.new_page()
    hits: list[str] = []
    page.expose_function("hit", lambda *_: hits.append("run"))
    page.on("dialog", lambda one: (hits.append("dialog"), one.dismiss()))
    page.on(
        "request", lambda one: hits.append(one.url) if "evil.invalid" in (urlsplit(one.url).hostname or "") else None
    )
    page.goto(f"http://{served.address}{page_of(ids[-1])}")
    page.wait_for_timeout(1500)
    for vector in HOSTILE[::10]:
        page.goto(f"http://{served.address}/?search={quote(vector[:80])}")
    page.wait_for_timeout(500)
    assert hits == []
    assert len(page.context.pages) == 1
    context.close()


def test_every_page_forbids_what_it_does_not_need(own: Visitor, served: Served, ids: list[str]) -> None:
    for answer in (own.get(page_of(ids[-1])), served.visitor().get("/"), own.get("/nothing")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "<script>" not in answer.text
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.slow
@pytest.mark.parametrize(("proxy", "expected"), [("127.0.0.1", 200), ("10.1.2.3", 401)])
def test_a_proxy_is_believed_only_where_study_toml_names_it(
    made: Study, tmp_path: Path, ids: list[str], proxy: str, expected: int
) -> None:
    study = copy_study(made, tmp_path)
    settings = study.root / "study.toml"
    text = '\n[dashboard]\ntrusted_proxy = ["{}"]\n[dashboard.users]\n"ann" = "{}"\n"boss" = "*"\n'
    settings.write_text(settings.read_text() + text.format(proxy, ids[-1]))
    with serve(type(study)(study.root)) as found:
        ann = Visitor(found.address, headers={"X-Forwarded-User": "ann", "X-Forwarded-For": "10.1.2.3"})
        assert ann.get(f"{page_of(ids[-1])}").status == expected
        assert ann.get(page_of(ids[0])).status == (404 if expected == 200 else 401)
        assert Visitor(found.address, headers={"X-Forwarded-User": "eve"}).get("/").status == 401
        assert Visitor(found.address, headers={"X-Forwarded-User": "boss"}).get("/").status == expected
