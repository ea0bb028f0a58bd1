"""What somebody who read the comments decided about each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

__all__ = ["VERDICTS", "Decision", "Verdict"]

Verdict = Literal["keep", "mask", "withhold"]
"""Shown as it was masked; shown as the reader masked it; not shown."""

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, and the text to show."""

    verdict: Verdict
    text: str = ""
