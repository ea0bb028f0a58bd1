"""What to do first, and the ranking it comes from."""

from __future__ import annotations

from dataclasses import dataclass

from pxanalysis.journey.parts import Idea, Touchpoint
from pxanalysis.reporting.fragments import Fragment, display_text, render_part
from pxanalysis.reporting.sections.pictures import priority_pictures
from pxanalysis.reporting.sections.selection import LONGEST_SENTENCE, Row, Selection, is_known, join_sentences
from pxanalysis.reporting.sections.values import chance_text, score, score_range

__all__ = ["Priority", "candidates", "first_touchpoints", "make", "make_matrix"]

MOST = 3
_SURE, _LIKELY = 0.95, 0.7


@dataclass(frozen=True, slots=True)
class Priority:
    """One thing to do, in words; empty words are left out.

    Attributes
    ----------
    ranked
        Whether it certainly belongs to the first three, so that it gets a number.
    """

    label: str
    idea: str
    idea_text: str
    gain: str
    gain_note: str
    why: str
    sure: str
    chance: str
    weakest: str
    ranked: bool


def candidates(selection: Selection) -> list[Row]:
    """What could be done, those that are certain first, at most three."""
    rows = [
        row
        for row in selection.own("priorities")
        if row["status"] in {"act", "undecided"} and not row["suppressed"] and is_known(row["rank"])
    ]
    rows.sort(key=lambda row: (row["status"] != "act", row["rank"], str(row["touchpoint"])))
    return rows[:MOST]


def first_touchpoints(selection: Selection) -> list[str]:
    """Touchpoints that certainly come first, in order; the figures mark them."""
    return [str(row["touchpoint"]) for row in candidates(selection) if row["status"] == "act"]


def make(selection: Selection) -> Fragment:
    """Return the priorities as sentences, or why they cannot be given."""
    wording = selection.wording
    shown = [row for row in selection.own("priorities") if not row["suppressed"] and is_known(row["rank"])]
    rows = candidates(selection)
    ranked = any(row["status"] == "act" for row in rows)
    heading = "first.heading" if ranked or not rows else "first.heading_open"
    if not shown:
        lead = _without_ranking(selection)
    elif not rows:
        lead = [wording.text("first.keep")]
    elif ranked:
        lead = []
    else:
        lead = [_already_good(selection, shown), wording.text("first.undecided", n=len(rows)), _needed(selection, rows)]
    return render_part(
        "priorities",
        wording,
        heading=wording.text(heading),
        lead=[sentence for sentence in lead if sentence],
        cards=[_priority(selection, row) for row in rows],
        ordered=ranked,
    )


def _without_ranking(selection: Selection) -> list[str]:
    """Why nothing can be ranked, and what stands out all the same."""
    wording = selection.wording
    rows = [row for row in selection.own("priorities") if is_known(row["improvement_score"])]
    if not rows:
        heading = wording.text("drivers.heading")
        return [wording.text("first.no_drivers", heading=heading), wording.text("first.no_drivers_help")]
    rows.sort(key=lambda row: (-row["improvement_score"], str(row["touchpoint"])))
    names = selection.enumerate_labels([str(row["touchpoint"]) for row in rows[:MOST]])
    return [wording.text("first.no_target"), wording.text("first.improve", touchpoints=names)]


def _already_good(selection: Selection, rows: list[Row]) -> str:
    """On how many contacts the target is reached, where that is at least half of them."""
    reached = sum(is_known(row["target"]) and row["performance"] >= row["target"] for row in rows)
    if 2 * reached < len(rows):
        return ""
    return selection.wording.text("first.already", n=reached, total=len(rows))


def _needed(selection: Selection, rows: list[Row]) -> str:
    needed = max((int(row["needed_n"]) for row in rows if is_known(row["needed_n"])), default=0)
    return selection.wording.text("first.needed", n=needed) if needed > 0 else ""


def _priority(selection: Selection, row: Row) -> Priority:
    wording, language = selection.wording, selection.language
    name = str(row["touchpoint"])
    known = {touchpoint.id: touchpoint for touchpoint in selection.journey.touchpoints}
    idea = _idea(selection, known[name]) if name in known else None
    has_gain = is_known(row["gain"])
    between = ""
    if has_gain and is_known(row["gain_low"]) and is_known(row["gain_high"]):
        low, high = wording.signed(row["gain_low"], 2), wording.signed(row["gain_high"], 2)
        between = wording.text("first.gain_between", low=low, high=high)
    return Priority(
        label=selection.label(name),
        idea=display_text(idea.title[language], LONGEST_SENTENCE) if idea else "",
        idea_text=display_text(idea.text[language], LONGEST_SENTENCE) if idea else "",
        gain=wording.text("first.gain", gain=wording.signed(row["gain"], 2)) if has_gain else "",
        gain_note=(between or wording.text("first.gain_only")) if has_gain else "",
        why=join_sentences(*_reasons(selection, row)),
        sure=_sure(selection, row)[0],
        chance=_sure(selection, row)[1],
        weakest=_weakest(selection, name),
        ranked=row["status"] == "act",
    )


def _idea(selection: Selection, touchpoint: Touchpoint) -> Idea | None:
    """The journey's idea for the question that scores lowest, else its first idea for the touchpoint as a whole."""
    weakest = selection.weakest_items.get(touchpoint.id)
    fitting = [idea for idea in touchpoint.ideas if weakest is not None and weakest["item"] in idea.items]
    general = [idea for idea in touchpoint.ideas if not idea.items]
    return next(iter([*fitting, *general, *touchpoint.ideas]), None)


