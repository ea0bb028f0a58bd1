"""Importance and places with scores as measured and with their error taken out, beside each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pxanalysis.analysis.whole_study.frames import DriverRow
from pxanalysis.reporting.sections.drivers import ranked_drivers
from pxanalysis.reporting.sections.method.tables import decimal, interval, make_data
from pxanalysis.reporting.sections.pictures.data import Data
from pxanalysis.reporting.sections.selection import Selection, is_known

__all__ = ["explain_measurement", "measurement_table"]

FIRST_PLACES = 3


def measurement_table(selection: Selection) -> Data | None:
    """Places by every way of calculating, per contact; None where there is one way only."""
    rows = [row for row in ranked_drivers(selection) if _beside(row)]
    kept = [column for column in _COLUMNS if column.always or any(column.cell(selection, row) for row in rows)]
    cells = [tuple(column.cell(selection, row) for column in kept) for row in rows]
    return make_data(selection, "measurement.caption", tuple(column.key for column in kept), cells)


def _beside(row: DriverRow) -> bool:
    return any(is_known(value) for value in (row.importance_corrected, row.rank_sem, row.rank_second))


@dataclass(frozen=True, slots=True)
class _Column:
    """A column: its heading, what stands in it, and whether it is there also when empty."""

    key: str
    cell: Callable[[Selection, DriverRow], str]
    always: bool = False


def _source(selection: Selection, row: DriverRow) -> str:
    return selection.wording.text(f"measurement.{row.reliability_from}") if row.reliability_from else ""


def _place(selection: Selection, rank: float | None) -> str:
    return selection.wording.number(rank) if is_known(rank) else ""


_COLUMNS = (
    _Column("column.touchpoint", lambda s, row: s.label(row.touchpoint), always=True),
    _Column("measurement.reliability", lambda s, row: decimal(s, row.reliability)),
    _Column("measurement.from", _source),
    _Column("measurement.beta_measured", lambda s, row: decimal(s, row.beta), always=True),
    _Column(
        "measurement.beta_corrected",
        lambda s, row: interval(s, row.corrected, row.corrected_low, row.corrected_high),
    ),
    _Column("measurement.importance_measured", lambda s, row: decimal(s, row.importance), always=True),
    _Column(
        "measurement.importance_corrected",
        lambda s, row: interval(
            s, row.importance_corrected, row.importance_corrected_low, row.importance_corrected_high
        ),
    ),
    _Column("measurement.place_measured", lambda s, row: _place(s, row.rank), always=True),
    _Column("measurement.place_corrected", lambda s, row: _place(s, row.rank_corrected)),
    _Column("measurement.sem_effect", lambda s, row: decimal(s, row.sem_effect)),
    _Column("measurement.place_sem", lambda s, row: _place(s, row.rank_sem)),
    _Column("measurement.second_importance", lambda s, row: decimal(s, row.second_importance)),
    _Column("measurement.place_second", lambda s, row: _place(s, row.rank_second)),
)


def explain_measurement(selection: Selection) -> list[str]:
    """How error was taken out, what advice makes of both, what single questions assume, and that halo is in both."""
    wording = selection.wording
    corrected = any(is_known(row.importance_corrected) for row in ranked_drivers(selection))
    both = selection.meta.gains_from == ("measured", "corrected")
    return [
        *_agreement(selection),
        *([wording.text("measurement.how")] if corrected else []),
        *([wording.text("measurement.together")] if both else []),
        *_single_items(selection),
        *_second(selection),
        wording.text("measurement.halo"),
    ]


def _second(selection: Selection) -> list[str]:
    """What the second outcome is for, or that it could not be looked at."""
    name = selection.meta.second_outcome
    if not name:
        return []
    key = "measurement.second_none" if selection.meta.second_reason else "measurement.second"
    return [selection.wording.text(key, outcome=selection.outcome_labels.get(name, name))]


def _agreement(selection: Selection) -> list[str]:
    """How far regression and structural equation model agree, where priorities are by the latter."""
    found = selection.meta.ranking_agreement
    if not found:
        return []
    wording = selection.wording
    key = "measurement.sem_same_first" if found.same_first else "measurement.sem_other_first"
    return [wording.text(key, tau=wording.number(found.tau, 2), shared=found.shared_top)]


def _single_items(selection: Selection) -> list[str]:
    """The first three at each reliability that single questions may have."""
    wording, meta = selection.wording, selection.meta
    orders = meta.single_item_orders
    if not orders or meta.borrowed_reliability is None:
        return []
    names = [
        selection.label(row.touchpoint) for row in selection.study(DriverRow) if row.reliability_from == "borrowed"
    ]
    assumed = wording.number(meta.borrowed_reliability, 2)
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
