"""Which column of an export is which question of a journey: by id, by wording, and what only looks alike."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from pxanalysis.journey.model import Journey
from pxanalysis.survey.checking.headers import expected_columns, is_personal
from pxanalysis.survey.checking.parsing import parse_text
from pxanalysis.survey.columns.verdict import name_examples
from pxanalysis.survey.mapping.columns import ExportColumn, describe_columns, plain_text
from pxanalysis.survey.mapping.fit import explain_misfit
from pxanalysis.survey.mapping.keys import find_keys
from pxanalysis.survey.sources.raw import RawTable
from pxanalysis.survey.words import fold_text

__all__ = ["ColumnMap", "ColumnProposal", "propose_columns"]

How = Literal["study.toml", "id", "wording", "name", "alike", "twice", "none"]

_ALIKE = 80.0
"""From this score (0-100) on two wordings are shown as alike; that is a suggestion, and never decides."""
_CERTAIN = 100.0


@dataclass(frozen=True, slots=True)
class ColumnProposal:
    """A column for one question of the journey.

    Attributes
    ----------
    how
        Why: it is named so in ``study.toml``; it bears the question's ``id``; its heading is the question's
        ``wording``; its ``name`` says that it is the practice, the day or the response; its wording is ``alike``, which
        somebody has to confirm; ``twice``: several columns match, and somebody has to choose; ``none`` was found.
    score
        Likeness of the wordings, 0-100.
    misfit
        Why its cells cannot be answers to the question; empty when they can.
    examples
        The commonest cells, with their number.
    """

    id: str
    column: str
    how: How
    score: float = 0.0
    misfit: str = ""
    examples: tuple[str, ...] = ()

    @property
    def is_sure(self) -> bool:
        """Whether it can be written without a question."""
        return self.how in {"id", "wording", "name"} and not self.misfit


@dataclass(frozen=True, slots=True, eq=False)
class ColumnMap:
    """Proposals for all questions of a journey.

    Attributes
    ----------
    unused
        Columns of the export that are proposed for nothing.
    """

    file: str
    proposals: tuple[ColumnProposal, ...]
    unused: tuple[str, ...]

    @property
    def columns(self) -> dict[str, str]:
        """What is sure and not in study.toml yet: journey id to column, where they differ."""
        return {one.id: one.column for one in self.proposals if one.is_sure and one.id != one.column}

    @property
    def suggestions(self) -> tuple[ColumnProposal, ...]:
        """What looks alike and fits, for somebody to confirm."""
        return tuple(one for one in self.proposals if one.how == "alike" and not one.misfit)

    @property
    def table(self) -> pd.DataFrame:
        """One row per question: ``id, column, how, score, fits, examples``."""
        rows = [
            {
                "id": one.id,
                "column": one.column,
                "how": one.how,
                "score": f"{one.score:.0f}" if one.column else "",
                "fits": one.misfit or ("yes" if one.column else ""),
                "examples": ", ".join(one.examples),
            }
            for one in self.proposals
        ]
        return pd.DataFrame(rows, columns=["id", "column", "how", "score", "fits", "examples"])

    def _repr_html_(self) -> str:
        return str(self.table.to_html(index=False))


def propose_columns(raw: RawTable, journey: Journey, columns: Mapping[str, str] | None = None) -> ColumnMap:
    """Propose a column of the export for each question of the journey.

    Parameters
    ----------
    columns
        What study.toml maps already; it is kept.
    """
    described = describe_columns(raw)
    proposer = _Proposer(raw, journey, described, {k: v for k, v in (columns or {}).items() if v in raw.cells.columns})
    proposals = proposer.propose()
    used = {one.column for one in proposals}
    return ColumnMap(raw.name, proposals, tuple(name for name in raw.cells.columns if name not in used))


def _fold(text: str) -> str:
    return fold_text(plain_text(text)).strip(" ?:.!*")


def _wordings(journey: Journey) -> Iterator[tuple[str, str]]:
    """Id and wording of every question, in every language."""
    for placed in journey.items:
        yield from ((placed.id, text) for text in placed.item.text.root.values())
    for outcome in journey.outcomes:
        yield from ((outcome.id, text) for text in (*outcome.text.root.values(), *outcome.label.root.values()))
    for variable in journey.case_mix:
        yield from ((variable.id, text) for text in variable.label.root.values())
    for question in journey.open_questions:
        yield from ((question.id, text) for text in question.text.root.values())


def _names(column: str) -> set[str]:
    """Names a column may bear: its own, the part in brackets, behind a group, before a full stop; letters only."""
    row = re.search(r"\[([A-Za-z0-9_]+)\]", column)
    code = column.split(". ", 1)[0]
    parts = {column, code, re.split(r"[/-]", column)[-1], *([row[1]] if row else [])}
    return {part.casefold().replace("_", "").strip() for part in parts}


class _Proposer:
    """The columns of one export, given away to the questions of one journey."""

    def __init__(self, raw: RawTable, journey: Journey, described: list[ExportColumn], mapped: dict[str, str]) -> None:
        self.raw, self.journey, self.described, self.mapped = raw, journey, described, mapped
        self.free = [one for one in described if one.name not in mapped.values()]
        self.found: dict[str, ColumnProposal] = {}

    def propose(self) -> tuple[ColumnProposal, ...]:
        """Proposals in the order of the journey."""
        for id_, column in self.mapped.items():
            self._take(id_, column, "study.toml", _CERTAIN)
        self._match_names()
        self._match_wordings()
        for id_, column in find_keys(self.raw, self.free, None).items():
            if id_ not in self.found:
                self._take(id_, column, "name", _CERTAIN)
        self._match_alike()
        asked = [id_ for id_ in expected_columns(self.journey) if id_ not in {"role", "channel", "simulated"}]
        ids = dict.fromkeys([*asked, *self.found])
        return tuple(self.found.get(id_, ColumnProposal(id_, "", "none")) for id_ in ids)

    def _take(self, id_: str, column: str, how: How, score: float) -> None:
        cells = self.raw.cells[column]
        personal = is_personal(column) or id_ in {question.id for question in self.journey.open_questions}
        examples = () if personal else name_examples(parse_text(cells), 3)
        self.found[id_] = ColumnProposal(id_, column, how, score, explain_misfit(cells, id_, self.journey), examples)
        self.free = [one for one in self.free if one.name != column]

    def _match_names(self) -> None:
        names: dict[str, list[str]] = {}
        for one in self.free:
            for name in _names(one.name):
                names.setdefault(name, []).append(one.name)
        for id_ in expected_columns(self.journey):
            same = [name for name in names.get(id_.casefold().replace("_", ""), ()) if self._is_free(name)]
            exact = [name for name in same if name == id_]
            self._decide(id_, exact or same, "id")

    def _is_free(self, column: str) -> bool:
        return any(one.name == column for one in self.free)

    def _match_wordings(self) -> None:
        texts: dict[str, set[str]] = {}
        for id_, text in _wordings(self.journey):
            texts.setdefault(_fold(text), set()).add(id_)
        headings: dict[str, list[str]] = {}
        for one in self.free:
            for text in dict.fromkeys(map(_fold, (one.text, one.name, self._heading(one)))):
                headings.setdefault(text, []).append(one.name)
        for text, ids in texts.items():
            same = [name for name in headings.get(text, ()) if self._is_free(name)]
            for id_ in ids if len(ids) == 1 else ():
                self._decide(id_, same, "wording")

    def _heading(self, column: ExportColumn) -> str:
        return self.raw.texts.get(column.name, column.name)

    def _decide(self, id_: str, same: list[str], how: How) -> None:
        """Take the one column that matches; several are shown, for somebody to choose."""
        if id_ in self.found or not same:
            return
        if len(same) == 1:
            self._take(id_, same[0], how, _CERTAIN)
        else:
            self.found[id_] = ColumnProposal(id_, " or ".join(same[:3]), "twice", _CERTAIN)

    def _match_alike(self) -> None:
        """Suggest the likeliest free column that fits, the likeliest pair of all first."""
        from rapidfuzz import fuzz, process  # only where something is left to be matched

        left = [(id_, _fold(text)) for id_, text in _wordings(self.journey) if id_ not in self.found]
        columns = [(one.name, _fold(text)) for one in self.free for text in {one.text, self._heading(one)}]
        if not left or not columns:
            return
        scores = process.cdist(
            [text for _, text in left], [text for _, text in columns], scorer=fuzz.token_sort_ratio, score_cutoff=_ALIKE
        )
        pairs = sorted(
            ((-float(scores[i, j]), id_, name) for i, (id_, _) in enumerate(left) for j, (name, _) in enumerate(columns)
             if scores[i, j] >= _ALIKE),
        )  # fmt: skip
        for score, id_, name in pairs:
            if (
                id_ not in self.found
                and self._is_free(name)
                and not explain_misfit(self.raw.cells[name], id_, self.journey)
            ):
                self._take(id_, name, "alike", -score)
