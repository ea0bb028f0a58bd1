"""Texts in a figure: made harmless, measured and broken into lines.

Widths are those of DejaVu Sans, which ships with matplotlib and is wider than every typeface of the page: a text
that fits here fits there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

# matplotlib is imported where it is used: pages without a figure, and their style sheet, do without it.
__all__ = ["clean", "fit", "font_file", "is_broken", "measure", "wrap"]

_LONGEST = 300
_MOST_MARKS = 2
_ELLIPSIS = "…"
_VOWELS = frozenset("aeiouyàáâäèéêëìíîïòóôöùúûü")


@lru_cache(maxsize=4096)
def clean(text: str) -> str:
    r"""Return ``text`` on one line, without control, bidirectional or invisible characters, at most 300 long.

    >>> clean("Wacht\nruimte\u202e")
    'Wacht ruimte'
    """
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text[: 4 * _LONGEST]):
        category = unicodedata.category(char)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if category in {"Cc", "Zl", "Zp"}:
            kept.append(" ")
        elif category[0] != "C" and marks <= _MOST_MARKS:
            kept.append(char)
    line = " ".join("".join(kept).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + _ELLIPSIS


def font_file(*, bold: bool) -> Path:
    """Return the file of the typeface that figures are laid out in."""
    import matplotlib as mpl

    return Path(mpl.get_data_path(), "fonts", "ttf", "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")


@lru_cache(maxsize=2)
def _font(bold: bool) -> Any:
    from matplotlib.ft2font import FT2Font

    font = FT2Font(str(font_file(bold=bold)))
    font.set_size(100, 72)
    return font


@lru_cache(maxsize=4096)
def _advance(char: str, bold: bool) -> float:
    """Width of one character, as a share of the type size; an unknown one counts as a full square."""
    from matplotlib.ft2font import LoadFlags

    font = _font(bold)
    if not font.get_char_index(ord(char)):
        return 1.0
    return float(font.load_char(ord(char), LoadFlags.NO_HINTING).linearHoriAdvance) / 65536 / 100


def measure(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of ``text`` in pixels at a type size in pixels."""
    return size * _width(text, bold)


@lru_cache(maxsize=4096)
def _width(text: str, bold: bool) -> float:
    """Width of a text, as a share of the type size."""
    return sum(_advance(char, bold) for char in text)


def wrap(text: str, width: float, size: float, *, bold: bool = False, most: int = 3) -> list[str]:
    """Break ``text`` into at most ``most`` lines of at most ``width`` pixels; what does not fit ends in ``…``.

    A word that is longer than a line is broken with a hyphen. An empty text has no lines.
    """
    lines: list[str] = []
    line = ""
    for word in _fitting_words(clean(text), width, size, bold):
        longer = f"{line} {word}" if line else word
        if not line or measure(longer, size, bold=bold) <= width:
            line = longer
        else:
            lines.append(line)
            line = word
    lines = [*lines, line] if line else lines
    if len(lines) > most:
        lines = [*lines[: most - 1], _shortened(" ".join(lines[most - 1 :]), width, size, bold)]
    return lines


def is_broken(lines: Sequence[str]) -> bool:
    """Whether `wrap` had to break a word or leave something out."""
    return any(line.endswith(("-", _ELLIPSIS)) for line in lines)


def fit(
    text: str, width: float, largest: float, smallest: float, *, bold: bool = False, most: int = 3
) -> tuple[list[str], float]:
    """Break ``text`` as `wrap` does, in the largest type in which no word is broken, and return that type as well.

    >>> fit("Satisfaction", 100, 17, 12, bold=True), fit("KTV", 100, 17, 12)
    ((['Satisfaction'], 14.0), (['KTV'], 17.0))
    """
    for less in range(int(largest - smallest) + 1):
        lines = wrap(text, width, largest - less, bold=bold, most=most)
        if not is_broken(lines):
            return lines, float(largest - less)
    return wrap(text, width, largest, bold=bold, most=most), float(largest)


def _fitting_words(text: str, width: float, size: float, bold: bool) -> list[str]:
    words = []
    for word in text.split():
        rest = word
        while len(rest) > 1 and measure(rest, size, bold=bold) > width:
            cut = _break_point(rest, _longest_start(rest, width - measure("-", size, bold=bold), size, bold))
            words.append(rest[:cut] + "-")
            rest = rest[cut:]
        words.append(rest)
    return words


def _break_point(word: str, most: int) -> int:
    """Where to break a word after at most ``most`` letters: between syllables where that can be seen.

    A consonant between vowels goes to the next line, of two consonants the second (``vra-gen``, ``tevreden-heid``).
    """
    kinds = "".join("v" if char.lower() in _VOWELS else "c" for char in word)
    for cut in range(min(most, len(word) - 3), 2, -1):
        if kinds[cut - 1 : cut + 2] == "vcv" or kinds[cut - 2 : cut + 2] == "vccv":
            return cut
    return max(1, most)


def _longest_start(text: str, width: float, size: float, bold: bool) -> int:
    used = 0.0
    for count, char in enumerate(text):
        used += size * _advance(char, bold)
        if used > width:
            return count
    return len(text)


def _shortened(text: str, width: float, size: float, bold: bool) -> str:
    room = width - measure(_ELLIPSIS, size, bold=bold)
    return text[: _longest_start(text, room, size, bold)].rstrip(" -") + _ELLIPSIS
