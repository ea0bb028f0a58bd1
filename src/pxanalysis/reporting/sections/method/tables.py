"""Tables of the researcher's part: model, missing answers, practices compared, case mix."""

from __future__ import annotations

from pxanalysis.analysis.whole_study.frames import (
    CaseMixRow,
    ComparisonRow,
    DriverRow,
    ReliabilityRow,
    TouchpointRow,
    VarianceRow,
)
from pxanalysis.reporting.page.fragments import display_text
from pxanalysis.reporting.sections.pictures.data import Data
from pxanalysis.reporting.sections.selection import LONGEST_LABEL, Selection, is_known

__all__ = [
    "case_mix_table",
    "comparison_table",
    "decimal",
    "interval",
    "is_corrected",
    "make_data",
    "missing_table",
    "model_row",
    "needed",
    "p_text",
    "root",
]

_HUNDREDS = {"net", "share"}
"""Metrics that are proportions: written in points of a hundred, as on the rest of the page."""


def decimal(selection: Selection, value: float | None, decimals: int = 2) -> str:
    """Write a number with a fixed count of decimals; nothing where it is not known."""
    return selection.wording.number(value, decimals) if is_known(value) else ""


def interval(selection: Selection, estimate: float | None, low: float | None, high: float | None) -> str:
    """Write an estimate with its interval, as far as these are known."""
    if not is_known(estimate):
        return ""
    text = decimal(selection, estimate)
    if not (is_known(low) and is_known(high)):
        return text
    between = selection.wording.text("between", low=decimal(selection, low), high=decimal(selection, high))
    return f"{text} ({between})"


def p_text(selection: Selection, p: float | None) -> str:
    """Write a p-value: three decimals, or that it is smaller than .001."""
    small = is_known(p) and p < 0.001
    return f"< {selection.wording.number(0.001, 3)}" if small else decimal(selection, p, 3)


def needed(selection: Selection, row: ReliabilityRow | VarianceRow) -> str:
    """Answers that a practice needs for a reliability of .7, .8 and .9."""
    counts = [row.n_for_70, row.n_for_80, row.n_for_90]
    known = [selection.wording.number(n) for n in counts if is_known(n)]
    return " / ".join(known) if len(known) == len(counts) else ""


def model_row(selection: Selection, row: DriverRow) -> dict[str, str]:
    """Cells of one driver."""
    return {
        "touchpoint": selection.label(row.touchpoint),
        "beta": decimal(selection, row.beta),
        "se": decimal(selection, row.std_error, 3),
        "ci": interval(selection, row.beta, row.ci_low, row.ci_high).partition(" (")[2].rstrip(")"),
        "p": p_text(selection, row.p_value),
        "b": decimal(selection, row.b_raw, 3),
        "vif": decimal(selection, row.vif, 1),
        "importance": interval(selection, row.importance, row.importance_low, row.importance_high),
    }


