"""What every test may use: real data where it is, a small simulated study, and a quiet Hypothesis."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from pxanalysis.journey import Journey, read_journey
from pxanalysis.survey.simulate import Simulation, simulate_survey

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
