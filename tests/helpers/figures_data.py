"""What tests of several rooms share: what figures show: the numbers behind each, what is said of gaps, and texts
that do not run into each other.
"""

from __future__ import annotations

import itertools

from figure_examples import (
    LONG,
    SHORT,
    every_figure,
)
from matplotlib.figure import Figure
from matplotlib.text import Text

from pxanalysis.reporting.page.wording import Wording

NL, EN = Wording("nl"), Wording("en")


NAMES = tuple(every_figure(SHORT, NL))


THREE = dict(itertools.islice(LONG.items(), 4, 7)) | {"explain": LONG["explain"]}


def texts_of(figure: Figure) -> list[str]:
    return [artist.get_text() for artist in figure.artists if isinstance(artist, Text)]


def joined(figure: Figure) -> str:
    return " ".join(texts_of(figure))
