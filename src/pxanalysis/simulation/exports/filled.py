"""One filled-in questionnaire, before it is laid out as a tool exports it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from pxanalysis.journey.form import Form

__all__ = ["Filled"]


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """A form filled in by many, as values of the journey; what was not shown or skipped is null.

    Attributes
    ----------
    context
        ``response_id, practice_id, completed_on, channel, token, form_version, language, finished``, one row each.
    answers
        A column of text per question of the form, filter questions included.
    """

    form: Form
    context: pl.DataFrame
    answers: pl.DataFrame
