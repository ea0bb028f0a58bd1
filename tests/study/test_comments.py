"""Comments: ten writers, ten at a time, in no telling order; more, and other scripts, once somebody has read them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest
from study_copies import copy_study, init_quick
from typer.testing import CliRunner

from pxanalysis.cli import app
from pxanalysis.journey import read_journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import Study

QUESTION = read_journey("dental-treatment").open_questions[0].id


@pytest.fixture(scope="module")
def answers() -> pl.DataFrame:
    drawn = simulate_survey(read_journey("dental-treatment"), practices=2, responses=(60, 60), seed=4).answers
    place = pl.int_range(pl.len()).over("practice_id")
    text = (
        pl.when(place == 3).then(pl.lit("Доктор Иванова")).otherwise(pl.format("Reactie nummer {} van Xaviera", place))
    )
    return drawn.with_columns(text.alias(QUESTION))


@pytest.fixture
def study(tmp_path: Path, fitted: Study) -> Study:
    return copy_study(fitted, tmp_path)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory, answers: pl.DataFrame) -> Study:
    study = init_quick(tmp_path_factory.mktemp("comments") / "study")
    place = pl.int_range(pl.len()).over("practice_id")
    answers.filter(place < 25).write_csv(study.raw_folder / "export.csv")
    study.ingest()
    study.fit()
    return study


def shown(study: Study, practice: int = 0) -> list[str]:
    name = study.results["practices"]["practice_id"].iloc[practice]
    return list(study.results.of_practice("comments", name)["text"])


def command(study: Study, *words: str) -> str:
    done = CliRunner().invoke(app, ["comments", "review", *words, "--study", str(study.root)])
    assert done.exit_code == 0, done.output
    return done.output


def decide(study: Study, tmp_path: Path, verdict: str, text: str | None = None) -> int:
    """Choose the same for all comments on the page, as its button would save it."""
    command(study)
    page = (study.root / "data/processed/comments-review.html").read_text()
    found = re.findall(r'data-code="(\d+)".*?<textarea[^>]*>(.*?)</textarea>', page, re.DOTALL)
    choices = {code: {"verdict": verdict, "text": text if text is not None else own} for code, own in found}
    (tmp_path / "choices.json").write_text(json.dumps(choices))
    command(study, str(tmp_path / "choices.json"))
    return len(choices)


def test_ten_are_shown_before_anybody_has_read_them(study: Study) -> None:
    texts = shown(study)
    assert len(texts) == 10
    numbers = [int(text.split()[2]) for text in texts]
    assert numbers not in (sorted(numbers), sorted(numbers, reverse=True))
    assert all(text.endswith("van [naam]") for text in texts)
    practice = study.results["practices"]["practice_id"].iloc[0]
    assert study.results.meta.comments_unread[practice] == 15
    page = str(study.report(practice, "nl").journey().html)
    assert "Er zijn nog 15 opmerkingen; die zijn te zien zodra de beheerder van het onderzoek ze heeft gelezen" in page
    assert "Иванова" not in page


def test_what_was_read_is_shown_and_remembered(study: Study, tmp_path: Path) -> None:
    assert decide(study, tmp_path, "keep") == 50
    study.fit()
    assert len(shown(study)) == 25
    assert "Доктор Иванова" in shown(study)
    assert study.results.meta.comments_unread == {}
    assert "0 comments to read" in command(study)
    kept = (study.root / "data/processed/comments-reviewed.json").read_text()
    assert "Xaviera" not in kept


@pytest.mark.slow
def test_what_was_withheld_is_not_shown(study: Study, tmp_path: Path) -> None:
    decide(study, tmp_path, "withhold")
    study.fit()
    assert shown(study) == []


@pytest.mark.slow
def test_what_was_masked_more_is_masked_again(study: Study, tmp_path: Path) -> None:
    decide(study, tmp_path, "mask", "Iemand […] belde 06-12345678")
    study.fit()
    assert set(shown(study)) == {"Iemand […] belde [telefoonnummer]"}


@pytest.mark.slow
def test_three_newer_comments_wait_for_ten(study: Study, answers: pl.DataFrame, tmp_path: Path) -> None:
    decide(study, tmp_path, "keep")
    study.fit()
    place = pl.int_range(pl.len()).over("practice_id")
    few = pl.when(place < 28).then(pl.col(QUESTION)).otherwise(pl.lit("geen"))
    answers.with_columns(few.alias(QUESTION)).filter((place >= 25) & (place < 45)).write_csv(
        study.raw_folder / "more.csv"
    )
    study.ingest()
    study.fit()
    assert study.results["practices"]["n"].tolist() == [45, 45]
    assert len(shown(study)) == 25
    assert "0 comments to read" in command(study)


def test_choices_of_another_kind_are_refused(study: Study, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"1": {"verdict": "perhaps"}}')
    done = CliRunner().invoke(app, ["comments", "review", str(tmp_path / "x.json"), "--study", str(study.root)])
    assert "verdict 'perhaps': expected one of keep, mask, withhold" in str(done.exception)
