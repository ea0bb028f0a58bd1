"""A journey's questions held against what makes questions good: findings with line, reason and a better form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pxanalysis.journey.form import build_form
from pxanalysis.questionnaires.reading_level import B1_EASE, estimate_minutes, reading_ease
from pxanalysis.questionnaires.wording_rules import RULES, Remark, repeats_outcome

if TYPE_CHECKING:
    import pandas as pd

    from pxanalysis.journey.model import Journey, Touchpoint
    from pxanalysis.journey.parts import Item
    from pxanalysis.journey.parts import Path as Place

__all__ = ["Finding", "WordingReport", "check_wording"]

LONGEST_MINUTES = 8.0
_REASON = re.compile(r"([a-z-]+):\s*(.*?)\s*(?:;\s*(?=[a-z-]+:)|$)")
MOST_ITEMS = 8
"""Statements about one touchpoint beyond which patients start to answer all alike."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to improve.

    Attributes
    ----------
    line
        Line in the journey file.
    rule
        ``two-things``, ``negation``, ``leading``, ``reading-level``, ``translation``, ``ranges``, ``too-many``,
        ``repeats-outcome`` or ``minutes``.
    accepted
        The reason that the journey file states for leaving it so; empty for a finding that is open.
    """

    line: int
    id: str
    rule: str
    language: str
    text: str
    message: str
    better: str
    accepted: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class WordingReport:
    """What the wording check found.

    Attributes
    ----------
    findings
        What is open.
    accepted
        What the journey file gives a reason for.
    minutes, ease
        Per language: estimated minutes to fill in, and reading ease (60 and above: B1).
    """

    journey_id: str
    origin: str
    findings: tuple[Finding, ...]
    accepted: tuple[Finding, ...]
    minutes: dict[str, float]
    ease: dict[str, float]

    def tidy(self) -> pd.DataFrame:
        """One row per finding, open and accepted: ``line, id, rule, language, text, message, better, accepted``."""
        import pandas as pd

        names = list(Finding.__dataclass_fields__)
        rows = [[getattr(finding, name) for name in names] for finding in (*self.findings, *self.accepted)]
        return pd.DataFrame(rows, columns=names)

    def glance(self) -> pd.DataFrame:
        """One row: number of findings, minutes and reading ease per language."""
        import pandas as pd

        facts: dict[str, object] = {
            "journey": self.journey_id,
            "n_findings": len(self.findings),
            "n_accepted": len(self.accepted),
        }
        facts |= {f"minutes_{language}": value for language, value in self.minutes.items()}
        return pd.DataFrame([facts | {f"reading_ease_{language}": value for language, value in self.ease.items()}])

    def summary(self) -> str:
        """The findings as text, each with its line and a better form."""
        lines = [
            f"{self.origin}, line {f.line}: {f.id}{f' ({f.language})' if f.language else ''}: {f.message}. "
            f"Better: {f.better}."
            for f in self.findings
        ]
        left = (f"{self.origin}, line {f.line}: {f.id}: {f.rule}, left so: {f.accepted}" for f in self.accepted)
        lines += list(dict.fromkeys(left))
        times = ", ".join(f"{value:.1f} ({language})" for language, value in self.minutes.items())
        eases = ", ".join(f"{value:.0f} ({language})" for language, value in self.ease.items())
        count = f"{len(self.findings)} findings" if self.findings else "No findings"
        return "\n".join([*lines, f"{count}. Minutes to fill in: {times}. Reading ease, 60 or more is B1: {eases}."])

    def __repr__(self) -> str:
        return f"WordingReport({self.journey_id!r}, {len(self.findings)} findings, {len(self.accepted)} accepted)"

    def _repr_html_(self) -> str:
        return self.glance().to_html(index=False) + self.tidy().to_html(index=False)


def check_wording(journey: Journey | str | Path) -> WordingReport:
    """Check the wording of a journey, in Dutch and English.

    Parameters
    ----------
    journey
        A path to a YAML file or a catalogue id, so that findings have a line; or a journey, whose findings have line 1.
    """
    from pxanalysis.journey.reading import locate_lines, read_journey

    if isinstance(journey, str | Path):
        model, find_line, origin = read_journey(journey), locate_lines(journey), str(journey)
    else:
        model, find_line, origin = journey, _first_line, journey.id
    found = list(_Check(model, find_line).findings())
    form = build_form(model)
    minutes = {language: estimate_minutes(form, language) for language in form.languages}
    texts = {
        language: [placed.item.text[language] for placed in model.items if language in placed.item.text.languages]
        for language in form.languages
    }
    ease = {language: reading_ease(texts[language], language) for language in form.languages}
    found += _of_the_whole(model, minutes, ease)
    open_, accepted = [f for f in found if not f.accepted], [f for f in found if f.accepted]
    return WordingReport(model.id, origin, tuple(open_), tuple(accepted), minutes, ease)


def _first_line(place: Place) -> int:
    return 1


def _of_the_whole(journey: Journey, minutes: dict[str, float], ease: dict[str, float]) -> Iterator[Finding]:
    longest = max(minutes.values())
    if longest > LONGEST_MINUTES:
        message = f"takes about {longest:.0f} minutes; above {LONGEST_MINUTES:.0f} many stop half-way"
        better = "leave out statements, or make journeys of the steps (details:) that are asked apart"
        yield Finding(1, journey.id, "minutes", "", "", message, better)
    for language, value in ease.items():
        if value < B1_EASE:
            message = f"reading ease of all statements is {value:.0f}; below {B1_EASE:.0f} is harder than B1"
            better = "use shorter words and sentences"
            yield Finding(1, journey.id, "reading-level", language, "", message, better)


class _Check:
    """Goes through a journey's statements and touchpoints."""

    def __init__(self, journey: Journey, find_line: Callable[[Place], int]) -> None:
        self.journey, self.find_line = journey, find_line
        self.languages = [language for language in journey.languages if language in ("nl", "en")]

    def findings(self) -> Iterator[Finding]:
        for s, step in enumerate(self.journey.steps):
            for t, touchpoint in enumerate(step.touchpoints):
                place: Place = ("steps", s, "touchpoints", t)
                yield from self._touchpoint(touchpoint, place)
                for i, item in enumerate(touchpoint.items):
                    yield from self._item(item, (*place, "items", i))

    def _touchpoint(self, touchpoint: Touchpoint, place: Place) -> Iterator[Finding]:
        line = self.find_line((*place, "items"))
        scales = {item.scale: self.journey.scales[item.scale] for item in touchpoint.items}
        ranges = sorted({(scale.min, scale.max) for scale in scales.values()})
        if len(ranges) > 1:
            listed = ", ".join(f"{low}-{high}" for low, high in ranges)
            message = f"statements of one touchpoint are answered on different ranges ({listed})"
            yield Finding(line, touchpoint.id, "ranges", "", "", message, "use one scale for all of them")
        if len(touchpoint.items) > MOST_ITEMS:
            message = f"{len(touchpoint.items)} statements about one touchpoint; {MOST_ITEMS} is many"
            better = "keep those that differ most, or make two touchpoints of it"
            yield Finding(line, touchpoint.id, "too-many", "", "", message, better)

    def _item(self, item: Item, place: Place) -> Iterator[Finding]:
        accepted = _reasons(item)
        for language in self.languages:
            text = item.text[language]
            line = self.find_line((*place, "text"))
            for rule, remark in self._remarks(text, language):
                yield Finding(
                    line, item.id, rule, language, text, remark.message, remark.better, accepted.get(rule, "")
                )
        texts = [item.text[language] for language in self.languages]
        if len(texts) > 1 and len({text.casefold() for text in texts}) == 1 and " " in texts[0]:
            message = f"the same words in {' and '.join(self.languages)}; a translation is absent"
            line = self.find_line((*place, "text"))
            yield Finding(line, item.id, "translation", "", texts[0], message, "write it in each language")

    def _remarks(self, text: str, language: str) -> Iterator[tuple[str, Remark]]:
        for rule, find in RULES.items():
            yield from ((rule, remark) for remark in find(text, language))
        for outcome in self.journey.rated_outcomes:
            again = next(repeats_outcome(text, outcome.text[language], language), None)
            if again is not None:
                yield "repeats-outcome", again
                return


def _reasons(item: Item) -> dict[str, str]:
    """Stated reasons by rule, from ``rule: reason; rule: reason``."""
    return {rule: reason.strip() for rule, reason in re.findall(_REASON, item.wording or "") if reason.strip()}
