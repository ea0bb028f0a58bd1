"""The eight parts of a practice's report."""

from __future__ import annotations

from pxanalysis.reporting.sections.report import PracticeReport

__all__ = ["PracticeReport"]
