"""76 published values of tests of two correlations, dependent or not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from pxanalysis.audit.record import Check
from pxanalysis.statistics.dependent_correlations import (
    FourCorrelations,
    Overlapping,
    compare_independent,
    compare_nonoverlapping,
    compare_overlapping,
    meng_interval,
    zou_independent,
    zou_nonoverlapping,
    zou_overlapping,
)

__all__ = ["check_correlations"]

ORDERS = {
    "cocor.indep.groups": ["r1.jk", "r2.hm", "n1", "n2"],
    "cocor.dep.groups.overlap": ["r.jk", "r.jh", "r.kh", "n"],
    "cocor.dep.groups.nonoverlap": ["r.jk", "r.hm", "r.jh", "r.jm", "r.kh", "r.km", "n"],
}


def check_correlations(folder: Path) -> Iterator[Check]:
    """Every published value, to half a unit of its last printed digit."""
    for row in pd.read_csv(folder / "dependent_correlations.csv", dtype=str).to_dict("records"):
        printed = [float(part) for part in re.findall(r"-?\d*\.\d+", row["expected"])]
        # one hundredth of a unit more, for papers that computed by hand
        tolerance = 0.51 * 10.0 ** -int(row["digits"])
        for ours, outside in zip(_found({str(name): str(value) for name, value in row.items()}), printed, strict=True):
            term = f"{row['quantity']} ({row['args']})"
            yield Check(row["test"], term, ours, outside, tolerance, row["literature"])


def _arguments(row: dict[str, str]) -> dict[str, float]:
    """Read R arguments as R does: named ones first, the others in order of what is left."""
    found: dict[str, float] = {}
    unnamed: list[float] = []
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
    a, test, interval = _arguments(row), row["test"], row["quantity"] == "conf.int"
    if row["function"] == "cocor.indep.groups":
        arguments = (a["r1.jk"], a["r2.hm"], int(a["n1"]), int(a["n2"]))
        if interval:
            return list(zou_independent(*arguments))
        result = compare_independent(*arguments)
    elif row["function"] == "cocor.dep.groups.overlap":
        three = Overlapping(a["r.jk"], a["r.jh"], a["r.kh"], int(a["n"]))
        if interval:
            return list((zou_overlapping if test == "zou2007" else meng_interval)(three))
        (result,) = compare_overlapping(three, (test,))
    else:
        four = FourCorrelations(a["r.jk"], a["r.hm"], a["r.jh"], a["r.jm"], a["r.kh"], a["r.km"], int(a["n"]))
        if interval:
            return list(zou_nonoverlapping(four))
        result = compare_nonoverlapping(four, test)
    if row["quantity"] == "statistic":
        return [result.statistic]
    return [result.p_value / 2 if "greater" in row["args"] else result.p_value]
