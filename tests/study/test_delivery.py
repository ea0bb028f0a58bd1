"""Reports brought elsewhere: only what changed, whole or not at all, and hooks that misbehave."""

from __future__ import annotations

import io
import json
import sys
import time
import zipfile
from pathlib import Path

import fsspec
import pytest

from pxanalysis.errors import DeliveryError
from pxanalysis.study.delivery import Hook, deliver_reports


@pytest.fixture
def pages(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "reports"
    folder.mkdir()
    for name in ("a", "b", "c"):
        (folder / f"{name}.html").write_text(f"<p>{name}</p>")
    (folder / "b.pdf").write_bytes(b"%PDF")
    return [folder / f"{name}.html" for name in ("a", "b", "c")]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_only_what_changed_is_sent_and_what_is_gone_is_taken_away(pages: list[Path], tmp_path: Path) -> None:
    target = tmp_path / "there" / "reports"
    assert deliver_reports(pages, str(target)).sent == ("a.html", "b.html", "b.pdf", "c.html")
    (target / "theirs.html").write_text("not ours")
    before = {path.name: path.stat().st_mtime_ns for path in target.iterdir()}
    pages[1].write_text("<p>new</p>")
    found = deliver_reports(pages[:2], str(target))
    assert (found.sent, found.unchanged, found.removed) == (("b.html",), 2, ("c.html",))
    assert names(target) == ["a.html", "b.html", "b.pdf", "delivered.json", "theirs.html"]
    assert (target / "b.html").read_text() == "<p>new</p>"
    assert (target / "a.html").stat().st_mtime_ns == before["a.html"]
    assert deliver_reports(pages[:2], str(target)).sent == ()


@pytest.mark.parametrize("spoil", ["emptied", "gone", "list"])
def test_what_was_spoilt_there_is_sent_again(pages: list[Path], tmp_path: Path, spoil: str) -> None:
    target = tmp_path / "there"
    deliver_reports(pages, str(target))
    if spoil == "emptied":
        (target / "a.html").write_text("")
    elif spoil == "gone":
        (target / "a.html").unlink()
    else:
        (target / "delivered.json").write_text("[")
    assert "a.html" in deliver_reports(pages, str(target)).sent
    assert (target / "a.html").read_text() == "<p>a</p>"


def test_an_archive_for_each_practice_has_the_same_bytes_each_time(pages: list[Path], tmp_path: Path) -> None:
    for name in ("one", "two"):
        deliver_reports(pages, str(tmp_path / name), zipped=True)
    assert names(tmp_path / "one") == ["a.zip", "b.zip", "c.zip", "delivered.json"]
    data = (tmp_path / "one" / "b.zip").read_bytes()
    assert data == (tmp_path / "two" / "b.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["b.html", "b.pdf"]
    assert deliver_reports(pages, str(tmp_path / "one"), zipped=True).sent == ()


def test_any_store_of_fsspec_will_do(pages: list[Path]) -> None:
    deliver_reports(pages, "memory://bucket/reports", part="1-of-2")
    files = fsspec.filesystem("memory")
    assert files.cat_file("/bucket/reports/a.html") == b"<p>a</p>"
    assert "a.html" in json.loads(files.cat_file("/bucket/reports/delivered-1-of-2.json"))
    assert deliver_reports(pages, "memory://bucket/reports", part="1-of-2").unchanged == 4


def test_a_place_that_cannot_be_reached_is_named_without_its_password(pages: list[Path]) -> None:
    with pytest.raises(DeliveryError, match=r"--deliver nowhere://host/x: Protocol not known") as caught:
        deliver_reports(pages, "nowhere://me:secret@host/x")
    assert "secret" not in str(caught.value)


def test_a_folder_that_may_not_be_written_to_is_an_error_of_delivery(pages: list[Path], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DeliveryError, match="The reports are made"):
        deliver_reports(pages, str(tmp_path / "file" / "reports"))


def hook(code: str, seconds: float = 20.0) -> Hook:
    return Hook(f'"{sys.executable}" -c "{code}"', seconds)


def test_a_hook_gets_the_page_and_the_practice(pages: list[Path], tmp_path: Path) -> None:
    told = tmp_path / "told"
    one = hook(f"import os, sys; open('{told}', 'w').write(os.environ['PXANALYSIS_PRACTICE'] + sys.argv[-1])")
    one.run("--odd id", pages[0])
    assert one.problems == []
    assert told.read_text() == f"--odd id{pages[0]}"


def test_a_hook_that_fails_or_is_not_there_is_noted(pages: list[Path]) -> None:
    one = hook("import sys; sys.exit('no room')")
    one.run("a", pages[0])
    assert one.problems == ["hook for a: exit code 1: no room"]
    gone = Hook("/nonexistent/hook")
    gone.run("a", pages[0])
    assert "No such file" in gone.problems[0]
    with pytest.raises(DeliveryError, match="No closing quotation"):
        Hook("'open")


def test_a_hook_that_hangs_is_ended_with_what_it_started_and_left_out_after_three(pages: list[Path]) -> None:
    one = hook("import os, time; os.fork(); time.sleep(60)", 0.3)
    began = time.monotonic()
    for name in "abcde":
        one.run(name, pages[0])
    assert time.monotonic() - began < 20
    assert len(one.problems) == 3
    assert one.problems[-1].endswith("It is not run any more.")
