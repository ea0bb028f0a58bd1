"""What tests of several rooms share: ktv, nps, ces and behaviours against published intervals, statsmodels, r's
survey package and simulated truth.
"""

from __future__ import annotations

import json
from datetime import date, timedelta

import pandas as pd
import polars as pl
import pytest
from places import TESTS

from pxanalysis.journey.model import Journey
from pxanalysis.survey.responses import REJECTED_COLUMNS, Responses

REFERENCE = TESTS / "reference" / "practices"


R = json.loads((REFERENCE / "reference.json").read_text())


# R printed 12 significant digits
TIGHT = {"rel": 1e-9, "abs": 1e-11}


def text(word: str) -> dict[str, str]:
    return {"nl": word, "en": word}


def make_journey(nps: tuple[int, int] = (0, 10), ces: tuple[int, int, str] = (1, 5, "higher-is-better")) -> Journey:
    outcomes = [
        {"id": "ktv", "kind": "ktv", "scale": "grade"},
        {"id": "nps", "kind": "nps", "scale": "likely"},
        {"id": "ces", "kind": "ces", "scale": "effort", "direction": ces[2]},
        {"id": "returned", "kind": "behaviour"},
    ]
    return Journey.model_validate(
        {
            "id": "small",
            "title": text("small"),
            "description": text("small"),
            "providers": [{"id": "practice", "label": text("practice")}],
            "scales": {
                "grade": {"min": 1, "max": 10},
                "likely": {"min": nps[0], "max": nps[1]},
                "effort": {"min": ces[0], "max": ces[1]},
            },
            "steps": [
                {
                    "id": "visit",
                    "label": text("visit"),
                    "sentence": text("I visit"),
                    "provider": "practice",
                    "touchpoints": [
                        {
                            "id": "desk",
                            "label": text("desk"),
                            "items": [{"id": "friendly", "text": text("friendly"), "scale": "grade"}],
                        }
                    ],
                }
            ],
            "outcomes": [{**one, "label": text(one["id"]), "text": text(one["id"])} for one in outcomes],
        }
    )


def make_responses(columns: dict[str, object], practice: object = "a", journey: Journey | None = None) -> Responses:
    n = len(next(iter(columns.values())))
    base = {
        "response_id": [str(i) for i in range(n)],
        "practice_id": [practice] * n if isinstance(practice, str) else list(practice),
        "completed_on": [date(2025, 1, 1) + timedelta(days=i % 300) for i in range(n)],
        "role": ["patient"] * n,
        "channel": ["web" if i % 2 else "paper" for i in range(n)],
        "simulated": [True] * n,
    }
    return Responses(
        journey=journey or make_journey(),
        table=pl.DataFrame({**base, **columns}, strict=False),
        rejected=pl.DataFrame(schema=REJECTED_COLUMNS),
    )


def row(result: pd.DataFrame, metric: str, practice: str = "a") -> pd.Series:
    found = result[(result["metric"] == metric) & (result["practice_id"] == practice)]
    assert len(found) == 1
    return found.iloc[0]


@pytest.fixture(scope="module")
def patients() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "patients.csv")


# --- Definitions by hand --------------------------------------------------------------------------------------------

KTV = [10, 9, 9, 8, 8, 7, 6, 5, 3, 10]


NPS = [10, 9, 9, 8, 7, 6, 6, 0, 10, 8]
