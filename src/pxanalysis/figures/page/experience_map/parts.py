"""What a map is drawn from, and what its across and down drawings share: the words and marks at a touchpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import hypot

from babel.numbers import get_decimal_symbol

from pxanalysis.figures.kit.lettering import measure
from pxanalysis.figures.kit.sheet import Line, Sheet, lines_of, number, paint

__all__ = [
    "CURVES",
    "Curve",
    "Feeling",
    "MapPhase",
    "MapTouchpoint",
    "Survey",
    "Telling",
    "curve_path",
    "curves_for",
    "dips",
    "draw_legend",
    "draw_marks",
    "figures_of",
    "mark",
    "signed",
    "survey_mark",
    "told_lines",
    "unbroken",
]


@dataclass(frozen=True, slots=True)
class Feeling:
    """How one role felt at one touchpoint, −2 to +2: mean, lowest and highest of ``n``."""

    role: str
    mean: float
    low: int
    high: int
    n: int


@dataclass(frozen=True, slots=True)
class Survey:
    """The survey's figure: score (0-100), the same on −2 to +2, of how many; None where it may not be shown."""

    score: float | None
    feels: float | None
    n: int | None


@dataclass(frozen=True, slots=True)
class Telling:
    """Texts of one kind, the one that tells most first; ``more`` were left out.

    Attributes
    ----------
    beforehand
        Written before anybody looked: described, not seen.
    languages
        By text that is not in the language of the map: the language it is in.
    """

    texts: tuple[str, ...] = ()
    more: int = 0
    beforehand: bool = False
    languages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MapTouchpoint:
    """One column: the touchpoint, how it felt by role and to all, and what is told of it by kind."""

    label: str
    channels: str = ""
    optional: bool = False
    n: int = 0
    feels: float | None = None
    feelings: tuple[Feeling, ...] = ()
    telling: Mapping[str, Telling] = field(default_factory=dict)
    survey: Survey | None = None

    def told(self, kind: str) -> Telling:
        """What is told of one kind."""
        return self.telling.get(kind, Telling())


