"""The example's main figures computed a second time, without pxanalysis: pandas, numpy and statsmodels only.

Run from the repository's root: ``.venv/bin/python examples/hospital_2016/check.py [responses.csv]``. It prints what
README.md sets beside the fit's own figures.
"""

from __future__ import annotations

import itertools
import math
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm

SOURCE = Path(__file__).resolve().parents[3] / "shared" / "data" / "hospital_2016" / "responses.csv"
TOUCHPOINTS = {
    "emergency_room": ["Q4"],
    "admission": ["Q5"],
    "nurses": ["Q6", "Q7", "Q8"],
    "doctors": ["Q9", "Q10", "Q11", "Q12"],
    "care_team": ["Q15", "Q16", "Q17", "Q21_2016", "Q22"],
    "information": ["Q13", "Q14", "Q20"],
    "involvement": ["Q18", "Q19"],
    "room": ["Q26", "Q27", "Q28"],
    "food": ["Hospital_food"],
    "visitors": ["Q30"],
    "discharge": ["Q23", "Q24", "Q25"],
}
FOUR_POINT = {"Q20", "Q26"}
OPTIONAL = ["emergency_room", "food"]


def touchpoint_scores(data: pd.DataFrame) -> pd.DataFrame:
    """Mean of the items on 0-100 where at least half are answered."""
    out = {}
    for name, items in TOUCHPOINTS.items():
        scaled = pd.DataFrame({q: 100 * (data[q] - 1) / (3 if q in FOUR_POINT else 4) for q in items})
        enough = scaled.notna().sum(axis=1) >= math.ceil(len(items) / 2)
        out[name] = scaled.mean(axis=1).where(enough)
    return pd.DataFrame(out)


def beside_met(scores: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores, and 0/1 for who met the two touchpoints that are not for everybody.

    Who left such a touchpoint blank did not meet it: the score is the mean of those who did, beside the 0.
    """
    met = scores[OPTIONAL].notna().astype(float).add_prefix("met:")
    return scores.fillna(scores[OPTIONAL].mean()), met


def beside(covariates: pd.DataFrame, columns: pd.DataFrame) -> np.ndarray:
    """What is left of the columns after regression on the covariates."""
    fixed = sm.add_constant(covariates).to_numpy()
    values = columns.to_numpy()
    return values - fixed @ np.linalg.lstsq(fixed, values, rcond=None)[0]


def lmg(correlations: np.ndarray) -> np.ndarray:
    """Average gain in R² over all orders, by brute force over subsets; the outcome is the last row and column."""
    p = len(correlations) - 1
    r2 = {(): 0.0}
    for size in range(1, p + 1):
        for subset in itertools.combinations(range(p), size):
            inner = correlations[np.ix_(subset, subset)]
            outer = correlations[list(subset), -1]
            r2[subset] = float(outer @ np.linalg.solve(inner, outer))
    shares = np.zeros(p)
    for j in range(p):
        others = [i for i in range(p) if i != j]
        for size in range(p):
            weight = math.factorial(size) * math.factorial(p - size - 1) / math.factorial(p)
            for subset in itertools.combinations(others, size):
                with_j = tuple(sorted((*subset, j)))
                shares[j] += weight * (r2[with_j] - r2[subset])
    return shares


def main() -> None:
    """Print the figures."""
    data = pd.read_csv(sys.argv[1] if len(sys.argv) > 1 else SOURCE)
    scores = touchpoint_scores(data)
    joined = scores.assign(ktv=data["sat_score"], hospital=data["HOSPITAL"])
    items = [q for questions in TOUCHPOINTS.values() for q in questions]
    print(f"rows {len(data)}, with satisfaction {data['sat_score'].notna().sum()}")
    print(f"complete on all {len(items)} items and satisfaction: {data[[*items, 'sat_score']].dropna().shape[0]}")
    print(f"answered all {scores.shape[1]} touchpoints and satisfaction: {len(joined.dropna())}")
    always = [name for name in scores if name not in OPTIONAL]
    complete = joined.dropna(subset=[*always, "ktv"])
    print(f"the same, or did not meet the emergency room or the food: {len(complete)}")
    usable = joined["ktv"].notna() & scores.notna().any(axis=1)
    print(f"with satisfaction and at least one touchpoint score: {usable.sum()}")
    filled, met = beside_met(complete[list(scores)])
    standard = (filled - filled.mean()) / filled.std(ddof=1)
    outcome = (complete["ktv"] - complete["ktv"].mean()) / complete["ktv"].std(ddof=1)
    fit = sm.OLS(outcome, sm.add_constant(met.join(standard))).fit(
        cov_type="cluster", cov_kwds={"groups": complete["hospital"].astype("category").cat.codes}
    )
    left = beside(met, standard.assign(ktv=outcome))
    shares = lmg(np.corrcoef(left.T)) * left[:, -1].var(ddof=1)
    by_met = sm.OLS(outcome, sm.add_constant(met)).fit().rsquared
    print(f"listwise R2 {fit.rsquared:.6f}, LMG sums to {shares.sum():.6f}, who met what {by_met:.6f}")
    for name, beta, share in zip(scores, fit.params[list(scores)], shares, strict=True):
        print(f"  {name:15} beta {beta:9.6f}  LMG {share:.6f}")
    answered = joined[joined["ktv"].notna()]
    groups = answered.groupby("hospital")["ktv"]
    n, mean = groups.size(), groups.mean()
    between = float((n * (mean - answered["ktv"].mean()) ** 2).sum() / (len(n) - 1))
    within = float(((answered["ktv"] - groups.transform("mean")) ** 2).sum() / (n.sum() - len(n)))
    n0 = (n.sum() - (n**2).sum() / n.sum()) / (len(n) - 1)
    icc = (between - within) / (between + (n0 - 1) * within)
    print(f"satisfaction: mean {answered['ktv'].mean():.4f}, ICC (ANOVA) {icc:.4f}, F {between / within:.3f}")


if __name__ == "__main__":
    main()
