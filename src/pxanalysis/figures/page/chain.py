"""The chain as a picture: steps as arrows, their touchpoints below, a band for each provider."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pxanalysis.figures.kit.sheet import Line, Sheet, height_of, lines_of, standalone

__all__ = ["ChainDrawing", "ChainStep", "ChainTouchpoint", "draw_chain"]

_GAP, _PAD, _EDGE = 10.0, 9.0, 2.0
_COLUMN = 168.0
"""Narrower than this a sentence breaks into too many lines."""
_LABEL, _SENTENCE, _SMALL = 13.0, 12.0, 11.5
_POINT = 12.0
"""How far an arrow's point sticks out."""
_BANDS = ("tint", "band", "accent_tint")


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
        return standalone(svg)


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
        drawn[name] = _Chain(width, words=words).draw(steps, title)
    return ChainDrawing(title, drawn["wide"], drawn["middle"], drawn["narrow"])


@dataclass(slots=True)
class _Chain(Sheet):
    """Puts arrows, bands and cards on a sheet of one width, from the top down."""

    words: dict[str, str] = field(default_factory=dict)

    def draw(self, steps: Sequence[ChainStep], title: str) -> str:
        providers = list(dict.fromkeys(step.provider for step in steps))
        columns = max(1, int((self.width - 2 * _EDGE - 2 * _PAD + _GAP) // (_COLUMN + _GAP)))
        if columns < 3:
            self._draw_down(steps, providers)
        else:
            columns = _even_columns(steps, columns)
            for row in _fill_rows(steps, columns):
                self._draw_row(row, columns, providers)
        return self.finish(title)

    def _arrow(self, x: float, y: float, w: float, h: float) -> None:
        corners = [(0, 0), (w - _POINT, 0), (w, h / 2), (w - _POINT, h), (0, h), (_POINT, h / 2)]
        self.polygon([(x + dx, y + dy) for dx, dy in corners], "cool")

    def _draw_row(self, row: Sequence[_Part], columns: int, providers: list[str]) -> None:
        """One row: arrows beside each other, below them a band for each provider that is met in it."""
        step = (self.width - 2 * _EDGE - 2 * _PAD + _GAP) / columns
        places = [part.at * step + _EDGE + _PAD for part in row]
        widths = [len(part.touchpoints) * step - _GAP for part in row]
        heads = [_head(part.step, w - 3 * _POINT) for part, w in zip(row, widths, strict=True)]
        tall = max(height_of(lines) for lines in heads) + 2 * _PAD
        for x, w, lines in zip(places, widths, heads, strict=True):
            self._arrow(x, self.y, w, tall)
            self.write(lines, x + 1.6 * _POINT, self.y + (tall - height_of(lines)) / 2)
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
        tall = max(height_of(lines) for *_, lines in cards) + 2 * _PAD
        name = lines_of(provider, self.width - 2 * _EDGE - 2 * _PAD, _SMALL, "soft", bold=True)
        self.box(_EDGE, self.y, self.width - 2 * _EDGE, height_of(name) + tall + 2.5 * _PAD, fill)
        top = self.write(name, _EDGE + _PAD, self.y + _PAD / 2) + _PAD / 2
        for x, touchpoint, lines in cards:
            self.box(x, top, step - _GAP, tall, "paper", edge="rule", dashed=touchpoint.optional)
            self.write(lines, x + _PAD, top + _PAD)
        self.y = top + tall + _PAD + _GAP / 2

    def _draw_down(self, steps: Sequence[ChainStep], providers: list[str]) -> None:
        """For a phone: each step a flag with its point down, its cards below it."""
        inner = self.width - 2 * _EDGE - 2 * _PAD
        named = ""
        for step in steps:
            head = _head(step, inner)
            tall = height_of(head) + 2 * _PAD
            self._flag(tall)
            self.write(head, _EDGE + _PAD, self.y + _PAD)
            self.y += tall + _POINT + 4
            fill = _BANDS[providers.index(step.provider) % len(_BANDS)]
            name = lines_of(step.provider, inner, _SMALL, "soft", bold=True) if step.provider != named else []
            named = step.provider
            cards = [(t, _card(t, inner - 2 * _PAD, self.words)) for t in step.touchpoints]
            room = sum(height_of(lines) + 2 * _PAD + _GAP for _, lines in cards)
            self.box(_EDGE, self.y, self.width - 2 * _EDGE, height_of(name) + room + _PAD, fill)
            top = self.write(name, _EDGE + _PAD, self.y + _PAD / 2) + _PAD / 2
            for touchpoint, lines in cards:
                tall = height_of(lines) + 2 * _PAD
                self.box(_EDGE + _PAD, top, inner, tall, "paper", edge="rule", dashed=touchpoint.optional)
                self.write(lines, _EDGE + 2 * _PAD, top + _PAD)
                top += tall + _GAP
            self.y = top + _GAP

    def _flag(self, tall: float) -> None:
        right, middle = self.width - _EDGE, self.width / 2
        corners = [(_EDGE, 0.0), (right, 0.0), (right, tall), (middle + 14, tall), (middle, tall + _POINT),
                   (middle - 14, tall), (_EDGE, tall)]  # fmt: skip
        self.polygon([(x, self.y + dy) for x, dy in corners], "cool")


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


def _even_columns(steps: Sequence[ChainStep], most: int) -> int:
    """The fewest columns, three at least, with which there are no more rows than with the most: no row of one card."""
    rows = len([*_fill_rows(steps, most)])
    return next(columns for columns in range(3, most + 1) if len([*_fill_rows(steps, columns)]) == rows)


def _head(step: ChainStep, width: float) -> list[Line]:
    return [
        *lines_of(step.day, width, _SMALL, "paper"),
        *lines_of(step.label, width, _LABEL, "paper", bold=True),
        *lines_of(step.figure, width, _SMALL, "paper"),
    ]


def _card(touchpoint: ChainTouchpoint, width: float, words: dict[str, str]) -> list[Line]:
    channels = f"{touchpoint.channels} · {words['optional']}" if touchpoint.optional else touchpoint.channels
    return [
        *lines_of(touchpoint.label, width, _LABEL, bold=True),
        *lines_of(touchpoint.sentence, width, _SENTENCE),
        *lines_of(channels, width, _SMALL, "soft"),
    ]
