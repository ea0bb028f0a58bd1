"""How certain it is that a contact belongs to the first three, in the one word that cards and figures share."""

from __future__ import annotations

from pxanalysis.reporting.sections.selection import Row, is_known

__all__ = ["certainty_key"]

_SURE, _LIKELY = 0.95, 0.7


def certainty_key(row: Row) -> str:
    """Return the key of the word for a row of ``priorities``; empty where there is nothing to say.

    A row that is not advised is never certain, whatever its probability: the advice also weighs what can be won.

    >>> certainty_key({"status": "act", "p_top3": 0.96}), certainty_key({"status": "undecided", "p_top3": 0.96})
    ('first.sure_high', 'first.not_sure')
    """
    if row["status"] == "undecided":
        return "first.not_sure"
    if row["status"] != "act" or not is_known(row["p_top3"]):
        return ""
    chance = float(row["p_top3"])
    return "first.sure_high" if chance >= _SURE else "first.sure_middle" if chance >= _LIKELY else "first.sure_low"
