"""Which errors suit the number of practices: robust by practice, a bootstrap of practices, or within the practices."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pxanalysis.analysis.sem.options import SemOptions
from pxanalysis.analysis.sem.rows import ModelRows
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.resampling.few_practices import effective_units

__all__ = ["ErrorChoice", "choose_errors"]

FEWEST_RESAMPLED_PRACTICES = 5
"""With fewer practices there is no telling how they differ; errors are then those within these practices."""


@dataclass(frozen=True, slots=True)
class ErrorChoice:
    """How errors are made.

    Attributes
    ----------
    options
        With the estimator that is used.
    by_practice
        Whether practices count at all: in the errors, or when samples are drawn.
    resampled
        Whether errors come from a bootstrap of practices.
    notes
        What is to be said of it.
    """

    options: SemOptions
    by_practice: bool
    resampled: bool = False
    notes: tuple[str, ...] = ()


def choose_errors(options: SemOptions, rows: ModelRows, n_parameters: int, n_groups: int = 1) -> ErrorChoice:
    """Choose errors; ``auto`` goes by the number of practices, anything else is taken at its word, and said.

    Raises
    ------
    AnalysisError
        For MLM with practices or missing answers, which it cannot allow for.
    """
    practices = rows.n_clusters
    if options.estimator == "MLM":
        _check_mlm(rows)
    if options.estimator != "auto":
        return _asked(options, practices, n_parameters)
    if practices == 1:
        return ErrorChoice(replace(options, estimator="ML"), by_practice=False)
    robust = replace(options, estimator="MLR")
    if practices < FEWEST_RESAMPLED_PRACTICES:
        said = f"{practices} practices are too few to tell how they differ: errors are those within these practices"
        return ErrorChoice(robust, by_practice=False, notes=(said,))
    if practices > n_parameters or n_groups > 1:
        return _asked(robust, practices, n_parameters)
    said = (
        f"{practices} practices are fewer than the {n_parameters} parameters: errors come from a bootstrap of "
        f"practices, widened for {effective_units(rows.clusters):.0f} practices in effect, and there is no robust "
        "chi-square; the one given takes patients to be independent"
    )
    return ErrorChoice(replace(options, estimator="ML"), by_practice=True, resampled=True, notes=(said,))


def _asked(options: SemOptions, practices: int, n_parameters: int) -> ErrorChoice:
    if practices == 1:
        return ErrorChoice(options, by_practice=False)
    if options.estimator == "ML":
        said = f"ML takes patients to be independent, though they are of {practices} practices: errors may be too small"
        return ErrorChoice(options, by_practice=True, notes=(said,))
    few = f"{practices} practices are fewer than the {n_parameters} parameters: robust errors by practice are uncertain"
    return ErrorChoice(options, by_practice=True, notes=(few,) if practices <= n_parameters else ())


def _check_mlm(rows: ModelRows) -> None:
    if rows.n_clusters > 1:
        raise AnalysisError(
            f"estimator: MLM takes patients to be independent, but they are of {rows.n_clusters} practices; use 'MLR' "
            "or 'auto', which allow for them."
        )
    if rows.incomplete:
        raise AnalysisError("estimator: MLM needs complete rows; use 'MLR', or missing='listwise'.")
