"""Evidence of an own measurement for the quality register: one dentist's page, beside the dentist's own reflection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from pxanalysis.analysis.metrics.definitions import metrics_of
from pxanalysis.analysis.privacy.cells import Cell, split_block
from pxanalysis.analysis.privacy.dentists import OTHERS, renew_dentist_parts, shown_people
from pxanalysis.analysis.privacy.fingerprints import ANSWERED
from pxanalysis.errors import PrivacyError, StudyError
from pxanalysis.journey.parts import MAIN_METRIC
from pxanalysis.reporting.krt_page import (
    NEEDED,
    DentistFigure,
    DentistResults,
    Reflection,
    reflection_questions,
    render_krt,
)
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.reporting.sections.selection import Selection
from pxanalysis.study.dentist_file import DENTIST_PARTS, read_dentist_parts, write_dentist_parts
from pxanalysis.study.lock import lock_study
from pxanalysis.survey.files import distinct_names, write_atomically
from pxanalysis.survey.policy import WEIGHT
from pxanalysis.survey.scores import score_responses

if TYPE_CHECKING:
    from pxanalysis.analysis.privacy.counted import CountedAnswers
    from pxanalysis.arrays import FloatArray
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


@dataclass(frozen=True, eq=False)
class _Answers:
    """Answers of one practice in the last release, with the treating dentist of each.

    Attributes
    ----------
    dentists
        By response id.
    """

    counted: CountedAnswers
    practice: str
    dentists: Mapping[str, str]

    @property
    def parts(self) -> list[str]:
        """Everybody, the rated outcomes, and the touchpoints."""
        journey = self.counted.shown.journey
        return [ANSWERED, *(one.id for one in journey.rated_outcomes), *(one.id for one in journey.touchpoints)]

    @cached_property
    def _places(self) -> list[tuple[int, int, str]]:
        """Row among all answers, row in the table, and dentist, of the practice."""
        table = self.counted.shown.table.select("practice_id", "response_id")
        whole = np.flatnonzero(self.counted.rows).tolist()
        return [
            (whole[row], row, self.dentists.get(response_id, OTHERS))
            for row, (practice, response_id) in enumerate(table.iter_rows())
            if practice == self.practice
        ]

    @cached_property
    def known(self) -> set[str]:
        """Dentists of the practice."""
        return {dentist for _, _, dentist in self._places} - {OTHERS}

    @cached_property
    def _values(self) -> dict[str, FloatArray]:
        """What is averaged of each row of the table, NaN where there is nothing."""
        shown = self.counted.shown
        values: dict[str, FloatArray] = {ANSWERED: np.ones(shown.n)}
        for outcome in shown.journey.rated_outcomes:
            metric = next(one for one in metrics_of(outcome, shown.journey) if one.name == MAIN_METRIC[outcome.kind])
            values[outcome.id] = metric.values(shown.table[outcome.id].cast(pl.Float64).to_numpy())
        scores = score_responses(shown)
        return values | {one.id: scores[one.id].to_numpy(dtype=np.float64) for one in shown.journey.touchpoints}

    @cached_property
    def _weights(self) -> FloatArray:
        table = self.counted.shown.table
        if WEIGHT not in table.columns:
            return np.ones(table.height)
        return np.asarray(table[WEIGHT].fill_null(0.0).to_numpy(), dtype=np.float64)

    def of_part(self, part: str) -> Iterator[tuple[int, int, str]]:
        """Hash, row in the table and dentist of everybody who counts in a part and has a value there."""
        elements, counts = self.counted.membership.elements[part], self.counted.membership.counts(part)
        for place, row, dentist in self._places:
            if counts[place] and np.isfinite(self._values[part][row]):
                yield elements[place], row, dentist

    def present(self, part: str) -> dict[int, str]:
        """Dentist of everybody who counts in a part, by hash."""
        return {code: dentist for code, _, dentist in self.of_part(part)}

    def rows(self, part: str, minimum_n: int) -> list[dict[int, str]]:
        """Blocks of a part as they came, of which nobody left: of hashes, the dentist.

        Touchpoints are shown by month elsewhere, so their blocks are split as they are there.
        """
        member, present = self.counted.membership, self.present(part)
        given = {member.elements[part][place] for place, _, _ in self._places}
        cell = member.cells.get((self.practice, part), Cell())
        blocks = [block.people for block in cell.intact if block.people <= given]
        if any(part == one.id for one in self.counted.shown.journey.touchpoints):
            months = dict(zip((code for code, _, _ in self.of_part(part)), self._months(part), strict=True))
            split = ({one: months[one] for one in people if one in months} for people in blocks)
            blocks = [part_of.people for people in split for part_of in split_block(people, minimum_n)]
        return [{one: present[one] for one in people if one in present} for people in blocks]

    def _months(self, part: str) -> list[str]:
        days = self.counted.shown.table["completed_on"].dt.strftime("%Y-%m").fill_null("").to_list()
        return [days[row] for _, row, _ in self.of_part(part)]

    def period(self, people: frozenset[int]) -> tuple[str, str]:
        """First and last month of people's answers; empty where none has a day."""
        months = zip((code for code, _, _ in self.of_part(ANSWERED)), self._months(ANSWERED), strict=True)
        found = sorted(month for code, month in months if code in people and month)
        return (found[0], found[-1]) if found else ("", "")

    def estimate(self, part: str, people: frozenset[int]) -> DentistFigure:
        """Mean over people."""
        rows = [row for code, row, _ in self.of_part(part) if code in people]
        weights = self._weights[rows]
        if not rows or not weights.sum():
            return DentistFigure(part, 0, None)
        return DentistFigure(part, len(rows), float(np.average(self._values[part][rows], weights=weights)))


