"""What makes reports starts without what it does not need."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.slow
@pytest.mark.parametrize("first", ["pxanalysis.reporting.page.exporter", "pxanalysis.reporting.making.engine"])
def test_no_grammar_is_compiled_to_read_a_notebook(first: str) -> None:
    """jsonschema compiles one of internet addresses, for 1.5 s, where nbformat is imported in the usual way."""
    code = f"import sys, {first}, nbformat; sys.exit('lark' in sys.modules or 'rfc3987_syntax' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
