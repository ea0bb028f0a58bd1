"""An empty map for the wall: phases and touchpoints, and room to write and draw in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pxanalysis.figures.kit.lettering import measure
from pxanalysis.figures.kit.sheet import Line, Sheet, fitted_lines, height_of, number
from pxanalysis.figures.page.experience_map.across import split_phases
from pxanalysis.figures.page.experience_map.parts import MapPhase, MapTouchpoint

__all__ = ["draw_empty_map"]

_WIDTH, _HEIGHT = 1511.0, 985.0
_GAP, _PAD, _EDGE = 8.0, 6.0, 2.0
_ON_A3 = 12
_SHARES = (("does", 0.17), ("thinks", 0.19), ("feels", 0.26), ("dilemma", 0.17), ("ideas", 0.21))
"""Rows and their share of the height below the names of the touchpoints."""


def draw_empty_map(phases: Sequence[tuple[str, Sequence[str]]], title: str, words: Mapping[str, str]) -> list[str]:
    """Draw as many sheets of A3 as the touchpoints need; each is an inline SVG.

    Parameters
    ----------
    phases
        Name and touchpoints of each phase.
    """
    parts = [MapPhase(name, "", tuple(MapTouchpoint(one) for one in points)) for name, points in phases]
    return [_draw(strip, title, words) for strip in split_phases(parts, _ON_A3)]


def _draw(strip: Sequence[MapPhase], title: str, words: Mapping[str, str]) -> str:
    sheet = Sheet(_WIDTH)
    margin = max(measure(words[key], 13, bold=True) for key, _ in _SHARES) + 3 * _PAD
    points = [one for phase in strip for one in phase.touchpoints]
    step = (_WIDTH - margin - _EDGE + _GAP) / max(1, len(points))
    x = margin
    heads = [
        fitted_lines(phase.label, len(phase.touchpoints) * step - 40, 15, 9, "paper", bold=True) for phase in strip
    ]
    tall = max(height_of(lines) for lines in heads) + 2 * _PAD
    for phase, lines in zip(strip, heads, strict=True):
        right = x + len(phase.touchpoints) * step - _GAP
        y = sheet.y
        corners = [(x, y), (right - 12, y), (right, y + tall / 2), (right - 12, y + tall), (x, y + tall)]
        sheet.polygon([*corners, (x + 12, y + tall / 2)], "cool")
        sheet.write(lines, x + 20, y + _PAD)
        x = right + _GAP
    sheet.y += tall + _GAP
    names = [fitted_lines(one.label, step - _GAP - 2 * _PAD, 13, 9, bold=True) for one in points]
    tall = max(height_of(lines) for lines in names) + 2 * _PAD
    for place, lines in enumerate(names):
        sheet.box(margin + place * step, sheet.y, step - _GAP, tall, "tint")
        sheet.write(lines, margin + place * step + _PAD, sheet.y + _PAD)
    sheet.y += tall + _GAP
    _draw_rows(sheet, margin, step, len(points), words)
    return sheet.finish(title)


def _draw_rows(sheet: Sheet, margin: float, step: float, count: int, words: Mapping[str, str]) -> None:
    room = _HEIGHT - sheet.y - len(_SHARES) * _GAP
    for key, share in _SHARES:
        high = share * room
        sheet.write([Line(words[key], 13, "soft", bold=True)], _EDGE, sheet.y + _PAD)
        if key == "feels":
            for feels in (2, 1, 0, -1, -2):
                y = sheet.y + 30 + (2 - feels) / 4 * (high - 42)
                sheet.path(f"M{number(margin)},{number(y)} L{number(_WIDTH - _EDGE)},{number(y)}", "rule", dash="2 4")
                text = f"{feels:+d}".replace("-", "−") if feels else "0"
                sheet.write([Line(text, 13, "soft")], margin - measure(text, 13) - 6, y - 8)
        else:
            for place in range(count):
                sheet.box(margin + place * step, sheet.y, step - _GAP, high, "paper", edge="rule")
        sheet.y += high + _GAP
