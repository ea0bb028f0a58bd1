"""Tests of: How much of satisfaction each driver accounts for, and how sure that is."""

from __future__ import annotations

from itertools import combinations, permutations, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from driver_data import as_responses, linear_study, plain_journey, score_journey
from hypothesis import given
from hypothesis import strategies as st
from importance_data import result, study  # noqa: F401
from places import TESTS

from pxanalysis.analysis.drivers.correction import CORRECTED_COLUMNS
from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.importance.estimate import (
    complete_dominance,
    conditional_dominance,
    estimate_importance,
    general_dominance,
    importance_shares,
    lmg_shares,
    owen_shares,
    subset_r2,
)
from pxanalysis.analysis.importance.shares import share_out
from pxanalysis.errors import AnalysisError
from pxanalysis.journey import read_journey
from pxanalysis.simulation.study import SimulationDesign, simulate_survey
from pxanalysis.survey.reading import read_survey

REFERENCE = TESTS / "reference" / "relative_importance"


TOLERANCE = 1e-8


OUTCOMES = {"swiss": "Fertility", "attitude": "rating", "longley": "Employed", "mtcars3": "mpg", "SQ_dims": "sat"}
OUTCOMES |= {"customerSat": "q1"}


METHODS = {"johnson_rw_raw": "johnson", "rwa_raw": "johnson", "genizi": "johnson"}
NOT_HERE = ("car", "pratt", "betasq")


def covariance_of(model: str, terms: list[str]) -> np.ndarray:
    """Covariances of the terms and, last, the outcome."""
    names = [*terms, OUTCOMES[model]]
    stored = REFERENCE / f"covariance_{model}.csv"
    if stored.exists():
        return pd.read_csv(stored, index_col=0).loc[names, names].to_numpy()
    return pd.read_csv(REFERENCE / f"{model.removesuffix('3')}.csv")[names].cov().to_numpy()


def reference_values() -> list[tuple[str, str, pd.DataFrame]]:
    table = pd.read_csv(REFERENCE / "reference_values.csv")
    table = table[~table["method"].isin(NOT_HERE)]
    return [(str(model), str(method), part) for (model, method), part in table.groupby(["model", "method"])]


