"""Bringing reports where they should go: a folder or a store elsewhere, only what changed, each whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shlex
import signal
import subprocess
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pxanalysis.errors import DeliveryError
from pxanalysis.study.page_list import hash_page

__all__ = ["Delivered", "Hook", "deliver_reports"]

_WHOLE = {"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "oss", "r2", "memory"}
"""Stores in which a file appears when all of it has come; elsewhere it is renamed when it has."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What was brought, what was there already, and what was taken away since its report is gone."""

    sent: tuple[str, ...]
    unchanged: int
    removed: tuple[str, ...]


def deliver_reports(pages: Iterable[Path], destination: str, *, zipped: bool = False, part: str = "") -> Delivered:
    """Bring pages, with their PDF where there is one, to a folder or to what fsspec can write to.

    Parameters
    ----------
    pages
        Reports; others that were brought there before are taken away.
    destination
        A folder, or an address such as ``sftp://host/reports`` or ``s3://bucket/reports``.
    zipped
        One ``.zip`` for each report, in place of its files.
    part
        Name of a part of the reports, which is brought and remembered on its own.

    Raises
    ------
    DeliveryError
        When the place cannot be reached or written to, or its address is not understood.
    """
    try:
        store = _Store(destination, f"delivered{part and '-'}{part}.json")
        return _deliver(store, _list_contents(pages, zipped=zipped))
    except DeliveryError:
        raise
    except Exception as error:  # each kind of store has errors of its own
        raise DeliveryError(
            f"--deliver {_without_password(destination)}: {str(error) or type(error).__name__}. The reports are made; "
            "see that the place can be reached and written to, and run the command again."
        ) from error


def _deliver(store: _Store, contents: dict[str, list[Path]]) -> Delivered:
    known, there = store.read_list(), store.list_sizes()
    sent: list[str] = []
    unchanged = 0
    entries = dict(known)
    removed = tuple(sorted(set(known) - set(contents)))
    try:
        for name, files in contents.items():
            digest, entry = _digest(files), known.get(name, {})
            if entry.get("sha256") == digest and there.get(name) == entry.get("size"):
                unchanged += 1
                continue
            data = _zip(files) if name.endswith(".zip") else files[0].read_bytes()
            store.write(name, data)
            entries[name] = {"sha256": digest, "size": len(data)}
            sent.append(name)
        for name in removed:
            store.remove(name)
            del entries[name]
    finally:  # what did arrive is not sent again
        if entries != known:
            store.write(store.list_name, (json.dumps(entries, indent=1, sort_keys=True) + "\n").encode())
    return Delivered(tuple(sent), unchanged, removed)


def _list_contents(pages: Iterable[Path], *, zipped: bool) -> dict[str, list[Path]]:
    """Files to be brought, each with what it is made of."""
    found: dict[str, list[Path]] = {}
    for page in pages:
        files = [path for path in (page, page.with_suffix(".pdf")) if path.is_file()]
        if zipped and files:
            found[f"{page.stem}.zip"] = files
        elif not zipped:
            found |= {path.name: [path] for path in files}
    return found


def _digest(files: list[Path]) -> str:
    return hashlib.sha256("\n".join(f"{path.name} {hash_page(path)}" for path in files).encode()).hexdigest()


def _zip(files: list[Path]) -> bytes:
    """The same bytes for the same files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            info = zipfile.ZipInfo(path.name)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            archive.writestr(info, path.read_bytes())
    return stream.getvalue()


class _Store:
    """A place for files, by fsspec."""

    def __init__(self, destination: str, list_name: str) -> None:
        import fsspec

        self._files, self._folder = fsspec.url_to_fs(destination)
        named = self._files.protocol
        self._whole = bool(_WHOLE & set([named] if isinstance(named, str) else named))
        self.list_name = list_name
        self._files.makedirs(self._folder, exist_ok=True)

    def _path(self, name: str) -> str:
        return f"{self._folder.rstrip('/')}/{name}"

    def read_list(self) -> dict[str, dict[str, Any]]:
        """What was brought before; a list that is damaged counts as none, and all is brought again."""
        try:
            found = json.loads(self._files.cat_file(self._path(self.list_name)))
            return {str(name): dict(entry) for name, entry in found.items()}
        except (FileNotFoundError, ValueError, AttributeError, TypeError):
            return {}

    def list_sizes(self) -> dict[str, int]:
        """Files that are there, with their size."""
        self._files.invalidate_cache()
        return {
            str(one["name"]).rsplit("/", 1)[-1]: int(one["size"] or 0) for one in self._files.ls(self._folder, True)
        }

    def write(self, name: str, data: bytes) -> None:
        """Write a file so that it is either the old or the new one."""
        if self._whole:
            self._files.pipe_file(self._path(name), data)
            return
        temporary = self._path(f".writing-{name}")  # always the same: what a kill leaves is written over the next time
        self._files.pipe_file(temporary, data)
        if type(self._files).__name__ == "LocalFileSystem":
            Path(temporary).replace(self._path(name))
        else:
            self._files.mv(temporary, self._path(name))

    def remove(self, name: str) -> None:
        """Take a file away; gone already is as good."""
        with suppress(FileNotFoundError):
            self._files.rm_file(self._path(name))


def _without_password(address: str) -> str:
    head, mark, rest = address.partition("://")
    return f"{head}{mark}{rest.rsplit('@', 1)[-1]}" if mark else address


class Hook:
    """A command that is run for each report that was made.

    It gets the page as its last argument, and ``PXANALYSIS_PRACTICE`` and ``PXANALYSIS_REPORT`` in its environment.

    Parameters
    ----------
    command
        With its arguments, as in a shell; no shell reads it.
    seconds
        Longest time for one report. After three in a row that took longer it is not run any more.
    """

    def __init__(self, command: str, seconds: float = 60.0) -> None:
        try:
            self._words = shlex.split(command)
        except ValueError as error:
            raise DeliveryError(f"--hook: {error} in '{command}'. Close each quotation mark.") from error
        if not self._words:
            raise DeliveryError("--hook: expected a command, found nothing.")
        self._seconds, self._late = seconds, 0
        self.problems: list[str] = []

    def run(self, practice_id: str, page: Path) -> None:
        """Run the command; what goes wrong is added to ``problems``, and the run goes on."""
        if self._late >= _PATIENCE:
            return
        more = {"PXANALYSIS_PRACTICE": practice_id, "PXANALYSIS_REPORT": str(page)}
        try:
            with _started([*self._words, str(page)], os.environ | more) as process:
                _, errors = process.communicate(timeout=self._seconds)
        except subprocess.TimeoutExpired:
            self._late += 1
            ending = " It is not run any more." if self._late >= _PATIENCE else ""
            self.problems.append(f"hook for {practice_id}: took longer than {self._seconds:g} seconds.{ending}")
            return
        except OSError as error:
            self.problems.append(f"hook for {practice_id}: {error}")
            return
        self._late = 0
        if process.returncode:
            lines = errors.decode(errors="replace").strip().splitlines()
            said = f": {lines[-1][:200]}" if lines else ""
            self.problems.append(f"hook for {practice_id}: exit code {process.returncode}{said}")


_PATIENCE = 3


@contextmanager
def _started(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A command in a group of its own, which is ended with all that it started."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL) if hasattr(os, "killpg") else process.kill()
            process.wait()
        if process.stderr is not None:
            process.stderr.close()
