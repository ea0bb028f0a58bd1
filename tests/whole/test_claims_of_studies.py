"""No page of a study that was really fitted contradicts itself, in its words or its drawings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from claim_rules import disagreements, shown_claims
from figure_rules import figure_disagreements

from pxanalysis.analysis.whole_study.fit import fit_study
from pxanalysis.analysis.whole_study.settings import FitSettings
from pxanalysis.journey import Journey, read_journey
from pxanalysis.reporting.sections import PracticeReport
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.survey.reading import read_survey
from pxanalysis.survey.responses import Responses

PARTS = ("opening", "priorities", "outcomes", "actions", "journey", "drivers", "matrix", "comparison")

WORLDS = (
    "few answers",
    "two practices",
    "four practices",
    "a contact nobody answered",
    "an old form",
    "ties",
    "all high",
    "all low",
    "weak scales",
    "one weak scale of three items",
)


def draw(world: str, seed: int, folder: Path) -> Responses:
    """Answers of a world, read as an export is."""
    journey = read_journey("dental-treatment" if seed % 2 else "dental-checkup")
    practices = {"two practices": 2, "four practices": 4}.get(world, 25)
    drawn = simulate_survey(journey, practices=practices, responses=(10, 60), seed=seed)
    path = folder / f"{seed}.csv"
    _change(world, drawn.answers, journey, np.random.default_rng(seed)).write_csv(path)
    meant = dict.fromkeys((placed.id for placed in journey.items), "as-it-stands")
    read = read_survey(path, journey=journey, readings=meant)
    last = journey.touchpoints[1].items[-1].id
    return replace(read, uncommon_items=frozenset({last} if world == "an old form" else ()))


def _change(world: str, answers: pl.DataFrame, journey: Journey, rng: np.random.Generator) -> pl.DataFrame:
    scales = {placed.id: placed.scale for placed in journey.items}
    rated = {one.id: journey.scales[str(one.scale)] for one in journey.rated_outcomes}
    asked = [*journey.rated_outcomes, *(placed.item for placed in journey.items)]
    lower = {one.id for one in asked if one.direction == "lower-is-better"}
    second = [item.id for item in journey.touchpoints[1].items]
    if world == "a contact nobody answered":
        return answers.with_columns(pl.lit(None, dtype=pl.Int64).alias(name) for name in second)
    if world == "an old form":
        old = pl.int_range(pl.len()) < answers.height // 2
        return answers.with_columns(pl.when(~old).then(pl.col(second[-1])).alias(second[-1]))
    if world == "ties":
        names = answers["practice_id"].unique(maintain_order=True).to_list()
        one = answers.filter(pl.col("practice_id") == names[0])
        ids = pl.concat_str("practice_id", "response_id", separator="-").alias("response_id")
        return pl.concat([one.with_columns(pl.lit(name).alias("practice_id")) for name in names]).with_columns(ids)
    if world in {"all high", "all low"}:
        best = world == "all high"
        high = {name: best != (name in lower) for name in scales | rated}
        ends = {name: scale.max if high[name] else scale.min for name, scale in (scales | rated).items()}
        some = pl.Series(rng.random(answers.height) < 0.9)
        return answers.with_columns(
            pl.when(pl.col(name).is_not_null() & some).then(pl.lit(int(end))).otherwise(pl.col(name)).alias(name)
            for name, end in ends.items()
        )
    if world.startswith(("weak", "one weak")):
        noisy = scales if world == "weak scales" else {name: scales[name] for name in second}
        values = {name: rng.integers(one.min, one.max + 1, answers.height) for name, one in noisy.items()}
        return answers.with_columns(
            pl.when(pl.col(name).is_not_null()).then(pl.Series(drawn)).alias(name) for name, drawn in values.items()
        )
    return answers


def reports(world: str, seed: int, folder: Path) -> Iterator[tuple[str, PracticeReport]]:
    responses = draw(world, seed, folder)
    results = fit_study(responses, FitSettings(n_bootstrap=100))
    for practice in results["practices"]["practice_id"]:
        yield f"{world}, seed {seed}, {practice}", PracticeReport(results, responses.journey, str(practice), "nl")


def contradictions(report: PracticeReport) -> list[str]:
    html = "\n".join(getattr(report, part)().html for part in PARTS)
    whole = f"{html}\n{report.method().html}"  # whose tables are of all practices
    return [*disagreements(shown_claims(report.claims(), whole)), *figure_disagreements(html)]


def read(world: str, seeds: range, folder: Path) -> tuple[int, dict[str, list[str]]]:
    """How many pages were read, and what contradicts on them."""
    found, pages = {}, 0
    for seed in seeds:
        for name, report in reports(world, seed, folder):
            pages += 1
            if said := contradictions(report):
                found[name] = said
    return pages, found


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS)
def test_no_page_of_a_fitted_study_contradicts_itself(world: str, tmp_path: Path) -> None:
    """Over 400 practices; 500 of every kind, without a fit, are read in tests/reporting/sections/test_claims.py."""
    seeds = range(1, 6) if world.endswith(" practices") else range(1, 3)
    pages, found = read(world, seeds, tmp_path)
    assert pages >= (10 if world.endswith(" practices") else 50)
    assert found == {}
