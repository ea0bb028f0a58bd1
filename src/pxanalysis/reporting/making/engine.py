"""A papermill engine that runs a notebook's cells in this very process, without a kernel to start or lose.

It is meant for a child process that lives for one report: what a cell does to the process ends with it.
"""

from __future__ import annotations

import sys
from typing import Any

from pxanalysis.reporting.notebook_format import display_output, nbformat

# isort: split
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines

__all__ = ["ENGINE_NAME", "InProcessEngine", "register_engine"]

ENGINE_NAME = "pxanalysis"


class InProcessEngine(Engine):  # type: ignore[misc]
    """Runs cells in an IPython shell of this process and keeps what they show as notebook outputs."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: NotebookExecutionManager, kernel_name: str, **kwargs: Any) -> None:
        """Run every code cell in order; stop at the first that raises, as papermill expects."""
        # IPython is heavy and only a run notebook needs it
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config

        config = Config()
        config.HistoryManager.enabled = False
        shell = InteractiveShell.instance(config=config, user_ns={})
        try:
            for index, cell in enumerate(nb_man.nb.cells):
                if cell.cell_type != "code" or not cell.source.strip():
                    continue
                nb_man.cell_start(cell, index)
                failed = _run_cell(shell, cell)
                if failed:
                    nb_man.cell_exception(cell, index)
                    break
                nb_man.cell_complete(cell, index)
        finally:
            InteractiveShell.clear_instance()


def _run_cell(shell: Any, cell: Any) -> bool:
    """Run one cell, put its outputs in place, and return whether it raised."""
    # as above
    from IPython.utils.capture import capture_output

    with capture_output() as captured:
        # run_cell puts the shell's own display hook in place; what the capture installed has to be that hook.
        shell.display_trap.hook = sys.displayhook
        result = shell.run_cell(cell.source, store_history=True)
    cell.execution_count = shell.execution_count - 1
    cell.outputs = _as_outputs(captured, cell.execution_count)
    error = result.error_before_exec or result.error_in_exec
    if error is not None:
        trace = (
            []
            if error.__traceback__ is None
            else shell.InteractiveTB.structured_traceback(type(error), error, error.__traceback__)
        )
        cell.outputs.append(
            nbformat.v4.new_output("error", ename=type(error).__name__, evalue=str(error), traceback=list(trace))
        )
    return error is not None


def _as_outputs(captured: Any, execution_count: int) -> list[Any]:
    outputs = []
    for name, text in (("stdout", captured.stdout), ("stderr", captured.stderr)):
        if text:
            outputs.append(nbformat.v4.new_output("stream", name=name, text=text))
    for shown in captured.outputs:
        outputs.append(display_output(shown.data, shown.metadata))
    return outputs


def register_engine() -> None:
    """Make the engine known to papermill under ``ENGINE_NAME``."""
    papermill_engines.register(ENGINE_NAME, InProcessEngine)
