"""Tests of: Reliability of one scale, from its answers to every coefficient with its interval or its reason."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from reliability_data import (  # noqa: F401
    BASE,
    ORDINAL,
    PSYCH_HS,
    SCALES,
    answers,
    bfi,
    edge,
    hs,
    patients_of_practices,
    positive,
    random_frame,
    reference,
)

from pxanalysis.analysis.reliability import (
    estimate_scale_reliability,
)
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.factor.alpha import (
    feldt_interval,
)


@pytest.mark.parametrize("scale", ["visual", "textual", "speed", "first_six", "pair"])
def test_estimate_equals_psych_on_hs(hs, scale):
    expected = PSYCH_HS[scale]
    found = estimate_scale_reliability(hs, expected["items"], n_bootstrap=0)
    total, alpha = expected["total"], found["alpha"]
    assert alpha.estimate == pytest.approx(total["raw_alpha"], rel=1e-12)
    assert alpha.std_error == pytest.approx(total["ase"], rel=1e-12)
    assert [alpha.ci_low, alpha.ci_high] == pytest.approx(expected["feldt"], rel=1e-12)
    assert found["alpha_standardised"].estimate == pytest.approx(total["std.alpha"], rel=1e-12)
    items = found.item_table
    np.testing.assert_allclose(items["item_rest"], expected["item_rest"], rtol=1e-12)
    np.testing.assert_allclose(items["mean"], expected["mean"], rtol=1e-12)
    np.testing.assert_allclose(items["sd"], expected["sd"], rtol=1e-12)
    if scale != "pair":
        np.testing.assert_allclose(items["alpha_if_dropped"], expected["drop_alpha"], rtol=1e-12)


@pytest.mark.parametrize("scale", ["visual", "textual", "speed", "first_six"])
def test_one_factor_equals_factanal_on_hs(hs, scale):
    # R factanal (maximum likelihood); it stops at about 1e-5 in the loadings.
    expected = PSYCH_HS[scale]
    found = estimate_scale_reliability(hs, expected["items"], n_bootstrap=0)
    np.testing.assert_allclose(np.abs(found.item_table["loading"]), expected["loadings"], atol=2e-5)
    assert found["omega_standardised"].estimate == pytest.approx(expected["omega_standardised"], abs=1e-5)


def test_two_items_take_spearman_brown(hs):
    found = estimate_scale_reliability(hs, ["x4", "x5"], n_bootstrap=200)
    expected = reference("psych_hs.json")["spearman_brown_pair"]
    assert found["spearman_brown"].estimate == pytest.approx(expected, rel=1e-12)
    assert found["split_half_odd_even"].estimate == pytest.approx(expected, rel=1e-12)
    assert found["spearman_brown"].ci_low < expected < found["spearman_brown"].ci_high
    assert found.verdict.basis == "spearman_brown"
    assert found["omega_total"].reason_code == found["categorical_omega"].reason_code == "three-items-needed"
    assert np.isfinite(found["ordinal_alpha"].estimate)


@pytest.mark.real_data
def test_ordinal_estimates_from_the_bfi_rows_equal_semtools(bfi):
    found = estimate_scale_reliability(bfi, SCALES["agree"], n_bootstrap=0)
    assert found["categorical_omega"].estimate == pytest.approx(ORDINAL["compRelSEM_green_yang"], abs=1e-6)
    assert found["ordinal_omega"].estimate == pytest.approx(ORDINAL["compRelSEM_latent_scale"], abs=1e-6)
    assert found["ordinal_alpha"].estimate == pytest.approx(ORDINAL["ordinal_alpha"], abs=1e-5)


def test_parallel_items_recover_their_known_reliability():
    frame = answers([1.0] * 4, 60_000, 1)
    found = estimate_scale_reliability(frame, n_bootstrap=0)
    for term in ("alpha", "alpha_standardised", "omega_total", "omega_implied", "split_half_odd_even"):
        assert found[term].estimate == pytest.approx(4 / 5, abs=0.01)
    assert found.srmr < 0.01


def test_congeneric_items_recover_omega_and_alpha_falls_short():
    loadings = [0.3, 0.6, 1.0, 1.6]
    found = estimate_scale_reliability(answers(loadings, 60_000, 2), n_bootstrap=0)
    omega = sum(loadings) ** 2 / (sum(loadings) ** 2 + 4)
    assert found["omega_total"].estimate == pytest.approx(omega, abs=0.01)
    assert found["alpha"].estimate < omega - 0.02


def test_alpha_has_the_interval_of_practices_from_five_of_them_and_keeps_feldts():
    values, codes = patients_of_practices(np.random.default_rng(7), practices=12, patients=40, icc=0.1, unevenness=0.3)
    found = estimate_scale_reliability(values, clusters=codes, n_bootstrap=200)
    alpha = found["alpha"]
    assert alpha.interval == "bootstrap of practices"
    assert found.feldt == feldt_interval(alpha.estimate, 480, 4)
    assert alpha.ci_high - alpha.ci_low > 1.3 * (found.feldt[1] - found.feldt[0])
    assert found.glance().loc[0, "alpha_interval"] == "bootstrap of practices"
    for options in ({"clusters": codes % 4}, {}, {"clusters": codes, "n_bootstrap": 0}):
        other = estimate_scale_reliability(values, **{"n_bootstrap": 200} | options)["alpha"]
        assert (other.interval, other.ci_low, other.ci_high) == ("Feldt", *found.feldt)


@pytest.mark.slow
def test_bootstrap_interval_covers_omega():
    loadings = [0.7, 0.9, 1.0, 1.2]
    truth = sum(loadings) ** 2 / (sum(loadings) ** 2 + 4)
    hits = 0
    for seed in range(100):
        omega = estimate_scale_reliability(answers(loadings, 200, 100 + seed), n_bootstrap=200, seed=seed)[
            "omega_total"
        ]
        hits += omega.ci_low <= truth <= omega.ci_high
    assert 0.88 <= hits / 100 <= 0.99


def test_practices_widen_the_bootstrap_interval():
    # In half of the practices the items hang together, in the other half hardly: which practices are drawn matters.
    practice = np.repeat(np.arange(20), 40)
    strong, weak = answers([2.0] * 3, 800, 4), answers([0.3] * 3, 800, 5)
    frame = pd.DataFrame(np.where(practice[:, None] % 2 == 0, strong, weak))
    alone = estimate_scale_reliability(frame, n_bootstrap=500)["omega_total"]
    clustered = estimate_scale_reliability(frame, clusters=practice, n_bootstrap=500)["omega_total"]
    assert clustered.interval == "bootstrap of practices"
    assert alone.interval == "bootstrap of respondents"
    assert clustered.std_error > 1.3 * alone.std_error


def test_em_uses_incomplete_answers_and_recovers_alpha():
    frame = answers([1.0] * 4, 20_000, 5)
    holed = frame.mask(np.random.default_rng(6).random(frame.shape) < 0.25)
    listwise = estimate_scale_reliability(holed, n_bootstrap=0)
    em = estimate_scale_reliability(holed, missing="em", n_bootstrap=0)
    assert em["alpha"].estimate == pytest.approx(0.8, abs=0.01)
    assert em.n_obs > listwise.n_obs
    assert em.n_interval < em.n_obs
    assert listwise.n_incomplete + listwise.n_obs + listwise.n_absent == 20_000


@given(positive)
def test_reverse_coding_twice_changes_nothing_and_once_breaks_the_scale(seed):
    frame = pd.DataFrame(random_frame(seed, 3, 200))
    found = estimate_scale_reliability(frame, n_bootstrap=0)
    turned = [1, -1, 1]
    again = estimate_scale_reliability(frame.mul(turned, axis=1).mul(turned, axis=1), n_bootstrap=0)
    assert again["alpha"].estimate == found["alpha"].estimate
    once = estimate_scale_reliability(frame.mul(turned, axis=1), n_bootstrap=0)
    assert once["alpha"].estimate < found["alpha"].estimate
    assert once.item_table["item_rest"].iloc[1] < 0
    assert "reverse-coded" in once.item_table["reason"].iloc[1]


RNG = np.random.default_rng(9)


def test_items_that_cancel_each_other_have_alpha_minus_infinity():
    column = np.arange(20.0)
    found = edge({"a": column, "b": -column})
    assert found["alpha"].estimate == -np.inf
    assert found["spearman_brown"].estimate == -np.inf
    assert found.verdict.code == "negative"


def test_pairs_never_answered_together_are_named_under_em():
    first = np.where(np.arange(40) < 20, RNG.normal(size=40), np.nan)
    second = np.where(np.arange(40) >= 20, RNG.normal(size=40), np.nan)
    found = edge({"a": first, "b": second, "c": RNG.normal(size=40)}, missing="em")
    assert found.reason_code == "never-together"
    assert "items a and b were answered together by 0 people" in found.reason


def test_two_factors_are_said_and_not_hidden_in_omega():
    rng = np.random.default_rng(2)
    common = rng.normal(size=(3000, 2))
    values = common[:, [0, 0, 0, 1, 1, 1]] + 0.6 * rng.normal(size=(3000, 6))
    found = edge(np.round(values).clip(-2, 2))
    assert found.srmr > 0.1
    assert found["omega_total"].reason_code == "more-than-one-factor"
    assert np.isnan(found["categorical_omega"].estimate)
    assert found.reason_code == "more-than-one-factor"
    assert found.verdict.basis == "alpha"


def test_empty_cells_leave_no_polychorics():
    one, other = np.array([0, 0, 1, 1] * 10), np.array([0, 0, 1, 1] * 9 + [0, 1, 1, 1])
    found = edge({"a": one, "b": other, "c": RNG.integers(0, 2, 40)})
    assert found["categorical_omega"].reason_code == "polychoric-at-bound"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"missing": "fiml"}, "missing: expected one of em, listwise"),
        ({"n_bootstrap": -1}, "n_bootstrap: expected 0 or more"),
        ({"confidence": 95}, "confidence: expected a proportion"),
        ({"clusters": ["a"]}, r"one practice per row \(30\), received 1"),
        ({"weights": [-1] * 30}, "weights are 0 or more"),
        ({"weights": [0] * 30}, "every weight is 0"),
        ({"columns": ["z"]}, "no column 'z'"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(AnalysisError, match=message):
        estimate_scale_reliability(pd.DataFrame(BASE), **options)


def test_sound_column_types_and_weights():
    whole = np.rint(BASE * 2).astype(int)
    plain = edge(whole)
    nullable = edge({str(i): pd.array(whole[:, i], dtype="Int64") for i in range(3)})
    assert nullable["alpha"].estimate == plain["alpha"].estimate
    assert edge(whole > 0)["alpha"].estimate == pytest.approx(edge((whole > 0).astype(float))["alpha"].estimate)
    weights = RNG.integers(0, 3, 30)
    weighted = edge(whole, weights=weights)
    repeated = edge(np.repeat(whole, weights, axis=0))
    assert weighted["omega_total"].estimate == pytest.approx(repeated["omega_total"].estimate, rel=1e-8)
    assert weighted["ordinal_alpha"].estimate == pytest.approx(repeated["ordinal_alpha"].estimate, rel=1e-8)
    assert weighted.n_interval < 30
    with pytest.raises(AnalysisError, match="is categorical"):
        edge({"a": pd.Categorical([1, 2, 3]), "b": [1, 2, 3]})


@pytest.mark.real_data
def test_hospital_scales(real_data):
    # psych 2.2.9 alpha in R 4.2.2 on the same complete rows (10,461 and 10,418).
    rows = pd.read_csv(real_data / "hospital_2016" / "responses.csv")
    nurses = estimate_scale_reliability(rows, ["Q6", "Q7", "Q8"], clusters=rows["HOSPITAL"], n_bootstrap=200)
    assert nurses["alpha"].estimate == pytest.approx(0.893213253245, abs=1e-11)
    assert nurses["alpha_standardised"].estimate == pytest.approx(0.893937309287, abs=1e-11)
    assert (nurses.n_obs, nurses.verdict.code) == (10461, "strong")
    doctors = estimate_scale_reliability(rows, ["Q9", "Q10", "Q11", "Q12"], n_bootstrap=0)
    assert doctors["alpha"].estimate == pytest.approx(0.912662207762, abs=1e-11)
    assert doctors["alpha_standardised"].estimate == pytest.approx(0.913980354398, abs=1e-11)
