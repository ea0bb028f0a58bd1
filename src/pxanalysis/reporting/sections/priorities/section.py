"""What to do first, as sentences: why, what it may bring, how sure that is, and an idea to start with."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pxanalysis.analysis.whole_study.frames import DriverRow, PriorityRow
from pxanalysis.journey.parts import Idea, Touchpoint
from pxanalysis.reporting.page.fragments import Fragment, display_text, render_part
from pxanalysis.reporting.sections.priorities.advice import (
    Standing,
    candidates,
    certainty_key,
    count_reached,
    gain_text,
    list_details,
    list_reasons,
    rank_rows,
    standing,
)
from pxanalysis.reporting.sections.priorities.precision import (
    differ_sentence,
    has_few_answers,
    is_weak,
    precision_sentence,
)
from pxanalysis.reporting.sections.priorities.total import total_sentence
from pxanalysis.reporting.sections.quotes import quotes_about
from pxanalysis.reporting.sections.selection import LONGEST_SENTENCE, Selection, is_known, join_sentences
from pxanalysis.reporting.sections.values import chance_text
from pxanalysis.statistics.conventions import TOP

if TYPE_CHECKING:
    from pxanalysis.analysis.action_effects.shown import ShownMean
    from pxanalysis.reporting.page.wording import Wording

__all__ = ["Priority", "first_touchpoints", "make"]

MOST_QUOTES = 3
"""What patients wrote that stands beside one contact."""

FEWEST_DAYS = 60
"""Over a shorter time the pace of responses says little of what is to come."""

_HEADINGS = {"first": "first.heading", "open": "first.heading_open", "nothing": "first.heading_nothing"}


@dataclass(frozen=True, slots=True)
class Priority:
    """One thing to do, in words; empty words are left out.

    Attributes
    ----------
    ranked
        Whether it certainly belongs to the first three, so that it gets a number.
    standing
        What is as sure as ``sure`` says.
    details
        What the rest rests on, for who wants to know.
    quotes
        What patients wrote under an open question about this very contact.
    elsewhere
        What kinds of action at this contact brought where they were done.
    acting
        That the practice works on this already; empty where it does not.
    """

    label: str
    idea: str
    idea_text: str
    gain: str
    why: str
    sure: str
    standing: str
    weakest: str
    ranked: bool
    details: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    acting: str = ""


def first_touchpoints(selection: Selection) -> list[str]:
    """Touchpoints that certainly come first, in order; the figures mark them."""
    rows = candidates(selection.priorities, selection.smallest_gain or 0.0)
    return [row.touchpoint for row in rows if row.status == "act"]


def make(selection: Selection) -> Fragment:
    """Return the priorities as sentences, or why they cannot be given."""
    wording, own = selection.wording, selection.priorities
    rows = candidates(own, selection.smallest_gain or 0.0)
    found = standing(own, selection.smallest_gain or 0.0)
    return render_part(
        "priorities",
        wording,
        heading=wording.text(_HEADINGS.get(found, "first.heading")),
        lead=[sentence for sentence in [*_lead(selection, found, rows), *_elsewhere(selection)] if sentence],
        cards=[_priority(selection, row, alone=len(rows) == 1 or found == "nothing") for row in rows],
        ordered=found == "first",
        total="" if found == "nothing" else total_sentence(selection, rows),
        invite=_invite(selection, found),
        quote_language=selection.journey.languages[0],
        explain=[sentence for sentence in [_promise(selection, rows), *_explain(selection, rows)] if sentence],
    )


def _invite(selection: Selection, found: Standing) -> str:
    """To write down what the practice will do, next where an action is recorded already; free where nothing has to."""
    if found == "nothing":
        return selection.wording.text("first.invite_free")
    own = () if selection.actions is None else selection.actions.of_practice(selection.practice_id)
    recorded = any(one.decided_on is not None for one in own)
    return selection.wording.text("first.invite_next" if recorded else "first.invite")


def _lead(selection: Selection, found: Standing, rows: list[PriorityRow]) -> list[str]:
    """What is said before the cards; certain priorities need no introduction."""
    own = selection.priorities
    if found == "unknown":
        return _without_ranking(selection)
    if found == "nothing":
        return [*_nothing(selection, own, rows), _unmeasured(selection, own)]
    if found == "open":
        undecided = selection.wording.text("first.undecided", n=len(rows))
        return [_already_good(selection, own), undecided, _needed(selection, rows), _unmeasured(selection, own)]
    return [_surest_first(selection, rows), _unmeasured(selection, own)]


def _surest_first(selection: Selection, rows: list[PriorityRow]) -> str:
    """Why the first is not what may bring most, where the figures on the cards raise that question."""
    known = [(row.gain, row.status) for row in rows if is_known(row.gain)]
    if not known:
        return ""
    first, most = known[0], max(known, key=lambda one: one[0])
    if gain_text(selection, first[0]) == gain_text(selection, most[0]):
        return ""
    surer = first[1] == "act" and most[1] != "act"
    return selection.wording.text("first.surest_first" if surer else "first.two_orders")


def _elsewhere(selection: Selection) -> list[str]:
    """What certainly would bring something at another provider, which this one can only speak about."""
    others, smallest = selection.of_others, selection.smallest_gain or 0.0
    theirs = [row for row in selection.own(PriorityRow) if row.touchpoint in others]
    named: dict[str, list[str]] = {}
    for row in candidates(theirs, smallest):
        if row.status == "act":
            named.setdefault(others[row.touchpoint], []).append(row.touchpoint)
    return [
        selection.wording.text("first.elsewhere", provider=provider, touchpoints=selection.enumerate_labels(names))
        for provider, names in named.items()
    ]


def _unmeasured(selection: Selection, own: list[PriorityRow]) -> str:
    """Which contacts too few patients rated here and how much they weigh: nothing is known of what they could win."""
    absent = {row.touchpoint for row in own if not is_known(row.rank)}
    drivers = [row for row in selection.study(DriverRow) if row.touchpoint in absent]
    weight = sum(row.share for row in drivers if is_known(row.share))
    if not absent or round(weight, 2) <= 0:
        return ""
    names = selection.enumerate_labels([row.touchpoint for row in drivers])
    share = selection.wording.percent(weight)
    return selection.wording.text("first.unmeasured", n=len(drivers), touchpoints=names, share=share)


def _without_ranking(selection: Selection) -> list[str]:
    """Why nothing can be ranked, and what stands out all the same."""
    wording = selection.wording
    own = selection.priorities
    scored = [(row.improvement_score, row.touchpoint) for row in own if is_known(row.improvement_score)]
    if not scored:
        heading = wording.text("drivers.heading")
        return [wording.text("first.no_drivers", heading=heading), wording.text("first.no_drivers_help")]
    heavy = _counts_heavily(selection)
    named = sorted((-score, name) for score, name in scored if name in heavy and score > 0)[:TOP]
    if not named:
        return [wording.text("first.no_target")]
    names = selection.enumerate_labels([name for _, name in named])
    return [wording.text("first.no_target"), wording.text("first.improve", touchpoints=names)]


def _counts_heavily(selection: Selection) -> set[str]:
    """Contacts of at least their part of the weight, with an effect that is told from zero and no suppressor."""
    rows = selection.study(DriverRow)
    fair = 1.0 / max(sum(is_known(row.share) for row in rows), 1)
    return {
        row.touchpoint
        for row in rows
        if is_known(row.share) and row.share >= fair and not row.sign_flag and is_known(row.ci_low) and row.ci_low > 0
    }


def _nothing(selection: Selection, own: list[PriorityRow], rows: list[PriorityRow]) -> list[str]:
    wording = selection.wording
    if not rows:
        return [wording.text("first.keep")]
    largest = max((row.gain for row in rank_rows(own) if is_known(row.gain)), default=0.0)
    gain = gain_text(selection, largest)
    return [_already_good(selection, own), wording.text("first.nothing", n=len(rows), gain=gain)]


def _already_good(selection: Selection, own: list[PriorityRow]) -> str:
    """On how many contacts the target is reached, where that is at least half of them."""
    done, total = count_reached(own), len(rank_rows(own))
    return selection.wording.text("first.already", n=done, total=total) if 2 * done >= total else ""


def _needed(selection: Selection, rows: list[PriorityRow]) -> str:
    needed = max((_needed_n(row) for row in rows), default=0)
    if any(row.reason_code == "rankings_differ" for row in rows):
        return ""
    return selection.wording.text("first.needed", n=needed) if needed else ""


def _needed_n(row: PriorityRow) -> int:
    """How many more responses would settle it, to two figures: it comes from a coarse search."""
    needed = int(row.needed_n) if is_known(row.needed_n) else 0
    step = int(10 ** max(0, len(str(needed)) - 2))
    return -(-needed // step) * step


def _promise(selection: Selection, rows: list[PriorityRow]) -> str:
    """What the gain on the cards means, and what it does not."""
    if not any(is_known(row.gain) for row in rows):
        return ""
    gain = selection.wording.text("first.explain_gain", outcome=selection.outcome_word)
    sure = any(row.status == "act" and is_known(row.p_top3) for row in rows)
    return join_sentences(gain, selection.wording.text("first.explain_sure") if sure else "")


def _explain(selection: Selection, rows: list[PriorityRow]) -> list[str]:
    """What the other words and figures on the cards mean, as far as they are there."""
    text, smallest = selection.wording.text, selection.smallest_gain
    if not rows:
        return []
    stated = {is_known(row.target_stated) for row in rows if is_known(row.target)}
    kind = "mixed" if len(stated) == 2 else "stated" if True in stated else "best_quarter"
    enough = ""
    if smallest is not None:
        unit = "first.points_of_share" if selection.drives_a_share else "first.points"
        enough = text("first.explain_enough", smallest=text(unit, gain=gain_text(selection, smallest)))
    sentences = [
        text(f"first.explain_target_{kind}"),
        text("first.explain_weight", outcome=selection.outcome_word),
        enough,
    ]
    return [sentence for sentence in sentences if sentence]


def _priority(selection: Selection, row: PriorityRow, *, alone: bool) -> Priority:
    with selection.wording.about(f"touchpoint:{row.touchpoint}"):
        return _card(selection, row, alone=alone)


def _card(selection: Selection, row: PriorityRow, *, alone: bool) -> Priority:
    language, name = selection.language, row.touchpoint
    known = {touchpoint.id: touchpoint for touchpoint in selection.journey.touchpoints}
    idea = _idea(selection, known[name]) if name in known else None
    sure, standing_text, uncertain = _sure(selection, row, alone=alone)
    details = (_gain_note(selection, row), *list_details(selection, row), precision_sentence(selection, row), uncertain)
    return Priority(
        label=selection.label(name),
        idea=display_text(idea.title[language], LONGEST_SENTENCE) if idea else "",
        idea_text=display_text(idea.text[language], LONGEST_SENTENCE) if idea else "",
        gain=_gain(selection, row),
        why=join_sentences(*list_reasons(selection, row)),
        acting=_acting(selection, name),
        sure=sure,
        standing=standing_text,
        weakest=_weakest(selection, name, idea),
        ranked=row.status == "act",
        details=tuple(sentence for sentence in details if sentence),
        quotes=tuple(quotes_about(selection, name)[:MOST_QUOTES]),
        elsewhere=tuple(_brought_elsewhere(selection, name)),
    )


def _acting(selection: Selection, touchpoint: str) -> str:
    """That the practice works on this already, and that the score is of before as well; empty where it does not."""
    own = () if selection.actions is None else selection.actions.of_practice(selection.practice_id)
    running = [one for one in own if one.touchpoint == touchpoint and one.decided_on and one.status != "dropped"]
    if not running:
        return ""
    last = max(running, key=lambda one: one.decided_on or "")
    wording, there = selection.wording, last.in_place_on
    day = wording.date(there or last.decided_on or "")
    said = wording.text("first.acting", day=day, idea=display_text(last.idea, LONGEST_SENTENCE))
    first = selection.practice.first_date or ""
    return join_sentences(said, wording.text("first.acting_before") if there and first[:10] < there[:10] else "")


def _brought_elsewhere(selection: Selection, touchpoint: str) -> list[str]:
    """What kinds of action that were done at this contact brought, of enough practices, by name and not by result."""
    if selection.actions is None:
        return []
    done = {one.kind.strip().casefold() for one in selection.actions.actions if one.touchpoint == touchpoint}
    return [kind_sentence(selection.wording, one) for one in selection.actions.worked if one.kind in done]


def kind_sentence(wording: Wording, kind: ShownMean) -> str:
    """What a kind of action brought where it was done: "in 7 practices the score rose by about 4, 1 to 7"."""
    if kind.estimate is None or kind.low is None or kind.high is None:
        return ""
    figures = {"points": kind.estimate, "low": kind.low, "high": kind.high}
    said = {name: wording.signed(value) for name, value in figures.items()}
    tried = wording.text("first.tried", kind=display_text(kind.kind, 60), count=kind.n_practices, **said)
    return join_sentences(tried, _took(wording, kind))


def _took(wording: Wording, kind: ShownMean) -> str:
    """What a kind of action asked of those who did it, as far as they wrote it down."""
    hours, cost = kind.effort_hours, kind.cost
    if not (is_known(hours) or is_known(cost)):
        return ""
    said = {"hours": wording.number(hours or 0.0), "cost": wording.number(cost or 0.0)}
    only = "" if is_known(hours) and is_known(cost) else "_hours" if is_known(hours) else "_cost"
    return wording.text(f"first.took{only}", **said)


def _gain(selection: Selection, row: PriorityRow) -> str:
    if not is_known(row.gain):
        return ""
    unit = "first.points_of_share" if selection.drives_a_share else "first.points"
    return selection.wording.text(unit, gain=gain_text(selection, row.gain, signed=True))


def _gain_note(selection: Selection, row: PriorityRow) -> str:
    wording, outcome = selection.wording, selection.outcome_word
    if not is_known(row.gain):
        return ""
    if not (is_known(row.gain_low) and is_known(row.gain_high)):
        return wording.text("first.gain_only", outcome=outcome)
    low, high = (gain_text(selection, end, signed=True) for end in (row.gain_low, row.gain_high))
    return wording.text("first.gain_between", outcome=outcome, low=low, high=high)


def _idea(selection: Selection, touchpoint: Touchpoint) -> Idea | None:
    """The journey's idea for the question that scores lowest, else one for the contact as a whole.

    Where one question is clearly the lowest and no idea is about it, there is none: an idea about something that goes
    well would send people the wrong way. Where none is clearly the lowest, the idea is about one as low as can be.
    """
    lowest = selection.lowest_items.get(touchpoint.id, "")
    fitting = [idea for idea in touchpoint.ideas if lowest in idea.items]
    general = [idea for idea in touchpoint.ideas if not idea.items]
    order = [row.item for row in selection.items_of(touchpoint.id)]
    about = [idea for idea in touchpoint.ideas if set(order) & set(idea.items)]
    others = sorted(about, key=lambda idea: min(order.index(item) for item in idea.items if item in order))
    others = [] if touchpoint.id in selection.weakest_items else others or list(touchpoint.ideas)
    return next(iter([*fitting, *general, *others]), None)


def _weakest(selection: Selection, name: str, idea: Idea | None) -> str:
    weakest = selection.weakest_items.get(name)
    if weakest is None or len(selection.items_of(name)) < 2:
        return ""
    quoted = selection.wording.text("quote", text=selection.plain_item_texts[weakest.item])
    lowest = selection.wording.text("first.weakest", item=quoted)
    return lowest if idea else join_sentences(lowest, selection.wording.text("first.start_there"))


def _sure(selection: Selection, row: PriorityRow, *, alone: bool) -> tuple[str, str, str]:
    """How sure it is that this belongs to the first three: in a word, what that means, and what it rests on."""
    wording = selection.wording
    if row.status != "act" and row.reason_code == "rankings_differ":
        return wording.text("first.not_sure"), wording.text("first.is_open"), differ_sentence(selection, row)
    if row.status != "act":
        open_question = wording.text("first.not_sure_more", n=selection.n)
        settles = _what_settles(selection, row, alone=alone)
        return wording.text("first.not_sure"), wording.text("first.is_open"), join_sentences(open_question, settles)
    if not is_known(row.p_top3):
        return "", "", ""
    careful = is_weak(selection, row.touchpoint) or has_few_answers(selection, selection.meta.outcome)
    sure = wording.text(certainty_key(row, weak=careful))
    return sure, wording.text("first.is_first"), wording.text("first.chance", chance=chance_text(wording, row.p_top3))


def _what_settles(selection: Selection, row: PriorityRow, *, alone: bool) -> str:
    wording, code = selection.wording, row.reason_code
    if code == "too_close":
        return wording.text("first.not_sure_close_alone" if alone else "first.not_sure_close")
    if code == "more_everywhere":
        return wording.text("first.not_sure_everywhere")
    needed = _needed_n(row)
    if not needed:
        return ""
    others = any(one.status == "act" for one in rank_rows(selection.priorities))
    return join_sentences(
        wording.text("first.not_sure_needed", n=needed),
        _how_long(selection, needed),
        wording.text("first.do_not_wait") if others else "",
    )


def _how_long(selection: Selection, needed: int) -> str:
    """How long it takes to get so many responses at the pace of the present ones; empty where dates are unknown."""
    first, last = selection.practice.first_date, selection.practice.last_date
    if not (first and last):
        return ""
    days = (dt.date.fromisoformat(last[:10]) - dt.date.fromisoformat(first[:10])).days
    if days < FEWEST_DAYS:
        return ""
    return selection.wording.text("first.how_long", time=selection.wording.duration(days * needed / selection.n))
