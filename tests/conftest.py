"""What every test may use: real data where it is, a simulated study, one headless Chromium, a quiet Hypothesis."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from pxanalysis.journey import Journey, read_journey
from pxanalysis.survey.simulate import Simulation, simulate_survey

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Two cores are shared by many tests; a deadline would measure the neighbours.
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
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
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium on this machine (Debian: apt install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
