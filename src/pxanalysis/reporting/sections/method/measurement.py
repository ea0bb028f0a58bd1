"""Importance and places with scores as measured and with their error taken out, beside each other."""

from __future__ import annotations

from pxanalysis.analysis.whole_study.frames import DriverRow
from pxanalysis.reporting.sections.drivers import ranked_drivers
from pxanalysis.reporting.sections.method.tables import decimal, interval, make_data
from pxanalysis.reporting.sections.pictures.data import Data
from pxanalysis.reporting.sections.selection import Selection, is_known

__all__ = ["explain_measurement", "measurement_table"]

FIRST_PLACES = 3


def measurement_table(selection: Selection) -> Data | None:
    """Both columns per contact; None where nothing was corrected."""
    rows = [row for row in ranked_drivers(selection) if is_known(row.importance_corrected) or is_known(row.rank_sem)]
    by_sem = ("measurement.sem_effect", "measurement.place_sem") if _has_sem(rows) else ()
    columns = (
        *("column.touchpoint", "measurement.reliability", "measurement.from"),
        *("measurement.beta_measured", "measurement.beta_corrected"),
        *("measurement.importance_measured", "measurement.importance_corrected"),
        *("measurement.place_measured", "measurement.place_corrected"),
        *by_sem,
    )
    cells = [_cells(selection, row)[: len(columns)] for row in rows]
    return make_data(selection, "measurement.caption", columns, cells)


def _has_sem(rows: list[DriverRow]) -> bool:
    return any(is_known(row.rank_sem) for row in rows)


def _cells(selection: Selection, row: DriverRow) -> tuple[str, ...]:
    wording, source = selection.wording, row.reliability_from
    return (
        selection.label(row.touchpoint),
        decimal(selection, row.reliability),
        wording.text(f"measurement.{source}") if source else "",
        decimal(selection, row.beta),
        interval(selection, row.corrected, row.corrected_low, row.corrected_high),
        decimal(selection, row.importance),
        interval(selection, row.importance_corrected, row.importance_corrected_low, row.importance_corrected_high),
        wording.number(row.rank) if is_known(row.rank) else "",
        wording.number(row.rank_corrected) if is_known(row.rank_corrected) else "",
        decimal(selection, row.sem_effect),
        wording.number(row.rank_sem) if is_known(row.rank_sem) else "",
    )


def explain_measurement(selection: Selection) -> list[str]:
    """How error was taken out, what advice makes of both, what single questions assume, and that halo is in both."""
    wording = selection.wording
    if measurement_table(selection) is None:
        return [wording.text("measurement.halo")]
    return [
        *_agreement(selection),
        wording.text("measurement.how"),
        wording.text("measurement.together"),
        *_single_items(selection),
        wording.text("measurement.halo"),
    ]


def _agreement(selection: Selection) -> list[str]:
    """How far regression and structural equation model agree, where priorities are by the latter."""
    found = selection.meta.get("ranking_agreement")
    if not found:
        return []
    wording = selection.wording
    key = "measurement.sem_same_first" if found["same_first"] else "measurement.sem_other_first"
    return [wording.text(key, tau=wording.number(found["tau"], 2), shared=int(found["shared_top"]))]


def _single_items(selection: Selection) -> list[str]:
    """The first three at each reliability that single questions may have."""
    wording, meta = selection.wording, selection.meta
    orders = meta.get("single_item_orders") or {}
    if not orders:
        return []
    names = [
        selection.label(row.touchpoint) for row in selection.study(DriverRow) if row.reliability_from == "borrowed"
    ]
    assumed = wording.number(float(meta["borrowed_reliability"]), 2)
    single = wording.text("measurement.single", touchpoints=", ".join(names), reliability=assumed)
    listed = [
        wording.text(
            "measurement.order",
            reliability=wording.number(float(reliability), 1),
            touchpoints=", ".join(selection.label(name) for name in order[:FIRST_PLACES]),
        )
        for reliability, order in orders.items()
    ]
    return [" ".join([single, *listed])]
