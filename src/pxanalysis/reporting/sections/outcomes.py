"""Every metric of every outcome, beside those of other practices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pxanalysis.reporting.sections.selection import Row, Selection, is_known
from pxanalysis.reporting.sections.values import in_unit, range_of, share_decimals

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["outcomes_table"]


def outcomes_table(selection: Selection) -> Markup | None:
    """Return the table of all outcomes that may be shown; None when there is none."""
    from pxanalysis.reporting.tables import page_table, table_outcomes

    rows = []
    for row in selection.own("outcomes"):
        key = f"metric.{row['kind']}.{row['metric']}"
        if row["suppressed"] or not is_known(row["estimate"]) or not selection.wording.has(key):
            continue
        rows.append(_words(selection, row, key))
    return page_table(table_outcomes(rows, selection.wording)) if rows else None


def _words(selection: Selection, row: Row, key: str) -> dict[str, str]:
    wording, unit = selection.wording, str(row["unit"])
    middle = row["benchmark_low"], row["benchmark_high"]
    more = share_decimals(unit, row["estimate"], row["benchmark"], *middle)
    label = {"label": selection.outcome_labels.get(str(row["outcome"]), "")} if row["kind"] == "behaviour" else {}
    return {
        "metric": wording.text(key, **label),
        "n": wording.number(row["n"]),
        "own": in_unit(wording, row["estimate"], unit, more),
        "interval": range_of(wording, row["ci_low"], row["ci_high"], unit, more),
        "benchmark": in_unit(wording, row["benchmark"], unit, more) if is_known(row["benchmark"]) else "",
        "middle": range_of(wording, *middle, unit, more),
    }
