"""A study compares its metrics by a plan that is registered before anything is computed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pxanalysis.analysis.comparison import ComparisonPlan, compare_metrics, read_plan
from pxanalysis.cli import app
from pxanalysis.errors import StudyError
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import Study, init_study
from pxanalysis.study.comparing import COMPARISON_FOLDER, register_plan

PLAN = """
transforms = ["mean", "net"]
n_bootstrap = 200

[[criteria]]
id = "returned"
timing = "after"
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    study = init_study(tmp_path_factory.mktemp("comparing") / "demo", "dental-checkup")
    simulate_survey(study.journey, practices=10, responses=(40, 60), seed=3).write(study.raw_folder)
    study.ingest()
    (study.root / "comparison.toml").write_text(PLAN)
    return study


@pytest.mark.slow
def test_the_plan_of_the_study_is_used_and_registered(study: Study) -> None:
    found = study.compare_metrics()
    assert found.preregistered
    assert found.deviations == ()
    assert set(found.tidy()["criterion"]) == {"returned"}
    register = json.loads((study.root / COMPARISON_FOLDER / "registered.json").read_text())
    assert [entry["hash"] for entry in register] == [found.plan_hash]


def test_a_plan_changed_after_results_is_reported(tmp_path: Path) -> None:
    first, second = ComparisonPlan(seed=1), ComparisonPlan(seed=2)
    assert register_plan(tmp_path, first) == ()
    assert register_plan(tmp_path, first) == ()
    (sentence,) = register_plan(tmp_path, second)
    assert first.hash[:12] in sentence
    assert second.hash[:12] in sentence
    assert register_plan(tmp_path, first) == (), "back to what was registered first"
    assert len(json.loads((tmp_path / "registered.json").read_text())) == 2


def test_a_damaged_register_is_refused(tmp_path: Path) -> None:
    (tmp_path / "registered.json").write_text("{")
    with pytest.raises(StudyError, match="the register of plans is damaged"):
        register_plan(tmp_path, ComparisonPlan())


@pytest.mark.slow
def test_the_command_tells_and_writes(study: Study, tmp_path: Path) -> None:
    found = CliRunner().invoke(app, ["compare-metrics", "--study", str(study.root), "--output", str(tmp_path / "out")])
    assert found.exit_code == 0, found.output
    assert "These answers are simulated" in found.output
    assert (tmp_path / "out" / "tables.tex").exists()
    assert (tmp_path / "out" / "comparison.json").exists()


@pytest.mark.slow
def test_the_example_is_a_plan_that_runs(study: Study, tmp_path: Path) -> None:
    found = CliRunner().invoke(app, ["compare-metrics", "--example"])
    path = tmp_path / "comparison.toml"
    path.write_text(found.output.replace("n_bootstrap = 2000", "n_bootstrap = 200"), encoding="utf-8")
    compared = compare_metrics(study.responses, plan=read_plan(path))
    assert compared["hypotheses"]["outcome"].tolist()[0] in {"supported", "undecided", "contradicted"}


@pytest.mark.slow
def test_another_criterion_than_planned_is_a_deviation(study: Study, tmp_path: Path) -> None:
    out = str(tmp_path / "other")
    found = CliRunner().invoke(
        app, ["compare-metrics", "-s", str(study.root), "-c", "recommended", "--output", out], catch_exceptions=False
    )
    assert "! Deviation from the plan: criteria: planned" in found.output


def test_a_named_plan_that_is_not_there_is_refused(study: Study, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="there is no plan here"):
        study.compare_metrics(plan=tmp_path / "none.toml")


@pytest.mark.slow
def test_a_second_occasion_is_read_as_the_study_reads(study: Study) -> None:
    found = study.compare_metrics(retest=study.raw_folder / "simulated.csv")
    # the same answers twice: everybody's change is 0, which is no test-retest
    assert "do not differ between people" in found["retest"]["reason"].iloc[0]
