"""Few needless questions, no silent misreading: a part of benchmarks/column_judgement.py; all of it when slow."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    path = Path(__file__).parents[3] / "benchmarks" / "column_judgement.py"
    spec = importlib.util.spec_from_file_location("column_judgement", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("exports", [4, pytest.param(350, marks=pytest.mark.slow)])
def test_clean_columns_are_left_alone(exports: int, bench: ModuleType) -> None:
    columns, asked, which = bench.false_alarms(exports)
    assert columns > 40 * exports
    assert asked <= 0.01 * columns, which


@pytest.mark.parametrize("kind", ["dta", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("xlsx", "sav"))])
def test_what_other_programs_kept_is_left_alone(kind: str, bench: ModuleType) -> None:
    """Whole numbers as 4.0, days with a time of day: as spreadsheets, Stata and SPSS hand them over."""
    if kind == "sav":
        pytest.importorskip("pyreadstat", reason="SPSS files are tried where pyreadstat is installed")
    columns, asked, which = bench.false_alarms(4, 40, (kind,))
    assert columns > 100
    assert asked <= 0.01 * columns, which


@pytest.mark.slow
@pytest.mark.parametrize("exports", [300])
def test_no_misreading_is_silent(exports: int, bench: ModuleType) -> None:
    found = bench.mutations(exports)
    assert len(found) == len(bench.MUTATIONS)
    assert {kind: counts["silent"] for kind, counts in found.items() if counts["silent"]} == {}
    assert sum(counts["caught"] for counts in found.values()) > (0.6 if exports > 100 else 0.3) * exports
