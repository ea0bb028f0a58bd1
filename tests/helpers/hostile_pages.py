"""An example in which every text is what an attacker would write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from study_results_fixture import Example, Results

from pxanalysis.analysis.privacy.masking import mask_text
from pxanalysis.journey.model import Journey


def replace_texts(value: Any, text: Callable[[str], str]) -> Any:
    """Every wording in a journey (``{nl: ..., en: ...}``) and nothing else."""
    if isinstance(value, dict):
        if value and set(value) <= {"nl", "en"}:
            return {language: text(wording) for language, wording in value.items()}
        return {key: replace_texts(part, text) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [replace_texts(part, text) for part in value]
    return value


def spoil(example: Example, hostile: str) -> Example:
    """Put one string in every text of a study: names, labels, sentences, questions, ideas, answers, comments."""
    content = replace_texts(example.journey.model_dump(mode="json"), lambda _: f"x{hostile}")
    journey = Journey.model_validate(content)
    frames = {name: frame.copy() for name, frame in example.results.frames.items()}
    frames["practices"]["name"] = f"x{hostile}"
    comments = [f"{position}{hostile}" for position in range(len(frames["comments"]))]
    frames["comments"]["text"] = [mask_text(comment) for comment in comments]
    title = {"nl": f"x{hostile}", "en": f"x{hostile}"}
    meta = example.results.meta.with_facts(title=title, drivers_reason=hostile[:5000], data_hash=hostile[:5000])
    return Example(Results(meta, frames), journey)
