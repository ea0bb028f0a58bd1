"""Small journeys and responses whose scores are the numbers given, for tests of driver models."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import polars as pl

from pxanalysis.journey.model import Journey
from pxanalysis.survey.policy import NOT_APPLICABLE_PREFIX
from pxanalysis.survey.responses import REJECTED_COLUMNS, Responses


def both(word: str) -> dict[str, str]:
    return {"nl": word, "en": word}


def score_journey(
    items: dict[str, Sequence[str]], *, case_mix: Sequence[dict] = (), ktv_direction="higher-is-better"
) -> Journey:
    """A journey of one step per touchpoint; items are answered on 0-100, so that an answer is its score."""
    return Journey.model_validate(
        {
            "id": "test",
            "title": both("test"),
            "description": both("test"),
            "providers": [{"id": "practice", "label": both("practice")}],
            "scales": {
                "score": {"min": 0, "max": 100, "not_applicable": [-1]},
                "grade": {"min": 1, "max": 10},
                "likelihood": {"min": 0, "max": 10},
            },
            "steps": [
                {
                    "id": f"step_{touchpoint}",
                    "label": both(touchpoint),
                    "sentence": both(touchpoint),
                    "provider": "practice",
                    "touchpoints": [
                        {
                            "id": touchpoint,
                            "label": both(touchpoint),
                            "items": [{"id": name, "text": both(name), "scale": "score"} for name in names],
                        }
                    ],
                }
                for touchpoint, names in items.items()
            ],
            "outcomes": [
                {
                    "id": "ktv",
                    "kind": "ktv",
                    "label": both("ktv"),
                    "text": both("ktv"),
                    "scale": "grade",
                    "direction": ktv_direction,
                },
                {"id": "nps", "kind": "nps", "label": both("nps"), "text": both("nps"), "scale": "likelihood"},
                {"id": "returned", "kind": "behaviour", "label": both("back"), "text": both("back")},
            ],
            "case_mix": list(case_mix),
        }
    )


def plain_journey(drivers: Sequence[str], **options) -> Journey:
    """One item ``<driver>_item`` per touchpoint."""
    return score_journey({name: [f"{name}_item"] for name in drivers}, **options)


def as_responses(
    journey: Journey, answers: pd.DataFrame, practice: Sequence[object] | None = None, met: pd.DataFrame | None = None
) -> Responses:
    """Responses with these item answers and outcomes; ``met`` says False where an item is "not applicable"."""
    table = pl.DataFrame({name: pl.Series(answers[name].to_numpy(), nan_to_null=True) for name in answers})
    ids = ["p"] * len(answers) if practice is None else [str(one) for one in practice]
    fixed = {
        "response_id": [f"r{i}" for i in range(len(answers))],
        "practice_id": ids,
        "simulated": [True] * len(answers),
    }
    absent = [o.id for o in journey.outcomes if o.id not in answers] + [
        i.id for i in journey.items if i.id not in answers
    ]
    empty = {name: pl.Series([None] * len(answers), dtype=pl.Float64) for name in absent}
    flags = {} if met is None else {NOT_APPLICABLE_PREFIX + name: ~met[name].to_numpy() for name in met}
    table = pl.DataFrame({**fixed, **{c: table[c] for c in table.columns}, **empty, **flags})
    return Responses(journey, table, pl.DataFrame(schema=REJECTED_COLUMNS), {})


def linear_study(
    n: int = 600,
    practices: int = 50,
    slopes: Sequence[float] = (0.05, 0.03, 0.0),
    *,
    seed: int = 1,
    practice_sd: float = 3.0,
    noise: float = 1.0,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Scores t0, t1, ... (items ``t0_item`` ...) that share a halo, and ``ktv`` as their weighted sum plus noise."""
    rng = np.random.default_rng(seed)
    practice = np.arange(n) % practices
    p = len(slopes)
    scores = 60 + 8 * rng.standard_normal((n, 1)) + 10 * rng.standard_normal((n, p))
    scores += practice_sd * rng.standard_normal((practices, p))[practice]
    ktv = (
        2 + scores @ np.array(slopes) + noise * rng.standard_normal(n) + 0.3 * rng.standard_normal(practices)[practice]
    )
    return pd.DataFrame({**{f"t{i}_item": scores[:, i] for i in range(p)}, "ktv": ktv}), practice
