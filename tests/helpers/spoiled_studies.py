"""A study whose notebook was spoiled, run by the command as its users do."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from pxanalysis.study import Study

__all__ = ["pxa", "remove_pages", "spoil"]


def pxa(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    command = [sys.executable, "-m", "pxanalysis", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def remove_pages(study: Study) -> None:
    """Remove all that stands in the folder of reports."""
    for path in study.reports_folder.iterdir():
        path.unlink()


def spoil(study: Study, source: str) -> None:
    """Let the report notebook do something before its fourth cell."""
    notebook = json.loads(study.notebook.read_text())
    cell = {"cell_type": "code", "execution_count": None, "id": "bad", "metadata": {}, "outputs": [], "source": source}
    notebook["cells"].insert(3, cell)
    study.notebook.write_text(json.dumps(notebook))