def _divide(answers: _Answers, dentist: str, path: Path, minimum_n: int) -> dict[str, frozenset[int]]:
    """Whom each figure of a dentist rests on, by part; what is newly divided among dentists is remembered.

    Raises
    ------
    PrivacyError
        When nothing of this dentist may be shown; nothing is divided then.
    """
    before = read_dentist_parts(path)
    found, left, people = [], list(before), {}
    for part in answers.parts:
        own = [one for one in before if (one.practice_id, one.part) == (answers.practice, part)]
        present, rows = answers.present(part), answers.rows(part, minimum_n)
        now = renew_dentist_parts((answers.practice, part), rows, own, present, dentist, minimum_n)
        people[part] = shown_people(now, dentist, present)
        found += now
        left = [one for one in left if one not in own]
    if not people[ANSWERED]:
        raise PrivacyError(
            f"--dentist {dentist!r}: too few answers that count for the practice, or a few patients of others could be "
            f"worked out from this page: each figure, and each difference of figures, is on {minimum_n} people or "
            "more. No page is made. Try again when more answers have come."
        )
    if [*left, *found] != before:
        write_dentist_parts(path, [*left, *found])
    return people


def _form(study: Study, practice: str, dentist: str, dentists: set[str]) -> Path:
    """The dentist's reflection, beside the page: in a folder for each practice, so that no two names run together."""
    folder = distinct_names(study.results["practices"]["practice_id"].astype(str))[practice]
    return study.root / _FOLDER / folder / f"{distinct_names(dentists)[dentist]}.txt"


def _read_answers(study: Study, practice: str) -> _Answers:
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
    return _Answers(counted, practice, dict(known.iter_rows()))


def _check_dentist(answers: _Answers, dentist: str) -> None:
    if dentist in answers.known:
        return
    ids = sorted(answers.known)
    more = f" and {len(ids) - 20} more" if len(ids) > 20 else ""
    raise StudyError(
        f"--dentist {dentist!r}: no answers of practice '{answers.practice}' that count have this dentist. "
        + (f"It has: {', '.join(ids[:20])}{more}." if ids else "None of them has one.")
    )


def _summarise(
    answers: _Answers, people: Mapping[str, frozenset[int]], dentist: str, response: tuple[int, int] | None
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
