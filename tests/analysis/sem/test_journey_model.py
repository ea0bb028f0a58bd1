"""From a journey to a model: what is written, what is assumed, and whether the truth comes back."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.axes import Axes

import pxanalysis as pxa
from pxanalysis.analysis.sem import (
    JourneyModel,
    SemModel,
    SemOptions,
    compare_rankings,
    fit_journey_model,
    write_journey_model,
)
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.journey import Journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import Study, init_study
from pxanalysis.survey.responses import Responses

FAST = SemOptions(n_bootstrap=100)


@pytest.fixture(scope="module")
def responses(tmp_path_factory: pytest.TempPathFactory) -> Responses:
    folder = tmp_path_factory.mktemp("sem")
    simulate_survey(pxa.read_journey("dental-treatment"), practices=12, responses=(50, 70), seed=5).write(folder)
    return pxa.read_survey(folder / "simulated.csv", journey="dental-treatment")


@pytest.fixture(scope="module")
def model(responses: Responses) -> SemModel:
    return pxa.fit_sem(responses, options=FAST)


def test_touchpoints_are_measured_by_their_items(responses: Responses) -> None:
    written = write_journey_model(responses)
    lines = written.syntax.splitlines()
    assert "staff =~ staff_friendly + staff_attention + staff_privacy" in lines
    assert lines[-1].startswith("ktv ~ appointment + staff")
    assert list(written.frame.columns).count("ktv") == 1
    assert written.labels["staff"] == "Vriendelijkheid"


def test_an_optional_touchpoint_is_cleared_of_having_met_it(responses: Responses) -> None:
    written = write_journey_model(responses)
    assert "met_anaesthesia" in written.syntax.splitlines()[-1]
    met = written.frame["met_anaesthesia"] == 1
    unmet_scores = written.frame.loc[~met, "anaesthesia_gentle"]
    assert unmet_scores.min() == unmet_scores.max()
    seen = written.frame.loc[met, "anaesthesia_gentle"].mean()
    assert unmet_scores.iloc[0] == pytest.approx(seen, rel=1e-9)


@pytest.mark.slow
def test_along_the_chain_early_touchpoints_work_through_later_ones(responses: Responses) -> None:
    flat = pxa.fit_sem(responses, options=FAST)
    chain = pxa.fit_sem(responses, chain=True, options=FAST)
    # The chain arranges the same covariances of touchpoints as paths: it fits exactly as well.
    assert chain.measures["chisq"] == pytest.approx(flat.measures["chisq"], rel=1e-6)
    effects = chain.effects()
    first = effects.table[(effects.table["source"] == "appointment") & (effects.table["target"] == "ktv")]
    parts = first.set_index("kind")["estimate"]
    assert parts["total"] == pytest.approx(parts["direct"] + parts["indirect"], rel=1e-9)
    assert parts["indirect"] > 0
    assert_no_text_on_another(chain.plot())


def assert_no_text_on_another(axes: Axes) -> None:
    """Every value of the diagram is at its own arc, and every name below its own mark."""
    renderer = axes.figure.canvas.get_renderer()
    boxes = [text.get_window_extent(renderer) for text in axes.texts if text.get_text()]
    assert len(boxes) > 20
    assert [(a, b) for a, b in combinations(boxes, 2) if a.overlaps(b)] == []


@pytest.mark.slow
def test_steps_can_be_the_latents(responses: Responses) -> None:
    model = pxa.fit_sem(responses, level="step", options=FAST)
    assert set(model.effects().on("ktv")["source"]) >= {"arranging", "at_the_practice"}


def test_few_practices_get_errors_from_their_bootstrap_and_no_robust_chi_square(model) -> None:
    assert model.errors.startswith("bootstrap of 12 practices")
    assert "chisq.scaled" not in model.measures
    assert any("12 practices are fewer than" in note for note in model.notes)


@pytest.mark.slow
def test_the_strongest_touchpoints_of_the_simulation_come_back(tmp_path: Path) -> None:
    simulation = simulate_survey(pxa.read_journey("dental-treatment"), practices=25, responses=80, seed=11)
    simulation.write(tmp_path)
    responses = pxa.read_survey(tmp_path / "simulated.csv", journey="dental-treatment")
    found = pxa.fit_sem(responses, options=FAST).effects().on("ktv")
    found = found[~found["source"].str.startswith("met_")]
    truth = simulation.truth.weights.sort_values(ascending=False)
    assert found["source"].iloc[0] == truth.index[0]


def test_a_single_item_has_a_stated_or_borrowed_reliability(responses: Responses) -> None:
    plain = responses.journey.model_dump(mode="json")
    first = plain["steps"][0]["touchpoints"][0]
    first["items"], first["ideas"] = first["items"][:1], []
    single = Responses(Journey.model_validate(plain), responses.table, responses.rejected)
    one = single.journey.touchpoints[0]
    borrowed = write_journey_model(single)
    assert any("one item; its reliability is assumed" in note for note in borrowed.notes)
    stated = write_journey_model(single, reliability={one.id: 0.8})
    variance = np.nanvar(stated.frame[one.items[0].id])
    line = next(line for line in stated.syntax.splitlines() if line.startswith(f"{one.items[0].id} ~~"))
    assert float(line.split("~~")[1].split("*")[0]) == pytest.approx(0.2 * variance, rel=1e-6)
    with pytest.raises(AnalysisError, match="reliability: there is no 'parking'"):
        write_journey_model(single, reliability={"parking": 0.7})


@pytest.mark.slow
def test_mediation_of_outcomes(responses: Responses) -> None:
    model = pxa.fit_sem(responses, then=("nps", "returned"), options=FAST)
    effects = model.effects().table
    through = effects[(effects["target"] == "nps") & (effects["kind"] == "indirect")]
    assert "staff" in set(through["source"])
    assert {"nps", "returned"} <= set(effects["target"])


def test_case_mix_is_held_equal(responses: Responses) -> None:
    names = tuple(variable.id for variable in responses.journey.case_mix)
    model = pxa.fit_sem(responses, case_mix=names[:1], options=FAST)
    assert names[0] in model.syntax


def test_a_researchers_own_model_on_responses(responses: Responses) -> None:
    syntax = "staff =~ staff_friendly + staff_attention + staff_privacy\nktv ~ staff"
    model = pxa.fit_sem(responses, syntax=syntax, options=FAST)
    assert model.n_practices == 12
    assert model.errors.startswith("bootstrap of 12 practices")
    few = pxa.fit_sem(responses, syntax=syntax, clusters=np.where(np.arange(responses.n) % 2, "a", "b"))
    assert any("2 practices are too few" in note for note in few.notes)


@pytest.mark.slow
def test_groups_of_responses_are_compared_and_told_whether_means_may_be(responses: Responses) -> None:
    half = np.where(np.arange(responses.n) % 2 == 0, "first", "second")
    found = pxa.compare_groups(responses, half)
    assert found.means_comparable  # the halves are dealt at random
    assert found.sentence.startswith("The means of first, second may be compared")
    assert len(found.latent_means()) == 6
    assert any("independent of each other" in note for note in found.notes)
    assert found.sentence in found.summary()
    with pytest.raises(AnalysisError, match="at least two groups"):
        pxa.compare_groups(responses, np.full(responses.n, "all"))


def test_a_frame_needs_a_model(responses: Responses) -> None:
    with pytest.raises(AnalysisError, match="a frame needs a model"):
        pxa.fit_sem(responses.frame)


def test_an_unknown_outcome_or_level_is_refused(responses: Responses) -> None:
    with pytest.raises(AnalysisError, match="outcome"):
        pxa.fit_sem(responses, "price")
    with pytest.raises(AnalysisError, match="level: expected one of touchpoint, step"):
        pxa.fit_sem(responses, level="item")


def test_too_few_responses_are_refused(responses: Responses) -> None:
    with pytest.raises(NotEstimableError, match="12"):
        pxa.fit_sem(Responses(responses.journey, responses.table.head(12), responses.rejected))


def test_it_reads_well(model) -> None:
    text = model.summary()
    order = ["User model", "Baseline model", "Latent variables", "Regressions", "Covariances", "Variances", "R-square"]
    places = [text.index(word) for word in order]
    assert places == sorted(places)
    assert len(repr(model).splitlines()) <= 10
    assert "<table" in model._repr_html_()
    assert {"term", "estimate", "std_error", "ci_low", "ci_high", "reason"} <= set(model.tidy().columns)
    assert model.glance()["n_practices"].item() == 12
    with pytest.raises(NotEstimableError, match="gfi: not defined with missing"):
        model.measure("gfi")


@pytest.mark.parametrize("loadings", [False, True])
def test_the_diagram_shows_every_path_with_its_value(model, loadings: bool) -> None:
    axes = model.plot(loadings=loadings)
    words = {text.get_text() for text in axes.texts}
    paths = model.parameters[(model.parameters["op"] == "~") & (model.parameters["lhs"] == "ktv")]
    for row in paths[~paths["rhs"].str.startswith("met_")].itertuples():
        assert f"{row.std_all:.2f}".replace("-", "−") in words
    assert any("KTV" in word for word in words)


def test_effects_and_importance_beside_performance_are_drawn(model) -> None:
    assert model.effects().plot("ktv").get_xlabel() == "standardised effect on KTV"
    found = model.ipma("ktv")
    assert found.table["performance"].between(0, 100).all()
    assert found.plot().get_ylabel() == "performance (0-100)"


def test_rankings_by_regression_and_by_model_are_compared(responses: Responses, model: SemModel) -> None:
    drivers = pxa.fit_drivers(responses, n_bootstrap=100, cross_validate=False)
    found = compare_rankings(pxa.estimate_importance(drivers, n_bootstrap=100), model)
    assert sorted(found.table["rank_sem"]) == list(range(1, len(found.table) + 1))
    assert -1 <= found.tau <= 1
    assert found.table["term"].iloc[0] in found.sentence


@pytest.mark.slow
def test_a_study_fits_with_its_own_settings(tmp_path: Path) -> None:
    study = init_study(tmp_path / "demo", "dental-treatment")
    text = (study.root / "study.toml").read_text()
    (study.root / "study.toml").write_text(text.replace("n_bootstrap = 1000", "n_bootstrap = 100"))
    simulate_survey(study.journey, practices=8, responses=(40, 50), seed=7).write(study.raw_folder)
    study = Study(study.root)
    study.ingest()
    model = study.fit_sem(level="step", chain=True)
    assert model.fitted.options.n_bootstrap == 100
    assert any(label.startswith(study.journey.case_mix[0].id) for label in model.labels.values())


def test_a_suppressor_is_named() -> None:
    rng = np.random.default_rng(4)
    quality, halo = rng.normal(size=(2, 3_000))
    columns = {f"a{i}": quality + rng.normal(size=3_000) * 0.5 for i in range(3)}
    columns |= {f"b{i}": 0.8 * quality + 0.6 * halo + rng.normal(size=3_000) * 0.5 for i in range(3)}
    frame = pd.DataFrame(columns)
    frame["y"] = 1.2 * quality - 0.5 * halo + rng.normal(size=3_000)
    written = JourneyModel(
        syntax="a =~ a0 + a1 + a2\nb =~ b0 + b1 + b2\ny ~ a + b",
        frame=frame,
        clusters=pd.Series(["p"] * 3_000),
        drivers=("a", "b"),
        outcome="y",
        labels={},
        notes=(),
        n_dropped=0,
    )
    notes = fit_journey_model(written, FAST).notes
    assert [note for note in notes if "suppressor" in note] == [
        "'b' has a path of the other sign than its correlation with 'y' (suppressor): no advice on it"
    ]


def test_every_estimator_is_what_it_says_or_refused(responses: Responses) -> None:
    with pytest.raises(AnalysisError, match="'WLSMV' needs an answer in some category, but 3 items were not met"):
        pxa.fit_sem(responses, options=SemOptions(estimator="WLSMV"))
    with pytest.raises(AnalysisError, match="MLM takes patients to be independent, but they are of 12 practices"):
        pxa.fit_sem(responses, options=SemOptions(estimator="MLM"))
    plain = pxa.fit_sem(responses, options=SemOptions(estimator="ML"))
    assert any("errors may be too small" in note for note in plain.notes)
    robust = pxa.fit_sem(responses, options=SemOptions(estimator="MLR"))
    assert robust.errors == "robust, summed over 12 practices"
    assert "fewer practices than parameters" in robust.reasons["chisq.scaled"]


def test_one_practice_gets_robust_errors_and_few_those_within_them(responses: Responses) -> None:
    one = pxa.fit_sem(responses.of_practice(responses.practices[0]), level="step")
    assert one.errors == "robust (sandwich)"
    assert any("parameters: fewer than 5 each" in note for note in one.notes)
    three = pxa.fit_sem(responses.where(pl.col("practice_id").is_in(responses.practices[:3])))
    assert any("3 practices are too few" in note for note in three.notes)


def test_ordered_answers_of_responses(responses: Responses) -> None:
    syntax = "staff =~ staff_friendly + staff_attention + staff_privacy\nktv ~ staff"
    model = pxa.fit_sem(responses, syntax=syntax, options=SemOptions(estimator="WLSMV"))
    assert model.errors == "robust (WLSMV)"
    assert "chisq.scaled" in model.measures
    assert any("do not allow for practices" in note for note in model.notes)