@dataclass(frozen=True, slots=True)
class MapPhase:
    """A stage of the journey, in a patient's words."""

    label: str
    sentence: str
    touchpoints: tuple[MapTouchpoint, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """How a role's curve is drawn: colour is never the only sign."""

    role: str
    dash: str
    shape: str


CURVES = (
    Curve("cool", "", "circle"),
    Curve("good", "7 4", "square"),
    Curve("ink", "2 3", "triangle"),
    Curve("rule", "9 3 2 3", "ring"),
)

Point = tuple[float, float]


def signed(value: float, language: str) -> str:
    """Write a feeling with its sign.

    >>> signed(-1.25, "nl"), signed(0.5, "en"), signed(0.0, "en")
    ('−1,3', '+0.5', '0')
    """
    size = f"{abs(value) + 1e-9:.1f}".removesuffix(".0")
    text = size if size == "0" else ("−" if value < 0 else "+") + size
    return text.replace(".", get_decimal_symbol(language))


def figures_of(
    touchpoint: MapTouchpoint, words: Mapping[str, str], language: str, *, spread: bool = False
) -> list[str]:
    """What was seen and what was measured, a line each; with ``spread`` also the lowest and highest that was seen."""
    several = len(touchpoint.feelings) > 1
    seen = []
    for one in touchpoint.feelings:
        low, high = signed(one.low, language), signed(one.high, language)
        ends = f"; {words['spread'].format(low=low, high=high)}" if spread and one.low < one.high else ""
        name = one.role if several else words["seen"]
        seen.append(f"{name} {signed(one.mean, language)} (n={one.n}{ends})")
    survey = touchpoint.survey
    if survey is None:
        return seen
    if survey.score is None or survey.feels is None:
        return [*seen, words["few"]]
    return [*seen, f"{words['measured']} {survey.score:.0f}: {signed(survey.feels, language)} (n={survey.n})"]


def dips(touchpoints: Sequence[MapTouchpoint]) -> list[bool]:
    """Whether each touchpoint is a dip: some role felt below 0, or all felt worse than before and after it.

    >>> dips([MapTouchpoint("a", feels=1.0), MapTouchpoint("b", feels=0.5), MapTouchpoint("c", feels=1.5)])
    [False, True, False]
    """
    felt = [one.feels for one in touchpoints]
    found = []
    for place, value in enumerate(felt):
        around = [felt[near] for near in (place - 1, place + 1) if 0 <= near < len(felt)]
        known = [one for one in around if one is not None]
        valley = len(known) == 2 and value is not None and all(value < one for one in known)
        lowest = min((one.mean for one in touchpoints[place].feelings), default=value)
        found.append(valley or (lowest is not None and lowest < 0))
    return found


def told_lines(
    telling: Telling, width: float, size: float, words: Mapping[str, str], *, texts: int, most: int, sign: str = ""
) -> list[Line]:
    """The first texts of one kind as lines, and how many more there are."""
    role = "soft" if telling.beforehand else "ink"
    lines: list[Line] = []
    for text in telling.texts[:texts]:
        apart = [Line("", size * 0.35)] if lines else []
        lines += [*apart, *lines_of(sign + text, width, size, role, most=most)]
    more = telling.more + len(telling.texts[texts:])
    return [*lines, *lines_of(words["more"].format(n=more), width, size * 0.92, "soft")] if more else lines


def curve_path(points: Sequence[Point]) -> str:
    """An SVG path through points, in straight stretches: between touchpoints nothing was seen."""
    return " ".join(f"{'M' if place == 0 else 'L'}{number(x)},{number(y)}" for place, (x, y) in enumerate(points))


def mark(sheet: Sheet, x: float, y: float, curve: Curve, radius: float) -> None:
    """Draw a role's mark at a point of its curve."""
    fill, edge = paint(curve.role), f'stroke="{paint("paper")}" stroke-width="1.2"'
    if curve.shape == "circle":
        sheet.parts.append(f'<circle cx="{number(x)}" cy="{number(y)}" r="{radius:g}" fill="{fill}" {edge}/>')
    elif curve.shape == "ring":
        sheet.parts.append(
            f'<circle cx="{number(x)}" cy="{number(y)}" r="{radius - 1:g}" fill="{paint("paper")}" stroke="{fill}"'
            ' stroke-width="2"/>'
        )
    elif curve.shape == "square":
        side = 1.7 * radius
        sheet.parts.append(
            f'<rect x="{number(x - side / 2)}" y="{number(y - side / 2)}" width="{number(side)}"'
            f' height="{number(side)}" fill="{fill}" {edge}/>'
        )
    else:
        foot, half = y + 0.8 * radius, 1.1 * radius
        sheet.polygon([(x, y - 1.2 * radius), (x + half, foot), (x - half, foot)], curve.role)


def draw_marks(
    sheet: Sheet, touchpoint: MapTouchpoint, roles: Sequence[str], place: Callable[[float, float], Point]
) -> None:
    """Draw the marks of one touchpoint; one that would cover another stands beside it, at the same height.

    Parameters
    ----------
    place
        Where a feeling stands, with so many pixels aside.
    """
    taken: list[Point] = []

    def free(feels: float) -> Point:
        asides = (side * 12.0 * n for n in range(8) for side in (1, -1))
        points = (place(feels, aside) for aside in asides)
        fits = (one for one in points if all(hypot(one[0] - x, one[1] - y) > 11 for x, y in taken))
        point = next(fits, place(feels, 0.0))
        taken.append(point)
        return point

    felt = {one.role: one.mean for one in touchpoint.feelings}
    for role, curve in zip(roles, curves_for(roles), strict=True):
        if role in felt:
            mark(sheet, *free(felt[role]), curve, 5.0)
    if touchpoint.survey is not None and touchpoint.survey.feels is not None:
        survey_mark(sheet, *free(touchpoint.survey.feels), 6.0)


def survey_mark(sheet: Sheet, x: float, y: float, radius: float) -> None:
    """Draw the mark of what was measured: an open diamond."""
    corners = [(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)]
    points = " ".join(f"{number(a)},{number(b)}" for a, b in corners)
    sheet.parts.append(
        f'<polygon points="{points}" fill="{paint("paper")}" stroke="{paint("ink")}" stroke-width="1.6"/>'
    )


def curves_for(roles: Sequence[str]) -> list[Curve]:
    """A way to draw for each role; with more than there are ways these come round again."""
    return [CURVES[place % len(CURVES)] for place in range(len(roles))]


def unbroken(places: Sequence[float], felt: Sequence[float | None]) -> list[list[Point]]:
    """Stretches ``(place, feeling)`` without a gap: where nothing was seen there is no line.

    >>> unbroken([1.0, 2.0, 3.0], [0.5, None, -1.0])
    [[(1.0, 0.5)], [(3.0, -1.0)]]
    """
    runs: list[list[Point]] = [[]]
    for place, feels in zip(places, felt, strict=True):
        if feels is None:
            runs.append([])
        else:
            runs[-1].append((place, feels))
    return [run for run in runs if run]


def draw_legend(
    sheet: Sheet,
    roles: Sequence[str],
    touchpoints: Sequence[MapTouchpoint],
    size: float,
    words: Mapping[str, str],
    left: float,
) -> None:
    """Say below the drawing what its marks mean: curves by role, the survey's mark, what is grey, ideas at dips."""
    entries = [
        (curve.shape, f"{words['legend_seen']}, {role}") for curve, role in zip(curves_for(roles), roles, strict=True)
    ]
    if any(one.survey is not None and one.survey.feels is not None for one in touchpoints):
        entries.append(("survey", words["legend_measured"]))
    if any(dip and one.told("idea").texts for dip, one in zip(dips(touchpoints), touchpoints, strict=True)):
        entries.append(("dip", words["legend_dip"]))
    if any(telling.beforehand for one in touchpoints for telling in one.telling.values()):
        entries.append(("", words["legend_beforehand"]))
    x, lead = left, 1.6 * size
    for shape, text in entries:
        for number_of_line, line in enumerate(lines_of(text, sheet.width - 2 * left - lead, size, "soft", most=3)):
            wide = lead + measure(line.text, size)
            if number_of_line or (x > left and x + wide > sheet.width - left):
                x, sheet.y = left, sheet.y + line.height
            if not number_of_line:
                _legend_mark(sheet, shape, x + size / 2, sheet.y + 0.6 * size, size, curves_for(roles))
            sheet.write([line], x + (lead if shape else 0.0), sheet.y)
            x += wide + size
    sheet.y += 2 * size


def _legend_mark(sheet: Sheet, shape: str, x: float, y: float, size: float, curves: Sequence[Curve]) -> None:
    if shape == "survey":
        survey_mark(sheet, x, y, 0.45 * size)
    elif shape == "dip":
        sheet.box(x - size / 2, y - 0.4 * size, size, 0.8 * size, "accent_tint", edge="accent")
    elif shape:
        mark(sheet, x, y, next(curve for curve in curves if curve.shape == shape), 0.4 * size)
