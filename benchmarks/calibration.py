"""How far intervals, probabilities and advice can be trusted: simulated studies of known truth, scenario by scenario.

Run: python benchmarks/calibration.py [--studies 100] [--only standard] [--replicates 400]
     python benchmarks/calibration.py --worlds unrel content ... [--studies 48] (advice against causal truth)

Goals: coverage of the 95 % intervals of beta, importance and gain 93-97 %; P(top-3 with a gain worth having) within 5
points of how often it is true; the first-named action truly among the best three in at least 90 % of the practices that
are given one. What was found stands in benchmarks/calibration.md.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import pandas as pd
from measuring import prepare

prepare()

from pxanalysis.analysis.calibration.estimate import calibrate_priorities
from pxanalysis.analysis.calibration.worlds import calibrate_world
from pxanalysis.journey import read_journey
from pxanalysis.simulation.study import SimulationDesign
from pxanalysis.simulation.worlds import WORLDS

SCENARIOS: dict[str, tuple[str, dict[str, Any]]] = {
    "standard": ("dental-treatment", {}),
    "ten touchpoints, case mix": ("dental-checkup", {"case_mix": ("age", "health")}),
    "8 practices": ("dental-treatment", {"practices": 8}),
    "60 small practices": ("dental-treatment", {"practices": 60, "responses": (20, 100)}),
    "practices alike": ("dental-treatment", {"design": SimulationDesign(practice_sd=0.1)}),
    "at the ceiling": ("dental-treatment", {"design": SimulationDesign(level=0.92)}),
    "optional ones met by 30 %": ("dental-checkup", {"design": SimulationDesign(met_share=0.3)}),
    "strong halo, eleven": ("cataract-surgery", {"design": SimulationDesign(halo=0.8)}),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=100)
    parser.add_argument("--settings", type=int, default=10)
    parser.add_argument("--replicates", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=list(SCENARIOS))
    parser.add_argument("--worlds", nargs="*", choices=list(WORLDS), help="only these worlds; none named: all of them")
    args = parser.parse_args()
    pd.set_option("display.width", 160, "display.max_columns", 30)
    if args.worlds is not None:
        run_worlds(args.worlds or list(WORLDS), args)
        return
    for name, (journey, options) in SCENARIOS.items():
        if args.only not in (None, name):
            continue
        start = time.perf_counter()
        found = calibrate_priorities(
            read_journey(journey),
            studies=args.studies,
            settings=args.settings,
            n_bootstrap=args.replicates,
            seed=args.seed,
            **options,
        )
        print(f"\n== {name} ({journey}, {args.studies} studies, {time.perf_counter() - start:.0f} s)")
        for table in (found.tidy(), found.probabilities(), found.advice()):
            print(table.round(3).to_string(index=False))


def run_worlds(names: list[str], args: argparse.Namespace) -> None:
    for name in names:
        start = time.perf_counter()
        found = calibrate_world(
            read_journey("dental-checkup"),
            name,
            studies=args.studies,
            settings=args.settings,
            n_bootstrap=args.replicates,
            seed=args.seed,
        )
        print(f"\n== {name}: {WORLDS[name].meaning} ({args.studies} studies, {time.perf_counter() - start:.0f} s)")
        print(found.tidy().round(3).to_string(index=False))


if __name__ == "__main__":
    main()
