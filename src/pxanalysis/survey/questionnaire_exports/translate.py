"""From a survey tool's names and codes back to the journey's: what the questionnaire wrote, read in reverse."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from pxanalysis.errors import JourneyError
from pxanalysis.journey.form import DONT_KNOW, HIDDEN, build_form
from pxanalysis.journey.short_ids import make_codebook
from pxanalysis.survey.questionnaire_exports.layouts import recognise_layout
from pxanalysis.survey.sources.raw import RawTable
from pxanalysis.survey.sources.tools.records import Tally

if TYPE_CHECKING:
    from pxanalysis.journey.form import Form, Question
    from pxanalysis.journey.model import Journey
    from pxanalysis.journey.short_ids import CodeBook
    from pxanalysis.survey.questionnaire_exports.layouts import Layout

__all__ = ["Translation", "find_translation", "translate_export"]

_ESCAPED = re.compile(r"\\([*_\\`#])")
_SEEN_UNANSWERED = "-99"
"""What Qualtrics can give for a question that was shown and skipped."""


def translate_export(raw: RawTable, journey: Journey) -> RawTable:
    """Return the answers under the journey's ids and codes when the file is a tool's export of our questionnaire.

    Any other file comes back as it is. A filter question that was answered "no" makes the questions behind it "not
    applicable"; "don't know" is no answer, and is listed per response in a column ``dont_know``, which is kept aside.
    """
    translation = find_translation(raw, journey)
    if translation is None:
        return raw
    return replace(translation.apply(raw), notes=(*raw.notes, *translation.describe(raw.name)))


def find_translation(raw: RawTable, journey: Journey) -> Translation | None:
    """How an export of our questionnaire is turned back; None for any other table."""
    layout = recognise_layout(raw)
    if layout is None:
        return None
    try:
        form = build_form(journey)
        book = make_codebook(form, layout.tool)
    except JourneyError:
        return None  # a journey that cannot be asked by a tool was not: the file is somebody else's form
    columns = _find_columns(raw.cells.columns, form, book, layout)
    asked = {placed.id for placed in journey.items}
    if 2 * len(asked & columns.keys()) < len(asked):
        return None
    return Translation(form, book, layout, columns)


def _normal(text: str) -> str:
    """A label as it can be compared: without the escapes a tool needed, without case."""
    return " ".join(html.unescape(_ESCAPED.sub(r"\1", text.replace("$ {", "${"))).split()).casefold()


def _find_columns(have: list[str], form: Form, book: CodeBook, layout: Layout) -> dict[str, str]:
    """Column of each question and hidden field, by the tool's name or, in an export with labels, by its label."""
    ids = [*HIDDEN, *(question.id for question in form.questions), "simulated"]
    by_name = {book.names.get(id_, id_): id_ for id_ in ids}
    texts = [(_normal(text), question.id) for question in form.questions for text in question.text.values()]
    uses = Counter(text for text, _ in set(texts))
    by_label = {text: id_ for text, id_ in texts if uses[text] == 1}
    found: dict[str, str] = {}
    for column in have:
        id_ = by_name.get(column)  # before anything else: reminder_complete may be a question, not a state of REDCap
        if id_ is None and column not in layout.metadata:
            id_ = next((by_name[name] for name in _possible_names(column) if name in by_name), None)
            id_ = id_ or next((by_label[text] for text in _possible_labels(column) if text in by_label), None)
        if id_ is not None:
            found.setdefault(id_, column)
    return found


def _possible_names(column: str) -> list[str]:
    """The name itself, without its group, or the row of a matrix: ``group/name``, ``group-name``, ``matrix[name]``."""
    row = re.fullmatch(r"[A-Za-z0-9]+[\[_]([A-Za-z0-9]+)\]?", column)
    return [column, re.split(r"[/-]", column)[-1], *([row[1]] if row else [])]


def _possible_labels(column: str) -> list[str]:
    row = re.fullmatch(r".*?\[(.*)\]\s*", column, flags=re.DOTALL)
    parts = [column, *([row[1]] if row else []), column.partition("/")[2], column.rpartition("/")[2]]
    return [_normal(part) for part in parts if part]


@dataclass(frozen=True, slots=True)
class Translation:
    """How an export's columns are turned back question by question; part by part, if need be.

    Attributes
    ----------
    columns
        Column of each question and hidden field, by its id.
    tally
        What was counted of the parts.
    """

    form: Form
    book: CodeBook
    layout: Layout
    columns: Mapping[str, str]
    tally: Tally = field(default_factory=Tally)

    def apply(self, raw: RawTable) -> RawTable:
        """The next rows, translated."""
        return replace(raw, cells=_Part(self, raw).translate(), labels={})

    def describe(self, file: str) -> list[str]:
        """What is said of all parts."""
        counts, notes = self.tally.counts, []
        if counts["overruled"]:
            notes.append(
                f"{file}: {counts['overruled']} answers stand behind a filter question that was answered 'no'; they "
                "count as not applicable."
            )
        if counts["partial"]:
            notes.append(
                f"{file}: {counts['partial']} responses in this {self.layout.name} export were not sent in to the end; "
                "what they hold counts."
            )
        if counts["unknown"]:
            notes.append(f'{file}: {counts["unknown"]} answers are "don\'t know"; they count as not answered.')
        versions = self.tally.values("form_version")
        if len(versions) > 1:
            listed = ", ".join(f"{version} ({count})" for version, count in versions)
            notes.append(
                f"{file}: answers came from {len(versions)} versions of the form: {listed}; what a version did not ask "
                "is not answered."
            )
        return notes


