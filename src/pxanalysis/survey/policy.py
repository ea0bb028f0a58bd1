"""What happens to bad answers: stated once, in study.toml."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

__all__ = ["BadAnswerPolicy", "SurveyPolicy"]

BadAnswerPolicy = Literal["drop-cell", "reject-row"]


@dataclass(frozen=True, slots=True)
class SurveyPolicy:
    """What happens to bad answers.

    Attributes
    ----------
    bad_answer
        ``drop-cell``: the row stays, without that answer; ``reject-row``: the row is refused whole. Practice,
        response id and date always refuse the row.
    practice_pattern
        Regular expression every practice id must match in full, for example ``[0-9]{8}`` for AGB codes.
    today
        The last possible date; answers from later are refused.
    """

    bad_answer: BadAnswerPolicy = "drop-cell"
    practice_pattern: str | None = None
    today: date = field(default_factory=date.today)
