"""1,581 values that R gave for 800 simulated patients: what the package gives for each.

Three kinds of rows are met by plain code beside the package, because the package does not show them; the reason stands
where they are computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from pxanalysis.audit.metric_lab.agreement import icc, retest
from pxanalysis.audit.metric_lab.clusters import clustered
from pxanalysis.audit.metric_lab.correlations import correlations, dependent
from pxanalysis.audit.metric_lab.models import auc, dominance, fits_and_cv, non_nested, vuong
from pxanalysis.audit.metric_lab.sample import Key, Lab
from pxanalysis.audit.metric_lab.shares import nps, top_box
from pxanalysis.audit.record import Check

__all__ = ["check_metric_lab", "expected_values", "found_values"]

PARTS = (correlations, dependent, non_nested, vuong, auc, fits_and_cv, dominance, icc, retest, top_box, nps, clustered)
KEYS = ["section", "quantity", "a", "b", "criterion", "variant"]


def expected_values(folder: Path) -> pd.DataFrame:
    """The rows of the reference: six columns of key, value, absolute tolerance, source."""
    files = ("expected.csv", "expected_cluster.csv")
    return pd.concat([pd.read_csv(folder / "metric_lab" / name, keep_default_na=False) for name in files])


def found_values(folder: Path) -> dict[Key, float]:
    """What the package gives, keyed as the rows of the reference are."""
    lab = Lab(folder / "metric_lab")
    return {key: float(value) for part in PARTS for key, value in part(lab) if np.isfinite(value)}


def check_metric_lab(folder: Path) -> Iterator[Check]:
    """Every row of the metric lab."""
    found = found_values(folder)
    for row in expected_values(folder).to_dict("records"):
        section, quantity, a, b, criterion, variant = (str(row[key]) for key in KEYS)
        value = float(row["value"])
        yield Check(
            statistic=section.replace("_", " "),
            term=", ".join(filter(None, (quantity, a, b, criterion, variant))),
            ours=found.get((section, quantity, a, b, criterion, variant), np.nan),
            outside=value,
            # half a unit in the last of the 12 printed digits beside the stated tolerance
            tolerance=float(row["tol_abs"]) + 1e-11 * max(1.0, abs(value)),
            source=str(row["source"]),
        )
