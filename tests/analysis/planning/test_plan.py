"""A study is planned by a stated formula; what the formula promises is reached when it is simulated."""

from __future__ import annotations

from pathlib import Path

import pytest
from scipy.stats import norm
from typer.testing import CliRunner

from pxanalysis.analysis.planning import QUESTIONS, plan_study
from pxanalysis.cli import app
from pxanalysis.errors import AnalysisError, NotEstimableError

# what R, statsmodels and published tables say, see tests/reference/metric_lab/power
NEEDED = {
    "driver": ({"r2": 0.40, "drivers": 6, "beta": 0.02**0.5, "vif": 1.0}, 243),
    "metric-comparison": ({"r1": 0.45, "r2": 0.35, "between": 0.60}, 508),
    "practice-difference": ({"difference": 0.5, "sd": 1.4}, 125),
    "net-difference": ({}, 160),
    "share-difference": ({}, 173),
    "nps-margin": ({}, 223),
    "reliable-means": ({"reliability": 0.9, "between": 0.02}, 441),
    "change": ({"difference": 0.3, "sd": 1.4, "correlation": 0.7}, 105),
    "retest": ({}, 148),
    "practice-arms": ({}, 16),
    "action": ({"effect": 10, "before": 120}, 21),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_needed_numbers(question: str) -> None:
    assumptions, expected = NEEDED[question]
    found = plan_study(question, **assumptions)
    assert found.needed == expected
    assert found.formula in found.summary()
    assert found.tidy()["estimate"].iloc[0] == expected
    assert found.glance()["needed"].iloc[0] == expected


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_curve_reaches_what_is_wanted_where_it_is_needed(question: str) -> None:
    found = plan_study(question)
    curve = found.curve.set_index("n")["value"]
    at = curve.iloc[abs(curve.index.to_numpy() - found.unrounded).argmin()]
    wanted = {"nps-margin": 0.10, "reliable-means": 0.80}.get(question, 0.80)
    # R's formula for two shares and the power of statsmodels differ by the far tail
    assert at == pytest.approx(wanted, abs=2e-3)
    steps = curve.diff().dropna()
    assert (steps < 0).all() if question == "nps-margin" else (steps >= -1e-12).all()


def test_the_curve_is_drawn() -> None:
    axes = plan_study("driver").plot()
    assert axes.get_ylabel() == "power"
    assert axes.get_xlabel() == "people, independent"


@pytest.mark.parametrize("sizes", [{"per_practice": 30}, {"practices": 40}, {"practices": 10}])
@pytest.mark.parametrize("question", ["driver", "metric-comparison"])
def test_what_is_promised_with_practices_is_reached(question: str, sizes: dict[str, int]) -> None:
    found = plan_study(question, **sizes)
    assert found.simulated is not None
    assert found.simulated.power >= 0.8 - 3 * found.simulated.monte_carlo_error
    assert found.people == found.practices * found.per_practice >= found.needed


def test_practices_cost_people() -> None:
    alone, nested = plan_study("nps-margin"), plan_study("nps-margin", practices=20)
    assert alone.people != alone.people, "nobody asked for practices"
    assert nested.design_effect == pytest.approx(1 + (nested.per_practice - 1) * 0.05)
    assert nested.people > 2 * alone.needed


@pytest.mark.slow
def test_a_stronger_wish_takes_more() -> None:
    sizes = [plan_study("metric-comparison", power=power, r1=r1).needed for power, r1 in ((0.8, 0.35), (0.9, 0.35))]
    assert sizes[0] < sizes[1]
    assert plan_study("metric-comparison", r1=0.30).needed > 3 * sizes[0]


@pytest.mark.parametrize(
    ("question", "options", "error", "words"),
    [
        ("drivers", {}, AnalysisError, "question: expected one of driver"),
        ("driver", {"betta": 0.2}, AnalysisError, "betta: 'driver' has no such assumption; it has: beta=0.15"),
        ("driver", {"beta": 0.0}, AnalysisError, "beta: expected a standardised coefficient"),
        ("driver", {"vif": 0.5}, AnalysisError, "vif"),
        ("driver", {"power": 1.0}, AnalysisError, "power: expected"),
        ("driver", {"practices": 10, "per_practice": 10}, AnalysisError, "give one of them"),
        ("driver", {"practices": 2}, AnalysisError, "at least 3"),
        ("nps-margin", {"practices": 5}, NotEstimableError, "no number of people is enough"),
        ("reliable-means", {"practices": 5}, AnalysisError, "counts people per practice already"),
        ("metric-comparison", {"r1": 0.3, "r2": 0.3}, AnalysisError, "two different correlations"),
    ],
)
def test_wrong_plans_are_refused(question: str, options: dict, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        plan_study(question, **options)


def test_the_command(tmp_path: Path) -> None:
    picture = tmp_path / "power.svg"
    found = CliRunner().invoke(app, ["plan", "nps-margin", "--set", "margin=0.05", "--figure", str(picture)])
    assert found.exit_code == 0
    assert f"{plan_study('nps-margin', margin=0.05).needed} people for an NPS with this margin" in found.output
    assert picture.stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "words"), [(["--set", "margin"], "expected name=number"), (["--figure", "p.docx"], ".svg, .pdf or")]
)
def test_a_wrong_option_is_refused(arguments: list[str], words: str) -> None:
    found = CliRunner().invoke(app, ["plan", "nps-margin", *arguments])
    assert found.exit_code == 2
    assert words in found.output


@pytest.mark.parametrize(("before", "needed"), [(60, 32), (120, 28), (240, 25)])
def test_answers_after_an_action_are_those_of_the_simulated_table(before: int, needed: int) -> None:
    """A change of 10 points with 80 % power, by the rule at 2.289 of three looks (design, "When too early ends")."""
    found = plan_study("action", effect=10, before=before, alpha=2 * norm.sf(2.289))
    assert found.needed == needed
    assert QUESTIONS["action"](effect=10, before=before).power_at(found.unrounded, 2 * norm.sf(2.289)) == pytest.approx(
        0.8, abs=1e-6
    )


def test_an_action_that_no_number_of_answers_can_tell_says_why() -> None:
    with pytest.raises(NotEstimableError, match=r"with 60 answers before .* 5 points cannot be told"):
        plan_study("action", effect=5, before=60)
