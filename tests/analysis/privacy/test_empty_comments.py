"""Comments without content are told from short ones that have it."""

import pytest

from pxanalysis.analysis.privacy.empty_comments import says_something

EMPTY = (
    *("Geen opmerkingen.", "geen", "GEEN!", "n.v.t.", "nvt", "N.V.T", "-", "--", "nee", "Nee, geen opmerkingen", "no"),
    *("None", "none.", ".", "...", "x", "xxx", "X x", "?", "n/a", "N.A.", "Niets", "niks", "Weet ik niet", "geen idee"),
    *("Verder geen opmerkingen", " ", "\u200b", "No comments", "no further comments.", "don’t know"),
    *("Don't know", "Nothing to add", "geen tips", "Geen suggesties", "Not applicable", "/", "*", "a"),
)
FULL = (
    *("Prima", "ok", "Goed", "Top!", "👍", "++", "Te duur", "Geen parkeerplaats.", "Geen enkele uitleg gekregen", "10"),
    *("Niets te verbeteren wat mij betreft.", "Nee, het deed pijn", "No parking", "No one told me the price", "duur"),
    *("Nooit meer", "Geen commentaar gekregen op mijn vraag", "nothing was explained", "x-foto deed pijn"),
)


@pytest.mark.parametrize("text", EMPTY)
def test_nothing_is_said(text: str) -> None:
    assert not says_something(text)


@pytest.mark.parametrize("text", FULL)
def test_something_is_said(text: str) -> None:
    assert says_something(text)
