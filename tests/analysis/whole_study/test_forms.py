"""Versions and languages of the questionnaire: what may be shown, and whether their means may be compared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pxanalysis as pxa
from pxanalysis.analysis.whole_study.forms import judge_comparability, show_versions
from pxanalysis.analysis.whole_study.settings import FitSettings
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.statistics.conventions import FEWEST_PER_GROUP
from pxanalysis.study import Study, init_study
from pxanalysis.survey.form_versions import LANGUAGE, FormVersion

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses


@given(st.lists(st.integers(1, 60), min_size=1, max_size=6))
def test_no_number_of_few_people_comes_out_of_the_total_less_the_others(counts: list[int]) -> None:
    versions = [FormVersion(str(place), n, None, None, ()) for place, n in enumerate(counts)]
    shown = [one["n"] for one in show_versions(versions, 10)]
    assert all(n is None or n >= 10 for n in shown)
    hidden = [n for n, one in zip(counts, shown, strict=True) if one is None]
    if hidden and len(counts) > 1:
        assert len(hidden) > 1
        assert sum(hidden) >= 10 or len(hidden) == len(counts)


@pytest.fixture(scope="module")
def responses(tmp_path_factory: pytest.TempPathFactory) -> Responses:
    folder = tmp_path_factory.mktemp("languages")
    simulate_survey(pxa.read_journey("dental-treatment"), practices=6, responses=100, seed=2).write(folder)
    found = pxa.read_survey(folder / "simulated.csv", journey="dental-treatment")
    spoken = np.random.default_rng(1).choice(["en", "nl"], found.n, p=[0.4, 0.6])
    return replace(found, table=found.table.with_columns(pl.Series(LANGUAGE, spoken)))


def with_other_words(responses: Responses) -> Responses:
    """As if one question of each of two contacts asked for more in English: everybody there answers it two lower."""
    english = pl.col(LANGUAGE) == "en"
    lower = [
        pl.when(english).then((pl.col(item) - 2).clip(lower_bound=1)).otherwise(pl.col(item)).alias(item)
        for item in ("staff_friendly", "appointment_easy")
    ]
    return replace(responses, table=responses.table.with_columns(lower))


@pytest.mark.slow
def test_a_translation_that_asks_for_more_is_found_and_an_equal_one_is_not(responses: Responses) -> None:
    settings = FitSettings()
    [equal] = judge_comparability(responses, settings)
    assert equal == {
        "by": "language", "groups": ["en", "nl"], "complete": True, "holds_up_to": "strict", "comparable": True,
    }  # fmt: skip
    [apart] = judge_comparability(with_other_words(responses), settings)
    assert (apart["holds_up_to"], apart["comparable"]) == ("metric", False)


@pytest.mark.slow
def test_what_one_group_was_not_asked_is_left_out_and_said(responses: Responses) -> None:
    gone = pl.when(pl.col(LANGUAGE) == "nl").then(pl.col("staff_privacy"))
    without = replace(responses, table=responses.table.with_columns(gone.alias("staff_privacy")))
    found = pxa.compare_groups(without, LANGUAGE)
    assert "staff_privacy" not in set(found.models["configural"].parameters["rhs"])
    assert "left out, as not every group was asked them: staff_privacy" in found.notes


def test_what_cannot_be_estimated_is_said_and_stops_no_fit(responses: Responses) -> None:
    same = pl.when(pl.col(LANGUAGE) == "en").then(5).otherwise(pl.col("staff_friendly")).alias("staff_friendly")
    [found] = judge_comparability(replace(responses, table=responses.table.with_columns(same)), FitSettings())
    assert found["reason"] == "not estimable"
    assert "staff_friendly" in found["said"]


def test_few_answers_in_a_language_tell_nothing(responses: Responses) -> None:
    few = np.where(np.arange(responses.n) < FEWEST_PER_GROUP - 1, "en", "nl")
    table = responses.table.with_columns(pl.Series(LANGUAGE, few))
    [found] = judge_comparability(replace(responses, table=table), FitSettings())
    assert found == {"by": "language", "groups": ["nl"], "complete": False, "reason": "few"}
    assert judge_comparability(replace(responses, table=responses.table.drop(LANGUAGE)), FitSettings()) == []


@pytest.mark.slow
def test_a_study_says_on_its_pages_that_languages_are_answered_differently(tmp_path: Path) -> None:
    study = init_study(tmp_path / "study", "dental-treatment")
    settings = study.root / "study.toml"
    text = settings.read_text().replace("n_bootstrap = 1000", "n_bootstrap = 100")
    settings.write_text(text.replace("# [forms]", '[forms]\nlanguage = "Taal"'))
    paths = simulate_survey(study.journey, practices=6, responses=100, seed=2).write(study.raw_folder)
    answers = pl.read_csv(paths[0], infer_schema=False)
    spoken = np.random.default_rng(1).choice([" EN", "NL"], answers.height, p=[0.4, 0.6])
    friendly = pl.col("staff_friendly")
    less = (friendly.cast(pl.Int64, strict=False) - 2).clip(lower_bound=1).cast(pl.String)
    lower = pl.when((pl.col("Taal") == " EN") & less.is_not_null()).then(less).otherwise(friendly)
    answers.with_columns(pl.Series("Taal", spoken)).with_columns(lower.alias("staff_friendly")).write_csv(paths[0])
    study = Study(study.root)
    study.ingest()
    [found] = study.fit().meta.comparability
    assert (found.groups, found.comparable) == (("en", "nl"), False)
    report = study.report(study.responses.practices[0])
    assert "(Engels en Nederlands) naast elkaar mogen: nee" in report.method().html
    assert "wordt in die talen anders beantwoord" in report.comparison().html
