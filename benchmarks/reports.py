"""A report among many beside what one would run instead: CPU seconds of the whole process tree, in one run.

Run: ``python benchmarks/reports.py [--reports 2000]``. Ours, the ``papermill`` and ``jupyter nbconvert`` commands, and
papermill with nbconvert's exporter in one process, alternately. With ``--reports`` so many are made in one go, and the
memory of the process that they are forked from is told at the beginning and at the end.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing import forkserver
from pathlib import Path
from statistics import median

from measuring import ROOT, prepare, tell

prepare()

from pxanalysis.study import Study, init_study
from pxanalysis.study.reports import render_study

ROUNDS = 3
TICK = os.sysconf("SC_CLK_TCK")
IN_ONE_PROCESS = """
import sys, papermill
from nbconvert import HTMLExporter
notebook, practice, study, folder = sys.argv[1:]
made = papermill.execute_notebook(
    notebook, None, {"practice_id": practice, "study_dir": study}, progress_bar=False, cwd=folder
)
exporter = HTMLExporter(exclude_input=True)
exporter.from_notebook_node(made)
"""


def of_commands(run: Callable[[], object]) -> float:
    """CPU seconds of the processes that are started and waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _server() -> list[int]:
    """The fork server's own figures in ``/proc``: its time, and that of the children it has waited for."""
    stat = Path(f"/proc/{forkserver._forkserver._forkserver_pid}/stat").read_text()
    return [0, *(int(part) for part in stat.rpartition(")")[2].split()[1:])]


def of_reports(study: Study) -> tuple[float, int]:
    """CPU seconds a report of ours, this process and the fork server with its children; and how many were made."""
    before, own = sum(_server()[11:15]), time.process_time()
    made = len(render_study(study, force=True, workers=2).outcomes)
    return ((sum(_server()[11:15]) - before) / TICK + time.process_time() - own) / made, made


def server_megabytes() -> float:
    """Resident memory of the fork server."""
    return _server()[21] * os.sysconf("SC_PAGE_SIZE") / 1_048_576


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=0, help="make so many in one go, and tell the memory")
    asked = parser.parse_args().reports
    pxanalysis = [sys.executable, "-m", "pxanalysis"]
    with tempfile.TemporaryDirectory() as scratch:
        study = init_study(Path(scratch) / "study", "dental-treatment")
        subprocess.run([*pxanalysis, "simulate", "--study", study.root], check=True, capture_output=True)
        start = time.perf_counter()
        subprocess.run([*pxanalysis, "run", "--study", study.root], check=True, capture_output=True)
        tell("run, 25 practices, from answers to reports", time.perf_counter() - start)

        practice = render_study(study, force=True, workers=2).outcomes[0].job.practice_id  # the server is warm then
        executed, folder = Path(scratch) / "executed.ipynb", study.notebook.parent
        papermill = [sys.executable, "-m", "papermill", study.notebook, executed, "-r", "practice_id", practice]
        papermill += ["-r", "study_dir", study.root, "--cwd", folder]
        convert = [sys.executable, "-m", "nbconvert", "--to", "html", "--no-input", executed]
        together = [sys.executable, "-c", IN_ONE_PROCESS, study.notebook, practice, study.root, folder]

        def commands() -> None:
            subprocess.run(papermill, check=True, capture_output=True, cwd=ROOT)
            subprocess.run(convert, check=True, capture_output=True, cwd=ROOT)

        def in_one_process() -> None:
            subprocess.run(together, check=True, capture_output=True, cwd=ROOT)

        rows = [(of_reports(study)[0], of_commands(commands), of_commands(in_one_process)) for _ in range(ROUNDS)]
        ours, by_commands, by_process = (median(column) for column in zip(*rows, strict=True))
        tell("one report, CPU", ours, "papermill + nbconvert commands, CPU", by_commands)
        tell("  the same", ours, "papermill and nbconvert in one process, CPU", by_process)
        made, first = 0, server_megabytes()
        while made < asked:
            made += of_reports(study)[1]
        if asked:
            last = server_megabytes()
            print(f"{made} reports: the process they are forked from had {first:.0f} MB before, {last:.0f} MB after")


if __name__ == "__main__":
    main()
