"""Names and contents of files that a study writes: safe whatever a practice is called, whole whatever happens."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

__all__ = ["distinct_names", "safe_name", "write_atomically"]

_TAKEN = re.compile(r"(index|manifest|con|nul|aux|prn|com\d|lpt\d)(\..*)?|.*\.", flags=re.IGNORECASE)
"""Names that a page of all practices, or an operating system, has already taken, or that lose their last full stop."""


def safe_name(practice_id: str) -> str:
    """A practice id as a file name: kept when it is plain ``[A-Za-z0-9._-]``, else a slug and a hash.

    Examples
    --------
    >>> safe_name("01012345")
    '01012345'
    >>> safe_name("../etc").startswith("etc-")
    True
    """
    if re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}", practice_id) and not _TAKEN.fullmatch(practice_id):
        return practice_id
    return _hashed_name(practice_id)


def distinct_names(practice_ids: Iterable[str]) -> dict[str, str]:
    """File name of each practice; ids that differ in capitals only get names that differ on every computer.

    Examples
    --------
    >>> names = distinct_names(["A1", "a1", "B1"])
    >>> names["B1"], names["A1"].casefold() == names["a1"].casefold()
    ('B1', False)
    """
    names = {practice_id: safe_name(practice_id) for practice_id in practice_ids}
    uses = Counter(name.casefold() for name in names.values())
    return {
        practice_id: name if uses[name.casefold()] == 1 else _hashed_name(practice_id)
        for practice_id, name in names.items()
    }


def _hashed_name(practice_id: str) -> str:
    slug = re.sub(r"[^A-Za-z0-9]+", "-", practice_id).strip("-")[:40]
    digest = hashlib.sha256(practice_id.encode()).hexdigest()[:10]
    return f"{slug}-{digest}" if slug else f"practice-{digest}"


def write_atomically(path: Path, data: bytes | str) -> None:
    """Write a file so that it is either the old or the new one, whatever happens in between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    with os.fdopen(handle, "wb") as stream:
        stream.write(data.encode() if isinstance(data, str) else data)
    Path(temporary).chmod(0o644)
    Path(temporary).replace(path)
