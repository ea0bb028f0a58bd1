"""The answers that reports rest on: those of the previous release, and new ones once there are enough of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pxanalysis.analysis.privacy.waiting import SHOWN, hold_back_answers
from pxanalysis.errors import StudyError

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = ["Release", "describe_waiting", "read_release", "release_answers"]


@dataclass(frozen=True, slots=True)
class Release:
    """The answers that reports rest on.

    Attributes
    ----------
    responses
        With only these answers.
    waiting
        New answers that do not count yet, per practice where there are some.
    data_hash
        SHA-256 of these answers as CSV, in order of response id.
    """

    responses: Responses
    waiting: dict[str, int]
    data_hash: str


def release_answers(responses: Responses, path: Path, minimum_n: int) -> Release:
    """Return the answers for the reports to be made now; they are kept for the next release to be held against.

    Parameters
    ----------
    path
        Parquet file with the answers of the previous release; it is made, or replaced by those of this one.
    minimum_n
        Smallest number of people by whom two releases of a practice may differ.

    Raises
    ------
    StudyError
        When the file cannot be read. A release that is not known cannot be kept apart from the next.
    """
    table, waiting = hold_back_answers(responses.table, _read(path), minimum_n=minimum_n)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".writing-{path.name}")
    table.write_parquet(temporary)
    # Before the results are: a release that nobody saw holds back too much, one that is not known too little.
    temporary.replace(path)
    shown = table.drop(SHOWN)
    digest = hashlib.sha256(shown.write_csv().encode()).hexdigest()
    return Release(replace(responses, table=shown), waiting, digest)


def describe_waiting(waiting: Mapping[str, int], minimum_n: int) -> list[str]:
    """Say how many new answers do not count yet; no message when none waits."""
    if not waiting:
        return []
    return [
        f"{sum(waiting.values())} new answers of {len(waiting)} practices wait until {minimum_n} have come in there: "
        "reports that differ by fewer people would tell what those few said."
    ]


def read_release(path: Path) -> pl.DataFrame | None:
    """The answers of the last release; None when there was none.

    Raises
    ------
    StudyError
        When the file cannot be read.
    """
    table = _read(path)
    return None if table is None else table.drop(SHOWN)


def _read(path: Path) -> pl.DataFrame | None:
    if not path.exists():
        return None
    try:
        table = pl.read_parquet(path)
        _ = table.select("response_id", "practice_id", SHOWN)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise StudyError(
            f"{path}: cannot be read ({error!s:.120}). It holds the answers that reports rest on. Restore it from a "
            "backup; or remove it, and the next reports show all answers, however few of them are new."
        ) from error
    return table
