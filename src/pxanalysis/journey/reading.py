"""Journey files: YAML in, a validated Journey out, every error with its line."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from pxanalysis.errors import JourneyError
from pxanalysis.journey.explanations import explain, find_line
from pxanalysis.journey.model import Journey
from pxanalysis.journey.parts import Path as JourneyPath

# ruamel.yaml is imported when a file is read: a process that has its journey does without it.
__all__ = ["export_json_schema", "list_catalogue", "locate_lines", "read_catalogue_text", "read_journey"]

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
            line = error.object.count(b"\n", 0, error.start) + 1
            raise JourneyError(f"{path}, line {line}: not UTF-8. Save the file as UTF-8.") from error
        return _parse(text, name)
    return _parse_catalogue(name)


def locate_lines(source: str | Path) -> Callable[[JourneyPath], int]:
    """Return a function that gives the line in a journey file (from 1) of a place in the journey."""
    name = str(source)
    is_file = name.endswith((".yaml", ".yml"))
    text = Path(source).read_text(encoding="utf-8-sig") if is_file else read_catalogue_text(name)
    positions = _load(text, name, kind="rt")
    return lambda place: find_line(positions, place)


@lru_cache(maxsize=16)
def _parse_catalogue(journey_id: str) -> Journey:
    return _parse(read_catalogue_text(journey_id), f"catalogue/{journey_id}.yaml")


@lru_cache(maxsize=16)
def _parse(text: str, origin: str) -> Journey:
    """The journey of a text; a text that was read before is not read again, in a process or in those forked from it."""
    data = _load(text, origin)
    if data is None:
        raise JourneyError(
            f"{origin}, line 1: the file is empty. Write a journey in it, or start from one of the catalogue: "
            f"{', '.join(list_catalogue())}."
        )
    if not isinstance(data, Mapping):
        found = "a list" if isinstance(data, list) else "a single value"
        raise JourneyError(
            f"{origin}, line 1: expected a journey (id, title, steps, outcomes), found {found}. "
            "Begin the file with 'id:'."
        )
    try:
        return Journey.model_validate(data)
    except ValidationError as error:
        # Positions cost a second parse, so they are only looked up when something is wrong.
        raise JourneyError(explain(error, _load(text, origin, kind="rt"), origin)) from error


def _load(text: str, origin: str, kind: Literal["safe", "rt"] = "safe") -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.reader import ReaderError

    # The pure loader is YAML 1.2, so `nl: no` stays a word, and it refuses a key that stands twice.
    try:
        return YAML(typ=kind, pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, problem = (mark.line + 1 if mark else 1), _yaml_problem(error)
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problem = f"character U+{error.character:04X} is not allowed"
    except ValueError as error:
        line, problem = _line_of_bad_value(text), f"{error}; if it is text, put it in quotes"
    except RecursionError:
        line, problem = 1, "it is nested too deeply"
    raise JourneyError(f"{origin}, line {line}: not valid YAML: {problem}. Correct the file there.")


def _yaml_problem(error: Any) -> str:
    problem = str(error.problem or error.context)
    if "\\t" in problem:
        return "found a tab; indent with spaces"
    return f"{error.context}, {problem}" if error.context and problem.startswith("but ") else problem


def _line_of_bad_value(text: str) -> int:
    """Line of the first single value that YAML takes for a date or number and cannot convert."""
    from ruamel.yaml import YAML, ScalarNode

    waiting = [YAML(typ="safe", pure=True).compose(text)]
    seen = set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, ScalarNode):
            try:
                YAML(typ="safe", pure=True).load(f"!<{node.tag}> {json.dumps(node.value)}")
            except ValueError:
                return int(node.start_mark.line) + 1
        else:
            parts = [part for pair in node.value for part in (pair if isinstance(pair, tuple) else (pair,))]
            waiting.extend(reversed(parts))
    return 1


def export_json_schema() -> str:
    """JSON Schema of a journey file, with which editors complete and check it (``yaml-language-server``)."""
    schema = Journey.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "pxanalysis journey"
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
