"""A process that has imported everything and forks a child for each report.

Run as ``python -m pxanalysis.reporting.making.zygote [module ...]`` (what the notebook imports, to have it ready): it
reads one job per line (JSON) and answers with one line. It has a single thread when it forks, which is what makes the
fork safe; a child that crashes or hangs takes nothing along.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

__all__ = ["main"]

_PRELOAD = (
    "IPython.core.interactiveshell",
    "matplotlib.figure",
    "nbconvert",
    "numpy",
    "pandas",
    "papermill",
    "pxanalysis.reporting.page.exporter",
    "pxanalysis.reporting.sections",
)

_LONGEST_REASON = 4000
"""A pipe holds 64 kB; the answer has to fit, since nobody reads it before the child has ended."""


def _preload(modules: list[str]) -> None:
    """Import what a report needs, so that children have it for nothing."""
    # imported here for the children; the module itself must import before anything can start a thread
    from pxanalysis.reporting.page.exporter import page_exporter

    for name in (*_PRELOAD, *modules):
        import_module(name)
    page_exporter().template  # noqa: B018 - compiled when first asked for, and then for all children


def _threads() -> int:
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else 1


def _work(job: dict[str, Any], answer: int) -> None:
    """In the child: make the report, say how it went, and leave without running anyone's exit handlers."""
    # the children alone need these
    import random

    import numpy as np

    from pxanalysis.reporting.making.render import ReportJob, render_report

    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - a fork inherits the parent's state; libraries that use it must not share it
    try:
        render_report(ReportJob(**job), in_process=True)
        message: dict[str, Any] = {"ok": True}
    except Exception as error:
        message = {"ok": False, "reason": (f"{error}" or type(error).__name__)[:_LONGEST_REASON]}
    os.write(answer, json.dumps(message).encode())
    sys.stdout.flush()
    os._exit(0)


def _wait(child: int, deadline: float) -> int | None:
    """Exit status of the child, or None when it had to be stopped because its time was over."""
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _run(job: dict[str, Any], timeout: float) -> dict[str, Any]:
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(readable)
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        try:
            _work(job, writable)
        finally:  # whatever gets past it: a child must never go on as if it were the parent
            os._exit(1)
    os.close(writable)
    status = _wait(child, time.monotonic() + timeout)
    os.set_blocking(readable, False)  # a process that the notebook left behind may still hold the other end
    with os.fdopen(readable, "rb") as stream:
        said = stream.read()
    if status is None:
        return {"ok": False, "reason": f"it took longer than {timeout:.0f} seconds and was stopped"}
    if not said:
        signalled = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"exit code {os.WEXITSTATUS(status)}"
        return {"ok": False, "reason": f"the process ended without an answer ({signalled})"}
    answer: dict[str, Any] = json.loads(said)
    return answer


def main() -> None:
    """Serve jobs from standard input until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the command too, which then closes the pipe
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)  # what a module prints when it is imported must not stand between the answers
        _preload(sys.argv[1:])
        print(json.dumps({"ready": True, "threads": _threads()}), file=answers, flush=True)
        for line in sys.stdin:
            request = json.loads(line)
            print(json.dumps(_run(request["job"], request["timeout"])), file=answers, flush=True)


if __name__ == "__main__":
    main()
