"""What was looked at to see whether the driver model can be trusted, and what came of it."""

from __future__ import annotations

from pxanalysis.reporting.sections.selection import Selection, is_known
from pxanalysis.statistics.conventions import FEWEST_PER_TERM, FEWEST_RESAMPLED, MOST_OVERLAP

__all__ = ["list_checks", "list_remarks"]


def list_checks(selection: Selection) -> list[str]:
    """Every check of the model with what it found and the limit it was held against; none in results of older fits."""
    wording, meta = selection.wording, selection.meta
    checks = []
    if is_known(meta.get("n_practices_model")):
        practices = int(meta["n_practices_model"])
        checks.append(wording.text("check.practices", n=practices, minimum=FEWEST_RESAMPLED))
    if is_known(meta.get("n_terms")):
        terms = int(meta["n_terms"])
        each = wording.number(int(meta["n_obs"]) // terms)
        checks.append(wording.text("check.per_term", each=each, terms=terms, minimum=FEWEST_PER_TERM))
    if is_known(meta.get("condition_index")):
        index = wording.number(meta["condition_index"], 1)
        checks.append(wording.text("check.overlap", index=index, most=MOST_OVERLAP))
    if is_known(meta.get("n_samples_failed")):
        failed, drawn = int(meta["n_samples_failed"]), int(meta["n_bootstrap"])
        checks.append(wording.text("check.samples", failed=failed, drawn=drawn))
    if checks and meta.get("case_mix"):
        checks.append(wording.text("check.levels", n=_n_joined(selection)))
    return checks


def _n_joined(selection: Selection) -> int:
    """Levels of case mix that the model took together with others."""
    return next((int(note["n"]) for note in _notes(selection) if note["code"] == "levels_joined"), 0)


def list_remarks(selection: Selection) -> list[str]:
    """What a careful reader should know of the model, in the reader's language; each once."""
    wording = selection.wording
    said = []
    for note in _notes(selection):
        if wording.has(f"note.{note['code']}"):
            values = {name: value for name, value in note.items() if name != "code"}
            said.append(wording.text(f"note.{note['code']}", **values))
    return list(dict.fromkeys(said))


def _notes(selection: Selection) -> list[dict[str, str | int]]:
    """Notes of model, priorities and validation; results of an older version hold sentences instead of codes."""
    meta = selection.meta
    notes = [*(meta.get("driver_notes") or ()), *(meta.get("priority_notes") or ()), meta.get("cv_note")]
    return [note for note in notes if isinstance(note, dict)]
