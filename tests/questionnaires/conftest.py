"""What tests of questionnaires share: a journey full of awkward texts, and a headless Chromium."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pxanalysis.journey import Journey, read_journey

if TYPE_CHECKING:
    pass

AWKWARD = (
    'Zei "hij" \'dat\'; a, b | c\td\nregel twee <b>vet</b> & ${x} {y} [z] [[Block:q]] \\"n\\" *ster* _laag_ =SOM(A1)'
)
ARABIC = "كان الاستقبال ودودا"


def spoil(value: Any, n: list[int]) -> Any:
    """Make every wording awkward, each in its own way, keeping them different from each other."""
    if isinstance(value, dict) and set(value) == {"nl", "en"}:
        n[0] += 1
        tail = ARABIC if n[0] % 3 == 0 else "x" * 400 if n[0] % 5 == 0 else AWKWARD
        return {language: f"{text} {n[0]} {tail}" for language, text in value.items()}
    if isinstance(value, dict):
        return {key: spoil(part, n) for key, part in value.items()}
    return [spoil(part, n) for part in value] if isinstance(value, list) else value


@pytest.fixture(scope="session")
def hostile() -> Journey:
    """The check-up with quotes, tabs, line ends, markup, references and right-to-left text in every wording."""
    data = read_journey("dental-checkup").model_dump(mode="json")
    return Journey.model_validate(spoil(data, [0]))
