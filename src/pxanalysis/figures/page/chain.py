"""The chain as a picture: steps as arrows, their touchpoints below, a band for each provider."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

from pxanalysis.figures.kit.lettering import clean, wrap
from pxanalysis.figures.kit.palette import LIGHT, token

__all__ = ["ChainDrawing", "ChainStep", "ChainTouchpoint", "draw_chain"]

_GAP, _PAD, _EDGE = 10.0, 9.0, 2.0
_COLUMN = 168.0
"""Narrower than this a sentence breaks into too many lines."""
_LABEL, _SENTENCE, _SMALL = 13.0, 12.0, 11.5
_LEADING = 1.32
_POINT = 12.0
"""How far an arrow's point sticks out."""
_BANDS = ("tint", "band", "accent_tint")
_MOST_LINES = 16


@dataclass(frozen=True, slots=True)
class ChainTouchpoint:
    """What a card says: the touchpoint, the patient's sentence, over which channels, whether everybody meets it."""

    label: str
    sentence: str
    channels: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class ChainStep:
    """An arrow with its cards; ``day`` and ``figure`` (a result of this step) stand above and below its name."""

    label: str
    provider: str
    touchpoints: tuple[ChainTouchpoint, ...]
    day: str = ""
    figure: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class ChainDrawing:
    """A chain, drawn for three widths; only the one that fits is shown.

    Attributes
    ----------
    wide, middle, narrow
        Inline SVG for a screen, for paper or a tablet, and for a phone.
    """

    title: str
    wide: str
    middle: str
    narrow: str

    @property
    def html(self) -> str:
        """The three drawings for in a page that has the style of figures."""
        parts = [f'<div class="figure-{name}">{getattr(self, name)}</div>' for name in ("narrow", "middle", "wide")]
        return f'<div class="figure figure-page">{"".join(parts)}</div>'

    def _repr_html_(self) -> str:
        return f"<style>{_STYLE}</style>{self.html}"

    def __repr__(self) -> str:
        return f"ChainDrawing({self.title!r})"

    def to_svg(self, width: str = "wide") -> str:
        """One drawing as the text of an SVG file, in colours that every viewer knows."""
        svg = {"wide": self.wide, "middle": self.middle, "narrow": self.narrow}[width]
        return re.sub(r"var\(--[a-z-]+,(#[0-9a-f]{6})\)", r"\1", svg) + "\n"


_STYLE = """
.figure{container-type:inline-size}
.figure svg{display:block;width:100%;height:auto;font-family:"DejaVu Sans",sans-serif}
.figure-middle,.figure-narrow{display:none}.figure-narrow{max-width:440px}
@container (max-width:880px){.figure-middle{display:block}.figure-middle~.figure-wide{display:none}}
@container (max-width:624px){.figure-narrow{display:block}
.figure-narrow~.figure-middle,.figure-narrow~.figure-wide{display:none}}
"""


def draw_chain(steps: Sequence[ChainStep], *, title: str, words: dict[str, str]) -> ChainDrawing:
    """Draw a chain for a screen (960 pixels), for paper (680) and for a phone (350).

    Parameters
    ----------
    words
        ``optional``: what a card says of a touchpoint that not everybody meets.
    """
    drawn = {}
    for name, width in (("wide", 960.0), ("middle", 680.0), ("narrow", 350.0)):
        drawn[name] = _Chain(width, words).draw(steps, title)
    return ChainDrawing(title, drawn["wide"], drawn["middle"], drawn["narrow"])


def _paint(role: str) -> str:
    return f"var({token(role)},{getattr(LIGHT, role)})"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of text: what, how large, in which role's colour."""

    text: str
    size: float
    role: str = "ink"
    bold: bool = False

    @property
    def height(self) -> float:
        return self.size * _LEADING


def _lines(text: str, width: float, size: float, role: str = "ink", *, bold: bool = False) -> list[_Line]:
    broken = wrap(text, width, size, bold=bold, most=_MOST_LINES) if text else []
    return [_Line(line, size, role, bold) for line in broken]


