"""Numbers and names that results and reports agree on, each written once."""

from __future__ import annotations

from typing import Literal

__all__ = [
    "CHOOSING",
    "DETRACTORS_TO",
    "FEWEST_ACTING",
    "FEWEST_PER_GROUP",
    "FEWEST_PER_TERM",
    "FEWEST_PRACTICES",
    "FEWEST_RESAMPLED",
    "IN_TIME",
    "MINIMUM_N",
    "MOST_FOLDS",
    "MOST_MISFIT",
    "MOST_OVERLAP",
    "PROMOTERS_FROM",
    "RELIABLE_FROM",
    "TOP",
]

CHOOSING = 6
"""Months before an action that chose it, by a low score: what it is held beside lies before them (the donut)."""

DETRACTORS_TO, PROMOTERS_FROM = 6, 9
"""Answers to the question of the NPS (0-10) up to and from which one is a detractor, a promoter (Reichheld 2003)."""

FEWEST_ACTING = 5
"""With fewer acting practices nothing is said of a programme, nor of a kind of action."""

FEWEST_PRACTICES = 5
"""With fewer there is no telling how practices differ: no comparison, no benchmark, no funnel, no shrinking."""

FEWEST_RESAMPLED = 10
"""With fewer practices, intervals from resampling practices are too narrow."""

FEWEST_PER_TERM = 10
"""With fewer responses per coefficient a driver model is called imprecise."""

MINIMUM_N = 10
"""No figure on fewer people than this is ever shown; a study may ask for more, never for less."""

MOST_FOLDS = 10
"""Parts that practices are dealt over, of which one at a time is left out of a driver model."""

MOST_MISFIT = 0.1
"""SRMR above which one factor does not describe the items of a scale."""

MOST_OVERLAP = 30
"""Condition index above which drivers overlap so much that single coefficients mean little (Belsley et al. 1980)."""

RELIABLE_FROM: dict[Literal["individuals", "strong", "groups", "exploration"], float] = {
    "individuals": 0.9,
    "strong": 0.8,
    "groups": 0.7,
    "exploration": 0.6,
}
"""Lowest reliability of a scale for each of these (Nunnally & Bernstein 1994; Evers et al. 2010).

It is about what patients answer. Whether practices can be compared follows from the ICC and the number of responses.
"""

IN_TIME = 61
"""Days within which an idea that is in place counts as realised in time: two months."""

TOP = 3
"""How many touchpoints a report puts first at most."""

FEWEST_PER_GROUP = 100
"""Answers each group needs before measurement invariance is judged by a drop in CFI: in smaller ones a drop of .01 is
as often chance as a difference (Chen 2007, *Structural Equation Modeling* 14, 464-504, who went down to 150 in all)."""
