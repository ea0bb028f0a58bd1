"""Answers of one practice in the last release, by treating dentist: who counts where, and what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from pxanalysis.analysis.metrics.definitions import metrics_of
from pxanalysis.analysis.privacy.cells import Cell, split_block
from pxanalysis.analysis.privacy.dentists import OTHERS, Blocks, DentistPart, renew_dentist_parts, shown_people
from pxanalysis.analysis.privacy.fingerprints import ANSWERED, scored_part
from pxanalysis.journey.outcome_metrics import MAIN_METRIC
from pxanalysis.reporting.krt_page import DentistFigure
from pxanalysis.survey.policy import WEIGHT
from pxanalysis.survey.scores import score_responses

if TYPE_CHECKING:
    from pxanalysis.analysis.privacy.counted import CountedAnswers
    from pxanalysis.arrays import FloatArray

__all__ = ["DentistAnswers"]


@dataclass(frozen=True, eq=False)
class DentistAnswers:
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
                yield int(elements[place]), row, dentist

    def present(self, part: str) -> dict[int, str]:
        """Dentist of everybody who counts in a part, by hash."""
        return {code: dentist for code, _, dentist in self.of_part(part)}

    def blocks(self, part: str, minimum_n: int) -> Blocks:
        """Blocks of a part of which nobody left.

        Touchpoints are shown by month elsewhere, so their blocks are split as they are there; a block in which somebody
        has no score, though the answers would make one, may have been shown with them and is left out.
        """
        member, present = self.counted.membership, self.present(part)
        places = [place for place, _, _ in self._places]
        given = frozenset(member.elements[part][places].tolist())
        months = dict(zip((code for code, _, _ in self.of_part(part)), self._months(part), strict=True))
        scored: frozenset[int] = frozenset()
        if scored_part(part) in member.elements:
            scored = frozenset(member.elements[scored_part(part)][places].tolist()) - {0}
        cell = member.cells.get((self.practice, part), Cell())
        whole, mixed = [], []
        for block in cell.blocks:
            new, shown = cell.new_in(block), block.people & present.keys()
            if not block.people <= given or not block.people & scored <= shown:
                continue
            if new != block.people:
                mixed.append({one: present[one] for one in shown & new})
            elif scored:
                split = split_block({one: months[one] for one in shown}, minimum_n)
                whole += [{one: present[one] for one in month.people} for month in split]
            else:
                whole.append({one: present[one] for one in shown})
        return Blocks(whole, mixed)

    def _months(self, part: str) -> list[str]:
        days = self.counted.shown.table["completed_on"].dt.strftime("%Y-%m").fill_null("").to_list()
        return [days[row] for _, row, _ in self.of_part(part)]

    def divide(
        self, dentist: str, before: Sequence[DentistPart], minimum_n: int
    ) -> tuple[list[DentistPart], dict[str, frozenset[int]]]:
        """Divide what is new among dentists, for the page of one of them.

        Parameters
        ----------
        before
            What was divided, of all practices.

        Returns
        -------
        What is divided now, and whom each figure of the dentist rests on, by part.
        """
        found = [one for one in before if one.practice_id != self.practice or one.part not in self.parts]
        here, people = [one for one in before if one.practice_id == self.practice], {}
        for part in self.parts:
            own = [one for one in here if one.part == part]
            present, blocks = self.present(part), self.blocks(part, minimum_n)
            now = renew_dentist_parts((self.practice, part), blocks, own, present, dentist, minimum_n)
            people[part] = shown_people(now, dentist, present)
            found += now
        return found, people

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
