"""Telling somebody of a failure, by servers of our own: good ones, one that hangs, one that refuses."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from pxanalysis.errors import DeliveryError
from pxanalysis.study.notification import Notice, check_address, notify

NOTICE = Notice("Onze\nstudie", 6, "", ["01012345"], "/study/reports/history.html")


@contextmanager
def serve(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that talks once with whoever comes."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def work() -> None:
            with suppress(OSError):
                client, _ = listening.accept()
                with client:
                    talk(client)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def test_a_page_on_the_web_is_told_in_json() -> None:
    got: list[Any] = []

    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.handle_request, daemon=True)
        thread.start()
        assert notify([f"http://127.0.0.1:{server.server_port}/hook"], NOTICE) == []
        thread.join(5)
    assert got[0]["event"] == "run-failed"
    assert got[0]["practices"] == ["01012345"]
    assert "1 reports could not be made" in got[0]["text"]


def speak_smtp(client: socket.socket, lines: list[str], *, refuse: str = "") -> None:
    """As much of SMTP as a mail takes."""
    stream = client.makefile("rwb")

    def reply(text: str) -> None:
        stream.write(f"{text}\r\n".encode())
        stream.flush()

    reply("220 here")
    for raw in stream:
        line = raw.decode().strip()
        lines.append(line)
        word = line[:4].upper()
        if refuse and word == refuse:
            reply("550 not from you")
        elif word == "DATA":
            reply("354 go on")
            for part in stream:
                lines.append(part.decode().rstrip("\r\n"))
                if part == b".\r\n":
                    break
            reply("250 taken")
        elif word == "QUIT":
            reply("221 bye")
            break
        else:
            reply("250 fine")


def test_a_mail_is_sent_and_its_subject_is_one_line() -> None:
    lines: list[str] = []
    with serve(lambda client: speak_smtp(client, lines)) as port:
        assert notify([f"smtp://127.0.0.1:{port}/?to=who@example.org&from=px@example.org"], NOTICE) == []
    assert "Subject: pxanalysis: Onze studie: run failed (exit code 6)" in lines
    assert "rcpt TO:<who@example.org>" in lines


def test_a_mail_server_that_refuses_is_said() -> None:
    with serve(lambda client: speak_smtp(client, [], refuse="RCPT")) as port:
        (problem,) = notify([f"smtp://127.0.0.1:{port}/?to=who@example.org"], NOTICE)
    assert problem.startswith("smtp://127.0.0.1: ")
    assert "not from you" in problem


def test_a_password_does_not_go_over_an_open_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PXANALYSIS_SMTP_PASSWORD", "secret")
    lines: list[str] = []
    with serve(lambda client: speak_smtp(client, lines)) as port:
        (problem,) = notify([f"smtp://me@127.0.0.1:{port}/?to=who@example.org"], NOTICE)
    assert "offers no encryption" in problem
    assert not any("AUTH" in line.upper() for line in lines)


@pytest.mark.parametrize("kind", ["silent", "dripping"])
def test_one_that_hangs_is_not_waited_for(kind: str) -> None:
    over = threading.Event()

    def hang(client: socket.socket) -> None:
        while kind == "dripping" and not over.wait(0.05):
            client.sendall(b"H")
        over.wait(20)

    with serve(hang) as port:
        began = time.monotonic()
        found = notify([f"http://127.0.0.1:{port}/secret-path"], NOTICE, seconds=0.5)
        assert time.monotonic() - began < 5
        over.set()
    assert len(found) == 1
    assert "secret-path" not in found[0]


@pytest.mark.parametrize("address", ["ftp://host", "who@example.org", "smtp://host", "https://"])
def test_an_address_that_nothing_can_be_told_to_is_refused_beforehand(address: str) -> None:
    with pytest.raises(DeliveryError, match="--notify: expected https"):
        check_address(address)
