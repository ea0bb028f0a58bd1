"""What one practice's report reads from a study's results: its own rows, the pooled ones, and their labels."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeGuard, TypeVar, cast

import pandas as pd

from pxanalysis.analysis.whole_study.facts import StudyFacts
from pxanalysis.analysis.whole_study.frames import (
    DriverRow,
    FrameRow,
    ItemRow,
    OutcomeRow,
    PracticeRow,
    PriorityRow,
    TouchpointRow,
    VarianceRow,
    read_rows,
)
from pxanalysis.errors import ReportError
from pxanalysis.journey.model import Journey, Outcome
from pxanalysis.journey.outcome_metrics import MAIN_METRIC
from pxanalysis.reporting.page.fragments import display_text
from pxanalysis.reporting.page.wording import Wording

if TYPE_CHECKING:
    from pxanalysis.analysis.action_effects.shown import ShownActions

__all__ = ["LONGEST_LABEL", "LONGEST_NAME", "LONGEST_SENTENCE", "Results", "Selection", "is_known", "join_sentences"]

R = TypeVar("R", bound=FrameRow)

LONGEST_NAME = 120
LONGEST_LABEL = 80
LONGEST_SENTENCE = 300


class Results(Protocol):
    """What a report needs of :class:`pxanalysis.analysis.whole_study.results.StudyResults`."""

    @property
    def meta(self) -> StudyFacts:
        """What went in, and the figures of the whole study."""

    @property
    def frames(self) -> Mapping[str, pd.DataFrame]:
        """One tidy frame per subject."""

    def of_practice(self, name: str, practice_id: str) -> pd.DataFrame:
        """Rows of one practice ("" for all practices pooled)."""


def is_known(value: object) -> TypeGuard[float]:
    """Whether a cell holds a finite number; missing, infinite and suppressed cells do not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def join_sentences(*sentences: str) -> str:
    """Put the sentences that there are behind one another."""
    return " ".join(sentence for sentence in sentences if sentence)


