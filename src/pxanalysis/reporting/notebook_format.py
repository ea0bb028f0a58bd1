"""nbformat, without the grammar of internet addresses that jsonschema would compile for it, in 1.5 s of every process.

jsonschema does without where ``rfc3987_syntax`` cannot be imported; no notebook has what it checks. Import this before
whatever else imports nbformat.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["code_cell", "display_output", "nbformat"]

_GRAMMAR = "rfc3987_syntax"

if _GRAMMAR in sys.modules:
    import nbformat
else:
    sys.modules[_GRAMMAR] = None  # type: ignore[assignment]
    try:
        import nbformat
    finally:
        del sys.modules[_GRAMMAR]


def display_output(data: Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> NotebookNode:
    """Something that a cell shows, as nbformat makes it; the notebook is held against the schema as a whole."""
    node: Any = nbformat.NotebookNode
    made: NotebookNode = node(output_type="display_data", metadata=node(metadata or {}), data=node(data))
    return made


def code_cell(cell_id: str, outputs: Sequence[NotebookNode]) -> NotebookNode:
    """A cell of which only what it shows is kept, as nbformat makes it."""
    node: Any = nbformat.NotebookNode
    made: NotebookNode = node(
        id=cell_id, cell_type="code", metadata=node(), execution_count=None, source="", outputs=list(outputs)
    )
    return made
