"""What tests of several rooms share: practices side by side against lme4, base r, mass, metafor and psych,
published values and simulated truth.
"""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
from places import TESTS

from pxanalysis.journey.model import Journey
from pxanalysis.survey.responses import REJECTED_COLUMNS, Responses

REFERENCE = TESTS / "reference" / "practices"


R = json.loads((REFERENCE / "reference.json").read_text())


# R printed 12 significant digits; base R and ours are both exact up to rounding
EXACT = {"rtol": 1e-9, "atol": 1e-11}


def text(word: str) -> dict[str, str]:
    return {"nl": word, "en": word}


JOURNEY = Journey.model_validate(
    {
        "id": "small",
        "title": text("small"),
        "description": text("small"),
        "providers": [{"id": "practice", "label": text("practice")}],
        "scales": {"grade": {"min": 1, "max": 10}, "likely": {"min": 0, "max": 10}, "agree": {"min": 1, "max": 5}},
        "steps": [
            {
                "id": "visit",
                "label": text("visit"),
                "sentence": text("I visit"),
                "provider": "practice",
                "touchpoints": [
                    {
                        "id": name,
                        "label": text(name),
                        "items": [{"id": f"{name}_{i}", "text": text(name), "scale": "agree"} for i in (1, 2)],
                    }
                    for name in ("desk", "care")
                ],
            }
        ],
        "outcomes": [
            {"id": "ktv", "kind": "ktv", "label": text("ktv"), "text": text("ktv"), "scale": "grade"},
            {"id": "nps", "kind": "nps", "label": text("nps"), "text": text("nps"), "scale": "likely"},
            {"id": "returned", "kind": "behaviour", "label": text("returned"), "text": text("returned")},
        ],
        "case_mix": [
            {"id": "age", "label": text("age"), "type": "number"},
            {
                "id": "health",
                "label": text("health"),
                "type": "category",
                "levels": [{"id": level, "label": text(level)} for level in ("fair", "good", "poor")],
            },
        ],
    }
)


def make_responses(columns: dict[str, object], practice: object) -> Responses:
    n = len(next(iter(columns.values())))
    base = {
        "response_id": [str(i) for i in range(n)],
        "practice_id": list(practice),
        "completed_on": [None] * n,
        "role": ["patient"] * n,
        "channel": ["web"] * n,
        "simulated": [True] * n,
    }
    items = {f"{name}_{i}": [None] * n for name in ("desk", "care") for i in (1, 2)}
    table = pl.DataFrame({**base, **items, **columns}, strict=False).with_columns(pl.col(pl.Null).cast(pl.Int64))
    return Responses(JOURNEY, table, pl.DataFrame(schema=REJECTED_COLUMNS), {})


@pytest.fixture(scope="module")
def patients() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "patients.csv")


@pytest.fixture(scope="module")
def codes(patients: pd.DataFrame) -> np.ndarray:
    return pd.factorize(patients["practice"], sort=True)[0].astype(np.intp)


@pytest.fixture(scope="module")
def responses(patients: pd.DataFrame) -> Responses:
    columns = {
        "ktv": patients["grade"].to_list(),
        "returned": patients["binary"].to_list(),
        "desk_1": patients["ordinal"].to_list(),
        "desk_2": patients["ordinal"].to_list(),
        "age": patients["age"].to_list(),
        "health": patients["health"].to_list(),
        "weight": patients["weight"].to_list(),
    }
    return make_responses(columns, patients["practice"])


def simulate(
    rng: np.random.Generator, practices: int, size: int, icc: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values of patients with variance 1, their practice, and the practices' true means (8 on average)."""
    truth = 8 + rng.normal(0, math.sqrt(icc), practices)
    codes = np.repeat(np.arange(practices), rng.integers(max(1, size // 2), size * 2, practices)).astype(np.intp)
    return truth[codes] + rng.normal(0, math.sqrt(1 - icc), codes.size), codes, truth
