"""What semopy alone would answer, and what is answered here: one test per guard."""

from __future__ import annotations

import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
import semopy
from sem_reference import fitted, reference, rows_of

from pxanalysis.analysis.sem import SemOptions, fit_sem
from pxanalysis.errors import AnalysisError, NotEstimableError

ONE = "visual =~ x1 + x2 + x3"
THREE = reference("hs_cfa_ml")["meta"]["model"]


@pytest.fixture
def hs() -> pd.DataFrame:
    return rows_of("HolzingerSwineford1939.csv")[[f"x{i}" for i in range(1, 10)]].copy()


def alone(syntax: str, data: pd.DataFrame) -> tuple[semopy.Model, bool, float]:
    """semopy by itself: the model, whether it says it succeeded, and n times its objective (chi-square)."""
    model = semopy.Model(syntax)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        result = model.fit(data)
    return model, bool(result.success), float(result.fun) * len(data)


def loadings(model: semopy.Model) -> dict[str, float]:
    table = model.inspect()
    return {row.lval: float(row.Estimate) for row in table.itertuples() if row.op == "~"}


def test_raw_units_stop_semopy_early_and_standard_units_do_not(hs: pd.DataFrame) -> None:
    _, success, chi_square = alone(THREE, hs * 100)
    assert success
    assert chi_square > 200
    ours = fit_sem(hs * 100, syntax=THREE)
    assert ours.measures["chisq"] == pytest.approx(reference("hs_cfa_ml")["fit_measures"]["chisq"], rel=1e-9)


@pytest.mark.slow
def test_items_on_0_100_beside_a_mark_hold_a_false_optimum() -> None:
    data = rows_of("sam_data_a.csv")
    items = [name for name in data if "_" in name]
    data = data.assign(**{name: 25.0 * (data[name] - 1) for name in items})
    scales: dict[str, list[str]] = {}
    for name in items:
        scales.setdefault(name.split("_")[0], []).append(name)
    lines = [f"{scale} =~ {' + '.join(own)}" for scale, own in scales.items()]
    syntax = "\n".join([*lines, f"ktv ~ {' + '.join(scales)}"])
    _, success, chi_square = alone(syntax, data[[*items, "ktv"]])
    assert success
    assert chi_square > 1_900  # lavaan's own sem() stops at 943.9 in these units
    assert fit_sem(data, syntax=syntax).measures["chisq"] == pytest.approx(767.3257, abs=1e-3)


def test_missing_answers_are_not_taken_pairwise() -> None:
    data = rows_of("hs_missing10.csv")[[f"x{i}" for i in range(1, 10)]]
    model, success, _ = alone(THREE, data)
    right = {r["rhs"]: r["est"] for r in reference("hs_missing10_fiml")["parameters"] if r["op"] == "=~"}
    assert success
    assert abs(loadings(model)["x9"] - right["x9"]) > 0.1
    ours = fit_sem(data, syntax=THREE).parameters.set_index("term")["estimate"]
    assert ours["speed =~ x9"] == pytest.approx(right["x9"], rel=1e-6)


def test_na_is_no_label(hs: pd.DataFrame) -> None:
    found = loadings(alone("visual =~ NA*x1 + NA*x2 + x3", hs)[0])
    assert found["x1"] == found["x2"]
    with pytest.raises(AnalysisError, match=r"line 1.*NA.*std_lv=True"):
        fit_sem(hs, syntax="visual =~ NA*x1 + NA*x2 + x3")
    free = fit_sem(hs, syntax=ONE, options=SemOptions(std_lv=True)).parameters.set_index("term")["estimate"]
    assert free["visual ~~ visual"] == 1.0
    assert abs(free["visual =~ x1"] - free["visual =~ x2"]) > 0.05


def test_a_variable_that_stands_twice_is_not_dropped_without_a_word(hs: pd.DataFrame) -> None:
    assert alone("visual =~ x1 + x2 + x3 + x2", hs)[1]
    with pytest.raises(AnalysisError, match=r"line 1.*twice"):
        fit_sem(hs, syntax="visual =~ x1 + x2 + x3 + x2")


def test_a_singular_covariance_is_refused_by_name(hs: pd.DataFrame) -> None:
    data = hs.assign(total=hs["x1"] + hs["x2"] + hs["x3"])
    _, success, _ = alone(f"{ONE} + total", data)
    assert success
    with pytest.raises(NotEstimableError, match=r"x1, x2, x3, total are .* sums"):
        fit_sem(data, syntax=f"{ONE} + total")


def test_a_model_that_is_not_identified_is_refused(hs: pd.DataFrame) -> None:
    _, success, _ = alone("visual =~ x1 + x2", hs)
    assert success
    with pytest.raises(NotEstimableError, match="negative degrees of freedom"):
        fit_sem(hs, syntax="visual =~ x1 + x2")


def test_parameters_that_cannot_be_told_apart_are_named(hs: pd.DataFrame) -> None:
    syntax = f"{THREE}\nx1 ~~ x2\nx1 ~~ x3\nx2 ~~ x3\nx1 ~ textual"
    _, success, _ = alone(syntax, hs)
    assert success
    with pytest.raises(NotEstimableError, match=r"not identified: the data cannot tell .*x1 ~~ x2.* apart"):
        fit_sem(hs, syntax=syntax)


