"""Which pages were made of what: a list that is whole at every moment, so that a run that was killed goes on.

``reports/manifest.json`` is written when a round is done. What a round makes meanwhile stands in ``reports/.made-*``, a
line per page, which the next round takes up. Each entry has the digest of its page: a page that was emptied, changed,
or written by a round that never came to its end is made again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pxanalysis.errors import StudyError
from pxanalysis.survey.files import write_atomically

__all__ = ["PageList", "hash_page", "note_page"]

_OPEN = ".made-"


def hash_page(path: Path) -> str:
    """SHA-256 of a page; empty when it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


@dataclass(slots=True)
class PageList:
    """Pages of a study.

    Attributes
    ----------
    folder
        The study's folder of reports.
    entries
        Per practice: ``key`` (hash of what the page rests on), ``file``, ``sha256``, ``reason`` (why it could not be
        made, empty when it was) and ``language``.
    rounds
        Files of rounds that are going on, or never came to their end.
    """

    folder: Path
    entries: dict[str, dict[str, Any]]
    rounds: list[Path]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the list, and what rounds added that did not come to their end.

        Raises
        ------
        StudyError
            When the list is damaged.
        """
        rounds = sorted(folder.glob(f"{_OPEN}*"))
        entries = _read_list(folder / "manifest.json")
        for path in rounds:
            entries |= _read_round(path)
        return cls(folder, entries, rounds)

    def why_outdated(self, practice_id: str, key: str) -> str:
        """Say why a page is to be made; empty when it is as it should be."""
        entry = self.entries.get(practice_id)
        if entry is None:
            return "never made"
        if entry["reason"]:
            return f"failed the last time: {entry['reason']}"
        if entry["key"] != key:
            return "results, notebook, language or settings changed"
        page = self.folder / str(entry["file"])
        if not page.exists():
            return "the page is gone"
        if hash_page(page) != entry.get("sha256"):
            return "the page is not the one that was made"
        return ""

    def write(self) -> None:
        """Write the list, with what rounds added, whose files go."""
        entries = {practice_id: self.entries[practice_id] for practice_id in sorted(self.entries)}
        write_atomically(self.folder / "manifest.json", json.dumps(entries, indent=1, ensure_ascii=False) + "\n")
        for path in self.rounds:
            path.unlink(missing_ok=True)


def note_page(folder: Path, name: str, practice_id: str, entry: Mapping[str, Any]) -> None:
    """Add a page to the file of a round; a line that is cut off by a kill counts as not written."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{_OPEN}{name}.jsonl").open("a", encoding="utf-8") as stream:
        stream.write("\n" + json.dumps([practice_id, dict(entry)], ensure_ascii=False))


def _read_list(path: Path) -> dict[str, dict[str, Any]]:
    if not path.exists():
        return {}
    try:
        entries: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        _ = [(entry["key"], entry["file"], entry["reason"]) for entry in entries.values()]
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise StudyError(f"{path}: damaged ({error}). Remove it; the reports are then made again.") from error
    return entries


def _read_round(path: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        with suppress(ValueError, TypeError, KeyError):  # cut off: that page is made again
            practice_id, entry = json.loads(line)
            found[practice_id] = {name: str(entry[name]) for name in ("key", "file", "sha256", "reason", "language")}
    return found
