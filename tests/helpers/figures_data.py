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

from pxanalysis.figures.kit.marks import Drawing, TextMark
from pxanalysis.reporting.page.wording import Wording

NL, EN = Wording("nl"), Wording("en")


NAMES = tuple(every_figure(SHORT, NL))


THREE = dict(itertools.islice(LONG.items(), 4, 7)) | {"explain": LONG["explain"]}


def texts_of(figure: Drawing) -> list[str]:
    return [mark.text for mark in figure.marks if isinstance(mark, TextMark)]


def joined(figure: Drawing) -> str:
    return " ".join(texts_of(figure))
