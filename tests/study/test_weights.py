"""Responses that count more than others, as study.toml says: every figure of a report, and what is said of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from page_words import words_of
from statsmodels.stats.weightstats import DescrStatsW
from study_copies import copy_study, init_quick

from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.whole_study.drivers import choose_case_mix
from pxanalysis.errors import StudyError
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import Study
from pxanalysis.survey.invitations import LEDGER
from pxanalysis.survey.scores import score_responses


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Study:
    study = init_quick(tmp_path_factory.mktemp("weights") / "study")
    answers = simulate_survey(study.journey, practices=6, responses=40, seed=3).answers
    weight = pl.Series(np.random.default_rng(1).uniform(0.6, 1.9, answers.height).round(3).astype(str))
    answers.with_columns(wt=weight.str.replace(".", ",", literal=True)).write_csv(study.raw_folder / "export.csv")
    return fit_with(study, 'weights = "wt"')


def fit_with(study: Study, line: str, more: str = "") -> Study:
    toml = study.root / "study.toml"
    kept = [one for one in toml.read_text().splitlines() if not one.startswith("weights")]
    toml.write_text("\n".join(kept).replace("[analysis]", f"[analysis]\n{line}") + "\n" + more)
    study = Study(study.root)
    study.ingest()
    study.fit()
    return study


def test_means_are_weighted_and_people_are_counted(fitted: Study) -> None:
    responses = fitted.released
    weight = responses.table["response_weight"].to_numpy()
    assert weight.mean() == pytest.approx(1.0)
    practice = responses.practices[0]
    own = responses.practice_ids == practice
    scores = score_responses(responses)
    for name in scores:
        known = own & scores[name].notna().to_numpy()
        row = fitted.results.of_practice("touchpoints", practice).set_index("touchpoint").loc[name]
        assert row["n"] == known.sum()
        assert row["mean"] == pytest.approx(DescrStatsW(scores[name][known], weight[known]).mean, rel=1e-12)
    ktv = responses.numbers(["ktv"])["ktv"].to_numpy()
    outcomes = fitted.results.of_practice("outcomes", practice).set_index(["outcome", "metric"])
    assert outcomes.loc[("ktv", "mean"), "estimate"] == pytest.approx(DescrStatsW(ktv[own], weight[own]).mean)
    assert outcomes.loc[("ktv", "mean"), "n"] == 40


def test_effects_are_those_of_the_weighted_model(fitted: Study) -> None:
    responses = fitted.released_for_effects
    case_mix = choose_case_mix(responses, fitted.fit_settings)
    options = {"case_mix": case_mix, "n_bootstrap": 100, "cross_validate": False}
    weighted = fit_drivers(responses, weights=responses.table["response_weight"].to_numpy(), **options)
    assert fitted.results.meta.r2 == pytest.approx(weighted.r2, rel=1e-12)
    assert abs(fit_drivers(responses, **options).r2 - weighted.r2) > 1e-6


def test_the_page_says_what_the_answers_are_worth(fitted: Study) -> None:
    weight = fitted.released.table["response_weight"].to_numpy()
    worth = weight.sum() ** 2 / (weight**2).sum()
    assert fitted.results.meta.n_effective == pytest.approx(worth)
    text = words_of(fitted.report(fitted.responses.practices[0], "nl").method().html)
    assert f"de 240 antwoorden zijn zoveel waard als {worth:.0f} die even zwaar wegen" in text
    assert "niet gewogen" not in text


@pytest.mark.slow
def test_weights_that_are_all_the_same_change_nothing(tmp_path: Path) -> None:
    study = init_quick(tmp_path / "study")
    answers = simulate_survey(study.journey, practices=5, responses=15, seed=3).answers
    answers.with_columns(wt=pl.lit(7.5)).write_csv(study.raw_folder / "export.csv")
    study.ingest()
    before = study.fit()
    found = fit_with(study, 'weights = "wt"').results
    for name in ("outcomes", "touchpoints", "items", "reliability", "practice_variance"):
        figures = before[name].select_dtypes("number")
        np.testing.assert_allclose(
            found[name][figures.columns].astype(float), figures.astype(float), rtol=1e-9, atol=1e-9, err_msg=name
        )


@pytest.mark.parametrize(("cell", "found"), [("", "nothing"), ("veel", "'veel'"), ("0", "'0'"), ("-2", "'-2'")])
def test_a_weight_that_is_none_is_named(cell: str, found: str, tmp_path: Path) -> None:
    study = init_quick(tmp_path / "study")
    answers = simulate_survey(study.journey, practices=1, responses=12, seed=3).answers
    place = pl.int_range(pl.len())
    weights = pl.when(place == 3).then(pl.lit(cell)).otherwise(pl.lit("1"))
    answers.with_columns(wt=weights).write_csv(study.raw_folder / "export.csv")
    named = answers["response_id"][3]
    with pytest.raises(StudyError, match=f"column 'wt', response '{named}': expected a weight above 0, found {found}"):
        fit_with(study, 'weights = "wt"')


def test_a_column_that_no_export_has_is_named(fitted: Study, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="no export has a column 'gewicht'"):
        fit_with(copy_study(fitted, tmp_path), 'weights = "gewicht"')


@pytest.mark.slow
def test_a_weight_far_from_the_others_is_trimmed_and_said(tmp_path: Path) -> None:
    study = init_quick(tmp_path / "study")
    answers = simulate_survey(study.journey, practices=1, responses=20, seed=3).answers
    weights = pl.when(pl.int_range(pl.len()) == 3).then(1000.0).otherwise(1.0)
    answers.with_columns(wt=weights).write_csv(study.raw_folder / "export.csv")
    found = fit_with(study, 'weights = "wt"')
    assert found.released.table["response_weight"].max() == 3.0
    assert any("were trimmed" in note for note in found.results.meta.study_notes)


@pytest.mark.slow
def test_answers_are_made_like_the_invited(tmp_path: Path) -> None:
    """Half of those invited are old, a fifth of those who answered: the old count 2.5 times."""
    study = init_quick(tmp_path / "study")
    answers = simulate_survey(study.journey, practices=1, responses=50, seed=3).answers
    tokens = [f"t{number:03d}" for number in range(100)]
    age = ["oud" if number < 10 or number >= 60 else "jong" for number in range(100)]
    answers.with_columns(token=pl.Series(tokens[:50])).write_csv(study.raw_folder / "export.csv")
    ledger = pl.DataFrame(
        {
            "token": tokens,
            "practice_id": answers["practice_id"][0],
            "expires_on": "2099-01-01",
            "month": "2026-01",
            "invited_on": "2026-01-01",
        }
    ).with_columns(age_group=pl.Series(age), person=pl.lit(None, dtype=pl.String))
    (study.root / "invitations").mkdir()
    ledger.write_csv(study.root / "invitations" / LEDGER)
    found = fit_with(study, 'weights = "response"', '[invitations]\nweigh_by = ["age_group"]\n')
    table = found.released.table.sort("response_id")
    weight = dict(zip(answers["response_id"], age[:50], strict=True))
    seen = {weight[one]: value for one, value in table.select("response_id", "response_weight").iter_rows()}
    assert seen == pytest.approx({"oud": 0.5 / 0.2, "jong": 0.5 / 0.8})
    assert found.results.meta.n_effective == pytest.approx(50**2 / (10 * 2.5**2 + 40 * 0.625**2))


def test_without_a_ledger_it_is_said_what_is_needed(tmp_path: Path) -> None:
    study = init_quick(tmp_path / "study")
    simulate_survey(study.journey, practices=1, responses=12, seed=3).write(study.raw_folder)
    with pytest.raises(StudyError, match=r'weights = "response": it does not say what to weigh by'):
        fit_with(study, 'weights = "response"')


@pytest.mark.slow
def test_an_answer_by_a_used_or_expired_link_is_refused_with_its_reason(tmp_path: Path) -> None:
    study = init_quick(tmp_path / "study")
    answers = simulate_survey(study.journey, practices=1, responses=20, seed=3).answers
    tokens = [f"t{number:02d}" for number in range(20)]
    tokens[5] = tokens[4]  # used twice: the earlier answer stays
    last_days = ["2000-01-01" if number == 7 else "2099-01-01" for number in range(20)]
    answers.with_columns(token=pl.Series(tokens)).write_csv(study.raw_folder / "export.csv")
    ledger = pl.DataFrame({"token": [f"t{n:02d}" for n in range(19)], "expires_on": last_days[:19]}).with_columns(
        practice_id=pl.lit(answers["practice_id"][0]),
        month=pl.lit("2026-01"),
        invited_on=pl.lit("2000-01-01"),
        person=pl.lit(None, dtype=pl.String),
    )
    (study.root / "invitations").mkdir()
    ledger.write_csv(study.root / "invitations" / LEDGER)
    study.ingest()
    found = study.responses
    assert set(answers["response_id"]) - set(found.table["response_id"]) == {
        answers["response_id"][5],
        answers["response_id"][7],
    }
    assert found.n == 18, "one whose token nobody was sent came by another way, and stays"
    reasons = found.rejected.filter(pl.col("column") == "token")["reason"].to_list()
    assert sorted(reasons) == [
        "the link had been used for an earlier answer",
        "the link had expired when the answer was given",
    ]
    records = found.rejected.filter(pl.col("column") == "token")["record"].to_list()
    assert {json.loads(record)["response_id"] for record in records} == {answers["response_id"][n] for n in (5, 7)}
    assert [one for one in study.describe_answers() if "do not count" in one]
    assert study.fit().meta.n_rejected_rows == 2


def figures(study: Study) -> dict[str, pd.DataFrame]:
    names = ("practices", "outcomes", "distributions", "touchpoints", "items", "drivers", "reliability")
    return {name: study.results[name] for name in names}


@pytest.fixture(scope="module")
def invited(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Forty answers a practice, raked to who was invited; twenty more have been invited."""
    study = init_quick(tmp_path_factory.mktemp("invited") / "study")
    answers = simulate_survey(study.journey, practices=5, responses=60, seed=3).answers
    place = pl.int_range(pl.len()).over("practice_id")
    answers = answers.with_columns(token="t" + pl.col("response_id"))
    answers.filter(place < 40).write_csv(study.raw_folder / "first.csv")
    answers.filter(place >= 40).write_csv(study.root / "later.csv")
    old = pl.when(pl.int_range(pl.len()) % 3 == 0).then(pl.lit("oud")).otherwise(pl.lit("jong"))
    ledger = answers.select("token", "practice_id").with_columns(
        month=pl.lit("2026-01"),
        invited_on=pl.lit("2026-01-01"),
        expires_on=pl.lit("2099-01-01"),
        person=pl.lit(None, dtype=pl.String),
        age_group=old,
    )
    (study.root / "invitations").mkdir()
    ledger.write_csv(study.root / "invitations" / LEDGER)
    return fit_with(study, 'weights = "response"', '[invitations]\nweigh_by = ["age_group"]\n')


