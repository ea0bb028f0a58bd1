"""From how many people on a figure, or a text, may be shown."""

from __future__ import annotations

import numbers

from pxanalysis.errors import PrivacyError
from pxanalysis.statistics.conventions import MINIMUM_N

__all__ = ["check_minimum_n"]


def check_minimum_n(minimum_n: int) -> int:
    """Return the minimum when it is a whole number of at least ``MINIMUM_N``.

    Raises
    ------
    PrivacyError
        When it is lower; there is no way around the floor.

    Examples
    --------
    >>> check_minimum_n(15)
    15
    """
    whole = isinstance(minimum_n, numbers.Integral) and not isinstance(minimum_n, bool)
    if not whole or minimum_n < MINIMUM_N:
        raise PrivacyError(
            f"minimum_n: expected a whole number of at least {MINIMUM_N}, received {minimum_n!r}; figures on fewer "
            f"than {MINIMUM_N} people are never shown. Raise it, or leave it out."
        )
    return int(minimum_n)
