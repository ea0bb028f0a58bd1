"""Keyed hashes of what people answered: enough to know an answer again, and of no use without the key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

from pxanalysis.analysis.privacy.answer_words import sum_answers
from pxanalysis.analysis.privacy.cells import HashArray
from pxanalysis.analysis.privacy.empty_comments import says_something
from pxanalysis.analysis.privacy.keyed_hash import derive_key, hash_text, hash_texts, hash_words
from pxanalysis.survey.policy import NOT_APPLICABLE_PREFIX
from pxanalysis.survey.scores import find_unmet, score_responses

if TYPE_CHECKING:
    from pxanalysis.arrays import BoolArray, IntArray
    from pxanalysis.survey.responses import Responses

__all__ = [
    "ANSWERED",
    "MODEL",
    "AnswerHashes",
    "HashForm",
    "fingerprint_person",
    "meeting_part",
    "not_applicable_columns",
    "scored_part",
]

ANSWERED = "answered"
"""Part of a practice's cell of everybody who answered anything."""

MODEL = "model:"
"""Start of the parts that only effects over all practices rest on."""

HashForm = Literal["siphash", "blake2b"]
"""How an answer is hashed.

``siphash`` is fast, and what a release is remembered by. ``blake2b``, of person, part and answer as one text, is what
release files of before hold, and by what everything else knows an answer that is kept longer than a release: decisions
on comments, months and dentists that were shown.
"""


_MOST_KEPT = 2**27
"""Bytes of hashes that are kept: sixteen parts of a million answers, or all parts of a study of a usual size."""


def scored_part(touchpoint: str) -> str:
    """Part of those whose answers about a touchpoint make a score."""
    return f"scored:{touchpoint}"


def meeting_part(touchpoint: str) -> str:
    """Part of those of whom it is known whether they met a touchpoint: how many did not is a share of these."""
    return f"meeting:{touchpoint}"


def fingerprint_person(key: bytes, response_id: str) -> int:
    """Keyed hash of a response id."""
    return hash_text(key, response_id)


@dataclass(frozen=True, slots=True)
class _Part:
    """What an answer to a part is.

    Attributes
    ----------
    name
        Under which it is hashed: some parts are of the same answers.
    columns
        In which it stands.
    answered
        Which rows have one.
    """

    name: str
    columns: tuple[str, ...]
    answered: pl.Expr


@dataclass(frozen=True, slots=True, eq=False)
class AnswerHashes(Mapping[str, HashArray]):
    """Per part of a practice's cells, a keyed hash of each person's answer, shape (rows,); 0 where there is none.

    They are made when they are asked for, and the last ones kept: that takes less than a tenth of a second per million,
    and all of a large study together would take more memory than its answers do.

    Attributes
    ----------
    codes
        Of the person of each row.
    recent
        Those that are kept, to be read only, by what the part is of: effects rest on the same answers as others do.
    """

    table: pl.DataFrame
    parts: Mapping[str, _Part]
    codes: HashArray
    key: bytes
    form: HashForm = "siphash"
    recent: dict[int, HashArray] = field(default_factory=dict)

    @classmethod
    def of(cls, responses: Responses, codes: HashArray, key: bytes) -> AnswerHashes:
        """Find who answered what; ``codes`` are of the people of the rows."""
        parts = _Parts.of(responses)
        return cls(parts.table, parts.parts, codes, key)

    def __getitem__(self, part: str) -> HashArray:
        own = self.parts[part]
        found = self.recent.pop(id(own), None)
        if found is None:
            found = self._hash(own, self.table, self.codes)
            found.flags.writeable = False
        self.recent[id(own)] = found
        if len(self.recent) * found.nbytes > _MOST_KEPT:
            self.recent.pop(next(iter(self.recent)))
        return found

    def __contains__(self, part: object) -> bool:
        return part in self.parts

    def __iter__(self) -> Iterator[str]:
        return iter(self.parts)

    def __len__(self) -> int:
        return len(self.parts)

    def in_form(self, form: HashForm) -> AnswerHashes:
        """Return the hashes of the same answers in another form."""
        return self if form == self.form else replace(self, form=form, recent={})

    def take(self, rows: IntArray) -> AnswerHashes:
        """Return the hashes of some rows only."""
        return replace(self, table=self.table[rows], codes=self.codes[rows], recent={})

    def of_rows(self, part: str, rows: IntArray) -> HashArray:
        """Hashes of some rows; shape (k,)."""
        own = self.parts[part]
        if id(own) in self.recent or len(self) * self.codes.nbytes < _MOST_KEPT:
            return self[part][rows]
        needed = list(dict.fromkeys([*own.columns, *own.answered.meta.root_names()]))
        table = self.table.select(needed)[rows] if needed else pl.DataFrame(height=len(rows))
        return self._hash(own, table, self.codes[rows])

    def answered(self, part: str) -> BoolArray:
        """Whether each row has an answer; shape (rows,)."""
        return _evaluate(self.table, self.parts[part].answered)

    def _hash(self, part: _Part, table: pl.DataFrame, codes: HashArray) -> HashArray:
        answered = _evaluate(table, part.answered)
        if self.form == "blake2b":
            return _hash_as_before(self.key, part, table.filter(pl.Series(answered)), answered, codes)
        said = sum_answers(derive_key(self.key, "answers"), table, part.columns, f"part\x1f{part.name}")
        found = hash_words(derive_key(self.key, "hashes"), [codes, said])
        found[~answered] = 0
        return found


