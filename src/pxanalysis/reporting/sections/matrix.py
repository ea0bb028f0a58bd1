"""Importance against performance, and the whole ranking with what is advised."""

from __future__ import annotations

from pxanalysis.analysis.whole_study.frames import PriorityRow
from pxanalysis.reporting.page.fragments import Fragment, render_part
from pxanalysis.reporting.page.tables import table_ranking
from pxanalysis.reporting.sections.pictures.section import priority_pictures
from pxanalysis.reporting.sections.priorities.advice import gain_text, wins_nothing
from pxanalysis.reporting.sections.priorities.section import first_touchpoints
from pxanalysis.reporting.sections.selection import Selection, is_known
from pxanalysis.reporting.sections.values import chance_text, extra_decimals, score, score_range

__all__ = ["make"]


def make(selection: Selection, *, figures: bool) -> Fragment:
    """Return importance against performance and the full ranking, or why there is none."""
    wording = selection.wording
    rows = selection.priorities
    rows.sort(key=lambda row: (row.rank if is_known(row.rank) else len(rows) + 1, row.touchpoint))
    ranked = any(is_known(row.rank) for row in rows)
    drawn = any(is_known(row.importance) and is_known(row.performance) for row in rows)
    missing = "" if ranked else wording.text("matrix.no_target" if drawn else "matrix.none")
    return render_part(
        "matrix",
        wording,
        missing=missing,
        lead=wording.text("matrix.lead" if any(is_known(row.target) for row in rows) else "matrix.lead_no_target"),
        table=table_ranking([_cells(selection, row) for row in rows], wording) if ranked else "",
        note=_note(selection),
        pictures=priority_pictures(selection, first_touchpoints(selection)) if drawn and figures else [],
    )


def _note(selection: Selection) -> str:
    """What the chance in the table is the chance of, where the study says what gain is worth having."""
    if selection.smallest_gain is None:
        return ""
    return selection.wording.text("matrix.chance_note", smallest=gain_text(selection, selection.smallest_gain))


def _advice(row: PriorityRow) -> str:
    """What the ranking table advises: a point below the target that is not among the first is for later."""
    if not is_known(row.rank):
        return row.reason_code
    if row.reason_code in {"negative_effect", "no_effect"}:
        return "no_advice" if row.reason_code == "negative_effect" else "no_effect"
    below = is_known(row.target) and is_known(row.performance) and row.performance < row.target
    if row.status != "keep" or not below:
        return row.status
    return "little_gain" if row.reason_code == "small_gain" or round(row.gain or 0.0, 2) <= 0 else "later"


def _cells(selection: Selection, row: PriorityRow) -> dict[str, str]:
    wording = selection.wording
    driver = selection.driver(row.touchpoint)
    cells = {"touchpoint": selection.label(row.touchpoint)}
    if driver and is_known(driver.share):
        cells["weight"] = wording.percent(driver.share)
    if row.suppressed:
        return cells | {"score": wording.text("too_few")}
    known = is_known(row.target) and is_known(row.performance)
    more = extra_decimals("score", [(row.performance or 0.0, row.target or 0.0)]) if known else 0
    cells["score"] = score(wording, row.performance, more)
    if known:
        cells["target"] = score(wording, row.target, more)
    advice = _advice(row)
    if advice and wording.has(f"status.{advice}"):
        cells["status"] = wording.text(f"status.{advice}")
    if is_known(row.share_negative):
        cells["negative"] = wording.percent(row.share_negative)
    return cells | (_place(selection, row) if not wins_nothing(row) else {})


def _place(selection: Selection, row: PriorityRow) -> dict[str, str]:
    """Place, gain and chance; left out where there is nothing to win."""
    wording, cells = selection.wording, {}
    if is_known(row.rank):
        cells["place"] = wording.number(row.rank)
        cells["places"] = score_range(wording, row.rank_low, row.rank_high)
    if is_known(row.gain):
        cells["gain"] = gain_text(selection, row.gain, signed=True)
    if is_known(row.p_top3):
        cells["chance"] = chance_text(wording, row.p_top3)
    return cells
