"""Tests of: Keyed hashes of what people answered."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b

import numpy as np
import polars as pl
import pytest

from pxanalysis.analysis.privacy import fingerprints
from pxanalysis.analysis.privacy.fingerprints import ANSWERED, MODEL, AnswerHashes, meeting_part, scored_part
from pxanalysis.analysis.privacy.known import know_answers
from pxanalysis.analysis.privacy.respondents import Respondents
from pxanalysis.journey import Journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.survey.responses import REJECTED_COLUMNS, Responses

KEY = b"fingerprints"


@pytest.fixture(scope="module")
def responses(treatment: Journey) -> Responses:
    table = simulate_survey(treatment, practices=3, responses=(30, 30), seed=9).answers
    said = ["geen", None, "Fijn geholpen", "te duur", ""] * (table.height // 5)
    table = table.with_columns(pl.Series(treatment.open_questions[0].id, said, dtype=pl.String))
    return Responses(treatment, table, pl.DataFrame(schema=REJECTED_COLUMNS))


def hashes_of(responses: Responses, key: bytes = KEY) -> AnswerHashes:
    return know_answers(responses, Respondents.empty(), key).elements


def test_a_hash_is_of_one_person_part_and_answer(responses: Responses) -> None:
    found = hashes_of(responses)
    own = {
        part: hashes[hashes > 0].tolist() for part, hashes in found.items() if not part.startswith((MODEL, "scored:"))
    }
    everything = [one for hashes in own.values() for one in hashes]
    assert len(everything) == len(set(everything))
    assert not {*everything} & {*hashes_of(responses, b"other")["ktv"].tolist()}


def test_a_changed_answer_changes_its_own_hashes_only(responses: Responses) -> None:
    item = responses.journey.touchpoints[0].items[0].id
    row = responses.table[item].is_not_null().arg_max() or 0
    first = pl.int_range(pl.len()) == row
    other = pl.when(first).then(6 - pl.col(item)).otherwise(item).cast(responses.table.schema[item]).alias(item)
    table = responses.table.with_columns(other)
    assert table[item][row] != responses.table[item][row]
    before, now = hashes_of(responses), hashes_of(replace(responses, table=table))
    touchpoint = responses.journey.touchpoints[0].id
    changed = {part for part in before if not np.array_equal(before[part], now[part])}
    assert changed == {item, touchpoint, scored_part(touchpoint), MODEL + touchpoint}
    assert np.flatnonzero(before[item] != now[item]).tolist() == [row]


def test_hashes_do_not_depend_on_other_rows(responses: Responses) -> None:
    """Numbers of answers are given by what there is: they may not show."""
    some = np.arange(1, responses.n, 3)
    whole, few = hashes_of(responses), hashes_of(replace(responses, table=responses.table[some.tolist()]))
    for part in (one for one in whole if not one.startswith("scored:")):
        assert np.array_equal(few[part], whole[part][some]), part


def test_of_a_large_study_some_rows_are_hashed_alone(responses: Responses, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, whole = np.array([3, 1, 50]), hashes_of(responses)
    monkeypatch.setattr(fingerprints, "_MOST_KEPT", 2 * 8 * responses.n)
    few = hashes_of(responses)
    for part in whole:
        assert np.array_equal(few.of_rows(part, rows), whole[part][rows]), part
        assert np.array_equal(few.take(rows)[part], whole[part][rows]), part
        assert np.array_equal(few[part], whole[part]), part
        assert len(few.recent) <= 2
    assert np.array_equal(few.in_form("blake2b").of_rows("ktv", rows), whole.in_form("blake2b")["ktv"][rows])


def test_as_before_a_hash_is_of_one_text(responses: Responses) -> None:
    known = know_answers(responses, Respondents.empty(), KEY)
    found = known.elements.in_form("blake2b")
    code, ktv = int(known.people.codes[0]), responses.table["ktv"][0]
    touchpoint = responses.journey.touchpoints[0]
    said = "\x1f".join(
        "\x00" if (one := responses.table[item.id][0]) is None else str(one) for item in touchpoint.items
    )
    texts = {
        ANSWERED: f"{code}",
        "ktv": f"{code}\x1fktv\x1f{ktv}",
        touchpoint.id: f"{code}\x1f{touchpoint.id}\x1f{said}",
        meeting_part(touchpoint.id): f"{code}\x1f{meeting_part(touchpoint.id)}\x1fFalse",
    }
    for part, text in texts.items():
        expected = int.from_bytes(blake2b(text.encode(), digest_size=8, key=KEY).digest(), "little")
        assert int(found[part][0]) == expected, part


def test_comments_that_say_nothing_have_none(responses: Responses) -> None:
    found = hashes_of(responses)[responses.journey.open_questions[0].id]
    assert (found[:5] > 0).tolist() == [False, False, True, True, False]
