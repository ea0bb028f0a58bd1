"""1,581 values that R gave for 800 simulated patients: each met within the tolerance its row states."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from lab_values import LAB, Key, all_values

COLUMNS = ["section", "quantity", "a", "b", "criterion", "variant"]
EXPECTED = pd.concat(
    [pd.read_csv(LAB / name, keep_default_na=False) for name in ("expected.csv", "expected_cluster.csv")],
    ignore_index=True,
)


@pytest.fixture(scope="module")
def found() -> dict[Key, float]:
    return all_values()


@pytest.mark.slow
@pytest.mark.parametrize("section", sorted(EXPECTED["section"].unique()))
def test_values_of_section(section: str, found: dict[Key, float]) -> None:
    rows = EXPECTED[EXPECTED["section"] == section]
    wrong = []
    for row in rows.itertuples(index=False):
        value = found.get((row.section, row.quantity, row.a, row.b, row.criterion, row.variant), float("nan"))
        # half a unit in the last of the 12 printed digits beside the stated tolerance
        room = float(row.tol_abs) + 1e-11 * max(1.0, abs(float(row.value)))
        if not abs(value - float(row.value)) <= room:
            wrong.append((tuple(row), value))
    assert not wrong, f"{len(wrong)} of {len(rows)}: {wrong[:5]}"


def test_every_row_is_there_and_unique() -> None:
    assert len(EXPECTED) == 1581
    assert np.isfinite(EXPECTED["value"].astype(float)).all()
