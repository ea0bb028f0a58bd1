"""Cases whose result needs a fit or a process of its own, each with another input of its kind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from driver_data import as_responses, linear_study, plain_journey

from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.importance.drilldown import drill_down
from pxanalysis.analysis.importance.estimate import estimate_importance
from pxanalysis.journey import Journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import Study, init_study
from pxanalysis.survey.reading import read_survey
from pxanalysis.survey.responses import REJECTED_COLUMNS, Responses

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases"
TODAY = date(2026, 11, 28)


def case(number: str) -> Path:
    found = sorted(CASES.glob(f"{number}-*"))
    if not found:
        pytest.skip(f"the cases are not at {CASES}; inputs of the same kinds are made here")
    return found[0]


# --- 08: two or three practices ---------------------------------------------------------------------------------------

INTERVALS = ["ci_low", "ci_high", "rank_low", "rank_high", "p_top1", "p_top3"]


def of_case(treatment: Journey) -> Responses:
    return read_survey(case("08") / "answers.csv", journey=treatment)


def of_three(treatment: Journey) -> Responses:
    table = simulate_survey(treatment, practices=3, responses=60, seed=4).answers
    return Responses(treatment, table, pl.DataFrame(schema=REJECTED_COLUMNS))


@pytest.mark.parametrize(("source", "practices"), [(of_case, 2), (of_three, 3)])
def test_few_practices_have_no_interval_of_importance_and_a_reason(
    source: Callable[[Journey], Responses], practices: int, treatment: Journey
) -> None:
    model = fit_drivers(source(treatment), n_bootstrap=100, cross_validate=False)
    rows = estimate_importance(model, n_bootstrap=100).tidy()
    assert rows[INTERVALS].isna().all(axis=None)
    assert rows["reason"].str.contains(f"only {practices} practices").all(), "beside every figure that is not there"
    opened = drill_down(model, "staff", n_bootstrap=100)
    assert opened.tidy()[["ci_low", "ci_high"]].isna().all(axis=None)
    assert opened.tidy()["reason"].str.contains("practices show too little spread").all()
    assert np.isnan(opened.importance_low)


# --- 09: more touchpoints than have subsets to enumerate --------------------------------------------------------------


def test_thirty_touchpoints_have_importance_soon() -> None:
    names = [f"t{i}" for i in range(30)]
    answers, practice = linear_study(slopes=[0.03] * 4 + [0.0] * 26, practices=20, seed=9)
    started = time.process_time()
    responses = as_responses(plain_journey(names), answers, practice)
    model = fit_drivers(responses, n_bootstrap=100, cross_validate=False)
    found = estimate_importance(model, n_bootstrap=100)
    assert time.process_time() - started < 60
    assert found.method == "johnson"
    assert set(found.tidy().nlargest(4, "estimate")["term"]) == set(names[:4])


@pytest.mark.slow
def test_sixty_touchpoints_are_fitted_within_minutes(tmp_path: Path) -> None:
    study = init_study(tmp_path / "study", str(case("09") / "journey.yaml"))
    (study.raw_folder / "answers.csv").write_bytes((case("09") / "answers.csv").read_bytes())
    study.ingest(today=TODAY)
    started = time.process_time()
    results = study.fit()
    assert time.process_time() - started < 120
    drivers = results["drivers"]
    assert len(drivers) == 60
    assert drivers["importance"].notna().all()


# --- 19: a locale that cannot name the folder -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "file"), [("\u00e9", "simulated.csv"), ("\u00fcber \u65e5", "antwoorden \u00e9.parquet")]
)
def test_an_ascii_locale(folder: str, file: str, treatment: Journey, tmp_path: Path) -> None:
    study = init_study(tmp_path / folder, "dental-treatment")
    answers = simulate_survey(treatment, practices=2, responses=30, seed=4).answers
    path = study.raw_folder / file
    answers.write_parquet(path) if path.suffix == ".parquet" else answers.write_csv(path)
    words = {"PATH": os.environ["PATH"], "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-m", "pxanalysis", "ingest", "-s", os.fsencode(study.root)]
    done = subprocess.run(command, capture_output=True, env=words, cwd="/", check=False)
    told = (done.stdout + done.stderr).decode(errors="replace")
    assert "Traceback" not in told
    assert done.returncode == 0 or len(done.stderr.splitlines()) == 1, told
    if done.returncode == 0:
        assert Study(study.root).responses.n == answers.height


# --- 27: one new person -----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_one_new_person_changes_no_cell_by_fewer_than_ten(tmp_path: Path) -> None:
    """The case itself; other inputs of its kind are in tests/study/test_releases_by_cell.py."""
    journey = next(iter(case("27").glob("*.yaml")), "dental-checkup")
    study = init_study(tmp_path / "study", str(journey))
    few = 'n_bootstrap = 100\nmeasurement = "measured"'
    text = (study.root / "study.toml").read_text().replace("n_bootstrap = 1000", few)
    (study.root / "study.toml").write_text(text)
    cells = []
    for run in ("answers_run1.csv", "answers_run2.csv"):
        (study.raw_folder / "answers.csv").write_bytes((case("27") / run).read_bytes())
        again = Study(study.root)
        again.ingest(today=TODAY)
        frame = again.fit().of_practice("touchpoints", "E30").set_index("touchpoint")["n"]
        cells.append(frame.astype("float64").fillna(0.0))
    change = (cells[1] - cells[0]).abs()
    assert ((change == 0) | (change >= 10)).all()
