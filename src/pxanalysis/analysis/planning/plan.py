"""How large a study has to be."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from pxanalysis.analysis.planning.questions import Question, QuestionName, build_question
from pxanalysis.analysis.planning.result import StudyPlan
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.statistics.power import SimulatedPower, design_effect, simulate_dependent_correlations, simulate_driver
from pxanalysis.statistics.power.solving import check_power

__all__ = ["plan_study"]


def plan_study(
    question: QuestionName,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    icc: float = 0.05,
    practices: int | None = None,
    per_practice: int | None = None,
    **assumptions: float,
) -> StudyPlan:
    """Plan a study: people and practices for one question, by formula where there is one, else by simulation.

    Parameters
    ----------
    question
        ``driver`` (beta, r2, drivers, vif), ``metric-comparison`` (r1, r2, between), ``practice-difference``
        (difference, sd), ``net-difference`` (promoters, detractors, promoters_other, detractors_other),
        ``share-difference`` (share, share_other), ``nps-margin`` (margin, promoters, detractors), ``reliable-means``
        (reliability, between), ``change`` (difference, sd, correlation), ``retest`` (expected, at_least),
        ``practice-arms`` (effect, people, between), ``action`` (effect in points of 0-100, answers before, sd,
        between, drift; reports look at 3, 6 and 12 months, which alpha = 0.022 allows for).
    power, alpha
        Wanted power, and size of the two-sided test (1 − alpha is the confidence of a margin).
    icc
        Share of the answers' variance between practices.
    practices, per_practice
        Give one: how many practices there are, or how many people of each answer; the other follows.

    Raises
    ------
    AnalysisError
        For an unknown question or assumption, by name.
    NotEstimableError
        When no number is enough, for example with too few practices.

    Examples
    --------
    >>> plan_study("nps-margin", margin=0.10).needed
    223
    >>> plan_study("metric-comparison", r1=0.45, r2=0.35).needed
    508
    """
    check_power(alpha, power)
    asked = build_question(question, assumptions)
    unrounded = asked.needed(power, alpha)
    # What is a whole number but for rounding is not one more; 2.01 is where the search for practices starts.
    needed = max(math.ceil(unrounded - 1e-6), 2)
    clustered = practices is not None or per_practice is not None
    if clustered and asked.unit != "people":
        raise AnalysisError(f"practices and per_practice: '{question}' counts {asked.unit} already; leave them out.")
    levels = (1.0 - alpha / 2.0, power) if asked.has_power else (1.0 - alpha / 2.0,)
    nothing = _Sizes(np.nan, np.nan, 1.0, 1.0)
    sizes = _sizes(unrounded, asked.cluster_icc(icc), practices, per_practice, levels) if clustered else nothing
    m, k = sizes.per_practice, sizes.practices
    given: dict[str, float] = {**asdict(asked)}  # type: ignore[call-overload]
    given |= ({"power": power} if asked.has_power else {}) | {"alpha": alpha} | ({"icc": icc} if clustered else {})
    return StudyPlan(
        question=question,
        asks=asked.asks,
        formula=asked.formula,
        unit=asked.unit,
        assumptions=given,
        unrounded=unrounded,
        needed=needed,
        design_effect=sizes.design_effect,
        few_practices=sizes.few_practices,
        people=m * k,
        practices=k,
        per_practice=m,
        simulated=_simulate(question, given, needed, k, m, icc, alpha),
        curve=_curve(asked, unrounded, alpha),
    )


@dataclass(frozen=True, slots=True)
class _Sizes:
    """People per practice, practices, design effect, and how many times more people t takes than z."""

    per_practice: float
    practices: float
    design_effect: float
    few_practices: float


def _sizes(
    n: float, icc: float, practices: int | None, per_practice: int | None, quantiles: tuple[float, ...]
) -> _Sizes:
    """Sizes that carry as much as n independent people.

    Parameters
    ----------
    quantiles
        Probabilities whose quantiles the formula adds up: with G practices they are those of t with G − 1 degrees of
        freedom.
    """
    if practices is not None and per_practice is not None:
        raise AnalysisError("practices and per_practice: give one of them; the other follows.")
    if per_practice is not None:
        effect = design_effect(per_practice, icc)
        k = max(3, math.ceil(n * effect / per_practice - 1e-9))
        while k * per_practice < n * effect * _few_practices(k, quantiles) - 1e-9:
            k += 1
        return _Sizes(float(per_practice), float(k), effect, _few_practices(k, quantiles))
    if practices is None or practices < 3:
        raise AnalysisError(f"practices: expected at least 3, received {practices}.")
    factor = _few_practices(practices, quantiles)
    carried = n * factor
    if practices <= carried * icc:
        raise NotEstimableError(
            f"practices: with {practices} practices no number of people is enough (design effect); it takes more than "
            f"{math.ceil(n * icc)}."
        )
    # m·k = n(1 + (m − 1)·ICC), solved for m
    m = float(max(1, math.ceil(carried * (1.0 - icc) / (practices - carried * icc) - 1e-9)))
    return _Sizes(m, float(practices), design_effect(m, icc), factor)


def _few_practices(practices: int, quantiles: tuple[float, ...]) -> float:
    """Square of the ratio of t to normal quantiles."""
    from scipy.stats import norm, t

    wide = sum(float(t.ppf(level, practices - 1)) for level in quantiles)
    return (wide / sum(float(norm.ppf(level)) for level in quantiles)) ** 2


def _simulate(
    question: str, given: dict[str, float], n: int, k: float, m: float, icc: float, alpha: float
) -> SimulatedPower | None:
    """Power of the very test where the formula is asymptotic, or knows too little of few practices."""
    if question == "driver" and k == k:
        return simulate_driver(given["beta"], given["r2"], given["vif"], int(k), int(m), icc, alpha=alpha)
    if question != "metric-comparison":
        return None
    correlations = (given["r1"], given["r2"], given["between"])
    if k == k:
        return simulate_dependent_correlations(correlations, int(k), int(m), icc, alpha=alpha, studies=1000)
    return simulate_dependent_correlations(correlations, n, 1, 0.0, alpha=alpha, studies=1000)


def _curve(asked: Question, n: float, alpha: float) -> pd.DataFrame:
    """Power against n, from a fifth of what is needed to twice as much."""
    least = 3.0 if asked.unit == "practices per arm" else 12.0
    sizes = np.unique(np.append(np.linspace(max(least, n / 5), max(2 * n, least + 10), 40), max(n, least)))
    return pd.DataFrame({"n": sizes, "value": [asked.power_at(float(size), alpha) for size in sizes]})
