"""What is hidden cannot be worked out from what is shown: no released figure moves with a hidden answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from pxanalysis.analysis.whole_study.fit import fit_study
from pxanalysis.analysis.whole_study.results import StudyResults
from pxanalysis.analysis.whole_study.settings import FitSettings
from pxanalysis.journey import Journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.survey.reading import read_survey
from pxanalysis.survey.responses import Responses

SETTINGS = FitSettings(n_bootstrap=60)

POOLED_EFFECTS = {"drivers", "priorities"}
"""Rest on all patients' pairs of answers, also of those in a hidden cell of a practice that is shown; see fit.shown."""


@pytest.fixture(scope="module")
def responses(treatment: Journey, tmp_path_factory: pytest.TempPathFactory) -> Responses:
    """Nine practices; the first has four responses, the second shows hardly any anaesthesia and NPS."""
    folder: Path = tmp_path_factory.mktemp("raw")
    simulation = simulate_survey(treatment, practices=9, responses=(35, 60), seed=11)
    simulation.write(folder)
    read = read_survey(folder / "simulated.csv", journey="dental-treatment")
    first, second = read.practices[:2]
    place = pl.int_range(pl.len()).over("practice_id")
    read = read.where((pl.col("practice_id") != first) | (place < 4))
    few = (pl.col("practice_id") != second) | (place < 6)
    columns = [*items_of(read, "anaesthesia"), "nps"]
    return replace(read, table=read.table.with_columns(pl.when(few).then(pl.col(columns))))


def items_of(responses: Responses, touchpoint: str) -> list[str]:
    return [placed.id for placed in responses.journey.items if placed.touchpoint.id == touchpoint]


def moved(responses: Responses, practice: str, columns: list[str]) -> Responses:
    """The same people of a practice with the lowest answer of the study to each of these questions."""
    own = pl.col("practice_id") == practice
    lowest = [
        pl.when(own & pl.col(name).is_not_null()).then(pl.col(name).min()).otherwise(pl.col(name)).alias(name)
        for name in columns
    ]
    return replace(responses, table=responses.table.with_columns(lowest))


@pytest.fixture(scope="module")
def released(responses: Responses) -> StudyResults:
    return fit_study(responses, SETTINGS)


@pytest.mark.slow
def test_nothing_moves_with_the_answers_of_a_hidden_practice(responses: Responses, released: StudyResults) -> None:
    hidden = responses.practices[0]
    questions = [placed.id for placed in responses.journey.items] + [one.id for one in responses.journey.outcomes]
    days = pl.when(pl.col("practice_id") == hidden).then(pl.lit("2031-01-01").str.to_date())
    other = moved(responses, hidden, questions)
    other = replace(other, table=other.table.with_columns(days.otherwise(pl.col("completed_on")).alias("completed_on")))
    assert not other.table.equals(responses.table)
    found = fit_study(other, SETTINGS)
    for name, frame in released.frames.items():
        pd.testing.assert_frame_equal(found[name], frame, obj=name)
    assert found.meta == released.meta


@pytest.mark.slow
def test_only_pooled_effects_move_with_a_hidden_touchpoint(responses: Responses, released: StudyResults) -> None:
    practice = responses.practices[1]
    rows = released.of_practice("touchpoints", practice).set_index("touchpoint")
    assert rows.loc["anaesthesia", "suppressed"]
    assert not rows.loc["costs", "suppressed"]
    found = fit_study(moved(responses, practice, [*items_of(responses, "anaesthesia"), "nps"]), SETTINGS)
    for name, frame in released.frames.items():
        if name not in POOLED_EFFECTS:
            pd.testing.assert_frame_equal(found[name], frame, obj=name)
    assert not found["drivers"].equals(released["drivers"]), "or this list of exceptions can be shorter"


@pytest.mark.slow
def test_the_practices_that_others_are_shrunk_towards_are_those_shown(
    responses: Responses, released: StudyResults
) -> None:
    """The attack: solve the centre from a shrunken mean, then the centre's equation for the one mean not shown."""
    touchpoints = released["touchpoints"].query("touchpoint == 'costs' and practice_id != ''")
    shown = touchpoints[~touchpoints["suppressed"]]
    variance = released["practice_variance"].set_index("outcome_or_touchpoint").loc["costs"]
    weight = shown["n"].astype(float) / (variance["sigma2_within"] + shown["n"] * variance["sigma2_between"])
    centre = (shown["shrunk"] - shown["reliability"] * shown["mean"]) / (1 - shown["reliability"])
    np.testing.assert_allclose(centre, np.average(shown["mean"], weights=weight), rtol=1e-9)
    assert responses.practices[0] in set(touchpoints.loc[touchpoints["suppressed"], "practice_id"])


def test_hidden_practices_have_rows_without_figures(responses: Responses, released: StudyResults) -> None:
    for name in ("outcomes", "touchpoints", "items", "priorities", "distributions", "trend"):
        own = released.of_practice(name, responses.practices[0])
        assert len(own), name
        assert own["suppressed"].all(), name
    assert released.meta.n_dropped >= 4


def test_a_study_of_hidden_practices_only_has_reasons(responses: Responses) -> None:
    place = pl.int_range(pl.len()).over("practice_id")
    found = fit_study(responses.where(place < 9), SETTINGS)
    assert found.meta.drivers_reason_code == "too_few"
    assert found.meta.first_date is None
    for name, figure in (("practice_variance", "icc"), ("reliability", "alpha"), ("drivers", "beta")):
        assert found[name][figure].isna().all(), name
        assert found[name]["reason"].ne("").all(), name
