"""Tables of a report, from cells that are words already: rows, cells and scopes, dressed by the page's style sheet.

Browsers forget that a table is one when its display changes, as it does on a phone: a table to stack has roles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from pxanalysis.reporting.page.fragments import FEWEST_STACKED, display_text, render_part
from pxanalysis.reporting.page.wording import Wording

__all__ = [
    "table_corrected",
    "table_model",
    "table_outcomes",
    "table_ranking",
    "table_reliability",
    "table_touchpoints",
]

Rows = Sequence[Mapping[str, str]]

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


@dataclass(frozen=True, slots=True)
class _Head:
    """A column: its label, and whether it holds words, which stand left."""

    label: str
    words: bool


def table_outcomes(rows: Rows, wording: Wording) -> Markup:
    """Every metric of every outcome beside other practices; cells ``metric, n, own, interval, benchmark, middle``."""
    return _table(rows, _OUTCOMES, wording)


def table_touchpoints(rows: Rows, wording: Wording) -> Markup:
    """Score per touchpoint; cells ``touchpoint, n, score, interval, negative, benchmark``."""
    return _table(rows, _TOUCHPOINTS, wording)


def table_ranking(rows: Rows, wording: Wording) -> Markup:
    """The full ranking; cells ``touchpoint, weight, score, target, negative, gain, place, places, chance, status``."""
    return _table(rows, _RANKING, wording)


def table_corrected(rows: Rows, wording: Wording, *, case_mix: bool = True) -> Markup:
    """An outcome as measured and after each correction; cells as the columns of `_CORRECTED`."""
    columns = _CORRECTED if case_mix else {key: name for key, name in _CORRECTED.items() if key != "adjusted"}
    columns = columns if case_mix else columns | {"shrunk": "corrected.shrunk_only"}
    return _table(rows, columns, wording)


def table_reliability(rows: Rows, wording: Wording) -> Markup:
    """Reliability of the scales; cells as the columns of `_RELIABILITY`, omega and Spearman-Brown where known."""
    columns = {
        key: name
        for key, name in _RELIABILITY.items()
        if key not in {"omega", "spearman_brown"} or any(row.get(key) for row in rows)
    }
    return _table(rows, columns, wording)


def table_model(rows: Rows, wording: Wording) -> Markup:
    """The regression behind the drivers; cells ``touchpoint, beta, se, ci, p, b, vif, importance``."""
    return _table(rows, _MODEL, wording)


def _table(rows: Rows, columns: Mapping[str, str], wording: Wording) -> Markup:
    """Make a table whose first column names its rows; the others stand right unless they are words."""
    cells = [[display_text(row.get(key, "")) or wording.text("none") for key in columns] for row in rows]
    heads = [_Head(wording.text(name), key in _WORDS) for key, name in columns.items()]
    stacks = len(heads) >= FEWEST_STACKED
    return Markup(render_part("table", wording, rows=cells, columns=heads, stacks=stacks).html)
