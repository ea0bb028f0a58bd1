"""Notes: one code, one sentence, nothing lost on the way to plain JSON."""

import json
from string import Formatter
from typing import get_args

import pytest

from pxanalysis.statistics.notes import SENTENCES, Note, NoteCode


@pytest.mark.parametrize("code", get_args(NoteCode))
def test_every_code_has_a_sentence_made_from_its_values(code: NoteCode) -> None:
    values = {name: 12 for _, name, _, _ in Formatter().parse(SENTENCES[code]) if name}
    note = Note(code, values)
    assert str(note).startswith(SENTENCES[code].partition("{")[0])
    assert "{" not in str(note)
    assert json.loads(json.dumps(note.plain())) == {"code": code, **values}


def test_there_is_no_sentence_without_a_code() -> None:
    assert set(SENTENCES) == set(get_args(NoteCode))
