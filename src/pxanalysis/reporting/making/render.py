"""One report: parameters into a notebook, the notebook run, its outputs as one HTML page."""

from __future__ import annotations

import logging
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pxanalysis.errors import ReportError

if TYPE_CHECKING:
    from nbformat import NotebookNode

# papermill and nbconvert are heavy; the process that only hands out jobs does without them.
__all__ = ["ReportJob", "make_report_page", "render_report"]

_PLAIN = (str, int, float, bool, type(None), list, dict)
# In the metadata of the notebook that ships: it knows that outcomes are a part of their own.
_KNOWS_OUTCOMES = "pxanalysis"


@dataclass(frozen=True, slots=True)
class ReportJob:
    """What is needed to make one report; plain text, so that it can be sent to another process.

    Attributes
    ----------
    practice_id, language, study_dir
        The notebook's parameters.
    notebook
        The notebook to run.
    output
        The HTML file to write.
    """

    practice_id: str
    language: str
    study_dir: str
    notebook: str
    output: str

    @property
    def parameters(self) -> dict[str, Any]:
        """What the notebook is given."""
        values = asdict(self)
        return {name: values[name] for name in ("practice_id", "study_dir", "language")}


def _read_notebook(path: Path) -> NotebookNode:
    """The notebook as papermill is to run it: one copied before outcomes were a part of their own is given that part.

    Until version 0.2 the opening showed the outcomes, and every study has a copy of the notebook of its day.
    """
    from pxanalysis.reporting.notebook_format import nbformat

    if not path.is_file():
        raise ReportError(f"{path}: no such notebook. Restore it with 'pxanalysis init' or set it in study.toml.")
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    sources = [cell.source if cell.cell_type == "code" else "" for cell in notebook.cells]
    before = [at for at, source in enumerate(sources) if ".priorities(" in source or ".opening(" in source]
    if _KNOWS_OUTCOMES not in notebook.metadata and before and not any(".outcomes(" in source for source in sources):
        report = re.search(r"(\w+)\.(?:priorities|opening)\(", sources[before[-1]])
        if report is None:
            raise ReportError(
                f"{path.name}: outcomes are a part of their own since version 0.2, and this notebook does not show "
                "them. Add a cell 'report.outcomes()' after the priorities."
            )
        notebook.cells.insert(before[-1] + 1, nbformat.v4.new_code_cell(f"{report[1]}.outcomes()", id="outcomes"))
    return notebook


def _check_parameters(notebook: Path, cells: list[NotebookNode], parameters: dict[str, Any]) -> None:
    """Refuse parameters the notebook does not have (papermill only logs them) and values that are not plain."""
    tagged = [cell.source for cell in cells if "parameters" in cell.metadata.get("tags", [])]
    if not tagged:
        raise ReportError(f"{notebook.name}: no cell is tagged 'parameters'; tag the one that sets practice_id.")
    known = set(re.findall(r"^(\w+)\s*(?::[^=\n]+)?=", tagged[0], flags=re.MULTILINE))
    unknown = sorted(set(parameters) - known)
    if unknown:
        raise ReportError(
            f"{notebook.name}: its parameters cell does not set '{unknown[0]}'; it has: {', '.join(sorted(known))}."
        )
    for name, value in parameters.items():
        if type(value) not in _PLAIN:
            raise ReportError(f"parameter {name}: expected text, a number, true/false, a list or a dict.")


def render_report(job: ReportJob) -> Path:
    """Run the notebook for one practice, in a kernel of its own, and write its page; raises as ``make_report_page``."""
    from pxanalysis.survey.files import write_atomically

    output = Path(job.output)
    write_atomically(output, make_report_page(job))
    return output


def make_report_page(job: ReportJob, *, in_process: bool = False) -> str:
    """Run the notebook for one practice and return its page.

    Parameters
    ----------
    in_process
        Run the cells in this process (a child made for this one report) instead of in a kernel of its own.

    Raises
    ------
    ReportError
        When the notebook fails; the message has the cell's own error.
    """
    from pxanalysis.reporting.making.engine import ENGINE_NAME, register_engine
    from pxanalysis.reporting.page.exporter import page_exporter

    # isort: split
    import papermill
    from papermill.exceptions import PapermillExecutionError

    notebook = Path(job.notebook)
    content = _read_notebook(notebook)
    _check_parameters(notebook, content.cells, job.parameters)
    logging.getLogger("papermill").setLevel(logging.ERROR)
    engine = {"engine_name": ENGINE_NAME} if in_process else {}
    if in_process:
        register_engine()
    try:
        executed = papermill.execute_notebook(
            content,
            None,
            parameters=job.parameters,
            progress_bar=False,
            log_output=False,
            cwd=str(notebook.parent),
            kernel_name="python3",
            **engine,
        )
    except PapermillExecutionError as error:
        raise ReportError(f"{notebook.name}, cell {error.cell_index + 1}: {error.ename}: {error.evalue}") from error
    page, _ = page_exporter().from_notebook_node(executed, resources={"language": job.language})
    return str(page)
