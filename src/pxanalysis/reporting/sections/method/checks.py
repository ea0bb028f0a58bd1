"""What was looked at to see whether the driver model can be trusted, and what came of it."""

from __future__ import annotations

from pxanalysis.analysis.whole_study.facts import PlainNote
from pxanalysis.reporting.sections.selection import Selection, is_known
from pxanalysis.reporting.sections.values import note_text
from pxanalysis.statistics.conventions import FEWEST_PER_TERM, FEWEST_RESAMPLED, MOST_OVERLAP

__all__ = ["list_checks", "list_remarks"]


def list_checks(selection: Selection) -> list[str]:
    """Every check of the model with what it found and the limit it was held against; none in results of older fits."""
    wording, meta = selection.wording, selection.meta
    checks = []
    if meta.n_practices_model is not None:
        practices = meta.n_practices_model
        checks.append(wording.text("check.practices", n=practices, minimum=FEWEST_RESAMPLED))
    if meta.n_terms:
        terms = meta.n_terms
        each = wording.number(meta.n_obs // terms)
        checks.append(wording.text("check.per_term", each=each, terms=terms, minimum=FEWEST_PER_TERM))
    if is_known(meta.condition_index):
        index = wording.number(meta.condition_index, 1)
        checks.append(wording.text("check.overlap", index=index, most=MOST_OVERLAP))
    if meta.n_samples_failed is not None:
        failed, drawn = meta.n_samples_failed, meta.n_bootstrap
        checks.append(wording.text("check.samples", failed=failed, drawn=drawn))
    if checks and meta.case_mix:
        checks.append(wording.text("check.levels", n=_n_joined(selection)))
    return checks


def _n_joined(selection: Selection) -> int:
    """Levels of case mix that the model took together with others."""
    return next((int(note["n"]) for note in _notes(selection) if note["code"] == "levels_joined"), 0)


def list_remarks(selection: Selection) -> list[str]:
    """What a careful reader should know of the model, in the reader's language; each once."""
    said = [note_text(selection, note) for note in _notes(selection)]
    return list(dict.fromkeys(sentence for sentence in said if sentence))


def _notes(selection: Selection) -> list[PlainNote]:
    """Notes of model, priorities and validation."""
    meta = selection.meta
    return [*meta.driver_notes, *meta.priority_notes, *([] if meta.cv_note is None else [meta.cv_note])]
