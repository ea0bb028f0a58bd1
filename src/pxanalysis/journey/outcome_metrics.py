"""The metric that each kind of outcome is known by."""

from __future__ import annotations

__all__ = ["COMPARED_METRIC", "MAIN_METRIC"]

MAIN_METRIC = {"ktv": "mean", "nps": "net", "ces": "mean", "behaviour": "share"}
"""The metric that an outcome is known by, per kind of outcome: the figure that pages show first."""

COMPARED_METRIC = {kind: "mean" if metric == "median" else metric for kind, metric in MAIN_METRIC.items()}
"""The metric on which practices and periods are compared: a median moves by whole answers and tells few apart."""
