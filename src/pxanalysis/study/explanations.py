"""Mistakes in ``study.toml``, each with its line, its key and the nearest name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

__all__ = ["explain_settings"]

_WITH_SECRETS = ("pull", "sql")
"""Sections in which somebody may have written a password: what stands there is not repeated."""


def explain_settings(error: ValidationError, text: str, path: Path, model: type[BaseModel]) -> list[str]:
    """One line per mistake: file, line, key, what was expected, what was found and what to do."""
    seen: dict[str, str] = {}
    for detail in error.errors():
        place = [str(part) for part in detail["loc"]]
        if place[0] == "readings":  # a union names each of its members
            place = place[: 3 if len(place) > 3 else 2]
        key = ".".join(place)
        line = _find_line(text, place)
        where = f"{path}, line {line}" if line else f"{path}"
        seen.setdefault(key, f"{where}: {key}: {_explain(dict(detail), place, model)}")
    return list(seen.values())


def _explain(detail: dict[str, Any], place: list[str], model: type[BaseModel]) -> str:
    found = detail["input"]
    match detail["type"]:
        case "extra_forbidden":
            known = list(_keys(model, place[:-1]))
            near = difflib.get_close_matches(place[-1], known, n=1, cutoff=0.5)
            elsewhere = [section for section in model.model_fields if place[-1] in _keys(model, [section])]
            hint = f" Did you mean '{near[0]}'?" if near else ""
            if elsewhere and elsewhere != place[:-1]:
                hint = f" It belongs under [{elsewhere[0]}]."
            within = f"[{place[0]}]" if len(place) > 1 else "study.toml"
            return f"there is no such key in {within}.{hint} It has: {', '.join(known)}."
        case "missing":
            return f"this key has to be there. Add it under [{place[0]}]."
        case "literal_error":
            wanted = detail["ctx"]["expected"]
            names = re.findall(r"'([^']+)'", wanted)
            near = difflib.get_close_matches(str(found), names, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            return f"expected {wanted}, found {found!r:.60}.{hint}"
    shown = "" if place[0] in _WITH_SECRETS else f", found {found!r:.60}"
    return f"{_plain(detail)}{shown}. Correct it there."


def _plain(detail: dict[str, Any]) -> str:
    context = detail.get("ctx", {})
    kind = str(detail["type"])
    if kind == "value_error":
        return str(detail["msg"]).removeprefix("Value error, ")
    if "ge" in context:
        return f"expected {context['ge']} or more"
    if "le" in context:
        return f"expected {context['le']} or less"
    words = {
        "string": "a text in quotation marks",
        "int": "a whole number",
        "float": "a number",
        "tuple": 'a list such as ["a", "b"]',
        "dict": "a table",
        "model": "a section of keys",
        "bool": "true or false",
    }
    for start, word in words.items():
        if kind.startswith(start):
            return f"expected {word}"
    return f"expected something else ({detail['msg']})"


def _keys(model: type[BaseModel], place: list[str]) -> Iterator[str]:
    """Keys that the section at ``place`` knows."""
    fields = model.model_fields
    if place:
        part = fields[place[0]].annotation if place[0] in fields else None
        part = get_args(part)[-1] if get_origin(part) is dict else part  # sections that have a name each
        fields = part.model_fields if isinstance(part, type) and issubclass(part, BaseModel) else {}
    yield from fields


def _find_line(text: str, place: list[str]) -> int | None:
    """Line of a key, or of its section when the key is not there."""
    section, header = "", None
    keys = {".".join(place[:depth]): place[depth] for depth in (1, 2) if len(place) > depth}  # [analysis], [pull.NAME]
    for number, line in enumerate(text.splitlines(), start=1):
        found = re.match(r"\s*\[([^\]]+)\]", line)
        if found:
            section = found[1].strip()
            if section == place[0] or section in keys or section == ".".join(place):
                header = number
        key = re.match(r"""\s*["']?([^"'=\s]+)["']?\s*=""", line)
        if key and (keys.get(section) == key[1] or (not section and key[1] == place[0])):
            return number
    return header
