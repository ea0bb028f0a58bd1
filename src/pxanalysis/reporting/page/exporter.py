"""From an executed notebook to a page: its HTML outputs and nothing else, safe to send and to open.

``jupyter nbconvert --to pxreport`` finds the exporter by its entry point.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from html import escape, unescape
from importlib import resources as package_resources
from itertools import chain, count
from typing import Any, cast

from pxanalysis.reporting.notebook_format import code_cell, display_output, nbformat

# isort: split
from nbconvert.exporters.templateexporter import TemplateExporter
from nbformat import NotebookNode
from traitlets import Unicode, default

from pxanalysis.errors import ReportError
from pxanalysis.reporting.page.cleaning import clean_html
from pxanalysis.reporting.page.fragments import PART, display_text, render_part
from pxanalysis.reporting.page.policy import content_policy, page_css, running_title
from pxanalysis.reporting.page.wording import Wording, list_languages

__all__ = ["PAGE_LIMIT", "PxReportExporter", "page_exporter"]

PAGE_LIMIT = 350 * 1024
"""Bytes that a page should not pass; a larger one is made, with a warning."""

FEWEST_ENTRIES = 3
"""A page of fewer parts needs no list of contents."""

HEADING_TAG = "report"
"""A Markdown cell with this tag gives its headings to the page; other Markdown is for readers of the notebook."""

_TEMPLATES = package_resources.files("pxanalysis.reporting") / "template"


class PxReportExporter(TemplateExporter):
    """Writes a notebook's HTML outputs as one self-contained page.

    Code, parameters, text outputs and streams are left out. Every output passes an allow-list (``clean_html``), and
    the page's content policy allows no script and no request. A cell that failed is an error, not a page.
    """

    export_from_notebook = "Practice report (pxanalysis)"
    template_file = Unicode("index.html.j2").tag(config=True, affects_template=True)
    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    @default("template_name")
    def _template_name_default(self) -> str:
        return "pxreport"

    @default("extra_template_basedirs")
    def _extra_template_basedirs_default(self) -> list[str]:
        return [str(_TEMPLATES)]

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the page and nbconvert's resources.

        Parameters
        ----------
        nb
            An executed notebook; it is not changed.
        resources
            May hold ``language``; without it the language is that of the first output that states one.

        Raises
        ------
        ReportError
            When a cell failed, or no cell showed HTML.
        """
        ready, resources = self._prepared(nb, resources)
        ids: set[str] = set()
        cells = [cell for place, one in enumerate(ready.cells) if (cell := _page_cell(one, f"cell-{place}", ids))]
        shown = nbformat.v4.new_notebook(cells=cells)
        outputs = [output for cell in shown.cells if cell.cell_type == "code" for output in cell.outputs]
        if not outputs:
            raise ReportError("the notebook shows no HTML; run it first (nbconvert: add --execute).")
        outline = _read_outline(
            "\n".join(
                html
                for cell in cells
                for html in ([cell.source] if cell.cell_type == "markdown" else map(_html, cell.outputs))
            )
        )
        language = str(resources.get("language") or outline.language or list_languages()[-1])
        wording = Wording(language)
        if len(outline.entries) >= FEWEST_ENTRIES:
            _add_contents(outputs, wording, outline.entries)
        page = {"pxreport": _page_values(wording, outline)}
        html, done = self._render(shown, {**resources, **page}, **kw)
        if len(html.encode()) > PAGE_LIMIT:
            self.log.warning("the page is %d KB; %d KB is the aim", len(html) // 1024, PAGE_LIMIT // 1024)
        return html, done

    def _prepared(self, nb: NotebookNode, resources: dict[str, Any] | None) -> tuple[NotebookNode, dict[str, Any]]:
        """The notebook after nbconvert's own steps, of which ``--execute`` is one."""
        given = self._init_resources(resources)  # type: ignore[no-untyped-call]
        return cast("tuple[NotebookNode, dict[str, Any]]", self._preprocess(nb, given))  # type: ignore[no-untyped-call]

    def _render(self, shown: NotebookNode, resources: dict[str, Any], **kw: Any) -> tuple[str, dict[str, Any]]:
        """Fill the template without the preprocessors: they had the notebook before anything was left out of it."""
        preprocessors, self._preprocessors = self._preprocessors, []
        try:
            return super().from_notebook_node(shown, resources, **kw)
        finally:
            self._preprocessors = preprocessors


@cache
def page_exporter() -> PxReportExporter:
    """Return an exporter to use again and again: its templates are compiled once, half of what a page takes."""
    return PxReportExporter()  # type: ignore[no-untyped-call]


def _add_contents(outputs: list[NotebookNode], wording: Wording, entries: list[tuple[str, str]]) -> None:
    """The list of contents: before the part that starts what not everybody reads, with what follows; else on top."""
    place = next((place for place, output in enumerate(outputs) if place and _REST.search(_html(output))), None)
    if place is None:
        outputs[0].data["text/html"] += render_part("contents", wording, entries=entries, more=False).html
        return
    html = _html(outputs[place])
    following = {name for output in outputs[place:] for name, _ in _read_outline(_html(output)).entries}
    listed = [entry for entry in entries if entry[0] in following]
    outputs[place].data["text/html"] = render_part("contents", wording, entries=listed, more=True).html + "\n" + html


def _page_values(wording: Wording, outline: _Outline) -> dict[str, str]:
    kicker = wording.text("opening.kicker")
    name = display_text(outline.name, 120)
    css = page_css() + running_title(f"{display_text(outline.name, 60)} – {kicker}" if name else kicker)
    return {
        "language": wording.language,
        "policy": content_policy(css),
        "css": css,
        "skip": escape(wording.text("page.skip")),
        "title": escape(f"{name} – {kicker}" if name else kicker),
    }


def _html(output: NotebookNode) -> str:
    html = output.data.get(PART, output.data.get("text/html", ""))
    return html if isinstance(html, str) else "".join(html)


def _page_cell(cell: NotebookNode, cell_id: str, ids: set[str]) -> NotebookNode | None:
    """A copy of the cell with only what a page shows, cleaned; None when that is nothing. Adds to heading ``ids``."""
    if cell.cell_type == "markdown" and HEADING_TAG in cell.metadata.get("tags", []):
        headings = re.findall(r"^(#{1,6})[ \t]+(.+?)[ \t#]*$", cell.source, flags=re.MULTILINE)
        source = "\n".join(_heading(marks, text, ids) for marks, text in headings)
        return cast("NotebookNode", nbformat.v4.new_markdown_cell(source, id=cell_id))
    if cell.cell_type != "code":
        return None
    outputs = []
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            raise ReportError(f"a cell of the notebook failed: {output.ename}: {output.evalue}")
        if output.output_type in {"display_data", "execute_result"} and {PART, "text/html"} & set(output.data):
            html = clean_html(_html(output)).strip()
            if html:
                outputs.append(display_output({"text/html": html + "\n"}))
    if not outputs:
        return None
    return code_cell(cell_id, outputs)


def _heading(marks: str, text: str, ids: set[str]) -> str:
    """A heading for the page, with an id that is not among ``ids`` and is then added."""
    level = max(2, len(marks))
    label = escape(display_text(text, 120))
    slug = re.sub(r"[\W_]+", "-", text.lower()).strip("-") or "part"
    names = (f"heading-{slug}{end}" for end in chain([""], (f"-{number}" for number in count(2))))
    name = next(name for name in names if name not in ids)
    ids.add(name)
    return f'<h{level} id="{name}" data-contents="{label}">{label}</h{level}>'


@dataclass(frozen=True, slots=True)
class _Outline:
    """What cleaned outputs say of themselves: language and name of the page, and headings with their short label."""

    language: str
    name: str
    entries: list[tuple[str, str]]


# In what clean_html returns, attributes are quoted and text holds no markup of its own.
_LANGUAGE = re.compile(r'<[a-z]+(?: [\w-]+="[^"]*")*? lang="([a-z]{2})"')
_NAME = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
_REST = re.compile(r'^<section class="part rest"')
_HEADING = re.compile(r'<h[1-6]((?: [\w-]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([\w-]+)="([^"]*)"')


def _read_outline(html: str) -> _Outline:
    language, name = _LANGUAGE.search(html), _NAME.search(html)
    entries = []
    for heading in _HEADING.finditer(html):
        found = {key: unescape(value) for key, value in _ATTRIBUTE.findall(heading[1])}
        if found.get("id") and found.get("data-contents"):
            entries.append((found["id"], found["data-contents"]))
    return _Outline(language[1] if language else "", unescape(re.sub(r"<[^>]*>", "", name[1])) if name else "", entries)
