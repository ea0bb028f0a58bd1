"""Names and contents of files that a study writes: safe whatever a practice is called, whole whatever happens."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

__all__ = ["safe_name", "write_atomically"]

_TAKEN = {"index", "manifest", "con", "nul", "aux", "prn"}
"""Names that a page of all practices, or an operating system, has already taken."""


def safe_name(practice_id: str) -> str:
    """A practice id as a file name: kept when it is plain ``[A-Za-z0-9._-]``, else a slug and a hash.

    Examples
    --------
    >>> safe_name("01012345")
    '01012345'
    >>> safe_name("../etc").startswith("etc-")
    True
    """
    if re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}", practice_id) and practice_id.lower() not in _TAKEN:
        return practice_id
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
