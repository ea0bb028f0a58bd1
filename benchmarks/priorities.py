"""Time and peak memory of priorities: 1,000 practices x 12 touchpoints x 1,000 replicates.

Run: python benchmarks/priorities.py [--practices 1000] [--touchpoints 12] [--replicates 1000]

The goal is 20 s and 2 GB with a fitted driver model given; the fit with its own bootstrap is timed beside it.
"""

from __future__ import annotations

import argparse
import resource
import time

from measuring import prepare

prepare()

import numpy as np

from pxanalysis.analysis.calibration.truth import Setting, draw_study
from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.priorities import estimate_priorities
from pxanalysis.journey import Journey, read_journey
from pxanalysis.simulation.study import SimulationDesign


def make_journey(touchpoints: int) -> Journey:
    """A journey of so many touchpoints with three items each, every fourth one optional."""
    content = read_journey("dental-treatment").model_dump(mode="json")
    example = content["steps"][0]["touchpoints"][0]
    made = []
    for place in range(touchpoints):
        items = [
            {**item, "id": f"t{place}_i{part}", "direction": "higher-is-better"}
            for part, item in enumerate(example["items"])
        ]
        made.append({**example, "id": f"t{place}", "optional": place % 4 == 3, "items": items, "ideas": []})
    content["steps"] = [{**content["steps"][0], "touchpoints": made}]
    return Journey.model_validate(content).model_copy(update={"open_questions": ()})


def peak() -> float:
    """Largest resident memory of this process so far, GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


class Clock:
    """Wall and processor time since the last call; on a busy machine the processor's is the one to compare."""

    def __init__(self) -> None:
        self.wall, self.processor = time.perf_counter(), time.process_time()

    def tell(self, what: str) -> None:
        wall, processor = time.perf_counter() - self.wall, time.process_time() - self.processor
        print(f"{what}: {wall:.1f} s ({processor:.1f} s of one processor), peak {peak():.2f} GB")
        self.__init__()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--practices", type=int, default=1000)
    parser.add_argument("--touchpoints", type=int, default=12)
    parser.add_argument("--replicates", type=int, default=1000)
    args = parser.parse_args()
    rng = np.random.default_rng(1)
    p = args.touchpoints
    nothing = np.zeros(p)
    setting = Setting(
        make_journey(p), SimulationDesign(), np.full(p, 1 / p), nothing, nothing, nothing, nothing, np.zeros((8, p))
    )
    responses, _ = draw_study(setting, np.exp(rng.uniform(np.log(20), np.log(400), args.practices)), rng)
    print(f"{args.practices} practices, {responses.n} responses, {p} touchpoints, {args.replicates} replicates")
    print(f"data in memory: {peak():.2f} GB")
    clock = Clock()
    model = fit_drivers(responses, n_bootstrap=args.replicates, cross_validate=False)
    clock.tell("fit_drivers with its bootstrap")
    result = estimate_priorities(responses, model, n_bootstrap=args.replicates)
    clock.tell("estimate_priorities (goal 20 s, 2 GB)")
    print(result.glance().T.to_string(header=False))


if __name__ == "__main__":
    main()
