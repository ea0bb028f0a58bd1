"""What the fit keeps for reports: comments with content, and how practices were compared."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.practices import compare_practices
from pxanalysis.analysis.privacy.counted import count_answers
from pxanalysis.analysis.whole_study.comments import select_comments
from pxanalysis.analysis.whole_study.comparing import compare_outcomes, tabulate_case_mix, tabulate_comparisons
from pxanalysis.analysis.whole_study.drivers import tabulate_drivers
from pxanalysis.analysis.whole_study.fit import fit_study
from pxanalysis.analysis.whole_study.outcomes import tabulate_funnel, tabulate_outcomes
from pxanalysis.analysis.whole_study.scales import estimate_study_reliability, tabulate_scales
from pxanalysis.analysis.whole_study.settings import FEW_RESPONDENTS, PROTECTS_OTHERS, FitSettings
from pxanalysis.analysis.whole_study.touchpoints import tabulate_touchpoints, tabulate_variance
from pxanalysis.analysis.whole_study.trend import tabulate_trend
from pxanalysis.journey.outcome_metrics import MAIN_METRIC
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.reporting.sections import PracticeReport
from pxanalysis.simulation.study import Simulation
from pxanalysis.survey.reading import read_survey
from pxanalysis.survey.responses import Responses

SETTINGS = FitSettings(n_bootstrap=50)


@pytest.fixture(scope="module")
def responses(simulation: Simulation, tmp_path_factory: pytest.TempPathFactory) -> Responses:
    folder: Path = tmp_path_factory.mktemp("raw")
    simulation.write(folder)
    return read_survey(folder / "simulated.csv", journey="dental-treatment")


def with_column(responses: Responses, name: str, values: list[object]) -> Responses:
    table = responses.table.with_columns(pl.Series(name, values))
    return Responses(responses.journey, table, responses.rejected, {})


def written(responses: Responses, texts: list[str | None]) -> list[str]:
    """What is shown when the first people of a practice wrote these texts."""
    question = responses.journey.open_questions[0].id
    others = [None] * (responses.n - len(texts))
    return select_comments(count_answers(with_column(responses, question, [*texts, *others])).comments, SETTINGS)[
        "text"
    ].tolist()


def test_ten_must_have_written_something(responses: Responses) -> None:
    first = responses.of_practice(responses.practices[0])
    praise = [f"Top {number}." for number in range(10)]
    assert sorted(written(first, [*praise, "Geen opmerkingen.", "-"])) == sorted(praise)
    assert written(first, [*praise[:9], *["Geen opmerkingen."] * 5]) == []


def test_what_is_shown_may_be_a_median_while_practices_are_compared_by_their_means(
    responses: Responses, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One word in one file: the verdict of the means stands beside the figure that pages show."""
    compared = compare_outcomes(responses, SETTINGS)
    before = tabulate_outcomes(responses, SETTINGS, compared).query("outcome == 'ktv' and practice_id != ''")
    monkeypatch.setitem(MAIN_METRIC, "ktv", "median")
    after = tabulate_outcomes(responses, SETTINGS, compared).query("outcome == 'ktv' and practice_id != ''")
    means, medians = before.query("metric == 'mean'"), after.query("metric == 'median'")
    assert medians["verdict"].tolist() == means["verdict"].tolist()
    assert (medians["verdict"] != "").any()
    answers = responses.table.group_by("practice_id").agg(pl.col("ktv").median()).to_pandas()
    plain = medians["practice_id"].map(answers.set_index("practice_id")["ktv"])
    np.testing.assert_allclose(medians["estimate"], plain, atol=0.5)
    assert after.query("metric == 'mean'")["comparison_reason"].str.contains("main metric").all()


def test_the_comparison_is_that_of_the_practices_module(responses: Responses) -> None:
    compared = compare_outcomes(responses, SETTINGS)
    facts = tabulate_comparisons(compared).set_index("outcome")
    adjusters = [variable.id for variable in responses.journey.case_mix]
    direct = compare_practices(responses, "ktv", adjusters=adjusters)
    assert facts.loc["ktv", "sigma2_between"] == pytest.approx(direct.sigma2_between)
    assert facts.loc["ktv", "icc"] == pytest.approx(direct.icc)
    assert facts.loc["ktv", "phi"] > 0
    effects = tabulate_case_mix(compared, 10).query("outcome == 'ktv'").set_index("term")
    expected = direct.adjusters.set_index("term")
    assert list(effects.index) == list(expected.index)
    shown = effects["estimate"].notna()
    assert shown["age"]
    np.testing.assert_allclose(effects.loc[shown, "estimate"], expected.loc[shown, "estimate"])


