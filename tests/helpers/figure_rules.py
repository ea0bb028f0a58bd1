"""When a drawing, its words, the table of its data and the rest of the page do not say the same."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from html import unescape

from page_words import words_of

_ONE_VALUE = ("Antwoorden", "Score (0–100)", "Beleving (−2 tot +2)", "Bijgestelde score", "Belang (deel van alle")
"""Columns that hold one thing of a contact, in whatever table they stand (their start)."""

_ROUNDED = 0.5
"""Figures that are called different get a decimal more than the same figure elsewhere."""

Row = dict[str, str]


def figure_disagreements(html: str) -> list[str]:
    """Contradictions of a page in Dutch, its drawings with it."""
    html = unescape(html).replace("\u2060", "")
    tables = [one for one in _tables(html) if one[1]]
    drawn = [words_of(of) for of in re.findall(r"<desc[^>]*>(.*?)</desc>", html, re.DOTALL)]
    return [
        *_one_value(tables),
        *_extremes(tables, drawn),
        *_importance(tables, drawn),
        *_trends(html),
        *_first(html, drawn),
        *_chances(tables, drawn),
    ]


def _tables(html: str) -> Iterator[tuple[list[str], list[Row]]]:
    """Heads and rows of each table."""
    for table in re.findall(r"<table.*?</table>", html, re.DOTALL):
        heads = [words_of(of) for of in re.findall(r"<th[^>]*scope=\"col\"[^>]*>(.*?)</th>", table, re.DOTALL)]
        body = table.split("<tbody", 1)[-1]
        rows = [re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in body.split("</tr>")]
        yield heads, [dict(zip(heads, map(words_of, row), strict=True)) for row in rows if len(row) == len(heads)]


def _number(text: str) -> float | None:
    found = re.match(r"[+−-]?[\d.]*\d(?:,\d+)?", text)
    return float(found[0].replace("−", "-").replace(".", "").replace(",", ".")) if found else None


def _of_contacts(tables: list[tuple[list[str], list[Row]]], column: str) -> Iterator[dict[str, float]]:
    """A column of every table with a row per contact: numbers by the contact's label."""
    for heads, rows in tables:
        named = next((head for head in heads if head.startswith(column)), None)
        if heads[:1] == ["Contactmoment"] and named:
            found = {row["Contactmoment"]: _number(row[named]) for row in rows}
            yield {name: value for name, value in found.items() if value is not None}


def _one_value(tables: list[tuple[list[str], list[Row]]]) -> Iterator[str]:
    for column in _ONE_VALUE:
        said: dict[str, set[float]] = defaultdict(set)
        for found in _of_contacts(tables, column):
            for name, value in found.items():
                said[name].add(value)
        yield from (
            f"{column} of {name}: {sorted(all_)}" for name, all_ in said.items() if max(all_) - min(all_) > _ROUNDED
        )


def _extremes(tables: list[tuple[list[str], list[Row]]], drawn: list[str]) -> Iterator[str]:
    scores = next(_of_contacts(tables, "Beleving"), {})
    for text in drawn:
        told = re.match(r"Het hoogst is (.+) \(([+−\d,]+)\), het laagst (.+) \(([+−\d,]+)\), op een schaal", text)
        if told and scores:
            high, low = _number(told[2]), _number(told[4])
            if (high, low) != (max(scores.values()), min(scores.values())):
                yield f"{told[0]}, and the table has {scores}"
            if scores.get(told[1], high) != high or scores.get(told[3], low) != low:
                yield f"{told[0]}: not the contacts of the table"


def _importance(tables: list[tuple[list[str], list[Row]]], drawn: list[str]) -> Iterator[str]:
    shares = next(_of_contacts(tables, "Belang (deel"), {})
    for text in drawn:
        told = re.match(r"Het belangrijkst is .+ \((\d+)% van .*het minst belangrijk .+ \((\d+)%\)", text)
        ends = (max(shares.values()), min(shares.values())) if shares else ()
        if told and any(abs(float(one) - end) > _ROUNDED for one, end in zip(told.groups(), ends, strict=True)):
            yield f"{told[0]}, and the table has {shares}"


def _trends(html: str) -> Iterator[str]:
    """The two ends that a course is told by are those of its table."""
    for figure in re.findall(r"<figure.*?</figure>", html, re.DOTALL):
        told = re.search(r"<desc[^>]*>[^<]* ging van ([+−\d,%]+) in .*? naar ([+−\d,%]+) in ", figure)
        rows = [row["Cijfer"] for heads, found in _tables(figure) if heads[:1] == ["Periode"] for row in found]
        known = [row for row in rows if _number(row) is not None]
        if told and known and (told[1], told[2]) != (known[0], known[-1]):
            yield f"from {told[1]} to {told[2]}, and the table from {known[0]} to {known[-1]}"


def _first(html: str, drawn: list[str]) -> Iterator[str]:
    """What is to be done first is drawn neither as clearly above its aim nor as not for now."""
    first = re.findall(r'<li class="act">\s*<h3><bdi>([^<]+)', html)
    for text in drawn:
        for told in re.findall(r"ligt duidelijk boven [^:.]*: ([^.]+)\.|Nu niet eerst: ([^.]+)\.", text):
            names = "".join(told)
            yield from (f"{name} is first, and drawn in '{names}'" for name in first if _names(name, names))


def _names(name: str, listed: str) -> bool:
    return name in re.split(r", | en ", re.sub(r" \([^)]*\)", "", listed))


def _chances(tables: list[tuple[list[str], list[Row]]], drawn: list[str]) -> Iterator[str]:
    chances = next(_of_contacts(tables, "Kans op eerste drie"), {})
    for text in drawn:
        if not text.startswith("Wat bij uw eerste drie hoort"):
            continue
        for name, value in chances.items():
            told = re.search(rf"(?:[:,] |en ){re.escape(name)} \(([<>\d %]+)\)", text)
            if told and _number(told[1]) not in (None, value):
                yield f"chance of {name}: {told[1]} drawn, {value} in the table"
