"""The 76 published values, and properties that any test of two correlations has."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.statistics.dependent_correlations import (
    NONOVERLAPPING_TESTS,
    OVERLAPPING_TESTS,
    FourCorrelations,
    Overlapping,
    compare_independent,
    compare_nonoverlapping,
    compare_overlapping,
    difference_clustered,
    meng_interval,
    zou_independent,
    zou_nonoverlapping,
    zou_overlapping,
)

REFERENCE = Path(__file__).parents[2] / "reference" / "dependent_correlations.csv"
PUBLISHED = list(csv.DictReader(io.StringIO(REFERENCE.read_text(encoding="utf-8"))))
ORDERS = {
    "cocor.indep.groups": ["r1.jk", "r2.hm", "n1", "n2"],
    "cocor.dep.groups.overlap": ["r.jk", "r.jh", "r.kh", "n"],
    "cocor.dep.groups.nonoverlap": ["r.jk", "r.hm", "r.jh", "r.jm", "r.kh", "r.km", "n"],
}


def _arguments(row: dict[str, str]) -> dict[str, float]:
    """Read R arguments as R does: named ones first, the others in order of what is left."""
    found, unnamed = {}, []
    for part in row["args"].split(", "):
        name, equals, value = part.partition("=")
        if name in {"test", "alternative"}:
            continue
        if equals:
            found[name] = float(value)
        else:
            unnamed.append(float(part))
    left = [name for name in ORDERS[row["function"]] if name not in found]
    return found | dict(zip(left, unnamed, strict=False))


def _found(row: dict[str, str]) -> list[float]:
    a, test = _arguments(row), row["test"]
    if row["function"] == "cocor.indep.groups":
        arguments = (a["r1.jk"], a["r2.hm"], int(a["n1"]), int(a["n2"]))
        if row["quantity"] == "conf.int":
            return list(zou_independent(*arguments))
        result = compare_independent(*arguments)
    elif row["function"] == "cocor.dep.groups.overlap":
        three = Overlapping(a["r.jk"], a["r.jh"], a["r.kh"], int(a["n"]))
        if row["quantity"] == "conf.int":
            return list((zou_overlapping if test == "zou2007" else meng_interval)(three))
        (result,) = compare_overlapping(three, (test,))
    else:
        names = ("r.jk", "r.hm", "r.jh", "r.jm", "r.kh", "r.km")
        four = FourCorrelations(*(a[name] for name in names), int(a["n"]))
        if row["quantity"] == "conf.int":
            return list(zou_nonoverlapping(four))
        result = compare_nonoverlapping(four, test)
    if row["quantity"] == "statistic":
        return [result.statistic]
    return [result.p_value / 2 if "greater" in row["args"] else result.p_value]


@pytest.mark.parametrize(
    "row", PUBLISHED, ids=[f"{i}-{row['test']}-{row['quantity']}" for i, row in enumerate(PUBLISHED)]
)
def test_published_values(row: dict[str, str]) -> None:
    expected = [float(part) for part in re.findall(r"-?\d*\.\d+", row["expected"])]
    # the tolerance is what the paper printed: half a unit of its last digit, and one for papers that computed by hand
    tolerance = 0.51 * 10.0 ** -int(row["digits"])
    np.testing.assert_allclose(_found(row), expected, atol=tolerance, rtol=0)


def test_all_published_values_are_there() -> None:
    assert len(PUBLISHED) == 76
    assert {row["test"] for row in PUBLISHED} - {"fisher1925", "zou2007"} == (
        (set(OVERLAPPING_TESTS) | set(NONOVERLAPPING_TESTS)) - {"none"}
    )


@given(st.floats(-0.6, 0.6), st.floats(-0.6, 0.6), st.floats(0, 0.6), st.integers(10, 5000))
def test_swapping_the_metrics_turns_the_sign(first: float, second: float, between: float, n: int) -> None:
    # three correlations that go together
    assume(1 + 2 * first * second * between - first**2 - second**2 - between**2 > 1e-3)
    there, back = Overlapping(first, second, between, n), Overlapping(second, first, between, n)
    for one, other in zip(
        compare_overlapping(there, tuple(OVERLAPPING_TESTS)),
        compare_overlapping(back, tuple(OVERLAPPING_TESTS)),
        strict=True,
    ):
        assert one.statistic == pytest.approx(-other.statistic, abs=1e-9)
    low, high = zou_overlapping(there)
    assert low <= there.difference <= high
    np.testing.assert_allclose(zou_overlapping(back), (-high, -low), atol=1e-12)


def test_equal_correlations_are_not_different() -> None:
    assert all(test.statistic == 0 for test in compare_overlapping(Overlapping(0.4, 0.4, 0.6, 100)))


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((0.5, 0.2, 1.0, 50), NotEstimableError, "same measurement"),
        ((1.0, 0.2, 0.1, 50), NotEstimableError, "it is the criterion"),
        ((0.5, 0.2, 0.1, 3), NotEstimableError, "at least 4 people"),
        ((1.2, 0.2, 0.1, 30), AnalysisError, "r_jk: expected a correlation"),
        ((float("nan"), 0.2, 0.1, 30), AnalysisError, "r_jk"),
    ],
)
def test_what_cannot_be_compared_is_refused(arguments: tuple, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        Overlapping(*arguments)


def test_correlations_that_cannot_go_together_are_refused() -> None:
    with pytest.raises(NotEstimableError, match="cannot go together"):
        compare_overlapping(Overlapping(0.9, -0.9, 0.9, 50), ("williams1959",))


def test_the_clustered_error_of_single_people_is_the_asymptotic_one() -> None:
    rng = np.random.default_rng(1)
    rows = rng.multivariate_normal(np.zeros(3), [[1, 0.6, 0.4], [0.6, 1, 0.3], [0.4, 0.3, 1]], 20_000)
    found = difference_clustered(rows[:, 0], rows[:, 1], rows[:, 2], np.arange(20_000))
    r = np.corrcoef(rows.T)
    low, high = zou_overlapping(Overlapping(r[0, 2], r[1, 2], r[0, 1], 20_000))
    assert found.std_error == pytest.approx((high - low) / 2 / 1.959964, rel=0.03), "normal data: both are right"
