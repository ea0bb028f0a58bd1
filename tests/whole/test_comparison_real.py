"""Metrics compared on real answers: hospitals (no behaviour) and mobile-phone customers (an intention)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from pxanalysis.analysis.comparison import MetricComparison, compare_metrics, read_plan
from pxanalysis.study import open_study
from pxanalysis.survey.reading import read_survey

pytestmark = [pytest.mark.real_data, pytest.mark.slow]
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def hospitals(real_data: Path) -> MetricComparison:
    study = open_study(EXAMPLES / "hospital_2016")
    path = real_data / "hospital_2016" / "responses.csv"
    responses = read_survey(path, journey=study.journey, columns=study.settings.columns)
    return compare_metrics(responses, n_bootstrap=300)


@pytest.fixture(scope="module")
def customers(real_data: Path) -> pd.DataFrame:
    return pd.read_csv(real_data / "mobi" / "mobi.csv")


@pytest.fixture(scope="module")
def mobi(customers: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> MetricComparison:
    study = open_study(EXAMPLES / "mobi")
    path = tmp_path_factory.mktemp("mobi") / "mobi.csv"
    ids = [f"M{number:03d}" for number in range(len(customers))]
    customers.assign(practice_id="provider", response_id=ids).to_csv(path, index=False)
    responses = read_survey(path, journey=study.journey, columns=study.settings.columns)
    return compare_metrics(responses, plan=read_plan(EXAMPLES / "mobi" / "comparison.toml"))


def test_hospitals_say_first_what_they_cannot_carry(hospitals: MetricComparison) -> None:
    assert "There is no criterion in these data" in hospitals.notes[0]
    assert "asked on 1-10, not 0-10" in hospitals.notes[1]
    assert (hospitals.n_obs, hospitals.n_complete, hospitals.n_practices) == (11_098, 10_390, 23)


def test_hospitals_are_told_apart_better_by_recommending(hospitals: MetricComparison) -> None:
    icc = hospitals["discrimination"].query("transform == 'mean'").set_index("term")
    # independent ANOVA figures, examples/hospital_2016/README.md
    assert icc.loc["ktv", "estimate"] == pytest.approx(0.0148, abs=5e-5)
    assert icc.loc["ktv", ["n_70", "n_80"]].tolist() == [155, 266]
    assert icc.loc["nps", "estimate"] == pytest.approx(0.031, abs=5e-4)
    distance = hospitals["profile_distances"].iloc[0]
    assert distance["estimate"] > distance["by_chance"]


def test_mobi_is_that_of_statsmodels(mobi: MetricComparison, customers: pd.DataFrame) -> None:
    row = mobi.tidy().query("transform == 'mean'").iloc[0]
    r = customers[["CUSA1", "CUSL3", "CUSL1"]].corr()
    assert row["estimate"] == pytest.approx(r.loc["CUSA1", "CUSL1"] - r.loc["CUSL3", "CUSL1"])
    both = sm.OLS(customers["CUSL1"], sm.add_constant(customers[["CUSA1", "CUSL3"]])).fit()
    j = mobi["non_nested"].query("test == 'J'").set_index("first")["statistic"]
    np.testing.assert_allclose(j[["ktv", "nps"]], both.tvalues[["CUSL3", "CUSA1"]], rtol=1e-9)


def test_mobi_is_no_behaviour_and_has_no_practices(mobi: MetricComparison) -> None:
    assert "cannot say which metric predicts behaviour" in mobi.notes[0]
    assert any("Asked in the same questionnaire: 'cusl1'" in note for note in mobi.notes)
    assert "people are the units" in mobi.summary()
    assert mobi["hypotheses"]["outcome"].tolist() == ["supported"]
    assert mobi.deviations == ()
    assert "there are no practices" in mobi["levels"]["reason"].iloc[0]
