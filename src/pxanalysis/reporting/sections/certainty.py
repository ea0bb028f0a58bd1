"""How certain it is that a contact belongs to the first three, in the words that cards, figures and tables share."""

from __future__ import annotations

from pxanalysis.reporting.sections.advice import wins_nothing
from pxanalysis.reporting.sections.selection import Row, is_known

__all__ = ["certainty_key", "unplaced_key"]

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


def unplaced_key(row: Row) -> str:
    """Return the key of why a row of ``priorities`` gets no place although it has a rank; empty where it gets one.

    >>> unplaced_key({"rank": 9.0, "reason_code": "no_effect"}), unplaced_key({"rank": 1.0, "reason_code": ""})
    ('status.no_effect', '')
    """
    code = row.get("reason_code")
    if not wins_nothing(row) or not is_known(row["rank"]):
        return ""
    said = {"no_effect": "status.no_effect", "negative_effect": "status.no_advice"}
    return said.get(str(code), "figure.nothing_to_win")
