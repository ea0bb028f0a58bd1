"""Evidence of an own measurement for the quality register: one dentist's page, beside the dentist's own reflection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pxanalysis.analysis.privacy.dentists import OTHERS
from pxanalysis.analysis.privacy.fingerprints import ANSWERED
from pxanalysis.errors import PrivacyError, StudyError
from pxanalysis.reporting.krt_page import (
    NEEDED,
    DentistResults,
    Reflection,
    reflection_questions,
    render_krt,
)
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.reporting.sections.selection import Selection
from pxanalysis.study.dentist_answers import DentistAnswers
from pxanalysis.study.dentist_file import DENTIST_PARTS, read_dentist_parts, write_dentist_parts
from pxanalysis.study.lock import lock_study
from pxanalysis.survey.files import distinct_names, write_atomically

if TYPE_CHECKING:
    from pxanalysis.study.folder import Study

__all__ = ["DentistPage", "write_dentist_page"]

_FOLDER = "krt"
"""Beside the reports and not among them: no page lists it, and none of it is delivered with them."""

_MOST_WRITTEN = 20_000
"""Characters of a reflection: some ten sheets."""


@dataclass(frozen=True, slots=True)
class DentistPage:
    """What was made.

    Attributes
    ----------
    page, form
        The page, and the text file for the dentist's reflection.
    n, lacking
        Experiences shown, and how many more the register asks.
    written
        Whether there is something in the form.
    """

    page: Path
    form: Path
    n: int
    lacking: int
    written: bool


def write_dentist_page(study: Study, practice: str, dentist: str, language: str | None = None) -> DentistPage:
    """Make the page of one treating dentist of a practice, from the last release.

    What is divided among dentists is remembered before the page is written: a crash between the two can only hide more.

    Raises
    ------
    PrivacyError
        When nothing of this dentist may be shown.
    ReportError
        When the practice is not in the results, or there is no such language.
    StudyError
        When no column with the dentist is named, the practice has no such dentist, nothing is released yet, what was
        shown before or the reflection cannot be read, or another process is at work in the study.
    """
    if study.settings.study.as_of is not None:
        raise StudyError(f"{study.root}: is a study as of an earlier day. Make dentists' pages where it was made from.")
    language, dentist = language or study.settings.study.language, dentist.strip()
    with lock_study(study.root):
        wording = Wording(language, study.journey.reported_on)
        selection = Selection(study.results, study.journey, practice, wording)
        answers = _read_answers(study, practice)
        _check_dentist(answers, dentist)
        form = _form(study, practice, dentist, answers.known)
        people = _divide(answers, dentist, study.root / DENTIST_PARTS, study.settings.analysis.minimum_n)
        reflection = _read_reflection(form, language)
        results = _summarise(answers, people, dentist, _response(selection))
        page = form.with_suffix(f".{language}.html")
        write_atomically(page, render_krt(results, selection, reflection, form.name))
    written = any(answer for _, answer in reflection)
    return DentistPage(page, form, results.n, max(NEEDED + 1 - results.n, 0), written)


def _divide(answers: DentistAnswers, dentist: str, path: Path, minimum_n: int) -> dict[str, frozenset[int]]:
    """Whom each figure of a dentist rests on, by part; what is newly divided among dentists is remembered.

    Raises
    ------
    PrivacyError
        When nothing of this dentist may be shown; nothing is divided then.
    """
    before = read_dentist_parts(path)
    now, people = answers.divide(dentist, before, minimum_n)
    if not people[ANSWERED]:
        raise PrivacyError(
            f"--dentist {dentist!r}: too few answers that count for the practice, or a few patients of others could be "
            f"worked out from this page: each figure, and each difference of figures, is on {minimum_n} people or "
            "more. No page is made. Try again when more answers have come."
        )
    if set(now) != set(before):
        write_dentist_parts(path, now)
    return people


def _form(study: Study, practice: str, dentist: str, dentists: set[str]) -> Path:
    """The dentist's reflection, beside the page: in a folder for each practice, so that no two names run together."""
    folder = distinct_names(study.results["practices"]["practice_id"].astype(str))[practice]
    return study.root / _FOLDER / folder / f"{distinct_names(dentists)[dentist]}.txt"


