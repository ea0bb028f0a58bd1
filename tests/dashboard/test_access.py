"""Links and sessions: once, for a week at most, taken back, and whatever the clock does."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from pxanalysis.dashboard.access import AccessBook, Viewer, name_opened
from pxanalysis.errors import AccessError, StudyError

DAY = 86_400.0


class Clock:
    """Seconds since 1970, as a test has them."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(tmp_path: Path, clock: Clock) -> AccessBook:
    return AccessBook(tmp_path, session_days=3, clock=clock)


def refused(book: AccessBook, token: str) -> str:
    with pytest.raises(AccessError) as found:
        book.exchange(token)
    return found.value.code


@pytest.mark.parametrize("days", [0, 8, 365, -1])
def test_a_link_lasts_a_week_at_most(book: AccessBook, days: int) -> None:
    with pytest.raises(AccessError, match="expected 1 to 7"):
        book.issue("p", days)


def test_a_link_opens_once_what_the_server_wrote_down(book: AccessBook, tmp_path: Path) -> None:
    token = book.issue("p")
    viewer = book.viewer(book.exchange(token))
    assert viewer is not None
    assert (viewer.may_see("p"), viewer.may_see("q"), viewer.may_see("*"), viewer.programme) == (
        True,
        False,
        False,
        False,
    )
    assert refused(book, token) == "used"
    assert refused(book, "x" + token) == "unknown"
    kept = (tmp_path / "access.json").read_text()
    assert token.rpartition(".")[2] not in kept
    assert stat.S_IMODE((tmp_path / "access.json").stat().st_mode) == 0o600


def test_a_link_is_too_old_after_its_days_and_a_session_after_its_own(book: AccessBook, clock: Clock) -> None:
    late, used = book.issue("p", 2), book.issue("p", 2)
    cookie = book.exchange(used)
    clock.now += 2 * DAY + 1
    assert refused(book, late) == "expired"
    assert book.viewer(cookie) is not None
    clock.now += DAY
    assert book.viewer(cookie) is None


@pytest.mark.parametrize("leap", [-365 * DAY, -DAY, 365 * DAY])
def test_a_clock_that_leaps_lets_nobody_in(book: AccessBook, clock: Clock, leap: float) -> None:
    token, cookie = book.issue("p"), book.exchange(book.issue("p"))
    clock.now += leap
    assert refused(book, token) == "expired"
    assert book.viewer(cookie) is None
    clock.now -= leap
    assert book.viewer(cookie) is not None, "and back again, whoever was in still is"


def test_a_small_step_back_does_not_shut_anybody_out(book: AccessBook, clock: Clock) -> None:
    cookie = book.exchange(book.issue("p"))
    clock.now -= 60
    assert book.viewer(cookie) is not None


def test_taking_back_ends_sessions_in_another_process_too(book: AccessBook, tmp_path: Path, clock: Clock) -> None:
    cookies = [book.exchange(book.issue(opens)) for opens in ("p", "p", "q")]
    assert AccessBook(tmp_path, clock=clock).revoke("p") == 2
    assert [book.viewer(cookie) is None for cookie in cookies] == [True, True, False]
    (open_link,) = [one for one in book.links if one.opens == "q"]
    assert AccessBook(tmp_path, clock=clock).revoke(open_link.number) == 1
    assert book.viewer(cookies[2]) is None


def test_a_form_token_is_of_one_session(book: AccessBook) -> None:
    one, other = (book.viewer(book.exchange(book.issue("p"))) for _ in range(2))
    assert one is not None
    assert other is not None
    token = book.form_token(one)
    assert book.is_form_token(token, one)
    assert not book.is_form_token(token, other)
    assert not book.is_form_token(book.issue("p"), one), "a link is no form"
    assert refused(book, token) == "unknown", "and a form no link"


def test_a_key_of_another_study_signs_nothing_here(book: AccessBook, tmp_path: Path) -> None:
    other = AccessBook(tmp_path / "other")
    assert refused(book, other.issue("p")) == "unknown"
    assert not book.is_form_token(other.form_token(Viewer("p", "s")), Viewer("p", "s"))


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"key": "x", "links": [{}], "sessions": {}}'])
def test_a_damaged_book_lets_nobody_in_and_says_what_to_do(tmp_path: Path, text: str) -> None:
    (tmp_path / "access.json").write_text(text)
    with pytest.raises(StudyError, match=r"access.json: damaged .* Remove it"):
        AccessBook(tmp_path).viewer("x")


def test_old_sessions_do_not_stay(book: AccessBook, clock: Clock, tmp_path: Path) -> None:
    book.exchange(book.issue("p"))
    clock.now += 4 * DAY
    book.issue("p")
    assert json.loads((tmp_path / "access.json").read_text())["sessions"] == {}


def test_a_link_to_a_practice_that_is_not_there_is_not_made() -> None:
    assert name_opened("*", []) == "*"
    with pytest.raises(AccessError, match=r"there is no practice 'q' in this study\. There are: p"):
        name_opened("q", ["p"])