def _height(lines: Sequence[_Line]) -> float:
    return sum(line.height for line in lines)


@dataclass(slots=True)
class _Chain:
    """Puts arrows, bands and cards on a sheet of one width, from the top down."""

    width: float
    words: dict[str, str]
    parts: list[str] = field(default_factory=list)
    y: float = _EDGE

    def draw(self, steps: Sequence[ChainStep], title: str) -> str:
        providers = list(dict.fromkeys(step.provider for step in steps))
        columns = max(1, int((self.width - 2 * _EDGE - 2 * _PAD + _GAP) // (_COLUMN + _GAP)))
        if columns < 3:
            self._draw_down(steps, providers)
        else:
            for row in _fill_rows(steps, columns):
                self._draw_row(row, columns, providers)
        return self._sheet(title)

    def _sheet(self, title: str) -> str:
        size = f"{_number(self.width)} {_number(self.y)}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" width="100%" role="img"'
            f' font-family="DejaVu Sans, sans-serif" aria-label="{escape(clean(title))}">'
            f"<title>{escape(clean(title), quote=False)}</title>{''.join(self.parts)}</svg>"
        )

    def _write(self, lines: Sequence[_Line], x: float, y: float) -> float:
        """Put lines below each other, the first one's top at ``y``; return where the last one ends."""
        for line in lines:
            weight = ' font-weight="600"' if line.bold else ""
            self.parts.append(
                f'<text x="{_number(x)}" y="{_number(y + line.size)}" font-size="{line.size:g}"{weight}'
                f' fill="{_paint(line.role)}">{escape(line.text, quote=False)}</text>'
            )
            y += line.height
        return y

    def _box(self, x: float, y: float, w: float, h: float, fill: str, *, edge: str = "", dashed: bool = False) -> None:
        stroke = f' stroke="{_paint(edge)}"' if edge else ""
        dash = ' stroke-dasharray="5 3"' if dashed else ""
        place = f'x="{_number(x)}" y="{_number(y)}" width="{_number(w)}" height="{_number(h)}"'
        self.parts.append(f'<rect {place} rx="5" fill="{_paint(fill)}"{stroke}{dash}/>')

    def _arrow(self, x: float, y: float, w: float, h: float) -> None:
        corners = [(0, 0), (w - _POINT, 0), (w, h / 2), (w - _POINT, h), (0, h), (_POINT, h / 2)]
        points = " ".join(f"{_number(x + dx)},{_number(y + dy)}" for dx, dy in corners)
        self.parts.append(f'<polygon points="{points}" fill="{_paint("cool")}"/>')

    def _draw_row(self, row: Sequence[_Part], columns: int, providers: list[str]) -> None:
        """One row: arrows beside each other, below them a band for each provider that is met in it."""
        step = (self.width - 2 * _EDGE - 2 * _PAD + _GAP) / columns
        places = [part.at * step + _EDGE + _PAD for part in row]
        widths = [len(part.touchpoints) * step - _GAP for part in row]
        heads = [_head(part.step, w - 3 * _POINT) for part, w in zip(row, widths, strict=True)]
        tall = max(_height(lines) for lines in heads) + 2 * _PAD
        for x, w, lines in zip(places, widths, heads, strict=True):
            self._arrow(x, self.y, w, tall)
            self._write(lines, x + 1.6 * _POINT, self.y + (tall - _height(lines)) / 2)
        self.y += tall + _GAP
        for provider in providers:
            met = [(part, x) for part, x in zip(row, places, strict=True) if part.step.provider == provider]
            if met:
                self._draw_band(provider, met, step, _BANDS[providers.index(provider) % len(_BANDS)])
        self.y += _GAP

    def _draw_band(self, provider: str, met: Sequence[tuple[_Part, float]], step: float, fill: str) -> None:
        cards = [
            (x + n * step, touchpoint, _card(touchpoint, step - _GAP - 2 * _PAD, self.words))
            for part, x in met
            for n, touchpoint in enumerate(part.touchpoints)
        ]
        tall = max(_height(lines) for *_, lines in cards) + 2 * _PAD
        name = _lines(provider, self.width - 2 * _EDGE - 2 * _PAD, _SMALL, "soft", bold=True)
        self._box(_EDGE, self.y, self.width - 2 * _EDGE, _height(name) + tall + 2.5 * _PAD, fill)
        top = self._write(name, _EDGE + _PAD, self.y + _PAD / 2) + _PAD / 2
        for x, touchpoint, lines in cards:
            self._box(x, top, step - _GAP, tall, "paper", edge="rule", dashed=touchpoint.optional)
            self._write(lines, x + _PAD, top + _PAD)
        self.y = top + tall + _PAD + _GAP / 2

    def _draw_down(self, steps: Sequence[ChainStep], providers: list[str]) -> None:
        """For a phone: each step a flag with its point down, its cards below it."""
        inner = self.width - 2 * _EDGE - 2 * _PAD
        named = ""
        for step in steps:
            head = _head(step, inner)
            tall = _height(head) + 2 * _PAD
            self._flag(tall)
            self._write(head, _EDGE + _PAD, self.y + _PAD)
            self.y += tall + _POINT + 4
            fill = _BANDS[providers.index(step.provider) % len(_BANDS)]
            name = _lines(step.provider, inner, _SMALL, "soft", bold=True) if step.provider != named else []
            named = step.provider
            cards = [(t, _card(t, inner - 2 * _PAD, self.words)) for t in step.touchpoints]
            room = sum(_height(lines) + 2 * _PAD + _GAP for _, lines in cards)
            self._box(_EDGE, self.y, self.width - 2 * _EDGE, _height(name) + room + _PAD, fill)
            top = self._write(name, _EDGE + _PAD, self.y + _PAD / 2) + _PAD / 2
            for touchpoint, lines in cards:
                tall = _height(lines) + 2 * _PAD
                self._box(_EDGE + _PAD, top, inner, tall, "paper", edge="rule", dashed=touchpoint.optional)
                self._write(lines, _EDGE + 2 * _PAD, top + _PAD)
                top += tall + _GAP
            self.y = top + _GAP

    def _flag(self, tall: float) -> None:
        right, middle = self.width - _EDGE, self.width / 2
        corners = [(_EDGE, 0.0), (right, 0.0), (right, tall), (middle + 14, tall), (middle, tall + _POINT),
                   (middle - 14, tall), (_EDGE, tall)]  # fmt: skip
        points = " ".join(f"{_number(x)},{_number(self.y + dy)}" for x, dy in corners)
        self.parts.append(f'<polygon points="{points}" fill="{_paint("cool")}"/>')


@dataclass(frozen=True, slots=True)
class _Part:
    """A step, or what of it stands in one row, from column ``at`` on."""

    step: ChainStep
    at: int
    touchpoints: tuple[ChainTouchpoint, ...]


def _fill_rows(steps: Sequence[ChainStep], columns: int) -> Iterator[list[_Part]]:
    """Parts of steps by row; a step that does not fit in what is left of a row starts the next one."""
    row: list[_Part] = []
    at = 0
    for step in steps:
        rest = step.touchpoints
        while rest:
            if at and at + len(rest) > columns:
                yield row
                row, at = [], 0
            row.append(_Part(step, at, rest[:columns]))
            at += len(rest[:columns])
            rest = rest[columns:]
    if row:
        yield row


def _head(step: ChainStep, width: float) -> list[_Line]:
    return [
        *_lines(step.day, width, _SMALL, "paper"),
        *_lines(step.label, width, _LABEL, "paper", bold=True),
        *_lines(step.figure, width, _SMALL, "paper"),
    ]


def _card(touchpoint: ChainTouchpoint, width: float, words: dict[str, str]) -> list[_Line]:
    channels = f"{touchpoint.channels} · {words['optional']}" if touchpoint.optional else touchpoint.channels
    return [
        *_lines(touchpoint.label, width, _LABEL, bold=True),
        *_lines(touchpoint.sentence, width, _SENTENCE),
        *_lines(channels, width, _SMALL, "soft"),
    ]
