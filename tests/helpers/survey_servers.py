"""A server on loopback that speaks as LimeSurvey, REDCap and ODK Central do, and fails as they do.

Written after their documentation: RemoteControl 2 (``get_session_key``, ``export_responses``, ``release_session_key``),
the API of REDCap (``metadata``, ``record``) and of ODK Central (``sessions``, OData, ``submissions.csv``).
"""

from __future__ import annotations

import base64
import csv
import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

__all__ = ["PASSWORD", "TOKEN", "SurveyServer", "parse_csv", "serve_surveys", "write_csv"]

PASSWORD = "s3cret & long"
TOKEN = "0123456789ABCDEF0123456789ABCDEF"
Rows = list[list[str]]


def parse_csv(data: bytes | str, delimiter: str = ",") -> Rows:
    text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
    return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]


def write_csv(rows: Rows) -> str:
    stream = io.StringIO()
    csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return stream.getvalue()


@dataclass
class SurveyServer:
    """What the server has, how it behaves, and what it was asked."""

    responses: Rows
    dictionary: list[dict[str, str]] = field(default_factory=list)
    xlsform: bytes = b""
    let_in: bool = True
    keys_die: bool = False
    """LimeSurvey: session keys end after the first export."""
    cut_after: int | None = None
    """Go away in the middle of the export with this number, counted from 0."""
    half: bool = False
    """Leave out the last response of every part, as one that ran out of memory does."""
    page: str = ""
    """Answer with this web page, with status 200."""
    sends_on: str = ""
    asked: list[tuple[str, Any]] = field(default_factory=list)
    exports: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def rows(self, keep: set[str] | None) -> Rows:
        """Header and the responses of which the first cell is among those asked for."""
        found = [row for row in self.responses[1:] if keep is None or row[0] in keep]
        return [self.responses[0], *(found[:-1] if self.half else found)]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: SurveyServer

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._answer_odk(urlsplit(self.path).path, parse_qs(urlsplit(self.path).query), b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.state.sends_on:
            self.send_response(307)
            self.send_header("location", self.state.sends_on)
            self.send_header("content-length", "0")
            self.end_headers()
        elif self.state.page:
            self._send(self.state.page.encode())
        elif self.path.endswith("/remotecontrol"):
            self._answer_limesurvey(json.loads(body))
        elif self.path == "/api/":
            self._answer_redcap({key: value[0] for key, value in parse_qs(body.decode()).items()})
        elif self.path.startswith("/v1/"):
            self._answer_odk(self.path, {}, body)
        else:
            self._send(b"<html>Not Found</html>", 404)

    def _send(self, data: bytes, status: int = 200, *, cut: bool = False) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if cut else data)
        if cut:
            self.wfile.flush()
            self.connection.shutdown(2)
            self.close_connection = True

    def _export(self, rows: Rows) -> tuple[bytes, bool]:
        """The table, and whether the server goes away while it is sent."""
        cut = self.state.exports == self.state.cut_after
        self.state.exports += 1
        return write_csv(rows).encode(), cut

    def _answer_limesurvey(self, call: dict[str, Any]) -> None:
        state, method, given = self.state, call["method"], call["params"]
        state.asked.append((method, given))
        result: Any = "OK"
        cut = False
        if method == "get_session_key":
            right = state.let_in and given[1] == PASSWORD
            result = "a-key" if right else {"status": "Invalid user name or password"}
        elif method == "export_responses":
            _, survey, kind, _, status, heading, answers, first, last, fields, *_ = given
            if state.keys_die and state.exports:
                result = {"status": "Invalid session key"}
            elif survey != 123456:
                result = {"status": "No Data, survey table does not exist."}
            elif len(state.responses) == 1:
                result = {"status": "No Data, could not get max id."}
            else:
                assert (kind, status, heading, answers) == ("csv", "all", "code", "short")
                ids = [row[0] for row in state.responses[1:]]
                if fields is None:
                    wanted = {one for one in ids if first <= int(one) <= last}
                    data, cut = self._export(state.rows(wanted))
                else:
                    data, cut = self._export([fields, *([one] for one in ids)])
                result = base64.b64encode(b"\xef\xbb\xbf" + data).decode()
        self._send(json.dumps({"id": call["id"], "result": result, "error": None}).encode(), cut=cut)

    def _answer_redcap(self, given: dict[str, str]) -> None:
        state = self.state
        state.asked.append((given["content"], given))
        if not state.let_in or given["token"] != TOKEN:
            told = "You do not have permissions to use the API"
            self._send(json.dumps({"error": told}).encode(), 403)
        elif given["content"] == "metadata" and given["format"] == "json":
            self._send(json.dumps(state.dictionary).encode())
        elif given["content"] == "metadata":
            names = list(state.dictionary[0])
            self._send(
                write_csv([names, *([row[name] for name in names] for row in state.dictionary)])
                .replace('"', "")
                .encode()
            )
        else:
            records = {value for key, value in given.items() if key.startswith("records[")}
            fields = {value for key, value in given.items() if key.startswith("fields[")}
            fields |= {"redcap_survey_identifier", "experience_timestamp"} if "exportSurveyFields" in given else set()
            rows = state.rows(records or None)
            keep = [i for i, name in enumerate(rows[0]) if name in fields]
            if not records:
                rows = state.responses
            data, cut = self._export([[row[i] for i in keep] for row in rows])
            self._send(data, cut=cut)

    def _answer_odk(self, path: str, query: dict[str, list[str]], body: bytes) -> None:
        state = self.state
        state.asked.append((path, query))
        if path == "/v1/sessions":
            right = state.let_in and json.loads(body)["password"] == PASSWORD
            told = {"message": "Could not authenticate with the provided credentials.", "code": 401.2}
            self._send(json.dumps({"token": "a-token"} if right else told).encode(), 200 if right else 401)
        elif self.headers["authorization"] != "Bearer a-token":
            self._send(b'{"code":403.1}', 403)
        elif path == "/v1/projects/7/forms/experience.svc/Submissions":
            assert query["$top"] == ["0"]
            self._send(json.dumps({"value": [], "@odata.count": len(state.responses) - 1}).encode())
        elif path == "/v1/projects/7/forms/experience/submissions.csv":
            data, cut = self._export(state.rows(None))
            self._send(data, cut=cut)
        elif path == "/v1/projects/7/forms/experience.xlsx" and state.xlsform:
            self._send(state.xlsform)
        else:
            self._send(b'{"message":"Could not find the resource you were looking for.","code":404.1}', 404)


@contextmanager
def serve_surveys(state: SurveyServer) -> Iterator[SurveyServer]:
    """Serve on a free port of loopback while the block runs."""
    handler = type("Handler", (_Handler,), {"state": state})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        state.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        try:
            yield state
        finally:
            server.shutdown()
