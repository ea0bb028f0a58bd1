"""The metric lab's 800 patients as answers to a journey of its own."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pxanalysis.journey.model import Journey
from pxanalysis.survey.reading import read_survey
from pxanalysis.survey.responses import Responses

LAB = Path(__file__).parents[1] / "reference" / "metric_lab"


def _text(english: str) -> dict[str, str]:
    return {"nl": english, "en": english}


def _outcome(name: str, kind: str, scale: str | None, direction: str = "higher-is-better") -> dict[str, object]:
    text = {"label": _text(name), "text": _text(name)}
    return {"id": name, "kind": kind, "direction": direction, **text, **({"scale": scale} if scale else {})}


def lab_journey(**changes: object) -> Journey:
    item = {"id": "q1", "text": _text("q1"), "scale": "grade10"}
    step = {"id": "visit", "label": _text("Visit"), "sentence": _text("I visit."), "provider": "practice"}
    touchpoint = {"id": "contact", "label": _text("Contact"), "items": [item]}
    parts: dict[str, object] = {
        "id": "lab",
        "title": _text("Lab"),
        "description": _text("Lab"),
        "providers": [{"id": "practice", "label": _text("Practice")}],
        "scales": {
            "grade10": {"min": 1, "max": 10},
            "likelihood": {"min": 0, "max": 10},
            "effort": {"min": 1, "max": 5},
        },
        "steps": [{**step, "touchpoints": [touchpoint]}],
        "outcomes": [
            _outcome("ktv", "ktv", "grade10"),
            _outcome("nps", "nps", "likelihood"),
            _outcome("ces", "ces", "effort", "lower-is-better"),
            _outcome("returned", "behaviour", None),
            _outcome("recommended", "behaviour", None),
        ],
        "case_mix": [{"id": "spend", "label": _text("Spend"), "type": "number", "range": [0, 100_000]}],
    }
    return Journey.model_validate(parts | changes)


def lab_rows(wave: int = 1) -> pd.DataFrame:
    rows = pd.read_csv(LAB / "patients.csv")
    rows = rows[rows["wave"] == wave].rename(columns={"patient_id": "response_id"})
    return rows.drop(columns=["wave", "age", "complex"]).assign(q1=rows["ktv"])


def read_rows(rows: pd.DataFrame, folder: Path, journey: Journey | None = None) -> Responses:
    """Write rows as an export and read them through the front door."""
    path = folder / "answers.csv"
    out = rows.copy()
    for name in out.columns.intersection(["ktv", "nps", "ces", "q1", "returned", "recommended"]):
        out[name] = out[name].astype("Int64")
    out.to_csv(path, index=False)
    return read_survey(path, journey=journey or lab_journey())
