"""What counts for satisfaction, over all practices together."""

from __future__ import annotations

from pxanalysis.analysis.whole_study.frames import DriverRow
from pxanalysis.reporting.page.fragments import Fragment, render_part
from pxanalysis.reporting.sections.pictures.section import driver_pictures
from pxanalysis.reporting.sections.priorities.section import first_touchpoints
from pxanalysis.reporting.sections.selection import Selection, is_known
from pxanalysis.reporting.sections.values import note_text
from pxanalysis.statistics.conventions import FEWEST_RESAMPLED

__all__ = ["explain_none", "make", "ranked_drivers"]

_BESIDE = frozenset({"uneven_practices", "unmet_less_content"})
"""Notes on the model that change how everybody reads the drivers; the others stand with the method."""


def ranked_drivers(selection: Selection) -> list[DriverRow]:
    """Drivers whose importance could be estimated, most important first."""
    rows = [row for row in selection.study(DriverRow) if is_known(row.importance) and is_known(row.share)]
    return sorted(rows, key=lambda row: (-(row.importance or 0.0), row.touchpoint))


def explain_none(selection: Selection) -> list[str]:
    """Why nothing can be said of what drives the outcome, and what would bring it."""
    code = selection.meta.drivers_reason_code or "other"
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


def _sentences(selection: Selection, rows: list[DriverRow]) -> list[str]:
    wording, meta, outcome = selection.wording, selection.meta, selection.outcome_word
    sentences, explained = [], meta.r2_drivers
    if is_known(explained):
        r2, practices = wording.percent(explained), meta.n_practices
        key = "drivers.lead" if practices > 1 else "drivers.lead_one"
        sentences.append(wording.text(key, n=practices, r2=r2, outcome=outcome))
    if len(rows) > 1:
        sentences.append(_most(selection, rows))
        if is_known(explained):
            sentences.append(_bridge(selection, rows[0], float(explained)))
    return [*sentences, wording.text("drivers.meaning", outcome=outcome)]


def _most(selection: Selection, rows: list[DriverRow]) -> str:
    """Which contacts count most, as far as their intervals of rank keep them apart, as measured and corrected."""
    wording, (one, other) = selection.wording, rows[:2]
    first, second = (wording.text("quote", text=selection.label(row.touchpoint)) for row in (one, other))
    if _surely(one, 1):
        return wording.text("drivers.most" if _surely(other, 2) else "drivers.most_one", first=first, second=second)
    two = _surely(one, 2) and _surely(other, 2)
    return wording.text("drivers.most_two" if two else "drivers.most_open", first=first, second=second)


def _surely(row: DriverRow, place: int) -> bool:
    """Whether it is certain that no more than ``place`` contacts count as much, this one included."""
    corrected = row.rank_corrected
    return is_known(row.rank_high) and row.rank_high <= place and not (is_known(corrected) and corrected > place)


def _bridge(selection: Selection, row: DriverRow, explained: float) -> str:
    """How the three shares that a report gives of one contact come from one another."""
    wording = selection.wording
    return wording.text(
        "drivers.bridge",
        first=wording.text("quote", text=selection.label(row.touchpoint)),
        importance=wording.percent(row.importance or 0.0, 1),
        share=wording.percent(row.share or 0.0),
        r2=wording.percent(explained, 1),
        outcome=selection.outcome_word,
    )


def _notes(selection: Selection) -> list[str]:
    wording, rows = selection.wording, selection.study(DriverRow)
    notes = []
    if selection.meta.n_practices < FEWEST_RESAMPLED and any(is_known(row.importance) for row in rows):
        bounded = any(is_known(row.importance_low) for row in rows)
        few = "drivers.few_practices" if bounded else "drivers.no_intervals"
        key = "drivers.one_practice" if selection.meta.n_practices == 1 else few
        notes.append(wording.text(key, n=selection.meta.n_practices))
    told = [note for note in selection.meta.driver_notes if note["code"] in _BESIDE]
    notes += [note_text(selection, note) for note in told]
    if any(is_known(row.importance_corrected) for row in rows):
        notes.append(wording.text("drivers.as_measured", place=wording.text("method.heading")))
    for kind in ("negative", "suppressor", "zero"):
        names = [row.touchpoint for row in rows if _sign(row) == kind]
        if names:
            said = {"touchpoints": selection.enumerate_labels(names), "outcome": selection.outcome_word}
            with wording.about(*(f"touchpoint:{name}" for name in names)):
                notes.append(wording.text(f"drivers.flag_{kind}", **said))
    missing = [row.touchpoint for row in rows if not is_known(row.importance)]
    if missing:
        listed = selection.enumerate_labels(missing)
        notes.append(wording.text("drivers.missing", n=len(missing), touchpoints=listed))
    return notes


def _sign(row: DriverRow) -> str:
    """What has to be said of the direction: ``negative`` only where the whole interval is below zero."""
    if is_known(row.ci_low) and is_known(row.ci_high) and row.ci_low <= 0 <= row.ci_high:
        return "zero"
    if is_known(row.beta) and row.beta < 0:
        return "negative"
    return "suppressor" if row.sign_flag == "suppressor" else ""
