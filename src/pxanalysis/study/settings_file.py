"""Lines put into a ``study.toml`` by a command: the rest of the file, with its remarks, stays as it is."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from pxanalysis.errors import StudyError
from pxanalysis.study.settings import read_settings
from pxanalysis.survey.files import temporary_name, write_atomically

__all__ = ["set_keys"]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def set_keys(path: Path, changes: Mapping[str, Mapping[str, str]]) -> None:
    """Set keys of sections: a key that is there gets the new value, another stands below the section's remarks.

    Parameters
    ----------
    changes
        Section (``columns``) to keys and their texts.

    Raises
    ------
    StudyError
        When the file would not be what was meant, for example because a section is written in one line; it is
        left as it was.
    """
    text = path.read_text(encoding="utf-8-sig")
    expected = tomllib.loads(text)
    for section, keys in changes.items():
        text = _set_in_section(text, section, keys)
        expected[section] = {**expected.get(section, {}), **keys}
    try:
        changed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        changed = {}
    if changed != expected:
        lines = "\n".join(_line(key, value) for keys in changes.values() for key, value in keys.items())
        raise StudyError(f"{path}: could not be edited as it is written; put these lines in yourself:\n{lines}")
    _check_whole(path, text)
    write_atomically(path, text)


def _check_whole(path: Path, text: str) -> None:
    """Refuse what the study could not be opened with."""
    tried = temporary_name(path)
    write_atomically(tried, text)
    try:
        read_settings(tried)
    finally:
        tried.unlink(missing_ok=True)


def _line(key: str, value: str) -> str:
    name = key if _BARE_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)
    return f"{name} = {_quote(value)}"


def _quote(value: str) -> str:
    """A basic string of TOML: JSON's escapes are TOML's, but for the delete character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _set_in_section(text: str, section: str, keys: Mapping[str, str]) -> str:
    lines = text.removesuffix("\n").split("\n")  # not splitlines: a name may hold other line ends
    head = next((i for i, line in enumerate(lines) if re.fullmatch(rf"\s*\[{section}\]\s*(#.*)?", line)), None)
    if head is None:
        return "\n".join([*lines, "", f"[{section}]", *(_line(key, value) for key, value in keys.items())]) + "\n"
    end = next((i for i in range(head + 1, len(lines)) if re.match(r"\s*\[", lines[i])), len(lines))
    new = []
    for key, value in keys.items():
        names = {key, json.dumps(key, ensure_ascii=False), f"'{key}'"}
        there = [i for i in range(head + 1, end) if lines[i].partition("=")[0].strip() in names]
        if there:
            lines[there[0]] = _line(key, value) + _remark(lines[there[0]])
        else:
            new.append(_line(key, value))
    below = next((i for i in range(head + 1, end) if not lines[i].lstrip().startswith("#")), end)
    return "\n".join([*lines[:below], *new, *lines[below:]]) + "\n"


def _remark(line: str) -> str:
    """What stands behind a value: from the first # before which the line is whole."""
    for found in re.finditer(r"\s*#", line):
        try:
            tomllib.loads(line[: found.start()])
        except tomllib.TOMLDecodeError:
            continue
        return line[found.start() :]
    return ""
