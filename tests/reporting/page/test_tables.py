"""Tables as HTML snapshots, with fixed ids. After a wanted change: ``PX_UPDATE_SNAPSHOTS=1 pytest tests/reporting``."""

import os
import re

import pytest
from places import TESTS

from pxanalysis.reporting.page import tables
from pxanalysis.reporting.page.wording import Wording

SNAPSHOTS = TESTS / "reporting" / "snapshots"
ROWS = [
    {
        **dict.fromkeys(("metric", "outcome", "touchpoint", "scale"), "Wachtruimte <b>&amp;"),
        **dict.fromkeys(("n", "items"), "1.214"),
        **dict.fromkeys(("own", "score", "alpha", "beta", "measured"), "8,4"),
        **dict.fromkeys(("interval", "ci", "places"), "8,2 tot 8,6"),
        **dict.fromkeys(("status", "verdict"), "eerst doen"),
    },
    {**dict.fromkeys(("metric", "outcome", "touchpoint", "scale"), "Verdoving"), "n": "te weinig", "gain": "−0,24"},
]
NAMES = ["corrected", "outcomes", "touchpoints", "ranking", "reliability", "model"]


def compare(name: str, html: str) -> None:
    html = re.sub(r"<(?=t[rhd]\b|/?tbody)", "\n<", html)
    path = SNAPSHOTS / name
    if os.environ.get("PX_UPDATE_SNAPSHOTS"):
        path.write_text(html + "\n", encoding="utf-8")
    assert html + "\n" == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_table_on_a_page(name: str, language: str) -> None:
    html = getattr(tables, f"table_{name}")(ROWS, Wording(language))
    compare(f"{name}_{language}.html", str(html))


@pytest.mark.parametrize("name", NAMES)
def test_a_page_carries_no_style_and_little_weight(name: str) -> None:
    html = getattr(tables, f"table_{name}")(ROWS * 7, Wording("nl"))
    assert re.search(r"style|\bid=", html) is None
    assert len(html) < 130 * html.count("<t")
    assert html.count('scope="row"') == 14


def test_without_case_mix_there_is_no_column_for_it() -> None:
    html = tables.table_corrected(ROWS, Wording("nl"), case_mix=False)
    compare("corrected_no_case_mix_nl.html", str(html))
    assert "verschillen tussen patiënten" not in html


def test_cells_that_are_not_there_get_a_dash() -> None:
    html = tables.table_model([{"touchpoint": "Kosten"}], Wording("nl"))
    assert html.count("<td") == html.count(">–</td>") == 7


@pytest.mark.parametrize("name", NAMES)
def test_every_value_says_its_own_column(name: str) -> None:
    """Where rows are stacked, on a phone, the heads of the columns are not seen."""
    html = str(getattr(tables, f"table_{name}")(ROWS * 2, Wording("nl")))
    heads = re.findall(r'<th role="columnheader"[^>]*>([^<]*)</th>', html)
    rows = re.findall(r'<tr role="row">(.*?)</tr>', html.partition("</thead>")[2], re.DOTALL)
    assert len(rows) == 4
    for row in rows:
        assert row.count('role="rowheader"') == 1
        assert re.findall(r'<td role="cell" data-label="([^"]*)"', row) == heads[1:]


def test_the_two_ends_of_a_range_stay_together() -> None:
    html = tables.table_touchpoints([{"touchpoint": "Kosten"}], Wording("nl"))
    assert "Score (0\u2060–\u2060100)" in html


def test_what_stands_in_a_cell_cannot_leave_it() -> None:
    html = tables.table_touchpoints([{"touchpoint": '<img src=x onerror="y">', "n": "</td><script>"}], Wording("nl"))
    assert "<img" not in html
    assert "<script" not in html
