"""The map on a phone: touchpoints below one another, the curve down the left side, what is told beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from pxanalysis.figures.kit.lettering import measure
from pxanalysis.figures.kit.sheet import Line, Sheet, height_of, lines_of, number
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

__all__ = ["draw_down"]

_GAP, _PAD, _EDGE = 8.0, 7.0, 2.0
_RAIL = 76.0
"""Room for the curve at the left: −2 to +2 from left to right."""
_SIZE, _SMALL = 12.0, 11.5
_KINDS = (("does", "tint"), ("thinks", "band"), ("positive", "band"), ("dilemma", "tint"), ("idea", "paper"))


def draw_down(
    phases: Sequence[MapPhase], roles: Sequence[str], width: float, title: str, words: Mapping[str, str], language: str
) -> str:
    """Draw the whole map for a narrow screen; returns the SVG."""
    sheet = _Down(width, words=words, language=language, roles=roles)
    return sheet.draw(phases, title)


@dataclass(slots=True)
class _Down(Sheet):
    """Texts go onto ``parts`` at once; the rail is drawn when it is known how far down each touchpoint stands."""

    words: Mapping[str, str] = field(default_factory=dict)
    language: str = "nl"
    roles: Sequence[str] = ()
    places: list[float] = field(default_factory=list)

    def draw(self, phases: Sequence[MapPhase], title: str) -> str:
        touchpoints = [one for phase in phases for one in phase.touchpoints]
        at_dip = iter(dips(touchpoints))
        self._write_scale()
        top = self.y
        for phase in phases:
            self._draw_phase(phase)
            for one in phase.touchpoints:
                self._draw_touchpoint(one, dip=next(at_dip))
        self._draw_rail(touchpoints, top)
        draw_legend(self, self.roles, touchpoints, _SMALL, self.words, _EDGE)
        return self.finish(title, self.words["as_text"])

    def _x(self, feels: float) -> float:
        return _EDGE + 10 + (feels + 2) / 4 * (_RAIL - 24)

    def _point(self, y: float, feels: float, aside: float) -> tuple[float, float]:
        return self._x(feels), y + aside

    def _write_scale(self) -> None:
        for feels in (-2, 0, 2):
            text = signed(feels, self.language)
            self.write([Line(text, _SMALL, "soft")], self._x(feels) - measure(text, _SMALL) / 2, self.y)
        self.y += 1.6 * _SMALL

    def _draw_phase(self, phase: MapPhase) -> None:
        """A flag that points down; it leaves the rail free."""
        inner = self.width - _RAIL - _EDGE - 2 * _PAD
        lines = lines_of(phase.label, inner, 13.5, "paper", bold=True)
        high, right, middle = height_of(lines) + 2 * _PAD, self.width - _EDGE, (self.width + _RAIL) / 2
        corners = [(_RAIL, 0.0), (right, 0.0), (right, high), (middle + 12, high), (middle, high + 9),
                   (middle - 12, high), (_RAIL, high)]  # fmt: skip
        self.polygon([(x, self.y + dy) for x, dy in corners], "cool")
        self.write(lines, _RAIL + _PAD, self.y + _PAD)
        self.y += high + 9 + _GAP

    def _draw_touchpoint(self, one: MapTouchpoint, *, dip: bool) -> None:
        inner = self.width - _RAIL - _EDGE - 2 * _PAD
        channels = f"{one.channels} · {self.words['optional']}" if one.optional else one.channels
        head = lines_of(one.label, inner, _SIZE + 1, bold=True) + lines_of(channels, inner, _SMALL, "soft")
        for text in figures_of(one, self.words, self.language):
            head += lines_of(text, inner, _SIZE)
        self.places.append(self.y + 0.5 * (_SIZE + 1))
        self.y = self.write(head, _RAIL, self.y) + _GAP / 2
        for kind, fill in _KINDS:
            lines = told_lines(one.told(kind), inner, _SIZE, self.words, texts=2, most=14)
            if lines:
                name = [Line(self.words[kind], _SMALL, "soft", bold=True)]
                high = height_of(name) + height_of(lines) + 1.4 * _PAD
                at_dip = kind == "idea" and dip
                paper, edge = ("accent_tint", "accent") if at_dip else (fill, "rule" if kind == "idea" else "")
                self.box(_RAIL, self.y, self.width - _RAIL - _EDGE, high, paper, edge=edge)
                self.write([*name, *lines], _RAIL + _PAD, self.y + 0.6 * _PAD)
                self.y += high + _GAP / 2
        self.y += _GAP

    def _draw_rail(self, touchpoints: Sequence[MapTouchpoint], top: float) -> None:
        for feels in (-2, -1, 0, 1, 2):
            at = number(self._x(feels))
            self.path(f"M{at},{number(top)} L{at},{number(self.y)}", "rule" if feels == 0 else "line")
        for role, curve in zip(self.roles, curves_for(self.roles), strict=True):
            felt = [next((f.mean for f in one.feelings if f.role == role), None) for one in touchpoints]
            for run in unbroken(self.places, felt):
                points = [(self._x(feels), y) for y, feels in run]
                self.path(curve_path(points), curve.role, width=2.2, dash=curve.dash)
        for y, one in zip(self.places, touchpoints, strict=True):
            draw_marks(self, one, self.roles, partial(self._point, y))
