"""Every statistic beside its outside value: which agree, by how much, and to what tolerance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
from pandas.io.formats.style import Styler

from pxanalysis.audit.control_charts import check_control_charts
from pxanalysis.audit.correlations import check_correlations
from pxanalysis.audit.covariance_structure import check_covariance_structure, check_moments
from pxanalysis.audit.importance import check_importance
from pxanalysis.audit.metric_lab import check_metric_lab
from pxanalysis.audit.planning import check_planning
from pxanalysis.audit.practices import check_practices, check_shares
from pxanalysis.audit.record import Check, references_folder
from pxanalysis.audit.regression import check_actions, check_regression
from pxanalysis.audit.reliability import check_reliability
from pxanalysis.errors import AnalysisError
from pxanalysis.result import Result

__all__ = ["SUBJECTS", "Audit", "audit_methods"]

SUBJECTS: dict[str, Callable[[Path], Iterator[Check]]] = {
    "moments": check_moments,
    "reliability": check_reliability,
    "regression": check_regression,
    "importance": check_importance,
    "sem": check_covariance_structure,
    "practices": check_practices,
    "shares": check_shares,
    "correlations": check_correlations,
    "metric-lab": check_metric_lab,
    "planning": check_planning,
    "control-charts": check_control_charts,
    "actions": check_actions,
}
"""What can be audited, by name."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Audit(Result):
    """Values of this package beside values from elsewhere.

    Attributes
    ----------
    rows
        One row per value: ``subject, statistic, term, ours, outside, difference, tolerance, agrees, source``.
    """

    rows: pd.DataFrame

    def tidy(self) -> pd.DataFrame:
        """Every value: ours as ``estimate``, the outside one, their difference and the tolerance."""
        shown = self.rows.rename(columns={"ours": "estimate"})
        empty = {"std_error": float("nan"), "ci_low": float("nan"), "ci_high": float("nan")}
        first = ["term", "estimate", *empty]
        shown = shown.assign(**empty)
        return shown[[*first, *(name for name in shown if name not in first)]]

    def glance(self) -> pd.DataFrame:
        """How many values were compared, how many agree, and what differs most for its tolerance."""
        n, agree = len(self.rows), int(self.rows["agrees"].sum())
        return pd.DataFrame(
            [{"n_values": n, "n_agree": agree, "n_differ": n - agree, "n_sources": self.rows["source"].nunique()}]
        )

    def by(self, *names: str) -> pd.DataFrame:
        """Values compared and agreeing, the largest difference, and the largest as a share of its tolerance, per group.

        Parameters
        ----------
        names
            Columns of :attr:`rows`; ``subject, statistic, source`` when left out.
        """
        keys = list(names) or ["subject", "statistic", "source"]
        apart = self.rows["difference"].abs()
        # a tolerance of 0 is met exactly or not at all
        share = (apart / self.rows["tolerance"]).where(apart > 0, 0.0)
        groups = self.rows.assign(apart=apart, share=share).groupby(keys, sort=False)
        return groups.agg(
            n=("agrees", "size"),
            agree=("agrees", "sum"),
            largest_difference=("apart", "max"),
            of_tolerance=("share", "max"),
        ).reset_index()

    def show(self, query: str, *columns: str) -> Styler:
        """Values that a pandas query picks, for a notebook: ours and outside to ten digits, no index.

        Parameters
        ----------
        query
            For example ``"subject == 'importance' and statistic == 'lmg'"``.
        columns
            Columns of :attr:`rows`; all but ``subject`` when left out.
        """
        picked = self.rows.query(query)
        shown = picked[list(columns) or [str(name) for name in picked if name != "subject"]]
        formats = {"ours": "{:.10g}", "outside": "{:.10g}", "difference": "{:.0e}", "tolerance": "{:.0e}"}
        return shown.style.hide(axis="index").format({name: formats[name] for name in formats if name in shown})

    def differing(self) -> pd.DataFrame:
        """The values that do not agree; empty when all do."""
        return self.rows[~self.rows["agrees"]].reset_index(drop=True)


def audit_methods(*subjects: str, references: Path | None = None) -> Audit:
    """Compute every statistic that has an outside value, and hold the two beside each other.

    Parameters
    ----------
    subjects
        Names from :data:`SUBJECTS`; all when left out.
    references
        Folder with the outside values; that of the package when left out.

    Raises
    ------
    AnalysisError
        A subject is not one of them.
    StudyError
        The installation has no reference values.

    Examples
    --------
    >>> audit_methods("shares").glance().loc[0, "n_differ"]
    np.int64(0)
    """
    unknown = [name for name in subjects if name not in SUBJECTS]
    if unknown:
        raise AnalysisError(f"subject: expected one of {', '.join(SUBJECTS)}; received {', '.join(unknown)}.")
    folder = references or references_folder()
    rows = [
        {"subject": name, **asdict(check), "difference": check.ours - check.outside, "agrees": check.agrees}
        for name in subjects or SUBJECTS
        for check in SUBJECTS[name](folder)
    ]
    order = ["subject", "statistic", "term", "ours", "outside", "difference", "tolerance", "agrees", "source"]
    return Audit(pd.DataFrame(rows)[order])
