"""Study results as ``fit`` would make them, for any count of touchpoints and respondents, without fitting.

The numbers hang together (intervals shrink with n, importance sums to R², a higher score means fewer negative
patients) but are drawn, not estimated: pages and figures are tested on their shape and their words.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from pxanalysis.analysis.whole_study.facts import StudyFacts
from pxanalysis.analysis.whole_study.frames import FRAMES, with_absent
from pxanalysis.analysis.whole_study.results import StudyResults as Results
from pxanalysis.journey.model import Journey
from pxanalysis.journey.outcome_metrics import MAIN_METRIC
from pxanalysis.journey.reading import read_journey
from pxanalysis.statistics.conventions import FEWEST_PRACTICES

PRACTICE_ID = "01012345"
PRACTICE_NAME = "Tandartspraktijk De Linde"

LABELS = [
    ("Een nieuwe tandarts kiezen en inschrijven", "Choosing a new dentist and registering"),
    ("Afspraak maken", "Making an appointment"),
    ("Herinnering per e-mail of sms", "Reminder by e-mail or text message"),
    ("Ontvangst aan de balie", "Being received at the desk"),
    ("Wachtruimte", "Waiting room"),
    ("Opgehaald worden door de assistent", "Being fetched by the assistant"),
    ("Gezondheidsvragenlijst invullen", "Filling in the health questionnaire"),
    ("Eerste controle en gebitsreiniging", "First check and cleaning"),
    ("Verdoving", "Anaesthesia"),
    ("Behandeling", "Treatment"),
    ("Uitleg over wat er gedaan is", "Explanation of what was done"),
    ("Arbeidsongeschiktheidsverzekeringsvragen", "Questions about incapacity insurance"),
    ("Kosten en de rekening", "Costs and the bill"),
    ("Een klacht laten behandelen", "Having a complaint dealt with"),
]


@dataclass(frozen=True)
class Example:
    results: Results
    journey: Journey
    practice_id: str = PRACTICE_ID


def know(example: Example, **facts: Any) -> Example:
    """Give the same results with other facts of the whole study."""
    return replace(example, results=replace(example.results, meta=example.results.meta.with_facts(**facts)))


def make_journey(k: int) -> Journey:
    """The dental treatment for k = 6; otherwise a journey of k touchpoints (3 to 14) with long labels."""
    journey = read_journey("dental-treatment")
    if k == len(journey.touchpoints):
        return journey
    content = journey.model_dump(mode="json")
    chosen = [LABELS[i] for i in np.linspace(0, len(LABELS) - 1, k).round().astype(int)]
    touchpoints = [
        {
            "id": f"tp_{i}",
            "label": {"nl": nl, "en": en},
            "sentence": {"nl": f"Ik krijg te maken met: {nl.lower()}", "en": f"I meet: {en.lower()}"},
            **_described(i),
            "optional": i % 4 == 3,
            "items": [
                {
                    "id": f"item_{i}_{j}",
                    "text": {"nl": f"Ik vond dit {nl_word}.", "en": f"I found this {en_word}."},
                    "scale": "agree5",
                }
                for j, (nl_word, en_word) in enumerate([("duidelijk", "clear"), ("snel genoeg", "quick enough")])
            ],
            "ideas": [
                {
                    "id": f"idea_{i}",
                    "title": {"nl": "vraag na wat patiënten missen", "en": "ask what patients miss"},
                    "text": {
                        "nl": "Bel deze week vijf patiënten en vraag wat beter kan.",
                        "en": "Call five patients this week and ask what could be better.",
                    },
                }
            ],
        }
        for i, (nl, en) in enumerate(chosen)
    ]
    half = (k + 1) // 2
    content["steps"] = [
        {
            "id": f"step_{i}",
            "label": {"nl": nl, "en": en},
            "sentence": {"nl": f"Ik ben bij stap {i + 1}", "en": f"I am at step {i + 1}"},
            "provider": "dental_practice",
            "touchpoints": part,
        }
        for i, (nl, en, part) in enumerate(
            [("Ervoor", "Before", touchpoints[:half]), ("Erna", "After", touchpoints[half:])]
        )
        if part
    ]
    return Journey.model_validate(content)


def _described(i: int) -> dict[str, dict[str, str]]:
    """What patients do, think and weigh; not every touchpoint has all three, and every fifth has none."""
    texts = {
        "does": ("Ik bel, wacht tot er wordt opgenomen en leg uit wat ik nodig heb.", "I call, wait and explain."),
        "thinks": ("Kan ik wel op tijd terecht?", "Can I be seen in time?"),
        "dilemma": ("Bel ik nu, of wacht ik tot het vanzelf overgaat?", "Do I call now, or wait until it passes?"),
    }
    kept = [] if i % 5 == 4 else [name for j, name in enumerate(texts) if (i + j) % 4 != 3]
    return {name: {"nl": texts[name][0], "en": texts[name][1]} for name in kept}


def make_example(
    k: int = 6,
    n: int = 214,
    *,
    practices: int = 25,
    seed: int = 1,
    drivers: bool = True,
    waves: int = 6,
    case_mix: bool = True,
    comments: int = 12,
    simulated: bool = True,
    invited: int | None = None,
) -> Example:
    """Make results of a study of which one practice, ``PRACTICE_ID``, has n respondents.

    ``drivers=False``: too few complete questionnaires; ``waves=1``: everything in one month; ``case_mix=False``:
    the questionnaire asks nothing about the patient; ``n < 10``: the practice is suppressed; ``invited``: how many
    patients of the practice were asked.
    """
    made = _make_example(k, n, practices, seed, drivers, waves, case_mix, comments, simulated, invited)
    frames = {name: frame.copy() for name, frame in made.results.frames.items()}
    return replace(made, results=replace(made.results, frames=frames))


@cache
def _make_example(
    k: int,
    n: int,
    practices: int,
    seed: int,
    drivers: bool,
    waves: int,
    case_mix: bool,
    comments: int,
    simulated: bool,
    invited: int | None,
) -> Example:
    journey = make_journey(k)
    rng = np.random.default_rng(seed)
    sizes = {PRACTICE_ID: n, **{f"{20000000 + i}": int(rng.integers(12, 300)) for i in range(practices - 1)}}
    draw = _Draw(journey, rng, sizes, drivers=drivers, case_mix=case_mix)
    frames = {
        "practices": draw.practices(invited),
        "outcomes": draw.outcomes(),
        "distributions": draw.distributions(),
        "touchpoints": draw.touchpoints(),
        "items": draw.items(),
        "reliability": draw.reliability(),
        "drivers": draw.drivers(),
        "priorities": draw.priorities(),
        "practice_variance": draw.practice_variance(),
        "funnel": draw.funnel(),
        "comparisons": draw.comparisons(),
        "case_mix": draw.case_mix_effects(),
        "trend": draw.trend(waves),
        "comments": draw.comments(comments),
    }
    frames = {name: with_absent(frame, FRAMES[name]) for name, frame in frames.items()}
    total = sum(sizes.values())
    meta = {
        "journey_id": journey.id,
        "title": journey.title.root,
        "n_responses": total,
        "n_practices": practices,
        "n_rejected_rows": 41,
        "n_rejected_cells": 12,
        "first_date": "2026-01-01",
        "last_date": "2026-06-30",
        "simulated": simulated,
        "minimum_n": 10,
        "confidence": 0.95,
        "n_bootstrap": 1000,
        "seed": 20260101,
        "outcome": "ktv",
        "driver_method": "lmg",
        "driver_level": "touchpoint",
        "r2": draw.r2,
        "r2_covariates": 0.05,
        "r2_low": draw.r2 - 0.03,
        "r2_high": draw.r2 + 0.03,
        "r2_drivers": draw.r2,
        "r2_drivers_low": draw.r2 - 0.03,
        "r2_drivers_high": draw.r2 + 0.03,
        "adj_r2": draw.r2 - 0.002,
        "cv_r2": draw.r2 - 0.01,
        "n_obs": total,
        "n_complete": total // 3,
        "n_dropped": 17,
        "n_practices_model": practices,
        "n_terms": 8,
        "condition_index": 4.25,
        "n_samples_failed": 3,
        "missing_method": "em",
        "data_hash": "3f9a1c77e0b2",
        "journey_hash": "8be0d4c1f2aa",
        "settings_hash": "01ffc2ab9d3e",
        "version": "0.1.0",
        "software": {"numpy": "2.4.6", "pandas": "3.1.1", "python": "3.11.7", "scipy": "1.17.1"},
        "driver_errors": "bootstrap",
        "certainty": 0.8,
        "smallest_gain": 0.02,
        "driver_notes": [{"code": "few_responses", "n": 54, "terms": 8}],
        "priority_notes": [{"code": "no_recommendation"}],
        "cv_note": None,
        "drivers_reason": "",
        "case_mix": [variable.id for variable in journey.case_mix] if case_mix else [],
    }
    if not drivers:
        absent = ("r2", "r2_low", "r2_high", "adj_r2", "cv_r2", "r2_drivers", "r2_drivers_low", "r2_drivers_high")
        meta |= dict.fromkeys(absent)
        meta["drivers_reason"] = "too few complete responses: 12 rows for 6 drivers; at least 60 are needed"
    return Example(Results(StudyFacts.model_validate(meta), frames), journey)


class _Draw:
    def __init__(
        self, journey: Journey, rng: np.random.Generator, sizes: dict[str, int], *, drivers: bool, case_mix: bool
    ) -> None:
        self.journey, self.rng, self.sizes = journey, rng, sizes
        self.with_drivers, self.case_mix = drivers, case_mix
        k = len(journey.touchpoints)
        self.ids = [touchpoint.id for touchpoint in journey.touchpoints]
        self.names = list(sizes)
        self.suppressed = {name: n < 10 for name, n in sizes.items()}
        quality = 80 + rng.normal(0, 4, k) + rng.normal(0, 5, (len(sizes), k))
        quality[0] = np.linspace(88, 62, k)[rng.permutation(k)]
        quality[0, -1] = 55.0
        self.score = quality.clip(20, 98)
        weights = rng.uniform(0.3, 2.0, k)
        weights[-1] = 1.8
        self.r2 = 0.65
        self.importance = self.r2 * weights / weights.sum()
        self.seen = np.where([touchpoint.optional for touchpoint in journey.touchpoints], 0.4, 0.96)

    def practices(self, invited: int | None) -> pd.DataFrame:
        rows = [
            {
                "practice_id": name,
                "name": PRACTICE_NAME if name == PRACTICE_ID else f"Praktijk {i}",
                "n": n,
                "first_date": "2026-01-01",
                "last_date": "2026-06-30",
                "n_rejected": 3 if n >= 10 else 0,
                "n_invited": invited if name == PRACTICE_ID else None,
                "suppressed": self.suppressed[name],
                "reason": "fewer than 10 respondents" if self.suppressed[name] else "",
            }
            for i, (name, n) in enumerate(self.sizes.items())
        ]
        return pd.DataFrame(rows).astype({"n_invited": "Int64"})

    def outcomes(self) -> pd.DataFrame:
        rows: list[dict[str, Any]] = []
        specs = [
            ("ktv", "ktv", "mean", "grade", 8.5, 0.25, 1.3, "t"),
            ("ktv", "ktv", "top2", "proportion", 0.52, 0.08, 0.5, "wilson"),
            ("ktv", "ktv", "insufficient", "proportion", 0.06, 0.02, 0.2, "wilson"),
            ("nps", "nps", "net", "net", 0.38, 0.08, 0.75, "adjusted wald"),
            ("nps", "nps", "mean", "scale", 8.2, 0.2, 1.6, "t"),
            ("ces", "ces", "mean", "scale", 4.0, 0.1, 0.8, "t"),
            ("ces", "ces", "low_effort", "proportion", 0.71, 0.05, 0.45, "wilson"),
            ("ces", "ces", "net_easy", "net", 0.62, 0.06, 0.7, "adjusted wald"),
            ("returned", "behaviour", "share", "proportion", 0.81, 0.05, 0.4, "wilson"),
            ("recommended", "behaviour", "share", "proportion", 0.34, 0.05, 0.47, "wilson"),
        ]
        several = len(self.sizes) >= FEWEST_PRACTICES
        for position, (name, n) in enumerate([("", sum(self.sizes.values())), *self.sizes.items()]):
            hidden = self.suppressed.get(name, False)
            for outcome, kind, metric, unit, centre, spread, sd, method in specs:
                compared = several and not hidden and kind != "behaviour" and metric == MAIN_METRIC[kind]
                low_score = name == PRACTICE_ID and kind != "ces"
                value = centre + (-1.4 if low_score else self.rng.normal()) * spread * (position > 0)
                half = 1.96 * sd / np.sqrt(n)
                verdict = ""
                if name and not hidden and several:
                    verdict = (
                        "lower" if value + half < centre else "higher" if value - half > centre else "no difference"
                    )
                rows.append(
                    {
                        "practice_id": name,
                        "outcome": outcome,
                        "kind": kind,
                        "metric": metric,
                        "unit": unit,
                        "n": n,
                        "estimate": np.nan if hidden else value,
                        "ci_low": np.nan if hidden else value - half,
                        "ci_high": np.nan if hidden else value + half,
                        "method": method,
                        "adjusted": value * 0.99 if compared else np.nan,
                        "benchmark": centre if several else np.nan,
                        "benchmark_low": centre - spread * 0.67 if several else np.nan,
                        "benchmark_high": centre + spread * 0.67 if several else np.nan,
                        **_difference(value - centre, half, known=bool(verdict)),
                        "verdict": verdict,
                        "suppressed": hidden,
                        "reason": "fewer than 10 respondents" if hidden else "",
                    }
                )
        return pd.DataFrame(rows)

    def distributions(self) -> pd.DataFrame:
        rows = []
        for outcome in self.journey.rated_outcomes:
            scale = self.journey.scales[outcome.scale or ""]
            values = np.arange(scale.min, scale.max + 1)
            weight = np.exp(-0.5 * ((values - scale.min) / (scale.max - scale.min) - 0.85) ** 2 / 0.03)
            for name, n in [("", sum(self.sizes.values())), *self.sizes.items()]:
                hidden = self.suppressed.get(name, False)
                share = weight / weight.sum()
                for value, part in zip(values, share, strict=True):
                    count = round(n * float(part))
                    rows.append((name, outcome.id, int(value), count, np.nan if hidden else float(part), hidden))
        return pd.DataFrame(rows, columns=["practice_id", "outcome", "value", "n", "share", "suppressed"])

    def _percentiles(self, at: list[int]) -> np.ndarray:
        """Of practices, NaN where there are too few to say what is usual."""
        if len(self.sizes) < FEWEST_PRACTICES:
            return np.full((len(at), len(self.ids)), np.nan)
        return np.percentile(self.score[1:], at, axis=0)

    def _counts(self, n: int, j: int) -> tuple[int, int, int]:
        answered = round(n * float(self.seen[j]))
        optional = self.journey.touchpoints[j].optional
        return answered, (n - answered) if optional else 0, 0 if optional else n - answered

    def touchpoints(self) -> pd.DataFrame:
        rows: list[dict[str, Any]] = []
        benchmark = self._percentiles([25, 50, 75])
        for i, (name, n) in enumerate([("", sum(self.sizes.values())), *self.sizes.items()]):
            score = self.score.mean(axis=0) if not name else self.score[i - 1]
            for j, touchpoint in enumerate(self.ids):
                answered, not_applicable, missing = self._counts(n, j)
                hidden = answered < 10
                mean = float(score[j])
                half = 1.96 * 20 / np.sqrt(max(answered, 1))
                reliability = answered / (answered + 40)
                shrunk = float(benchmark[1, j] + reliability * (mean - benchmark[1, j]))
                negative = float(np.clip(0.9 - mean / 100, 0.02, 0.9))
                figures = {
                    "mean": mean,
                    "ci_low": mean - half,
                    "ci_high": min(100.0, mean + half),
                    "shrunk": shrunk,
                    "shrunk_low": shrunk - half * 0.8,
                    "shrunk_high": min(100.0, shrunk + half * 0.8),
                    "reliability": reliability,
                    "share_negative": negative,
                    "feels": (mean - 50) / 25,
                }
                rows.append(
                    {
                        "practice_id": name,
                        "touchpoint": touchpoint,
                        "position": j,
                        "n": answered,
                        "n_not_applicable": not_applicable,
                        "n_missing": missing,
                        **{key: np.nan if hidden else value for key, value in figures.items()},
                        "benchmark_low": float(benchmark[0, j]),
                        "benchmark_high": float(benchmark[2, j]),
                        "suppressed": hidden,
                        "reason": "fewer than 10 respondents" if hidden else "",
                    }
                )
        return pd.DataFrame(rows)

    def items(self) -> pd.DataFrame:
        rows = []
        for i, (name, n) in enumerate([("", sum(self.sizes.values())), *self.sizes.items()]):
            score = self.score.mean(axis=0) if not name else self.score[i - 1]
            for j, touchpoint in enumerate(self.journey.touchpoints):
                answered = self._counts(n, j)[0]
                hidden = answered < 10
                for m, item in enumerate(touchpoint.items):
                    mean = float(np.clip(score[j] + 6 - 5 * m, 0, 100))
                    negative = np.nan if hidden else float(np.clip(0.9 - mean / 100, 0.02, 0.9))
                    rows.append((name, item.id, touchpoint.id, answered, np.nan if hidden else mean, negative, hidden))
        frame = pd.DataFrame(
            rows, columns=["practice_id", "item", "touchpoint", "n", "mean", "share_negative", "suppressed"]
        )
        frame["mean_over"] = np.where(frame["suppressed"], "", "all")
        means = frame.groupby(["practice_id", "touchpoint"])["mean"]
        rank = means.rank(method="first")
        frame["lowest"] = frame["mean"].notna() & (rank == 1)
        others = frame["mean"].where(rank == 2).groupby([frame["practice_id"], frame["touchpoint"]])
        second = others.transform("max").fillna(np.inf)
        frame["clearly_lowest"] = frame["lowest"] & (second - frame["mean"] >= 2)
        return frame

    def reliability(self) -> pd.DataFrame:
        rows = []
        for j, touchpoint in enumerate(self.journey.touchpoints):
            k = len(touchpoint.items)
            alpha = 0.62 + 0.03 * (j % 9)
            verdict = "strong" if alpha >= 0.8 else "groups" if alpha >= 0.7 else "exploration"
            rows.append(
                {
                    "scale": touchpoint.id,
                    "n": sum(self.sizes.values()),
                    "k": k,
                    "alpha": alpha,
                    "alpha_low": alpha - 0.03,
                    "alpha_high": alpha + 0.03,
                    "alpha_interval": "bootstrap of practices",
                    "omega": alpha + 0.01 if k > 2 else np.nan,
                    "spearman_brown": alpha if k == 2 else np.nan,
                    "icc": 0.06,
                    "n_for_70": 37,
                    "n_for_80": 63,
                    "n_for_90": 141,
                    "verdict": verdict,
                    "reason": "",
                }
            )
        return pd.DataFrame(rows)

    def drivers(self) -> pd.DataFrame:
        if not self.with_drivers:
            return pd.DataFrame(
                columns=[
                    *("touchpoint", "n", "beta", "std_error", "ci_low", "ci_high", "p_value", "b_raw", "vif"),
                    *("importance", "importance_low", "importance_high", "share", "rank", "rank_low", "rank_high"),
                    *("p_top3", "sign_flag", "reason"),
                ]
            )
        beta = np.sqrt(self.importance) * 0.9
        rank = (-self.importance).argsort().argsort() + 1
        k = len(self.ids)
        return pd.DataFrame(
            {
                "touchpoint": self.ids,
                "n": sum(self.sizes.values()),
                "beta": beta,
                "std_error": 0.02,
                "ci_low": beta - 0.04,
                "ci_high": beta + 0.04,
                "p_value": 1e-4,
                "b_raw": beta * 0.06,
                "vif": 1.6,
                "importance": self.importance,
                "importance_low": self.importance * 0.8,
                "importance_high": self.importance * 1.2,
                "share": self.importance / self.r2,
                "rank": rank,
                "rank_low": np.maximum(rank - 1, 1),
                "rank_high": np.minimum(rank + 1, k),
                "p_top3": np.clip(1.2 - rank / 4, 0.01, 0.99),
                "sign_flag": "",
                "reason": "",
            }
        )

    def priorities(self) -> pd.DataFrame:
        if not self.with_drivers:
            return pd.DataFrame(columns=_PRIORITY_COLUMNS)
        target = self._percentiles([75])[0]
        rows: list[dict[str, Any]] = []
        for i, (name, n) in enumerate(self.sizes.items()):
            gap = np.maximum(target - self.score[i], 0)
            effect = np.sqrt(self.importance) * 0.02
            gain = effect * gap
            rank = (-gain).argsort(kind="stable").argsort() + 1
            for j, touchpoint in enumerate(self.ids):
                answered = self._counts(n, j)[0]
                hidden = answered < 10
                half = 1.96 * 16 / np.sqrt(max(answered, 1))
                status = "keep" if gain[j] < 0.02 else "undecided" if rank[j] >= 3 or n < 60 else "act"
                untargeted = bool(np.isnan(target[j]))
                figures = {
                    "importance": self.importance[j],
                    "performance": self.score[i, j],
                    "performance_low": self.score[i, j] - half,
                    "performance_high": min(100.0, self.score[i, j] + half),
                    "share_negative": float(np.clip(0.9 - self.score[i, j] / 100, 0.02, 0.9)),
                    "improvement_score": float(self.importance[j] * 10 * (0.9 - self.score[i, j] / 100)),
                    "target": target[j],
                    "target_stated": np.nan,
                    "effect": effect[j],
                    "met_share": 1.0,
                    "gain": gain[j],
                    "gain_low": gain[j] * 0.4,
                    "gain_high": gain[j] * 1.6,
                    "gain_nps": gain[j] * 0.1,
                    "rank": float(rank[j]),
                    "rank_low": max(1.0, rank[j] - (1.0 if n >= 60 else 4.0)),
                    "rank_high": min(float(len(self.ids)), rank[j] + (1.0 if n >= 60 else 4.0)),
                    "p_top3": float(np.clip(1.15 - rank[j] / 5, 0.02, 0.99)) if n >= 60 else 0.5,
                }
                if untargeted:
                    figures |= dict.fromkeys(_RANKED, np.nan)
                rows.append(
                    {
                        "practice_id": name,
                        "touchpoint": touchpoint,
                        **{key: np.nan if hidden else value for key, value in figures.items()},
                        "status": "" if hidden or untargeted else status,
                        "needed_n": 0 if status != "undecided" or hidden else max(30, 160 - n // 4),
                        "suppressed": hidden,
                        "reason": "fewer than 10 respondents" if hidden else "",
                        "reason_code": "few_respondents" if hidden else "no_target" if untargeted else "",
                    }
                )
        return pd.DataFrame(rows, columns=_PRIORITY_COLUMNS)

    def practice_variance(self) -> pd.DataFrame:
        names = [*[outcome.id for outcome in self.journey.rated_outcomes], *self.ids]
        return pd.DataFrame(
            {
                "outcome_or_touchpoint": names,
                "icc": 0.05,
                "sigma2_between": 0.09,
                "sigma2_within": 1.6,
                "n_for_70": 45,
                "n_for_80": 76,
                "n_for_90": 171,
                "f_value": 3.2,
                "p_value": 0.0001,
                "phi_overdispersion": 1.4,
                "reason": "",
            }
        )

    def funnel(self) -> pd.DataFrame:
        rows = []
        outcomes = ("ktv", "nps", "ces") if len(self.sizes) >= FEWEST_PRACTICES else ()
        for outcome in outcomes:
            centre = {"ktv": 8.5, "nps": 0.38, "ces": 4.0}[outcome]
            sd = {"ktv": 1.3, "nps": 0.75, "ces": 0.8}[outcome]
            for name, n in self.sizes.items():
                if self.suppressed[name]:
                    continue
                estimate = centre + (-0.35 * sd if name == PRACTICE_ID else self.rng.normal() * sd * 0.15)
                s = np.sqrt(sd**2 / n + (sd * 0.1) ** 2)
                z = abs(estimate - centre) / s
                flag = "" if z < 1.96 else "low" if estimate < centre else "high"
                limits = (centre - 1.96 * s, centre + 1.96 * s, centre - 3.09 * s, centre + 3.09 * s)
                rows.append((outcome, name, n, estimate, *limits, centre, flag))
        columns = ["outcome", "practice_id", "n", "estimate", "low95", "high95", "low998", "high998", "centre", "flag"]
        return pd.DataFrame(rows, columns=columns)

    def comparisons(self) -> pd.DataFrame:
        several = len(self.sizes) >= FEWEST_PRACTICES
        rows = []
        for outcome in self.journey.outcomes:
            rated = outcome.kind != "behaviour"
            figures = {
                **{"n_obs": sum(self.sizes.values()), "n_practices": len(self.sizes), "sigma2_between": 0.04},
                **{"sigma2_within": 1.2, "icc": 0.032, "meaningful": 0.22},
                **{"statistic": 5.4, "df1": 24.0, "df2": 3000.0 if rated else np.inf, "p_value": 1e-5},
                **{"centre": 8.5, "sigma": 1.1, "phi": 3.2, "tau2": 0.02},
            }
            if not several:
                figures = dict.fromkeys(figures, np.nan)
            if not rated:
                figures |= dict.fromkeys(("centre", "sigma", "phi", "tau2"), np.nan)
            names = {"outcome": outcome.id, "metric": MAIN_METRIC[outcome.kind] if several else ""}
            test = ("F" if rated else "likelihood ratio") if several else ""
            reason = "" if several else "1 practices have enough answers; from 5 on they are compared."
            rows.append({**names, **figures, "test": test, "reason": reason})
        return pd.DataFrame(rows)

    def case_mix_effects(self) -> pd.DataFrame:
        columns = ["outcome", "term", "variable", "level", "used", "estimate", "std_error", "n_imputed", "reason"]
        terms = [("age", "", ""), *(("health", level, "") for level in ("fair", "good", "very_good"))]
        terms.append(("health", "excellent", "fewer people than a figure may rest on"))
        rows = [
            (outcome.id, f"{name}={level}" if level else name, name, level, True, *_effect(reason), reason)
            for outcome in self.journey.outcomes
            for name, level, reason in terms
        ]
        shown = self.case_mix and len(self.sizes) >= FEWEST_PRACTICES
        return pd.DataFrame(rows if shown else [], columns=columns).astype({"n_imputed": "Int64"})

    def trend(self, waves: int) -> pd.DataFrame:
        rows = []
        for outcome, centre, sd in (("ktv", 8.2, 1.3), ("nps", 0.3, 0.75), ("ces", 4.0, 0.8)):
            for name, n in self.sizes.items():
                for wave in range(waves):
                    part = n // waves
                    hidden = part < 10
                    value = centre + 0.03 * wave
                    half = 1.96 * sd / np.sqrt(max(part, 1))
                    figures = [np.nan] * 3 if hidden else [value, value - half, value + half]
                    compared = wave > 0 and not hidden
                    previous = f"2026-{wave:02d}" if compared else ""
                    change = [*_difference(0.03, half * 2**0.5, known=compared).values()]
                    since = [*_difference(0.03 * wave, half * 2**0.5, known=compared).values()][1:]
                    period = f"2026-{wave + 1:02d}"
                    count = part + (n % waves if wave == waves - 1 else 0)
                    rows.append((name, outcome, period, count, *figures, previous, *change, *since, hidden))
        columns = ["practice_id", "outcome", "period", "n", "estimate", "ci_low", "ci_high", "previous"]
        columns += ["difference", "difference_low", "difference_high", "since_first_low", "since_first_high"]
        return pd.DataFrame(rows, columns=[*columns, "suppressed"])

    def comments(self, count: int) -> pd.DataFrame:
        texts = [
            "Fijn geholpen, maar ik moest wel lang wachten zonder dat iemand iets zei.",
            "Wat kost dat veel! Dat had ik graag vooraf geweten.",
            "Niets, ga zo door. De assistente was heel vriendelijk.",
            "De verdoving werkte pas na de tweede prik; toen was hij al begonnen met boren.",
            "Bellen lukt nooit: altijd in gesprek. Ik bel nu maar via [telefoonnummer].",
            "Dokter [naam] legde alles rustig uit.",
        ]
        question = self.journey.open_questions[0].id if self.journey.open_questions else "comment"
        rows = [
            (name, question, texts[i % len(texts)] + (f" ({i // len(texts) + 1})" if i >= len(texts) else ""))
            for name in self.names
            if not self.suppressed[name]
            for i in range(count)
        ]
        return pd.DataFrame(rows, columns=["practice_id", "question", "text"])


def _difference(value: float, half: float, *, known: bool) -> dict[str, float]:
    """A difference with its interval."""
    figures = {"difference": value, "difference_low": value - half, "difference_high": value + half}
    return figures if known else dict.fromkeys(figures, np.nan)


def _effect(reason: str) -> tuple[float, float, int]:
    """Estimate, its error, and how many were put in."""
    return (np.nan, np.nan, 0) if reason else (0.012, 0.004, 14)


_PRIORITY_COLUMNS = [
    *("practice_id", "touchpoint", "importance", "performance", "performance_low", "performance_high"),
    *("share_negative", "improvement_score", "target", "gain", "gain_low", "gain_high", "gain_nps", "rank"),
    *("rank_low", "rank_high", "p_top3", "status", "needed_n", "suppressed", "reason", "reason_code"),
    *("effect", "met_share", "target_stated"),
]
_RANKED = ("target", "gain", "gain_low", "gain_high", "gain_nps", "rank", "rank_low", "rank_high", "p_top3")
