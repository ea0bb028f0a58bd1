"""The commands of the live picture: links out, links back, a key, and clear words where it cannot be served."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from study_copies import copy_study
from typer.testing import CliRunner

from pxanalysis.cli import app
from pxanalysis.errors import AccessError, StudyError
from pxanalysis.study import Study


@pytest.fixture
def study(made: Study, tmp_path: Path) -> Study:
    return copy_study(made, tmp_path)


def run(*words: str) -> str:
    done = CliRunner().invoke(app, ["dashboard", *words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_a_link_is_given_out_listed_and_taken_back(study: Study) -> None:
    practice_id, folder = sorted(study.practices)[-1], str(study.root)
    given = run("link", practice_id, "-s", folder, "--days", "2").strip()
    assert given.startswith("http://127.0.0.1:5006/enter?link=")
    listed = run("links", "-s", folder)
    assert re.search(rf"[0-9a-f]{{16}}  {practice_id} +open", listed)
    assert given.partition("link=")[2] not in listed
    assert "1 link(s) taken back." in run("revoke", practice_id, "-s", folder)
    assert "revoked" in run("links", "-s", folder)
    with pytest.raises(StudyError, match="there is no link 'nobody'"):
        run("revoke", "nobody", "-s", folder)


def test_a_link_to_nobody_names_who_there_is(study: Study) -> None:
    with pytest.raises(AccessError, match=f"There are: .*{min(study.practices)}"):
        run("link", "nobody", "-s", str(study.root))


def test_a_link_bears_the_address_that_others_use(study: Study) -> None:
    with (study.root / "study.toml").open("a") as stream:
        stream.write('[dashboard]\naddress = "https://example.org/live/"\n')
    assert run("link", "*", "-s", str(study.root)).startswith("https://example.org/live/enter?link=")


def test_a_key_is_printed_and_kept_nowhere() -> None:
    assert re.search(r"^[\w-]{43}=$", run("key"), flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("host", "message"),
    [("0.0.0.0", r"\[dashboard\] address"), ("somewhere", "expected an address such as 127.0.0.1")],
)
def test_where_others_come_in_a_name_is_needed(study: Study, host: str, message: str) -> None:
    with pytest.raises(StudyError, match=message):
        run("-s", str(study.root), "--host", host)


@pytest.mark.parametrize("text", ['address = "example.org"', 'trusted_proxy = ["all"]', "session_days = 400"])
def test_settings_that_cannot_be_are_refused(study: Study, text: str) -> None:
    with (study.root / "study.toml").open("a") as stream:
        stream.write(f"[dashboard]\n{text}\n")
    with pytest.raises(StudyError, match=r"dashboard\."):
        Study(study.root)


def test_without_the_extra_it_says_what_to_install(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "panel" else found(name))
    with pytest.raises(StudyError, match=r"pip install 'pxanalysis\[dashboard\]'"):
        run("-s", str(study.root))


@pytest.mark.slow
def test_it_is_served_and_the_printed_link_opens_it(study: Study) -> None:
    command = [sys.executable, "-m", "pxanalysis", "dashboard", "-s", str(study.root), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            lines = [server.stdout.readline() for _ in range(3)]
            (link,) = re.findall(r"http://\S+link=\S+", "".join(lines))
            with urllib.request.urlopen(link) as answer:
                assert "Ga verder" in answer.read().decode()
        finally:
            server.terminate()
