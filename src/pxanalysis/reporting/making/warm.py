"""What every report needs, imported and used once, in the process that reports are forked from.

The standard library's fork server imports this module before its first fork: each report then starts from a process
in which nothing is left to import. It must have a single thread then, so that Polars, which starts some, stays out.
"""

from __future__ import annotations

import gc
import os
import random
from contextlib import suppress
from importlib import import_module
from pathlib import Path

__all__ = ["PRELOAD", "STUDY", "count_threads"]

PRELOAD = "PXANALYSIS_PRELOAD"
"""Environment: modules that notebooks import, separated by commas."""

STUDY = "PXANALYSIS_WARM"
"""Environment: folder of a study, a practice of it and a language, one a line."""

_MODULES = (
    "pxanalysis.reporting.notebook_format",
    "IPython.core.interactiveshell",
    "IPython.utils.capture",
    "matplotlib.ft2font",
    "nbconvert",
    "numpy",
    "pandas",
    "papermill",
    "pxanalysis.reporting.making.child",
    "pxanalysis.reporting.page.exporter",
    "pxanalysis.reporting.sections",
)


def count_threads(process: int | str = "self") -> int:
    """Threads of a process; 1 where the system does not tell."""
    tasks = Path(f"/proc/{process}/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else 1


def _use_once() -> None:
    """Make one page to nowhere with our own code; somebody's notebook is run by children only."""
    study, practice, language = os.environ[STUDY].splitlines()
    import pandas as pd

    from pxanalysis.analysis.whole_study.results import keep_results
    from pxanalysis.reporting.making.child import run_parts

    pd.set_option("mode.string_storage", "python")  # few rows at a time: Arrow takes longer to ask than to answer

    opened = import_module("pxanalysis").open_study(study)  # as notebooks do; reporting stands below studies
    keep_results(opened.results_folder)
    run_parts(opened.report(practice, language), language)


def _warm() -> None:
    for name in (*_MODULES, *filter(None, os.environ.get(PRELOAD, "").split(","))):
        import_module(name)
    if os.environ.get(STUDY):
        with suppress(Exception):  # a report that cannot be made says so itself, each by its own
            _use_once()
    random.seed(0)
    gc.collect()
    gc.freeze()  # what is here stays: children need not look at it, which would copy its pages
    gc.disable()  # nor at what a report makes: its process is over before there is much to collect


if os.environ.get(PRELOAD) is not None:
    _warm()
