"""Frames for reading, as LaTeX, and as one Word file."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pxanalysis.analysis.comparison.output.columns import LAYOUTS, NOTES, Column
from pxanalysis.analysis.comparison.output.numbers import NOTHING, apa_interval, apa_number, apa_p, apa_share, readable
from pxanalysis.analysis.comparison.record import TITLES
from pxanalysis.errors import ReportError
from pxanalysis.statistics.conventions import MINIMUM_N

if TYPE_CHECKING:
    from great_tables import GT

    from pxanalysis.analysis.comparison.record import ComparisonRecord, Frame

__all__ = ["ShownFrame", "display_frame", "shown_frames", "table_frame", "to_latex", "write_word"]


WHY_NOT = "Why not"


def shown_frames(comparison: ComparisonRecord) -> list[Frame]:
    """Names of the frames with at least one row that was estimated, in the order of reading."""
    return [name for name in TITLES if len(comparison.frames[name]) and set(comparison.frames[name]["term"]) != {""}]


_MARKS = "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ"


@dataclass(frozen=True, slots=True, eq=False)
class ShownFrame:
    """A frame for reading.

    Attributes
    ----------
    table
        APA numbers, as text; columns in which nothing stands are left out. Where nothing was estimated at all, one
        column with the reasons.
    notes
        What stands below it: the method, and why rows marked with a letter could not be estimated.
    """

    table: pd.DataFrame
    notes: tuple[str, ...]


def display_frame(comparison: ComparisonRecord, name: Frame) -> ShownFrame:
    """Write one frame for reading."""
    frame = comparison.frames[name]
    if len(frame) == 0:
        return ShownFrame(pd.DataFrame({WHY_NOT: ["the plan states none"]}), ())
    if set(frame["term"]) == {""}:
        return ShownFrame(pd.DataFrame({WHY_NOT: list(dict.fromkeys(frame["reason"]))}), ())
    columns: dict[str, list[str]] = {}
    for column in LAYOUTS[name]:
        if not set(column.sources) <= set(frame.columns):
            continue
        written = [_write(column, row) for row in frame[list(column.sources)].itertuples(index=False, name=None)]
        if set(written) not in ({NOTHING}, {""}):
            columns[_level(column.header, comparison.plan.confidence)] = written
    reasons = [readable(str(reason)) for reason in frame["reason"].fillna("")] if "reason" in frame else []
    letters = {reason: _MARKS[k % len(_MARKS)] for k, reason in enumerate(dict.fromkeys(filter(None, reasons)))}
    marked = next(column.header for column in LAYOUTS[name] if "term" in column.sources)
    if letters:
        columns[marked] = [text + letters.get(why, "") for text, why in zip(columns[marked], reasons, strict=True)]
    below = tuple(f"{letter} {reason}." for reason, letter in letters.items())
    return ShownFrame(pd.DataFrame(columns), (*((NOTES[name],) if name in NOTES else ()), *below))


def table_frame(comparison: ComparisonRecord, name: Frame) -> GT:
    """One frame as a table for a page: title, APA numbers, note; where nothing could be estimated, the reason."""
    from great_tables import GT, md, style
    from great_tables import loc as place

    written = display_frame(comparison, name)
    shown = written.table
    groups = "Criterion" if "Criterion" in shown and len(set(shown["Criterion"])) > 1 else None
    table = GT(shown, groupname_col=groups, id=f"px_{name}").tab_header(TITLES[name])
    table = table.tab_options(
        table_font_size="13px", heading_align="left", data_row_padding="3px", table_font_names="inherit"
    )
    words = {WHY_NOT, *(column.header for column in LAYOUTS[name] if column.style == "text")}
    numbers = [str(header) for header in shown if header not in words and header != groups]
    table = table.cols_align("right", columns=numbers) if numbers else table
    table = table.tab_style(style.text(weight="bold"), place.row_groups())
    for k, note in enumerate(written.notes):
        table = table.tab_source_note(md(f"*Note.* {note}" if k == 0 else note))
    return table


def _level(header: str, confidence: float) -> str:
    return header.replace("95%", f"{100 * confidence:g}%")


def _write(column: Column, values: tuple[object, ...]) -> str:
    if column.style == "text":
        return "" if values[0] is None or values[0] is np.nan else readable(str(values[0]))
    numbers = [float("nan") if value is None else float(str(value)) for value in values]
    if len(numbers) == 2:
        if column.style == "net":
            return apa_interval(numbers[0], numbers[1])
        return apa_interval(numbers[0], numbers[1], 3 if column.style == "three" else 2, bounded=True)
    value = numbers[0]
    if column.style == "count":
        return NOTHING if not np.isfinite(value) else f"{value:.0f}"
    if column.style == "people":
        return NOTHING if not np.isfinite(value) else f"< {MINIMUM_N}" if 0 < value < MINIMUM_N else f"{value:.0f}"
    if column.style == "p":
        return apa_p(value)
    if column.style == "share":
        return apa_share(value)
    return apa_number(value, 3 if column.style == "three" else 2, bounded=column.style in {"bounded", "three"})


def to_latex(comparison: ComparisonRecord, name: Frame, **options: Any) -> str:
    """Write one frame as a LaTeX table with booktabs rules, caption, label and note."""
    written = display_frame(comparison, name)
    shown = written.table
    styler = shown.style.format(escape="latex").format_index(escape="latex", axis="columns").hide(axis="index")
    body: str = styler.to_latex(
        hrules=True,
        caption=TITLES[name],
        label=f"tab:metrics-{name.replace('_', '-')}",
        position="htbp",
        position_float="centering",
        column_format="l" * len(shown.columns),
        **options,
    )
    if written.notes:
        note = " ".join(written.notes).replace("%", "\\%").replace("_", "\\_")
        body = body.replace("\\end{table}", f"\\par\\smallskip\\footnotesize\\emph{{Note.}} {note}\n\\end{{table}}")
    for found, symbol in _SYMBOLS.items():
        body = body.replace(found, symbol)
    return body


_SYMBOLS = {
    "< .001": "$<$ .001",
    "> .999": "$>$ .999",
    "< 10": "$<$ 10",
    "−": "$-$",
    "Δ": "$\\Delta$",
    "ρ": "$\\rho$",
    "τ": "$\\tau$",
    "R²": "$R^2$",
    "r²": "$r^2$",
    "–": "--",
    "β": "$\\beta$",
    **{mark: f"$^{{{unicodedata.normalize('NFKC', mark)}}}$" for mark in _MARKS},
}


def write_word(comparison: ComparisonRecord, path: Path) -> Path:
    """Write every table that shows something into one Word file, with captions and notes.

    Raises
    ------
    ReportError
        Without python-docx (``pip install pxanalysis[word]``).
    """
    try:
        from docx import Document
        from docx.shared import Pt
    except ImportError as error:
        raise ReportError(
            "Word tables need python-docx: pip install pxanalysis[word]. The LaTeX and CSV tables need nothing."
        ) from error
    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = page.page_height, page.page_width  # the widest table has 14 columns
    document.core_properties.author, document.core_properties.comments = "", ""
    document.add_heading("Comparison of metrics", level=1)
    for line in filter(None, comparison.summary().splitlines()):
        document.add_paragraph(line)
    for number, name in enumerate(shown_frames(comparison), start=1):
        written = display_frame(comparison, name)
        shown = written.table
        document.add_paragraph(f"Table {number}. {TITLES[name]}", style="Caption")
        table = document.add_table(rows=1, cols=len(shown.columns), style="Light List")
        for cell, header in zip(table.rows[0].cells, shown.columns, strict=True):
            cell.text = str(header)
        for row in shown.itertuples(index=False, name=None):
            for cell, value in zip(table.add_row().cells, row, strict=True):
                cell.text = str(value)
        for cell in table._cells:
            for run in (run for paragraph in cell.paragraphs for run in paragraph.runs):
                run.font.size = Pt(8)
        if written.notes:
            document.add_paragraph(f"Note. {' '.join(written.notes)}")
    document.save(str(path))
    return path