@pytest.mark.slow
def test_three_answers_that_wait_move_no_weight_and_no_figure(invited: Study, tmp_path: Path) -> None:
    """Made of all answers, the weights would tell of what age those three are."""
    study = copy_study(invited, tmp_path)
    before, weights = figures(study), study.released.table["response_weight"].to_list()
    pl.read_csv(study.root / "later.csv", infer_schema=False).head(3).write_csv(study.raw_folder / "three.csv")
    study.ingest()
    assert list(study.fit().meta.waiting.values()) == [3]
    assert study.released.table["response_weight"].to_list() == weights
    for name, frame in figures(study).items():
        pd.testing.assert_frame_equal(frame, before[name], obj=name)


@pytest.mark.slow
def test_one_more_who_is_invited_moves_no_figure_and_ten_answers_do(invited: Study, tmp_path: Path) -> None:
    study = copy_study(invited, tmp_path)
    before, path = figures(study), study.root / "invitations" / LEDGER
    ledger = pl.read_csv(path, infer_schema=False)
    one = ledger.head(1).with_columns(token=pl.lit("new"), age_group=pl.lit("oud"))
    pl.concat([ledger, one]).write_csv(path)
    study.fit(force=True)
    for name, frame in figures(study).items():
        pd.testing.assert_frame_equal(frame, before[name], obj=name)
    kept = (study.root / "data/processed/weights.json").read_text()
    later = pl.read_csv(study.root / "later.csv", infer_schema=False)
    later.filter(pl.int_range(pl.len()).over("practice_id") < 12).write_csv(study.raw_folder / "more.csv")
    study.ingest()
    study.fit()
    assert (study.root / "data/processed/weights.json").read_text() != kept
    assert not any(token in kept for token in ledger["token"])


def test_before_the_first_release_there_are_no_weights(tmp_path: Path) -> None:
    study = init_quick(tmp_path / "study")
    answers = simulate_survey(study.journey, practices=1, responses=12, seed=3).answers
    answers.with_columns(wt=pl.lit(2)).write_csv(study.raw_folder / "export.csv")
    toml = study.root / "study.toml"
    toml.write_text(toml.read_text().replace("[analysis]", '[analysis]\nweights = "wt"'))
    study = Study(study.root)
    study.ingest()
    with pytest.raises(StudyError, match="Run 'pxanalysis fit'"):
        study.fit_drivers()