class _Part:
    """Some rows of a file whose columns are turned back."""

    def __init__(self, translation: Translation, raw: RawTable) -> None:
        self.form, self.book, self.layout = translation.form, translation.book, translation.layout
        self.columns, self.tally = translation.columns, translation.tally
        text = raw.cells.with_columns(pl.all().cast(pl.String).str.strip_chars())
        self.cells = text.with_columns(pl.when(pl.all() != "").then(pl.all()))

    def translate(self) -> pl.DataFrame:
        """The cells under the journey's ids."""
        out = [self._column(self.layout.response_id).alias("response_id"), self._dates()]
        out += [self.cells[self.columns[id_]].alias(id_) for id_ in (*HIDDEN, "simulated") if id_ in self.columns]
        answers = {q.id: self._values(q) for q in self.form.questions if q.id in self.columns}
        unknown = [(id_, values == DONT_KNOW) for id_, values in answers.items()]
        answers = {
            id_: values.set((values == DONT_KNOW).fill_null(value=False), None) for id_, values in answers.items()
        }
        answers = self._close_gates(answers)
        out += [values.alias(id_) for id_, values in answers.items()]
        out += [self._list_unknown(unknown)]
        if self.layout.language in self.cells.columns:
            out.append(self.cells[self.layout.language or ""].alias("form_language"))
        out += self._others({series.name for series in out})
        self.tally.counts["unknown"] += sum(int(flag.sum()) for _, flag in unknown)
        self._count_partials()
        if "form_version" in self.columns:
            self.tally.count_values("form_version", self.cells[self.columns["form_version"]].drop_nulls())
        return pl.DataFrame(out)

    def _column(self, name: str) -> pl.Series:
        empty = pl.Series([None] * self.cells.height, dtype=pl.String)
        return self.cells[name] if name in self.cells.columns else empty

    def _dates(self) -> pl.Series:
        dates = pl.Series("completed_on", [None] * self.cells.height, dtype=pl.String)
        for name in self.layout.dates:
            column = self._column(name)
            dates = dates.fill_null(column)
        return dates

    def _values(self, question: Question) -> pl.Series:
        """Journey values of one question: from the tool's codes, else from the labels in any language."""
        cells = self.cells[self.columns[question.id]]
        if self.layout.tool == "qualtrics" and question.choices:
            cells = cells.set((cells == _SEEN_UNANSWERED).fill_null(value=False), None)
        if not question.choices:
            return cells
        codes = {code: value for value, code in self.book.codes[question.id].items()}
        labels = {_normal(text): choice.value for choice in question.choices for text in choice.label.values()}
        written = cells.unique().drop_nulls().to_list()
        known = {cell: codes.get(cell, labels.get(_normal(cell), cell)) for cell in written}
        return cells.replace_strict(known, default=None, return_dtype=pl.String) if known else cells

    def _close_gates(self, answers: dict[str, pl.Series]) -> dict[str, pl.Series]:
        """Questions behind a filter that was answered "no" are not applicable, whatever stands in them."""
        closed = dict(answers)
        for question in self.form.questions:
            gate = self.form.gated.get(question.id)
            if gate not in answers or question.id not in answers:
                continue
            no = (answers[gate or ""] == "0").fill_null(value=False)
            absent = next((c.value for c in question.choices if c.kind == "not-applicable"), None)
            self.tally.counts["overruled"] += int(
                (no & answers[question.id].is_not_null() & (answers[question.id] != absent)).sum() or 0
            )
            closed[question.id] = answers[question.id].set(no, absent)
        return closed

    def _list_unknown(self, unknown: list[tuple[str, pl.Series]]) -> pl.Series:
        """Ids that a respondent answered with "don't know", separated by spaces; null where there are none."""
        listed = pl.DataFrame(
            [pl.Series(id_, [id_]).new_from_index(0, len(flag)).set(~flag.fill_null(value=False), None)
             for id_, flag in unknown]
        ).select(pl.concat_str(pl.all(), separator=" ", ignore_nulls=True)).to_series()  # fmt: skip
        return listed.set((listed == "").fill_null(value=False), None).alias("dont_know")

    def _others(self, taken: set[str]) -> list[pl.Series]:
        used = set(self.columns.values()) | self.layout.metadata
        others = [name for name in self.cells.columns if name not in used and name not in taken]
        return [self.cells[name] for name in others]

    def _count_partials(self) -> None:
        if self.layout.partial is None:
            return
        name, values = self.layout.partial
        column = self._column(name).fill_null("")
        self.tally.counts["partial"] += int(column.is_in([value or "" for value in values]).sum())
