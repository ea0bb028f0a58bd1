"""Numbers and names that results and reports agree on, each written once."""

from __future__ import annotations

__all__ = ["FEWEST_PRACTICES", "FEWEST_RESAMPLED", "MAIN_METRIC", "NEGATIVE_BELOW"]

FEWEST_PRACTICES = 5
"""With fewer there is no telling how practices differ: no comparison, no benchmark, no funnel, no shrinking."""

FEWEST_RESAMPLED = 10
"""With fewer practices, intervals from resampling practices are too narrow."""

NEGATIVE_BELOW = 50.0
"""A score below this (0-100) is a negative experience."""

MAIN_METRIC = {"ktv": "mean", "nps": "net", "ces": "mean", "behaviour": "share"}
"""The metric that an outcome is known by and practices are compared on, per kind of outcome."""
