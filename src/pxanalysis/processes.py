"""A second process for long work on many answers: two cores, one for each; with few answers all is done in one.

Another computer may be lent for it (`lend_second`).
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from multiprocessing import connection
from types import ModuleType
from typing import Any, TypeVar

__all__ = [
    "MANY_ROWS",
    "Starter",
    "has_second",
    "lend_second",
    "nobodys_main",
    "on_one_thread",
    "second_process",
    "start_beside",
]

T = TypeVar("T")

MANY_ROWS = 200_000
"""Responses from which on a second process (3 seconds to start, and a copy of the answers) is worth its while."""

Starter = Callable[[Callable[..., Any], Sequence[object]], Callable[[], Any]]
"""Starts a function of a module with its arguments; what is returned waits for its result, or raises its error."""

_SECOND: list[Starter] = []
"""What starts work in the second process, while there is one."""

_LENT: list[Callable[[], AbstractContextManager[Starter]]] = []


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
def lend_second(connect: Callable[[], AbstractContextManager[Starter]]) -> Iterator[None]:
    """Let long work within the block go where ``connect`` leads, once there is any, in place of a second process."""
    _LENT.append(connect)
    try:
        yield
    finally:
        _LENT.remove(connect)


@contextmanager
def second_process(rows: int, ready: str = "") -> Iterator[None]:
    """Have a second process while the block runs, where there are so many rows of answers, and two cores or one lent.

    It is new, not forked (this one has threads), and ends with the block, however that ends, and with this process. The
    module that it is to have ``ready`` is imported there at once, while this one does something else.
    """
    if rows < MANY_ROWS or _SECOND or multiprocessing.current_process().daemon:
        yield
    elif _LENT:
        with _LENT[-1]() as lent, _as_second(lent):
            yield
    elif (os.cpu_count() or 1) < 2:
        yield
    else:
        with _own_process() as own, _as_second(own):
            if ready:
                own(_make_ready, [ready])
            yield


@contextmanager
def _as_second(starter: Starter) -> Iterator[None]:
    _SECOND.append(starter)
    try:
        yield
    finally:
        _SECOND.remove(starter)


@contextmanager
def _own_process() -> Iterator[Starter]:
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_end_with_parent)

    def start(function: Callable[..., Any], arguments: Sequence[object]) -> Callable[[], Any]:
        with nobodys_main():
            return pool.submit(on_one_thread, function, arguments).result

    try:
        yield start
    except BaseException:  # what it is doing is not waited for, Ctrl-C included
        for child in set(multiprocessing.active_children()) - others:
            child.kill()
        raise
    finally:
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
    return _SECOND[0](function, arguments)


def on_one_thread(function: Callable[..., T], arguments: Sequence[object]) -> T:
    """Call a function with linear algebra on one thread."""
    # it looks through every loaded library, which only this needs
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # the matrices are small: more threads make them slower
        return function(*arguments)


def _make_ready(module: str) -> None:
    import_module(module)


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
