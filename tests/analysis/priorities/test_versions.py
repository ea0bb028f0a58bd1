"""Priorities by effects as measured and corrected together: what is taken from which, and when the advice is open."""

import numpy as np
import pandas as pd
import pytest
from driver_data import as_responses, score_journey

from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.priorities import PrioritiesResult, estimate_priorities
from pxanalysis.analysis.priorities.ranking import RankedGains, combine_ranks
from pxanalysis.survey.responses import Responses

ITEMS = {f"t{t}": [f"t{t}_{i}" for i in range(3)] for t in range(4)}


def weak_study(noise: tuple[float, ...], slopes: tuple[float, ...], practices: int = 15, each: int = 80) -> Responses:
    """Four touchpoints of three items; what items do not share is error of these standard deviations."""
    rng = np.random.default_rng(5)
    n = practices * each
    practice = np.arange(n) % practices
    level = 6 * rng.standard_normal((practices, 4))
    truth = 70 + level[practice] + 8 * rng.standard_normal((n, 1)) + 10 * rng.standard_normal((n, 4))
    answers = {f"t{t}_{i}": truth[:, t] + noise[t] * rng.standard_normal(n) for t in range(4) for i in range(3)}
    ktv = truth @ np.array(slopes) + 0.6 * rng.standard_normal(n)
    frame = pd.DataFrame(answers).assign(ktv=ktv, nps=np.clip(np.rint(ktv + 2), 0, 10), returned=0)
    return as_responses(score_journey(ITEMS), frame, practice)


@pytest.fixture(scope="module")
def weak() -> PrioritiesResult:
    return estimate_priorities(weak_study((30.0, 5.0, 5.0, 5.0), (0.03, 0.02, 0.015, 0.01)), n_bootstrap=200)


def test_gain_is_the_mean_and_its_interval_holds_both(weak: PrioritiesResult) -> None:
    frame = weak.frame
    np.testing.assert_allclose(frame["gain"], (frame["gain_measured"] + frame["gain_corrected"]) / 2)
    only = {
        name: estimate_priorities(
            weak_study((30.0, 5.0, 5.0, 5.0), (0.03, 0.02, 0.015, 0.01)),
            fit_drivers(
                weak_study((30.0, 5.0, 5.0, 5.0), (0.03, 0.02, 0.015, 0.01)), measurement=name, cross_validate=False
            ),
            n_bootstrap=200,
        ).frame
        for name in ("measured", "corrected")
    }
    assert (frame["gain_low"] <= only["measured"]["gain_low"] + 1e-9).all()
    for end, pick in (("gain_low", np.minimum), ("gain_high", np.maximum)):
        np.testing.assert_allclose(frame[end], pick(only["measured"][end], only["corrected"][end]), atol=1e-6)
    np.testing.assert_allclose(frame["p_top3"], np.minimum(only["measured"]["p_top3"], only["corrected"]["p_top3"]))
    np.testing.assert_allclose(frame["rank_corrected"], only["corrected"]["rank"])


def test_a_weak_scale_is_worth_more_when_what_items_do_not_share_is_error(weak: PrioritiesResult) -> None:
    """True slope .03, alpha about .5: measured near half of it, corrected near all of it."""
    effects = weak.frame.groupby("touchpoint")[["effect_measured", "effect_corrected"]].first()
    assert effects.loc["t0", "effect_measured"] < 0.02
    assert effects.loc["t0", "effect_corrected"] == pytest.approx(0.03, abs=0.005)
    assert effects.loc["t3", "effect_corrected"] == pytest.approx(0.01, abs=0.003)


def test_strong_scales_are_advised_as_before() -> None:
    found = estimate_priorities(weak_study((3.0,) * 4, (0.03, 0.02, 0.015, 0.01)), n_bootstrap=200).frame
    np.testing.assert_allclose(found["effect_measured"], found["effect_corrected"], rtol=0.1)
    assert not (found["reason_code"] == "rankings_differ").any()
    assert (found["status"] == "act").any()


def test_below_five_practices_only_measured_and_said() -> None:
    responses = weak_study((30.0, 5.0, 5.0, 5.0), (0.03, 0.02, 0.015, 0.01), practices=4)
    model = fit_drivers(responses, cross_validate=False, n_bootstrap=100)
    found = estimate_priorities(responses, model, n_bootstrap=100, target=90.0)
    assert [version.name for version in found.effects.versions] == ["measured"]
    assert found.frame["gain_corrected"].isna().all()
    assert "measured_few_practices" in [note.code for note in model.notes]


def ranks(order: list[float], p: list[float], first: list[float]) -> RankedGains:
    row = np.array([order])
    return RankedGains(row, row, row, np.array([p]), np.array([p]), np.array([first]))


def test_versions_that_put_another_one_first_leave_both_open() -> None:
    one = ranks([1, 2, 3, 4], [0.99, 0.98, 0.6, 0.1], [0.8, 0.2, 0.0, 0.0])
    other = ranks([2, 1, 3, 4], [0.97, 0.99, 0.7, 0.2], [0.3, 0.7, 0.0, 0.0])
    gains = [np.array([[0.4, 0.3, 0.2, 0.1]]), np.array([[0.3, 0.5, 0.2, 0.1]])]
    found = combine_ranks((one, other), gains, 0.02, 0.7)
    assert found.differ.tolist() == [[True, True, False, False]]
    assert found.p_act.tolist() == [[0.97, 0.98, 0.6, 0.1]]
    assert found.p_most.tolist() == [[0.99, 0.99, 0.7, 0.2]]
    assert found.rank.tolist() == [[2, 1, 3, 4]], "equal sums go by the mean gain: .35 and .40"


def test_near_ties_that_change_places_are_no_other_ranking() -> None:
    one = ranks([1, 2, 3, 4], [0.99, 0.98, 0.6, 0.1], [0.45, 0.4, 0.15, 0.0])
    other = ranks([2, 1, 3, 4], [0.97, 0.99, 0.7, 0.2], [0.4, 0.45, 0.15, 0.0])
    gains = [np.array([[0.4, 0.39, 0.2, 0.1]]), np.array([[0.39, 0.4, 0.2, 0.1]])]
    assert not combine_ranks((one, other), gains, 0.02, 0.7).differ.any()


def test_another_third_is_open_and_what_wins_nothing_does_not_count() -> None:
    one = ranks([1, 2, 3, 4], [0.99, 0.98, 0.6, 0.4], [0.9, 0.1, 0.0, 0.0])
    other = ranks([1, 2, 4, 3], [0.99, 0.98, 0.4, 0.6], [0.9, 0.1, 0.0, 0.0])
    gains = [np.array([[0.4, 0.3, 0.2, 0.19]]), np.array([[0.4, 0.3, 0.19, 0.2]])]
    assert combine_ranks((one, other), gains, 0.02, 0.7).differ.tolist() == [[False, False, True, True]]
    assert not combine_ranks((one, other), [gain * [1, 1, 0.01, 0.01] for gain in gains], 0.02, 0.7).differ.any()
