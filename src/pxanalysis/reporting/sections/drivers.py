"""What counts for satisfaction, over all practices together."""

from __future__ import annotations

from pxanalysis.analysis.conventions import FEWEST_RESAMPLED
from pxanalysis.reporting.fragments import Fragment, render_part
from pxanalysis.reporting.sections.pictures import driver_pictures
from pxanalysis.reporting.sections.priorities import first_touchpoints
from pxanalysis.reporting.sections.selection import Row, Selection, is_known

__all__ = ["explain_none", "make", "ranked_drivers"]


def ranked_drivers(selection: Selection) -> list[Row]:
    """Drivers whose importance could be estimated, most important first."""
    rows = [row for row in selection.study("drivers") if is_known(row["importance"]) and is_known(row["share"])]
    return sorted(rows, key=lambda row: (-row["importance"], str(row["touchpoint"])))


def explain_none(selection: Selection) -> list[str]:
    """Why nothing can be said of what drives the outcome, and what would bring it."""
    code = str(selection.meta.get("drivers_reason_code") or "other")
    return [selection.wording.text(f"drivers.{part}.{code}") for part in ("none", "help")]


def make(selection: Selection, *, figures: bool) -> Fragment:
    """Return what drives the outcome, or why that cannot be told."""
    wording, rows = selection.wording, ranked_drivers(selection)
    first = first_touchpoints(selection)
    pictures = driver_pictures(selection, first) if figures and rows else []
    return render_part(
        "drivers",
        wording,
        sentences=_sentences(selection, rows) if rows else explain_none(selection),
        notes=_notes(selection),
        pictures=pictures,
    )


def _sentences(selection: Selection, rows: list[Row]) -> list[str]:
    wording, meta = selection.wording, selection.meta
    sentences = []
    explained = meta.get("r2_drivers", meta.get("r2"))
    if is_known(explained):
        practices = int(meta["n_practices"])
        sentences.append(wording.text("drivers.lead", n=practices, r2=wording.percent(explained)))
    if len(rows) > 1:
        first, second = (wording.text("quote", text=selection.label(row["touchpoint"])) for row in rows[:2])
        sentences.append(wording.text("drivers.most", first=first, second=second))
    return [*sentences, wording.text("drivers.meaning")]


def _notes(selection: Selection) -> list[str]:
    wording, rows = selection.wording, selection.study("drivers")
    notes = []
    if int(selection.meta["n_practices"]) < FEWEST_RESAMPLED and any(is_known(row["importance"]) for row in rows):
        notes.append(wording.text("drivers.few_practices", n=int(selection.meta["n_practices"])))
    negative = [str(row["touchpoint"]) for row in rows if row["sign_flag"]]
    if negative:
        notes.append(wording.text("drivers.flag_negative", touchpoints=selection.enumerate_labels(negative)))
    missing = [str(row["touchpoint"]) for row in rows if not is_known(row["importance"])]
    if missing:
        names = selection.enumerate_labels(missing)
        notes.append(wording.text("drivers.missing", n=len(missing), touchpoints=names))
    return notes
