"""The map from left to right: a strip of columns, above the curve what is done and thought, below it the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from pxanalysis.figures.kit.lettering import measure
from pxanalysis.figures.kit.sheet import Line, Sheet, fitted_lines, height_of, lines_of, number
from pxanalysis.figures.page.experience_map.parts import (
    MapPhase,
    MapTouchpoint,
    curve_path,
    curves_for,
    dips,
    draw_legend,
    draw_marks,
    figures_of,
    signed,
    told_lines,
    unbroken,
)

__all__ = ["Look", "draw_across", "names_of", "split_phases"]

_GAP, _PAD, _EDGE = 8.0, 6.0, 2.0
_ROWS = ("does", "thinks", "curve", "dilemma", "idea")
_FILLS = {"does": "tint", "thinks": "band", "dilemma": "tint", "idea": "paper"}


@dataclass(frozen=True, slots=True)
class Look:
    """How large: the sheet's width, its type, its curve, how many texts of a kind and lines of a text."""

    width: float
    size: float
    band: float
    texts: int = 2
    most: int = 16


@dataclass(frozen=True, slots=True)
class _Column:
    """A touchpoint with the lines of each of its rows."""

    touchpoint: MapTouchpoint
    dip: bool
    x: float
    head: list[Line]
    cells: Mapping[str, list[Line]]


