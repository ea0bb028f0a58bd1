"""Yes and no: 0/1, words, or two codes of which nobody here can know which is yes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from pxanalysis.survey.checking.parsing import parse_numbers, parse_text
from pxanalysis.survey.columns.readings import AS_IT_STANDS, LEAVE_OUT, MOST_CODES
from pxanalysis.survey.columns.tally import add_up, count_cells
from pxanalysis.survey.columns.verdict import JudgedColumn, Verdict, name_examples
from pxanalysis.survey.ladders import means_dont_know, means_not_applicable
from pxanalysis.survey.words import YES_OR_NO, fold_text, tell_yes_or_no

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pxanalysis.survey.columns.readings import Reading

__all__ = ["judge_flags"]

_ENOUGH = 15
"""From so many cells, all of them yes, a question whether empty ones mean no makes sense."""
_UNKNOWN_SHARE = 0.05


def judge_flags(
    cells: pl.Series,
    file: str,
    name: str,
    reading: Reading | None,
    times: pl.Series | None = None,
    labels: Mapping[str, str] | None = None,
) -> JudgedColumn:
    """Judge a column of yes and no.

    Parameters
    ----------
    cells, times
        Under the export's column name, and how often each stands there; None: once.
    labels
        The file's words of its codes.
    """
    text = parse_text(cells.cast(pl.Int8) if cells.dtype == pl.Boolean else cells)
    n, empty = add_up(text.is_not_null(), times), add_up(cells.is_null(), times)
    values = _read_words(text)
    known = set(values.drop_nulls().unique())

    def verdict(evidence: str, *lines: str, said: bool = True) -> Verdict:
        decision: Literal["read", "ask"] = "ask" if lines else "read"
        examples = name_examples(text, times=times) if lines else ()
        return Verdict(file, cells.name, name, decision, evidence, n, examples, lines, said=said)

    nothing = pl.Series(cells.name, [None], dtype=pl.Float64).new_from_index(0, len(cells))
    if reading is not None and reading.codes:
        coded = _apply(text, reading)
        return JudgedColumn(coded.rename(cells.name), verdict(f"read by study.toml: {reading.text}"))
    if reading is not None and reading.text == AS_IT_STANDS:
        return JudgedColumn(cells, verdict("read as 0 and 1, as study.toml says"))
    if name == "simulated":  # never empty for a question: rows of which it is not known are refused
        return JudgedColumn(cells, verdict("whether the answers are simulated", said=False))
    named = _read_labels(text, labels or {})
    if named is not None and not (named == values).fill_null(value=False).all():
        told = ", ".join(f"{code} is '{word}'" for code, word in sorted((labels or {}).items()))
        return JudgedColumn(named.rename(cells.name), verdict(f"read by the file's own words: {told}"))
    silent = text.is_in([one for one in text.drop_nulls().unique() if _is_no_answer(one)]).fill_null(value=False)
    if silent.any():
        cells, text, values = cells.set(silent, None), text.set(silent, None), values.set(silent, None)
    failed = add_up(text.is_not_null() & values.is_null(), times)
    if failed and (0.0 not in known or failed > max(_UNKNOWN_SHARE * n, 1 if n >= 10 else n / 2)):
        return JudgedColumn(nothing, verdict(*_ask(name, text, times, empty=empty)))
    if n >= _ENOUGH and known == {1.0} and empty:
        lines = (f'{name} = "{_any(text)}=yes, missing=no"', f'{name} = "{AS_IT_STANDS}"')
        return JudgedColumn(nothing, verdict(f"{n} cells say yes, none says no, {empty} are empty", *lines))
    words = cells.dtype == pl.String and parse_numbers(text)[1].any()
    told = "words for yes and no" if words else "0 is no, 1 is yes"
    if n and known == {1.0}:
        told += f"; none says no, and {n} cells cannot tell whether empty ones do"
    if silent.any():
        told += f"; {add_up(silent, times)} cells say that it is not known or does not apply and are read as no answer"
    plain = words and not failed
    return JudgedColumn(values.rename(cells.name) if plain else cells, verdict(told, said=bool(silent.any())))


def _any(text: pl.Series) -> str:
    return str(text.drop_nulls()[0])


def _read_words(text: pl.Series) -> pl.Series:
    """0 or 1, null where it is neither."""
    numbers = parse_numbers(text)[0]
    numbers = numbers.set(~numbers.is_in([0.0, 1.0]).fill_null(value=True), None)
    words = {word: YES_OR_NO[fold_text(word)] for word in text.drop_nulls().unique() if fold_text(word) in YES_OR_NO}
    return numbers.fill_null(text.replace_strict(words, default=None, return_dtype=pl.Float64))


def _read_labels(text: pl.Series, labels: Mapping[str, str]) -> pl.Series | None:
    """0 or 1 by the words of the codes, null where they say that it is no answer; None where a code has none."""
    codes = text.drop_nulls().unique().to_list()
    said = {code: tell_yes_or_no(labels.get(code, "")) for code in codes}
    rest = [code for code in codes if said[code] is None]
    if not labels or any(not _is_no_answer(labels.get(code, "")) for code in rest) or len(rest) == len(codes):
        return None
    return text.replace_strict(said, default=None, return_dtype=pl.Float64)


def _is_no_answer(label: str) -> bool:
    return means_not_applicable(label) or means_dont_know(label)


def _apply(text: pl.Series, reading: Reading) -> pl.Series:
    """0 or 1 by the codes of study.toml; other cells stay as they are, and are refused later."""
    codes = dict(reading.codes)
    out = []
    for cell in text:
        value = codes.get("missing" if cell is None else fold_text(cell.removesuffix(".0")), cell)
        out.append(None if value in {"na", "dk", "missing"} else value)
    return pl.Series(out, dtype=pl.String)


def _ask(name: str, text: pl.Series, times: pl.Series | None, *, empty: int) -> tuple[str, ...]:
    codes = [str(code) for code, _ in count_cells(text, times, frequent_first=True)]
    whole = sorted({code.removesuffix(".0") for code in codes})
    if len(whole) > MOST_CODES:
        return f"expected 0 (no) and 1 (yes), found {len(whole)} different texts", f'{name} = "{LEAVE_OUT}"'
    told = f"expected 0 (no) and 1 (yes), found {', '.join(whole)}"
    if whole == ["-1", "0"]:
        return told, f'{name} = "-1=yes, 0=no"'
    if len(whole) == 1 and empty:  # a box to tick
        return (
            f"{told}, and {empty} empty cells",
            f'{name} = "{whole[0]}=yes, missing=no"',
            f'{name} = "{whole[0]}=yes"',
        )
    if len(whole) == 2 and not any(fold_text(code) in YES_OR_NO for code in whole):
        one, two = whole
        return told, f'{name} = "{one}=yes, {two}=no"', f'{name} = "{one}=no, {two}=yes"'
    if set(whole) >= {"0", "1"}:
        rest = ", ".join(f"{code}=missing" for code in whole if code not in {"0", "1"})
        return told, f'{name} = "0=no, 1=yes, {rest}"'
    meanings = {1.0: "yes", 0.0: "no", None: "…"}
    parts = ", ".join(f"{code}={meanings[YES_OR_NO.get(fold_text(code))]}" for code in whole)
    return told, f'{name} = "{parts}"'
