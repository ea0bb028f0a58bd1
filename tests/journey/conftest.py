"""A journey that is as small as the model allows, for tests to change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pxanalysis.errors import JourneyError
from pxanalysis.journey.reading import read_journey


def _both(word: str) -> dict[str, str]:
    return {"nl": f"{word} (nl)", "en": f"{word} (en)"}


@pytest.fixture
def content() -> dict[str, Any]:
    """What a small journey file holds, as plain Python."""
    touchpoint = {
        "id": "desk",
        "label": _both("Desk"),
        "items": [
            {"id": "desk_kind", "text": _both("Kind"), "scale": "agree"},
            {"id": "desk_slow", "text": _both("Slow"), "scale": "agree", "direction": "lower-is-better"},
        ],
        "ideas": [{"id": "idea_smile", "title": _both("smile"), "text": _both("Smile.")}],
    }
    return {
        "id": "small",
        "title": _both("Small"),
        "description": _both("Small journey"),
        "providers": [{"id": "practice", "label": _both("Practice")}],
        "scales": {
            "agree": {"min": 1, "max": 5, "not_applicable": [9], "labels": {1: _both("no"), 5: _both("yes")}},
            "grade": {"min": 1, "max": 10},
        },
        "steps": [
            {
                "id": "arriving",
                "label": _both("Arriving"),
                "sentence": _both("I arrive"),
                "provider": "practice",
                "touchpoints": [touchpoint],
            }
        ],
        "outcomes": [
            {"id": "grade", "kind": "ktv", "label": _both("Grade"), "text": _both("Grade?"), "scale": "grade"},
            {"id": "returned", "kind": "behaviour", "label": _both("Back"), "text": _both("Back?")},
        ],
        "case_mix": [{"id": "age", "label": _both("Age"), "type": "number", "range": [0, 110]}],
        "open_questions": [{"id": "comment", "text": _both("Comment?")}],
    }


@pytest.fixture
def refusal(tmp_path: Path) -> Callable[[str | bytes], list[str]]:
    """Read a file with this text and return the lines of the error it gives, without the folder."""

    def refuse(text: str | bytes) -> list[str]:
        path = tmp_path / "own.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        with pytest.raises(JourneyError) as caught:
            read_journey(path)
        return [line.removeprefix(f"{tmp_path}/") for line in str(caught.value).splitlines()]

    return refuse
