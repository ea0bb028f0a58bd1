"""What figures need from a language: `pxanalysis.reporting.page.wording.Wording` gives it."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Words"]


class Words(Protocol):
    """Words and numbers in the reader's language; the keys that figures use start with ``figure.``."""

    def text(self, key: str, **values: str | int) -> str:
        """Return the wording under ``key`` with ``values`` in its ``{places}``."""

    def number(self, value: float, decimals: int = 0) -> str:
        """Write a number: ``8,4``, ``−0,2``."""

    def signed(self, value: float, decimals: int = 0) -> str:
        """Write a number with its sign: ``+0,9``, ``−1,1``."""

    def percent(self, proportion: float, decimals: int = 0) -> str:
        """Write a proportion as a percentage: ``31%``."""

    def month(self, day: str, *, short: bool = False) -> str:
        """Write the month of an ISO date or ``YYYY-MM`` with its year: ``mrt 2026``."""
