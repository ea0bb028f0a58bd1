"""Driver models with measurement error taken out: reference values, what a journey states, and when there is none.

Reference: tests/reference/measurement_error (README there): slopes of sum scores and of errors in variables by alpha of
two simulated data sets, made by other code; tolerance 1e-9 (rounding).
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from driver_data import as_responses, score_journey

from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.importance.estimate import estimate_importance
from pxanalysis.errors import AnalysisError
from pxanalysis.journey import Journey
from pxanalysis.survey.responses import Responses

REFERENCE = Path(__file__).parents[2] / "reference" / "measurement_error"


def reference(name: str) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    data = pd.read_csv(REFERENCE / f"data_{name}.csv")
    items: dict[str, list[str]] = {}
    for column in data.columns.drop(["ktv", "practice"]):
        items.setdefault(column.split("_")[0], []).append(column)
    return data, items


def responses_of(name: str, **stated: dict[str, object]) -> Responses:
    """Items on 0-100; ``stated`` gives touchpoints what a journey says of their scale."""
    data, items = reference(name)
    answers = data.drop(columns=["practice", "ktv"]).apply(lambda column: 25.0 * (column - 1))
    journey = with_stated(score_journey(items), stated)
    return as_responses(journey, answers.assign(ktv=data["ktv"], nps=5.0, returned=0), data["practice"])


def with_stated(journey: Journey, stated: dict[str, dict[str, object]]) -> Journey:
    raw = journey.model_dump(mode="json", exclude_none=True)
    for step in raw["steps"]:
        for touchpoint in step["touchpoints"]:
            touchpoint |= stated.get(touchpoint["id"], {})
    return Journey.model_validate(raw)


@pytest.mark.parametrize("name", ["a", "b"])
def test_slopes_as_measured_and_corrected_are_those_of_the_reference(name: str) -> None:
    ours = pd.read_csv(REFERENCE / f"ours_{name}.csv").set_index("touchpoint")
    model = fit_drivers(responses_of(name), n_bootstrap=60, cross_validate=False)
    terms = model.terms.set_index("term").loc[ours.index]
    np.testing.assert_allclose(terms["b_raw"], ours["sum_score"], rtol=1e-9)
    np.testing.assert_allclose(terms["b_corrected"].astype(float), ours["eiv_alpha"], rtol=1e-9)
    np.testing.assert_allclose(terms["reliability"].astype(float), ours["alpha"], rtol=1e-9)
    assert set(terms["reliability_from"]) == {"items"}


def test_weak_scales_come_nearer_to_the_causal_slope_of_the_generator() -> None:
    """Data a: t3, t5 and t7 have alpha .37-.49; measured slopes are 37-50 % of the truth."""
    ours = pd.read_csv(REFERENCE / "ours_a.csv").set_index("touchpoint").loc[["t3", "t5", "t7"]]
    terms = fit_drivers(responses_of("a"), n_bootstrap=60, cross_validate=False).terms.set_index("term").loc[ours.index]
    truth = ours["causal_slope"]
    assert (terms["b_raw"] / truth < 0.55).all()
    assert (terms["b_corrected"].astype(float) / truth).between(0.75, 1.25).all()


def test_corrected_takes_the_place_of_measured_and_sums_to_its_r2() -> None:
    responses = responses_of("a")
    both = fit_drivers(responses, n_bootstrap=60, cross_validate=False)
    only = fit_drivers(responses, n_bootstrap=60, cross_validate=False, measurement="corrected")
    first = both.terms.set_index("term")
    np.testing.assert_allclose(only.terms["estimate"], first["corrected"].astype(float))
    assert both.correction is not None
    assert only.r2 == pytest.approx(both.correction.r2)
    assert only.r2 > both.r2
    beside, instead = estimate_importance(both, n_bootstrap=60), estimate_importance(only, n_bootstrap=60)
    assert beside.terms["importance"].sum() == pytest.approx(both.r2)
    assert beside.terms["importance_corrected"].sum() == pytest.approx(both.correction.r2)
    np.testing.assert_allclose(instead.terms["importance"], beside.terms["importance_corrected"])
    assert (beside.terms["importance_corrected_low"] <= beside.terms["importance_corrected"]).all()


def test_measured_is_what_it_was() -> None:
    model = fit_drivers(responses_of("b"), n_bootstrap=60, cross_validate=False, measurement="measured")
    assert model.correction is None
    assert model.terms["corrected"].isna().all()


def test_what_the_journey_states_goes_before_what_items_suggest() -> None:
    stated = {"t3": {"scale": "formative"}, "t5": {"reliability": 0.9}}
    model = fit_drivers(responses_of("a", **stated), n_bootstrap=60, cross_validate=False)
    terms = model.terms.set_index("term")
    assert terms.loc[["t3", "t5", "t1"], "reliability_from"].tolist() == ["formative", "stated", "items"]
    assert terms.loc[["t3", "t5"], "reliability"].astype(float).tolist() == pytest.approx([1.0, 0.9])


def test_one_question_borrows_the_mean_correlation_of_the_others() -> None:
    data, items = reference("a")
    single = {name: columns[:1] if name == "t1" else columns for name, columns in items.items()}
    answers = data.apply(lambda column: 25.0 * (column - 1) if column.name not in ("ktv", "practice") else column)
    responses = as_responses(score_journey(single), answers.assign(nps=5.0, returned=0), data["practice"])
    model = fit_drivers(responses, n_bootstrap=60, cross_validate=False)
    ratios = []
    for name, columns in items.items():
        if name != "t1":
            cov = np.cov(answers[columns], rowvar=False)
            ratios.append((cov.sum() - np.trace(cov)) / (len(cov) - 1) / np.trace(cov))
    assert model.correction is not None
    assert model.correction.borrowed == pytest.approx(np.mean(ratios), rel=1e-9)
    row = model.terms.set_index("term").loc["t1"]
    assert (row["reliability_from"], row["reliability"]) == ("borrowed", pytest.approx(np.mean(ratios)))


def test_content_that_cannot_be_error_falls_back_and_says_so() -> None:
    """The outcome follows each question by itself: errors as large as alpha suggests are impossible."""
    rng = np.random.default_rng(4)
    n, names = 800, {"t0": ["a", "b"], "t1": ["c", "d"]}
    answers = pd.DataFrame(rng.uniform(0, 100, (n, 4)), columns=list("abcd"))
    answers["b"] += 0.2 * answers["a"]
    answers["d"] += 0.2 * answers["c"]
    answers["ktv"] = answers[list("abcd")].mean(axis=1) / 10 + 0.05 * rng.standard_normal(n)
    model = fit_drivers(as_responses(score_journey(names), answers, np.arange(n) % 10), cross_validate=False)
    assert model.correction is None
    assert [note.code for note in model.notes if note.code.startswith("measured")] == ["measured_content"]
    assert "differ in content" in model.glance()["notes"].iloc[0]


@pytest.mark.parametrize(
    ("options", "practices", "code"),
    [
        ({}, 4, "measured_few_practices"),
        ({"level": "item"}, 8, "measured_level"),
        ({"family": "ordinal"}, 8, "measured_family"),
    ],
)
def test_where_nothing_is_corrected_the_notes_say_why(options: dict, practices: int, code: str) -> None:
    data, items = reference("b")
    keep = data["practice"].isin(range(practices))
    data = data[keep]
    answers = data.apply(lambda column: 25.0 * (column - 1) if column.name not in ("ktv", "practice") else column)
    few = {name: items[name] for name in ("t3", "t6")}
    responses = as_responses(score_journey(few), answers.assign(nps=5.0, returned=0), data["practice"])
    model = fit_drivers(responses, n_bootstrap=60, cross_validate=False, **options)
    assert code in [note.code for note in model.notes]
    assert model.correction is None


def test_a_touchpoint_that_some_did_not_meet_keeps_its_slope() -> None:
    """Slopes on true scores with an optional touchpoint (70 % met): .04 and .02 within three standard errors."""
    rng = np.random.default_rng(8)
    n = 20_000
    truth = 60 + 15 * rng.standard_normal((n, 2))
    met = rng.random(n) < 0.7
    answers = pd.DataFrame(
        {f"{name}{i}": truth[:, t] + 20 * rng.standard_normal(n) for t, name in enumerate("ab") for i in range(3)}
    )
    answers["ktv"] = 0.04 * (truth[:, 0] - 60) * met + 0.02 * truth[:, 1] + 0.3 * met + 0.5 * rng.standard_normal(n)
    journey = score_journey({"one": ["a0", "a1", "a2"], "two": ["b0", "b1", "b2"]})
    applies = pd.DataFrame(
        {name: met if name[0] == "a" else True for name in answers.columns.drop("ktv")}, index=range(n)
    )
    model = fit_drivers(as_responses(journey, answers, np.arange(n) % 40, applies), cross_validate=False)
    terms = model.terms.set_index("term")
    assert terms.loc["one", "b_raw"] == pytest.approx(0.04 * 0.628, abs=0.0015)  # 225 / (225 + 400 / 3)
    assert float(terms.loc["one", "b_corrected"]) == pytest.approx(0.04, abs=0.0015)
    assert float(terms.loc["two", "b_corrected"]) == pytest.approx(0.02, abs=0.001)


def test_an_unknown_measurement_is_refused() -> None:
    with pytest.raises(AnalysisError, match="measurement: expected one of both, measured, corrected"):
        fit_drivers(responses_of("b"), measurement="true")


def test_a_marker_takes_out_what_a_general_impression_adds() -> None:
    """T = e + h g and y = w'e + c g: with a marker of g (reliability .7) slopes are w again, without it they are not.

    20,000 patients; tolerance three standard errors.
    """
    rng = np.random.default_rng(11)
    n, halo = 20_000, (0.0, 10.0)
    g = rng.standard_normal(n)
    truth = 60 + 10 * rng.standard_normal((n, 2)) + np.outer(g, halo)
    answers = pd.DataFrame(
        {f"{name}{i}": truth[:, t] + 8 * rng.standard_normal(n) for t, name in enumerate("ab") for i in range(3)}
    )
    answers["ktv"] = 0.04 * truth[:, 0] + 0.02 * (truth[:, 1] - 10 * g) + 0.8 * g + 0.5 * rng.standard_normal(n)
    answers["mood"] = 50 + 10 * (g + np.sqrt(0.3 / 0.7) * rng.standard_normal(n))
    mood = {"id": "mood", "label": {"nl": "weer", "en": "weather"}, "type": "number", "range": [-100, 200]}
    items = {"one": ["a0", "a1", "a2"], "two": ["b0", "b1", "b2"]}
    found = {}
    for marker in (True, False):
        known = {"marker": True, "reliability": 0.7} if marker else {}
        responses = as_responses(score_journey(items, case_mix=[mood | known]), answers, np.arange(n) % 40)
        model = fit_drivers(responses, case_mix=("mood",), n_bootstrap=60, cross_validate=False)
        found[marker] = model.terms.set_index("term")["b_corrected"].astype(float)
    assert found[True]["one"] == pytest.approx(0.04, abs=0.003)
    assert found[True]["two"] == pytest.approx(0.02, abs=0.004)
    assert found[False]["two"] > 0.03
