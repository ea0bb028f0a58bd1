"""Tests of: From an executed notebook to a page: its HTML outputs and nothing else, safe to send and to open."""

from __future__ import annotations

import base64
import hashlib
import html
import re

import nbformat
import pytest
from nbconvert.exporters import get_exporter
from pages import make_notebook, make_page, make_report
from study_results_fixture import make_example
from traitlets.config import Config

from pxanalysis.errors import ReportError
from pxanalysis.reporting.page.exporter import PAGE_LIMIT, PxReportExporter


def notebook_of(*outputs: nbformat.NotebookNode, tags: tuple[str, ...] = ()) -> nbformat.NotebookNode:
    cell = nbformat.v4.new_code_cell("secret_code()", id="one", outputs=list(outputs), metadata={"tags": list(tags)})
    return nbformat.v4.new_notebook(cells=[cell])


def html_output(html: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_output("display_data", data={"text/html": html, "text/plain": "plain_text_of_it"})


def export(notebook: nbformat.NotebookNode, language: str | None = "nl") -> str:
    page, _ = PxReportExporter().from_notebook_node(notebook, resources={"language": language} if language else None)
    return page


def test_the_page_is_the_same_every_time() -> None:
    example = make_example()
    assert make_page(example, figures=True) == make_page(make_example(), figures=True)


def test_one_file_without_code_parameters_or_requests() -> None:
    page = make_page(make_example(k=14, n=4000), figures=True)
    assert len(page.encode()) <= PAGE_LIMIT
    for absent in ("practice_id", "report.opening", "Fragment(", "Practice report", "<script", "<link", "@import"):
        assert absent not in page
    assert re.findall(r"(?:https?:)?//[\w.-]+", page.replace("//evil", "")) == []
    assert re.search(r"\sstyle=|\son\w+=", page) is None


def test_the_policy_allows_the_style_sheet_and_nothing_else() -> None:
    page = make_page(make_example())
    css = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert css is not None
    assert policy is not None
    digest = base64.b64encode(hashlib.sha256(css[1].encode()).digest()).decode()
    assert policy[1] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert page.index("Content-Security-Policy") < page.index("<style>")
    assert page.count("<style") == 1


@pytest.mark.parametrize(
    "name", ["Wilg & Zn.", '</style><script>x()</script>"', "a\\22 }*{color:red", "Zoë’s \U0001f9b7"]
)
def test_the_name_at_the_foot_of_a_page_is_only_text(name: str) -> None:
    page = export(notebook_of(html_output(f"<h1>{html.escape(name)}</h1>")))
    style = page.partition("<style>")[2].partition("</style>")[0]
    written = re.search(r'@bottom-left\{content:"([^"]*)";font:[^{}]*\}\}\s*$', style)
    assert written is not None
    assert set(re.sub(r"\\[0-9a-f]{1,6} ", "", written[1])) <= set(" ") | set(
        filter(str.isalnum, name + "Patiëntbeleving")
    )
    read = re.sub(r"\\([0-9a-f]{1,6}) ", lambda code: chr(int(code[1], 16)), written[1])
    assert read == f"{name} – Patiëntbeleving"


def test_contents_follow_the_headings() -> None:
    page = make_page(make_example())
    nav = re.search(r"<nav.*?</nav>", page, re.DOTALL)
    assert nav is not None
    targets = re.findall(r'href="#([\w-]+)"', nav[0])
    # What everybody reads needs no list: it stands before what not everybody reads, and lists that.
    assert targets == [f"{part}-heading" for part in ("journey", "drivers", "matrix", "comparison", "method")]
    assert all(f'id="{target}"' in page for target in targets)
    assert page.index('id="outcomes-heading"') < page.index("<nav") < page.index('id="journey-heading"')


def test_a_short_page_needs_no_contents() -> None:
    assert "<nav" not in make_page(make_example(n=7))


def test_title_and_language_come_from_what_is_shown() -> None:
    page = export(make_notebook(make_report(make_example(), "en")), language=None)
    assert '<html lang="en">' in page
    assert "<title>Tandartspraktijk De Linde – Patient experience</title>" in page


def test_nbconvert_finds_the_exporter_by_name() -> None:
    exporter = get_exporter("pxreport")
    page, resources = exporter().from_notebook_node(make_notebook(make_report(make_example())))
    assert resources["output_extension"] == ".html"
    assert '<html lang="nl">' in page


@pytest.mark.slow
def test_nbconvert_runs_the_notebook_first_when_asked() -> None:
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("from IPython.display import HTML\nHTML(f'<p>{6 * 7}</p>')", id="one")]
    )
    exporter = PxReportExporter(config=Config({"ExecutePreprocessor": {"enabled": True, "kernel_name": "python3"}}))
    page, _ = exporter.from_notebook_node(notebook, resources={"language": "nl"})
    assert "<p>42</p>" in page


