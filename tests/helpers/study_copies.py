"""Fitting a study takes seconds: it is done once for a file of tests, each of which has a copy."""

from __future__ import annotations

import shutil
from pathlib import Path

from pxanalysis.study import Study, init_study

__all__ = ["copy_study", "init_quick"]


def init_quick(folder: Path, journey: str = "dental-treatment") -> Study:
    """Make an empty study with as few bootstrap samples as there may be."""
    made = init_study(folder, journey)
    settings = made.root / "study.toml"
    settings.write_text(settings.read_text().replace("n_bootstrap = 1000", "n_bootstrap = 100"))
    return Study(made.root)


def copy_study(made: Study, folder: Path) -> Study:
    """Copy a study as it stands, with its answers, results and releases."""
    shutil.copytree(made.root, folder / "study")
    return Study(folder / "study")
