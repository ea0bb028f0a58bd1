"""Tests of: The style sheet of every page, and the content policy that allows it and nothing from elsewhere."""

from __future__ import annotations

import re

from pxanalysis.reporting.page.policy import content_policy


def test_a_script_is_allowed_by_its_hash_only() -> None:
    assert "script-src" not in content_policy("p{}")
    assert re.search(r"script-src 'sha256-[\w+/=]{44}'", content_policy("p{}", "go()"))
