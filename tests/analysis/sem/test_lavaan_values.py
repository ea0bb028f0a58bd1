"""Every estimate, error, standardised value and fit measure against lavaan 0.6-14."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sem_reference import HERE, fitted, pairs, reference, rows_of

from pxanalysis.analysis.sem import SemOptions, compare_groups, fit_sem
from pxanalysis.audit.covariance_structure import EXACT, LAVAAN_COLUMNS, LESS_EXACT

GPL = {"bfi_all_fiml": 1e-6, "bfi_cfa_ml": 1e-6, "bfi_cfa_mlr": 1e-6, "bfi_ordinal_wlsmv": 3e-5}
"""Models of data that may not be copied: what the audit does not hold, since it ships with the package."""

TOLERANCE = dict.fromkeys(EXACT, 1e-6) | LESS_EXACT | GPL
COLUMNS = [*LAVAAN_COLUMNS.items()]


@pytest.mark.parametrize(("ours", "theirs"), COLUMNS, ids=[ours for ours, _ in COLUMNS])
@pytest.mark.parametrize("name", TOLERANCE)
def test_parameters_equal_lavaans(name: str, ours: str, theirs: str) -> None:
    mine, lavaan, terms = pairs(name, ours, theirs)
    defined = np.array([":=" in term for term in terms])
    keep = ~(np.isnan(mine) & defined)  # std.lv of a defined parameter is not given
    assert keep.sum() >= 8
    np.testing.assert_allclose(mine[keep], lavaan[keep], rtol=TOLERANCE[name], atol=TOLERANCE[name] * 1e-2)


@pytest.mark.parametrize("name", TOLERANCE)
def test_fit_measures_equal_lavaans(name: str) -> None:
    mine, lavaan = fitted(name).measures, reference(name)["fit_measures"]
    compared = [key for key in mine if lavaan.get(key) is not None]
    assert len(compared) >= 13
    # lavaan's EM for the saturated model stops at 1e-5, and its search for the RMSEA interval at about 1e-8.
    rtol = max(TOLERANCE[name], 3e-6 if "fiml" in name else 0)
    for key in compared:
        assert mine[key] == pytest.approx(lavaan[key], rel=rtol, abs=1e-7), key


@pytest.mark.parametrize("name", ["hs_cfa_ml", "pd_sem_ml", "bfi_cfa_ml"])
def test_observed_errors_equal_lavaans(name: str) -> None:
    ref = reference(name)
    data = rows_of(ref["meta"]["data_file"])
    model = fit_sem(data, syntax=ref["meta"]["model"], options=SemOptions(estimator="ML", information="observed"))
    known = {(row.lhs, row.op, row.rhs): row.std_error for row in model.parameters.itertuples()}
    rows = [row for row in ref["se_observed_hessian"] if row["se"]]
    mine = [known.get((r["lhs"], r["op"], r["rhs"]), known.get((r["rhs"], r["op"], r["lhs"]))) for r in rows]
    np.testing.assert_allclose(mine, [row["se"] for row in rows], rtol=1e-6)


@pytest.mark.parametrize("name", ["hs_cfa_ml", "pd_sem_ml", "pd_sem_mlr", "hs_missing10_fiml", "hs_ordinal4_wlsmv"])
def test_errors_of_the_standardised_solution_equal_lavaans(name: str) -> None:
    known = {(row.lhs, row.op, row.rhs): row.std_all_error for row in fitted(name).parameters.itertuples()}
    rows = [row for row in reference(name)["standardized_solution"] if row["se"] and row["op"] != "~*~"]
    rows = [row for row in rows if not (row["op"] == "~1" and "ordinal" in name)]
    mine = [known.get((r["lhs"], r["op"], r["rhs"]), known.get((r["rhs"], r["op"], r["lhs"]))) for r in rows]
    # lavaan's slopes of the standardised solution are numerical.
    np.testing.assert_allclose(mine, [row["se"] for row in rows], rtol=2e-6)


@pytest.mark.parametrize("name", ["hs_cfa_ml", "pd_sem_ml", "hs_mimic_fixedx_true", "journey500_seq_ml"])
def test_explained_variance_equals_lavaans(name: str) -> None:
    mine = fitted(name).r2.set_index("variable")["r2"]
    for variable, r2 in reference(name)["rsquare"].items():
        assert mine[variable] == pytest.approx(r2, rel=1e-6)


@pytest.mark.parametrize("name", ["hs_cfa_ml", "pd_sem_ml", "bfi_cfa_ml"])
def test_modification_indices_equal_lavaans(name: str) -> None:
    table = fitted(name).modification_indices().set_index("term")
    for row in reference(name)["modification_indices_top20"]:
        term = f"{row['lhs']} {row['op']} {row['rhs']}"
        if term not in table.index:
            term = f"{row['rhs']} {row['op']} {row['lhs']}"
        assert table.loc[term, "mi"] == pytest.approx(row["mi"], rel=1e-6), term
        assert table.loc[term, "change"] == pytest.approx(row["epc"], rel=1e-6), term
        assert table.loc[term, "std_all_change"] == pytest.approx(row["sepc.all"], rel=1e-6), term


@pytest.mark.parametrize("method", ["regression", "bartlett"])
@pytest.mark.parametrize("name", ["hs_cfa_ml", "pd_sem_ml"])
def test_factor_scores_equal_lavaans(name: str, method: str) -> None:
    scores = fitted(name).factor_scores(method)
    ref = reference(name)[f"factor_scores_{method}"]
    np.testing.assert_allclose(scores.iloc[:3], ref["first3"]["values"], rtol=1e-6)
    for latent, spread in ref["sd"].items():
        assert scores[latent].std() == pytest.approx(spread, rel=1e-6)


@pytest.mark.parametrize("name", ["hs_cfa_ml", "pd_sem_ml"])
def test_residual_correlations_equal_lavaans(name: str) -> None:
    ref = reference(name)["residual_cor"]
    mine = fitted(name).residuals().loc[ref["rows"], ref["cols"]]
    np.testing.assert_allclose(mine, ref["values"], atol=1e-8)


@pytest.mark.parametrize(("estimator", "key"), [("ML", "lrt_ml"), ("MLR", "lrt_mlr")])
def test_invariance_differences_equal_lavaans(estimator: str, key: str) -> None:
    ref = reference("hs_invariance_tests")
    model = reference("hs_invariance_metric")["meta"]["model"]
    found = compare_groups(
        rows_of("HolzingerSwineford1939.csv"), "school", model, options=SemOptions(estimator=estimator)
    )
    for ours, theirs in zip(found.table.itertuples(), ref[key], strict=True):
        assert ours.chisq == pytest.approx(theirs["Chisq"], rel=1e-6)
        assert ours.df == theirs["Df"]
        assert ours.aic == pytest.approx(theirs["AIC"], rel=1e-6)
        if theirs["Chisq diff"] is not None:
            assert ours.chisq_diff == pytest.approx(theirs["Chisq diff"], rel=1e-5)
            assert ours.p_diff == pytest.approx(theirs["Pr(>Chisq)"], rel=1e-4)
    assert found.holds_up_to == "metric"
    assert not found.means_comparable


@pytest.mark.parametrize("data", ["complete", "missing10"])
def test_cluster_robust_errors_and_test_equal_lavaans(data: str) -> None:
    ref = json.loads((HERE / "lavaan_hs_clusters.json").read_text())[data]
    whole = rows_of("HolzingerSwineford1939.csv")
    rows = whole if data == "complete" else rows_of("hs_missing10.csv")
    practice = whole["school"] + whole["agemo"].astype(str) + whole["sex"].astype(str)
    model = fit_sem(
        rows,
        syntax=reference("hs_cfa_ml")["meta"]["model"],
        clusters=practice.to_numpy(),
        options=SemOptions(estimator="MLR"),
    )
    known = {(row.lhs, row.op, row.rhs): row for row in model.parameters.itertuples()}
    for row in ref["parameters"]:
        mine = known.get((row["lhs"], row["op"], row["rhs"]), known.get((row["rhs"], row["op"], row["lhs"])))
        assert mine.estimate == pytest.approx(row["est"], rel=1e-4, abs=1e-5)
        if row["se"]:
            assert mine.std_error == pytest.approx(row["se"], rel=1e-4)
    for key in ("chisq.scaled", "chisq.scaling.factor", "baseline.chisq.scaling.factor", "cfi.scaled", "rmsea.scaled"):
        assert model.measures[key] == pytest.approx(ref["fit_measures"][key], rel=1e-4), key
