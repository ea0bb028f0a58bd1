"""Where a chart is drawn: on the axes that were given, or on new ones that JupyterLab shows by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["axes_for"]


def axes_for(ax: Axes | None, *, width: float = 7.2, height: float = 4.5) -> Axes:
    """Return ``ax``, or axes on a new pyplot figure of this size in inches, which a notebook shows without an import.

    ``ax.figure.savefig("figure.pdf")`` (or ``.svg``) writes it as vectors.
    """
    if ax is not None:
        return ax
    # matplotlib is heavy and only drawing needs it
    from matplotlib import pyplot as plt

    _, new = plt.subplots(figsize=(width, height), layout="constrained")
    return new
