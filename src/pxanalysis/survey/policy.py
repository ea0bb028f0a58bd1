"""What happens to bad answers: stated once, in study.toml."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

__all__ = ["DONT_KNOW_PREFIX", "NOT_APPLICABLE_PREFIX", "WEIGHT", "BadAnswerPolicy", "SurveyPolicy"]

WEIGHT = "response_weight"
"""Column of the responses with how much each counts, where the study says so."""

NOT_APPLICABLE_PREFIX = "na:"
"""A Boolean column ``na:<item>`` stands beside every item that can be answered "not applicable"."""

DONT_KNOW_PREFIX = "dk:"
"""A Boolean column ``dk:<item>`` stands beside every item whose scale has an answer "I do not know"."""

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
    missing
        Cells that mean "no answer", for example ``NA`` or ``-99``; compared as they stand, and as numbers. An answer
        of a question's own scale stays an answer there, and ids are never empty by this.
    today
        The last possible date; answers from later are refused.
    most_refused
        Share (0-1) of a file's rows, or of a column's cells, that may be refused; beyond it reports are held back.
    keep
        Columns of the export that are kept beside the answers although the journey does not know them.
    """

    bad_answer: BadAnswerPolicy = "drop-cell"
    practice_pattern: str | None = None
    missing: tuple[str, ...] = ()
    today: date = field(default_factory=date.today)
    most_refused: float = 0.2
    keep: tuple[str, ...] = ()
