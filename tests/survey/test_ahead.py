"""Working ahead changes neither what comes nor in which order, and hides no error."""

from __future__ import annotations

from collections.abc import Iterator
from threading import current_thread

import pytest

from pxanalysis.survey.ahead import work_ahead


def test_what_breaks_in_the_other_thread_is_raised_where_it_is_used() -> None:
    def parts() -> Iterator[str]:
        yield current_thread().name
        raise ValueError("torn")

    following = work_ahead(parts())
    assert next(following) != current_thread().name
    with pytest.raises(ValueError, match="torn"):
        next(following)


def test_no_more_than_one_part_waits() -> None:
    made: list[int] = []

    def parts() -> Iterator[int]:
        for number in range(9):
            made.append(number)
            yield number

    for used in work_ahead(parts()):
        assert len(made) <= used + 2
    assert made == list(range(9))
