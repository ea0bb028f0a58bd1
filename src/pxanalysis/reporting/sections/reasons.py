"""Why a contact is worth doing something about: its score beside the target, who is negative, how much it counts."""

from __future__ import annotations

from pxanalysis.reporting.sections.selection import Row, Selection, is_known
from pxanalysis.reporting.sections.values import extra_decimals, score

__all__ = ["gain_text", "list_reasons", "negative_reason", "says_adjusted"]


def gain_text(selection: Selection, gain: float, *, signed: bool = False) -> str:
    """Write a gain in points of the outcome with two decimals; of a behaviour in percentage points with one.

    A gain that would read as the smallest one worth having gets a decimal more, to stand on its side of it.
    """
    wording, smallest = selection.wording, selection.smallest_gain
    size, decimals = (100.0, 1) if selection.drives_a_share else (1.0, 2)
    if smallest is not None and gain != smallest:
        decimals += round(size * gain, decimals) == round(size * smallest, decimals)
    write = wording.signed if signed else wording.number
    return write(size * gain, decimals)


def list_reasons(selection: Selection, row: Row) -> list[str]:
    """Score beside target, who is negative, and weight, each a sentence; empty where there is nothing to say."""
    driver = selection.study("drivers", touchpoint=row["touchpoint"])
    weight = ""
    if driver and is_known(driver[0]["share"]):
        weight = selection.wording.text("first.weight", share=selection.wording.percent(driver[0]["share"]))
    return [_score_reason(selection, row), negative_reason(selection, row), weight]


def negative_reason(selection: Selection, row: Row) -> str:
    """How many patients are negative here, where that is a reason: more than elsewhere, or nothing to compare with."""
    wording, share = selection.wording, row["share_negative"]
    if not is_known(share) or share < 0.005:
        return ""
    pooled = selection.pooled("touchpoints", touchpoint=row["touchpoint"])
    if not (pooled and is_known(pooled[0]["share_negative"])):
        return wording.text("first.negative_only", share=wording.percent(share))
    own, others = wording.percent(share), wording.percent(pooled[0]["share_negative"])
    worse = share > pooled[0]["share_negative"] and own != others
    return wording.text("first.negative", share=own, pooled=others) if worse else ""


def _score_reason(selection: Selection, row: Row) -> str:
    key, said = _score_key(selection, row)
    return selection.wording.text(key, **said) if key else ""


def _score_key(selection: Selection, row: Row) -> tuple[str, dict[str, str]]:
    """Key and figures of the score beside the target; in tenths where whole points would read as equal."""
    wording, measured = selection.wording, _measured(selection, row)
    if measured is None or not is_known(row["target"]):
        return "", {}
    performance, target, adjusted = float(row["performance"]), float(row["target"]), _adjusted(measured, row)
    more = extra_decimals("score", [(performance, target), *([] if adjusted else [(measured, target)])])
    said = {"score": score(wording, measured, more), "target": score(wording, target, more)}
    if adjusted or said["score"] != score(wording, performance, more):
        return "first.score_corrected", said | {"corrected": score(wording, performance, more)}
    return "first.score", said


def _measured(selection: Selection, row: Row) -> float | None:
    """The practice's measured score on the contact of this row, 0-100."""
    own = next((one for one in selection.touchpoints if one["touchpoint"] == row["touchpoint"]), None)
    return float(own["mean"]) if own and is_known(own["mean"]) else None


def _adjusted(measured: float | None, row: Row) -> bool:
    """Whether the score that the ranking goes by reads differently from the measured one."""
    return measured is not None and is_known(row["performance"]) and round(measured) != round(float(row["performance"]))


def says_adjusted(selection: Selection, row: Row) -> bool:
    """Whether the reasons of this row print an adjusted score beside the measured one."""
    return _score_key(selection, row)[0] == "first.score_corrected"
