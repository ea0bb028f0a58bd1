"""Validation errors in the words of who wrote the journey file: where, what was expected, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from pxanalysis.journey.model import Journey
from pxanalysis.journey.parts import Path

__all__ = ["explain", "find_line", "list_problems"]

_EXPECTED = {
    "dict_type": "expected key: value, for a text one wording per language, such as {nl: Wachtkamer, en: Waiting room}",
    "list_type": "expected a list, each part on a line that begins with '-'",
    "model_type": "expected key: value lines",
    "string_pattern_mismatch": "expected a language code of two lower-case letters, such as nl",
    "string_too_short": "expected text, found nothing; write it or leave the key out",
    "string_type": "expected text; put it in quotes",
    "too_short": "expected at least one part",
    "tuple_type": "expected a list, each part on a line that begins with '-'",
}
"""What to say for pydantic's error types whose own message speaks to a programmer."""


def explain(error: ValidationError, positions: Any, origin: str) -> str:
    """Return one line per problem, in the order of the file.

    Parameters
    ----------
    positions
        The same YAML as loaded by ruamel's round-trip loader, which remembers lines.
    origin
        What the file is called in the messages.
    """
    found = {
        (find_line(positions, path), f"{_dotted(path)}: {message}")
        for detail in error.errors()
        for path, message in _explain(dict(detail), positions)
    }
    return "\n".join(f"{origin}, line {line}: {message}" for line, message in sorted(found))


def list_problems(error: ValidationError) -> list[tuple[Path, str]]:
    """Every problem as its path in the journey and what to do about it, for a source that has no lines."""
    return [found for detail in error.errors() for found in _explain(dict(detail), None)]


def _explain(detail: dict[str, Any], positions: Any) -> Iterator[tuple[Path, str]]:
    path = tuple(part for part in detail["loc"] if part != "[key]")
    found = detail["input"]
    context = detail.get("ctx") or {}
    match detail["type"]:
        case "inconsistent":
            for problem in context["problems"]:
                first = problem.clashes_with
                also = f" (first on line {find_line(positions, (*path, *first))})" if first else ""
                yield (*path, *problem.path), f"{problem.message}{also}."
        case "extra_forbidden":
            known = _known_keys(path[:-1])
            yield path, f"unknown key.{_closest(str(path[-1]), known)} Allowed here: {', '.join(known)}."
        case "literal_error":
            known = [word.strip(" '") for word in context["expected"].replace(" or ", ", ").split(",")]
            yield path, f"expected one of {', '.join(known)}; found {_shown(found)}.{_closest(str(found), known)}"
        case "too_short" if found:
            return  # pydantic counts the valid parts only; what is wrong with them is said by itself
        case "missing":
            yield path, "this key is required; add it."
        case kind:
            yield path, f"{_EXPECTED.get(kind, detail['msg'])} (found {_shown(found)})."


def _shown(found: Any) -> str:
    if isinstance(found, Mapping):
        return "key: value lines"
    if isinstance(found, (list, tuple)):
        return f"a list of {len(found)}"
    return "nothing" if found in (None, "") else f"{found!r:.60}"


def find_line(positions: Any, path: Path) -> int:
    """Line (from 1) of the deepest part of ``path`` that the file has."""
    line = 1
    node = positions
    for key in path:
        try:
            position = node.lc.item(key) if isinstance(key, int) and hasattr(node, "append") else node.lc.key(key)
            node = node[key]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
        line = int(position[0]) + 1
    return line


def _known_keys(path: Path) -> list[str]:
    """Keys that the part of the journey at ``path`` may have, from the JSON Schema."""
    schema = Journey.model_json_schema()
    node: dict[str, Any] = schema
    for part in path:
        node = _resolve(node, schema)
        if isinstance(part, int):
            node = node.get("items", {})
        else:
            node = node.get("properties", {}).get(part) or node.get("additionalProperties") or {}
    return sorted(_resolve(node, schema).get("properties", {}))


def _resolve(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    for option in [node, *node.get("anyOf", [])]:
        if "$ref" in option:
            target: dict[str, Any] = schema["$defs"][option["$ref"].rsplit("/", 1)[-1]]
            return target
    return node


def _closest(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f" Did you mean '{near[0]}'?" if near else ""


def _dotted(path: Path) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.lstrip(".") or "journey"
