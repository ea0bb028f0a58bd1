"""Every notebook runs as it is committed, on a study made for it, and is committed without outputs."""

from __future__ import annotations

import json
from pathlib import Path

import papermill
import pytest

from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import Study, init_study, notebooks_folder

NOTEBOOKS = sorted(notebooks_folder().glob("*.ipynb"))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    study = init_study(tmp_path_factory.mktemp("notebooks") / "demo", "dental-treatment")
    text = (study.root / "study.toml").read_text()
    (study.root / "study.toml").write_text(text.replace("n_bootstrap = 1000", "n_bootstrap = 200"))
    simulate_survey(study.journey, practices=12, responses=(30, 60), seed=7).write(study.raw_folder)
    study = Study(study.root)
    study.ingest()
    study.fit()
    return study


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_notebooks_are_thin_and_committed_without_outputs(path: Path) -> None:
    notebook = json.loads(path.read_text())
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert not any(line.startswith(("def ", "class ")) for cell in code for line in cell["source"])
    assert sum("parameters" in cell["metadata"].get("tags", []) for cell in code) == 1


RUN_BY_CI = (
    "actions",
    "drivers",
    "getting_started",
    "journey_map",
    "measurement",
    "method_validation",
    "metric_comparison",
    "sem",
    "simulation_study",
)


def test_every_notebook_is_run_and_the_first_is_short() -> None:
    # calibration takes minutes; tests/analysis/calibration runs what it calls
    assert {path.stem for path in NOTEBOOKS} == {*RUN_BY_CI, "practice_report", "calibration"}
    first = json.loads((notebooks_folder() / "getting_started.ipynb").read_text())
    assert len(first["cells"]) <= 15


@pytest.mark.slow  # every report that is made runs the practice's notebook, in a process of its own
@pytest.mark.parametrize("name", ["practice_report", *RUN_BY_CI])
def test_a_notebook_runs_from_its_study_folder_in_a_real_kernel(name: str, study: Study, tmp_path: Path) -> None:
    path = study.root / "notebooks" / f"{name}.ipynb"
    parameters = {"practice_id": study.responses.practices[0]} if name == "practice_report" else {}
    done = papermill.execute_notebook(
        path, tmp_path / "done.ipynb", parameters, cwd=path.parent, progress_bar=False, kernel_name="python3"
    )
    shown = [cell for cell in done.cells if cell.cell_type == "code" and cell.outputs]
    assert len(shown) >= 6
    errors = [output for cell in shown for output in cell.outputs if output.output_type == "error"]
    assert errors == []
