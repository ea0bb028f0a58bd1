"""What several parts agree on is written once, and one name means one thing."""

import ast
from collections import defaultdict
from pathlib import Path
from typing import get_args

import pytest

import pxanalysis
from pxanalysis.analysis.metrics import METRICS
from pxanalysis.journey.outcome_metrics import MAIN_METRIC
from pxanalysis.journey.parts import OutcomeKind


@pytest.mark.slow
def test_a_constant_that_is_shared_has_one_home() -> None:
    """The same name given a value in two modules would be one fact twice, or two facts under one name."""
    homes, shared = defaultdict(list), set()
    root = Path(pxanalysis.__file__).parent
    for path in sorted(root.rglob("*.py")):
        for line in ast.parse(path.read_text(encoding="utf-8")).body:
            for target in line.targets if isinstance(line, ast.Assign) else []:
                if isinstance(target, ast.Name) and target.id == "__all__":
                    shared.update(ast.literal_eval(line.value))
                elif isinstance(target, ast.Name) and target.id.isupper():
                    homes[target.id].append(str(path.relative_to(root)))
    assert {name: found for name, found in homes.items() if name in shared and len(found) > 1} == {}


def test_every_kind_of_outcome_has_a_main_metric_that_it_is_listed_by() -> None:
    assert set(MAIN_METRIC) == set(METRICS) == set(get_args(OutcomeKind))
    assert all(METRICS[kind][0] == metric for kind, metric in MAIN_METRIC.items())
