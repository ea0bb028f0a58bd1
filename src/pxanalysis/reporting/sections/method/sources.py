"""Where formulas come from: what a page cites."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["list_sources"]

_SOURCES = {
    "Adams (2009)": "RAND TR-653",
    "AHRQ": "CAHPS Analysis Instructions",
    "Bell & McCaffrey (2002)": "Surv. Methodol. 28, 169",
    "Belsley, Kuh & Welsch (1980)": "Regression Diagnostics",
    "Bonett (2002)": "J. Educ. Behav. Stat. 27, 335",
    "Cohen (1988)": "Statistical Power Analysis",
    "Cronbach (1951)": "Psychometrika 16, 297",
    "DerSimonian & Laird (1986)": "Control. Clin. Trials 7, 177",
    "Evers et al. (2010)": "COTAN Beoordelingssysteem",
    "Feldt, Woodruff & Salih (1987)": "Appl. Psychol. Meas. 11, 93",
    "Fuller (1987)": "Measurement Error Models",
    "Gelman (2006)": "Bayesian Anal. 1, 515",
    "Gelman et al. (2013)": "Bayesian Data Analysis",
    "Grömping (2007)": "Am. Stat. 61, 139",
    "Hesterberg (2015)": "Am. Stat. 69, 371",
    "Lindeman, Merenda & Gold (1980)": "Bivariate & Multivariate Analysis",
    "Little & Rubin (2002)": "Missing Data",
    "McDonald (1999)": "Test Theory",
    "Nunnally & Bernstein (1994)": "Psychometric Theory",
    "Paule & Mandel (1982)": "J. Res. Natl. Bur. Stand. 87, 377",
    "Rocks (2016)": "Am. Stat. 70, 365",
    "Rhemtulla, van Bork & Borsboom (2020)": "Psychol. Methods 25, 30",
    "Searle, Casella & McCulloch (1992)": "Variance Components",
    "Spiegelhalter (2005)": "Stat. Med. 24, 1185",
    "Wanous & Reichers (1996)": "Psychol. Rep. 78, 631",
    "Welch (1947)": "Biometrika 34, 28",
    "Wilson (1927)": "J. Am. Stat. Assoc. 22, 209",
    "Zou & Donner (2008)": "Stat. Med. 27, 1693",
}
"""Book, or journal with volume and first page, by author and year, in the order in which they are listed."""


def list_sources(texts: Iterable[str]) -> list[str]:
    """Return the sources that these texts cite, as ``Adams (2009)`` or ``(Adams, 2009)``.

    Examples
    --------
    >>> list_sources(["volgens Paule en Mandel (1982)", "95% (Wilson, 1927)"])[1]
    'Wilson (1927). J. Am. Stat. Assoc. 22, 209.'
    """
    whole = re.sub(r" (?:en|and|&amp;) ", " & ", " ".join(texts))
    return [f"{cited}. {where}." for cited, where in _SOURCES.items() if _is_cited(cited, whole)]


def _is_cited(cited: str, whole: str) -> bool:
    authors, _, year = cited.removesuffix(")").partition(" (")
    names = re.escape(authors)  # first, what goes before them after: so that the text is looked through for letters
    return (
        re.search(rf"{names}(?<!& {names})(?<!\w{names})" + (rf",? \(?{year}\b" if year else r"\b"), whole) is not None
    )
