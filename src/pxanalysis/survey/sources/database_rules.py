"""What study.toml may say of a database: no password, and one SELECT."""

from __future__ import annotations

import re

__all__ = ["VARIABLE", "check_query", "check_url"]

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
"""What stands for a value of the environment."""
_PASSWORD = re.compile(r"^[^:/]+://[^/@]*:(?P<password>[^@]*)@")
_REMARK_OR_TEXT = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"", flags=re.DOTALL)
_SYSTEMS = ("sqlite", "postgresql")


def check_url(url: str) -> None:
    """Refuse an address with a password in it: study.toml is handed on, and kept in version control.

    Raises
    ------
    ValueError
        When there is one that is no ``${VARIABLE}``, or the database is of another kind.
    """
    found = _PASSWORD.match(url)
    if found and found["password"] and not VARIABLE.fullmatch(found["password"]):
        raise ValueError("expected no password in study.toml; write ${NAME}, and set that variable in the environment")
    if url.partition(":")[0].partition("+")[0] not in _SYSTEMS:
        raise ValueError("expected an address such as sqlite:///answers.db or postgresql://reader:${NAME}@host/base")


def check_query(query: str) -> None:
    """Refuse what is not one SELECT.

    The database is opened read-only as well; this says it before, and in plain words.

    Raises
    ------
    ValueError
        When it begins otherwise, or there is a second statement.
    """
    bare = _REMARK_OR_TEXT.sub(" ", query).strip().removesuffix(";").strip()
    if not re.match(r"(select|with)\b", bare, flags=re.IGNORECASE) or ";" in bare:
        raise ValueError("expected one SELECT; nothing is ever written to the database")
    verbs = re.search(r"\b(insert|update|delete|merge|drop|alter|create|truncate|copy|into)\b", bare, re.IGNORECASE)
    if verbs:
        raise ValueError(f"expected one SELECT, found '{verbs[0].upper()}'; nothing is ever written to the database")
