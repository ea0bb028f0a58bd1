"""What a Dask worker does: keep what reports read, and make one when it is asked to."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from multiprocessing import current_process
from pathlib import Path
from typing import TypeVar

from distributed import Worker, WorkerPlugin, get_worker

from pxanalysis._version import __version__
from pxanalysis.errors import ReportError
from pxanalysis.processes import on_one_thread
from pxanalysis.reporting.making.batch import Limits, make_by_itself
from pxanalysis.reporting.making.render import ReportJob

__all__ = ["StudyFiles", "call_on_worker", "make_on_worker"]

T = TypeVar("T")


class StudyFiles(WorkerPlugin):  # type: ignore[misc]
    """What reports read, by its path within the study; on a worker, a folder with it (a Dask worker plugin).

    Parameters
    ----------
    files
        Bytes by path, with forward slashes.
    notebook
        The one of them to run.
    """

    idempotent = True

    def __init__(self, files: Mapping[str, bytes], notebook: str) -> None:
        self.files, self.notebook, self.version = dict(files), notebook, __version__
        digest = sha256(b"".join(name.encode() + sha256(data).digest() for name, data in sorted(files.items())))
        self.name = f"pxanalysis-{digest.hexdigest()[:16]}-{os.getpid()}"
        self.folder = Path()

    def setup(self, worker: Worker) -> None:
        """Write the files into a new folder that nobody else may read."""
        self.folder = Path(tempfile.mkdtemp(prefix="pxanalysis-", dir=worker.local_directory))
        for name, data in self.files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def teardown(self, worker: Worker) -> None:
        """Remove them."""
        shutil.rmtree(self.folder, ignore_errors=True)


def call_on_worker(function: Callable[..., T], arguments: Sequence[object], version: str) -> T:
    """Call a function of the package; a worker with another version of it would find something else."""
    if version != __version__:
        raise ReportError(
            f"--dask: a worker has pxanalysis {__version__}, the study's computer {version}. Install one of them."
        )
    return on_one_thread(function, arguments)


def make_on_worker(
    job: ReportJob, plugin: str, preload: Sequence[str], limits: Limits, version: str
) -> tuple[str, str, int]:
    """Make one report in a child of this worker, so that what it does to the process is its own trouble."""
    if version != __version__:
        return "", f"the worker has pxanalysis {__version__}, the study's computer {version}; install one of them", 1
    files: StudyFiles = get_worker().plugins[plugin]
    current_process().daemon = False  # a nanny's worker may have no children else; ours end with it
    here = replace(job, study_dir=str(files.folder), notebook=str(files.folder / files.notebook))
    return make_by_itself(here, preload, limits)