def test_fewer_rows_than_variables_are_refused(hs: pd.DataFrame) -> None:
    assert alone(THREE, hs.head(8))[1]
    with pytest.raises(NotEstimableError, match="8 rows with an answer for 9 variables"):
        fit_sem(hs.head(8), syntax=THREE)


def test_a_heywood_case_is_named_and_not_bounded() -> None:
    ref = reference("heywood")
    cov = pd.DataFrame(ref["meta"]["sample_cov"]["values"], index=list("abc"), columns=list("abc"))
    model = semopy.Model("f =~ a + b + c")
    assert model.fit(cov=cov, n_samples=80).success
    table = model.inspect()
    bounded = table[(table["lval"] == "a") & (table["rval"] == "a")]["Estimate"].item()
    assert bounded == pytest.approx(0, abs=1e-9)
    ours = fit_sem(rows_with(cov.to_numpy(), 80), syntax="f =~ a + b + c")
    known = ours.parameters.set_index(["lhs", "op", "rhs"])["estimate"]
    for row in ref["parameters"]:
        assert known[(row["lhs"], row["op"], row["rhs"])] == pytest.approx(row["est"], rel=1e-3)
    assert any("Heywood" in note and "'a'" in note for note in ours.notes)


def rows_with(cov: np.ndarray, n: int) -> pd.DataFrame:
    """Rows whose covariance (divisor n) is exactly this."""
    drawn = np.random.default_rng(3).normal(size=(n, len(cov)))
    drawn -= drawn.mean(axis=0)
    white = drawn @ np.linalg.inv(np.linalg.cholesky(drawn.T @ drawn / n)).T
    return pd.DataFrame(white @ np.linalg.cholesky(cov).T, columns=list("abc"))


def test_semopys_measures_are_not_used() -> None:
    ref = reference("hs_latent_plus_covariates")
    data = rows_of("hs_mimic.csv")
    model, _, _ = alone(ref["meta"]["model"], data)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        theirs = semopy.calc_stats(model).T["Value"]
    right, ours = ref["fit_measures"], fitted("hs_latent_plus_covariates").measures
    for key, name in {"df": "DoF", "gfi": "GFI", "aic": "AIC", "logl": "LogLik", "rmsea": "RMSEA"}.items():
        assert abs(float(theirs[name]) / right[key] - 1) > 0.05, key
        assert ours[key] == pytest.approx(right[key], rel=1e-6), key


@pytest.mark.slow
def test_semopy_never_returns_without_a_fixed_loading() -> None:
    code = (
        "import semopy, pandas as pd\n"
        "c = pd.DataFrame([[1,.5,.4],[.5,1,.3],[.4,.3,1]], index=list('abc'), columns=list('abc'))\n"
        "semopy.Model('f =~ l1*a + l2*b + l3*c\\nf ~~ 1*f').fit(cov=c, n_samples=100)"
    )
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run([sys.executable, "-c", code], timeout=15, capture_output=True, check=False)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x3": 4.0}, "column 'x3' is constant"),
        ({"x3": "high"}, "column 'x3' holds .* expected numbers"),
        ({"x3": np.inf}, "column 'x3' holds infinite values"),
        ({"x3": np.nan}, "column 'x3' has no answers"),
    ],
)
def test_bad_columns_are_named(hs: pd.DataFrame, change: dict[str, object], message: str) -> None:
    with pytest.raises(AnalysisError, match=message):
        fit_sem(hs.assign(**change), syntax=ONE)


def test_an_unknown_variable_gets_the_nearest_names(hs: pd.DataFrame) -> None:
    with pytest.raises(AnalysisError, match="no column 'x33'; did you mean x3"):
        fit_sem(hs, syntax="visual =~ x1 + x2 + x33")


def test_an_item_that_is_constant_in_one_group_is_named_with_the_group(hs: pd.DataFrame) -> None:
    school = rows_of("HolzingerSwineford1939.csv")["school"]
    data = hs.assign(school=school, x3=hs["x3"].where(school == "Pasteur", 3.0))
    with pytest.raises(NotEstimableError, match=r"'x3' is constant.*in group 'Grant-White'"):
        fit_sem(data, syntax=ONE, group="school")


def test_a_group_without_complete_rows_is_named(hs: pd.DataFrame) -> None:
    school = rows_of("HolzingerSwineford1939.csv")["school"]
    data = hs.assign(school=school, x3=hs["x3"].where(school == "Pasteur"))
    with pytest.raises(NotEstimableError, match="0 complete rows in group 'Grant-White'"):
        fit_sem(data, syntax=ONE, group="school", options=SemOptions(missing="listwise"))


@pytest.mark.slow
def test_what_does_not_converge_says_what_was_tried() -> None:
    noise = pd.DataFrame(np.random.default_rng(2).normal(size=(40, 6)), columns=[f"q{i}" for i in range(6)])
    with pytest.raises(NotEstimableError, match=r"did not converge. Tried: semopy: .*; Newton steps: .*; BFGS: "):
        fit_sem(noise, syntax="f =~ q0 + q1 + q2\ng =~ q3 + q4 + q5\nf ~ g")
