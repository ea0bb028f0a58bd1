"""The summary of a model, as text in lavaan's order and as HTML."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from pxanalysis.analysis.sem.records import each_row

if TYPE_CHECKING:
    from pxanalysis.analysis.sem.record import SemRecord

__all__ = ["write_html", "write_summary"]

SECTIONS = {
    "=~": "Latent variables",
    "~": "Regressions",
    "~~": "Covariances",
    "~1": "Intercepts",
    "|": "Thresholds",
    "var": "Variances",
    ":=": "Defined parameters",
}

MEASURES = [
    ("User model", [("Chi-square", "chisq"), ("Degrees of freedom", "df"), ("P-value", "pvalue"),
                    ("Scaled chi-square", "chisq.scaled"), ("Scaled p-value", "pvalue.scaled"),
                    ("Scaling factor", "chisq.scaling.factor")]),
    ("Baseline model", [("Chi-square", "baseline.chisq"), ("Degrees of freedom", "baseline.df")]),
    ("User model against baseline model", [("CFI", "cfi"), ("TLI", "tli"), ("Robust CFI", "cfi.robust"),
                                           ("Robust TLI", "tli.robust")]),
    ("Log-likelihood and information criteria", [("Log-likelihood", "logl"),
                                                 ("Unrestricted log-likelihood", "unrestricted.logl"),
                                                 ("AIC", "aic"), ("BIC", "bic")]),
    ("Root mean square error of approximation", [("RMSEA", "rmsea"), ("90 % interval, low", "rmsea.ci.lower"),
                                                 ("90 % interval, high", "rmsea.ci.upper"),
                                                 ("P-value RMSEA <= .05", "rmsea.pvalue"),
                                                 ("Robust RMSEA", "rmsea.robust")]),
    ("Residuals", [("SRMR", "srmr"), ("GFI", "gfi"), ("AGFI", "agfi")]),
]  # fmt: skip


def _measure_lines(model: SemRecord) -> Iterator[str]:
    for title, rows in MEASURES:
        given = [(label, name) for label, name in rows if name in model.measures or name in model.reasons]
        if not given:
            continue
        yield f"{title}:"
        for label, name in given:
            if name in model.reasons:
                yield f"  {label:<34} not given: {model.reasons[name]}"
                continue
            value = model.measures[name]
            whole = name.endswith("df")
            yield f"  {label:<34} {value:>12.0f}" if whole else f"  {label:<34} {value:>12.3f}"
        yield ""


def _section(row: pd.Series[str]) -> str:
    return "var" if row["op"] == "~~" and row["lhs"] == row["rhs"] else str(row["op"])


def _parameter_lines(model: SemRecord) -> Iterator[str]:
    table = model.parameters.assign(section=model.parameters.apply(_section, axis=1))
    heading = f"  {'':<28}{'Estimate':>10}{'Std.Err':>10}{'z':>9}{'P(>|z|)':>9}{'Std.lv':>9}{'Std.all':>9}"
    for group in dict.fromkeys(table["group"]):
        if group:
            yield f"Group {group}:"
            yield ""
        for section, title in SECTIONS.items():
            rows = table[(table["group"] == group) & (table["section"] == section)]
            if rows.empty:
                continue
            yield f"{title}:"
            yield heading
            yield from _rows(rows, section)
            yield ""


def _rows(rows: pd.DataFrame, section: str) -> Iterator[str]:
    last = ""
    for row in each_row(rows):
        if section in ("=~", "~", "~~", "|") and row.lhs != last:
            last = row.lhs
            yield f"  {row.lhs} {row.op}"
        name = {"~1": row.lhs, "var": row.lhs, ":=": row.lhs}.get(section, f"  {row.rhs}")
        label = f" ({row.label})" if row.label and section != ":=" else ""
        numbers = [(row.estimate, 10), (row.std_error, 10), (row.z, 9), (row.p_value, 9)]
        numbers += [(row.std_lv, 9), (row.std_all, 9)]
        cells = "".join(f"{'':>{w}}" if pd.isna(x) else f"{x:>{w}.3f}" for x, w in numbers)
        yield f"  {(name + label)[:28]:<28}{cells}"


def write_summary(model: SemRecord) -> str:
    """See ``SemRecord.summary``."""
    options = model.fitted.options
    lines = [
        "Structural equation model",
        "",
        f"  {'Estimator':<34} {options.estimator:>12}",
        f"  {'Number of parameters':<34} {model.measures['npar']:>12.0f}",
        f"  {'Number of observations':<34} {model.n_obs:>12}",
        f"  {'Rows not used':<34} {model.n_dropped:>12}",
    ]
    if model.n_practices > 1:
        lines.append(f"  {'Practices':<34} {model.n_practices:>12}")
    lines += [f"  Standard errors: {model.errors}", ""]
    lines += [f"  ! {note}" for note in model.notes]
    lines += [""] if model.notes else []
    lines += [*_measure_lines(model), *_parameter_lines(model), "R-square:"]
    lines += [f"  {row.variable:<28}{row.r2:>10.3f}" for row in each_row(model.r2)]
    return "\n".join(lines)


def write_html(model: SemRecord) -> str:
    """Notes, fit and the structural part as tables."""
    notes = "".join(f"<li>{escape(note)}</li>" for note in model.notes)
    shown = ["term", "estimate", "std_error", "ci_low", "ci_high", "p_value", "std_all"]
    table = model.parameters
    paths = table[table["op"].isin(["~", ":="])]
    rest = table[~table["op"].isin(["~", ":="])]
    glance = model.glance().to_html(index=False, border=0, na_rep="", float_format=lambda x: f"{x:.3f}")
    first, second = (
        part[shown].to_html(index=False, border=0, na_rep="", float_format=lambda x: f"{x:.3f}")
        for part in (paths, rest)
    )
    return (
        f"{glance}<ul>{notes}</ul>{first if len(paths) else ''}"
        f"<details><summary>Measurement and variances ({len(rest)})</summary>{second}</details>"
    )
