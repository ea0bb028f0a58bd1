"""What the fit keeps for reports: comments with content, and how practices were compared."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pxanalysis.analysis.fit import FitSettings
from pxanalysis.analysis.fit.comparing import compare_outcomes, describe_case_mix, describe_comparisons
from pxanalysis.analysis.fit.outcomes import describe_funnel
from pxanalysis.analysis.fit.people import select_comments
from pxanalysis.analysis.fit.settings import FEW_RESPONDENTS
from pxanalysis.analysis.practices import compare_practices
from pxanalysis.survey.reading import read_survey
from pxanalysis.survey.responses import Responses
from pxanalysis.survey.simulate import Simulation

SETTINGS = FitSettings(n_bootstrap=50)


@pytest.fixture(scope="module")
def responses(simulation: Simulation, tmp_path_factory: pytest.TempPathFactory) -> Responses:
    folder: Path = tmp_path_factory.mktemp("raw")
    simulation.write(folder)
    return read_survey(folder / "simulated.csv", journey="dental-treatment")


def with_column(responses: Responses, name: str, values: list[object]) -> Responses:
    table = responses.table.with_columns(pl.Series(name, values))
    return Responses(responses.journey, table, responses.rejected, {})


def test_comments_without_content_count_but_are_not_kept(responses: Responses) -> None:
    first = responses.of_practice(responses.practices[0])
    question = first.journey.open_questions[0].id
    texts = ["Geen opmerkingen."] * 9 + ["Te duur."] + [None] * (first.n - 10)
    kept = select_comments(with_column(first, question, texts), SETTINGS)
    assert kept["text"].tolist() == ["Te duur."]
    texts[0] = None
    assert select_comments(with_column(first, question, texts), SETTINGS).empty


def test_the_comparison_is_that_of_the_practices_module(responses: Responses) -> None:
    compared = compare_outcomes(responses, SETTINGS)
    facts = describe_comparisons(compared).set_index("outcome")
    adjusters = [variable.id for variable in responses.journey.case_mix]
    direct = compare_practices(responses, "ktv", adjusters=adjusters)
    assert facts.loc["ktv", "sigma2_between"] == pytest.approx(direct.sigma2_between)
    assert facts.loc["ktv", "icc"] == pytest.approx(direct.icc)
    assert facts.loc["ktv", "phi"] > 0
    effects = describe_case_mix(compared, 10).query("outcome == 'ktv'").set_index("term")
    expected = direct.adjusters.set_index("term")
    assert list(effects.index) == list(expected.index)
    shown = effects["estimate"].notna()
    assert shown["age"]
    np.testing.assert_allclose(effects.loc[shown, "estimate"], expected.loc[shown, "estimate"])


def test_an_effect_on_few_people_is_hidden(responses: Responses) -> None:
    levels = ["good"] * (responses.n - 33) + ["fair"] * 9 + ["excellent"] * 24
    rng = np.random.default_rng(1)
    some = with_column(responses, "health", rng.permutation(levels).tolist())
    table = describe_case_mix(compare_outcomes(some, SETTINGS), 10)
    health = table.query("outcome == 'ktv' and variable == 'health'")
    assert health["estimate"].isna().all(), "all are held against 'fair', which nine people are"
    levels = ["good"] * (responses.n - 33) + ["fair"] * 24 + ["excellent"] * 9
    some = with_column(responses, "health", rng.permutation(levels).tolist())
    table = describe_case_mix(compare_outcomes(some, SETTINGS), 10)
    health = table.query("outcome == 'ktv' and variable == 'health'").set_index("level")
    assert np.isfinite(health.loc["good", "estimate"])
    assert np.isnan(health.loc["excellent", "std_error"])
    assert health.loc["excellent", "reason"] == FEW_RESPONDENTS


def test_too_few_practices_are_a_reason_not_an_error(responses: Responses) -> None:
    few = responses.where(pl.col("practice_id").is_in(responses.practices[:3]))
    compared = compare_outcomes(few, SETTINGS)
    facts = describe_comparisons(compared)
    assert facts["icc"].isna().all()
    assert facts["reason"].str.contains("from 5 on").all()
    assert describe_case_mix(compared, 10).empty
    assert set(describe_funnel(compared)["outcome"]) == {"ktv", "nps", "ces"}
