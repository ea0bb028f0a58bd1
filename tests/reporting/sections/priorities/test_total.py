"""What all priorities bring together, and which place: said only where it is another place than now."""

from __future__ import annotations

from dataclasses import replace

import pytest
from page_words import words_of
from pages import make_report
from study_results_fixture import Results, make_example

QUARTER, HALF = "Daarmee hoort u bij het beste kwart", "Daarmee komt u boven het gemiddelde"


@pytest.mark.parametrize(
    ("benchmark", "best", "said"),
    [(8.25, 8.3, QUARTER), (8.25, 9.9, HALF), (7.9, 8.0, ""), (9.5, 9.9, ""), (7.9, 9.9, "")],
)
def test_the_place_in_reach(benchmark: float, best: float, said: str) -> None:
    example = make_example()
    frame = example.results.frames["outcomes"].copy()
    own = (frame["practice_id"] == example.practice_id) & (frame["outcome"] == "ktv") & (frame["metric"] == "mean")
    assert own.sum() == 1
    assert 8.0 < frame.loc[own, "estimate"].item() < 8.25
    frame.loc[own, ["benchmark", "benchmark_high"]] = benchmark, best
    results = Results(example.results.meta, {**example.results.frames, "outcomes": frame})
    text = words_of(make_report(replace(example, results=results)).priorities().html)
    assert "naar schatting een" in text
    assert [one for one in (QUARTER, HALF) if one in text] == ([said] if said else [])
