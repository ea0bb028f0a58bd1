"""Structural equation models: seconds beside lavaan (R, optional) and plain semopy on the same data.

Run: ``python benchmarks/sem.py``. "Everything" is estimates, errors, standardised solution, R² and all fit measures;
the journey has 24 items, six latents in a chain, and an observed outcome. FIML is on the bfi answers when they are
beside the project, else on the journey with a tenth of its cells taken out.
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
import semopy

from pxanalysis.analysis.sem import SemModel, SemOptions, fit_sem

SIZES = {500: 9, 5_000: 7, 100_000: 3}
REPLICATES = 1_000
SHARED = ROOT.parent / "shared" / "reference" / "sem"
STEPS = "\n".join(f"s{s} =~ {' + '.join(f's{s}i{j}' for j in range(1, 5))}" for s in range(1, 7))
PATHS = "\n".join(f"s{s} ~ s{s - 1}" for s in range(2, 7))
JOURNEY = f"{STEPS}\n{PATHS}\nktv ~ {' + '.join(f's{s}' for s in range(1, 7))}"
BFI = "\n".join(
    f"{name} =~ {' + '.join(f'{letter}{i}' for i in range(1, 6))}"
    for name, letter in {"agree": "A", "consc": "C", "extra": "E", "neuro": "N", "open": "O"}.items()
)


def journey(n: int, seed: int = 1) -> pd.DataFrame:
    """Answers on 1-5 to four items of six steps, and a mark of 0-10."""
    rng = np.random.default_rng(seed)
    steps = rng.multivariate_normal(np.zeros(6), 0.45 + 0.55 * np.eye(6), n)
    loadings = np.array([0.8, 0.75, 0.7, 0.65])
    noise = rng.normal(size=(n, 6, 4)) * np.sqrt(1 - loadings**2)
    items = np.digitize(steps[:, :, None] * loadings + noise, [-1.6, -0.9, 0, 0.9]) + 1.0
    columns = {f"s{s + 1}i{j + 1}": items[:, s, j] for s in range(6) for j in range(4)}
    mark = steps @ np.array([0.10, 0.25, 0.05, 0.30, 0.15, 0.05]) + 0.7 * rng.normal(size=n)
    return pd.DataFrame(columns | {"ktv": np.clip(np.round(7 + 1.5 * mark), 0, 10)})


def lavaan_seconds(data: pd.DataFrame, model: str, expression: str, times: int) -> float | None:
    """Median seconds R takes for an expression of ``d`` and ``m``; None when lavaan is not there."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as scratch:
        path, text = Path(scratch) / "d.csv", Path(scratch) / "m.txt"
        data.to_csv(path, index=False)
        text.write_text(model)
        code = (
            'if (!requireNamespace("lavaan", quietly=TRUE)) quit(status = 3)\n'
            f'suppressPackageStartupMessages(library(lavaan)); d <- read.csv("{path}")\n'
            f'm <- paste(readLines("{text}"), collapse="\\n"); run <- function() suppressWarnings({{ {expression} }})\n'
            f"invisible(run()); s <- replicate({times}, system.time(invisible(run()))[['elapsed']])\n"
            'cat(sprintf("%.4f", median(s)))'
        )
        done = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=False)
    return float(done.stdout) if done.returncode == 0 and done.stdout else None


EVERYTHING = "f <- sem(m, d); fitMeasures(f); parameterEstimates(f, standardized = TRUE, rsquare = TRUE)"


def by_semopy(data: pd.DataFrame) -> None:
    """Plain semopy, as its manual has it."""
    model = semopy.Model(JOURNEY)
    model.fit(data)
    model.inspect(std_est=True)
    semopy.calc_stats(model)


def against(what: str, ours: float, theirs: float | None, other: str = "lavaan") -> None:
    """Tell one line, also where lavaan is not there."""
    if theirs is None:
        tell(f"{what} (no lavaan on this machine)", ours)
    else:
        tell(what, ours, other, theirs)


def time_fits() -> None:
    """Fit with everything, at three sizes."""
    for n, times in SIZES.items():
        data = journey(n)
        ours = median_seconds(lambda data=data: fit_sem(data, syntax=JOURNEY), times)
        against(f"everything, n = {n:,}", ours, lavaan_seconds(data, JOURNEY, EVERYTHING, max(times // 2, 1)))
        tell("  the same", ours, "semopy", median_seconds(lambda data=data: by_semopy(data), max(times // 3, 1)))


def time_bootstrap() -> None:
    """Percentile intervals of all effects from 1,000 samples; lavaan's and semopy's from 50, times 20."""
    data = journey(500)
    model: SemModel = fit_sem(data, syntax=JOURNEY)
    ours = median_seconds(lambda: model.effects("percentile", n_bootstrap=REPLICATES), 5)
    few = REPLICATES // 50
    theirs = lavaan_seconds(data, JOURNEY, "f <- sem(m, d, se='none'); bootstrapLavaan(f, R = 50)", 1)
    against(f"{REPLICATES:,} bootstrap samples, n = 500", ours, None if theirs is None else theirs * few)
    rng = np.random.default_rng(1)

    def once() -> None:
        semopy.Model(JOURNEY).fit(data.iloc[rng.integers(0, len(data), len(data))])

    tell("  the same", ours, "semopy", median_seconds(once, 10) * REPLICATES)


def time_incomplete() -> None:
    """FIML with errors from the observed information."""
    path = SHARED / "bfi_all.csv"
    data = pd.read_csv(path) if path.is_file() else _with_holes(journey(2_800))
    model = BFI if path.is_file() else JOURNEY
    what = "bfi, n = 2,800" if path.is_file() else "journey with holes, n = 2,800"
    ours = median_seconds(lambda: fit_sem(data, syntax=model, options=SemOptions(estimator="ML")), 5)
    theirs = lavaan_seconds(data, model, EVERYTHING.replace("sem(m, d)", "sem(m, d, missing = 'fiml')"), 1)
    against(f"FIML with everything, {what}", ours, theirs)
    bare = lavaan_seconds(data, model, "sem(m, d, missing = 'fiml')", 1)
    against("  the same", ours, bare, "lavaan, estimates, errors and chi-square only")


def _with_holes(data: pd.DataFrame) -> pd.DataFrame:
    return data.mask(np.random.default_rng(1).random(data.shape) < 0.1)


if __name__ == "__main__":
    time_fits()
    time_bootstrap()
    time_incomplete()
