"""An overall chain with what was measured at its steps, each by a study of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pxanalysis.errors import StudyError

if TYPE_CHECKING:
    from pxanalysis.journey.model import Journey
    from pxanalysis.study.folder import Study

__all__ = ["measure_steps"]

_TOO_FEW = {"nl": "KTV: te weinig antwoorden", "en": "KTV: too few answers"}
_SIMULATED = {"nl": "gesimuleerd", "en": "simulated"}


def measure_steps(chain: Journey, studies: Sequence[Study], language: str) -> dict[str, str]:
    """KTV of each step whose detailed journey (``details``) one of the studies measures.

    Returns
    -------
    By step id a line such as ``KTV 8,4 (8,2-8,6), n = 310``: the mean of all patients (1-10) with its 95% interval,
    practices counted as clusters. Fewer answers than the study's ``minimum_n`` give no figure.

    Raises
    ------
    StudyError
        When a study measures a journey that no step names, or two measure the same one.
    """
    steps = {step.details: step.id for step in chain.steps if step.details}
    found: dict[str, str] = {}
    for study in studies:
        step = steps.get(study.journey.id)
        if step is None or step in found:
            why = "is measured by another study too" if step else f"is named by no step of '{chain.id}'"
            listed = ", ".join(str(name) for name in steps) or "none"
            raise StudyError(
                f"{study.root}: its journey '{study.journey.id}' {why}; steps name (details:) {listed}. Leave this "
                "study out, or correct the chain."
            )
        found[step] = _ktv(study, language)
    return found


def _ktv(study: Study, language: str) -> str:
    from pxanalysis.analysis.metrics import estimate_metrics

    outcome = study.journey.outcome("ktv")
    answers = study.responses
    answered = int(answers.table[outcome.id].is_not_null().sum())
    if answered < study.settings.analysis.minimum_n:
        return _TOO_FEW.get(language, _TOO_FEW["en"])
    row = estimate_metrics(answers, outcome.id, by=None, metrics=["mean"]).tidy().iloc[0]
    text = f"KTV {row['estimate']:.1f} ({row['ci_low']:.1f}–{row['ci_high']:.1f}), n = {answered}"
    text = text.replace(".", ",") if language == "nl" else text
    return f"{text}, {_SIMULATED.get(language, _SIMULATED['en'])}" if answers.simulated else text
