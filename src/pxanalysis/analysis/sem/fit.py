"""Fitting a structural equation model: from a syntax on a frame, or from the journey on responses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pxanalysis.analysis.sem.clustering import choose_errors
from pxanalysis.analysis.sem.estimate import Fitted, estimate_model
from pxanalysis.analysis.sem.fit_measures import measure_fit
from pxanalysis.analysis.sem.model import SemModel
from pxanalysis.analysis.sem.options import SemOptions
from pxanalysis.analysis.sem.parameters import list_parameters, list_r2, warn_inadmissible
from pxanalysis.analysis.sem.resampled import with_resampled_errors
from pxanalysis.analysis.sem.rows import ModelRows, gather_rows
from pxanalysis.analysis.sem.syntax import ModelSyntax, read_syntax
from pxanalysis.analysis.sem.table import InvarianceLevel, ParameterTable, build_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["fit_rows", "fit_syntax", "make_model"]

FEWEST_PER_PARAMETER = 5
"""Rows per parameter below which errors and tests, which hold for many rows, mean little (Bentler & Chou 1987)."""


def fit_syntax(
    frame: pd.DataFrame,
    syntax: str,
    options: SemOptions | None = None,
    *,
    clusters: object = None,
    group: object = None,
    level: InvarianceLevel = "configural",
) -> SemModel:
    """Fit a model written in lavaan's syntax to a frame.

    Parameters
    ----------
    clusters, group
        Column, or one value per row: the practice of each row; the group whose parameters are its own.
    level
        What is held equal over the groups.

    Raises
    ------
    AnalysisError, NotEstimableError
        When syntax or data cannot be used; the message says what to do.
    """
    options = options or SemOptions()
    parsed = read_syntax(syntax)
    rows = gather_rows(frame, tuple(parsed.observed), missing=options.missing, group=group, clusters=clusters)
    return fit_rows(parsed, rows, options, level)


def fit_rows(parsed: ModelSyntax, rows: ModelRows, options: SemOptions, level: InvarianceLevel) -> SemModel:
    """Fit a model that was read to rows that were gathered, with errors that suit the number of practices."""
    if options.estimator in ("WLSMV", "DWLS"):
        from pxanalysis.analysis.sem.ordered import fit_ordered

        return fit_ordered(parsed, rows, options)
    table = _table(parsed, rows, options, level, means=rows.incomplete)
    chosen = choose_errors(options, rows, table.n_parameters, table.n_groups)
    options, notes = chosen.options, list(chosen.notes)
    if not chosen.by_practice:
        rows = replace(rows, n_clusters=1)
    elif options.estimator == "MLR":
        table = _table(parsed, rows, options, level, means=True)
    fitted = estimate_model(table, rows, options)
    if chosen.resampled:
        fitted, more = with_resampled_errors(fitted)
        notes += more
    return make_model(fitted, parsed, notes)


def _table(
    parsed: ModelSyntax, rows: ModelRows, options: SemOptions, level: InvarianceLevel, *, means: bool
) -> ParameterTable:
    return build_table(
        parsed,
        means=options.means or means,
        std_lv=options.std_lv,
        fixed_x=options.fixed_x and not rows.incomplete,
        n_groups=len(rows.group_labels),
        level=level,
    )


def make_model(fitted: Fitted, parsed: ModelSyntax, notes: list[str]) -> SemModel:
    """Put estimates, errors and fit together."""
    parameters = list_parameters(fitted, parsed, fitted.options.confidence)
    measures, reasons = measure_fit(fitted)
    rows = fitted.rows
    if len(rows.numbers) < FEWEST_PER_PARAMETER * fitted.table.n_parameters:
        few = f"{len(rows.numbers)} rows for {fitted.table.n_parameters} parameters: fewer than 5 each, so imprecise"
        notes = [*notes, few]
    return SemModel(
        syntax=parsed.text,
        parameters=parameters,
        measures=measures,
        reasons=reasons,
        r2=list_r2(fitted),
        errors=_errors(fitted),
        notes=(*notes, *warn_inadmissible(parameters)),
        n_obs=len(rows.numbers),
        n_dropped=rows.n_dropped,
        n_practices=rows.n_clusters,
        fitted=fitted,
        parsed=parsed,
    )


def _errors(fitted: Fitted) -> str:
    if fitted.replicates is not None:
        return f"bootstrap of {fitted.rows.n_clusters} practices, {int(fitted.replicates.valid.sum())} samples"
    if fitted.meat is None:
        complete = fitted.data.complete and fitted.options.information != "observed"
        return f"normal theory, {'expected' if complete else fitted.options.information or 'observed'} information"
    if fitted.rows.n_clusters > 1:
        return f"robust, summed over {fitted.rows.n_clusters} practices"
    return "robust (sandwich)"
