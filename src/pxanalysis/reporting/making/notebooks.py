"""The fingerprint of a notebook: what its cells say, whether or not it was run."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

__all__ = ["hash_notebook"]


def hash_notebook(path: Path) -> str:
    """SHA-256 of the kinds and sources of a notebook's cells; "" when there is no readable notebook.

    Outputs, execution counts and metadata are left out, so that running and saving it changes nothing.
    """
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        said = [[cell["cell_type"], "".join(cell["source"])] for cell in cells]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
