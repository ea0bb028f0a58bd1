"""One outcome as measured and after each correction, so that its figures on a page do not seem to contradict."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pxanalysis.analysis.whole_study.frames import CaseMixRow, FunnelRow, OutcomeRow
from pxanalysis.journey.model import Outcome
from pxanalysis.reporting.page.fragments import display_text
from pxanalysis.reporting.page.tables import table_corrected
from pxanalysis.reporting.sections.selection import LONGEST_LABEL, Selection, is_known, join_sentences
from pxanalysis.reporting.sections.values import extra_decimals, in_unit, on_limit, outside, range_of

if TYPE_CHECKING:
    from markupsafe import Markup

    from pxanalysis.reporting.page.wording import Wording

__all__ = ["Corrected", "case_mix_labels", "make_corrected"]


@dataclass(frozen=True, slots=True)
class Corrected:
    """A table with a sentence about each of its columns."""

    caption: str
    table: Markup
    sentences: list[str]


def case_mix_labels(selection: Selection, outcome: str | None = None) -> list[str]:
    """Names of the patient characteristics that practices are corrected for on an outcome; None: on any of them."""
    rows = selection.study(CaseMixRow) if outcome is None else selection.study(CaseMixRow, outcome=outcome)
    used = {row.variable for row in rows if row.used}
    return [
        display_text(variable.label[selection.language], LONGEST_LABEL).lower()
        for variable in selection.journey.case_mix
        if variable.id in used
    ]


def make_corrected(selection: Selection, own: dict[str, FunnelRow], drawn: Collection[str] = ()) -> Corrected:
    """Return the table of the rated outcomes.

    Parameters
    ----------
    own
        The practice's row of the funnel per outcome that it has a place in.
    drawn
        Outcomes that the page has a funnel of.
    """
    wording, variables = selection.wording, case_mix_labels(selection)
    rows = [_cells(selection, outcome, own.get(outcome.id)) for outcome in selection.journey.rated_outcomes]
    table = table_corrected(rows, wording, case_mix=bool(variables))
    if not variables:
        keys = ("corrected.explain_shrunk", "corrected.explain_usual", "corrected.explain_verdict_only")
        sentences = [wording.text("corrected.explain_measured"), *(wording.text(key) for key in keys)]
        sentences[-1] = join_sentences(sentences[-1], _yet(selection, own))
        return Corrected(
            wording.text("corrected.caption_only"), table, [*sentences, wording.text("comparison.no_case_mix")]
        )
    adjusted = wording.text("corrected.explain_adjusted", variables=wording.enumerate(variables))
    sentences = [
        wording.text("corrected.explain_measured"),
        join_sentences(adjusted, _where_drawn(selection, own, drawn)),
        *(wording.text(f"corrected.explain_{name}") for name in ("shrunk", "usual")),
        join_sentences(wording.text("corrected.explain_verdict"), _yet(selection, own)),
    ]
    return Corrected(wording.text("corrected.caption"), table, sentences)


def _where_drawn(selection: Selection, own: dict[str, FunnelRow], drawn: Collection[str]) -> str:
    """Which of the corrected figures are in a funnel on this page; empty without any."""
    if not set(own) & set(drawn):
        return ""
    names = [outcome.id for outcome in selection.journey.rated_outcomes if outcome.id in own]
    rest = [selection.outcome_labels[name] for name in names if name not in drawn]
    if not rest:
        return selection.wording.text("corrected.drawn")
    return selection.wording.text("corrected.drawn_some", outcomes=selection.wording.enumerate(rest))


_WAYS = {"lower": -1, "higher": 1, "low": -1, "high": 1}


def _yet(selection: Selection, own: dict[str, FunnelRow]) -> str:
    """That the verdict above and the one here are two questions, where a reader finds two answers."""
    inside, differ = set(), False
    for outcome in selection.journey.rated_outcomes:
        row, place = selection.main_metric(outcome), own.get(outcome.id)
        position = "" if place is None or row is None else _position(place, row.unit)
        if row is None or row.suppressed or not (is_known(row.benchmark) and row.verdict and position):
            continue
        within = position in {"inside", "edge"}
        inside |= {row.verdict} & {"lower", "higher"} if within else set()
        differ |= _WAYS.get(position, 0) != _way(row)
    if inside:
        return selection.wording.text(f"corrected.yet_{inside.pop() if len(inside) == 1 else 'both'}")
    return selection.wording.text("corrected.yet_differ") if differ else ""


def _way(row: OutcomeRow) -> int:
    """Direction of the verdict above, that of a difference which is certain but small included."""
    low, high = row.difference_low, row.difference_high
    if row.verdict == "no difference" and is_known(low) and is_known(high) and low * high > 0:
        return 1 if low > 0 else -1
    return _WAYS.get(row.verdict, 0)


def _cells(selection: Selection, outcome: Outcome, place: FunnelRow | None) -> dict[str, str]:
    wording, unknown = selection.wording, selection.wording.text("corrected.unknown")
    cells = {"outcome": selection.outcome_labels[outcome.id]}
    row = selection.main_metric(outcome)
    if row is None or row.suppressed or not is_known(row.estimate):
        return cells | {"measured": wording.text("too_few")}
    unit, limits = row.unit, _limits(place)
    more = extra_decimals(unit, outside(*limits) if limits else [])
    cells["measured"] = in_unit(wording, row.estimate, unit, more)
    cells["shrunk"] = in_unit(wording, row.adjusted, unit, more) if is_known(row.adjusted) else unknown
    if place is None or limits is None:
        return cells | {"verdict": unknown}
    between = range_of(wording, place.low95, place.high95, unit, more)
    if case_mix_labels(selection, outcome.id):
        cells["adjusted"] = in_unit(wording, limits[0], unit, more)
    return cells | {
        "usual": wording.text("corrected.range", range=between, n=int(place.n or 0)) if between else unknown,
        "verdict": _verdict(wording, outcome.id, _position(place, unit)),
    }


def _verdict(wording: Wording, outcome: str, position: str) -> str:
    with wording.about(f"outcome:{outcome}"):
        return wording.text(f"corrected.{position}")


def _limits(place: FunnelRow | None) -> tuple[float, float, float] | None:
    """Value of a practice in the funnel with the usual limits; None where it has no place."""
    if place is None or not (is_known(place.estimate) and is_known(place.low95) and is_known(place.high95)):
        return None
    return place.estimate, place.low95, place.high95


def _position(place: FunnelRow, unit: str) -> str:
    limits = _limits(place)
    if limits is None:
        return ""
    value, low, high = limits
    if on_limit(unit, value, low, high):
        return "edge"
    return "low" if value < low else "high" if value > high else "inside"
