"""How reliable scales are, and how much practices differ before any correction."""

from __future__ import annotations

from pxanalysis.analysis.whole_study.frames import ReliabilityRow, VarianceRow
from pxanalysis.reporting.sections.method.tables import decimal, interval, make_data, needed, root
from pxanalysis.reporting.sections.pictures.data import Data
from pxanalysis.reporting.sections.selection import Selection
from pxanalysis.statistics.conventions import FEWEST_PRACTICES, MOST_MISFIT, RELIABLE_FROM

__all__ = ["explain_reliability", "reliability_row", "variance_table"]


def reliability_row(selection: Selection, row: ReliabilityRow) -> dict[str, str]:
    """Cells of one scale."""
    wording, verdict = selection.wording, row.verdict
    return {
        "scale": selection.label(row.scale),
        "items": wording.number(row.k),
        "n": "" if row.n is None else wording.number(row.n),
        "alpha": interval(selection, row.alpha, row.alpha_low, row.alpha_high),
        "omega": decimal(selection, row.omega),
        "spearman_brown": decimal(selection, row.spearman_brown),
        "icc": decimal(selection, row.icc, 3),
        "n_for": needed(selection, row),
        "verdict": wording.text(f"reliability.{verdict}") if verdict else "",
    }


def explain_reliability(selection: Selection, rows: list[ReliabilityRow]) -> list[str]:
    """What alpha's interval allows for, which patients were counted, and from where a scale is called strong."""
    wording = selection.wording
    clustered = any(row.alpha_interval == "bootstrap of practices" for row in rows)
    limits = {code: wording.number(limit, 2) for code, limit in RELIABLE_FROM.items()}
    words = {f"{code}_word": wording.text(f"reliability.{code}") for code in (*RELIABLE_FROM, "insufficient")}
    return [
        wording.text("method.alpha_practices")
        if clustered
        else wording.text("method.alpha_respondents", fewest=FEWEST_PRACTICES),
        wording.text("method.complete_text", share=wording.percent(selection.meta.items_needed)),
        wording.text("method.verdict_text", misfit=wording.number(MOST_MISFIT, 2), **limits, **words),
    ]


def variance_table(selection: Selection) -> Data | None:
    """How reliably practices differ on each rated outcome, before any correction."""
    rows = []
    for outcome in selection.journey.rated_outcomes:
        for row in selection.study(VarianceRow, outcome_or_touchpoint=outcome.id):
            spread = (decimal(selection, root(value)) for value in (row.sigma2_between, row.sigma2_within))
            label = selection.outcome_labels[outcome.id]
            rows.append((label, decimal(selection, row.icc, 3), *spread, needed(selection, row)))
    columns = ("outcome.metric", "method.icc", "method.sd_between_raw", "method.sd_within", "method.n_for")
    return make_data(selection, "method.variance_caption", columns, rows)
