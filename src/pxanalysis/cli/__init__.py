"""The commands, one module per group."""

from __future__ import annotations

from pxanalysis.cli.command import app, main

__all__ = ["app", "main"]
