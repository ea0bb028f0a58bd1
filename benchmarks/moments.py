"""Moments, polychorics, bootstrap and reliability: seconds, goals, and psych or lavaan in R on the same data.

Run: ``python benchmarks/moments.py``. R is optional: a line says which package is absent.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from measuring import ROOT, median_seconds, prepare, tell

prepare()

import numpy as np
import pandas as pd
from scipy.special import ndtri

from pxanalysis.analysis.reliability import estimate_scale_reliability
from pxanalysis.statistics.moments.estimate import estimate_moments
from pxanalysis.statistics.moments.polychoric import estimate_polychoric
from pxanalysis.statistics.resampling.practices import bootstrap_moments

SHARED = ROOT.parent / "shared"


def answers(n: int, items: int, seed: int = 1) -> pd.DataFrame:
    """Five-factor answers on 1-6."""
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(n, 5))[:, np.arange(items) % 5]
    values = 0.7 * factors + 0.7 * rng.normal(size=(n, items))
    cuts = ndtri(np.array([0.05, 0.15, 0.35, 0.6, 0.85]))
    return pd.DataFrame(np.searchsorted(cuts, values) + 1, columns=[f"q{i + 1}" for i in range(items)])


def r_seconds(package: str, expression: str, data: pd.DataFrame) -> tuple[str, float | None]:
    """Seconds R takes for an expression on ``d``, or why they are not known."""
    if shutil.which("Rscript") is None:
        return f"no Rscript on this machine, so {package} was not timed", None
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "d.csv"
        data.to_csv(path, index=False)
        code = (
            f'if (!requireNamespace("{package}", quietly=TRUE)) {{ cat("absent"); quit() }}\n'
            f'suppressPackageStartupMessages(library({package})); d <- read.csv("{path}")\n'
            f"t <- system.time(invisible(capture.output(suppressWarnings(suppressMessages({expression})))))\n"
            'cat(sprintf("%.4f", t[["elapsed"]]))'
        )
        done = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=False)
    if done.returncode or done.stdout.strip() == "absent":
        return f"R has no package {package}, so it was not timed", None
    return f"R {package}", float(done.stdout)


def compare(what: str, ours: float, package: str, expression: str, data: pd.DataFrame) -> None:
    label, theirs = r_seconds(package, expression, data)
    tell(what if theirs is not None else f"{what} ({label})", ours, label, theirs)


def bootstraps() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=(8000, 24)) + rng.normal(size=(8000, 1))
    practice = rng.integers(0, 200, 8000)
    taken = median_seconds(lambda: bootstrap_moments(values, practice, 2000, 1))
    tell("2,000 replicates, 24 variables, 200 practices, complete (goal 1 s)", taken)
    planned = values[:, :14].copy()
    for block in range(4):
        planned[np.ix_(rng.random(8000) < 0.4, range(3 * block + 2, 3 * block + 5))] = np.nan
    for share, method in ((0.0, "em"), (0.01, "em"), (0.01, "one-step")):
        holed = np.where(rng.random(planned.shape) < share, np.nan, planned)
        found = bootstrap_moments(holed, practice, 2000, 1, method=method)
        taken = median_seconds(lambda h=holed, m=method: bootstrap_moments(h, practice, 2000, 1, method=m), 3)
        error = f", error {found.typical_error:.3f} of a standard error" if method == "one-step" else ""
        tell(f"2,000 replicates, 14 variables, {found.n_patterns} patterns, {method}{error}", taken)


def hospital() -> None:
    path = SHARED / "data" / "hospital_2016" / "responses.csv"
    if not path.exists():
        print(f"hospital_2016 is not at {path}, so its 1,741 patterns were not timed")
        return
    rows = pd.read_csv(path)
    items = [*[name for name in rows if name.startswith("Q")], "Hospital_food", "sat_score"]
    found = estimate_moments(rows[items])
    taken = median_seconds(lambda: estimate_moments(rows[items]), 3)
    tell(f"hospital_2016: EM of {len(items)} columns, {found.n_obs:,} rows, {found.n_patterns} patterns", taken)
    boot = bootstrap_moments(rows[items], rows["HOSPITAL"], 2000, 1)
    taken = median_seconds(lambda: bootstrap_moments(rows[items], rows["HOSPITAL"], 2000, 1), 1)
    tell(
        f"hospital_2016: 2,000 replicates, {boot.method}, {boot.n_checked} checked, "
        f"error {boot.typical_error:.3f} of a standard error",
        taken,
    )


def main() -> None:
    bootstraps()
    hospital()
    frame = answers(2236, 25)
    taken = median_seconds(lambda: estimate_polychoric(frame))
    compare("polychoric correlations of 25 items, n = 2,236 (goal 0.5 s)", taken, "psych", "polychoric(d)", frame)
    holed = frame.mask(np.random.default_rng(2).random(frame.shape) < 0.005)
    found = estimate_moments(holed)
    taken = median_seconds(lambda: estimate_moments(holed))
    saturated = "lavCor(d, missing = 'fiml', output = 'fit')"
    compare(f"EM of 25 items, n = 2,236, {found.n_patterns} patterns", taken, "lavaan", saturated, holed)
    scale = frame.iloc[:, [0, 5, 10, 15, 20]]
    taken = median_seconds(lambda: estimate_scale_reliability(scale, n_bootstrap=1000))
    expression = "{alpha(d, n.iter = 1000); polychoric(d); fa(d, 1, fm = 'ml')}"
    compare("every coefficient of a 5-item scale, 1,000 bootstrap samples", taken, "psych", expression, scale)


if __name__ == "__main__":
    main()
