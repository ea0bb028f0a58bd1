"""How often what is said of actions is right, by simulation: practices act on their lowest touchpoint of a half-year.

``python benchmarks/action_effects.py [RUNS]`` prints one row per world; the goals are those of the slow tests.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "helpers"))

import pandas as pd
from action_worlds import World, summarise

WORLDS = {
    "base": World(),
    "12 months": World(look=12),
    "effect 6": World(effect=6.0),
    "no drift": World(drift=0.0),
    "slow drift": World(persistence=0.97),
    "small practices": World(monthly=(3, 10)),
    "few practices": World(practices=20),
    "5 actions of one kind": World(share=0.1),
    "60 actions of 5 kinds": World(practices=200, kinds=5),
    "60 actions, effects differ": World(practices=200, kinds=5, effect=3.0, spread=2.0),
}


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    rows = {name: summarise(world, runs) for name, world in WORLDS.items()}
    print(pd.DataFrame(rows).T.round(3).to_string())


if __name__ == "__main__":
    main()