def test_an_effect_on_few_people_is_hidden(responses: Responses) -> None:
    levels = ["good"] * (responses.n - 33) + ["fair"] * 9 + ["excellent"] * 24
    rng = np.random.default_rng(1)
    some = with_column(responses, "health", rng.permutation(levels).tolist())
    table = tabulate_case_mix(compare_outcomes(some, SETTINGS), 10)
    health = table.query("outcome == 'ktv' and variable == 'health'")
    assert health["estimate"].isna().all(), "all are held against 'fair', which nine people are"
    levels = ["good"] * (responses.n - 33) + ["fair"] * 24 + ["excellent"] * 9
    some = with_column(responses, "health", rng.permutation(levels).tolist())
    table = tabulate_case_mix(compare_outcomes(some, SETTINGS), 10)
    health = table.query("outcome == 'ktv' and variable == 'health'").set_index("level")
    assert np.isfinite(health.loc["good", "estimate"])
    assert np.isnan(health.loc["excellent", "std_error"])
    assert health.loc["excellent", "reason"] == FEW_RESPONDENTS


@pytest.mark.parametrize("why", ["not wanted", "not answered"])
def test_a_study_without_case_mix_is_fitted_and_its_pages_say_so(responses: Responses, why: str) -> None:
    settings = replace(SETTINGS, case_mix=()) if why == "not wanted" else SETTINGS
    if why == "not answered":
        empty = [pl.lit(None, responses.table.schema[one.id]).alias(one.id) for one in responses.journey.case_mix]
        responses = replace(responses, table=responses.table.with_columns(empty))
    assert len(responses.practices) == 6
    results = fit_study(responses, settings)
    assert results["case_mix"].empty
    assert results["comparisons"].set_index("outcome").loc["ktv", "reason"] == ""
    practice = str(results["funnel"]["practice_id"].iloc[0])
    html = PracticeReport(results, responses.journey, practice, "nl", figures=False).comparison().html
    words = Wording("nl")
    for key in ("corrected.caption_only", "comparison.no_case_mix"):
        assert words.text(key) in html, key
    assert words.text("corrected.adjusted") not in html


def test_too_few_practices_are_a_reason_not_an_error(responses: Responses) -> None:
    few = responses.where(pl.col("practice_id").is_in(responses.practices[:3]))
    compared = compare_outcomes(few, SETTINGS)
    facts = tabulate_comparisons(compared)
    assert facts["icc"].isna().all()
    assert facts["reason"].str.contains("from 5 on").all()
    assert tabulate_case_mix(compared, 10).empty
    assert set(tabulate_funnel(compared)["outcome"]) == {"ktv", "nps", "ces"}


def test_equal_scores_have_an_interval_below_them(responses: Responses) -> None:
    """Ten of ten at the top is no proof that everybody is."""
    practice = max(responses.practices, key=lambda name: responses.of_practice(name).n)
    items = [placed.id for placed in responses.journey.items if placed.touchpoint.id == "costs"]
    own = pl.col("practice_id") == practice
    top = [pl.when(own).then(pl.col(name).max()).otherwise(pl.col(name)).alias(name) for name in items]
    frame = tabulate_touchpoints(replace(responses, table=responses.table.with_columns(top)), SETTINGS)
    row = frame[(frame["practice_id"] == practice) & (frame["touchpoint"] == "costs")].iloc[0]
    assert row["mean"] == row["ci_high"] == 100
    assert 80 < row["ci_low"] < 98
    assert row["reason"] == ""
    shown = frame[~frame["suppressed"]]
    assert shown[["mean", "ci_low", "ci_high"]].notna().all(axis=None)
    assert shown["mean"].between(shown["ci_low"], shown["ci_high"]).all()


def test_what_needs_several_practices_has_its_reason(responses: Responses) -> None:
    for count in (1, 4):
        few = responses.where(pl.col("practice_id").is_in(responses.practices[:count]))
        frame = tabulate_touchpoints(few, SETTINGS)
        own = frame[frame["practice_id"] != ""]
        assert own[["benchmark_low", "shrunk", "reliability"]].isna().all(axis=None)
        assert own["comparison_reason"].str.contains("fewer than 5 practices").all()
        found = estimate_study_reliability(few, SETTINGS).table()
        table = tabulate_scales(found, SETTINGS, tabulate_variance(few, SETTINGS))
        assert table["n_for_70"].isna().all()
        assert table["icc_reason"].ne("").all()
        assert table["icc"].isna().all() == (count == 1)


