"""Many cases of one kind: some are run every time, the others by CI only."""

from __future__ import annotations

from collections.abc import Iterable

import pytest


def some_of(cases: Iterable[object], every: int) -> list[object]:
    """Return the cases for ``parametrize``; all but the first and each ``every``-th after it are marked slow."""
    return [
        case
        if place % every == 0
        else pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=[pytest.mark.slow])
        for place, case in enumerate(cases)
    ]
