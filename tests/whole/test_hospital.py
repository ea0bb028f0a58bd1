"""The example on real answers: 11,099 patients of 23 hospitals, against an independent computation."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from places import TESTS

from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.importance.estimate import estimate_importance
from pxanalysis.analysis.practices import compare_practices
from pxanalysis.study import open_study
from pxanalysis.survey.reading import read_survey
from pxanalysis.survey.responses import Responses
from pxanalysis.survey.scores import score_responses

pytestmark = pytest.mark.real_data
EXAMPLE = TESTS.parent / "examples" / "hospital_2016"


@pytest.fixture(scope="module")
def rows(real_data: Path) -> pd.DataFrame:
    return pd.read_csv(real_data / "hospital_2016" / "responses.csv")


@pytest.fixture(scope="module")
def responses(real_data: Path) -> Responses:
    study = open_study(EXAMPLE)
    path = real_data / "hospital_2016" / "responses.csv"
    return read_survey(path, journey=study.journey, columns=study.settings.columns)


@pytest.fixture(scope="module")
def other():
    spec = importlib.util.spec_from_file_location("check", EXAMPLE / "check.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_rows_and_hospitals(responses: Responses, rows: pd.DataFrame) -> None:
    assert len(rows) == 11_099
    assert responses.n == 11_098
    assert responses.rejected["reason"].to_list() == ["no valid answer to any item or outcome; an empty questionnaire"]
    assert len(responses.practices) == 23


def test_scores_are_those_of_pandas(responses: Responses, rows: pd.DataFrame, other) -> None:
    ours = score_responses(responses).set_axis(responses.table["response_id"].to_list(), axis=0)
    theirs = other.touchpoint_scores(rows).set_index(rows["id"].astype(str))
    pd.testing.assert_frame_equal(ours, theirs.loc[ours.index, list(ours.columns)], check_names=False)


def test_listwise_drivers_are_those_of_statsmodels(responses: Responses, rows: pd.DataFrame, other) -> None:
    model = fit_drivers(responses, "ktv", missing="listwise", n_bootstrap=100, cross_validate=False)
    scores = other.touchpoint_scores(rows).assign(ktv=rows["sat_score"])
    scores = scores.dropna(subset=[name for name in scores if name not in other.OPTIONAL])
    assert model.n_obs == len(scores) == 9328
    filled, met = other.beside_met(scores)
    standard = (filled - filled.mean()) / filled.std(ddof=1)
    fit = sm.OLS(standard["ktv"], sm.add_constant(met.join(standard.drop(columns="ktv")))).fit()
    terms = model.tidy().set_index("term")
    names = list(standard.columns[:-1])
    np.testing.assert_allclose(terms.loc[names, "estimate"], fit.params[names], rtol=1e-9, atol=1e-12)
    assert model.r2 == pytest.approx(fit.rsquared, rel=1e-10)
    left = other.beside(met, standard)
    shares = other.lmg(np.corrcoef(left.T)) * left[:, -1].var(ddof=1)
    found = estimate_importance(model, n_bootstrap=100).tidy().set_index("term")["estimate"]
    np.testing.assert_allclose(found[names], shares, rtol=1e-9)


def test_em_keeps_who_listwise_drops(responses: Responses) -> None:
    model = fit_drivers(responses, "ktv", n_bootstrap=100, cross_validate=False)
    assert (model.n_obs, model.n_complete) == (10_939, 9328), "who did not come by the emergency room is complete"
    assert model.r2 == pytest.approx(0.484, abs=0.03), "about what listwise finds, on twice the patients"


def test_icc_of_satisfaction_is_that_of_the_anova(responses: Responses) -> None:
    found = compare_practices(responses, "ktv", adjusters=[]).glance().iloc[0]
    assert found["icc"] == pytest.approx(0.015, abs=5e-4), "an independent ANOVA gave .015"
    assert found["statistic"] == pytest.approx(8.1564, rel=1e-4)
