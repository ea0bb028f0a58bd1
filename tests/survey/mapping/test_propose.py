"""Columns proposed for a journey: what is certain, what is only suggested, and what cannot be by its answers."""

from __future__ import annotations

import polars as pl
import pytest

from pxanalysis.journey.model import Journey
from pxanalysis.simulation.study import Simulation
from pxanalysis.survey.mapping import ColumnMap, propose_columns
from pxanalysis.survey.sources.raw import RawTable


def make_table(frame: pl.DataFrame, **facts: object) -> RawTable:
    text = frame.with_columns(pl.all().cast(pl.String))
    rows = pl.int_range(2, frame.height + 2, dtype=pl.UInt32, eager=True)
    return RawTable("export.csv", "", text, rows, **facts)  # type: ignore[arg-type]


def by_id(found: ColumnMap) -> dict[str, tuple[str, str]]:
    return {one.id: (one.column, one.how) for one in found.proposals}


@pytest.fixture
def answers(simulation: Simulation) -> pl.DataFrame:
    return simulation.answers.head(200)


def test_every_question_is_found_by_its_wording_in_any_language(treatment: Journey, answers: pl.DataFrame) -> None:
    for language in treatment.languages:
        headings = {placed.id: f"<p>{placed.item.text[language]}</p>" for placed in treatment.items}
        found = propose_columns(make_table(answers.rename(headings)), treatment)
        assert {id_: found.columns[id_] for id_ in headings} == headings
        assert found.suggestions == ()


def test_wordings_beside_the_names_count_too(treatment: Journey, answers: pl.DataFrame) -> None:
    names = {placed.id: f"QID{i}" for i, placed in enumerate(treatment.items)}
    texts = {names[placed.id]: f"Wat vindt u? - {placed.item.text['nl']}" for placed in treatment.items}
    found = propose_columns(make_table(answers.rename(names), texts=texts), treatment)
    assert {id_: found.columns[id_] for id_ in names} == names


def test_a_tools_names_are_known_again(treatment: Journey, answers: pl.DataFrame) -> None:
    first, second = (placed.id for placed in treatment.items[:2])
    names = {first: f"matrix[{first.replace('_', '')}]", second: f"group/{second}"}
    found = by_id(propose_columns(make_table(answers.rename(names)), treatment))
    assert (found[first], found[second]) == ((names[first], "id"), (names[second], "id"))


def test_what_looks_alike_is_suggested_and_never_decided(treatment: Journey, answers: pl.DataFrame) -> None:
    item = treatment.items[0]
    near = item.item.text["nl"].rstrip(".") + " hier"
    found = propose_columns(make_table(answers.rename({item.id: near})), treatment)
    assert [(one.id, one.column) for one in found.suggestions] == [(item.id, near)]
    assert item.id not in found.columns


def test_a_column_on_another_scale_is_shown_with_the_reason_and_not_written(
    treatment: Journey, answers: pl.DataFrame
) -> None:
    item = treatment.items[0]
    heading = item.item.text["nl"]
    other = answers.with_columns((pl.col(item.id).cast(pl.Float64) * 20).alias(item.id)).rename({item.id: heading})
    found = propose_columns(make_table(other), treatment)
    (one,) = (one for one in found.proposals if one.id == item.id)
    assert (one.column, one.how) == (heading, "wording")
    assert "no answer on" in one.misfit
    assert item.id not in found.columns


def test_two_columns_with_one_wording_are_left_to_somebody(treatment: Journey, answers: pl.DataFrame) -> None:
    item = treatment.items[0]
    text = item.item.text["nl"]
    twice = answers.rename({item.id: text}).with_columns(
        pl.col(text).alias(f"[{text}]"), pl.col(text).alias(f"{text} ")
    )
    found = by_id(propose_columns(make_table(twice), treatment))
    assert found[item.id][1] == "twice"


def test_what_study_toml_says_is_kept(treatment: Journey, answers: pl.DataFrame) -> None:
    first, second = (placed.id for placed in treatment.items[:2])
    found = propose_columns(make_table(answers), treatment, {first: second})
    assert by_id(found)[first] == (second, "study.toml")
    assert first not in found.columns


def test_patients_words_and_addresses_are_no_examples(treatment: Journey, answers: pl.DataFrame) -> None:
    question = treatment.open_questions[0]
    told = answers.with_columns(pl.lit("mijn naam is Jan").alias(question.id))
    table = propose_columns(make_table(told), treatment).table
    assert not table["examples"].str.contains("Jan").any()
    assert table.set_index("id").loc["ktv", "examples"]
