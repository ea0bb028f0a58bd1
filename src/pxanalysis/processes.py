"""A second process for long work on many answers: two cores, one for each; with few answers all is done in one."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import connection
from types import ModuleType
from typing import TypeVar

__all__ = ["MANY_ROWS", "has_second", "nobodys_main", "second_process", "start_beside"]

T = TypeVar("T")

MANY_ROWS = 200_000
"""Responses from which on a second process (3 seconds to start, and a copy of the answers) is worth its while."""

_SECOND: list[ProcessPoolExecutor] = []
"""The second process, while there is one."""


@contextmanager
def nobodys_main() -> Iterator[None]:
    """Let children not run the caller's script again: a script without a guard may start some as well."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextmanager
def second_process(rows: int) -> Iterator[None]:
    """Have a second process while the block runs, where there are so many rows of answers and two cores.

    It is new, not forked (this one has threads), and ends with the block, however that ends, and with this process.
    """
    if rows < MANY_ROWS or (os.cpu_count() or 1) < 2 or _SECOND or multiprocessing.current_process().daemon:
        yield
        return
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_end_with_parent)
    _SECOND.append(pool)
    try:
        yield
    except BaseException:  # what it is doing is not waited for, Ctrl-C included
        for child in set(multiprocessing.active_children()) - others:
            child.kill()
        raise
    finally:
        _SECOND.remove(pool)
        pool.shutdown(cancel_futures=True)


def has_second() -> bool:
    """Whether there is one now."""
    return bool(_SECOND)


def start_beside(function: Callable[..., T], *arguments: object) -> Callable[[], T]:
    """Start a function of a module in the second process; call what is returned for its result, or its error.

    Without a second process it is this one that does it, when the result is asked for.

    Examples
    --------
    >>> ask = start_beside(max, 1, 2)
    >>> ask()
    2
    """
    if not _SECOND:
        return lambda: function(*arguments)
    with nobodys_main():
        return _SECOND[0].submit(_on_one_thread, function, arguments).result


def _on_one_thread(function: Callable[..., T], arguments: tuple[object, ...]) -> T:
    # it looks through every loaded library, which only this needs
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # the matrices are small: more threads make them slower
        return function(*arguments)


def _end_with_parent() -> None:
    """Leave Ctrl-C to the parent, and go when it is gone: a pool's process would wait for work for ever."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_wait_for, args=(parent.sentinel,), daemon=True).start()


def _wait_for(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
