"""Suppression of distributions: how many people gave each answer.

What counts for a distribution is its base, the people who answered the question: all its shares together are one figure
on the base. So a distribution is shown when its base reaches the minimum, also where an answer was given by few: that
"1 of 40 patients gave a 3" says something about the forty and about no one that can be told apart, for no other
characteristic hangs on the answer. Hiding small categories would take away just the dissatisfied answers that the
report is about, while the share of insufficient grades still gives them away. Crossed with a characteristic (sex,
age, channel) the groups are what is small: there the base is that of the subgroup, with complementary suppression.

A study that wants more sets ``strict``: then every answer given by fewer than the minimum (also by nobody) is hidden,
with as many others as are needed for it not to be worked out from the base, and so is a distribution in which everybody
gave the same answer, since that tells what each of them said.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pxanalysis.analysis.privacy.rules import MINIMUM_N
from pxanalysis.analysis.privacy.tables import check_frame, hide_rows, suppress
from pxanalysis.errors import AnalysisError

__all__ = ["suppress_distributions"]


def suppress_distributions(
    table: pd.DataFrame,
    values: Sequence[str] = ("share",),
    groups: Sequence[str] = ("practice_id",),
    *,
    within: Sequence[str] = ("outcome",),
    answer: str = "value",
    n: str = "n",
    minimum_n: int = MINIMUM_N,
    total: object = "",
    strict: bool = False,
) -> pd.DataFrame:
    """Hide distributions on too few people, whole; with ``strict`` also single answers given by too few.

    Parameters
    ----------
    table
        One row per group and answer, as :func:`~pxanalysis.analysis.metrics.estimate_distributions` makes it; not
        changed. The base of a distribution is the sum of its ``n``.
    values
        Columns to empty where hidden, beside ``n`` (and ``base``, when there).
    groups, within, total, minimum_n
        As in :func:`~pxanalysis.analysis.privacy.suppress`.

    Returns
    -------
    A new frame with ``suppressed`` and ``reason``.
    """
    counts = check_frame(table, n, [*values, answer], [*groups, *within])
    keys = [*groups, *within]
    lines = table.groupby(keys, sort=False).ngroup().to_numpy()
    bases = table[keys].drop_duplicates().reset_index(drop=True)
    bases["people"] = np.bincount(lines, counts).astype(np.int64)
    if "base" in table and (table["base"].to_numpy() != bases["people"].to_numpy()[lines]).any():
        raise AnalysisError(
            "base: expected the sum of n over the answers; keep all answers of a distribution together."
        )
    if strict:
        largest = np.zeros(len(bases))
        np.maximum.at(largest, lines, counts)
        bases["suppressed"] = largest == bases["people"].to_numpy()
    whole = suppress(bases, "people", (), groups, within=within, minimum_n=minimum_n, total=total)
    hidden = whole["suppressed"].to_numpy(dtype=bool)[lines]
    if strict:
        shown = table[~hidden].reset_index(drop=True)
        cells = suppress(shown, n, (), [*groups, answer], within=within, minimum_n=minimum_n, total=total)
        hidden[~hidden] = cells["suppressed"].to_numpy(dtype=bool)
    emptied = [*values, n, *(["base"] if "base" in table else [])]
    return hide_rows(table, hidden, emptied)