def _reasons(selection: Selection, row: Row) -> list[str]:
    wording, name = selection.wording, row["touchpoint"]
    sentences = []
    pooled = selection.pooled("touchpoints", touchpoint=name)
    if is_known(row["share_negative"]) and row["share_negative"] >= 0.005:
        share = wording.percent(row["share_negative"])
        if pooled and is_known(pooled[0]["share_negative"]):
            others = wording.percent(pooled[0]["share_negative"])
            sentences.append(wording.text("first.negative", share=share, pooled=others))
        else:
            sentences.append(wording.text("first.negative_only", share=share))
    driver = selection.study("drivers", touchpoint=name)
    if driver and is_known(driver[0]["share"]):
        sentences.append(wording.text("first.weight", share=wording.percent(driver[0]["share"])))
    own = next((one for one in selection.touchpoints if one["touchpoint"] == name), None)
    if own and is_known(own["benchmark_low"]) and is_known(own["mean"]):
        low, high = score(wording, own["benchmark_low"]), score(wording, own["benchmark_high"])
        sentences.append(wording.text("first.score", score=score(wording, own["mean"]), low=low, high=high))
    return sentences


def _weakest(selection: Selection, name: str) -> str:
    weakest = selection.weakest_items.get(name)
    if weakest is None:
        return ""
    quoted = selection.wording.text("quote", text=selection.item_texts[str(weakest["item"])])
    return selection.wording.text("first.weakest", item=quoted)


def _sure(selection: Selection, row: Row) -> tuple[str, str]:
    """How sure it is that this belongs to the first three: in a word, and what that means."""
    wording = selection.wording
    if row["status"] != "act":
        open_question = wording.text("first.not_sure_more", n=selection.n)
        return wording.text("first.not_sure"), join_sentences(open_question, _what_settles(selection, row))
    if not is_known(row["p_top3"]):
        return "", ""
    chance = float(row["p_top3"])
    key = "first.sure_high" if chance >= _SURE else "first.sure_middle" if chance >= _LIKELY else "first.sure_low"
    return wording.text(key), wording.text("first.chance", chance=chance_text(wording, chance))


def _what_settles(selection: Selection, row: Row) -> str:
    wording, code = selection.wording, str(row.get("reason_code") or "")
    if code == "too_close":
        return wording.text("first.not_sure_close")
    if code == "more_everywhere":
        return wording.text("first.not_sure_everywhere")
    needed = int(row["needed_n"]) if is_known(row["needed_n"]) else 0
    return wording.text("first.not_sure_needed", n=needed) if needed > 0 else ""


def make_matrix(selection: Selection, *, figures: bool) -> Fragment:
    """Return importance against performance and the full ranking, or why there is none."""
    from pxanalysis.reporting.tables import page_table, table_ranking

    wording = selection.wording
    rows = selection.own("priorities")
    rows.sort(key=lambda row: (row["rank"] if is_known(row["rank"]) else len(rows) + 1, str(row["touchpoint"])))
    ranked = any(is_known(row["rank"]) for row in rows)
    drawn = any(is_known(row["importance"]) and is_known(row["performance"]) for row in rows)
    missing = "" if ranked else wording.text("matrix.no_target" if drawn else "matrix.none")
    return render_part(
        "matrix",
        wording,
        missing=missing,
        lead=wording.text("matrix.lead" if any(is_known(row["target"]) for row in rows) else "matrix.lead_no_target"),
        table=page_table(table_ranking([_cells(selection, row) for row in rows], wording)) if ranked else "",
        pictures=priority_pictures(selection, first_touchpoints(selection)) if drawn and figures else [],
    )


def _advice(row: Row) -> object:
    """What the ranking table advises: a point below the target that is not among the first is for later."""
    if not is_known(row["rank"]):
        return row.get("reason_code")
    if row.get("reason_code") == "negative_effect":
        return "no_advice"
    below = is_known(row.get("target")) and is_known(row["performance"]) and row["performance"] < row["target"]
    if row["status"] != "keep" or not below:
        return row["status"]
    return "little_gain" if row.get("reason_code") == "small_gain" else "later"


def _cells(selection: Selection, row: Row) -> dict[str, str]:
    wording = selection.wording
    driver = selection.study("drivers", touchpoint=row["touchpoint"])
    cells = {"touchpoint": selection.label(row["touchpoint"])}
    if driver and is_known(driver[0]["share"]):
        cells["weight"] = wording.percent(driver[0]["share"])
    if row["suppressed"]:
        return cells | {"score": wording.text("too_few")}
    cells["score"] = score(wording, row["performance"])
    advice = _advice(row)
    if advice and wording.has(f"status.{advice}"):
        cells["status"] = wording.text(f"status.{advice}")
    if is_known(row["rank"]):
        cells["place"] = wording.number(row["rank"])
        cells["places"] = score_range(wording, row, "rank_low", "rank_high")
    if is_known(row["share_negative"]):
        cells["negative"] = wording.percent(row["share_negative"])
    if is_known(row["gain"]):
        cells["gain"] = wording.signed(row["gain"], 2)
    if is_known(row["p_top3"]):
        cells["chance"] = chance_text(wording, float(row["p_top3"]))
    return cells