def split_phases(phases: Sequence[MapPhase], columns: int) -> list[list[MapPhase]]:
    """Phases by strip, at most so many touchpoints in each; a phase that is cut stands in both.

    Strips get about the same number of touchpoints.
    """
    total = sum(len(phase.touchpoints) for phase in phases)
    strips = max(1, -(-total // columns))
    room = -(-total // strips)
    found: list[list[MapPhase]] = [[]]
    used = 0
    for phase in phases:
        rest = phase.touchpoints
        while rest:
            if used == room:
                found.append([])
                used = 0
            part = rest[: room - used]
            found[-1].append(MapPhase(phase.label, phase.sentence, part))
            used += len(part)
            rest = rest[len(part) :]
    return found


def names_of(phases: Sequence[MapPhase]) -> list[str]:
    """Roles that were seen anywhere, in order: each has its own curve."""
    return list(dict.fromkeys(f.role for phase in phases for one in phase.touchpoints for f in one.feelings))


def draw_across(
    strip: Sequence[MapPhase], roles: Sequence[str], look: Look, title: str, words: Mapping[str, str], language: str
) -> tuple[str, float]:
    """Draw one strip; returns the SVG and its height."""
    sheet = _Across(look.width, look=look, words=words, language=language, roles=roles)
    svg = sheet.draw(strip, title)
    return svg, sheet.y


@dataclass(slots=True)
class _Across(Sheet):
    """A strip: a margin with the names of the rows, then a column for each touchpoint."""

    look: Look = field(default_factory=lambda: Look(960, 12, 140))
    words: Mapping[str, str] = field(default_factory=dict)
    language: str = "nl"
    roles: Sequence[str] = ()

    @property
    def margin(self) -> float:
        names = [self.words[key] for key in ("does", "thinks", "feels", "dilemma", "ideas")]
        return max(measure(name, self.look.size, bold=True) for name in names) + 2 * _PAD

    def draw(self, strip: Sequence[MapPhase], title: str) -> str:
        count = sum(len(phase.touchpoints) for phase in strip)
        step = (self.width - self.margin - _EDGE + _GAP) / max(1, count)
        columns = self._columns(strip, step)
        self._draw_phases(strip, step)
        self._draw_heads(columns, step)
        for row in _ROWS:
            if row == "curve":
                self._draw_curve(columns, step)
            else:
                self._draw_row(row, columns, step)
        draw_legend(self, self.roles, [one.touchpoint for one in columns], self.look.size * 0.92, self.words, _EDGE)
        return self.finish(title, self.words["as_text"])

    def _columns(self, strip: Sequence[MapPhase], step: float) -> list[_Column]:
        look, inner = self.look, step - _GAP - 2 * _PAD
        touchpoints = [one for phase in strip for one in phase.touchpoints]
        columns = []
        for place, (one, dip) in enumerate(zip(touchpoints, dips(touchpoints), strict=True)):
            channels = f"{one.channels} · {self.words['optional']}" if one.optional else one.channels
            head = fitted_lines(one.label, inner, look.size, 0.85 * look.size, bold=True)
            head += lines_of(channels, inner, look.size * 0.9, "soft")
            for text in figures_of(one, self.words, self.language):
                head += lines_of(text, inner, look.size * 0.95)
            cells = {
                row: told_lines(one.told(row), inner, look.size, self.words, texts=look.texts, most=look.most)
                for row in _FILLS
            }
            sign = f"{self.words['positive']}: "
            good = told_lines(one.told("positive"), inner, look.size, self.words, texts=1, most=look.most, sign=sign)
            apart = [Line("", look.size * 0.35)] if good and cells["thinks"] else []
            cells["thinks"] = [*cells["thinks"], *apart, *good]
            columns.append(_Column(one, dip, self.margin + place * step, head, cells))
        return columns

    def _name(self, key: str, y: float) -> None:
        self.write([Line(self.words[key], self.look.size, "soft", bold=True)], _EDGE, y)

    def _draw_phases(self, strip: Sequence[MapPhase], step: float) -> None:
        x, size = self.margin, self.look.size * 1.08
        wide = [len(phase.touchpoints) * step - _GAP for phase in strip]
        point = 0.8 * size
        labels = [
            fitted_lines(phase.label, w - 2.6 * point, size, 0.75 * size, "paper", bold=True)
            for phase, w in zip(strip, wide, strict=True)
        ]
        tall = max(height_of(lines) for lines in labels) + 2 * _PAD
        for lines, w in zip(labels, wide, strict=True):
            y = self.y
            corners = [(x, y), (x + w - point, y), (x + w, y + tall / 2), (x + w - point, y + tall), (x, y + tall)]
            self.polygon([*corners, (x + point, y + tall / 2)], "cool")
            self.write(lines, x + 1.4 * point, y + (tall - height_of(lines)) / 2)
            x += w + _GAP
        self.y += tall + _GAP

    def _draw_heads(self, columns: Sequence[_Column], step: float) -> None:
        tall = max(height_of(one.head) for one in columns) + 2 * _PAD
        for one in columns:
            self.box(one.x, self.y, step - _GAP, tall, "paper", edge="rule", dashed=one.touchpoint.optional)
            self.write(one.head, one.x + _PAD, self.y + _PAD)
        self.y += tall + _GAP

    def _draw_row(self, row: str, columns: Sequence[_Column], step: float) -> None:
        tall = max(height_of(one.cells[row]) for one in columns)
        if not tall:
            return
        self._name("ideas" if row == "idea" else row, self.y + _PAD)
        for one in columns:
            lines = one.cells[row]
            if lines:
                at_dip = row == "idea" and one.dip
                fill, edge = ("accent_tint", "accent") if at_dip else (_FILLS[row], "rule" if row == "idea" else "")
                # Thoughts stand at the foot of their row and dilemmas at the head of theirs: nearest to the curve.
                high = height_of(lines) + 2 * _PAD
                top = self.y + (tall + 2 * _PAD - high if row in ("does", "thinks") else 0.0)
                self.box(one.x, top, step - _GAP, high, fill, edge=edge)
                self.write(lines, one.x + _PAD, top + _PAD)
        self.y += tall + 2 * _PAD + _GAP

    def _height(self, feels: float) -> float:
        """Pixel of a feeling within the band that begins at ``y``."""
        room = self.look.size
        return self.y + room + (2 - feels) / 4 * (self.look.band - 2 * room)

    def _point(self, x: float, feels: float, aside: float) -> tuple[float, float]:
        return x + aside, self._height(feels)

    def _draw_curve(self, columns: Sequence[_Column], step: float) -> None:
        right, size = self.width - _EDGE, self.look.size * 0.92
        for feels in (2, 1, 0, -1, -2):
            y = self._height(feels)
            role = "rule" if feels == 0 else "line"
            self.path(f"M{number(self.margin)},{number(y)} L{number(right)},{number(y)}", role)
            text = signed(feels, self.language)
            x = self.margin - measure(text, size) - 5
            self.write([Line(text, size, "soft")], x, y - 0.62 * size)
        middles = [one.x + (step - _GAP) / 2 for one in columns]
        self._draw_leaders(columns, middles)
        for role, curve in zip(self.roles, curves_for(self.roles), strict=True):
            felt = [next((f.mean for f in one.touchpoint.feelings if f.role == role), None) for one in columns]
            for run in unbroken(middles, felt):
                points = [(x, self._height(feels)) for x, feels in run]
                self.path(curve_path(points), curve.role, width=2.2, dash=curve.dash)
        for x, one in zip(middles, columns, strict=True):
            draw_marks(self, one.touchpoint, self.roles, partial(self._point, x))
        self.y += self.look.band + _GAP

    def _draw_leaders(self, columns: Sequence[_Column], middles: Sequence[float]) -> None:
        """Thin lines from the curve up to the thoughts and down to the dilemma."""
        for x, one in zip(middles, columns, strict=True):
            if one.touchpoint.feels is None:
                continue
            y = self._height(one.touchpoint.feels)
            top, bottom = self.y - _GAP, self.y + self.look.band + _GAP
            for end, row in ((top, "thinks"), (bottom, "dilemma")):
                if one.cells[row]:
                    self.path(f"M{number(x)},{number(end)} L{number(x)},{number(y)}", "rule", dash="1 3")
