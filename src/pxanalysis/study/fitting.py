"""What the results of a study rest on, and making them anew."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pxanalysis.errors import StudyError

if TYPE_CHECKING:
    from pxanalysis.analysis.study_results import StudyResults
    from pxanalysis.study.folder import Study

__all__ = ["fit_released", "hash_facts", "key_of"]


def hash_facts(*parts: object) -> str:
    """SHA-256 of plain values."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _release_file(study: Study) -> Path:
    return study.root / "data" / "processed" / "released.parquet"


def key_of(study: Study) -> str:
    """Hash of all that the results depend on: answers, what was released before, journey, settings, practices."""
    from pxanalysis._version import __version__
    from pxanalysis.study.releases import hash_release

    return hash_facts(
        __version__,
        [(batch.digest, batch.settings) for batch in study.store.batches],
        hash_release(_release_file(study)),
        study.journey.model_dump(mode="json"),
        study.settings.analysis.model_dump(),
        {practice_id: asdict(practice) for practice_id, practice in study.practices.items()},
    )


def fit_released(study: Study, progress: Callable[[str], None] | None) -> StudyResults:
    """Fit the answers that may be shown now, and keep what was found.

    Raises
    ------
    StudyError
        When the answers of the previous release are gone while its results are still there.
    """
    from pxanalysis.analysis.fit import FitSettings, fit_study
    from pxanalysis.study.releases import describe_waiting, release_answers
    from pxanalysis.survey.practice_list import find_impossible_numbers

    _check_release(study)
    settings = FitSettings(**study.settings.analysis.model_dump())
    responses = study.responses
    answered = dict(responses.table["practice_id"].value_counts().iter_rows())
    notes = find_impossible_numbers(responses.practice_list, answered, study.practices_file.name)
    release = release_answers(responses, _release_file(study), settings.minimum_n)
    facts = {
        "fit_key": key_of(study),
        "waiting": release.waiting,
        "study_notes": [*notes, *describe_waiting(release.waiting, settings.minimum_n)],
        "study_title": study.settings.study.title,
        "data_hash": release.data_hash,
        "journey_hash": hash_facts(study.journey.model_dump(mode="json")),
        "settings_hash": hash_facts(study.settings.model_dump(mode="json")),
    }
    found = fit_study(release.responses, settings, extra=facts, progress=progress)
    found.write(study.results_folder)
    return found


def _check_release(study: Study) -> None:
    path, results = _release_file(study), study.results_folder / "meta.json"
    if path.exists() or not results.exists():
        return
    try:
        known = "waiting" in json.loads(results.read_text(encoding="utf-8"))
    except ValueError:  # damaged results are made anew, which their reader advises
        known = True
    if known:
        raise StudyError(
            f"{path}: not there, while results that rest on it are. Without it the next reports could tell what a few "
            f"new patients said. Restore it from a backup; or, to start anew, remove {study.results_folder} as well."
        )
