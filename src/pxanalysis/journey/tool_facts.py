"""Names that a questionnaire and the reading of its answers have in common, beside those of the questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pxanalysis.journey.form import Question
    from pxanalysis.journey.short_ids import CodeBook

__all__ = ["ABSENT_REASON", "FORM_MARK", "REDCAP_INSTRUMENT", "answer_coding", "canonical_url"]

FORM_MARK = "pxanalysis-form"
"""Column by which a file of our own page is known."""

REDCAP_INSTRUMENT = "experience"
"""Name of the one REDCap instrument; an export has columns ``experience_timestamp`` and ``experience_complete``."""

ABSENT_REASON = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
"""FHIR code system of "not applicable" and "asked but unknown", apart from the answers of a scale."""


def canonical_url(journey_id: str) -> str:
    """How FHIR responses name the questionnaire they answer.

    >>> canonical_url("dental-checkup")
    'urn:pxanalysis:questionnaire:dental-checkup'
    """
    return f"urn:pxanalysis:questionnaire:{journey_id}"


def answer_coding(question: Question, value: str, book: CodeBook) -> dict[str, str]:
    """The FHIR coding of one answer; not applicable and unknown are of the standard's own system."""
    kinds = {choice.value: choice.kind for choice in question.choices}
    system = f"urn:pxanalysis:answers:{question.id}" if kinds[value] == "answer" else ABSENT_REASON
    return {"system": system, "code": book.codes[question.id][value]}
