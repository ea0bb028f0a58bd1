"""Tests of: What figures show: the numbers behind each, what is said of gaps, and texts that do not run into each
other.
"""

from __future__ import annotations

import pytest


def test_the_curve_and_its_sentence_call_the_same_contacts_low() -> None:
    from pxanalysis.figures.page.experience.plot import _MEANINGFUL
    from pxanalysis.reporting.sections.journey import CLEARLY

    assert pytest.approx(_MEANINGFUL * 25) == CLEARLY
