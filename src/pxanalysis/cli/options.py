"""What commands share: which study they work in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pxanalysis.study import Study

# What a command works with is imported when it runs, so that --help answers at once.
__all__ = ["HERE", "StudyOption", "open_folder"]

StudyOption = Annotated[Path, typer.Option("--study", "-s", help="Folder with study.toml, or one below it.")]
HERE = Path()


def open_folder(folder: Path) -> Study:
    """Open the study in a folder, or above it."""
    from pxanalysis.study import open_study

    return open_study(folder)
