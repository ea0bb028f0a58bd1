"""Which libraries made the numbers."""

from __future__ import annotations

import platform
from importlib.metadata import version

__all__ = ["software_versions"]

_LIBRARIES = ("numpy", "pandas", "polars", "scipy", "statsmodels")


def software_versions() -> dict[str, str]:
    """Versions of Python and of the libraries that numbers rest on.

    >>> list(software_versions())
    ['python', 'numpy', 'pandas', 'polars', 'scipy', 'statsmodels']
    """
    return {"python": platform.python_version()} | {name: version(name) for name in _LIBRARIES}