def make_data(selection: Selection, caption: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> Data | None:
    """Make a table in which a cell without anything gets a dash; None without rows."""
    wording = selection.wording
    filled = [tuple(cell or wording.text("none") for cell in row) for row in rows]
    return Data(wording.text(caption), [wording.text(key) for key in columns], filled) if rows else None


def missing_table(selection: Selection) -> Data | None:
    """Answers, missing and not applicable per touchpoint, over all practices."""
    wording = selection.wording
    rows: list[tuple[str, ...]] = []
    for row in sorted(selection.pooled(TouchpointRow), key=lambda row: row.position):
        counts = [count for count in (row.n, row.n_missing, row.n_not_applicable) if count is not None]
        if row.suppressed or len(counts) < 3:
            rows.append((selection.label(row.touchpoint), wording.text("too_few"), "", ""))
            continue
        total = max(sum(counts), 1)
        absent = (_of_total(selection, count, total) for count in counts[1:])
        rows.append((selection.label(row.touchpoint), wording.number(counts[0]), *absent))
    columns = ("column.touchpoint", "column.n", "method.n_missing", "method.n_not_applicable")
    return make_data(selection, "method.missing_caption", columns, rows)


def _of_total(selection: Selection, count: int, total: int) -> str:
    wording = selection.wording
    return f"{wording.number(count)} ({wording.percent(count / total, 1)})" if count else wording.number(0)


def root(value: float | None) -> float:
    """Square root of a variance; NaN where it is not known."""
    return value**0.5 if is_known(value) and value >= 0 else float("nan")


def is_corrected(selection: Selection) -> bool:
    """Whether practices were compared after correction for patient characteristics."""
    return any(row.used for row in selection.study(CaseMixRow))


def comparison_table(selection: Selection) -> Data | None:
    """How practices differ after case mix, and how wide the funnel is drawn."""
    rows = []
    for row in selection.study(ComparisonRow):
        if not (is_known(row.n_obs) and is_known(row.n_practices)):
            continue
        size, decimals = (100.0, 1) if row.metric in _HUNDREDS else (1.0, 2)
        spreads = [root(row.sigma2_between), root(row.sigma2_within), row.meaningful, root(row.tau2)]
        between, within, least, tau = (decimal(selection, _times(size, value), decimals) for value in spreads)
        label = selection.outcome_labels.get(row.outcome, row.outcome)
        counts = (selection.wording.number(count) for count in (row.n_obs, row.n_practices))
        icc, phi = decimal(selection, row.icc, 3), decimal(selection, row.phi)
        rows.append((label, *counts, between, within, icc, least, phi, tau, _test(selection, row)))
    corrected = is_corrected(selection)
    columns = (
        *(
            "outcome.metric",
            "column.n",
            "method.n_practices",
            "method.sd_between_adjusted" if corrected else "method.sd_between_raw",
            "method.sd_within",
            "method.icc",
        ),
        *("method.meaningful", "method.phi", "method.tau", "method.test"),
    )
    caption = "method.comparison_caption" if corrected else "method.comparison_caption_only"
    return make_data(selection, caption, columns, rows)


def _times(size: float, value: float | None) -> float | None:
    return None if value is None else size * value


def _test(selection: Selection, row: ComparisonRow) -> str:
    """The test that all practices are equal: F or likelihood ratio with its degrees of freedom."""
    wording = selection.wording
    if not (is_known(row.statistic) and is_known(row.df1) and is_known(row.p_value)):
        return ""
    freedom = "; ".join(wording.number(df) for df in (row.df1, row.df2) if is_known(df))
    statistic = f"{'F' if is_known(row.df2) else 'LR'}({freedom}) = {wording.number(row.statistic, 2)}"
    p = p_text(selection, row.p_value)
    return f"{statistic}; p {p if p.startswith('<') else f'= {p}'}"


def case_mix_table(selection: Selection) -> Data | None:
    """Effects of patient characteristics on each rated outcome, with standard errors."""
    rows = selection.study(CaseMixRow)
    rated = selection.journey.rated_outcomes
    terms = dict.fromkeys((row.variable, row.level) for row in rows)
    cells = []
    for variable, level in terms:
        found = {row.outcome: row for row in rows if (row.variable, row.level) == (variable, level)}
        effects = (_effect(selection, found.get(outcome.id), outcome.kind == "nps") for outcome in rated)
        cells.append((_term(selection, variable, level), *effects, _imputed(selection, next(iter(found.values())))))
    table = make_data(selection, "method.case_mix_caption", ("method.characteristic",), cells)
    if table is None:
        return None
    heads = [*table.columns, *(selection.outcome_labels[outcome.id] for outcome in rated)]
    return Data(table.caption, [*heads, selection.wording.text("method.n_imputed")], table.rows)


def _imputed(selection: Selection, row: CaseMixRow) -> str:
    return f"< {selection.minimum}" if row.n_imputed is None else selection.wording.number(row.n_imputed)


def _term(selection: Selection, variable: str, level: str) -> str:
    known = {one.id: one for one in selection.journey.case_mix}
    if variable not in known:
        return display_text(f"{variable} {level}".strip(), LONGEST_LABEL)
    label = display_text(known[variable].label[selection.language], LONGEST_LABEL)
    levels = {one.id: one.label[selection.language] for one in known[variable].levels}
    return f"{label}: {display_text(levels.get(level, level), LONGEST_LABEL).lower()}" if level else label


def _effect(selection: Selection, row: CaseMixRow | None, hundreds: bool) -> str:
    if row is None or not row.used:
        return selection.wording.text("method.not_used")
    if not (is_known(row.estimate) and is_known(row.std_error)):
        return selection.wording.text("too_few")
    size, decimals = (100.0, 1) if hundreds else (1.0, 3)
    parts = (selection.wording.number(size * value, decimals) for value in (row.estimate, row.std_error))
    return "{} ({})".format(*parts)
