"""What the terms of a report mean exactly, and where their formulas come from."""

from __future__ import annotations

from pxanalysis.reporting.sections.selection import Selection, is_known

__all__ = ["SOURCES", "define_terms"]

_RANKING = ("importance", "target", "gain", "shrinkage", "chance")
_COMPARING = ("verdict", "usual", "reliability", "intervals", "lowest")

SOURCES = (
    "Adams (2009)",
    "AHRQ, CAHPS Analysis Instructions",
    "Bell & McCaffrey (2002)",
    "Cohen (1988)",
    "Cronbach (1951), Psychometrika 16",
    "DerSimonian & Laird (1986)",
    "Feldt, Woodruff & Salih (1987)",
    "Gelman (2006); Gelman et al., Bayesian Data Analysis, § 5.4",
    "Grömping (2007), doi:10.1198/000313007X188252",
    "Hesterberg (2015), doi:10.1080/00031305.2015.1089789",
    "Lindeman, Merenda & Gold (1980)",
    "Little & Rubin (2002)",
    "McDonald (1999)",
    "Rocks (2016), Am. Stat. 70",
    "Searle, Casella & McCulloch (1992)",
    "Spiegelhalter (2005), Statistics in Medicine 24",
    "Wilson (1927)",
)
"""Author and year of what the formulas were taken from."""


def define_terms(selection: Selection) -> list[tuple[str, str]]:
    """Terms and their definitions, in the order in which a report uses them."""
    return [*_defined(selection, _RANKING), *_advice(selection), *_defined(selection, _COMPARING)]


def _defined(selection: Selection, names: tuple[str, ...]) -> list[tuple[str, str]]:
    wording = selection.wording
    return [(wording.text(f"term.{name}"), wording.text(f"define.{name}")) for name in names]


def _advice(selection: Selection) -> list[tuple[str, str]]:
    wording, meta = selection.wording, selection.meta
    if not (is_known(meta.get("certainty")) and is_known(meta.get("smallest_gain"))):
        return []
    sure, smallest = wording.percent(meta["certainty"]), wording.number(meta["smallest_gain"], 2)
    left = wording.percent(1.0 - meta["certainty"])
    return [(wording.text("term.advice"), wording.text("define.advice", sure=sure, left=left, smallest=smallest))]
