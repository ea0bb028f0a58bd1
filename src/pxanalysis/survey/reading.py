"""Files read in one call: answers with their checks, and the names of practices."""

from __future__ import annotations

from pathlib import Path

from pxanalysis.errors import SurveyError
from pxanalysis.journey.model import Journey
from pxanalysis.journey.reading import read_journey
from pxanalysis.survey.columns import whole_number_columns
from pxanalysis.survey.parsing import parse_text
from pxanalysis.survey.policy import SurveyPolicy
from pxanalysis.survey.responses import Responses
from pxanalysis.survey.sources import read_source
from pxanalysis.survey.validation import validate_answers

__all__ = ["read_practice_names", "read_survey"]


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
    return Responses(journey=model, table=table.accepted, rejected=table.rejected, practice_names={})


def read_practice_names(path: Path) -> dict[str, str]:
    """Read what practices are called, by practice id.

    Raises
    ------
    SurveyError
        When the file has no columns ``practice_id`` and ``practice_name``, a row cannot be read, or a practice has
        two names.
    """
    raw = read_source(path)
    if not {"practice_id", "practice_name"} <= set(raw.cells.columns):
        found = ", ".join(raw.cells.columns[:10])
        raise SurveyError(f"{path.name}, row 1: expected the columns practice_id and practice_name, found: {found}.")
    if raw.bad_lines:
        line = raw.bad_lines[0]
        raise SurveyError(f"{path.name}, row {line.row}: {line.reason}. Put quotation marks around a name with commas.")
    names: dict[str, str] = {}
    texts = (parse_text(raw.cells[column]) for column in ("practice_id", "practice_name"))
    for row, practice_id, name in zip(raw.rows, *texts, strict=True):
        if practice_id is None or name is None:
            continue
        if names.setdefault(practice_id, name) != name:
            raise SurveyError(
                f"{path.name}, row {row}: practice '{practice_id}' is called '{names[practice_id]}' above and '{name}' "
                "here; expected one name. Remove one of the rows."
            )
    return names
