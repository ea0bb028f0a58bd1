"""One report in a process of its own: what a child of the fork server does."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from pxanalysis.reporting.making.render import ReportJob
    from pxanalysis.reporting.sections import PracticeReport

__all__ = ["Limits", "make_page", "run_parts"]

_LONGEST_REASON = 4000


@dataclass(frozen=True, slots=True)
class Limits:
    """What one report may take.

    Attributes
    ----------
    seconds
        By the clock; a machine that is busy makes good reports slow, so that this is long.
    cpu_seconds
        Of computing.
    memory_mb
        Address space, in megabytes of 1,048,576 bytes.
    retries
        How many times a report that failed is tried again.
    """

    seconds: float = 600.0
    cpu_seconds: int = 120
    memory_mb: int = 4096
    retries: int = 1


def _set_limits(limits: Limits) -> None:
    """A notebook that takes too much memory gets its own MemoryError; one that computes on and on is stopped."""
    try:
        import resource
    except ImportError:  # Windows, which has no fork server either
        return
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory_mb * 1024 * 1024),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
    ):
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def make_page(job: ReportJob, answer: Connection, limits: Limits) -> None:
    """Make the page and send it, or the reason why not; the parent alone writes files."""
    import random

    import numpy as np

    from pxanalysis.reporting.making.render import make_report_page

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the command, which ends us
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - a fork inherits the parent's state; libraries that use it must not share it
    _set_limits(limits)
    try:
        message: dict[str, Any] = {"page": make_report_page(job, in_process=True)}
    except MemoryError:
        message = {"reason": f"it needed more than {limits.memory_mb} MB of memory"}
    except Exception as error:
        reason = (f"{error}" or type(error).__name__)[:_LONGEST_REASON]
        if getattr(error.__cause__, "ename", "") == "MemoryError":
            reason += f" (it may take {limits.memory_mb} MB: [reports] memory_mb in study.toml)"
        message = {"reason": reason}
    with suppress(OSError):  # nobody waits any more
        answer.send(message)
        answer.close()
    os._exit(0)  # without anyone's exit handlers, or threads that the notebook left


def run_parts(report: PracticeReport, language: str) -> str:
    """Make a page of a report's parts by way of a notebook of ours; what it says is thrown away."""
    from pxanalysis.reporting.making.engine import ENGINE_NAME, register_engine
    from pxanalysis.reporting.notebook_format import nbformat
    from pxanalysis.reporting.page.exporter import page_exporter

    # isort: split
    import papermill

    register_engine()
    names = ("opening", "priorities", "outcomes", "journey", "drivers", "matrix", "actions", "comparison", "method")
    outputs = [
        nbformat.v4.new_output("display_data", data={"text/html": getattr(report, name)().html}) for name in names
    ]
    cell = nbformat.v4.new_code_cell("1 + 1")
    cell.metadata["tags"] = ["parameters"]
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    executed = papermill.execute_notebook(
        notebook, None, {}, engine_name=ENGINE_NAME, progress_bar=False, log_output=False, kernel_name="python3"
    )
    executed.cells[-1].outputs = outputs
    page, _ = page_exporter().from_notebook_node(executed, resources={"language": language})
    return str(page)
