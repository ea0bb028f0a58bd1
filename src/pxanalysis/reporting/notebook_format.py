"""nbformat, without the grammar of internet addresses that jsonschema would compile for it, in 1.5 s of every process.

jsonschema does without where ``rfc3987_syntax`` cannot be imported; no notebook has what it checks. Import this before
whatever else imports nbformat.
"""

from __future__ import annotations

import sys

__all__ = ["nbformat"]

_GRAMMAR = "rfc3987_syntax"

if _GRAMMAR in sys.modules:
    import nbformat
else:
    sys.modules[_GRAMMAR] = None  # type: ignore[assignment]
    try:
        import nbformat
    finally:
        del sys.modules[_GRAMMAR]
