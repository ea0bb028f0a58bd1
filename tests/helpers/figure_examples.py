"""Result frames as a fit makes them, and every figure drawn from them, for the tests of figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from pxanalysis.figures.kit.marks import Drawing
from pxanalysis.figures.page import (
    plot_distribution,
    plot_experience,
    plot_funnel,
    plot_importance,
    plot_matrix,
    plot_paths,
    plot_ranks,
    plot_trend,
)
from pxanalysis.reporting.page.wording import Wording

SHORT = {
    "book": "Afspraak maken",
    "desk": "Ontvangst balie",
    "wait": "Wachtruimte",
    "kind": "Vriendelijkheid",
    "anaesthesia": "Verdoving",
    "treat": "Behandeling",
    "cost": "Kosten",
}
LONG = SHORT | {
    "explain": "Uitleg over de verdoving en de behandeling",
    "invite": "Uitnodiging voor de gezondheidsvragenlijst",
    "fill": "Vragenlijst invullen op de computer thuis",
    "lens": "Bespreken van de lenskeuze met de optometrist",
    "plan": "Inplannen van de operatie",
    "meet": "Kennismaking met de optometrist",
    "after": "Nazorg en controle na de behandeling",
}
SCORES = [73.0, 80, 40, 93, 62, 85, 22, 70, 66, 55, 81, 90, 47, 77]
BEST_QUARTER = [79.0, 82, 60, 91, 76, 88, 40, 82, 70, 66, 80, 86, 60, 79]
FIRST = ("cost", "wait", "anaesthesia")


def touchpoints(
    labels: Mapping[str, str],
    scores: Sequence[float] = SCORES,
    *,
    n: int = 214,
    benchmark: bool = True,
    hidden: Sequence[int] = (),
) -> pd.DataFrame:
    score = np.array(scores[: len(labels)], dtype=float)
    frame = pd.DataFrame(
        {
            "practice_id": "01012345",
            "touchpoint": list(labels),
            "position": range(len(labels)),
            "n": float(n),
            "mean": score,
            "shrunk": score,
            "shrunk_low": score - 4,
            "shrunk_high": score + 4,
            "feels": (score - 50) / 25,
            "benchmark_low": score - 3 if benchmark else np.nan,
            "benchmark_high": score + 6 if benchmark else np.nan,
            "suppressed": False,
            "reason": "",
        }
    )
    columns = ["n", "mean", "shrunk", "shrunk_low", "shrunk_high", "feels"]
    frame.loc[list(hidden), columns] = np.nan
    frame.loc[list(hidden), "suppressed"] = True
    return frame


def drivers(labels: Mapping[str, str], *, missing: Sequence[int] = ()) -> pd.DataFrame:
    count = len(labels)
    beta = np.array([0.12, 0.18, 0.19, 0.35, 0.04, 0.41, 0.38, 0.3, 0.02, 0.1, 0.05, -0.09, 0.2, 0.15])[:count]
    importance = beta**2 + 0.01
    rank = (-importance).argsort().argsort() + 1.0
    frame = pd.DataFrame(
        {
            "touchpoint": list(labels),
            "n": 2500,
            "beta": beta,
            "ci_low": beta - 0.06,
            "ci_high": beta + 0.06,
            "importance": importance,
            "importance_low": np.clip(importance - 0.03, 0, 1),
            "importance_high": importance + 0.03,
            "rank": rank,
            "rank_low": np.clip(rank - 2, 1, count),
            "rank_high": np.clip(rank + 2, 1, count),
            "p_top3": np.clip(1.2 - rank / 4, 0.01, 0.99),
            "sign_flag": ["negative" if b < 0 else "suppressor" if b == 0.02 else "" for b in beta],
            "reason": "",
        }
    )
    numbers = frame.columns[2:-2].tolist()
    frame[numbers] = frame[numbers].astype(float)
    frame.loc[list(missing), numbers] = np.nan
    frame.loc[list(missing), "reason"] = "nobody answered"
    return frame


def priorities(labels: Mapping[str, str], *, hidden: Sequence[int] = (), target: str = "best_quarter") -> pd.DataFrame:
    """A practice's priorities, held against the best quarter of practices, the study's target of 80, or nothing."""
    seen, drive = touchpoints(labels, hidden=hidden), drivers(labels)
    performance = seen["shrunk"]
    return pd.DataFrame(
        {
            "practice_id": "01012345",
            "touchpoint": list(labels),
            "importance": drive["importance"],
            "performance": performance,
            "performance_low": seen["shrunk_low"],
            "performance_high": seen["shrunk_high"],
            "target": {"best_quarter": BEST_QUARTER[: len(labels)], "stated": 80.0, "none": np.nan}[target],
            "target_stated": 80.0 if target == "stated" else np.nan,
            "status": np.where(performance < 50, "act", np.where(performance < 75, "undecided", "keep")),
            "suppressed": seen["suppressed"],
            "reason": "",
        }
    )


def trend(count: int = 12, *, quarters: bool = False, hidden: Sequence[int] = (), n: int = 40) -> pd.DataFrame:
    months = pd.period_range("2025-01", periods=count * (3 if quarters else 1), freq="M")
    estimate = 8.3 + 0.1 * np.sin(np.arange(count))
    frame = pd.DataFrame(
        {
            "practice_id": "01012345",
            "outcome": "ktv",
            "period": [f"{month}-01" for month in months[::3]] if quarters else [str(month) for month in months],
            "n": float(n),
            "estimate": estimate,
            "ci_low": estimate - 0.3,
            "ci_high": estimate + 0.3,
            "suppressed": False,
        }
    )
    frame.loc[list(hidden), ["n", "estimate", "ci_low", "ci_high"]] = np.nan
    frame.loc[list(hidden), "suppressed"] = True
    return frame


def funnel(count: int = 25, *, hidden: Sequence[int] = (), largest: float = 400) -> pd.DataFrame:
    n = np.geomspace(12, largest, count).round() if count > 1 else np.array([40.0])
    spread = np.sqrt(1.4 / n + 0.02)
    frame = pd.DataFrame(
        {
            "outcome": "ktv",
            "practice_id": [f"practice-{i}" for i in range(count)],
            "n": n,
            "estimate": 8.5 + 2.2 * np.sin(7.0 * np.arange(count)) * spread,
            "low95": 8.5 - 1.96 * spread,
            "high95": 8.5 + 1.96 * spread,
            "low998": 8.5 - 3.09 * spread,
            "high998": 8.5 + 3.09 * spread,
            "centre": 8.5,
            "flag": "",
        }
    )
    frame.loc[list(hidden), "estimate"] = np.nan
    return frame


def distribution(kind: str = "ktv", *, hidden: Sequence[int] = ()) -> pd.DataFrame:
    counts = {
        "ktv": {4: 3, 5: 8, 6: 12, 7: 40, 8: 80, 9: 50, 10: 21},
        "nps": {0: 2, 6: 20, 7: 30, 8: 52, 9: 60, 10: 50},
        "ces": {1: 4, 2: 10, 3: 40, 4: 100, 5: 60},
    }[kind]
    n = pd.Series(counts, dtype=float)
    frame = pd.DataFrame({"practice_id": "01012345", "outcome": kind, "value": n.index, "n": n.to_numpy()})
    frame["share"] = frame["n"] / frame["n"].sum()
    frame["suppressed"] = False
    gone = [row for row in hidden if row in frame.index]
    frame.loc[gone, ["n", "share"]] = np.nan
    frame.loc[gone, "suppressed"] = True
    return frame


def pooled(kind: str = "nps", *, seed: int = 4) -> pd.DataFrame:
    """All practices together: other shares than one practice has."""
    frame = distribution(kind)
    frame["share"] = np.random.default_rng(seed).dirichlet(np.ones(len(frame)))
    return frame.assign(practice_id="", n=frame["share"] * 4000)


Draw = Callable[[int], Drawing]


def every_figure(labels: Mapping[str, str], words: Wording, *, hidden: Sequence[int] = ()) -> dict[str, Draw]:
    """Each figure as a function of its width, with as many touchpoints as there are labels."""
    drive = drivers(labels, missing=hidden)
    first = [name for name in FIRST if name in labels]
    return {
        "experience": lambda width: plot_experience(
            touchpoints(labels, hidden=hidden), labels, words, first=first, width=width
        ),
        "paths": lambda width: plot_paths(
            drive, labels, words, outcome="KTV", r2=0.65, r2_low=0.58, r2_high=0.71, first=first, width=width
        ),
        "importance": lambda width: plot_importance(
            drive, labels, words, outcome="tevredenheid", first=first, width=width
        ),
        "matrix": lambda width: plot_matrix(
            priorities(labels, hidden=hidden), labels, words, outcome="tevredenheid", drivers=drivers(labels),
            first=first, width=width,
        ),
        "ranks": lambda width: plot_ranks(drive, labels, words, first=first, width=width),
        "trend": lambda width: plot_trend(
            trend(len(labels) + 4, hidden=hidden), words, unit="grade", benchmark=8.5, width=width
        ),
        "funnel": lambda width: plot_funnel(
            funnel(len(labels) * 3, hidden=hidden), words, own="practice-4", unit="grade",
            outcome="Tevredenheid (KTV, 1–10)", width=width,
        ),
        "distribution": lambda width: plot_distribution(
            distribution("nps", hidden=hidden), words, kind="nps", benchmark=pooled(),
            ends=("zeer onwaarschijnlijk dat ik deze praktijk aanraad", "zeer waarschijnlijk"), width=width,
        ),
    }  # fmt: skip


def any_figure(seed: int, words: Wording) -> dict[str, Draw]:
    """Each figure with values as chance has them: 3 to 14 touchpoints, far apart or in a heap, with gaps in time."""
    rng = np.random.default_rng(seed)
    names = rng.permutation(list(LONG))[: rng.integers(3, 15)].tolist()
    labels = {name: LONG[name] for name in names}
    spread = rng.choice([2.0, 8.0, 25.0])
    scores = np.clip(rng.normal(72, spread, len(names)), 0, 100)
    wide = rng.uniform(1, 14, len(names))
    frame = touchpoints(labels, scores, benchmark=bool(rng.random() < 0.9)).assign(
        shrunk_low=scores - wide, shrunk_high=scores + wide, ci_high=scores + wide,
        benchmark_low=scores + rng.normal(-5, 5, len(names)), benchmark_high=scores + rng.normal(6, 5, len(names)),
    )  # fmt: skip
    share = rng.dirichlet(np.full(len(names), rng.choice([0.5, 20.0]))) * 0.6
    reach = rng.uniform(0.005, 0.06, len(names))
    drive = drivers(labels).assign(
        beta=np.sqrt(share) * rng.choice([1, 1, 1, -1], len(names)), importance=share,
        importance_low=np.maximum(share - reach, 0), importance_high=share + reach,
    )  # fmt: skip
    order = priorities(labels).assign(
        performance=scores, performance_low=scores - wide, performance_high=scores + wide, importance=share,
        target=rng.choice([np.nan, 80.0]) if rng.random() < 0.3 else np.clip(rng.normal(78, 6, len(names)), 0, 100),
        target_stated=80.0 if rng.random() < 0.2 else np.nan,
    )  # fmt: skip
    periods = trend(int(rng.integers(2, 25)), quarters=bool(rng.random() < 0.5))
    level = np.clip(8.3 + np.cumsum(rng.normal(0, 0.25, len(periods))), 1, 10)
    reach = rng.uniform(0.1, 0.9, len(periods))
    periods = periods.assign(estimate=level, ci_low=level - reach, ci_high=level + reach)
    gone = np.flatnonzero(rng.random(len(periods)) < 0.2)[: len(periods) - 1]
    periods.loc[gone, ["n", "estimate", "ci_low", "ci_high"]] = np.nan
    kind = str(rng.choice(["ktv", "nps", "ces"]))
    own = distribution(kind)
    own["share"] = rng.dirichlet(np.full(len(own), 0.7))
    practices = funnel(int(rng.integers(5, 60)), largest=float(rng.choice([60, 400, 4000])))
    practices["estimate"] = 8.5 + rng.normal(0, 1, len(practices)) * (practices["high95"] - 8.5) / 1.96
    first = names[: rng.integers(0, 4)]
    return {
        "experience": lambda width: plot_experience(frame, labels, words, first=first, width=width),
        "paths": lambda width: plot_paths(drive, labels, words, outcome="KTV", r2=0.65, first=first, width=width),
        "importance": lambda width: plot_importance(drive, labels, words, outcome="KTV", first=first, width=width),
        "matrix": lambda width: plot_matrix(
            order, labels, words, outcome="tevredenheid", drivers=drive, first=first, width=width
        ),
        "trend": lambda width: plot_trend(periods, words, unit="grade", width=width),
        "funnel": lambda width: plot_funnel(
            practices, words, own=f"practice-{rng.integers(0, 5)}", unit="grade", outcome="KTV", width=width
        ),
        "distribution": lambda width: plot_distribution(
            own,
            words,
            kind=kind,
            benchmark=pooled(kind, seed=seed),
            width=width,  # type: ignore[arg-type]
        ),
    }
