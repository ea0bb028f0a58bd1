"""What the terms of a report mean exactly."""

from __future__ import annotations

import math

from pxanalysis.analysis.whole_study.frames import ComparisonRow, PracticeRow
from pxanalysis.reporting.sections.drivers import ranked_drivers
from pxanalysis.reporting.sections.priorities.advice import HARDLY_WORTH, plain_decimals
from pxanalysis.reporting.sections.selection import Selection, is_known
from pxanalysis.statistics.conventions import FEWEST_PRACTICES

__all__ = ["define_terms"]

_STATUSES = ("act", "keep", "later", "little_gain", "undecided", "no_effect", "no_advice")

CHANCE_FINDING = 0.05
"""Part of practices without a true difference that the test behind a verdict calls different, at most."""


def define_terms(selection: Selection) -> list[tuple[str, str]]:
    """Terms that the report uses with their definitions, in the order in which it does."""
    found = _metrics(selection)
    if ranked_drivers(selection):
        found += [_defined(selection, name) for name in ("importance", "target")]
        found += [_column(selection, "gain"), _defined(selection, "shrinkage"), _column(selection, "chance")]
        found += _advice(selection)
    compared = _n_compared(selection)
    if compared:
        found += [_verdict(selection, compared), _defined(selection, "usual")]
    if sum(not row.suppressed for row in selection.study(PracticeRow)) >= FEWEST_PRACTICES:
        found += [_defined(selection, "middle"), _defined(selection, "lowest")]
    return [*found, _defined(selection, "reliability"), _defined(selection, "intervals")]


def _metrics(selection: Selection) -> list[tuple[str, str]]:
    """What the letters stand for that the journey writes in the names of its outcomes."""
    kinds = dict.fromkeys(outcome.kind for outcome in selection.journey.rated_outcomes)
    names = " ".join(selection.outcome_labels.values())
    return [_defined(selection, kind) for kind in kinds if kind.upper() in names]


def _defined(selection: Selection, name: str) -> tuple[str, str]:
    wording = selection.wording
    return wording.text(f"term.{name}"), wording.text(f"define.{name}")


def _column(selection: Selection, name: str) -> tuple[str, str]:
    """A column of the ranking table, by the words above it."""
    return selection.wording.text(f"column.{name}"), selection.wording.text(f"define.{name}")


def _n_compared(selection: Selection) -> int:
    """Practices in the comparison of the study's main outcome; 0 where there is none."""
    rows = selection.study(ComparisonRow, outcome=selection.meta.outcome)
    found = rows[0].n_practices if rows else None
    return int(found) if is_known(found) else 0


def _verdict(selection: Selection, compared: int) -> tuple[str, str]:
    """What a verdict is, and how many practices get one by chance alone."""
    wording = selection.wording
    # Rounded up: the page says "at most".
    by_chance = wording.number(math.ceil(10.0 * compared * CHANCE_FINDING) / 10.0, 1)
    said = wording.text("define.verdict_by_chance", practices=compared, by_chance=by_chance)
    return wording.text("term.verdict"), f"{wording.text('define.verdict')} {said}"


def _advice(selection: Selection) -> list[tuple[str, str]]:
    """What each advice is given for, in the words of the ranking table."""
    wording, meta = selection.wording, selection.meta
    if meta.certainty is None or meta.smallest_gain is None:
        return []
    smallest = meta.smallest_gain
    limits = {
        "sure": wording.percent(meta.certainty),
        "left": wording.percent(1.0 - meta.certainty),
        "smallest": wording.number(smallest, plain_decimals(smallest)),
        "hardly": wording.number(HARDLY_WORTH * smallest, plain_decimals(HARDLY_WORTH * smallest)),
    }
    words = {name: wording.text(f"status.{name}") for name in _STATUSES}
    return [(wording.text("term.advice"), wording.text("define.advice", **limits, **words))]
