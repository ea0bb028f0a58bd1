"""What an export's own words of its codes say against the journey: another direction, or codes that are no opinion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from pxanalysis.survey.checking.parsing import parse_answers, parse_numbers
from pxanalysis.survey.columns.readings import AS_IT_STANDS
from pxanalysis.survey.columns.verdict import JudgedColumn, name_examples
from pxanalysis.survey.ladders import means_dont_know, means_not_applicable, runs_upwards
from pxanalysis.survey.words import DONT_KNOW_WORDS, NOT_APPLICABLE_WORDS, fold_text

if TYPE_CHECKING:
    import polars as pl

    from pxanalysis.journey.model import Scale

__all__ = ["ask_labelled", "ask_other_way"]

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


def ask_other_way(
    one: JudgedColumn,
    cells: pl.Series,
    times: pl.Series | None,
    labels: Mapping[str, str],
    scale: Scale,
    *,
    good_high: bool,
) -> JudgedColumn | None:
    """Ask what is meant where the file's words of its codes stand in another order than the journey's.

    1 for "very satisfied" is usual: of a column that is reversed together with all others no answer shows it, only the
    words do. They are held against the journey's labels; where it has none, the best word is expected at its best end.

    Parameters
    ----------
    one
        The column as it was judged.
    cells, times
        As the file has them, and how often each stands there; None: once.
    labels
        The file's words of its codes.
    good_high
        Whether a high answer is good.

    Returns
    -------
    The column with nothing of it used; None where there is nothing to ask.
    """
    if one.verdict.decision == "ask" and (one.verdict.holds or _go_outside(cells, scale)):
        return None  # words tell more than answers that nobody gave, and less than answers on another scale
    numbers = {number: word for code, word in labels.items() if (number := _whole(code)) is not None}
    words = {
        code: word
        for code, word in numbers.items()
        if scale.min <= code <= scale.max and not means_not_applicable(word) and not means_dont_know(word)
    }
    own = {fold_text(word): code for code, label in scale.labels.items() for word in label.root.values()}
    named = {code: own[fold_text(word)] for code, word in words.items() if fold_text(word) in own}
    wrong = {code: answer for code, answer in named.items() if code != answer}
    if named and not wrong:
        return None
    name, reverse = one.verdict.name, f"{scale.max}-{scale.min}"
    if wrong:
        code, answer = next(iter(sorted(wrong.items())))
        told = f"the file calls {code} '{words[code]}', which is the journey's answer {answer}"
        turned = all(answer == scale.min + scale.max - code for code, answer in named.items())
        text = reverse if turned else ", ".join(f"{code}={answer}" for code, answer in sorted(named.items()))
    else:
        upwards, expected = runs_upwards(words), _expect_upwards(scale, good_high=good_high)
        if upwards is None or expected is None or upwards == expected:
            return None
        low, high = min(words), max(words)
        told = f"the file calls {low} '{words[low]}' and {high} '{words[high]}', against the journey's order"
        text = reverse
    lines = (f'{name} = "{text}"', f'{name} = "{AS_IT_STANDS}"')
    asked = replace(
        one.verdict,
        decision="ask",
        evidence=told,
        lines=lines,
        examples=name_examples(cells, times=times),
        said=True,
    )
    return JudgedColumn(one.cells.clear(len(one.cells)), asked)


def _go_outside(cells: pl.Series, scale: Scale) -> bool:
    values, _, failed = parse_answers(cells, scale)
    return bool(failed.any()) or not values.drop_nulls().is_between(scale.min, scale.max).all()


def _expect_upwards(scale: Scale, *, good_high: bool) -> bool | None:
    """Whether words should go up with the journey's codes: by its own labels, else where a high answer is good.

    Of a question for which a low one is, it cannot be known: its scale may be reversed, or what it says.
    """
    ways = {
        runs_upwards({code: label.root[language] for code, label in scale.labels.items() if language in label.root})
        for language in {language for label in scale.labels.values() for language in label.root}
    } - {None}
    if len(ways) == 1:
        return ways.pop()
    return True if good_high and not ways else None
