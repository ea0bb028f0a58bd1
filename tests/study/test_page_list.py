"""Which pages were made of what: rounds that were cut off, pages that were spoilt."""

from __future__ import annotations

import json
from pathlib import Path

from pxanalysis.study.page_list import PageList, hash_page, note_page


def entry(folder: Path, name: str, key: str = "k", reason: str = "") -> dict[str, str]:
    page = folder / f"{name}.html"
    page.write_text(f"<p>{name}</p>")
    return {"key": key, "file": page.name, "sha256": hash_page(page), "reason": reason, "language": "nl"}


def test_what_a_killed_round_made_is_taken_up_and_what_was_cut_off_is_made_again(tmp_path: Path) -> None:
    note_page(tmp_path, "all", "a", entry(tmp_path, "a"))
    note_page(tmp_path, "all", "b", entry(tmp_path, "b"))
    path = tmp_path / ".made-all.jsonl"
    path.write_text(path.read_text()[:-20])
    note_page(tmp_path, "2-of-2", "c", entry(tmp_path, "c"))
    note_page(tmp_path, "all", "d", entry(tmp_path, "d"))  # after the line that was cut off
    found = PageList.read(tmp_path)
    assert [found.why_outdated(name, "k") for name in "abcd"] == ["", "never made", "", ""]
    found.write()
    assert sorted(path.name for path in tmp_path.glob(".*")) == []
    assert list(json.loads((tmp_path / "manifest.json").read_text())) == ["a", "c", "d"]
    assert PageList.read(tmp_path).rounds == []


def test_why_a_page_is_made_again(tmp_path: Path) -> None:
    for name in "abc":
        note_page(tmp_path, "all", name, entry(tmp_path, name))
    note_page(tmp_path, "all", "d", entry(tmp_path, "d", reason="no ink"))
    (tmp_path / "a.html").write_text("")
    (tmp_path / "b.html").unlink()
    found = PageList.read(tmp_path)
    assert [found.why_outdated(name, "k") for name in "abde"] == [
        "the page is not the one that was made",
        "the page is gone",
        "failed the last time: no ink",
        "never made",
    ]
    assert found.why_outdated("c", "other").startswith("results, notebook")


def test_a_page_of_a_round_that_never_ended_does_not_pass_for_the_old_one(tmp_path: Path) -> None:
    """Settings are changed, a page is made, the run is killed before it is noted, and settings are changed back."""
    note_page(tmp_path, "all", "a", entry(tmp_path, "a"))
    PageList.read(tmp_path).write()
    (tmp_path / "a.html").write_text("<p>by other settings</p>")
    assert PageList.read(tmp_path).why_outdated("a", "k") == "the page is not the one that was made"


def test_a_list_of_before_digests_has_its_pages_made_again(tmp_path: Path) -> None:
    old = {name: text for name, text in entry(tmp_path, "a").items() if name != "sha256"}
    (tmp_path / "manifest.json").write_text(json.dumps({"a": old}))
    assert PageList.read(tmp_path).why_outdated("a", "k") != ""
