"""``fit_sem``: the door to structural equation models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from pxanalysis.analysis.sem.fit import fit_rows, fit_syntax
from pxanalysis.analysis.sem.journey import JourneyModel, SemLevel, write_journey_model
from pxanalysis.analysis.sem.model import SemModel
from pxanalysis.analysis.sem.options import SemOptions
from pxanalysis.analysis.sem.records import each_row
from pxanalysis.analysis.sem.rows import gather_rows
from pxanalysis.analysis.sem.syntax import read_syntax
from pxanalysis.analysis.sem.table import InvarianceLevel
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.covariance_structure.structure import imply
from pxanalysis.survey.responses import Responses

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["fit_journey_model", "fit_sem"]

SIGN_TOLD = 0.05
"""P-value below which the sign of a path is told."""


def fit_sem(
    data: Responses | pd.DataFrame,
    outcome: str = "ktv",
    level: SemLevel = "touchpoint",
    *,
    chain: bool = False,
    then: tuple[str, ...] = (),
    syntax: str | None = None,
    case_mix: tuple[str, ...] | None = None,
    reliability: float | Mapping[str, float] | None = None,
    clusters: object = None,
    group: object = None,
    invariance: InvarianceLevel = "configural",
    options: SemOptions | None = None,
) -> SemModel:
    """Fit a structural equation model: that of the journey, or your own.

    Parameters
    ----------
    data
        Responses to a journey; or a DataFrame, with ``syntax``.
    outcome, level
        Id or kind of the outcome that touchpoints (or steps) lead to.
    chain
        Whether touchpoints also depend on those of earlier steps, so that early ones have indirect effects.
    then
        Further outcomes that follow from the outcome and the touchpoints, such as ``("nps", "returned")``.
    syntax
        Your own model in lavaan's words, with items on 0-100 when ``data`` are responses.
    case_mix, reliability
        Case-mix variables to hold equal; reliability of touchpoints with one item (see ``write_journey_model``).
    clusters, group, invariance
        With ``syntax``: practice of each row, groups, and what is equal over them.
    options
        Estimator, missing answers, errors, bootstrap.

    Returns
    -------
    ``SemModel``; with several practices, errors allow for patients of one practice being alike.

    Raises
    ------
    AnalysisError
        For input that makes no sense, by name.
    NotEstimableError
        When data or model cannot carry the estimate; the message says what would.
    """
    options = options or SemOptions()
    if syntax is not None:
        if isinstance(data, Responses):
            clusters = data.practice_ids if clusters is None else clusters
        frame = response_frame(data) if isinstance(data, Responses) else data
        return fit_syntax(frame, syntax, options, clusters=clusters, group=group, level=invariance)
    if not isinstance(data, Responses):
        raise AnalysisError(
            "data: a frame needs a model; give syntax='service =~ q1 + q2 + q3 ...', or give responses to a journey."
        )
    written = write_journey_model(
        data, outcome, level, chain=chain, then=then, case_mix=case_mix, reliability=reliability
    )
    return fit_journey_model(written, options)


def response_frame(responses: Responses) -> pd.DataFrame:
    """Every response with items on 0-100 (higher is better), and its other columns as they are."""
    from pxanalysis.survey.scores import score_items

    frame = responses.frame
    scores = score_items(responses)
    return frame.assign(**{name: scores[name].to_numpy() for name in scores.columns})


def fit_journey_model(written: JourneyModel, options: SemOptions) -> SemModel:
    """Fit a journey's model, with errors that suit the number of practices.

    One practice gets robust errors (MLR), as answers are seldom normal.

    Raises
    ------
    AnalysisError
        For ordered answers where some patients did not meet a touchpoint: they then have no answer in any category.
    """
    if options.estimator in ("WLSMV", "DWLS") and written.n_filled:
        raise AnalysisError(
            f"estimator: '{options.estimator}' needs an answer in some category, but {written.n_filled} items were not "
            "met by everybody; use 'auto', or a model of your own without those touchpoints."
        )
    parsed = read_syntax(written.syntax)
    rows = gather_rows(written.frame, tuple(parsed.observed), missing=options.missing, clusters=written.clusters)
    if options.estimator == "auto" and rows.n_clusters == 1:
        options = replace(options, estimator="MLR")
    model = fit_rows(parsed, rows, options, "configural")
    notes = (*written.notes, *model.notes, *_suppressors(model, written))
    return replace(model, labels=written.labels, notes=notes, n_dropped=written.n_dropped + model.n_dropped)


def _suppressors(model: SemModel, written: JourneyModel) -> list[str]:
    """Sentences on paths to the outcome whose sign is told, and is not that of the correlation."""
    table, structure = model.fitted.table, model.fitted.model.structures[0]
    names = (*table.observed, *table.latents)
    together = imply(structure, model.fitted.solution.theta[None]).all_cov[0, names.index(written.outcome)]
    paths = model.parameters
    paths = paths[(paths["op"] == "~") & (paths["lhs"] == written.outcome) & paths["rhs"].isin(written.drivers)]
    return [
        f"'{row.rhs}' has a path of the other sign than its correlation with '{row.lhs}' (suppressor): no advice on it"
        for row in each_row(paths)
        if row.p_value < SIGN_TOLD and row.estimate * together[names.index(row.rhs)] < 0
    ]
