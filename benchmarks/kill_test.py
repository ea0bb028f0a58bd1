"""SIGKILL at random moments over a study, then a run: every report there, equal byte for byte, nothing twice or left.

python benchmarks/kill_test.py --kills 100 --practices 40
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "helpers"))

from killing import KillTest, prepare


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--practices", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        study = prepare(Path(folder, "untouched"), asked.practices)
        test = KillTest(study.root, Path(folder, "work"), random.Random(asked.seed))
        test.work.mkdir()
        test.measure()
        print(f"{asked.practices} practices, {len(test.whole)} files, {test.seconds:.0f} s without a kill", flush=True)
        test.kill(asked.kills)
    for problem in test.problems:
        print(f"- {problem}")
    good = "all as they should be" if not test.problems else f"{len(test.problems)} problems"
    print(f"{len(test.kills)} kills in {test.cycles} studies, {time.monotonic() - began:.0f} s: {good}")
    sys.exit(bool(test.problems))


if __name__ == "__main__":
    main()
