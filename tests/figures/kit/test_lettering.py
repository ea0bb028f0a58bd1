"""Tests of: Texts in a figure: made harmless, measured and broken into lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pxanalysis.figures.kit.lettering import clean, measure, wrap


@given(st.text(max_size=400), st.floats(20, 400), st.integers(1, 4))
def test_wrapped_lines_fit(text: str, width: float, most: int) -> None:
    lines = wrap(text, width, 12, most=most)
    assert len(lines) <= most
    for line in lines:
        assert measure(line, 12) <= width or len(line) <= 2


def test_words_break_between_syllables() -> None:
    assert wrap("gezondheidsvragenlijst", 110, 12) == ["gezondheidsvra-", "genlijst"]
    assert wrap("Tevredenheid", 70, 13) == ["Tevreden-", "heid"]


def test_clean_makes_one_plain_line() -> None:
    assert clean("a\x00b\r\n c\u202e\u200bd\ufeff") == "a b cd"
    assert clean("e" + "\u0301" * 50) == "é\u0301\u0301"
    assert len(clean("x" * 1_000_000)) == 300
