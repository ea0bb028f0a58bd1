"""Every statistic meets its outside value within the tolerance its source allows, and a wrong value is seen."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from pxanalysis.audit import SUBJECTS, audit_methods, references_folder, table_held_otherwise
from pxanalysis.cli import app
from pxanalysis.errors import AnalysisError

HOW_MANY = {
    "moments": 191,
    "reliability": 165,
    "regression": 55,
    "importance": 492,
    "sem": 5918,
    "practices": 206,
    "shares": 24,
    "correlations": 80,
    "metric-lab": 1581,
    "planning": 69,
    "control-charts": 8720,
    "actions": 16,
}
"""So that no reference falls out unseen."""

SLOW = {"sem", "regression", "metric-lab"}
"""Seconds each; tests/analysis and tests/statistics hold much of the same in the fast suite."""


@pytest.mark.parametrize(
    "subject", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in SUBJECTS]
)
def test_every_value_agrees_with_its_outside_value(subject: str) -> None:
    found = audit_methods(subject)
    assert found.differing().empty, found.differing().head(10).to_string()
    assert len(found.rows) == HOW_MANY[subject]
    assert (found.rows["source"].str.len() > 5).all()


def test_a_wrong_value_a_lost_value_and_a_wrong_subject_are_seen(tmp_path: Path) -> None:
    shutil.copytree(references_folder() / "practices", tmp_path / "practices")
    file = tmp_path / "practices" / "reference.json"
    values = json.loads(file.read_text())
    values["anova"]["f"] *= 1.0001
    file.write_text(json.dumps(values))
    assert audit_methods("practices", references=tmp_path).differing()["term"].to_list() == ["f"]
    values["anova"]["f"] = float("nan")
    file.write_text(json.dumps(values))
    assert audit_methods("practices", references=tmp_path).glance().loc[0, "n_differ"] == 1
    with pytest.raises(AnalysisError, match="expected one of moments"):
        audit_methods("nonsense")


def test_the_command_writes_every_value_and_names_what_there_is(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["audit", "shares", "-o", str(tmp_path / "values.csv")])
    assert done.exit_code == 0
    assert "24 values agree" in done.output
    assert len(pd.read_csv(tmp_path / "values.csv")) == 24
    assert CliRunner().invoke(app, ["audit", "--list"]).output.split() == list(SUBJECTS)


def test_what_is_held_otherwise_names_files_that_are_there() -> None:
    root = Path(__file__).parents[2]
    for names in table_held_otherwise()["where"]:
        for name in names.split("; "):
            assert (root / name).is_file(), name