def test_execute_results_and_display_data_are_both_shown() -> None:
    data = {"text/html": "<p>een</p>"}
    page = export(
        notebook_of(nbformat.v4.new_output("execute_result", data=data, execution_count=1), html_output("<p>twee</p>"))
    )
    assert "<p>een</p>" in page
    assert "<p>twee</p>" in page
    assert "plain_text_of_it" not in page
    assert "secret_code" not in page


def test_streams_and_other_kinds_of_output_are_left_out() -> None:
    page = export(
        notebook_of(
            nbformat.v4.new_output("stream", name="stdout", text="printed"),
            nbformat.v4.new_output("stream", name="stderr", text="warned"),
            nbformat.v4.new_output("display_data", data={"image/svg+xml": "<svg>drawn</svg>", "text/plain": "x"}),
            nbformat.v4.new_output("display_data", data={"application/javascript": "ran()"}),
            nbformat.v4.new_output("display_data", data={"text/markdown": "marked"}),
            html_output("<p>shown</p>"),
        )
    )
    assert "shown" in page
    for absent in ("printed", "warned", "drawn", "ran()", "marked"):
        assert absent not in page


def test_a_failed_cell_is_an_error() -> None:
    failed = nbformat.v4.new_output("error", ename="ZeroDivisionError", evalue="division by zero", traceback=[])
    with pytest.raises(ReportError, match="ZeroDivisionError: division by zero"):
        export(notebook_of(html_output("<p>x</p>"), failed))


def test_a_notebook_that_was_not_run_is_an_error() -> None:
    with pytest.raises(ReportError, match="run it first"):
        export(notebook_of())


def test_headings_in_any_script_have_an_id_of_their_own() -> None:
    texts = ["患者体验", "تجربة المرضى", "Zoë & co", "Zoë & co", "Zoë & co 2", "!?"]
    source = "\n\n".join(f"## {text}" for text in texts)
    page = export(
        nbformat.v4.new_notebook(
            cells=[
                nbformat.v4.new_code_cell("", id="one", outputs=[html_output("<h1>Praktijk</h1>")]),
                nbformat.v4.new_markdown_cell(source, id="two", metadata={"tags": ["report"]}),
                nbformat.v4.new_markdown_cell("## 患者体验", id="three", metadata={"tags": ["report"]}),
            ]
        )
    )
    found = dict(re.findall(r'<h2 id="([^"]*)"[^>]*>([^<]*)</h2>', page))
    assert [html.unescape(text) for text in found.values()] == [*texts, "患者体验"]
    links = dict(re.findall(r'<a href="#(heading-[^"]*)">([^<]*)</a>', page))
    assert links == found
    assert "heading-患者体验-2" in found


def test_only_headings_that_are_meant_for_the_page_are_in_it() -> None:
    notebook = notebook_of(html_output("<p>x</p>"))
    notebook.cells += [
        nbformat.v4.new_markdown_cell("## Voor de lezer van het notebook", id="two"),
        nbformat.v4.new_markdown_cell("# Eigen <b>analyse</b>\n\nTekst.", id="three", metadata={"tags": ["report"]}),
    ]
    page = export(notebook)
    assert "Voor de lezer" not in page
    assert "Tekst." not in page
    assert ">Eigen &lt;b&gt;analyse&lt;/b&gt;</h2>" in page


def test_the_notebook_is_not_changed() -> None:
    notebook = notebook_of(html_output("<p onclick=x()>x</p>"))
    before = nbformat.writes(notebook)
    export(notebook)
    assert nbformat.writes(notebook) == before


def test_a_table_of_pandas_loses_its_styles_and_keeps_its_cells() -> None:
    page = export(
        notebook_of(
            html_output('<div><style scoped>td{color:red}</style><table border="1"><tr><td>1</td></tr></table></div>')
        )
    )
    assert "<td>1</td>" in page
    assert "color:red" not in page
