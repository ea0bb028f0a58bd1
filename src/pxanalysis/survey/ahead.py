"""Parts that are worked out one ahead of their use, in a thread of its own, so that two cores have work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["work_ahead"]

Part = TypeVar("Part")


def work_ahead(parts: Iterable[Part]) -> Iterator[Part]:
    """The same parts in the same order, the next one worked out while one is used; what it raises is raised here.

    Examples
    --------
    >>> list(work_ahead(number**2 for number in range(4)))
    [0, 1, 4, 9]
    """
    following = iter(parts)
    with ThreadPoolExecutor(max_workers=1) as thread:
        coming = thread.submit(_take, following)
        while found := coming.result():
            coming = thread.submit(_take, following)
            yield from found


def _take(following: Iterator[Part]) -> list[Part]:
    """The next part; none at the end."""
    for part in following:
        return [part]
    return []
