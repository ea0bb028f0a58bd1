"""Effects, bootstrap, local SAM, ordered answers and composites, against outside values and known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sem_reference import HERE, fitted, reference, rows_of

from pxanalysis.analysis.sem import SemOptions, estimate_composite_ipma, fit_sem
from pxanalysis.errors import AnalysisError, NotEstimableError


def test_delta_effects_equal_lavaans() -> None:
    table = fitted("pd_effects").effects().table.set_index(["source", "target", "kind"])
    rows = {row["lhs"]: row for row in reference("pd_effects")["parameters"] if row["op"] == ":="}
    for kind in ("indirect", "total"):
        ours = table.loc[("ind60", "dem65", kind)]
        assert ours["estimate"] == pytest.approx(rows[kind]["est"], rel=1e-5)
        assert ours["std_error"] == pytest.approx(rows[kind]["se"], rel=1e-5)
        assert ours["std_all"] == pytest.approx(rows[kind]["std.all"], rel=1e-5)


def test_long_chains_of_paths_equal_lavaans_defined_parameters() -> None:
    table = fitted("journey500_seq_ml").effects().table.set_index(["source", "target", "kind"])
    rows = {row["lhs"]: row for row in reference("journey500_seq_ml")["parameters"] if row["op"] == ":="}
    for name, kind in {"ind_s1": "indirect", "tot_s1": "total"}.items():
        ours = table.loc[("s1", "ktv", kind)]
        assert ours["estimate"] == pytest.approx(rows[name]["est"], rel=1e-8)
        assert ours["std_error"] == pytest.approx(rows[name]["se"], rel=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("interval", ["percentile", "bca"])
def test_bootstrap_intervals_agree_with_lavaans_within_their_own_error(interval: str) -> None:
    found = fitted("pd_effects").effects(interval, n_bootstrap=2_000).table.set_index("target")
    known = reference("pd_effects")["bootstrap"]
    names = ["indirect", "total"]  # defined by labels
    for place, name in enumerate(names, start=-2):  # the last two of lavaan's columns
        ours = found.loc[name].iloc[-1] if isinstance(found.loc[name], pd.DataFrame) else found.loc[name]
        spread = known["sd"][place]
        assert ours["std_error"] == pytest.approx(spread, rel=0.08)
        # Monte-Carlo error of a quantile of 1,000 samples is about .09 standard deviations (theirs) and .06 (ours).
        reach = 0.35 if interval == "percentile" else 0.6
        assert abs(ours["ci_low"] - known["q025"][place]) < reach * spread
        assert abs(ours["ci_high"] - known["q975"][place]) < reach * spread


def test_the_batched_bootstrap_has_the_errors_of_robust_ml() -> None:
    model = fitted("journey500_obs_ml")
    effects = model.effects("percentile", n_bootstrap=400)
    robust = fitted("journey500_obs_mlr").parameters
    robust = robust[robust["op"] == "~"].set_index("rhs")["std_error"]
    ours = effects.on("ktv", "direct").set_index("source")["std_error"]
    assert effects.n_failed == 0
    np.testing.assert_allclose(ours[robust.index], robust, rtol=0.15)  # 400 samples: 3.5 % each, two of them


def test_effects_that_go_round_in_a_circle_are_refused() -> None:
    data = rows_of("journey_500.csv")
    model = fit_sem(data, syntax="a =~ s1i1 + s1i2 + s1i3\nb =~ s2i1 + s2i2 + s2i3\na ~ b + s3i1\nb ~ a + s4i1")
    with pytest.raises(NotEstimableError, match="circle"):
        model.effects()


def test_a_practice_sample_with_a_constant_column_is_named() -> None:
    rng = np.random.default_rng(1)
    practice = np.repeat([f"p{i}" for i in range(8)], 25)
    f = rng.normal(size=200)
    data = pd.DataFrame({f"q{i}": f + rng.normal(size=200) for i in range(3)})
    data["rare"] = np.where(practice == "p0", rng.normal(size=200), 0.0)
    data["y"] = f + data["rare"] + rng.normal(size=200)
    with pytest.raises(NotEstimableError, match=r"bootstrap samples could not be fitted.*column rare"):
        fit_sem(data, syntax="f =~ q0 + q1 + q2\ny ~ f + rare", clusters=practice)


@pytest.mark.parametrize("name", ["a", "b"])
def test_local_sam_equals_lavaans(name: str) -> None:
    data, known = rows_of(f"sam_data_{name}.csv"), pd.read_csv(HERE / f"sam_lavaan_{name}.csv").set_index("touchpoint")
    items = [column for column in data if "_" in column]
    data = data.assign(**{item: 25.0 * (data[item] - 1) for item in items})
    scales: dict[str, list[str]] = {}
    for item in items:
        scales.setdefault(item.split("_")[0], []).append(item)
    syntax = "\n".join([f"{scale} =~ {' + '.join(own)}" for scale, own in scales.items()])
    model = fit_sem(data, syntax=f"{syntax}\nktv ~ {' + '.join(scales)}")
    sam = model.sam(n_bootstrap=100)
    size = sam.loadings.groupby("latent")["loading"].mean()
    slope = sam.table.set_index("source")["estimate"] / size
    variance = pd.Series(np.diag(sam.latent_cov), index=sam.latent_cov.index)[list(scales)] * size**2
    ordinary = [scale for scale in scales if not (name == "b" and scale == "t1")]
    # data_b: t1 is a Heywood case, whose bound differs between programs; other slopes move with it by up to .0002.
    np.testing.assert_allclose(slope[known.index], known["sam_slope"], rtol=1e-6 if name == "a" else 0, atol=2e-4)
    np.testing.assert_allclose(variance[ordinary], known.loc[ordinary, "sam_latent_var"], rtol=2e-6)
    assert any("Heywood" in note for note in sam.notes) == (name == "b")
    own = model.parameters
    size = own[own["op"] == "=~"].groupby("lhs")["estimate"].mean()
    at_once = own[own["op"] == "~"].set_index("rhs")["estimate"] / size
    # lavaan stops its raw fit at about 1e-5.
    np.testing.assert_allclose(at_once[known.index], known["sem_ml_slope"], rtol=1e-4)


def test_sam_needs_items_of_one_latent_each() -> None:
    data = rows_of("journey_500.csv")
    syntax = "a =~ s1i1 + s1i2 + s1i3 + s2i1\nb =~ s2i1 + s2i2 + s2i3\nktv ~ a + b"
    with pytest.raises(NotEstimableError, match="'s2i1' belongs to two latents"):
        fit_sem(data, syntax=syntax).sam(n_bootstrap=100)


def test_ordered_answers_that_explain_others_are_refused() -> None:
    data = rows_of("hs_ordinal4.csv")
    with pytest.raises(AnalysisError, match="'x4' cannot explain another variable"):
        fit_sem(data, syntax="f =~ x1 + x2 + x3\nx5 ~ f + x4", options=SemOptions(estimator="WLSMV"))


def test_ordered_answers_have_no_likelihood_and_say_so() -> None:
    model = fitted("hs_ordinal4_wlsmv")
    with pytest.raises(NotEstimableError, match="no normal likelihood"):
        model.measure("aic")
    with pytest.raises(AnalysisError, match="there is no measure 'fit'"):
        model.measure("fit")


MOBI = {
    "Image": [f"IMAG{i}" for i in range(1, 6)],
    "Expectation": [f"CUEX{i}" for i in range(1, 4)],
    "Quality": [f"PERQ{i}" for i in range(1, 8)],
    "Value": ["PERV1", "PERV2"],
    "Satisfaction": [f"CUSA{i}" for i in range(1, 4)],
    "Complaints": ["CUSCO"],
    "Loyalty": [f"CUSL{i}" for i in range(1, 4)],
}
PATHS = {
    "Expectation": ["Image"],
    "Quality": ["Expectation"],
    "Value": ["Expectation", "Quality"],
    "Satisfaction": ["Image", "Expectation", "Quality", "Value"],
    "Complaints": ["Satisfaction"],
    "Loyalty": ["Image", "Satisfaction", "Complaints"],
}
# R: cSEM 0.6.1 on the ECSI model of mobi (European customer satisfaction, mobile phones).
IMPORTANCE = {
    "Image": 0.643221415762,
    "Expectation": 0.341349667565,
    "Quality": 0.505219903958,
    "Value": 0.109200934555,
    "Satisfaction": 0.789658688658,
    "Complaints": 0.0578762353618,
}
PERFORMANCE = {
    "Image": 73.5279818055,
    "Expectation": 72.4738175492,
    "Quality": 74.9765669005,
    "Value": 62.3467572602,
    "Satisfaction": 72.4541179309,
    "Complaints": 67.4222222222,
}


@pytest.mark.real_data
def test_importance_and_performance_of_composites_equal_csems(real_data) -> None:
    data = pd.read_csv(real_data / "mobi" / "mobi.csv")
    found = estimate_composite_ipma(data, MOBI, PATHS, "Loyalty", low=1, high=10).table.set_index("driver")
    for name in IMPORTANCE:
        assert found.loc[name, "importance"] == pytest.approx(IMPORTANCE[name], rel=1e-9)
        assert found.loc[name, "performance"] == pytest.approx(PERFORMANCE[name], rel=1e-9)


@pytest.mark.real_data
def test_the_ecsi_model_fits_mobi_by_covariances_as_well(real_data) -> None:
    data = pd.read_csv(real_data / "mobi" / "mobi.csv")
    lines = [f"{name} =~ {' + '.join(own)}" for name, own in MOBI.items() if len(own) > 1]
    lines += [f"{target} ~ {' + '.join(sources)}" for target, sources in PATHS.items()]
    syntax = "\n".join(lines).replace("Complaints", "CUSCO")
    model = fit_sem(data, syntax=syntax, options=SemOptions(estimator="MLR"))
    assert model.n_obs == 250
    assert model.measures["cfi.robust"] > 0.8
    assert model.effects().on("Loyalty")["source"].iloc[0] in ("Satisfaction", "Image", "Quality")


def test_a_target_that_nothing_leads_to_is_named() -> None:
    with pytest.raises(AnalysisError, match="no path leads to 'Price'"):
        fitted("pd_effects").effects().on("Price")


@pytest.mark.parametrize("asked", ["modification_indices", "factor_scores", "sam"])
def test_what_rests_on_the_normal_likelihood_is_refused_for_ordered_answers(asked: str) -> None:
    with pytest.raises(NotEstimableError, match="not given for ordered answers"):
        getattr(fitted("hs_ordinal4_wlsmv"), asked)()


def test_standardised_effects_of_ordered_answers_are_those_of_the_solution() -> None:
    data = rows_of("hs_ordinal4.csv")
    syntax = "v =~ x1 + x2 + x3\nt =~ x4 + x5 + x6\nt ~ v\nx9 ~ t + v"
    model = fit_sem(data, syntax=syntax, options=SemOptions(estimator="WLSMV"))
    direct = model.effects().table.query("kind == 'direct'").set_index(["target", "source"])
    own = model.parameters.query("op == '~'").set_index(["lhs", "rhs"])
    for key in own.index:
        assert direct.loc[key, "std_all"] == pytest.approx(own.loc[key, "std_all"], rel=1e-9)
        reach = (direct.loc[key, "std_all_high"] - direct.loc[key, "std_all_low"]) / 2
        assert reach == pytest.approx(1.959963984540054 * own.loc[key, "std_all_error"], rel=1e-9)
    with pytest.raises(NotEstimableError, match="bca intervals: not given for ordered"):
        model.effects("bca")
