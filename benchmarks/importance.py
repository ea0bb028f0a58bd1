"""Times of relative importance, beside R's relaimpo where R is installed.

Run: python benchmarks/importance.py

Goals: LMG of 12 drivers with 1,000 replicates in 1 s, of 12 drivers once in 2 ms, of 20 drivers once in 0.7 s.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from measuring import median_seconds, prepare, tell

prepare()

import numpy as np

from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.importance.dominance import complete_dominance
from pxanalysis.analysis.importance.estimate import estimate_importance, importance_shares, owen_shares
from pxanalysis.journey import read_journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.survey.reading import read_survey

R_SCRIPT = """
suppressMessages(library(relaimpo))
covariance <- as.matrix(read.csv(commandArgs(TRUE)[1], header = FALSE))
started <- proc.time()[["elapsed"]]
invisible(calc.relimp(covariance, type = "lmg"))
cat(proc.time()[["elapsed"]] - started)
"""


def covariances(drivers: int, replicates: int, seed: int = 1) -> np.ndarray:
    """Covariance matrices of samples of 200 with a halo, shape (replicates, drivers + 1, drivers + 1)."""
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((replicates, 200, drivers + 1)) + rng.standard_normal((replicates, 200, 1))
    return np.einsum("bni,bnj->bij", rows, rows) / 200


def relaimpo_seconds(covariance: np.ndarray) -> float | None:
    """Time of one relaimpo fit, the outcome first as relaimpo wants it; None without R or relaimpo."""
    if shutil.which("Rscript") is None:
        return None
    outcome_first = np.roll(covariance, 1, axis=(0, 1))
    with tempfile.TemporaryDirectory() as folder:
        script, data = Path(folder, "lmg.R"), Path(folder, "covariance.csv")
        script.write_text(R_SCRIPT)
        np.savetxt(data, outcome_first, delimiter=",")
        done = subprocess.run(["Rscript", str(script), str(data)], capture_output=True, text=True, check=False)
    return float(done.stdout) if done.returncode == 0 else None


def kernels() -> None:
    for drivers, replicates in ((12, 1), (20, 1), (25, 1), (12, 1000), (14, 1000)):
        matrices = covariances(drivers, replicates)
        ours = median_seconds(lambda m=matrices: importance_shares(m), times=3 if drivers == 25 else 7)
        theirs = relaimpo_seconds(matrices[0]) if replicates == 1 and drivers <= 12 else None
        beside = "" if theirs is None else f" | relaimpo {theirs:.2f} s | ratio {theirs / ours:.0f}"
        print(f"LMG, {drivers} drivers, {replicates} replicates: {ours * 1000:.2f} ms{beside}")
    matrices = covariances(12, 1000)
    tell("Johnson, 12 drivers, 1000 replicates", median_seconds(lambda: importance_shares(matrices, "johnson")))
    tell("complete dominance, 12 drivers", median_seconds(lambda: complete_dominance(matrices[0])))
    matrices = covariances(26, 1000)
    groups = np.array_split(np.arange(26), 8)
    tell("Owen, 26 items in 8 groups, 1000 replicates", median_seconds(lambda: owen_shares(matrices, groups), times=1))


def whole_study() -> None:
    """From answers to intervals, as a study's fit does it."""
    simulation = simulate_survey(read_journey("dental-treatment"), practices=50, responses=(20, 400), seed=3)
    with tempfile.TemporaryDirectory() as folder:
        simulation.answers.write_parquet(Path(folder, "answers.parquet"))
        responses = read_survey(Path(folder, "answers.parquet"), journey=simulation.journey)
    start = time.perf_counter()
    model = fit_drivers(responses)
    fitted = time.perf_counter()
    estimate_importance(model)
    tell(f"fit_drivers with bootstrap and cross-validation, {responses.n} responses", fitted - start)
    tell("estimate_importance on it, 1000 replicates", time.perf_counter() - fitted)


def main() -> None:
    if relaimpo_seconds(covariances(3, 1)[0]) is None:
        print("R with relaimpo is not installed here; on another machine it took 0.49 s for 12 drivers once.")
    kernels()
    whole_study()


if __name__ == "__main__":
    main()
