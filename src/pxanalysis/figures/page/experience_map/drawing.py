"""A map drawn for every place where it is looked at: A3 on the wall, a screen, a tablet, a phone; and as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from pxanalysis.figures.kit.lettering import clean
from pxanalysis.figures.kit.sheet import standalone
from pxanalysis.figures.page.experience_map.across import Look, draw_across, names_of, split_phases
from pxanalysis.figures.page.experience_map.down import draw_down
from pxanalysis.figures.page.experience_map.parts import MapPhase, MapTouchpoint, figures_of

__all__ = ["A3", "SCREEN_STYLE", "MapDrawing", "draw_map"]

A3 = (1511.0, 960.0)
"""Pixels that a map may take on A3 lying down: the sheet without margins of 10 mm, below a title and a note."""
_ON_A3 = (14, 7, 5, 4)
"""Touchpoints side by side on A3, at most; fewer, on more sheets, where texts are too long."""
_SCREEN, _TABLET, _PHONE = 960.0, 680.0, 350.0
_KINDS = ("does", "thinks", "positive", "dilemma", "quote", "idea")


@dataclass(frozen=True, slots=True, eq=False)
class MapDrawing:
    """An experience map; a page shows the drawing that fits, and the same as text below it.

    Attributes
    ----------
    a3
        Inline SVG, one a sheet.
    wide, middle, narrow
        Inline SVG for a screen (strips below one another), a tablet, and a phone.
    as_text
        All that is told, as HTML: for who does not see the picture, and for texts that it has no room for.
    """

    title: str
    a3: tuple[str, ...]
    wide: str
    middle: str
    narrow: str
    as_text: str

    @property
    def html(self) -> str:
        """The drawings for a screen and the text, for in a page that has the style of figures."""
        parts = [f'<div class="figure-{name}">{getattr(self, name)}</div>' for name in ("narrow", "middle", "wide")]
        return f'<div class="figure figure-page map-screen">{"".join(parts)}</div>{self.as_text}'

    @property
    def paper(self) -> str:
        """The drawings for A3, one a sheet."""
        return "".join(f'<div class="map-a3">{svg}</div>' for svg in self.a3)

    def _repr_html_(self) -> str:
        return f"<style>{SCREEN_STYLE}</style><p><strong>{_text(self.title)}</strong></p>{self.html}"

    def __repr__(self) -> str:
        return f"MapDrawing({self.title!r})"

    def to_svg(self, width: str = "a3") -> str:
        """One drawing (``a3``, ``wide``, ``middle`` or ``narrow``) as the text of an SVG file.

        With more touchpoints than A3 has room for, ``a3`` is the first sheet.
        """
        svg = {"a3": self.a3[0], "wide": self.wide, "middle": self.middle, "narrow": self.narrow}[width]
        return standalone(svg)


SCREEN_STYLE = """
.figure{container-type:inline-size}
.figure svg,.map-a3 svg{display:block;width:100%;height:auto;font-family:"DejaVu Sans",sans-serif}
.figure svg+svg{margin-top:20px}
.figure-middle,.figure-narrow{display:none}.figure-narrow{max-width:440px}
@container (max-width:880px){.figure-middle{display:block}.figure-middle~.figure-wide{display:none}}
@container (max-width:624px){.figure-narrow{display:block}
.figure-narrow~.figure-middle,.figure-narrow~.figure-wide{display:none}}
.map-text dl{margin:4px 0 12px}.map-text dt{font-weight:600}.map-text dd{margin:0 0 4px 16px}
"""


def draw_map(phases: Sequence[MapPhase], title: str, words: Mapping[str, str], language: str) -> MapDrawing:
    """Draw a map for A3, a screen (960 pixels), a tablet (680) and a phone (350), and as text.

    Parameters
    ----------
    words
        Names of the rows and what the legend says; see ``pxanalysis.journey.experience_map.words``.
    """
    roles = names_of(phases)

    def strips(width: float, columns: int) -> str:
        look = Look(width, 12.0, 140.0)
        return "".join(
            draw_across(strip, roles, look, title, words, language)[0] for strip in split_phases(phases, columns)
        )

    return MapDrawing(
        title=title,
        a3=_fill_sheets(phases, roles, title, words, language),
        wide=strips(_SCREEN, 5),
        middle=strips(_TABLET, 3),
        narrow=draw_down(phases, roles, _PHONE, title, words, language),
        as_text=_tell(phases, words, language),
    )


def _looks() -> Iterator[Look]:
    """From large type with two texts of a kind to small type with one."""
    width, _ = A3
    for size in (16.0, 15.0, 14.0, 13.0, 12.0, 11.0):
        yield Look(width, size, 14 * size, texts=2)
    for size in (12.0, 11.0, 10.0, 9.5, 9.0):
        yield Look(width, size, 13 * size, texts=1)


def _fit(
    strip: Sequence[MapPhase], roles: Sequence[str], title: str, words: Mapping[str, str], language: str
) -> str | None:
    """Draw one sheet as large as fits on A3 with every text whole; None where none does."""
    for look in _looks():
        _, height = draw_across(strip, roles, look, title, words, language)
        if height <= A3[1]:
            # what room is left goes to the curve
            taller = replace(look, band=look.band + min(A3[1] - height, look.band))
            return draw_across(strip, roles, taller, title, words, language)[0]
    return None


def _fill_sheets(
    phases: Sequence[MapPhase], roles: Sequence[str], title: str, words: Mapping[str, str], language: str
) -> tuple[str, ...]:
    """Sheets of A3: one where all fits, else more, so that no text is cut short."""
    for columns in _ON_A3:
        sheets = [_fit(strip, roles, title, words, language) for strip in split_phases(phases, columns)]
        drawn = tuple(svg for svg in sheets if svg is not None)
        if len(drawn) == len(sheets):
            return drawn
    # Texts as long as this leave no choice: lines are left out, and stand in the map as text.
    small = Look(A3[0], 9.0, 110.0, texts=1, most=8)
    strips = split_phases(phases, _ON_A3[-1])
    return tuple(draw_across(strip, roles, small, title, words, language)[0] for strip in strips)


def _tell(phases: Sequence[MapPhase], words: Mapping[str, str], language: str) -> str:
    """The map as text, phase by phase."""
    parts = []
    for phase in phases:
        told = "".join(f"<li>{_tell_touchpoint(one, words, language)}</li>" for one in phase.touchpoints)
        parts.append(f"<li><strong>{_text(phase.label)}</strong> <q>{_text(phase.sentence)}</q><ul>{told}</ul></li>")
    summary = escape(words["as_text"])
    return f'<details class="map-text"><summary>{summary}</summary><ol>{"".join(parts)}</ol></details>'


def _tell_touchpoint(one: MapTouchpoint, words: Mapping[str, str], language: str) -> str:
    figures = [_count(one, words), *figures_of(one, words, language, spread=True)]
    said = "; ".join(_text(figure) for figure in figures if figure)
    rows = []
    for kind in _KINDS:
        telling = one.told(kind)
        if telling.texts:
            name = words[kind] + (f" ({words['beforehand']})" if telling.beforehand else "")
            more = [words["more"].format(n=telling.more)] if telling.more else []
            texts = "".join(_say(text, telling.languages.get(text, "")) for text in [*telling.texts, *more])
            rows.append(f"<div><dt>{_text(name)}</dt>{texts}</div>")
    listed = f"<dl>{''.join(rows)}</dl>" if rows else f"<p>{_text(words['empty'])}</p>"
    return f"<strong>{_text(one.label)}</strong>{f' <span>({said})</span>' if said else ''}{listed}"


def _say(text: str, other_language: str) -> str:
    """One text of a list; a screen reader is told when it is in another language than the page."""
    lang = f' lang="{escape(other_language)}"' if other_language else ""
    return f'<dd dir="auto"{lang}>{_text(text)}</dd>'


def _count(one: MapTouchpoint, words: Mapping[str, str]) -> str:
    if not one.n:
        return words["none"]
    return words["person"] if one.n == 1 else words["people"].format(n=one.n)


def _text(text: str) -> str:
    return escape(clean(text), quote=False)
