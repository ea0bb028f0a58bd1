"""Tables of a report: made by great_tables from cells that are words already, and slimmed for a page.

A ``table_`` function returns a ``great_tables.GT``, which a notebook shows in great_tables' own design. Its HTML
brings 8 KB of style sheet and inline styles that the page's security policy refuses; `page_table` keeps the
semantic table only (about 80 bytes a cell), which the page's own style sheet dresses. great_tables escapes what
stands in cells; labels of columns come from our own catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import chain, repeat
from typing import TYPE_CHECKING

from markupsafe import Markup

from pxanalysis.reporting.page.fragments import FEWEST_STACKED, display_text, room_class, unbroken
from pxanalysis.reporting.page.wording import Wording

if TYPE_CHECKING:
    # heavy, and a report without tables is none: imported once per process, with the first table
    from great_tables import GT

__all__ = [
    "page_table",
    "table_corrected",
    "table_model",
    "table_outcomes",
    "table_ranking",
    "table_reliability",
    "table_touchpoints",
]

Rows = Sequence[Mapping[str, str]]

_PAGE_TAGS = {"table", "thead", "tbody", "tr", "th", "td"}
_PAGE_ATTRIBUTES = {"th": {"scope"}}
_PAGE_CLASSES = {"th": {"gt_right"}, "td": {"gt_right"}}

_HEADER = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
_ROLES = {"thead": "rowgroup", "tbody": "rowgroup", "tr": "row"}

_OUTCOMES = {
    "metric": "outcome.metric",
    "n": "outcome.n",
    "own": "outcome.own",
    "interval": "outcome.interval",
    "benchmark": "outcome.benchmark",
    "middle": "outcome.middle",
}
_TOUCHPOINTS = {
    "touchpoint": "column.touchpoint",
    "n": "column.n",
    "score": "column.score",
    "interval": "column.interval",
    "negative": "column.negative",
    "benchmark": "column.benchmark",
}
_RANKING = {
    "touchpoint": "column.touchpoint",
    "weight": "column.weight_share",
    "score": "column.score_adjusted",
    "target": "column.target",
    "negative": "column.negative",
    "gain": "column.gain",
    "place": "column.place",
    "places": "column.place_between",
    "chance": "column.chance",
    "status": "column.status",
}
_CORRECTED = {
    "outcome": "outcome.metric",
    "measured": "corrected.measured",
    "adjusted": "corrected.adjusted",
    "shrunk": "corrected.shrunk",
    "usual": "corrected.usual",
    "verdict": "corrected.verdict",
}
_RELIABILITY = {
    "scale": "method.scale",
    "items": "method.items",
    "n": "column.n",
    "alpha": "method.alpha",
    "omega": "method.omega",
    "spearman_brown": "method.spearman_brown",
    "icc": "method.icc",
    "n_for": "method.n_for",
    "verdict": "method.verdict",
}
_MODEL = {
    "touchpoint": "column.touchpoint",
    "beta": "column.beta",
    "se": "method.se",
    "ci": "method.ci",
    "p": "method.p",
    "b": "method.b",
    "vif": "method.vif",
    "importance": "method.importance_ci",
}
_WORDS = {"status", "verdict"}


def table_outcomes(rows: Rows, wording: Wording) -> GT:
    """Every metric of every outcome beside other practices; cells ``metric, n, own, interval, benchmark, middle``."""
    return _table(rows, _OUTCOMES, "outcomes", wording)


def table_touchpoints(rows: Rows, wording: Wording) -> GT:
    """Score per touchpoint; cells ``touchpoint, n, score, interval, negative, benchmark``."""
    return _table(rows, _TOUCHPOINTS, "touchpoints", wording)


def table_ranking(rows: Rows, wording: Wording) -> GT:
    """The full ranking; cells ``touchpoint, weight, score, target, negative, gain, place, places, chance, status``."""
    return _table(rows, _RANKING, "ranking", wording)


def table_corrected(rows: Rows, wording: Wording, *, case_mix: bool = True) -> GT:
    """An outcome as measured and after each correction; cells as the columns of `_CORRECTED`."""
    columns = _CORRECTED if case_mix else {key: name for key, name in _CORRECTED.items() if key != "adjusted"}
    columns = columns if case_mix else columns | {"shrunk": "corrected.shrunk_only"}
    return _table(rows, columns, "corrected", wording)


def table_reliability(rows: Rows, wording: Wording) -> GT:
    """Reliability of the scales; cells as the columns of `_RELIABILITY`, omega and Spearman-Brown where known."""
    columns = {
        key: name
        for key, name in _RELIABILITY.items()
        if key not in {"omega", "spearman_brown"} or any(row.get(key) for row in rows)
    }
    return _table(rows, columns, "reliability", wording)


def table_model(rows: Rows, wording: Wording) -> GT:
    """The regression behind the drivers; cells ``touchpoint, beta, se, ci, p, b, vif, importance``."""
    return _table(rows, _MODEL, "model", wording)


def _table(rows: Rows, columns: Mapping[str, str], table_id: str, wording: Wording) -> GT:
    """Make a table whose first column names its rows; the others stand right unless they are words."""
    # Polars brings threads, and a process with threads cannot fork: only a child that makes tables may have it.
    import polars as pl
    from great_tables import GT

    cells = {key: [display_text(row.get(key, "")) or wording.text("none") for row in rows] for key in columns}
    first, *rest = columns
    labels = {key: wording.text(name) for key, name in columns.items()}
    return (
        # great_tables writes cell by cell into a copy, which takes twice as long in pandas.
        GT(pl.DataFrame(cells), rowname_col=first, id=f"table-{table_id}")
        .tab_stubhead(labels[first])
        .cols_label(cases={key: labels[key] for key in rest})
        .cols_align("right", [key for key in rest if key not in _WORDS])
        .cols_align("left", [key for key in rest if key in _WORDS])
    )


def page_table(table: GT) -> Markup:
    """Return a table as a page carries it: rows, cells, scopes, sides and what stacks it; no styles, no ids.

    On a phone the style sheet makes a block of every row, in which each cell says its own column (``data-label``).
    Browsers forget that a table is one when its display changes, hence the roles.

    Examples
    --------
    >>> rows = [{"scale": "Wachtruimte", "n": "214"}]
    >>> html = page_table(table_reliability(rows, Wording("nl")))
    >>> "style" in html, 'data-label="Antwoorden"' in html
    (False, True)
    """
    # a compiled library that only a page needs
    import nh3

    html = table.as_raw_html(inline_css=False)
    slim = nh3.clean(html, tags=_PAGE_TAGS, attributes=_PAGE_ATTRIBUTES, allowed_classes=_PAGE_CLASSES, link_rel=None)
    return Markup(unbroken(_stackable(slim.replace(' class=""', "").strip())))


def _stackable(html: str) -> str:
    """Say of the table how much room it needs, of words that they are words and, of a table to stack, what is what."""
    html = re.sub(r"<(td|th)(?= scope=\"col|>)", r'<\1 class="words"', html).replace(' class="gt_right"', "")
    html = re.sub(r">\s+<", "><", html)
    head, body = html.split("</thead>")
    labels = [re.sub(r"<[^>]*>", "", label).replace('"', "&quot;") for label in _HEADER.findall(head)]
    head = head.replace("<table", f'<table class="{room_class(len(labels))}"', 1)
    if len(labels) >= FEWEST_STACKED:
        # Every row starts with the cell that names it.
        told = chain.from_iterable(repeat(labels[1:]))
        head = head.replace("<table", '<table role="table"').replace("<th ", '<th role="columnheader" ')
        body = re.sub(r"<td", lambda _: f'<td role="cell" data-label="{next(told)}"', body)
        body = body.replace("<th ", '<th role="rowheader" ')
        return re.sub(r"<(thead|tbody|tr)\b", lambda tag: f'<{tag[1]} role="{_ROLES[tag[1]]}"', f"{head}</thead>{body}")
    return f"{head}</thead>{body}"
