"""The demo study from answers to 25 reports (goal 60 s), and one report beside the papermill and nbconvert commands."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measuring import ROOT, median_seconds, prepare, tell

prepare()

from pxanalysis.study import init_study
from pxanalysis.study.reports import render_study


def main() -> None:
    pxanalysis = [sys.executable, "-m", "pxanalysis.cli.main"]
    with tempfile.TemporaryDirectory() as scratch:
        study = init_study(Path(scratch) / "study", "dental-treatment")
        subprocess.run([*pxanalysis, "simulate", "--study", study.root], check=True, capture_output=True)
        start = time.perf_counter()
        subprocess.run([*pxanalysis, "run", "--study", study.root], check=True, capture_output=True)
        tell("run, 25 practices, from answers to reports", time.perf_counter() - start)

        start = time.perf_counter()
        summary = render_study(study, force=True, workers=2)
        each = (time.perf_counter() - start) / len(summary.outcomes)
        practice = summary.outcomes[0].job.practice_id
        executed = Path(scratch) / "executed.ipynb"
        papermill = [sys.executable, "-m", "papermill", study.notebook, executed, "-r", "practice_id", practice]
        papermill += ["-r", "study_dir", study.root, "--cwd", study.notebook.parent]
        convert = [sys.executable, "-m", "nbconvert", "--to", "html", "--no-input", executed]

        def commands() -> None:
            subprocess.run(papermill, check=True, capture_output=True, cwd=ROOT)
            subprocess.run(convert, check=True, capture_output=True, cwd=ROOT)

        tell("one report among many, two workers", each, "papermill + nbconvert commands", median_seconds(commands, 3))


if __name__ == "__main__":
    main()
