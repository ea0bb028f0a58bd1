"""Pages made as papermill and nbconvert would make them, without running a notebook."""

from __future__ import annotations

import nbformat
from study_results_fixture import Example

from pxanalysis.reporting.exporter import PxReportExporter
from pxanalysis.reporting.sections import PracticeReport

PARTS = ("opening", "priorities", "journey", "drivers", "matrix", "actions", "comparison", "method")


def make_report(example: Example, language: str = "nl", *, figures: bool = False) -> PracticeReport:
    return PracticeReport(example.results, example.journey, example.practice_id, language, figures=figures)


def make_notebook(report: PracticeReport) -> nbformat.NotebookNode:
    """The notebook after execution: a parameter cell, code, prose, and one output per part."""
    cells = [
        nbformat.v4.new_markdown_cell("# Practice report\n\nSelects and shows.", id="title"),
        nbformat.v4.new_code_cell(
            'practice_id = "01012345"', id="parameters", metadata={"tags": ["parameters"]}, execution_count=1
        ),
    ]
    for part in PARTS:
        fragment = getattr(report, part)()
        data = {"text/html": fragment._repr_html_(), "text/plain": repr(fragment)}
        output = nbformat.v4.new_output("execute_result", data=data, execution_count=2)
        cells.append(nbformat.v4.new_code_cell(f"report.{part}()", id=part, outputs=[output], execution_count=2))
    return nbformat.v4.new_notebook(cells=cells)


def make_page(example: Example, language: str = "nl", *, figures: bool = False) -> str:
    notebook = make_notebook(make_report(example, language, figures=figures))
    html, _ = PxReportExporter().from_notebook_node(notebook, resources={"language": language})
    return html