def test_a_period_says_whether_it_is_small_or_protects_another(responses: Responses) -> None:
    """Three undated answers hide the smallest month, which itself is on enough people."""
    practice = max(responses.practices, key=lambda name: responses.of_practice(name).n)
    own, place = responses.of_practice(practice), pl.int_range(pl.len())
    day = pl.when(place < 23).then(pl.date(2026, 1, 15)).otherwise(pl.date(2026, 4, 20))
    table = own.table.with_columns(pl.when(place >= 3).then(day).alias("completed_on"))
    dated = table.drop_nulls(["completed_on", "ktv"]).group_by(pl.col("completed_on")).len().sort("len")
    assert dated["len"].min() >= 10
    hidden = tabulate_trend(replace(own, table=table), SETTINGS).query("outcome == 'ktv' and suppressed")
    assert hidden["period"].tolist() == [str(dated["completed_on"][0])[:7]], "the smallest"
    assert hidden["reason_code"].tolist() == ["protects_others"]
    assert hidden["reason"].tolist() == [PROTECTS_OTHERS]
    early = pl.when(place < 5).then(pl.date(2025, 2, 1)).otherwise(pl.col("completed_on"))
    table = table.with_columns(early.alias("completed_on"))
    frame = tabulate_trend(replace(own, table=table), SETTINGS).query("outcome == 'ktv'").set_index("period")
    assert frame.loc["2025-02", "reason_code"] == "few_respondents"
    assert frame["reason_code"].tolist().count("protects_others") == 1
    assert frame.loc[~frame["suppressed"], "reason_code"].eq("").all()


def test_only_main_metrics_have_a_verdict(responses: Responses) -> None:
    """Others would be held against a mean that they are part of, without case mix."""
    compared = compare_outcomes(responses, SETTINGS)
    frame = tabulate_outcomes(responses, SETTINGS, compared)
    main = frame["metric"] == frame["kind"].map(MAIN_METRIC)
    assert frame.loc[~main, "verdict"].eq("").all()
    assert frame.loc[~main, "comparison_reason"].ne("").all()
    shown = frame[main & (frame["practice_id"] != "") & ~frame["suppressed"] & (frame["outcome"] == "ktv")]
    ktv = next(one.comparison for one in compared if one.outcome == "ktv")
    assert ktv is not None
    assert (
        shown["verdict"].tolist() == ktv.tidy().set_index("practice_id").loc[shown["practice_id"], "verdict"].tolist()
    )


def test_the_checks_of_the_model_are_kept_with_its_figures(responses: Responses) -> None:
    meta, _, _ = tabulate_drivers(responses, SETTINGS)
    model = fit_drivers(responses, case_mix=meta["case_mix"], n_bootstrap=50, cross_validate=False)
    assert meta["n_terms"] == (model.terms["estimate"].notna()).sum() > len(model.drivers)
    assert meta["condition_index"] == pytest.approx(model.condition_index)
    assert meta["n_practices_model"] == model.n_practices
    assert meta["n_samples_failed"] == int((~model.bootstrap(50).valid).sum())


def test_without_case_mix_both_variances_between_practices_are_one(responses: Responses) -> None:
    """The appendix says that case mix alone sets them apart."""
    compared = tabulate_comparisons(compare_outcomes(responses, replace(SETTINGS, case_mix=()))).set_index("outcome")
    uncorrected = tabulate_variance(responses, SETTINGS).set_index("outcome_or_touchpoint")
    for part in ("sigma2_between", "sigma2_within"):
        assert compared.loc["ktv", part] == pytest.approx(uncorrected.loc["ktv", part], rel=1e-9)


def test_why_there_are_no_drivers_has_a_code(responses: Responses) -> None:
    """So that a page does not say that too few answered when everybody gave the same grade."""
    same = replace(responses, table=responses.table.with_columns(pl.lit(8).alias("ktv")))
    meta, drivers, _ = tabulate_drivers(same, SETTINGS)
    assert meta["drivers_reason_code"] == "constant_outcome"
    assert drivers["reason"].str.contains("constant").all()
    few = tabulate_drivers(responses.where(pl.int_range(pl.len()) < 12), SETTINGS)[0]
    assert few["drivers_reason_code"] == "too_few"
