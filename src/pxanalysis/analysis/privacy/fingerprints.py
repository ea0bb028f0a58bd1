"""Keyed hashes of people and of what they answered: enough to know an answer again, and of no use without the key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from pxanalysis.analysis.privacy.cells import HashArray
from pxanalysis.analysis.privacy.empty_comments import says_something
from pxanalysis.processes import has_second, start_beside
from pxanalysis.survey.policy import NOT_APPLICABLE_PREFIX
from pxanalysis.survey.scores import find_unmet, score_responses

if TYPE_CHECKING:
    from pxanalysis.arrays import BoolArray
    from pxanalysis.survey.responses import Responses

__all__ = [
    "ANSWERED",
    "MODEL",
    "KnownAnswers",
    "Person",
    "fingerprint_person",
    "fingerprint_questions",
    "identify_people",
    "know_answers",
    "meeting_part",
    "scored_part",
]

ANSWERED = "answered"
"""Part of a practice's cell of everybody who answered anything."""

MODEL = "model:"
"""Start of the parts that only effects over all practices rest on."""

_IDS = ("response_id", "practice_id")


@dataclass(frozen=True, slots=True)
class Person:
    """One response, as a release remembers it.

    Attributes
    ----------
    code
        Keyed hash of its id.
    content
        Keyed hash of all its answers: by this it is known where an export gives ids anew.
    """

    code: int
    content: int


@dataclass(frozen=True, slots=True, eq=False)
class KnownAnswers:
    """The answers that are there now: of each row its practice, person, and hash per part (0: none)."""

    practices: list[str]
    people: list[Person]
    elements: Mapping[str, HashArray]


def scored_part(touchpoint: str) -> str:
    """Part of those whose answers about a touchpoint make a score."""
    return f"scored:{touchpoint}"


def meeting_part(touchpoint: str) -> str:
    """Part of those of whom it is known whether they met a touchpoint: how many did not is a share of these."""
    return f"meeting:{touchpoint}"


def _hash(key: bytes, texts: Iterable[str]) -> HashArray:
    digests = b"".join([blake2b(text.encode(), digest_size=8, key=key).digest() for text in texts])
    found: HashArray = np.frombuffer(digests, dtype="<u8")
    return found


def fingerprint_person(key: bytes, response_id: str) -> int:
    """Keyed hash of a response id."""
    return int(_hash(key, [response_id])[0])


def _texts(table: pl.DataFrame, columns: list[str]) -> pl.Series:
    cells = [pl.col(name).cast(pl.String).fill_null("\x00") for name in columns]
    return table.select(pl.concat_str(cells, separator="\x1f")).to_series()


def identify_people(table: pl.DataFrame, known: Iterable[Person], key: bytes) -> list[Person]:
    """One person per row; whoever has another id now, with the same answers, is known under the old one."""
    content = table.select(pl.exclude(_IDS))
    place = content.select(pl.int_range(pl.len()).over(content.columns)).to_series()
    codes = _hash(key, table["response_id"]).tolist()
    texts = _texts(content.with_columns(place.alias("\x1fplace")), [*content.columns, "\x1fplace"])
    contents = _hash(key, texts).tolist()
    present, before = set(codes), list(known)
    left = {one.content: one.code for one in before if one.code not in present}
    old = {one.code for one in before}
    return [
        Person(left.get(text, code) if code not in old else code, text)
        for code, text in zip(codes, contents, strict=True)
    ]


def know_answers(responses: Responses, before: Iterable[Person], key: bytes) -> KnownAnswers:
    """Know people and their answers by their hashes; parameters as of the two that do it."""
    people = identify_people(responses.table, before, key)
    practices = [str(name) for name in responses.table["practice_id"]]
    return KnownAnswers(practices, people, fingerprint_questions(responses, people, key))


def fingerprint_questions(responses: Responses, people: list[Person], key: bytes) -> dict[str, HashArray]:
    """Per part of a practice's cells, a keyed hash of each person's answer, shape (rows,); 0 where there is none."""
    codes = np.array([person.code for person in people], dtype="<u8")
    if not has_second():
        return _fingerprint(responses, codes, key)
    half = len(codes) // 2  # each answer has a hash of its own
    ask_rest = start_beside(_fingerprint, _only_answers(responses, half, None), codes[half:], key)
    first, rest = _fingerprint(_only_answers(responses, 0, half), codes[:half], key), ask_rest()
    return {part: np.concatenate([hashes, rest[part]]) for part, hashes in first.items()}


def _only_answers(responses: Responses, start: int, length: int | None) -> Responses:
    """Some of the rows, without those that were refused."""
    return replace(responses, table=responses.table.slice(start, length), rejected=responses.rejected.clear())


def _fingerprint(responses: Responses, of_people: HashArray, key: bytes) -> dict[str, HashArray]:
    table, journey = responses.table, responses.journey
    codes = pl.Series("code", of_people, dtype=pl.UInt64).cast(pl.String)
    found = {ANSWERED: _hash(key, codes)}

    def add(part: str, answered: BoolArray, texts: pl.Series) -> None:
        answers = pl.DataFrame([codes, texts.alias("text")]).filter(pl.Series(answered))
        rows = answers.select(pl.concat_str("code", pl.lit(f"\x1f{part}\x1f"), "text")).to_series()
        found[part] = np.zeros(len(codes), dtype="<u8")
        found[part][answered] = _hash(key, rows)

    def given(columns: list[str]) -> BoolArray:
        return np.asarray(table.select(pl.any_horizontal(pl.col(columns).is_not_null())).to_series().to_numpy())

    unmet, scores = find_unmet(responses), score_responses(responses)
    for touchpoint in journey.touchpoints:
        names = [item.id for item in touchpoint.items]
        if names:
            add(touchpoint.id, given(names), _texts(table, names))
            has = np.isfinite(scores[touchpoint.id].to_numpy())
            found[scored_part(touchpoint.id)] = np.where(has, found[touchpoint.id], np.uint64(0))
            absent = unmet[touchpoint.id].to_numpy()
            add(meeting_part(touchpoint.id), given(names) | absent, pl.Series(np.where(absent, "True", "False")))
        for name in names:
            add(name, given([name]), _texts(table, [name]))
    for outcome in journey.outcomes:
        add(outcome.id, given([outcome.id]), _texts(table, [outcome.id]))
    for variable in journey.case_mix:
        add(MODEL + variable.id, given([variable.id]), _texts(table, [variable.id]))
    for question in journey.open_questions:
        wrote = table[question.id].map_elements(says_something, return_dtype=pl.Boolean, skip_nulls=True)
        wrote_something = np.asarray(wrote.fill_null(value=False).to_numpy(), dtype=bool)
        add(question.id, wrote_something, _texts(table, [question.id]))
    for part in [*(one.id for one in journey.touchpoints if one.items), *(one.id for one in journey.outcomes)]:
        found[MODEL + part] = found[part]
    return found


def not_applicable_columns(table: pl.DataFrame, names: list[str]) -> list[str]:
    """Columns that say that these items did not apply."""
    return [NOT_APPLICABLE_PREFIX + name for name in names if NOT_APPLICABLE_PREFIX + name in table.columns]
