"""A text file cut into pieces is the file, each piece ends where a record does, and no line within quotes is missed."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from pxanalysis.survey.sources.records import count_lines, cut_records, may_swallow

TEXT = st.text(alphabet='ab,"\n', max_size=80).map(str.encode)


@given(text=TEXT.filter(lambda text: text.count(b'"') % 2 == 0), size=st.integers(10, 40))
def test_pieces_are_the_file_and_end_where_a_record_does(text: bytes, size: int) -> None:
    pieces = list(cut_records(io.BytesIO(text), size))
    assert b"".join(pieces) == text
    assert all(piece.endswith(b"\n") and piece.count(b'"') % 2 == 0 for piece in pieces[:-1])


@given(text=TEXT.filter(bool))
def test_a_last_line_counts_whether_or_not_it_is_ended(text: bytes) -> None:
    assert count_lines(text) == len(text.removesuffix(b"\n").split(b"\n"))


@given(text=TEXT.filter(lambda text: text.count(b'"') % 2 == 0), width=st.integers(2, 4))
def test_a_line_within_quotation_marks_is_swallowed_when_it_has_the_fields_of_a_record(text: bytes, width: int) -> None:
    lines = text.split(b"\n")
    within = [line for place, line in enumerate(lines) if b"\n".join(lines[:place]).count(b'"') % 2]
    assert may_swallow(text, ",", width) == any(line.count(b",") >= width - 1 for line in within)
