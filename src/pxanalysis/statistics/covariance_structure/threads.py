"""One BLAS thread while small matrices are worked on: more make them 10 to 50 times slower."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController

__all__ = ["single_thread"]


@cache
def _controller() -> ThreadpoolController:
    # Looking for the loaded libraries takes milliseconds, as long as a fit; they do not change once numpy is there.
    return ThreadpoolController()


def single_thread() -> AbstractContextManager[Any]:
    """Hold BLAS to one thread inside a ``with`` block."""
    limited: AbstractContextManager[Any] = _controller().limit(limits=1)
    return limited
