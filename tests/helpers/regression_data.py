"""What tests of several rooms share: driver regression against statsmodels, against dense formulas, and against
simulated truth.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from driver_data import as_responses, linear_study, plain_journey

DRIVERS = ["t0", "t1", "t2"]


def items_of(answers: pd.DataFrame) -> np.ndarray:
    return answers[[f"{name}_item" for name in DRIVERS]].to_numpy()


def study(**options):
    answers, practice = linear_study(**options)
    return answers, practice, as_responses(plain_journey(DRIVERS), answers, practice)


def optional_study(met_effect: float, n: int = 4000, seed: int = 7):
    """t1 is met by 6 in 10 and counts only for them; having met it by itself adds ``met_effect``."""
    answers, practice = linear_study(n=n, practices=50, slopes=(0.05, 0.0, 0.02), seed=seed)
    rng = np.random.default_rng(seed)
    met = rng.random(n) < 0.6
    centred = answers["t1_item"] - answers["t1_item"].mean()
    answers["ktv"] += np.where(met, 0.04 * centred + met_effect, 0.0)
    answers["t1_item"] = answers["t1_item"].where(met)
    flags = pd.DataFrame({"t1_item": met})
    return as_responses(plain_journey(DRIVERS), answers, practice, flags)


def rare_study(n: int, practices: int, rare: int, levels: str = "abc"):
    """Health is ``a`` for few patients, ``b`` and ``c`` for half of the others each."""
    answers, practice = linear_study(n=n, practices=practices)
    health = np.where(np.arange(n) < n // 2, "b", "c").astype(object)
    health[:rare] = "a"
    answers["health"] = np.random.default_rng(3).permutation(health)
    text = {"nl": "x", "en": "x"}
    known = [{"id": level, "label": text} for level in levels]
    case_mix = [{"id": "health", "label": text, "type": "category", "levels": known}]
    return answers, practice, plain_journey(DRIVERS, case_mix=case_mix)
