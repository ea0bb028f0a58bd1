"""Ids that look the same, or were the same before a spreadsheet had them."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping

import polars as pl

from pxanalysis.survey.checking.parsing import parse_text
from pxanalysis.survey.columns.tally import add_up
from pxanalysis.survey.columns.verdict import JudgedColumn, Verdict, collect_problems, name_examples

__all__ = ["clean_id", "find_odd_ids", "join_ids", "judge_ids"]

_ROUNDED = r"^\d([.,]\d+)?[Ee]\+?\d+$"
_UNSEEN = r"[^\x21-\x7e]|^\s|\s$"
_TOTALS = (
    r"^(?i:(?:gemiddelde?|(?:eind|sub)?totaal|som|mediaan|average|mean|(?:grand |sub)?total|sum|median)(?:\s*[:(].*)?"
    r"|mittelwert|durchschnitt|gesamt|gesamtergebnis|summe|moyenne|somme|alle praktijken|all practices)$"
)
"""What stands in the place of an id on a row of totals; a practice may well be called "Totaal Mondzorg"."""
_MAY_BE_ODD = rf"[^\x21-\x7e]|^\d[.,\d]*[Ee]|{_TOTALS}"
"""What stands in every such id, and is looked for in one go."""
_EXACT = 2.0**53
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def clean_id(text: str) -> str:
    r"""An id without invisible characters, in one Unicode form, with single spaces.

    Examples
    --------
    >>> clean_id("01010411\u200b") == clean_id(" 01010411")
    True
    """
    plain = unicodedata.normalize("NFC", text)
    plain = "".join(" " if unicodedata.category(c) == "Zs" else c for c in plain if unicodedata.category(c) != "Cf")
    return re.sub(r" {2,}", " ", plain).strip()


def find_odd_ids(cells: pl.Series) -> pl.Series:
    """Ids that may have been rounded, or hold what nobody sees: all that a column of ids is judged by; Boolean."""
    if cells.dtype.is_integer():
        return pl.Series([False]).new_from_index(0, len(cells))
    if cells.dtype == pl.String and not cells.str.contains(_MAY_BE_ODD).any():
        return pl.Series([False]).new_from_index(0, len(cells))
    text = parse_text(cells)
    odd = text.str.contains(_ROUNDED) | text.str.contains(_UNSEEN) | text.str.contains(_TOTALS)
    if cells.dtype.is_float():
        odd |= cells.fill_nan(None).abs() >= _EXACT
    return odd.fill_null(value=False)


def judge_ids(
    cells: pl.Series, file: str, name: str, n: int | None = None, times: pl.Series | None = None
) -> JudgedColumn:
    """Judge a column of ids; ``cells`` bear the export's column name.

    Parameters
    ----------
    cells
        All of the column, or those of :func:`find_odd_ids`, each once.
    n
        How many ids the column has, where ``cells`` are not all of them.
    times
        How often each of ``cells`` stands in the column; None: once.
    """
    text = parse_text(cells)
    n = add_up(text.is_not_null(), times) if n is None else n

    def verdict(decision: str, evidence: str, examples: tuple[str, ...] = (), *, said: bool = False) -> Verdict:
        return Verdict(file, cells.name, name, decision, evidence, n, examples, said=said)  # type: ignore[arg-type]

    rounded = text.str.contains(_ROUNDED).fill_null(value=False)
    if cells.dtype.is_float():
        rounded = rounded | (cells.fill_nan(None).abs() >= _EXACT).fill_null(value=False)
    spoilt = add_up(rounded, times)
    if spoilt and (spoilt > 1 or spoilt == n):
        told = (
            f"{spoilt} of {n} ids were rounded by a spreadsheet, so that rows cannot be told apart; export "
            "again, and import the column as text"
        )
        return JudgedColumn(
            text.rename(cells.name),
            verdict("refuse", told, name_examples(text.set(~rounded, None), times=times), said=True),
        )
    if cells.dtype != pl.String:
        return JudgedColumn(cells, verdict("read", "numbers"))
    totals = text.str.contains(_TOTALS).fill_null(value=False)
    reason = "expected an id, found a row of totals or averages; such a row is no response. Remove it from the export"
    problems = collect_problems(totals, name, reason)
    odd = text.filter(text.str.contains(_UNSEEN).fill_null(value=False) & ~totals).unique()
    changed = {one: clean for one in odd if (clean := clean_id(one)) != one}
    if not changed:
        return JudgedColumn(cells, verdict("read", "text"), problems)
    cleaned = text.replace(changed)
    cleaned = cleaned.set(cleaned == "", None)
    count = add_up(text.is_in(list(changed)), times)
    told = f"{count} of {n} ids had characters that nobody sees, or another Unicode form; they were read without"
    shown = tuple(ascii(one) for one in sorted(changed)[:5])
    return JudgedColumn(cleaned.rename(cells.name), verdict("read", told, shown, said=True), problems)


def join_ids(ids: Mapping[str, int], listed: Collection[str]) -> tuple[dict[str, str], list[str]]:
    """Practice ids that are one, each with the id it stands for, and what is said of them.

    Parameters
    ----------
    ids
        Practice ids of all answers, with how many answers each has.
    listed
        Ids in the list of practices.

    Returns
    -------
    (id to the one it is read as, messages). Ids that lost their leading zeros, or differ in capitals or spaces, are
    joined when only one other id is like them; two that both stand in the list of practices never are.
    """
    groups: dict[str, set[str]] = defaultdict(set)
    for one in {*ids, *listed}:
        groups[_reduce(one)].add(one)
    joined: dict[str, str] = {}
    notes: list[str] = []
    for reduced, forms in sorted(groups.items()):
        if len(forms) < 2:
            continue
        shown = ", ".join(f"'{form}' ({ids.get(form, 0)} answers)" for form in sorted(forms))
        both = sum(form in listed for form in forms) > 1
        digits = reduced.isdigit()
        padded = [form for form in forms if form != reduced] if digits else []
        if both or (digits and (len(forms) > 2 or len(padded) != 1)):
            if any(form in ids for form in forms):
                notes.append(
                    f"practice ids {shown} look alike, and more than one reading is possible; they stay apart. Correct "
                    "them in the export or in the list of practices."
                )
            continue
        best = padded[0] if digits else _choose(forms, ids, listed)
        joined |= {form: best for form in forms if form != best}
        why = "leading zeros are lost in some" if digits else "they differ in capitals or spaces only"
        notes.append(f"practice ids {shown} are read as one, '{best}': {why}.")
    return joined, notes


def _reduce(one: str) -> str:
    if one.isascii() and one.isdigit():
        return one.lstrip("0") or "0"
    return "".join(clean_id(one).casefold().split())


def _choose(forms: Collection[str], ids: Mapping[str, int], listed: Collection[str]) -> str:
    return min(forms, key=lambda form: (form not in listed, -ids.get(form, 0), form))
