"""Tests of: Whether scales measure different things: heterotrait-monotrait ratios with bootstrap upper limits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from reliability_data import (  # noqa: F401
    BASE,
    CFA_COV,
    MOBI,
    MOBI_PRINTED,
    SCALES,
    SEMTOOLS,
    answers,
    bfi,
    matrix,
    mobi,
    positive,
    random_frame,
)

from pxanalysis.analysis.reliability import (
    estimate_discriminant,
    estimate_scale_reliability,
)
from pxanalysis.analysis.reliability.discriminant import heterotrait_monotrait
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.statistics.factor.alpha import (
    correlations,
)
from pxanalysis.statistics.factor.measurement import estimate_measurement
from pxanalysis.statistics.factor.one_factor import fit_factors


@pytest.mark.parametrize(("table", "geometric"), [("htmt", False), ("htmt2", True)])
def test_htmt_equals_semtools(table, geometric):
    expected = matrix(SEMTOOLS[table])[np.triu_indices(5, 1)]
    scales = [np.arange(5 * i, 5 * i + 5) for i in range(5)]
    found = heterotrait_monotrait(correlations(CFA_COV), scales, geometric=geometric)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.real_data
def test_estimates_from_the_bfi_rows_equal_semtools(bfi):
    found = estimate_measurement(bfi, SCALES)
    table = found.scales.set_index("scale")
    for scale in SCALES:
        hand = SEMTOOLS["by_hand_standardized"][scale]
        assert table.loc[scale, "ave_of_variance"] == pytest.approx(SEMTOOLS["AVE"][scale], abs=1e-7)
        assert table.loc[scale, "omega_observed"] == pytest.approx(SEMTOOLS["compRelSEM"][scale], abs=1e-7)
        assert table.loc[scale, "maximal_reliability"] == pytest.approx(hand["H"], abs=1e-7)
    assert found.df == SEMTOOLS["cfa"]["fit_measures"]["df"]
    assert found.reason == ""
    assert table["fornell_larcker"].tolist() == [False, True, False, True, True]
    apart = estimate_discriminant(bfi, SCALES, n_bootstrap=300, seed=1)
    np.testing.assert_allclose(apart.table("htmt2"), matrix(SEMTOOLS["htmt2"]), atol=1e-10)
    assert (apart.pairs["htmt_upper"] > apart.pairs["htmt"]).all()
    assert apart.pairs["distinct"].all()


MOBI_HTMT = [0.8880, 0.6517, 0.9101, 0.5886, 0.8651, 0.7408]


@pytest.mark.real_data
def test_mobi_htmt_and_alpha_equal_the_printed_ones(mobi):
    apart = estimate_discriminant(mobi, MOBI, n_bootstrap=200)
    assert apart.pairs["htmt"].round(4).tolist() == MOBI_HTMT
    assert not apart.pairs.set_index(["scale", "other"]).loc[("Image", "Satisfaction"), "distinct"]
    for (name, items), printed in zip(MOBI.items(), MOBI_PRINTED["alpha_standardised"], strict=True):
        found = estimate_scale_reliability(mobi, items, name=name, n_bootstrap=0)
        assert round(found["alpha_standardised"].estimate, 4) == printed


def test_htmt_of_scales_that_measure_the_same_is_one():
    frame = answers([1.0] * 6, 8_000, 7)
    scales = {"a": list(frame.columns[:3]), "b": list(frame.columns[3:])}
    found = estimate_discriminant(frame, scales, n_bootstrap=200)
    assert found.pairs.loc[0, "htmt2"] == pytest.approx(1, abs=0.03)
    assert not found.pairs.loc[0, "distinct"]


def test_dropping_a_scale_some_never_meet_does_not_change_htmt_of_the_others():
    frame = answers([1.0] * 6, 500, 8).assign(i4=lambda x: x["i4"].where(x.index % 2 == 0))
    frame["i5"] = frame["i5"].where(frame.index % 2 == 0)
    three = {"a": ["i0", "i1"], "b": ["i2", "i3"], "c": ["i4", "i5"]}
    found = estimate_discriminant(frame, three, n_bootstrap=50)
    two = estimate_discriminant(frame, {"a": three["a"], "b": three["b"]}, n_bootstrap=0)
    assert found.pairs.loc[0, "htmt"] == pytest.approx(two.pairs.loc[0, "htmt"], rel=1e-10)
    assert found.pairs["n"].tolist() == [500, 250, 250]
    assert "no bootstrap samples" in two.pairs.loc[0, "reason"]


@given(positive)
def test_htmt_ignores_the_order_of_items_and_the_sign_of_a_scale(seed):
    correlation = np.corrcoef(random_frame(seed, 6).T)
    scales = [np.array([0, 1, 2]), np.array([3, 4, 5])]
    found = heterotrait_monotrait(correlation, scales, geometric=True)
    turned = correlation * np.outer([1, 1, 1, -1, -1, -1], [1, 1, 1, -1, -1, -1])
    np.testing.assert_allclose(heterotrait_monotrait(turned, scales[::-1], geometric=True), found, rtol=1e-10)


def test_unidentified_models_and_shared_items_are_refused():
    with pytest.raises(NotEstimableError, match="2 items is not identified"):
        fit_factors(np.eye(2)[None], [0, 0])
    with pytest.raises(NotEstimableError, match="at least 2 items"):
        fit_factors(np.eye(4)[None], [0, 0, 0, 1])
    frame = pd.DataFrame(BASE, columns=list("abc"))
    with pytest.raises(AnalysisError, match="item 'a' belongs to more than one scale"):
        estimate_discriminant(frame, {"x": ["a", "b"], "y": ["a", "c"]})
    with pytest.raises(AnalysisError, match="item 'a' belongs to more than one scale"):
        estimate_measurement(frame, {"x": ["a", "b"], "y": ["a", "c"]})
    with pytest.raises(AnalysisError, match="at least two, received 1"):
        estimate_discriminant(frame, {"x": ["a", "b"]})
    with pytest.raises(AnalysisError, match="'y' has no items"):
        estimate_discriminant(frame, {"x": ["a", "b"], "y": []})
    apart = estimate_discriminant(frame, {"x": ["a", "b"], "y": ["c"]}, n_bootstrap=5)
    with pytest.raises(AnalysisError, match="statistic: expected htmt"):
        apart.table("ave")
    assert apart.glance().loc[0, "n_pairs"] == 1
    assert apart.tidy().loc[0, "term"] == "x ~ y"
