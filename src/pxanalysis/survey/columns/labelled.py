"""Codes inside a scale whose own words are "don't know" or "does not apply": as numbers they would be opinions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from pxanalysis.survey.checking.parsing import parse_numbers
from pxanalysis.survey.columns.readings import AS_IT_STANDS
from pxanalysis.survey.columns.verdict import JudgedColumn, name_examples
from pxanalysis.survey.words import DONT_KNOW_WORDS, NOT_APPLICABLE_WORDS, fold_text

if TYPE_CHECKING:
    import polars as pl

    from pxanalysis.journey.model import Scale

__all__ = ["ask_labelled"]

_SHORTEST = 6
"""Letters of a word with which a longer label may begin ("weet niet, geen ervaring"); a shorter one has to be all."""


def ask_labelled(
    one: JudgedColumn, cells: pl.Series, times: pl.Series | None, labels: Mapping[str, str], scale: Scale
) -> JudgedColumn | None:
    """Ask what is meant where the file's label of a code says that it is no answer, and the code is one on the scale.

    Parameters
    ----------
    one
        The column as it was judged.
    cells, times
        As the file has them, and how often each stands there; None: once.
    labels
        The file's words of its codes.

    Returns
    -------
    The column with nothing of it used; None where there is nothing to ask.
    """
    if one.verdict.decision != "read":
        return None
    values = parse_numbers(cells)[0]
    for code, word in labels.items():
        meaning = _meaning(word)
        number = _whole(code)
        if meaning is None or number is None or not scale.min <= number <= scale.max:
            continue
        same = (values == number).fill_null(value=False)
        count = int(same.sum() if times is None else times.filter(same).sum())
        if not count:
            continue
        told = f"{count} of {one.verdict.n} answers are {number}, which the file calls '{word}'"
        told += f", where the journey's {scale.min}-{scale.max} has an answer"
        lines = tuple(f'{one.verdict.name} = "{text}"' for text in _readings(scale, number, meaning))
        shown = name_examples(cells, times=times)
        asked = replace(one.verdict, decision="ask", evidence=told, lines=lines, examples=shown, said=True)
        return JudgedColumn(one.cells.clear(len(one.cells)), asked)
    return None


def _meaning(word: str) -> str | None:
    text = fold_text(word)
    for meaning, words in (("dk", DONT_KNOW_WORDS), ("na", NOT_APPLICABLE_WORDS)):
        known = [fold_text(one) for one in words]
        if text in known or any(len(one) >= _SHORTEST and text.startswith(one) for one in known):
            return meaning
    return None


def _whole(code: str) -> int | None:
    try:
        return int(code)
    except ValueError:
        return None


def _readings(scale: Scale, code: int, meaning: str) -> tuple[str, ...]:
    """What may be meant; at an end of the scale, that the scale is one shorter comes first."""
    whole = f"{scale.min}-{scale.max}, {code}={meaning}"
    if code == scale.max:
        return f"{scale.min}-{scale.max - 1}, {code}={meaning}", whole, AS_IT_STANDS
    if code == scale.min:
        return f"{scale.min + 1}-{scale.max}, {code}={meaning}", whole, AS_IT_STANDS
    return whole, AS_IT_STANDS
