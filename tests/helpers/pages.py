"""Pages made as papermill and nbconvert would make them, without running a notebook."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from study_results_fixture import PRACTICE_ID, Example, Results, make_example

from pxanalysis.analysis.action_effects.shown import ShownAction
from pxanalysis.reporting.index_page import render_index
from pxanalysis.reporting.krt_page import DentistFigure, DentistResults, reflection_questions, render_krt
from pxanalysis.reporting.notebook_format import nbformat
from pxanalysis.reporting.page.exporter import PxReportExporter
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.reporting.practice_list import IndexRow, index_rows
from pxanalysis.reporting.sections import PracticeReport
from pxanalysis.reporting.sections.selection import Selection

PARTS = (
    "opening",
    "priorities",
    "outcomes",
    "actions",
    "journey",
    "drivers",
    "matrix",
    "comparison",
    "method",
)


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


def make_dentist_page(example: Example, language: str = "nl", *, hidden: int = 1, dentist: str = "d1") -> str:
    """A dentist's page for the quality register, of which the first touchpoints are hidden."""
    journey = example.journey
    wording = Wording(language, journey.reported_on)
    subjects = [*(one.id for one in journey.touchpoints), *(one.id for one in journey.rated_outcomes)]
    figures = {
        name: DentistFigure(name, 0, None) if place < hidden else DentistFigure(name, 40 + place, 4.0)
        for place, name in enumerate(subjects)
    }
    results = DentistResults(dentist, 44, "2025-03", "2026-02", figures, (120, 300))
    selection = Selection(example.results, journey, example.practice_id, wording)
    written = [(question, "") for question in reflection_questions(language)]
    return render_krt(results, selection, [("", "Vooraf."), *written], "d1.txt")


REASON = "practice_report.ipynb, cell 4: ReportError: no such thing"


def shown_action(practice_id: str, verdict: str, **changes: object) -> ShownAction:
    """What a page shows of an action that is done, changed as asked."""
    made = ShownAction(
        "a1", practice_id, "staff", "explain", "<b>Greet</b> by name", "done", "2025-01-01", "2025-02-01", 6, "2025-07",
        120, 30, 71.2, 80.1, 8.9, 1.2, 0.7, 7.0, 3.0, 11.0, 33, 5.0, verdict, "",
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def make_rows(example: Example) -> list[IndexRow]:
    ids = example.results.frames["practices"]["practice_id"].tolist()
    reports = {name: ("made", f"{name}.html", "") for name in ids[:-1]}
    reports[ids[1]] = ("failed", f"{ids[1]}.html", REASON)
    reports[ids[2]] = ("out of date", f"{ids[2]}.html", "")
    return index_rows(example.results, example.journey, reports)


def make_index(language: str = "nl", practices: int = 12, **kind: Any) -> str:
    example = make_example(practices=practices, **kind)
    return render_index(make_rows(example), example.results.meta, language, satisfaction="Cijfer")


def change(example: Example, name: str, **columns: object) -> Example:
    """The same study with other values in one frame's rows of the practice."""
    frames = dict(example.results.frames)
    frame = frames[name].copy()
    rows = frame["practice_id"] == PRACTICE_ID
    for column, value in columns.items():
        frame[column] = frame[column].astype(object)
        frame.loc[rows, column] = value
    frames[name] = frame.infer_objects()
    return replace(example, results=Results(example.results.meta, frames))
