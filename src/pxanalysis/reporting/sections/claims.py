"""What the sentences of a page hold to be so, in a form in which two of them can be held against each other.

Every sentence is a message of the catalogues (`Wording.spoken`). What it claims follows from its key; of what it claims
it, from what its writer says it is about (`Wording.about`). Whoever adds a message to a part of the page names its
claim here, or that it only explains; else the tests fail.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pxanalysis.errors import ReportError
from pxanalysis.reporting.page.wording import Spoken

__all__ = ["ADVICE", "ELSEWHERE", "EXPLAINS", "EXPLANATION", "FUNNEL", "KINDS", "PLACE", "Claim", "Kind", "claims_of"]

Relation = Literal[
    "lower",
    "slightly lower",
    "alike",
    "slightly higher",
    "higher",
    "none lower",
    "inside",
    "edge",
    "below",
    "reached",
    "first",
    "open",
    "nothing",
    "unknown",
    "few",
    "enough",
    "careful",
    "may differ",
    "more negative",
    "negative",
    "no effect",
    "less to gain",
    "better",
    "worse",
    "explains",
]
Strength = Literal["certain", "likely", "measured", "open", "none"]

ELSEWHERE, FUNNEL, TARGET, ADVICE, PLACE = "elsewhere", "usual differences", "target", "advice", "first three"
BEFORE, BEGINNING, COURSE, ANSWERS, EFFECT = "period before", "first period", "whole course", "answers", "drivers"
YEAR_BEFORE = "year before"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a message claims of its subject.

    Attributes
    ----------
    relation
        How the subject stands to the basis.
    strength
        How sure the sentence sounds; ``measured`` is the bare direction of a figure.
    basis
        What the subject is held against.
    """

    relation: Relation
    strength: Strength
    basis: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence, what it is about and what it holds to be so."""

    key: str
    text: str
    subjects: tuple[str, ...]
    kind: Kind


EXPLANATION = Kind("explains", "none", "")

_OPPOSITE: dict[str, tuple[Relation, Relation]] = {
    "": ("lower", "higher"),
    "small_": ("slightly lower", "slightly higher"),
}


def _beside_others() -> dict[str, Kind]:
    kinds = {}
    for small, relations in _OPPOSITE.items():
        for way, relation in zip(("lower", "higher"), relations, strict=True):
            kinds[f"summary.{small}{way}"] = Kind(relation, "certain", ELSEWHERE)
            kinds[f"verdict.{small}{way}"] = Kind(relation, "measured", ELSEWHERE)
    for way in _OPPOSITE[""]:
        kinds[f"summary.seems_{way}"] = Kind(way, "likely", ELSEWHERE)
        kinds[f"verdict.seems_{way}"] = Kind(way, "likely", ELSEWHERE)
    for place in ("summary", "verdict"):
        kinds[f"{place}.no_difference"] = Kind("alike", "measured", ELSEWHERE)
    return kinds


def _over_time() -> dict[str, Kind]:
    return {
        "opening.trend_higher": Kind("higher", "certain", BEFORE),
        "opening.trend_lower": Kind("lower", "certain", BEFORE),
        "opening.trend_same": Kind("alike", "measured", BEFORE),
        "opening.year_higher": Kind("higher", "certain", YEAR_BEFORE),
        "opening.year_lower": Kind("lower", "certain", YEAR_BEFORE),
        "opening.year_same": Kind("alike", "measured", YEAR_BEFORE),
        "opening.year_alike": Kind("alike", "measured", YEAR_BEFORE),
        "opening.since_first_higher": Kind("higher", "certain", BEGINNING),
        "opening.since_first_lower": Kind("lower", "certain", BEGINNING),
        "opening.signal_improvement": Kind("better", "certain", COURSE),
        "opening.signal_concern": Kind("worse", "certain", COURSE),
        "opening.signal_improvement_since": Kind("better", "certain", COURSE),
        "opening.signal_concern_since": Kind("worse", "certain", COURSE),
    }


KINDS: dict[str, Kind] = {
    **_beside_others(),
    **_over_time(),
    "summary.start_most": Kind("first", "certain", ADVICE),
    "summary.start": Kind("first", "certain", ADVICE),
    "summary.open": Kind("open", "open", ADVICE),
    "summary.nothing": Kind("nothing", "certain", ADVICE),
    "summary.unknown": Kind("unknown", "open", ADVICE),
    "opening.unsure": Kind("few", "certain", ANSWERS),
    "opening.unsure_of": Kind("few", "certain", ANSWERS),
    "opening.unsure_some": Kind("few", "certain", ANSWERS),
    "opening.unsure_alike": Kind("few", "certain", ANSWERS),
    "opening.read_carefully": Kind("careful", "certain", ELSEWHERE),
    "comparison.more_needed": Kind("few", "certain", ANSWERS),
    "comparison.forms_differ": Kind("may differ", "certain", ANSWERS),
    "comparison.languages_differ": Kind("may differ", "certain", ANSWERS),
    "comparison.enough": Kind("enough", "certain", ANSWERS),
    "corrected.inside": Kind("inside", "certain", FUNNEL),
    "corrected.edge": Kind("edge", "certain", FUNNEL),
    "corrected.low": Kind("lower", "certain", FUNNEL),
    "corrected.high": Kind("higher", "certain", FUNNEL),
    "corrected.yet_lower": Kind("may differ", "certain", FUNNEL),
    "corrected.yet_higher": Kind("may differ", "certain", FUNNEL),
    "corrected.yet_differ": Kind("may differ", "certain", FUNNEL),
    "corrected.yet_both": Kind("may differ", "certain", FUNNEL),
    "first.heading_open": Kind("open", "open", ADVICE),
    "first.heading_nothing": Kind("nothing", "certain", ADVICE),
    "first.nothing": Kind("nothing", "certain", ADVICE),
    "first.keep": Kind("nothing", "certain", ADVICE),
    "first.undecided": Kind("open", "open", ADVICE),
    "first.no_drivers": Kind("unknown", "open", ADVICE),
    "first.no_target": Kind("unknown", "open", ADVICE),
    "first.sure_high": Kind("first", "certain", PLACE),
    "first.sure_middle": Kind("first", "likely", PLACE),
    "first.sure_low": Kind("first", "open", PLACE),
    "first.not_sure": Kind("open", "open", PLACE),
    "first.score": Kind("below", "measured", TARGET),
    "first.score_reached": Kind("below", "likely", TARGET),
    "first.negative": Kind("more negative", "measured", ELSEWHERE),
    "first.negative_only": Kind("negative", "measured", ""),
    "journey.below": Kind("lower", "certain", ELSEWHERE),
    "journey.below_one": Kind("lower", "certain", ELSEWHERE),
    "journey.none_below": Kind("none lower", "certain", ELSEWHERE),
    "journey.lowest_reached": Kind("reached", "measured", TARGET),
    "journey.lowest_less": Kind("less to gain", "measured", ADVICE),
    "journey.lowest_no_effect": Kind("no effect", "measured", EFFECT),
    "drivers.flag_negative": Kind("no effect", "certain", EFFECT),
    "drivers.flag_zero": Kind("no effect", "likely", EFFECT),
}
"""What each message about a practice claims."""

EXPLAINS: frozenset[str] = frozenset(
    {
        *("actions", "alt", "between", "check", "column", "count", "data", "define", "errors", "fact", "figure"),
        *("importance", "item", "matrix", "measurement", "method", "metric", "missing", "none", "note", "observed"),
        *("outcome", "outcome_short", "outcome_word", "page", "quarter", "quote", "reliability", "small", "status"),
        *("term", "too_few", "unit", "withheld"),
    }
)
"""Families of messages that explain, count or label, and compare nothing."""

_ALSO_EXPLAIN = {
    "summary": """
        beside grade other
    """,
    "opening": """
        rebased all all_caption by_chance difference difference_corrected elsewhere elsewhere_alike expected kicker
        no_benchmark no_figure nps_from_one outcomes outcomes_contents period rejected response scale
        scale_ease scale_effort scale_net simulated simulated_more trend_between undated unsure_few waiting year_gaps
    """,
    "first": """
        acting acting_before already chance contents corrected details differ_first differ_top do_not_wait elsewhere
        explain_enough explain_gain explain_sure explain_target_best_quarter explain_target_mixed
        explain_target_stated explain_weight gain_between gain_only heading how_long idea improve invite invite_free
        invite_next is_first is_open needed no_drivers_help not_sure_close not_sure_close_alone not_sure_everywhere
        not_sure_more not_sure_needed points points_of_share place_below place_half place_quarter possible_gain
        single_assumed single_unknown start_there surest_first took took_cost took_hours total tried two_orders
        unmeasured weak_less weak_more weak_only weakest weight words write_what write_when write_who
        yardstick
    """,
    "journey": """
        best_worst contents dilemma does few_quotes heading hidden items items_caption less_few less_light
        less_near map_missing map_note measured measured_few more_quotes negative_note no_quotes no_trend
        quotes quotes_earlier quotes_left_out quotes_note quotes_order scores show_steps step_weakest steps
        thinks trend trend_note undated unread_quotes
    """,
    "corrected": """
        adjusted caption caption_only drawn drawn_some explain_adjusted explain_measured explain_shrunk
        explain_usual explain_verdict explain_verdict_only measured range shrunk shrunk_only unknown usual
        verdict
    """,
    "comparison": """
        contents distribution distribution_data edge heading hidden high inside lead low no_case_mix no_own
        too_few_practices verdict_line verdicts verdicts_note
    """,
    "drivers": """
        as_measured bridge contents few_practices flag_suppressor heading help.bootstrap_failed
        help.constant_outcome help.other help.singular help.too_few lead lead_one meaning missing most most_one
        most_open most_two no_intervals one_practice none.bootstrap_failed none.constant_outcome none.other
        none.singular none.too_few
    """,
}
"""Of the families that compare: messages that explain, count or label."""

_EXPLAINING = frozenset(f"{family}.{name}" for family, names in _ALSO_EXPLAIN.items() for name in names.split())


def claims_of(spoken: Iterable[Spoken]) -> list[Claim]:
    """Return the claim of every sentence.

    Raises
    ------
    ReportError
        When a message has no claim and belongs to no family that explains.
    """
    return [Claim(one.key, one.text, one.about, _kind(one.key)) for one in spoken]


def _kind(key: str) -> Kind:
    if key in KINDS:
        return KINDS[key]
    if key in _EXPLAINING or key.split(".", 1)[0] in EXPLAINS:
        return EXPLANATION
    raise ReportError(f"'{key}' claims nothing that is known; name its claim in reporting/sections/claims.py.")