def _read_answers(study: Study, practice: str) -> DentistAnswers:
    """The last release, with the dentists that are kept aside.

    Raises
    ------
    StudyError
        When no dentist column is named or found, or nothing is released yet.
    """
    column = study.settings.study.dentist_column
    if column is None:
        raise StudyError(
            f"{study.root / 'study.toml'}: names no column with the treating dentist. Add under [study]: "
            'dentist_column = "provider_id", the name of the export\'s column with a pseudonymous id, and ingest again.'
        )
    counted = study.counted
    if counted is None:
        raise StudyError(f"{study.root}: no answers are released yet. Run 'pxanalysis run' first.")
    aside = study.store.read_aside()
    if column not in aside.columns:
        raise StudyError(
            f"{study.root / 'study.toml'}, [study] dentist_column: no answers came with a column '{column}'. Correct "
            "the name, or put an export that has it into data/raw, and ingest again."
        )
    known = aside.select("response_id", pl.col(column).str.strip_chars().fill_null(OTHERS))
    return DentistAnswers(counted, practice, dict(known.iter_rows()))


def _check_dentist(answers: DentistAnswers, dentist: str) -> None:
    if dentist in answers.known:
        return
    if answers.practice in answers.counted.frozen:
        raise PrivacyError(
            f"--practice {answers.practice!r}: answers were withdrawn or changed here, so its figures stay as they are "
            "until enough others have come. No page is made; one made before stands. Try again after a later run."
        )
    ids = sorted(answers.known)
    more = f" and {len(ids) - 20} more" if len(ids) > 20 else ""
    raise StudyError(
        f"--dentist {dentist!r}: no answers of practice '{answers.practice}' that count have this dentist. "
        + (f"It has: {', '.join(ids[:20])}{more}." if ids else "None of them has one.")
    )


def _summarise(
    answers: DentistAnswers, people: Mapping[str, frozenset[int]], dentist: str, response: tuple[int, int] | None
) -> DentistResults:
    first, last = answers.period(people[ANSWERED])
    figures = {part: answers.estimate(part, found) for part, found in people.items() if part != ANSWERED}
    return DentistResults(dentist, len(people[ANSWERED]), first, last, figures, response)


def _response(selection: Selection) -> tuple[int, int] | None:
    """Answered and invited of the practice, as its report has them."""
    if selection.response_rate is None or selection.invited is None:
        return None
    return selection.answered, selection.invited


def _read_reflection(form: Path, language: str) -> Reflection:
    """What the dentist wrote, by question; the form is made where there is none.

    Raises
    ------
    StudyError
        When it is no text, or too long for a page.
    """
    if not form.exists():
        blank = "\n\n\n".join(f"# {question}" for question in reflection_questions(language))
        write_atomically(form, f"{blank}\n\n")
    try:
        text = form.read_text(encoding="utf-8-sig")
    except (UnicodeDecodeError, OSError) as error:
        raise StudyError(f"{form}: cannot be read as text ({error!s:.80}). Save it as plain text, in UTF-8.") from error
    if len(text) > _MOST_WRITTEN:
        raise StudyError(
            f"{form}: has {len(text)} characters; expected {_MOST_WRITTEN} at most. Shorten it, so that it fits a page."
        )
    sections: list[tuple[str, list[str]]] = [("", [])]
    for line in text.splitlines():
        if line.startswith("# "):
            sections.append((line.removeprefix("# ").strip(), []))
        else:
            sections[-1][1].append(line)
    found = [(question, "\n".join(lines).strip()) for question, lines in sections]
    return [(question, answer) for question, answer in found if question or answer]
