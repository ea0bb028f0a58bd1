"""A file with answers, read and checked in one call."""

from __future__ import annotations

from pathlib import Path

from pxanalysis.errors import SurveyError
from pxanalysis.journey.model import Journey
from pxanalysis.journey.reading import read_journey
from pxanalysis.survey.checking.headers import whole_number_columns
from pxanalysis.survey.checking.validation import validate_answers
from pxanalysis.survey.policy import SurveyPolicy
from pxanalysis.survey.responses import Responses
from pxanalysis.survey.sources.read import read_source

__all__ = ["read_survey"]


def read_survey(
    path: str | Path,
    *,
    journey: str | Path | Journey,
    columns: dict[str, str] | None = None,
    policy: SurveyPolicy | None = None,
) -> Responses:
    """Read and check one file with answers, outside any study.

    Parameters
    ----------
    path
        CSV or Parquet.
    journey
        A journey, its catalogue id, or the path of its YAML file.
    columns
        Journey id to the file's column name, where they differ.

    Raises
    ------
    SurveyError
        When the file cannot be used as a whole; single bad rows and cells are in ``.rejected``.
    """
    model = read_journey(journey) if isinstance(journey, str | Path) else journey
    raw = read_source(path, whole_numbers=whole_number_columns(model, columns))
    table = validate_answers(raw, model, columns=columns, policy=policy)
    if table.accepted.height == 0:
        reason = table.rejected["reason"][0] if table.rejected.height else "no rows"
        raise SurveyError(f"{raw.name}: every row was refused; the first because: {reason}.")
    return Responses(journey=model, table=table.accepted, rejected=table.rejected)
