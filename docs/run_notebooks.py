"""Run the notebooks on a simulated study, for the documentation: ``docs/notebooks/``, which is not committed.

    python docs/run_notebooks.py

A notebook is run again when it changed since; remove ``build/docs-study`` to begin anew.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import papermill
from nbconvert import HTMLExporter

from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import Study, init_study, notebooks_folder

ROOT = Path(__file__).resolve().parents[1]
MADE = ROOT / "docs" / "notebooks"
STUDY = ROOT / "build" / "docs-study"
SHOWN = (
    "getting_started",
    "measurement",
    "drivers",
    "sem",
    "journey_map",
    "actions",
    "metric_comparison",
    "practice_report",
    "simulation_study",
    "method_validation",
)


def prepare_study() -> Study:
    """A study of sixteen simulated practices, fitted; made once."""
    if not (STUDY / "data" / "processed" / "results" / "meta.json").exists():
        shutil.rmtree(STUDY, ignore_errors=True)
        study = init_study(STUDY, "dental-treatment")
        settings = STUDY / "study.toml"
        settings.write_text(settings.read_text().replace("n_bootstrap = 1000", "n_bootstrap = 200"))
        simulate_survey(study.journey, practices=16, responses=(40, 120), seed=4).write(study.raw_folder)
        Study(STUDY).ingest()
        Study(STUDY).fit()
    return Study(STUDY)


def run_notebook(study: Study, name: str) -> None:
    """Run one notebook from the study's folder, and keep it as a page that fetches nothing."""
    source, made = notebooks_folder() / f"{name}.ipynb", MADE / f"{name}.html"
    if made.exists() and made.stat().st_mtime > source.stat().st_mtime:
        return
    own = shutil.copy(source, study.root / "notebooks")
    parameters = {"practice_id": study.responses.practices[0]} if name == "practice_report" else {}
    sys.stdout.write(f"{name}\n")
    done = papermill.execute_notebook(
        own, None, parameters, cwd=Path(own).parent, progress_bar=False, kernel_name="python3"
    )
    done.cells = [cell for cell in done.cells if "injected-parameters" not in cell.metadata.get("tags", [])]
    exporter = HTMLExporter(mathjax_url="", require_js_url="", mermaid_js_url="", jquery_url="", embed_images=True)
    MADE.mkdir(exist_ok=True)
    made.write_text(exporter.from_notebook_node(done, {"metadata": {"name": name}})[0], encoding="utf-8")


def main() -> None:
    """Run what changed."""
    study = prepare_study()
    for name in SHOWN:
        run_notebook(study, name)


if __name__ == "__main__":
    main()
