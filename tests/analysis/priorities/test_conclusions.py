"""What conclusions must not do: depend on coding or seed, forget weights, pass the best, stop on many drivers."""

import numpy as np
import pandas as pd
import pytest
from driver_data import as_responses, plain_journey, score_journey

from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.importance.estimate import estimate_importance
from pxanalysis.analysis.priorities import estimate_priorities
from pxanalysis.analysis.whole_study.drivers import tabulate_drivers
from pxanalysis.analysis.whole_study.settings import FitSettings
from pxanalysis.errors import NotEstimableError
from pxanalysis.survey.responses import Responses


def answers_of(
    slopes: tuple[float, ...] = (0.05, 0.04, 0.03, 0.02, 0.01), practices: int = 15, each: int = 60, seed: int = 2
) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    n, p = practices * each, len(slopes)
    practice = np.arange(n) % practices
    scores = 70 + 4 * rng.standard_normal((practices, p))[practice] + 14 * rng.standard_normal((n, p))
    ktv = scores @ np.array(slopes) + 0.8 * rng.standard_normal(n)
    frame = pd.DataFrame(scores, columns=[f"t{t}_item" for t in range(p)])
    return frame.assign(ktv=ktv, nps=np.clip(np.rint(ktv - 2), 0, 10), returned=0), practice


def plain(frame: pd.DataFrame, practice: np.ndarray) -> Responses:
    return as_responses(
        plain_journey([name.removesuffix("_item") for name in frame if name.endswith("_item")]), frame, practice
    )


def test_coding_the_outcome_on_ten_times_the_scale_changes_no_status() -> None:
    frame, practice = answers_of()
    one = estimate_priorities(plain(frame, practice), n_bootstrap=200)
    ten = estimate_priorities(plain(frame.assign(ktv=10 * frame["ktv"]), practice), n_bootstrap=200)
    assert one.frame["status"].tolist() == ten.frame["status"].tolist()
    np.testing.assert_allclose(ten.frame["gain"], 10 * one.frame["gain"], rtol=1e-9)
    assert ten.smallest_gain == pytest.approx(10 * one.smallest_gain)
    assert one.smallest_gain == pytest.approx(0.02 * frame["ktv"].std(ddof=0))


def test_gain_in_nps_is_by_the_weights_of_the_model() -> None:
    """People with weight 0 do not count: the same as without them."""
    frame, practice = answers_of()
    rng = np.random.default_rng(7)
    other = frame.assign(nps=rng.permutation(frame["nps"].to_numpy()), ktv=rng.permutation(frame["ktv"].to_numpy()))
    both = pd.concat([frame, other], ignore_index=True)
    weights = np.repeat([1.0, 0.0], len(frame))
    responses = plain(both, np.tile(practice, 2))
    weighted = fit_drivers(responses, weights=weights, n_bootstrap=60, cross_validate=False)
    found = estimate_priorities(responses, weighted, n_bootstrap=60)
    alone = estimate_priorities(plain(frame, practice), n_bootstrap=60)
    assert found.net_effects is not None
    assert alone.net_effects is not None
    np.testing.assert_allclose(found.net_effects.effect, alone.net_effects.effect, rtol=1e-9)


def test_no_gain_passes_the_practice_that_does_best() -> None:
    """Six small practices: the 75th percentile of true means lies above the best of the shrunken ones."""
    frame, practice = answers_of(practices=6, each=12)
    found = estimate_priorities(plain(frame, practice), n_bootstrap=200, minimum_n=10).frame
    best = found.groupby("touchpoint")["performance"].max()
    target = found.groupby("touchpoint")["target"].first()
    assert (target <= best + 1e-9).all()
    assert (target == best).any()
    top = found.loc[found.groupby("touchpoint")["performance"].idxmax()]
    assert (top["gain"].abs() < 1e-9).all()


@pytest.mark.slow
def test_hardly_any_advice_turns_with_the_seed() -> None:
    """150 pieces of advice with ten seeds each: fewer than 1 in 100 differ from what most seeds say."""
    frame, practice = answers_of((0.05, 0.045, 0.04, 0.035, 0.03, 0.025), practices=25)
    responses = plain(frame, practice)
    statuses = pd.DataFrame(
        {seed: estimate_priorities(responses, n_bootstrap=1000, seed=seed).frame["status"] for seed in range(10)}
    )
    usual = statuses.mode(axis=1)[0]
    assert (statuses.ne(usual, axis=0)).to_numpy().mean() < 0.01


@pytest.mark.parametrize("practices", [2, 4])
def test_below_five_practices_importance_has_no_interval_and_no_chance(practices: int) -> None:
    frame, practice = answers_of(practices=practices)
    found = estimate_importance(plain(frame, practice), n_bootstrap=60, cross_validate=False)
    assert found.terms[["importance_low", "importance_high", "rank_low", "p_top3"]].isna().all(axis=None)
    assert np.isnan(found.r2_low)
    assert found.terms["importance"].notna().all()
    alone = estimate_importance(plain(frame, np.zeros(len(frame), dtype=int)), n_bootstrap=60, cross_validate=False)
    assert alone.terms["importance_low"].notna().all(), "of one practice its responses are drawn"


def test_more_than_25_drivers_are_johnsons_and_say_so() -> None:
    frame, practice = answers_of(tuple(np.linspace(0.01, 0.03, 27)), practices=10, each=80)
    responses = plain(frame, practice)
    found = estimate_importance(responses, n_bootstrap=60, cross_validate=False)
    assert found.method == "johnson"
    assert found.terms["importance"].sum() == pytest.approx(found.r2, rel=1e-6)
    meta, drivers, _ = tabulate_drivers(responses, FitSettings(n_bootstrap=100))
    assert meta["driver_method"] == "johnson"
    assert [note for note in meta["driver_notes"] if note["code"] == "johnson"]
    assert drivers["importance"].notna().all()


@pytest.mark.parametrize("missing", [0.0, 0.1])
def test_two_touchpoints_that_are_the_same_are_named(missing: float) -> None:
    frame, practice = answers_of()
    frame["t2_item"] = frame["t1_item"]
    hidden = np.random.default_rng(1).random((len(frame), 5)) < missing
    names = [f"t{t}_item" for t in range(5)]
    frame[names] = frame[names].mask(hidden)
    responses = as_responses(score_journey({f"t{t}": [f"t{t}_item"] for t in range(5)}), frame, practice)
    with pytest.raises(NotEstimableError, match="t1, t2"):
        fit_drivers(responses, cross_validate=False)
    meta, drivers, _ = tabulate_drivers(responses, FitSettings(n_bootstrap=100))
    assert "t1, t2" in meta["drivers_reason"]
    assert drivers["importance"].isna().all()
