"""lavaan's results, read from the committed files, and the same models fitted by ours."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pxanalysis.analysis.sem import SemModel, SemOptions, fit_sem
from pxanalysis.audit.covariance_structure import ESTIMATORS

HERE = Path(__file__).resolve().parents[1] / "reference" / "sem_models"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "reference" / "sem"


@cache
def reference(name: str) -> dict:
    return json.loads((HERE / f"lavaan_{name}.json").read_text())


@cache
def rows_of(file: str) -> pd.DataFrame:
    path = HERE / file
    if not path.is_file():
        path = SHARED / file
    if not path.is_file():
        pytest.skip(f"{file} belongs to a GPL package and is not part of the project; expected at {path}")
    return pd.read_csv(path)


def options_of(name: str) -> SemOptions:
    ref = reference(name)
    if "ordinal" in name:
        return SemOptions(estimator="WLSMV" if name.endswith("wlsmv") else "DWLS", missing="listwise")
    return SemOptions(
        estimator=ESTIMATORS[ref["se"]],
        missing="fiml" if ref["missing"] in ("ml", "ml.x") else "listwise",
        fixed_x=bool(ref["fixed_x"]),
        means=bool(ref["meanstructure"]),
        information=ref["information"][0],
    )


@cache
def fitted(name: str) -> SemModel:
    ref = reference(name)
    more = {}
    if "group" in ref["meta"]:
        # lavaan numbers groups by their first row; ours are sorted by label.
        order = {label: f"{number}" for number, label in enumerate(ref["meta"]["group_labels"])}
        more = {"group": rows_of(ref["meta"]["data_file"])["school"].map(order).to_numpy()}
        more["invariance"] = name.rsplit("_", 1)[1]
    return fit_sem(rows_of(ref["meta"]["data_file"]), syntax=ref["meta"]["model"], options=options_of(name), **more)


def pairs(name: str, ours: str, theirs: str) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Our column and lavaan's beside each other, for every parameter that lavaan gives a value."""
    table = fitted(name).parameters
    grouped = "group" in reference(name)["meta"]
    known = {}
    for row in table.itertuples():
        known[(row.lhs, row.op, "" if row.op == ":=" else row.rhs, row.group)] = getattr(row, ours)
    mine, lavaan, terms = [], [], []
    for row in reference(name)["parameters"]:
        value = row.get(theirs)
        if value is None or row["op"] == "~*~" or (row["op"] == "~1" and "ordinal" in name):
            continue
        group = str(row["group"] - 1) if grouped else ""
        rhs = "" if row["op"] == ":=" else row["rhs"]
        key = (row["lhs"], row["op"], rhs, group)
        key = key if key in known else (rhs, row["op"], row["lhs"], group)
        if theirs == "se" and value == 0:
            continue
        mine.append(known[key])
        lavaan.append(value)
        terms.append(" ".join(key))
    return np.array(mine), np.array(lavaan), terms