def _evaluate(table: pl.DataFrame, condition: pl.Expr) -> BoolArray:
    found: BoolArray = table.select(condition.alias("found")).to_series().to_numpy()
    return found if len(found) == table.height else np.full(table.height, bool(found[0]))


def _hash_as_before(key: bytes, part: _Part, table: pl.DataFrame, answered: BoolArray, codes: HashArray) -> HashArray:
    texts = pl.Series("code", codes[answered], dtype=pl.UInt64).cast(pl.String)
    if part.name != ANSWERED:
        cells = [pl.col(name).cast(pl.String).fill_null("\x00") for name in part.columns]
        said = table.select(pl.concat_str(cells, separator="\x1f").alias("said")).with_columns(texts)
        texts = said.select(pl.concat_str("code", pl.lit(f"\x1f{part.name}\x1f"), "said")).to_series()
    found: HashArray = np.zeros(len(codes), dtype="<u8")
    found[answered] = hash_texts(key, texts)
    return found


class _Parts:
    """The parts of a journey, and a table of what they are hashed from."""

    def __init__(self, table: pl.DataFrame) -> None:
        self.table = table
        self.parts = {ANSWERED: _Part(ANSWERED, (), pl.lit(value=True))}

    @classmethod
    def of(cls, responses: Responses) -> _Parts:
        journey = responses.journey
        columns = [*(one.id for one in journey.items), *(one.id for one in journey.outcomes)]
        columns += [*(one.id for one in journey.case_mix), *(one.id for one in journey.open_questions)]
        found = cls(responses.table.select(columns))
        found._add_touchpoints(responses)
        for name in [one.id for one in journey.outcomes]:
            found._add(name, [name])
        for name in [one.id for one in journey.case_mix]:
            found._add(MODEL + name, [name])
        for name in [one.id for one in journey.open_questions]:
            found._add(name, [name], found._keep("wrote", name, _find_written(responses.table[name])))
        for name in [*(one.id for one in journey.touchpoints if one.items), *(one.id for one in journey.outcomes)]:
            found.parts[MODEL + name] = found.parts[name]
        return found

    def _add_touchpoints(self, responses: Responses) -> None:
        unmet, scores = find_unmet(responses), score_responses(responses)
        for touchpoint in responses.journey.touchpoints:
            own, names = touchpoint.id, [item.id for item in touchpoint.items]
            if not names:
                continue
            self._add(own, names)
            scored = self._keep("scored", own, pl.Series(np.isfinite(scores[own].to_numpy())))
            self.parts[scored_part(own)] = replace(self.parts[own], answered=self.parts[own].answered & scored)
            absent = np.where(unmet[own].to_numpy(), "True", "False").tolist()
            column = f"absent\x1f{own}"
            self.table = self.table.with_columns(pl.Series(column, absent, dtype=pl.Enum(["False", "True"])))
            known = self.parts[own].answered | (pl.col(column) == "True")
            self.parts[meeting_part(own)] = _Part(meeting_part(own), (column,), known)
            for name in names:
                self._add(name, [name])

    def _add(self, part: str, columns: Iterable[str], answered: pl.Expr | None = None) -> None:
        names = tuple(columns)
        given = pl.any_horizontal(pl.col(name).is_not_null() for name in names)
        self.parts[part] = _Part(part, names, given if answered is None else answered)

    def _keep(self, what: str, name: str, flags: pl.Series) -> pl.Expr:
        """Keep which rows something is true of, as a column."""
        self.table = self.table.with_columns(flags.alias(f"{what}\x1f{name}"))
        return pl.col(f"{what}\x1f{name}")


def _find_written(texts: pl.Series) -> pl.Series:
    """Whether each comment says something."""
    kinds = texts.drop_nulls().unique()
    written = [one for one in kinds if says_something(one)]
    return texts.is_in(pl.Series([written], dtype=pl.List(pl.String))).fill_null(value=False)


def not_applicable_columns(table: pl.DataFrame, names: list[str]) -> list[str]:
    """Columns that say that these items did not apply."""
    return [NOT_APPLICABLE_PREFIX + name for name in names if NOT_APPLICABLE_PREFIX + name in table.columns]
