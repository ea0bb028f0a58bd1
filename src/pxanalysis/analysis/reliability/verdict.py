"""What a reliability is good enough for: a stable code, the sentence that goes with it, and whether it is certain.

The limits follow Nunnally & Bernstein (1994, ch. 7) and the Dutch test commission COTAN (Evers et al. 2010): .60 to
explore, .70 to compare groups, .80 for decisions about single units, .90 for decisions about single persons.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from pxanalysis.statistics.conventions import RELIABLE_FROM

__all__ = ["VERDICTS", "Verdict", "VerdictCode", "judge_reliability"]

VerdictCode = Literal[
    "individuals",
    "strong",
    "groups",
    "exploration",
    "insufficient",
    "negative",
    "single-item",
    "not-estimable",
]

VERDICTS: dict[VerdictCode, str] = {
    "individuals": "Reliable enough to compare individual patients.",
    "strong": "Strong: the items agree well. Whether practices can be compared, the ICC and their responses say.",
    "groups": "Reliable enough to compare groups of patients.",
    "exploration": "Good enough to explore with, not to compare groups.",
    "insufficient": "Not reliable: the items agree too little to be summed to one score.",
    "negative": "Not a scale: the items contradict each other; one of them probably has to be reverse-coded.",
    "single-item": "One item: nothing can be said about agreement between items.",
    "not-estimable": "The reliability cannot be estimated.",
}
"""The English sentence of each code; reports hold the Dutch one under the same code."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict on one scale.

    Attributes
    ----------
    code
        One of ``VERDICTS``.
    basis
        The coefficient that was judged, "" when there was none.
    certain
        Whether the whole interval earns at least this verdict.
    """

    code: VerdictCode
    basis: str
    certain: bool

    @property
    def sentence(self) -> str:
        """The verdict in English, with a reservation when it is not certain."""
        doubt = " The interval reaches lower, so more responses are needed to be sure."
        return VERDICTS[self.code] + ("" if self.certain else doubt)


def judge_reliability(estimate: float, ci_low: float, basis: str) -> Verdict:
    """Judge a reliability and the lower end of its interval.

    Examples
    --------
    >>> judge_reliability(0.75, 0.72, "alpha").sentence
    'Reliable enough to compare groups of patients.'
    """
    if np.isnan(estimate):
        return Verdict("not-estimable", "", True)
    if estimate < 0:
        return Verdict("negative", basis, True)
    for code, limit in RELIABLE_FROM.items():
        if estimate >= limit:
            return Verdict(code, basis, not ci_low < limit)
    return Verdict("insufficient", basis, True)
