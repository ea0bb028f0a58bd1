"""What every test may use: real data where it is, a small simulated study, and a quiet Hypothesis."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from pxanalysis.journey import Journey, read_journey
from pxanalysis.simulation.study import Simulation, simulate_survey
from pxanalysis.study import Study, init_study
from pxanalysis.study.reports import render_study

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# importlib mode gives test modules no parent package, so that what they share is found by path.
sys.path.insert(0, str(Path(__file__).parent / "helpers"))

# Two cores are shared by many tests; a deadline would measure the neighbours.
# Fewer examples while one works; CI runs --hypothesis-profile=thorough.
settings.register_profile("shared", deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", settings.get_profile("shared"), max_examples=60)
settings.load_profile("shared")

REAL_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder with real survey data beside the project; the test is skipped where it is absent."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"real data is not at {REAL_DATA}; it is never part of the project")
    return REAL_DATA


@pytest.fixture(scope="session")
def treatment() -> Journey:
    return read_journey("dental-treatment")


@pytest.fixture(scope="session")
def simulation(treatment: Journey) -> Simulation:
    return simulate_survey(treatment, practices=6, responses=(12, 60), seed=3)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One headless Chromium a worker: Playwright allows one in a process."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium on this machine (Debian: apt install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Study:
    """A study of eight practices, three with 1, 9 and 10 respondents and one with an odd id; with its reports.

    Made once for all workers, and only read: a test that changes it copies its folder.
    """
    base = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    folder = base / "made"
    with FileLock(base / "made.lock"):
        if not folder.exists():
            _make_study(folder)
    return Study(folder)


def _make_study(folder: Path) -> None:
    study = init_study(folder, "dental-treatment")
    text = (study.root / "study.toml").read_text()
    (study.root / "study.toml").write_text(text.replace("n_bootstrap = 1000", "n_bootstrap = 200"))
    simulation = simulate_survey(study.journey, practices=8, responses=(40, 90), seed=5)
    ids = simulation.practices["practice_id"].to_list()
    few = {ids[0]: 9, ids[1]: 10, ids[3]: 1}
    rank = pl.int_range(pl.len()).over("practice_id")
    keep = rank < pl.col("practice_id").replace_strict(few, default=1000, return_dtype=pl.Int64)
    answers = simulation.answers.filter(keep).with_columns(pl.col("practice_id").replace({ids[2]: "../De Linde/2"}))
    answers.write_csv(study.raw_folder / "answers.csv")
    simulation.practices.write_csv(study.raw_folder / "practices.csv")
    study = Study(study.root)
    study.ingest()
    study.fit()
    assert render_study(study, workers=2).failed == ()


@pytest.fixture(autouse=True)
def _no_open_figures() -> Iterator[None]:
    """Charts are pyplot figures, so that notebooks show them; a test leaves none behind."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
