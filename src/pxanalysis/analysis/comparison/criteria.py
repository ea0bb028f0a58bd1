"""What metrics are held against, and who can be used for it; what cannot be compared is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from pxanalysis.analysis.comparison.plan import ComparisonPlan, Criterion
from pxanalysis.analysis.comparison.transforms import MetricScale
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.conventions import FEWEST_PRACTICES
from pxanalysis.statistics.inputs import encode_clusters
from pxanalysis.statistics.non_nested.fits import CriterionKind

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = [
    "FEWEST_PEOPLE",
    "CriterionSample",
    "choose_criteria",
    "criterion_sample",
    "few_practices_reason",
    "is_turned",
    "too_few_people",
    "too_thin",
]

FEWEST_PEOPLE = 20
"""With fewer complete answers correlations are not compared: at r = .3 their interval would be wider than .8."""

FEWEST_IN_CELL = 5

IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class CriterionSample:
    """Rows complete on all metrics and one criterion.

    Attributes
    ----------
    criterion
        As planned.
    kind
        ``binary`` (two values, coded 0 and 1) or ``continuous``.
    rows
        Shape (n,), positions in the whole sample.
    observed
        Shape (n,), high is good.
    codes
        Practice of each row 0…J−1, or None when people are the units.
    single_class
        Practices in which everybody has the same value.
    """

    criterion: Criterion
    kind: CriterionKind
    rows: IntArray
    observed: FloatArray
    codes: IntArray | None
    single_class: int

    @property
    def n(self) -> int:
        """People."""
        return int(self.rows.size)

    @property
    def n_practices(self) -> int:
        """Practices; 1 when people are the units."""
        return 1 if self.codes is None else int(self.codes.max()) + 1


def few_practices_reason(n_practices: int) -> str:
    """Why practices cannot be resampled, or ""."""
    if 1 < n_practices < FEWEST_PRACTICES:
        return (
            f"{n_practices} practices: a bootstrap of fewer than {FEWEST_PRACTICES} gives intervals that are much too "
            "narrow, so there are none; the tests beside it assume independent people"
        )
    return ""


def too_few_people(n: int, what: str) -> str:
    """Say that so few people are no comparison, and what would be."""
    return (
        f"{n} people answered {what}; a comparison takes at least {FEWEST_PEOPLE}, and to tell correlations of .35 and "
        ".25 apart takes about 600 (pxanalysis plan metric-comparison)."
    )


def too_thin(names: tuple[str, ...], columns: FloatArray, one: CriterionSample) -> str:
    """Why a form cannot be compared on a criterion, or "".

    Where (almost) nobody with the best answer is in the rarer class, a correlation of two yes-or-no answers hardly
    varies from sample to sample, and its error comes out far too small.
    """
    for name, column in zip(names, columns.T, strict=True):
        values = np.unique(column)
        if values.size == 1:
            return f"'{name}' is the same for everybody in this form"
        if values.size == 2 and one.kind == "binary":
            cells = [int(((column == a) & (one.observed == b)).sum()) for a in values for b in (0, 1)]
            if min(cells) < FEWEST_IN_CELL:
                return (
                    f"'{name}' in this form and '{one.criterion.id}' have fewer than {FEWEST_IN_CELL} people in one of "
                    "their four cells, too few for an error"
                )
    return ""


def choose_criteria(
    responses: Responses, plan: ComparisonPlan, metrics: tuple[MetricScale, ...]
) -> tuple[Criterion, ...]:
    """Return the criteria of a plan, or the behaviours of the journey; what was asked beside the metrics is ``same``.

    Raises
    ------
    AnalysisError
        For a criterion that is a metric, is not in the data, or was observed before the metrics.
    """
    if not plan.criteria:
        return tuple(Criterion(id=behaviour.id) for behaviour in responses.journey.behaviours)
    used = {metric.id for metric in metrics}
    for criterion in plan.criteria:
        if criterion.id in used:
            raise AnalysisError(
                f"criterion: '{criterion.id}' is one of the metrics; leave it out of them, or choose another."
            )
        if criterion.id not in responses.table.columns:
            behaviours = ", ".join(behaviour.id for behaviour in responses.journey.behaviours) or "none"
            raise AnalysisError(
                f"criterion: the responses have no column '{criterion.id}'. What would be needed: what patients did "
                "afterwards, such as coming back (returned, 0/1) or recommending (recommended, 0/1), as a behaviour in "
                f"the journey and a column in the export. The journey's behaviours are: {behaviours}; rated items and "
                "numeric characteristics can serve as well."
            )
        if criterion.timing == "before" and not criterion.allow_before:
            raise AnalysisError(
                f"criterion: '{criterion.id}' was observed before the metrics were asked, so they cannot predict it; "
                "what is found may run the other way. Choose a later one, or set allow_before = true to have it "
                "anyway."
            )
    asked = {outcome.id for outcome in responses.journey.rated_outcomes} | {item.id for item in responses.journey.items}
    return tuple(
        criterion.model_copy(update={"timing": "same"})
        if criterion.timing == "unknown" and criterion.id in asked
        else criterion
        for criterion in plan.criteria
    )


def criterion_sample(
    responses: Responses,
    criterion: Criterion,
    answers: pd.DataFrame,
    practices: npt.NDArray[np.object_] | None,
) -> CriterionSample | str:
    """Take the rows that are complete on all metrics and a criterion, or say why it cannot be used."""
    _check_dates(responses, criterion)
    values = _oriented(responses, criterion.id)
    rows = np.flatnonzero(np.isfinite(values) & answers.notna().all(axis=1).to_numpy())
    used = values[rows]
    if rows.size < FEWEST_PEOPLE:
        return too_few_people(int(rows.size), f"every metric and have '{criterion.id}'")
    found = np.unique(used)
    if found.size == 1:
        return (
            f"'{criterion.id}' has one class only (all {found[0]:g}), so nothing can tell classes apart; "
            "wait for cases of the other"
        )
    kind: CriterionKind = "binary" if found.size == 2 else "continuous"
    if kind == "binary":
        used = (used == found[1]).astype(np.float64)
        if min(used.sum(), (1 - used).sum()) < 10:
            return f"'{criterion.id}' has fewer than 10 cases of its rarer class; 10 are needed"
    codes = None
    if practices is not None and np.unique(practices[rows].astype(str)).size > 1:
        codes = encode_clusters(practices[rows], rows.size)[0]
    single = 0
    if codes is not None:
        spread = pd.Series(used).groupby(codes).nunique()
        single = int((spread == 1).sum())
    return CriterionSample(criterion, kind, rows, used, codes, single)


def _oriented(responses: Responses, name: str) -> FloatArray:
    values = responses.numbers([name])[name].to_numpy()
    return np.asarray(-values if is_turned(responses, name) else values)


def is_turned(responses: Responses, name: str) -> bool:
    """Whether a low value of an outcome or item is the good one."""
    directions = {placed.item.id: placed.item.direction for placed in responses.journey.items}
    directions |= {outcome.id: outcome.direction for outcome in responses.journey.outcomes}
    return directions.get(name) == "lower-is-better"


def _check_dates(responses: Responses, criterion: Criterion) -> None:
    """Where the data say when the criterion was observed (a column ``<id>_on``), it must not be before the answers."""
    column = f"{criterion.id}_on"
    if column not in responses.table.columns or criterion.allow_before:
        return
    early = responses.table.filter(pl.col(column) < pl.col("completed_on"))
    if early.height:
        first = early.row(0, named=True)
        raise AnalysisError(
            f"criterion: in {early.height} responses '{criterion.id}' was observed before the questionnaire (the "
            f"first: "
            f"{first['response_id']}, {first[column]} against {first['completed_on']}); a metric cannot predict what "
            f"is "
            "past. Leave them out (exclusions), or set allow_before = true to have them anyway."
        )
