"""Make patients.csv: 24 practices of 1 to 40 patients, with case mix, weights and four kinds of outcome.

Run once (``python make_data.py``); the CSV is committed so that R and the tests read the same numbers.
"""

from pathlib import Path

import numpy as np
import pandas as pd

rng = np.random.default_rng(20161108)
sizes = np.array([1, 2, 3, 5, 5, 6, 8, 8, 9, 10, 12, 12, 14, 15, 16, 18, 20, 22, 24, 26, 28, 30, 35, 40])
practice = np.repeat(np.arange(sizes.size), sizes)
n = practice.size
effect = rng.normal(0, 0.55, sizes.size)
age = np.clip(rng.normal(52 + 8 * rng.normal(size=sizes.size)[practice], 15), 18, 95).round()
health = rng.choice(["fair", "good", "poor"], size=n, p=[0.35, 0.45, 0.2])
eta = effect[practice] + 0.02 * (age - 52) + 0.5 * (health == "good") - 0.6 * (health == "poor")
frame = pd.DataFrame(
    {
        "practice": [f"p{j:02d}" for j in practice],
        "age": age,
        "health": health,
        "weight": rng.gamma(4, 0.25, n).round(3) + 0.05,
        "grade": (7.6 + 0.8 * eta + rng.normal(0, 1.1, n)).round(2),
        "binary": (rng.random(n) < 1 / (1 + np.exp(-(0.4 + 1.2 * eta)))).astype(int),
        "ordinal": 1 + (eta[:, None] + rng.logistic(size=n)[:, None] > np.array([-2.2, -1.0, 0.3, 1.8])).sum(axis=1),
    }
)
frame.to_csv(Path(__file__).parent / "patients.csv", index=False)