@dataclass(frozen=True, eq=False)
class Selection:
    """Rows and labels for one practice in one language.

    Raises
    ------
    ReportError
        When the results do not have the practice.
    """

    results: Results
    journey: Journey
    practice_id: str
    wording: Wording
    actions: ShownActions | None = None
    _known: dict[tuple[str, str | None], list[FrameRow]] = field(default_factory=dict, init=False, repr=False)
    _frames: dict[tuple[str, str | None, str], pd.DataFrame] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.own(PracticeRow):
            known = self.results.frames["practices"]["practice_id"].astype(str).tolist()
            raise ReportError(
                f"practice '{self.practice_id}' is not in the results. Give one of: {', '.join(known[:20])}"
                f"{' ...' if len(known) > 20 else ''}. Ids are text: '01012345', with its zeros."
            )

    def _rows(self, kind: type[R], practice_id: str | None, where: Mapping[str, object]) -> list[R]:
        """Rows of one practice, or with None of all; a frame is turned into rows once."""
        key = kind.frame, practice_id
        if key not in self._known:
            frame = self._frame(kind.frame, practice_id)
            self._known[key] = [*read_rows(frame, kind)] if len(frame) else []
        rows = cast("list[R]", self._known[key])
        return [row for row in rows if all(getattr(row, column) == value for column, value in where.items())]

    def own(self, kind: type[R], **where: object) -> list[R]:
        """Rows of this practice."""
        return self._rows(kind, self.practice_id, where)

    def pooled(self, kind: type[R], **where: object) -> list[R]:
        """Rows of all practices together."""
        return self._rows(kind, "", where)

    def study(self, kind: type[R], **where: object) -> list[R]:
        """Rows of a frame that is about the whole study."""
        return self._rows(kind, None, where)

    def driver(self, touchpoint: str) -> DriverRow | None:
        """What a touchpoint does to the outcome; None where the drivers know it not."""
        return next(iter(self.study(DriverRow, touchpoint=touchpoint)), None)

    def variance_of(self, name: object) -> VarianceRow | None:
        """How much practices differ on an outcome, touchpoint or item."""
        return next(iter(self.study(VarianceRow, outcome_or_touchpoint=name)), None)

    @property
    def priorities(self) -> list[PriorityRow]:
        """What this practice could win, per touchpoint that is its own to improve."""
        return [row for row in self.own(PriorityRow) if row.touchpoint not in self.of_others]

    @cached_property
    def of_others(self) -> dict[str, str]:
        """Touchpoints of other providers than the one that is reported to, with that provider's name."""
        names = {one.id: one.label[self.language] for one in self.journey.providers}
        own = self.meta.provider
        steps = [step for step in self.journey.steps if own and step.provider != own]
        return {one.id: names[step.provider] for step in steps for one in step.touchpoints}

    def main_metric(self, outcome: Outcome) -> OutcomeRow | None:
        """The practice's row of the metric that an outcome is known by, shown or not."""
        rows = self.own(OutcomeRow, outcome=outcome.id, metric=MAIN_METRIC[outcome.kind])
        return rows[0] if rows else None

    def own_frame(self, name: str, outcome: str = "") -> pd.DataFrame:
        """Rows of this practice, of one outcome where that is given; there may be none. Not to be written to."""
        return self._frame(name, self.practice_id, outcome)

    def pooled_frame(self, name: str, outcome: str = "") -> pd.DataFrame:
        """The same of all practices together."""
        return self._frame(name, "", outcome)

    def study_frame(self, name: str, outcome: str = "") -> pd.DataFrame:
        """The same of every practice."""
        return self._frame(name, None, outcome)

    def _frame(self, name: str, practice_id: str | None, outcome: str = "") -> pd.DataFrame:
        """Rows are selected once: the same frame comes again, so that it is described once as well."""
        key = name, practice_id, outcome
        if key not in self._frames:
            self._frames[key] = self._select(*key)
        return self._frames[key]

    def _select(self, name: str, practice_id: str | None, outcome: str) -> pd.DataFrame:
        if outcome:
            frame = self._frame(name, practice_id)
            return frame if frame.empty else frame[frame["outcome"] == outcome].reset_index(drop=True)
        found = self.results.frames.get(name)
        if found is None or (practice_id is not None and "practice_id" not in found):
            return pd.DataFrame()
        return found if practice_id is None else self.results.of_practice(name, practice_id)

    @property
    def meta(self) -> StudyFacts:
        """What went in, and the figures of the whole study."""
        return self.results.meta

    @property
    def language(self) -> str:
        """Language of the report."""
        return self.wording.language

    @cached_property
    def practice(self) -> PracticeRow:
        """The practice's own row."""
        return self.own(PracticeRow)[0]

    @property
    def name(self) -> str:
        """What the practice is called; its id where it has no name."""
        name = display_text(str(self.practice.name or ""), LONGEST_NAME)
        return name or display_text(self.practice_id, LONGEST_NAME)

    @property
    def n(self) -> int:
        """Respondents of the practice."""
        return self.practice.n

    @property
    def invited(self) -> int | None:
        """Patients of the practice who were invited; None where that is not known."""
        count = self.practice.n_invited
        return count if count is not None and count > 0 else None

    @property
    def response_rate(self) -> float | None:
        """Proportion of the invited patients who answered; None where it is not known or makes no sense."""
        return self.answered / self.invited if self.invited is not None and self.invited >= self.answered else None

    @property
    def answered(self) -> int:
        """Patients who answered, those whose answers wait included."""
        return self.n + self.waiting

    @property
    def waiting(self) -> int:
        """New answers of the practice that do not count yet, because there are too few of them."""
        return self.meta.waiting.get(self.practice_id, 0)

    @property
    def minimum(self) -> int:
        """Smallest number of people on which a figure is shown."""
        return self.meta.minimum_n

    @property
    def suppressed(self) -> bool:
        """Whether the practice has too few respondents for any figure."""
        return self.practice.suppressed

    @property
    def undated(self) -> bool:
        """Whether the data hold no dates; False for a practice of which nothing, hence no date, is known."""
        return not self.suppressed and not self.meta.first_date

    @property
    def simulated(self) -> bool:
        """Whether the answers were made up."""
        return self.meta.simulated

    @cached_property
    def labels(self) -> dict[str, str]:
        """Label of each touchpoint, in journey order."""
        return {tp.id: display_text(tp.label[self.language], LONGEST_LABEL) for tp in self.journey.touchpoints}

    @cached_property
    def plain_item_texts(self) -> dict[str, str]:
        """Wording of each item as it was asked, in journey order."""
        return {one.id: display_text(one.item.text[self.language], LONGEST_SENTENCE) for one in self.journey.items}

    @cached_property
    def item_texts(self) -> dict[str, str]:
        """Wording of each item, in journey order; one that is counted in reverse says so."""
        texts = {}
        for placed in self.journey.items:
            text = self.plain_item_texts[placed.id]
            reverse = placed.item.direction == "lower-is-better"
            texts[placed.id] = self.wording.text("item.reversed", text=text) if reverse else text
        return texts

    @cached_property
    def outcome_labels(self) -> dict[str, str]:
        """Label of each outcome, in journey order."""
        return {o.id: display_text(o.label[self.language], LONGEST_LABEL) for o in self.journey.outcomes}

    def label(self, touchpoint_id: object) -> str:
        """Label of a touchpoint; its id where the journey no longer has it."""
        return self.labels.get(str(touchpoint_id)) or display_text(str(touchpoint_id), LONGEST_LABEL)

    def enumerate_labels(self, touchpoint_ids: list[str]) -> str:
        """Labels in a sentence: ``a, b en c``."""
        return self.wording.enumerate([self.label(name) for name in touchpoint_ids])

    @cached_property
    def touchpoints(self) -> list[TouchpointRow]:
        """The practice's touchpoint rows in journey order."""
        return sorted(self.own(TouchpointRow), key=lambda row: (row.position, row.touchpoint))

    @cached_property
    def _items_by_score(self) -> dict[str, list[tuple[float, ItemRow]]]:
        """Per touchpoint the rows of its items with their means, lowest first."""
        known = [(row.mean, row.item, row) for row in self.own(ItemRow) if not row.suppressed and is_known(row.mean)]
        shown: dict[str, list[tuple[float, ItemRow]]] = {}
        for mean, item, row in sorted(known, key=lambda one: one[:2]):
            if item in self.item_texts:
                shown.setdefault(row.touchpoint, []).append((mean, row))
        return shown

    @cached_property
    def weakest_items(self) -> dict[str, ItemRow]:
        """The item that scores lowest, per touchpoint in which one clearly does among people who answered all."""
        return {
            row.touchpoint: row
            for rows in self._items_by_score.values()
            for _, row in rows
            if row.clearly_lowest or len(rows) == 1
        }

    def items_of(self, touchpoint_id: str) -> list[ItemRow]:
        """Rows of the items of a touchpoint that may be shown, lowest first."""
        return [row for _, row in self._items_by_score.get(touchpoint_id, [])]

    @property
    def lowest_items(self) -> dict[str, str]:
        """Id of the item that scores lowest per touchpoint, clearly or not, among people who answered all."""
        rows = (row for shown in self._items_by_score.values() for _, row in shown)
        return {row.touchpoint: row.item for row in rows if row.lowest}

    @cached_property
    def modelled(self) -> Outcome | None:
        """The outcome that the drivers explain; None where the journey no longer has it."""
        return next((one for one in self.journey.outcomes if one.id == self.meta.outcome), None)

    @property
    def smallest_gain(self) -> float | None:
        """Smallest gain worth having, outcome points; None where the results do not say."""
        return self.meta.smallest_gain

    @property
    def drives_a_share(self) -> bool:
        """Whether the drivers explain a behaviour, so that gains are shares of patients and not points."""
        return self.modelled is not None and self.modelled.kind == "behaviour"

    @property
    def outcome_word(self) -> str:
        """What the drivers explain, within a sentence: satisfaction, ease; else as the journey calls it."""
        if self.modelled is None or self.modelled.kind == "behaviour":
            return self.outcome_labels.get(self.meta.outcome, self.wording.text("outcome_word.ktv"))
        word, label = self.wording.text(f"outcome_word.{self.modelled.kind}"), self.outcome_labels[self.modelled.id]
        return word if word in label.casefold() else self.wording.text("quote", text=label)
