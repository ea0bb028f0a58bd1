"""What a careful reader should know of a result: a code with its values, which has one sentence in English here.

Reports say the same in their own language by the code (``note.<code>`` in their catalogue).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["SENTENCES", "Note", "NoteCode"]

NoteCode = Literal[
    "one_response_each",
    "few_practices",
    "uneven_practices",
    "unmet_less_content",
    "few_responses",
    "overlap",
    "levels_joined",
    "samples_set_aside",
    "few_resampled",
    "no_recommendation",
    "nps_not_estimated",
    "weighted",
    "cv_not_asked",
    "cv_failed",
    "measured_level",
    "measured_few_practices",
    "measured_no_scale",
    "measured_content",
    "measured_family",
    "measured_samples",
    "johnson",
]

SENTENCES: dict[NoteCode, str] = {
    "one_response_each": "Every practice has one response, so practices and responses cannot be told apart.",
    "few_practices": "Only {n} practices: errors that allow for practices are themselves uncertain.",
    "uneven_practices": "The {n} practices differ so much in size that they say as much as about {effective} of equal "
    "size: errors that allow for practices are themselves uncertain.",
    "unmet_less_content": "Who did not meet '{touchpoint}', or said that it does not apply, has a worse outcome by "
    "half a standard deviation or more: if the discontented choose that answer, its score is too favourable and its "
    "effect too small.",
    "few_responses": "{n} responses for {terms} coefficients: fewer than 10 each, so they are imprecise.",
    "overlap": "The drivers overlap strongly (condition index {index}): single betas mean little.",
    "levels_joined": "Levels of case mix that fewer than {minimum} patients have, or that occur in fewer than "
    "{practices} practices, are taken together with others ({n} in all).",
    "samples_set_aside": "{failed} of {n} bootstrap samples left a column constant, a pair of columns without joint "
    "answers or columns that follow from each other, and were set aside.",
    "few_resampled": "Only {n} practices were resampled; with fewer than {minimum} the intervals are too narrow.",
    "no_recommendation": "The journey does not ask for a recommendation, so there is no gain in NPS.",
    "nps_not_estimated": "No gain in NPS: {reason}",
    "weighted": "The effects are weighted; the practices' performance is not.",
    "cv_not_asked": "Cross-validation: not asked for.",
    "measured_level": "Not corrected for how precisely scores are measured: the drivers are {level}s, not touchpoints.",
    "measured_few_practices": "Not corrected for how precisely scores are measured: that takes {minimum} practices, "
    "there are {n}.",
    "measured_no_scale": "Not corrected for how precisely scores are measured: no touchpoint has several questions "
    "that go together, and no reliability is stated.",
    "measured_content": "Not corrected for how precisely scores are measured: the questions differ in content (only "
    "{share} % of what they do not share can be error).",
    "measured_family": "Not corrected for how precisely scores are measured: the model is not linear.",
    "measured_samples": "Not corrected for how precisely scores are measured: fewer than {minimum} bootstrap samples.",
    "johnson": "More than {most} drivers: importance is by Johnson's relative weights, not by Shapley (LMG) shares.",
    "cv_failed": "Cross-validation: with one part of the practices left out, {reason}",
}


@dataclass(frozen=True, slots=True)
class Note:
    """A remark about a result; ``str`` gives its sentence.

    Attributes
    ----------
    code
        What it says.
    values
        What goes into the sentence: counts, or a reason in words.

    Examples
    --------
    >>> str(Note("few_practices", {"n": 6}))
    'Only 6 practices: errors that allow for practices are themselves uncertain.'
    """

    code: NoteCode
    values: Mapping[str, int | str] = field(default_factory=dict)

    def __str__(self) -> str:
        return SENTENCES[self.code].format(**self.values)

    def plain(self) -> dict[str, Any]:
        """Return the code and its values as plain JSON."""
        return {"code": self.code, **self.values}
