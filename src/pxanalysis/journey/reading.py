"""Journey files: YAML in, a validated Journey out, every error with its line."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pxanalysis.errors import JourneyError
from pxanalysis.journey.model import Journey

__all__ = ["export_json_schema", "list_catalogue", "read_catalogue_text", "read_journey"]

_CATALOGUE = resources.files("pxanalysis.journey") / "catalogue"


def list_catalogue() -> list[str]:
    """Ids of the journeys that ship with the package, sorted.

    Examples
    --------
    >>> "dental-checkup" in list_catalogue()
    True
    """
    return sorted(entry.name.removesuffix(".yaml") for entry in _CATALOGUE.iterdir() if entry.name.endswith(".yaml"))


def read_catalogue_text(journey_id: str) -> str:
    """Return the YAML text of a journey that ships with the package."""
    known = list_catalogue()
    if journey_id not in known:
        near = difflib.get_close_matches(journey_id, known, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise JourneyError(
            f"There is no journey '{journey_id}' in the catalogue.{hint} It has: {', '.join(known)}. "
            "For a file of your own, give its path, ending in .yaml."
        )
    return (_CATALOGUE / f"{journey_id}.yaml").read_text(encoding="utf-8")


def read_journey(source: str | Path) -> Journey:
    """Read a journey from a YAML file, or from the catalogue by its id.

    Parameters
    ----------
    source
        A path that ends in ``.yaml`` or ``.yml``, or an id of the catalogue such as ``dental-checkup``.

    Raises
    ------
    JourneyError
        With one line per problem: file, line, what was expected, what was found and what to do.
    """
    name = str(source)
    if name.endswith((".yaml", ".yml")):
        path = Path(source)
        if not path.is_file():
            raise JourneyError(f"{path}: no such journey file. Check 'journey' in study.toml.")
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise JourneyError(f"{path}: not UTF-8 (byte {error.start}). Save the file as UTF-8.") from error
        return _parse(text, name)
    return _parse_catalogue(name)


@lru_cache(maxsize=16)
def _parse_catalogue(journey_id: str) -> Journey:
    return _parse(read_catalogue_text(journey_id), f"catalogue/{journey_id}.yaml")


def _parse(text: str, origin: str) -> Journey:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    # The safe loader is YAML 1.2, so `nl: no` stays a word; positions are only looked up when something is wrong.
    try:
        data = YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        problem = error.problem or error.context
        raise JourneyError(f"{origin}, line {line}: not valid YAML: {problem}. Correct the file there.") from error
    if not isinstance(data, Mapping):
        raise JourneyError(f"{origin}, line 1: expected a journey (id, title, steps, outcomes), found {data!r:.60}.")
    try:
        return Journey.model_validate(data)
    except ValidationError as error:
        positions = YAML(typ="rt", pure=True).load(text)
        lines = [_explain(dict(detail), positions, origin) for detail in error.errors()]
        raise JourneyError("\n".join(sorted(set(lines), key=lines.index))) from error


def _line(positions: Any, path: tuple[str | int, ...]) -> int:
    """Line (from 1) of the deepest part of ``path`` that the file has."""
    line = 1
    node = positions
    for key in path:
        try:
            position = node.lc.item(key) if isinstance(node, list) else node.lc.key(key)
            node = node[key]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
        line = int(position[0]) + 1
    return line


def _known_keys(path: tuple[str | int, ...]) -> list[str]:
    """Keys that the part of the journey at ``path`` may have, from the JSON Schema."""
    schema = Journey.model_json_schema()
    node: dict[str, Any] = schema
    for part in path:
        node = _deref(node, schema)
        if isinstance(part, int):
            node = node.get("items", {})
        else:
            node = node.get("properties", {}).get(part) or node.get("additionalProperties") or {}
    return sorted(_deref(node, schema).get("properties", {}))


def _deref(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    for option in [node, *node.get("anyOf", [])]:
        if "$ref" in option:
            target: dict[str, Any] = schema["$defs"][option["$ref"].rsplit("/", 1)[-1]]
            return target
    return node


def _closest(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f" Did you mean '{near[0]}'?" if near else ""


def _explain(detail: dict[str, Any], positions: Any, origin: str) -> str:
    context = detail.get("ctx") or {}
    path = tuple(context.get("path") or detail["loc"])
    where = f"{origin}, line {_line(positions, path)}: {_dotted(path)}"
    found = detail.get("input")
    match detail["type"]:
        case "extra_forbidden":
            known = _known_keys(path[:-1])
            return f"{where}: unknown key.{_closest(str(path[-1]), known)} Allowed here: {', '.join(known)}."
        case "literal_error":
            known = [word.strip(" '") for word in context["expected"].replace(" or ", ", ").split(",")]
            return f"{where}: expected one of {', '.join(known)}; found '{found}'.{_closest(str(found), known)}"
        case "missing":
            return f"{where}: this key is required; add it."
        case _:
            shown = "" if isinstance(found, (Mapping, list, tuple)) or context.get("path") else f" (found {found!r:.60})"
            return f"{where}: {detail['msg']}{shown}."


def _dotted(path: tuple[str | int, ...]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.lstrip(".") or "journey"


def export_json_schema() -> str:
    """JSON Schema of a journey file, with which editors complete and check it (``yaml-language-server``)."""
    schema = Journey.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "pxanalysis journey"
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