@pytest.mark.parametrize(
    ("model", "method", "expected"), reference_values(), ids=[f"{m}-{k}" for m, k, _ in reference_values()]
)
def test_matches_r(model: str, method: str, expected: pd.DataFrame) -> None:
    if method == "R2":
        terms = pd.read_csv(REFERENCE / "reference_values.csv").query("model == @model and method == 'lmg'")["term"]
        found = subset_r2(covariance_of(model, list(terms)))[-1:]
    elif method == "general_dominance":
        found = general_dominance(covariance_of(model, list(expected["term"])))
    else:
        found = importance_shares(covariance_of(model, list(expected["term"])), METHODS.get(method, method))
    np.testing.assert_allclose(found, expected["value"], rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("model", ["swiss", "attitude", "longley", "mtcars3", "SQ_dims"])
def test_dominance_tables_match_domir(model: str) -> None:
    conditional = pd.read_csv(REFERENCE / f"conditional_dominance_{model}.csv", index_col=0)
    complete = pd.read_csv(REFERENCE / f"complete_dominance_{model}.csv", index_col=0)
    covariance = covariance_of(model, list(conditional.index))
    np.testing.assert_allclose(conditional_dominance(covariance), conditional, rtol=0, atol=TOLERANCE)
    np.testing.assert_array_equal(complete_dominance(covariance), complete.to_numpy())


@pytest.mark.parametrize(("model", "slack"), [("swiss", 0.05), ("attitude", 0.05)])
def test_case_bootstrap_agrees_with_relaimpo(model: str, slack: float) -> None:
    """Percentile intervals of 1,000 case replicates; both sides have Monte-Carlo error, hence the slack."""
    expected = pd.read_csv(REFERENCE / f"boot_{model}_lmg_seed1234_b1000_perc95.csv")
    data = pd.read_csv(REFERENCE / f"{model}.csv")
    terms = {f"t{i}": term for i, term in enumerate(expected["term"])}
    answers = data.rename(columns={term: f"{name}_item" for name, term in terms.items()})
    answers = answers[[f"{name}_item" for name in terms]].assign(ktv=data[OUTCOMES[model]])
    found = estimate_importance(as_responses(plain_journey(list(terms)), answers), cross_validate=False)
    assert found.bootstrap.unit == "case"
    np.testing.assert_allclose(found.importance, expected["lmg"], atol=TOLERANCE)
    np.testing.assert_allclose(found.terms["importance_low"], expected["lo"], atol=slack)
    np.testing.assert_allclose(found.terms["importance_high"], expected["hi"], atol=slack)


def random_covariance(p: int, seed: int, batch: int | None = None) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((batch or 1, 4 * p + 8, p + 1))
    rows += rng.normal(0, 1, (batch or 1, 1, p + 1)) * rows[:, :, :1]
    found = np.einsum("bni,bnj->bij", rows, rows) / rows.shape[1]
    return found if batch else found[0]


def r2_of(covariance: np.ndarray, columns: list[int]) -> float:
    """R² by solving the normal equations of one subset."""
    if not columns:
        return 0.0
    link = covariance[columns, -1]
    return float(link @ np.linalg.solve(covariance[np.ix_(columns, columns)], link) / covariance[-1, -1])


def test_subsets_equal_least_squares_one_by_one() -> None:
    covariance = random_covariance(6, 1)
    found = subset_r2(covariance)
    for subset in range(1 << 6):
        columns = [j for j in range(6) if subset >> j & 1]
        assert found[subset] == pytest.approx(r2_of(covariance, columns), abs=1e-12)


def test_lmg_equals_the_mean_over_all_orderings() -> None:
    covariance = random_covariance(5, 2)
    shares = np.zeros(5)
    orders = list(permutations(range(5)))
    for order in orders:
        for position, driver in enumerate(order):
            before = list(order[:position])
            shares[driver] += r2_of(covariance, [*before, driver]) - r2_of(covariance, before)
    np.testing.assert_allclose(lmg_shares(covariance), shares / len(orders), atol=1e-12)


def test_owen_equals_the_mean_over_orderings_that_keep_groups_together() -> None:
    covariance = random_covariance(5, 3)
    groups = [[0, 3], [1], [2, 4]]
    shares, count = np.zeros(5), 0
    for outer in permutations(groups):
        for inner in product(*(permutations(group) for group in outer)):
            order = [driver for group in inner for driver in group]
            count += 1
            for position, driver in enumerate(order):
                before = list(order[:position])
                shares[driver] += r2_of(covariance, [*before, driver]) - r2_of(covariance, before)
    in_group_order = (shares / count)[[0, 3, 1, 2, 4]]
    np.testing.assert_allclose(owen_shares(covariance, groups), in_group_order, atol=1e-12)
    np.testing.assert_allclose(importance_shares(covariance, "owen", groups=groups), shares / count, atol=1e-12)


@pytest.mark.parametrize("method", ["lmg", "johnson", "last"])
def test_covariates_that_are_always_in_get_no_share(method: str) -> None:
    covariance = random_covariance(5, 4)
    always = [1, 3]
    found = importance_shares(covariance, method, always=always)
    whole, without = r2_of(covariance, [0, 1, 2, 3, 4]), r2_of(covariance, always)
    if method == "last":
        expected = [whole - r2_of(covariance, [k for k in range(5) if k != j]) for j in (0, 2, 4)]
        np.testing.assert_allclose(found, expected, atol=1e-12)
    else:
        assert found.sum() == pytest.approx(whole - without, abs=1e-12)


def test_depth_first_walk_equals_breadth_first(monkeypatch: pytest.MonkeyPatch) -> None:
    covariances = random_covariance(9, 5, batch=3)
    broad, all_r2 = lmg_shares(covariances), subset_r2(covariances)
    for module in ("regression.explained_variance", "relative_importance.shapley"):
        monkeypatch.setattr(f"pxanalysis.statistics.{module}.BREADTH", 4)
    np.testing.assert_allclose(lmg_shares(covariances), broad, atol=1e-13)
    np.testing.assert_allclose(subset_r2(covariances), all_r2, atol=1e-13)


@pytest.mark.parametrize("method", ["lmg", "johnson", "last", "owen"])
def test_replicates_are_one_more_axis(method: str) -> None:
    covariances = random_covariance(6, 6, batch=10).reshape(2, 5, 7, 7)
    groups = [[0, 1], [2, 3, 4], [5]]
    found = importance_shares(covariances, method, groups=groups)
    assert found.shape == (2, 5, 6)
    np.testing.assert_allclose(found[1, 2], importance_shares(covariances[1, 2], method, groups=groups), atol=1e-13)


def test_outcome_may_stand_anywhere() -> None:
    covariance = random_covariance(4, 7)
    turned = np.roll(covariance, 1, axis=(0, 1))
    np.testing.assert_allclose(lmg_shares(turned, outcome=0), lmg_shares(covariance), atol=1e-13)


@given(st.integers(1, 7), st.integers(0, 10_000))
def test_shares_are_not_negative_and_sum_to_r2(p: int, seed: int) -> None:
    covariance = random_covariance(p, seed)
    whole = r2_of(covariance, list(range(p)))
    for method in ("lmg", "johnson"):
        shares = importance_shares(covariance, method)
        assert shares.sum() == pytest.approx(whole, abs=1e-10)
        assert (shares >= -1e-12).all()


@given(st.permutations(range(5)), st.integers(0, 1_000), st.sampled_from(["lmg", "johnson", "last"]))
def test_order_and_units_of_drivers_do_not_matter(order: list[int], seed: int, method: str) -> None:
    covariance = random_covariance(5, seed)
    units = np.array([1.0, 100.0, 0.01, 3.0, 7.0, 20.0])
    moved = (covariance * np.outer(units, units))[np.ix_([*order, 5], [*order, 5])]
    np.testing.assert_allclose(
        importance_shares(moved, method), importance_shares(covariance, method)[order], atol=1e-10
    )


@given(st.integers(2, 6), st.integers(0, 1_000))
def test_complete_dominance_implies_conditional_implies_general(p: int, seed: int) -> None:
    covariance = random_covariance(p, seed)
    complete, conditional, general = (
        dominance(covariance) for dominance in (complete_dominance, conditional_dominance, general_dominance)
    )
    np.testing.assert_allclose(general, lmg_shares(covariance), atol=1e-12)
    for one, other in permutations(range(p), 2):
        everywhere = (conditional[one] > conditional[other]).all()
        assert complete[one, other] < 1 or everywhere
        assert not everywhere or general[one] > general[other]


def test_unrelated_driver_gets_nothing_and_equal_drivers_the_same() -> None:
    covariance = np.array([[1.0, 0.3, 0, 0.5], [0.3, 1.0, 0, 0.5], [0, 0, 1.0, 0], [0.5, 0.5, 0, 1.0]])
    shares = lmg_shares(covariance)
    assert shares[2] == pytest.approx(0, abs=1e-15)
    assert shares[0] == pytest.approx(shares[1], abs=1e-15)


def test_more_than_25_drivers_are_refused_for_lmg_only() -> None:
    covariance = random_covariance(27, 8)
    with pytest.raises(AnalysisError, match=r"27 drivers .* at most 25.*johnson.*groups"):
        lmg_shares(covariance)
    assert importance_shares(covariance, "johnson").sum() == pytest.approx(r2_of(covariance, list(range(27))))
    groups = [list(range(9)), list(range(9, 18)), list(range(18, 27))]
    assert owen_shares(covariance, groups).sum() == pytest.approx(r2_of(covariance, list(range(27))))


def test_a_singular_replicate_is_nan_and_spares_the_others() -> None:
    covariances = random_covariance(3, 10, batch=3)
    expected = lmg_shares(covariances[[0, 2]])
    covariances[1, 1], covariances[1, :, 1] = covariances[1, 0], covariances[1, :, 0]
    covariances[1, 1, 1] = covariances[1, 0, 0]
    for method in ("lmg", "johnson"):
        found = importance_shares(covariances, method)
        assert np.isnan(found[1]).all()
        assert np.isfinite(found[[0, 2]]).all()
    np.testing.assert_allclose(lmg_shares(covariances)[[0, 2]], expected)


def test_wrong_input_is_explained() -> None:
    with pytest.raises(AnalysisError, match=r"shape \(\.\.\., p\+1, p\+1\).*\(3, 2\)"):
        lmg_shares(np.ones((3, 2)))
    with pytest.raises(AnalysisError, match=r"expected one of lmg, johnson.*received 'dominance'"):
        importance_shares(np.eye(3), "dominance")  # type: ignore[arg-type]
    with pytest.raises(AnalysisError, match="exactly one group"):
        importance_shares(random_covariance(3, 1), "owen", groups=[[0, 1]])


def test_result_follows_the_results_contract(result) -> None:
    columns = ["touchpoint", "n", "beta", "std_error", "ci_low", "ci_high", "p_value", "b_raw", "vif"]
    columns += ["importance", "importance_low", "importance_high", "share", "rank", "rank_low", "rank_high"]
    table = result.terms.copy()
    columns += ["p_top3", "sign_flag", "reason", *CORRECTED_COLUMNS]
    columns += ["importance_corrected", "importance_corrected_low", "importance_corrected_high", "rank_corrected"]
    assert [c for c in table.columns if c != "p_top1"] == columns
    assert table["touchpoint"].tolist() == ["t0", "t1", "t2", "t3"]
    assert table["importance"].sum() == pytest.approx(result.r2, abs=1e-12)
    assert table["share"].sum() == pytest.approx(1)
    assert sorted(table["rank"]) == [1, 2, 3, 4]
    assert table.loc[0, "rank"] == 1
    assert table["p_top3"].sum() == pytest.approx(3)
    assert result.glance().loc[0, "n_bootstrap"] == 400
    assert result.r2_low < result.r2 < result.r2_high
    assert result.bootstrap.unit == "practice"
    tidy = result.tidy()
    assert tidy.columns[:5].tolist() == ["term", "estimate", "std_error", "ci_low", "ci_high"]
    assert tidy["estimate"].tolist() == table["importance"].tolist()
    tidy.loc[0, "estimate"] = -1
    assert result.tidy().loc[0, "estimate"] > 0, "a copy"


def test_same_seed_same_result_other_seed_other_interval(study, result) -> None:
    again = estimate_importance(study, n_bootstrap=400)
    other = estimate_importance(result.model, n_bootstrap=400, seed=2)
    pd.testing.assert_frame_equal(again.terms, result.terms)
    assert (other.terms["importance_low"] != result.terms["importance_low"]).all()


def test_chance_in_top_and_pairs(result) -> None:
    assert result.chance_in_top(1).sum() == pytest.approx(1)
    assert (result.chance_in_top(4) == 1).all()
    with pytest.raises(AnalysisError, match="k: expected 1 to 4"):
        result.chance_in_top(5)
    pairs = result.compare_drivers()
    assert len(pairs) == 6
    assert (pairs["estimate"] >= 0).all()
    first = pairs.iloc[0]
    assert first["ci_low"] < first["estimate"] < first["ci_high"]


def test_bca_and_percentile_are_near_but_not_equal(result) -> None:
    bca = estimate_importance(result.model, n_bootstrap=400, interval="bca").terms
    percentile = result.terms
    np.testing.assert_allclose(bca["importance_low"], percentile["importance_low"], atol=0.02)
    assert (bca["importance_low"] != percentile["importance_low"]).any()


def test_owen_by_default_groups_touchpoints_by_step_and_items_by_touchpoint() -> None:
    journey = score_journey({"a": ["a1", "a2"], "b": ["b1"]})
    answers, practice = linear_study(n=300, practices=10, slopes=(0.05, 0.02, 0.03))
    answers.columns = ["a1", "a2", "b1", "ktv"]
    found = estimate_importance(
        as_responses(journey, answers, practice), level="item", method="owen", n_bootstrap=60, cross_validate=False
    )
    by_hand = owen_shares(found.model.covariance, [[0, 1], [2]])
    np.testing.assert_allclose(found.importance, by_hand, atol=1e-12)
    assert found.by_group()["a"] == pytest.approx(by_hand[:2].sum())
    assert found.by_group().sum() == pytest.approx(found.r2)
    with pytest.raises(AnalysisError, match="driver 'b1' has no group"):
        estimate_importance(found.model, method="owen", groups={"a1": "x", "a2": "x"}, n_bootstrap=60)


def test_a_suppressor_is_flagged_and_has_a_share_all_the_same() -> None:
    rng = np.random.default_rng(13)
    first = rng.standard_normal(400)
    second = 0.9 * first + 0.3 * rng.standard_normal(400)
    answers = pd.DataFrame({"a_item": 60 + 10 * first, "b_item": 60 + 10 * second})
    answers["ktv"] = 6 + first - 0.4 * second + 0.5 * rng.standard_normal(400)
    responses = as_responses(plain_journey(["a", "b"]), answers, np.arange(400) % 20)
    found = estimate_importance(responses, n_bootstrap=60)
    table = found.terms.set_index("touchpoint")
    assert table.loc["b", "importance"] > 0
    assert table.loc["b", "beta"] < 0
    assert table["importance"].sum() == pytest.approx(found.r2)
    assert table.loc["b", "sign_flag"] == "suppressor"
    assert table.loc["a", "sign_flag"] == ""


def test_a_driver_left_out_keeps_its_row_with_the_reason() -> None:
    answers, practice = linear_study(slopes=(0.06, 0.02, 0.01))
    answers["t1_item"] = np.nan
    found = estimate_importance(
        as_responses(plain_journey(["t0", "t1", "t2"]), answers, practice), n_bootstrap=60, cross_validate=False
    )
    table = found.terms.set_index("touchpoint")
    assert table.index.tolist() == ["t0", "t1", "t2"]
    assert np.isnan(table.loc["t1", "importance"])
    assert table.loc["t1", "reason"] == "nobody who gave the outcome answered it"
    assert table.loc[["t0", "t2"], "reason"].tolist() == ["", ""]


def test_case_mix_takes_its_part_of_r2_first() -> None:
    rng = np.random.default_rng(14)
    answers, practice = linear_study(slopes=(0.05, 0.02))
    answers["age"] = rng.normal(50, 10, len(answers))
    answers["ktv"] += 0.05 * answers["age"]
    age = {"id": "age", "label": {"nl": "a", "en": "a"}, "type": "number"}
    responses = as_responses(plain_journey(["t0", "t1"], case_mix=[age]), answers, practice)
    found = estimate_importance(responses, case_mix=("age",), n_bootstrap=60)
    alone = np.corrcoef(answers["age"], answers["ktv"])[0, 1] ** 2
    assert found.r2_covariates == pytest.approx(alone, abs=1e-10)
    assert found.importance.sum() == pytest.approx(found.r2 - alone, abs=1e-10)
    assert found.terms["share"].sum() == pytest.approx(1)


def test_share_out_takes_replicates(result) -> None:
    covariance = result.bootstrap.covariance[:5]
    shares = share_out(result.model, covariance)
    assert shares.shape == (5, 4)
    np.testing.assert_allclose(shares.sum(axis=1), result.bootstrap.r2[:5], atol=1e-12)


def test_a_simulated_study_gives_back_the_order_of_its_weights(tmp_path: Path) -> None:
    """Journey with items on 1-5 near the ceiling, an optional touchpoint and missing answers: order, not size."""
    journey = read_journey("dental-treatment")
    weights = {"appointment": 0.1, "staff": 0.4, "waiting_room": 0.2, "anaesthesia": 0.05, "treatment": 0.25}
    simulation = simulate_survey(
        journey, practices=40, responses=(40, 200), seed=5, design=SimulationDesign(weights=weights)
    )
    simulation.answers.write_parquet(tmp_path / "answers.parquet")
    responses = read_survey(tmp_path / "answers.parquet", journey=journey)
    found = estimate_importance(responses, n_bootstrap=200, cross_validate=False)
    table = found.terms.set_index("touchpoint")
    assert found.model.missing == "em"
    assert table["beta"].rank().corr(simulation.truth.weights.rank()) > 0.9
    assert table.loc["staff", ["rank", "rank_low", "rank_high"]].tolist() == [1, 1, 1]
    assert table.loc["costs", "ci_low"] < 0.02
    assert found.model.terms.set_index("term").loc["met:anaesthesia", "met_share"] == pytest.approx(0.6, abs=0.05)


def test_plot_and_html_come_without_a_display(result) -> None:
    assert result.plot().get_xlabel().endswith(f"R² = {result.r2:.0%}")
    assert "estimate" in result._repr_html_()


def test_options_are_for_responses_only(result) -> None:
    with pytest.raises(AnalysisError, match="fitted already"):
        estimate_importance(result.model, outcome="nps")
    with pytest.raises(AnalysisError, match="interval: expected"):
        estimate_importance(result.model, interval="normal")  # type: ignore[arg-type]


def test_importance_of_an_optional_touchpoint_is_in_the_patients_there_are() -> None:
    """t2 is met by 15 %: brute-force Shapley beside the effect of having met it, and its small part in all patients."""
    rng = np.random.default_rng(1)
    n = 20_000
    scores = 60 + 8 * rng.standard_normal((n, 1)) + 10 * rng.standard_normal((n, 3))
    met = np.ones((n, 3), dtype=bool)
    met[:, 2] = rng.random(n) < 0.15
    names = [f"t{i}_item" for i in range(3)]
    answers = pd.DataFrame(np.where(met, scores, np.nan), columns=names)
    answers["ktv"] = ((scores - 60) * met) @ [0.04, 0.03, 0.06] + rng.standard_normal(n)
    responses = as_responses(
        plain_journey(["t0", "t1", "t2"]), answers, np.arange(n) % 40, pd.DataFrame(met, columns=names)
    )
    found = estimate_importance(responses, n_bootstrap=60, cross_validate=False)
    filled = np.where(met, scores, scores[met[:, 2], 2].mean())
    aside = np.column_stack([np.ones(n), met[:, 2]])
    columns = np.column_stack([filled, answers["ktv"]])
    left = columns - aside @ np.linalg.lstsq(aside, columns, rcond=None)[0]
    expected = np.zeros(3)
    for order in permutations(range(3)):
        for position, driver in enumerate(order):
            expected[driver] += _explained(left, order[: position + 1]) - _explained(left, order[:position])
    expected *= left[:, -1].var() / answers["ktv"].var(ddof=0) / 6
    np.testing.assert_allclose(found.importance, expected, atol=1e-10)
    assert found.importance.idxmin() == "t2"
    assert found.importance["t2"] < 0.1


def _explained(columns: np.ndarray, chosen: tuple[int, ...]) -> float:
    if not chosen:
        return 0.0
    inputs = columns[:, list(chosen)]
    fitted = inputs @ np.linalg.lstsq(inputs, columns[:, -1], rcond=None)[0]
    return float(fitted.var() / columns[:, -1].var())


@pytest.mark.slow
def test_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    """LMG of the population covariance; 60 studies of 40 practices, so 95 % may come out between 85 % and 100 %."""
    slopes = np.array([0.06, 0.03, 0.01])
    within = 64 * np.ones((3, 3)) + np.diag([109.0] * 3)
    truth_cov = np.empty((4, 4))
    truth_cov[:3, :3] = within
    truth_cov[:3, 3] = truth_cov[3, :3] = within @ slopes
    truth_cov[3, 3] = slopes @ within @ slopes + 1 + 0.09
    truth = lmg_shares(truth_cov)
    journey, covered = plain_journey(["t0", "t1", "t2"]), np.zeros(3)
    for seed in range(60):
        answers, practice = linear_study(n=800, practices=40, slopes=slopes, seed=seed)
        model = fit_drivers(as_responses(journey, answers, practice), cross_validate=False)
        table = estimate_importance(model, n_bootstrap=200).terms
        covered += (table["importance_low"] <= truth) & (truth <= table["importance_high"])
    assert (covered / 60 >= 0.85).all()


def test_importance_of_a_binary_outcome_is_near_what_refitting_every_subset_gives() -> None:
    """McKelvey & Zavoina's R² from the full model's latent covariances, or a logistic fit per subset: within 0.015."""
    from statsmodels.api import Logit, add_constant

    rng = np.random.default_rng(12)
    scores = 60 + 12 * rng.standard_normal((4000, 3)) + 8 * rng.standard_normal((4000, 1))
    chance = 1 / (1 + np.exp(-(scores - 60) @ [0.06, 0.03, 0.01]))
    answers = pd.DataFrame(scores, columns=["t0_item", "t1_item", "t2_item"]).assign(
        ktv=1.0, returned=(rng.random(4000) < chance).astype(float)
    )
    model = fit_drivers(as_responses(plain_journey(["t0", "t1", "t2"]), answers), "returned", cross_validate=False)
    found = estimate_importance(model, n_bootstrap=60)
    assert found.importance.sum() == pytest.approx(model.r2)

    def latent_r2(columns: tuple[int, ...]) -> float:
        if not columns:
            return 0.0
        design = add_constant(scores[:, columns])
        explained = (design @ Logit(answers["returned"], design).fit(disp=0).params).var()
        return float(explained / (explained + np.pi**2 / 3))

    r2 = {subset: latent_r2(subset) for size in range(4) for subset in combinations(range(3), size)}
    assert model.r2 == pytest.approx(r2[0, 1, 2], abs=1e-6)
    shares = np.zeros(3)
    for order in permutations(range(3)):
        for position, driver in enumerate(order):
            before = tuple(sorted(order[:position]))
            shares[driver] += (r2[tuple(sorted((*before, driver)))] - r2[before]) / 6
    np.testing.assert_allclose(found.importance, shares, atol=0.015)


def test_a_driver_that_goes_with_worse_outcomes_is_flagged_negative() -> None:
    answers, practice = linear_study(slopes=(0.06, -0.08, 0.0))
    model = fit_drivers(as_responses(plain_journey(["t0", "t1", "t2"]), answers, practice), cross_validate=False)
    table = estimate_importance(model, n_bootstrap=60).terms.set_index("touchpoint")
    assert table.loc["t1", "sign_flag"] == "negative"
    assert table.loc["t1", "importance"] > 0


@pytest.mark.slow
def test_interval_of_r2_is_around_the_estimate_and_wide_enough_for_few_practices() -> None:
    """60 studies of 6 practices of 20: the percentile interval of before held the truth in .76 of them, this in .95."""
    names, slopes = [f"t{i}" for i in range(6)], (0.03, 0.02, 0.02, 0.01, 0.01, 0.0)
    journey, hits = plain_journey(names), 0
    for seed in range(60):
        answers, practice = linear_study(n=120, practices=6, slopes=slopes, seed=1000 + seed)
        model = fit_drivers(as_responses(journey, answers, practice), cross_validate=False)
        found = estimate_importance(model, n_bootstrap=100)
        assert found.r2_low < found.r2 < found.r2_high
        hits += found.r2_low <= 0.399 <= found.r2_high
    assert hits >= 52
