"""Tests of: The allow-list of a page: what HTML from a notebook may carry into a report."""

from __future__ import annotations

import re

import pytest
from pages import make_report
from study_results_fixture import make_example

from pxanalysis.reporting.page.cleaning import clean_html


@pytest.mark.parametrize(
    ("html", "cleaned"),
    [
        ('<a href="#x">x</a>', '<a href="#x">x</a>'),
        ('<a href="javascript:x()">x</a>', "<a>x</a>"),
        ('<a href="data:text/html,x">x</a>', "<a>x</a>"),
        ('<a href="https://example.org">x</a>', "<a>x</a>"),
        ('<img src="data:image/png;base64,AAAA" alt="x">', '<img src="data:image/png;base64,AAAA" alt="x">'),
        ('<img src="data:image/svg+xml;base64,AAAA">', "<img>"),
        ('<img src="x.png" srcset="y 1x">', "<img>"),
        ('<p tabindex="5">x</p>', "<p>x</p>"),
        ('<svg fill="url(//e.invalid#x)"><rect x="1"></rect></svg>', '<svg><rect x="1"></rect></svg>'),
        ("<script>x()</script><p>y</p>", "<p>y</p>"),
        ("<style>p{}</style><p>y</p>", "<p>y</p>"),
        ("<iframe>x</iframe><object>z</object><p>y</p>", "<p>y</p>"),
        ("<form><input></form><p>y</p>", "<p>y</p>"),
        ("<custom-element>x</custom-element>", "x"),
        ("<p>x<!-- secret --></p>", "<p>x</p>"),
    ],
)
def test_the_allow_list(html: str, cleaned: str) -> None:
    assert clean_html(html) == cleaned


def test_pictures_pass_the_allow_list_whole() -> None:
    raw = make_report(make_example(), figures=True).drivers().html
    attributes = re.compile(r"\s([a-zA-Z-]+)=")
    assert set(attributes.findall(clean_html(raw))) == set(attributes.findall(raw))
    assert clean_html(clean_html(raw)) == clean_html(raw)
