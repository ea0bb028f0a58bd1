"""What results rest on, as a hash."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

__all__ = ["hash_facts", "hash_release"]


def hash_facts(*parts: object) -> str:
    """SHA-256 of plain values."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def hash_release(path: Path) -> str:
    """SHA-256 of the file of the previous release; empty when there was none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
