"""What a study can be planned for: each question with its assumptions, its formula and its power."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar, Literal, Protocol

from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.statistics import power as pw
from pxanalysis.statistics.action_effects.shrunken import answers_needed

__all__ = ["QUESTIONS", "Question", "QuestionName", "build_question"]

QuestionName = Literal[
    "driver",
    "practice-difference",
    "net-difference",
    "share-difference",
    "nps-margin",
    "metric-comparison",
    "reliable-means",
    "change",
    "retest",
    "practice-arms",
    "action",
]

Unit = Literal["people", "people per practice", "practices per arm"]


class Question(Protocol):
    """A question to plan for.

    Attributes
    ----------
    asks, formula
        In words, and which formula answers it.
    unit
        What is counted: people in all, people in each practice, practices in each arm.
    has_power
        Whether it is about power (else about precision or reliability).
    """

    asks: ClassVar[str]
    formula: ClassVar[str]
    unit: ClassVar[Unit]
    has_power: ClassVar[bool]

    def needed(self, power: float, alpha: float) -> float:
        """Units needed, unrounded, as if people were independent."""
        ...

    def power_at(self, n: float, alpha: float) -> float:
        """Power (or reliability, or half-width) with n units."""
        ...

    def cluster_icc(self, icc: float) -> float:
        """Intraclass correlation that counts for this estimate, from that of the answers."""
        ...


@dataclass(frozen=True, slots=True)
class _Driver:
    """A touchpoint that drives satisfaction."""

    asks: ClassVar[str] = "to tell a driver from nothing"
    formula: ClassVar[str] = (
        "noncentral F for the R² that the driver adds, β²/VIF (Cohen 1988, λ = f²(u + v + 1)); by practice, a slope "
        "has "
        "the design effect 1 + (m − 1)·ICC²"
    )
    unit: ClassVar[Unit] = "people"
    has_power: ClassVar[bool] = True

    beta: float = 0.15
    r2: float = 0.40
    drivers: int = 6
    vif: float = 1.5

    def __post_init__(self) -> None:
        if self.vif < 1:
            raise AnalysisError(f"vif: expected 1 or more (1: unrelated to the other drivers), received {self.vif}.")
        if not 0 < abs(self.beta) < 1:
            raise AnalysisError(f"beta: expected a standardised coefficient other than 0, received {self.beta}.")

    @property
    def increase(self) -> float:
        return self.beta**2 / self.vif

    def needed(self, power: float, alpha: float) -> float:
        return pw.n_for_r2_increase(self.increase, self.r2, self.drivers, power, alpha)

    def power_at(self, n: float, alpha: float) -> float:
        return pw.power_r2_increase(self.increase, self.r2, self.drivers, n, alpha)

    def cluster_icc(self, icc: float) -> float:
        return icc**2


@dataclass(frozen=True, slots=True)
class _PracticeDifference:
    """Two practices whose mean grades differ."""

    asks: ClassVar[str] = "to tell the means of two practices apart"
    formula: ClassVar[str] = "two-sample t, noncentral t (statsmodels TTestIndPower)"
    unit: ClassVar[Unit] = "people per practice"
    has_power: ClassVar[bool] = True

    difference: float = 0.5
    sd: float = 1.4

    def needed(self, power: float, alpha: float) -> float:
        return pw.n_for_means(self.difference / self.sd, power, alpha)

    def power_at(self, n: float, alpha: float) -> float:
        return pw.power_means(self.difference / self.sd, n, n, alpha)

    def cluster_icc(self, icc: float) -> float:
        return 0.0


@dataclass(frozen=True, slots=True)
class _NetDifference:
    """Two practices whose NPS differ."""

    asks: ClassVar[str] = "to tell the net scores of two practices apart"
    formula: ClassVar[str] = "normal, unpooled variances p + d − (p − d)²"
    unit: ClassVar[Unit] = "people per practice"
    has_power: ClassVar[bool] = True

    promoters: float = 0.45
    detractors: float = 0.20
    promoters_other: float = 0.60
    detractors_other: float = 0.12

    def needed(self, power: float, alpha: float) -> float:
        return pw.n_for_net_difference(*self._pair(), power, alpha)

    def power_at(self, n: float, alpha: float) -> float:
        return pw.power_net_difference(*self._pair(), n, alpha)

    def cluster_icc(self, icc: float) -> float:
        return 0.0

    def _pair(self) -> tuple[tuple[float, float], tuple[float, float]]:
        return (self.promoters, self.detractors), (self.promoters_other, self.detractors_other)


@dataclass(frozen=True, slots=True)
class _ShareDifference:
    """Two practices whose shares (of grades 9-10, say) differ."""

    asks: ClassVar[str] = "to tell shares of two practices apart"
    formula: ClassVar[str] = "normal, variance pooled under equality (Fleiss 1981)"
    unit: ClassVar[Unit] = "people per practice"
    has_power: ClassVar[bool] = True

    share: float = 0.45
    share_other: float = 0.60

    def needed(self, power: float, alpha: float) -> float:
        return pw.n_for_shares(self.share, self.share_other, power, alpha)

    def power_at(self, n: float, alpha: float) -> float:
        return pw.power_shares(self.share, self.share_other, n, alpha)

    def cluster_icc(self, icc: float) -> float:
        return 0.0


@dataclass(frozen=True, slots=True)
class _NpsMargin:
    """An NPS that is known to within a margin."""

    asks: ClassVar[str] = "for an NPS with this margin"
    formula: ClassVar[str] = "half-width of the adjusted Wald interval (Rocks 2016) that is reported"
    unit: ClassVar[Unit] = "people"
    has_power: ClassVar[bool] = False

    margin: float = 0.10
    promoters: float = 0.45
    detractors: float = 0.20

    def needed(self, power: float, alpha: float) -> float:
        return pw.n_for_net_margin(self.margin, (self.promoters, self.detractors), 1.0 - alpha)

    def power_at(self, n: float, alpha: float) -> float:
        """Half-width with n people (proportion; .10 is ten points)."""
        from pxanalysis.statistics.proportions.intervals import z_value

        p, d = (self.promoters * n + 0.75) / (n + 3.0), (self.detractors * n + 0.75) / (n + 3.0)
        return float(z_value(1.0 - alpha) * ((p + d - (p - d) ** 2) / (n + 3.0)) ** 0.5)

    def cluster_icc(self, icc: float) -> float:
        return icc


@dataclass(frozen=True, slots=True)
class _MetricComparison:
    """Two metrics that go with one criterion to different degrees."""

    asks: ClassVar[str] = "to tell the correlations of two metrics with a criterion apart"
    formula: ClassVar[str] = (
        "Dunn & Clark's z, asymptotic; by practice, the design effect 1 + (m − 1)·ICC², and the test that is used, "
        "checked by simulation"
    )
    unit: ClassVar[Unit] = "people"
    has_power: ClassVar[bool] = True

    r1: float = 0.35
    r2: float = 0.25
    between: float = 0.60

    def needed(self, power: float, alpha: float) -> float:
        return pw.n_for_dependent_correlations(self.r1, self.r2, self.between, power, alpha)

    def power_at(self, n: float, alpha: float) -> float:
        return pw.power_dependent_correlations(self.r1, self.r2, self.between, n, alpha)

    def cluster_icc(self, icc: float) -> float:
        return icc**2


@dataclass(frozen=True, slots=True)
class _ReliableMeans:
    """Practice means that tell practices apart reliably."""

    asks: ClassVar[str] = "for practice means of this reliability"
    formula: ClassVar[str] = "R/(1 − R)·(1 − ICC)/ICC (Spearman-Brown)"
    unit: ClassVar[Unit] = "people per practice"
    has_power: ClassVar[bool] = False

    reliability: float = 0.80
    between: float = 0.05

    def needed(self, power: float, alpha: float) -> float:
        return pw.n_for_reliability(self.between, self.reliability)

    def power_at(self, n: float, alpha: float) -> float:
        """Reliability of a mean of n people."""
        return n * self.between / (1.0 + (n - 1.0) * self.between)

    def cluster_icc(self, icc: float) -> float:
        return 0.0


@dataclass(frozen=True, slots=True)
class _Change:
    """The same people asked twice, a change of their mean."""

    asks: ClassVar[str] = "to find a change in people who are asked twice"
    formula: ClassVar[str] = "paired t, d = difference/(sd·√(2(1 − r))) (statsmodels TTestPower)"
    unit: ClassVar[Unit] = "people"
    has_power: ClassVar[bool] = True

    difference: float = 0.3
    sd: float = 1.4
    correlation: float = 0.70

    def needed(self, power: float, alpha: float) -> float:
        return pw.n_for_paired_means(self.difference, self.sd, self.correlation, power, alpha)

    def power_at(self, n: float, alpha: float) -> float:
        from statsmodels.stats.power import TTestPower

        effect = abs(self.difference) / (self.sd * (2.0 * (1.0 - self.correlation)) ** 0.5)
        return float(TTestPower().power(effect, n, alpha))

    def cluster_icc(self, icc: float) -> float:
        return icc


@dataclass(frozen=True, slots=True)
class _Retest:
    """A test-retest study."""

    asks: ClassVar[str] = "to show that the test-retest ICC is above a bound"
    formula: ClassVar[str] = "Walter, Eliasziw & Donner (1998), two-sided"
    unit: ClassVar[Unit] = "people"
    has_power: ClassVar[bool] = True

    expected: float = 0.80
    at_least: float = 0.70

    def needed(self, power: float, alpha: float) -> float:
        return pw.n_for_retest(self.expected, self.at_least, power, alpha)

    def power_at(self, n: float, alpha: float) -> float:
        low, high = alpha + 1e-6, 1.0 - 1e-9
        if self.needed(low, alpha) >= n:
            return low
        if self.needed(high, alpha) <= n:
            return high
        return solve_n_power(self, n, alpha, low, high)

    def cluster_icc(self, icc: float) -> float:
        return icc


def solve_n_power(question: _Retest, n: float, alpha: float, low: float, high: float) -> float:
    """Power at n of a formula that gives n for a power."""
    from scipy.optimize import brentq

    return float(brentq(lambda power: question.needed(power, alpha) - n, low, high))


@dataclass(frozen=True, slots=True)
class _PracticeArms:
    """Practices that do something against practices that do not."""

    asks: ClassVar[str] = "to tell two arms of practices apart"
    formula: ClassVar[str] = "t test of practice means, noncentral t with 2(k − 1) degrees of freedom"
    unit: ClassVar[Unit] = "practices per arm"
    has_power: ClassVar[bool] = True

    effect: float = 0.30
    people: int = 30
    between: float = 0.05

    def needed(self, power: float, alpha: float) -> float:
        return pw.practices_per_arm(self.effect, self.people, self.between, power, alpha)

    def power_at(self, n: float, alpha: float) -> float:
        return pw.power_practice_arms(self.effect, max(n, 2.0), self.people, self.between, alpha)

    def cluster_icc(self, icc: float) -> float:
        return 0.0


@dataclass(frozen=True, slots=True)
class _Action:
    """One practice's score after an action, beside what was to be expected and beside practices without one."""

    asks: ClassVar[str] = "to tell what an action brought at one contact of one practice (answers after it)"
    formula: ClassVar[str] = (
        "shrunken difference in differences: s² = σ²/n + σ²/(n0 + σ²/τ²) + drift, normal; "
        "`estimate_action_effects` decides by it"
    )
    unit: ClassVar[Unit] = "people per practice"
    has_power: ClassVar[bool] = True

    effect: float = 5.0
    before: float = 240.0
    sd: float = 15.0
    between: float = 0.05
    drift: float = 0.8

    def __post_init__(self) -> None:
        if not (self.effect and self.before > 0 and self.sd > 0 and 0 < self.between < 1 and self.drift >= 0):
            raise AnalysisError(
                "action: expected an effect other than 0 (points of 0-100), answers before and an sd above 0, between "
                "(share of the variance between practices) within 0-1, and a drift (variance, points²) of 0 or more."
            )

    def needed(self, power: float, alpha: float) -> float:
        from scipy.stats import norm

        quantile = float(norm.ppf(1.0 - alpha / 2.0) + norm.ppf(power))
        within, between = (1.0 - self.between) * self.sd**2, self.between * self.sd**2
        found = answers_needed(self.before, within, between, self.drift, change=abs(self.effect), quantile=quantile)
        if found == float("inf"):
            least = within / ((abs(self.effect) / quantile) ** 2 - self.drift) - within / between
            what = f"it takes more than {least:.0f} answers before it" if least > 0 else "no number is enough"
            raise NotEstimableError(
                f"effect: with {self.before:g} answers before the action a change of {self.effect:g} points cannot be "
                f"told, however many come after: {what}. Plan for a larger change, or for several practices."
            )
        return found

    def power_at(self, n: float, alpha: float) -> float:
        from scipy.stats import norm

        within, between = (1.0 - self.between) * self.sd**2, self.between * self.sd**2
        variance = within / n + within / (self.before + within / between) + self.drift
        limit, away = float(norm.ppf(1.0 - alpha / 2.0)), abs(self.effect) / variance**0.5
        return float(norm.cdf(away - limit) + norm.cdf(-away - limit))

    def cluster_icc(self, icc: float) -> float:
        return 0.0


QUESTIONS: dict[str, type[Question]] = {
    "driver": _Driver,
    "practice-difference": _PracticeDifference,
    "net-difference": _NetDifference,
    "share-difference": _ShareDifference,
    "nps-margin": _NpsMargin,
    "metric-comparison": _MetricComparison,
    "reliable-means": _ReliableMeans,
    "change": _Change,
    "retest": _Retest,
    "practice-arms": _PracticeArms,
    "action": _Action,
}
"""Questions by name; their fields are the assumptions, with defaults."""


def build_question(name: str, assumptions: dict[str, float]) -> Question:
    """Make a question with its assumptions.

    Raises
    ------
    AnalysisError
        For an unknown question or assumption; the message lists those there are.
    """
    if name not in QUESTIONS:
        raise AnalysisError(f"question: expected one of {', '.join(QUESTIONS)}, received '{name}'.")
    kind = QUESTIONS[name]
    known = {field.name: field.default for field in fields(kind)}  # type: ignore[arg-type]
    unknown = [key for key in assumptions if key not in known]
    if unknown:
        listed = ", ".join(f"{key}={value}" for key, value in known.items())
        raise AnalysisError(f"{unknown[0]}: '{name}' has no such assumption; it has: {listed}.")
    return kind(**assumptions)
