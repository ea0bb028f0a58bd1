"""Where tests find what is not code: references that are committed, and material beside the project."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
SHARED_FOLDER = TESTS.parents[1] / "shared"
