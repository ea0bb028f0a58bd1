"""A study of many practices fitted: clock, CPU and memory of all processes together, first release and next.

``--practices 200`` for a quick look. The next release has 5 % more answers in every practice.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from measuring import prepare

prepare()

EVERY = 0.2
"""Seconds between two looks at memory."""


def px(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "pxanalysis", *words], check=True, stdout=subprocess.DEVNULL)


def memory(process: psutil.Process) -> float:
    """Resident memory of a process and all it started, GB; they are started anew, so they share next to nothing."""
    total = 0
    for one in [process, *process.children(recursive=True)]:
        try:
            total += one.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total / 1e9


def measure(what: str, *words: str) -> None:
    """Run a command and print what it took."""
    before, start, peak = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter(), 0.0
    command = [sys.executable, "-m", "pxanalysis", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        seen = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                peak = max(peak, memory(seen))
            except psutil.NoSuchProcess:
                break
            time.sleep(EVERY)
        said = process.communicate()[0]
    if process.returncode:
        raise SystemExit(f"{what}: exit code {process.returncode}\n{said}")
    after, seconds = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
    user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
    print(f"{what}: {seconds:.0f} s, {user + system:.0f} s of CPU ({system:.0f} of the system), {peak:.2f} GB")
    print(f"  {said.splitlines()[0]}")


def main() -> None:
    """Simulate, take in, fit; then more answers, and fit again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--practices", type=int, default=2000)
    parser.add_argument("--responses", type=int, default=500)
    parser.add_argument("--journey", default="dental-practice")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        px("init", folder, "--journey", asked.journey)
        many = ["simulate", "--study", folder, "--practices", str(asked.practices)]
        px(*many, "--responses", str(asked.responses))
        px("ingest", "--study", folder)
        measure("first release", "fit", "--study", folder)
        later = Path(folder) / "later"
        px(*many, "--responses", str(asked.responses // 20), "--seed", "2", "--output", str(later))
        text = (later / "simulated.csv").read_text(encoding="utf-8").replace("\nS", "\nT")  # ids of their own
        (Path(folder) / "data" / "raw" / "later.csv").write_text(text, encoding="utf-8")
        px("ingest", "--study", folder)
        measure("next release", "fit", "--study", folder)


if __name__ == "__main__":
    main()
