"""Where the notebooks that ship with the package are."""

from __future__ import annotations

from pathlib import Path

from pxanalysis.errors import StudyError

__all__ = ["REPORT_NOTEBOOK", "notebooks_folder"]

REPORT_NOTEBOOK = "practice_report.ipynb"


def notebooks_folder() -> Path:
    """Where the notebooks that ship with the package are: in the wheel, or in the checkout it is run from."""
    here = Path(__file__).resolve()
    for folder in (here.parents[1] / "notebooks", here.parents[3] / "notebooks"):
        if folder.is_dir():
            return folder
    raise StudyError("The installation has no notebooks; install the package again.")
