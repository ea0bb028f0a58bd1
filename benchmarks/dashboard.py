"""The dashboard under load: many sessions at a time, each with its websocket, that change what they look at.

    python benchmarks/dashboard.py [--sessions 50] [--practices 50] [--seconds 60]

Server and readers share the machine. A session opens a page, its live part and its websocket, looks at it for a while,
and goes on to another page; a new release and new answers come in meanwhile. Measured: the time until a page is there,
the time until its counts are live, and the server's memory per open session.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import psutil
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from pxanalysis.dashboard.server import access_book
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import Study, init_study

LOOKS = (1.0, 5.0)
"""Seconds that a page is looked at."""


def make_study(folder: Path, practices: int) -> Study:
    study = init_study(folder / "study", "dental-treatment")
    settings = study.root / "study.toml"
    settings.write_text(settings.read_text().replace("n_bootstrap = 1000", "n_bootstrap = 100"))
    simulation = simulate_survey(study.journey, practices=practices, responses=(150, 400), seed=5)
    simulation.answers.write_csv(study.raw_folder / "answers.csv")
    simulation.practices.write_csv(study.raw_folder / "practices.csv")
    study = Study(study.root)
    study.ingest()
    study.fit()
    return study


class Session:
    """One reader."""

    def __init__(self, port: int, token: str, pages: list[str], seed: int) -> None:
        self.host, self._token, self._pages, self._random = f"127.0.0.1:{port}", token, pages, random.Random(seed)
        self.pages: list[float] = []
        self.lives: list[float] = []
        self.failed: list[str] = []

    async def enter(self) -> None:
        self._client = AsyncHTTPClient()
        body = urlencode({"link": self._token})
        request = HTTPRequest(f"http://{self.host}/enter", "POST", body=body, follow_redirects=False)
        answer = await self._client.fetch(request, raise_error=False)
        self._cookie = answer.headers["Set-Cookie"].partition(";")[0]

    async def run(self, until: float) -> None:
        await asyncio.sleep(self._random.uniform(0, LOOKS[1]))
        while time.perf_counter() < until:
            link = None
            try:
                link = await self._view(self._random.choice(self._pages))
            except (HTTPClientError, OSError, TimeoutError) as error:
                self.failed.append(repr(error))
            await asyncio.sleep(self._random.uniform(*LOOKS))
            if link is not None:
                link.close()

    async def _view(self, path: str) -> object:
        start = time.perf_counter()
        headers = {"Cookie": self._cookie}
        page = await self._client.fetch(f"http://{self.host}{path}", headers=headers, request_timeout=60)
        self.pages.append(time.perf_counter() - start)
        script = re.search(r'<script src="([^"]+)"', page.body.decode())
        address = f"http://{self.host}{script[1].replace('&amp;', '&')}"
        found = await self._client.fetch(address, headers=headers, request_timeout=60)
        token = re.search(r'"token": ?"([^"]+)"', found.body.decode())[1]
        request = HTTPRequest(f"ws://{self.host}/live/ws", headers={**headers, "Origin": f"http://{self.host}"})
        link = await websocket_connect(request, subprotocols=["bokeh", token])
        await link.read_message()
        self.lives.append(time.perf_counter() - start)
        return link


async def load(study: Study, port: int, server: psutil.Process, args: argparse.Namespace) -> None:
    AsyncHTTPClient.configure(None, max_clients=500)
    book, ids = access_book(study), sorted(study.practices)
    sessions = []
    for number in range(args.sessions):
        own = ids[number % len(ids)]
        mine = [f"/practice/{own}?lang=nl", f"/practice/{own}?lang=en"]
        all_pages = [
            "/?lang=nl",
            "/?order=call&lang=nl",
            f"/?search={own[:6]}",
            *(f"/practice/{one}" for one in ids[:20]),
        ]
        boss = number % 5 == 0
        sessions.append(Session(port, book.issue("*" if boss else own), all_pages if boss else mine, number))
    before = server.memory_info().rss
    for session in sessions:
        await session.enter()
    until = time.perf_counter() + args.seconds
    running = asyncio.gather(*(session.run(until) for session in sessions))
    await asyncio.sleep(args.seconds / 2)
    after = server.memory_info().rss
    answers = study.raw_folder / "answers.csv"
    lines = answers.read_text().splitlines()
    (study.raw_folder / "more.csv").write_text("\n".join([lines[0], *(f"N{line}" for line in lines[1:200])]) + "\n")
    program = f"{sys.executable} -m pxanalysis"
    command = f"{program} ingest -s {study.root} && {program} fit -s {study.root}"
    again = subprocess.Popen(command, shell=True, stdout=subprocess.DEVNULL)
    await asyncio.sleep(args.seconds / 2 - 2)
    end = server.memory_info().rss
    await running
    again.wait()
    pages, lives = (np.concatenate([getattr(one, name) for one in sessions]) for name in ("pages", "lives"))
    failed = [error for one in sessions for error in one.failed]
    print(f"{args.sessions} sessions, {args.practices} practices: {len(pages)} views, {len(failed)} failed")
    for name, values in (("page", pages), ("counts live", lives)):
        half, most, worst = np.percentile(values, [50, 95, 100])
        print(f"{name:12} median {half:.3f} s   p95 {most:.3f} s   slowest {worst:.3f} s")
    each = (after - before) / args.sessions / 1024
    print(f"memory {before / 2**20:.0f} MB -> {after / 2**20:.0f} MB: {each:.0f} kB a session")
    print(f"memory after a new release {end / 2**20:.0f} MB")
    for error in failed[:5]:
        print(error)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--practices", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--port", type=int, default=5906)
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    study = make_study(folder, args.practices)
    command = [sys.executable, "-m", "pxanalysis", "dashboard", "-s", str(study.root), "--port", str(args.port)]
    with (folder / "log").open("wb") as log:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
        process.stdout.readline()
        print(f"serves after {time.perf_counter() - started:.1f} s")
        time.sleep(args.practices * 0.35)
        try:
            asyncio.run(load(study, args.port, psutil.Process(process.pid), args))
        finally:
            process.terminate()
            process.wait()
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
