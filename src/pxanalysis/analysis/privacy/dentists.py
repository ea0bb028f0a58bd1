"""Which dentists of a practice may be shown apart, so that nobody works out the few who are left over."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pxanalysis.analysis.privacy.rules import MINIMUM_N, check_minimum_n
from pxanalysis.errors import PrivacyError

__all__ = ["ShownDentists", "show_dentist"]


@dataclass(frozen=True, slots=True)
class ShownDentists:
    """What was known of a practice when one of its dentists was shown.

    Attributes
    ----------
    counts
        People who counted, by dentist; all dentists of the practice, "" for answers without one.
    shown
        The dentists that were shown until then.
    """

    counts: Mapping[str, int]
    shown: frozenset[str]


def show_dentist(
    dentist: str, counts: Mapping[str, int], before: Sequence[ShownDentists] = (), *, minimum_n: int = MINIMUM_N
) -> ShownDentists:
    """Decide whether a dentist may be shown beside the practice, and return what to remember of it.

    Shown pages, the practice's own figures then and now, and every difference between them rest on nobody or on at
    least ``minimum_n`` people: the dentist, each dentist shown before, all others together, and the growth of each
    since every earlier page. The same is asked of the others as they were then, once this dentist is taken off.

    Parameters
    ----------
    counts
        People who count in the release of now, by dentist; "" for answers without one.
    before
        What was remembered of the practice's earlier pages, oldest first.

    Raises
    ------
    PrivacyError
        When fewer people would be shown or could be worked out. No number of people is said.
    """
    minimum = check_minimum_n(minimum_n)
    if counts.get(dentist, 0) < minimum or not dentist:
        raise PrivacyError(
            f"--dentist {dentist!r}: fewer than {minimum} answers that count in this practice; nothing is shown. Wait "
            "for more answers, or look whether the id is right."
        )
    shown = frozenset({dentist}).union(*(one.shown for one in before))
    now = _sizes(counts, shown)
    then = [_sizes(one.counts, shown) for one in before]
    apart = [now, *then]
    grown = [_growth(late, early) for place, late in enumerate([*then, now]) for early in then[:place]]
    if any(0 != size < minimum for sizes in [*apart, *grown] for size in sizes):
        raise PrivacyError(
            f"--dentist {dentist!r}: with this page, and the practice's figures and pages made before, a result on "
            f"fewer than {minimum} people could be worked out; nothing is shown. Wait for more answers."
        )
    return ShownDentists(dict(counts), shown)


def _sizes(counts: Mapping[str, int], shown: Collection[str]) -> list[int]:
    """People of each shown dentist in order of their ids, then of all others together."""
    return [*(counts.get(one, 0) for one in sorted(shown)), sum(n for one, n in counts.items() if one not in shown)]


def _growth(late: Sequence[int], early: Sequence[int]) -> list[int]:
    # A negative growth, of answers forgotten or ids corrected, is below every minimum and so refused.
    return [after - first for after, first in zip(late, early, strict=True)]
