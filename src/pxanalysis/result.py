"""What every result can do: be listed per term, be summed up, be printed in a paper, be shown in a notebook."""

from __future__ import annotations

import textwrap
from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from statsmodels.iolib.summary2 import Summary

__all__ = ["Result", "apa_number", "apa_p", "standard_columns"]

STANDARD = ("term", "estimate", "std_error", "ci_low", "ci_high")
"""The columns with which every ``tidy()`` starts, after what tells groups apart."""

GROUPS = ("practice_id", "period", "group", "scale")
"""Columns that tell groups of terms apart."""

LONGEST_REPR = 10


def apa_number(value: object, decimals: int = 2, *, bounded: bool = False) -> str:
    """Write a number as the APA does: a fixed number of decimals, no zero before the point where |x| cannot pass 1.

    Examples
    --------
    >>> apa_number(0.4567, bounded=True), apa_number(-1.5), apa_number(float("nan"))
    ('.46', '−1.50', '')
    """
    if not isinstance(value, (int, float, np.number)) or not np.isfinite(value):
        return ""
    text = f"{abs(float(value)):.{decimals}f}"
    sign = "−" if value < 0 and float(text) != 0 else ""
    return sign + (text.removeprefix("0") if bounded and text.startswith("0.") else text)


def apa_p(value: object) -> str:
    """Write a p-value as the APA does: three decimals without a zero before the point, at least ``< .001``.

    Examples
    --------
    >>> apa_p(0.0421), apa_p(0.00002), apa_p(None)
    ('.042', '< .001', '')
    """
    if not isinstance(value, (int, float, np.number)) or not np.isfinite(value):
        return ""
    return "< .001" if value < 0.001 else apa_number(value, 3, bounded=True)


def standard_columns(rows: pd.DataFrame) -> pd.DataFrame:
    """Put ``term, estimate, std_error, ci_low, ci_high`` first, after what tells groups of rows apart.

    A column that the method does not give (a fixed limit has no error) is there, empty.
    """
    rows = rows.assign(**{name: np.nan for name in STANDARD if name not in rows})
    keys = [name for name in GROUPS if name in rows]
    return rows[[*keys, *STANDARD, *(name for name in rows if name not in STANDARD and name not in keys)]]


class Result:
    """Base of the frozen result records (``@dataclass(frozen=True, slots=True, eq=False, repr=False)``)."""

    __slots__ = ()

    @abstractmethod
    def tidy(self) -> pd.DataFrame:
        """One row per term: ``term, estimate, std_error, ci_low, ci_high, ...``; ``reason`` where not estimated."""

    @abstractmethod
    def glance(self) -> pd.DataFrame:
        """One row for the whole model: method, n_obs, n_dropped, n_practices, ..."""

    @property
    def labels(self) -> Mapping[str, str]:
        """What terms are called in the study's language; a term without a label stands by its id."""
        return {}

    def label(self, term: object) -> str:
        """What a term is called."""
        return self.labels.get(str(term), str(term))

    def __repr__(self) -> str:
        facts = {name: value for name, value in self.glance().iloc[0].items() if _says_something(value)}
        text = ", ".join(f"{name}={_short(value)}" for name, value in facts.items())
        lines = textwrap.wrap(f"{type(self).__name__}({text})", 100, subsequent_indent="  ", max_lines=LONGEST_REPR)
        return "\n".join(lines)

    def summary(self) -> Summary:
        """Return the result as a text table, as statsmodels prints its own: what went in above, a row per term below.

        ``print(result.summary())``; ``.as_latex()``, ``.as_html()`` and ``.as_text()`` are statsmodels' own.
        """
        # statsmodels is heavy and only this table needs it
        from statsmodels.iolib.summary2 import Summary

        facts = self.glance().iloc[0]
        notes = [str(facts[name]) for name in facts.index if name in ("notes", "cv_reason") and facts[name]]
        table = self._labelled().drop(columns=[name for name in ("term", "kind") if name in self.tidy()])
        page = Summary()
        page.add_title(type(self).__name__)
        shown = {name: _short(v) for name, v in facts.items() if name not in ("notes", "cv_reason")}
        page.add_dict({name: value for name, value in shown.items() if value}, ncols=2)
        page.add_df(_as_text(table), index=True, header=True, align="r")
        for note in notes:
            page.add_text(note)
        return page

    def to_apa(self) -> pd.DataFrame:
        """Return the terms as a table for a paper: words only, p < .001, no zero before the point of a proportion.

        ``to_apa().to_html()`` can be pasted into Word; :meth:`to_latex` gives the same for LaTeX.
        """
        rows = self._labelled()
        bounded = bool((rows[["estimate", "ci_low", "ci_high"]].abs().max(numeric_only=True) <= 1).all())
        columns = {"b": [apa_number(value, bounded=bounded) for value in rows["estimate"]]}
        columns["SE"] = [apa_number(value, bounded=bounded) for value in rows["std_error"]]
        ends = zip(rows["ci_low"], rows["ci_high"], strict=True)
        columns["95% CI"] = [
            f"[{apa_number(low, bounded=bounded)}, {apa_number(high, bounded=bounded)}]" if np.isfinite(low) else ""
            for low, high in ends
        ]
        if "p_value" in rows:
            columns["p"] = [apa_p(value) for value in rows["p_value"]]
        confidence = self.glance().get("confidence")
        if confidence is not None:
            columns = {name.replace("95%", f"{float(confidence.iloc[0]):.0%}"): c for name, c in columns.items()}
        return pd.DataFrame(columns, index=rows.index)

    def to_latex(self, **options: Any) -> str:
        """Return :meth:`to_apa` as a LaTeX table; options go to ``pandas.DataFrame.style.to_latex``."""
        table = self.to_apa()
        table.index = table.index.map(_latex)
        table.columns = table.columns.map(_latex)
        return str(table.style.to_latex(hrules=True, **options))

    def _labelled(self) -> pd.DataFrame:
        """The terms with what they are called as index; what tells groups of rows apart stands before it."""
        rows = self.tidy()
        keys = [name for name in GROUPS if name in rows and (rows[name] != rows[name].iloc[:1].squeeze()).any()]
        words = rows["term"].map(self.label)
        index = pd.MultiIndex.from_frame(rows[keys].assign(term=words)) if keys else pd.Index(words, name="")
        return rows.set_index(index)

    def _repr_html_(self) -> str:
        glance = self.glance().to_html(index=False, na_rep="", border=0)
        rows = self._labelled().drop(columns=["term"])
        tidy = rows.to_html(na_rep="", border=0, max_rows=60, float_format=lambda value: f"{value:.4g}")
        return glance + tidy


def _says_something(value: object) -> bool:
    return not (value is None or value == "" or (isinstance(value, float) and np.isnan(value)))


def _short(value: object) -> str:
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (float, np.floating)):
        return f"{value:.4g}" if np.isfinite(value) else ""
    return textwrap.shorten(str(value), 100, placeholder=" …")


def _as_text(rows: pd.DataFrame) -> pd.DataFrame:
    """Every cell as it is printed: four digits, nothing where there is nothing; columns without a word are left out."""
    words = rows.map(_short)
    return words.loc[:, (words != "").any(axis=0)]


def _latex(value: object) -> str:
    text = " / ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    for mark in "\\&%$#_{}":
        text = text.replace(mark, "\\textbackslash{}" if mark == "\\" else f"\\{mark}")
    return text
