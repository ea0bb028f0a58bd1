"""What all priorities bring together, and which place: said only where it is another place than now."""

from __future__ import annotations

import re
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


@pytest.mark.parametrize(("n", "said"), [(44, False), (45, True)])
def test_no_place_is_promised_on_fewer_answers_than_tell_practices_apart(n: int, said: bool) -> None:
    """With 15 answers an 8.7 that gains .1 "belongs to the best quarter", of practices that did not differ at all."""
    example = make_example(n=n)
    frame = example.results.frames["outcomes"].copy()
    own = (frame["practice_id"] == example.practice_id) & (frame["outcome"] == "ktv") & (frame["metric"] == "mean")
    now = frame.loc[own, "estimate"].item()
    frame.loc[own, ["benchmark", "benchmark_high"]] = now + 0.01, now + 0.02
    results = Results(example.results.meta, {**example.results.frames, "outcomes": frame})
    text = words_of(make_report(replace(example, results=results)).priorities().html)
    assert "naar schatting een" in text
    assert (QUARTER in text) == said
    assert ("Ter vergelijking" in text) == said


@pytest.mark.parametrize(
    ("benchmark", "difference", "said"), [(9.5, -1.4, True), (9.5, -0.2, False), (8.4, -1.4, False)]
)
def test_staying_below_is_said_only_where_no_figure_on_the_page_reads_otherwise(
    benchmark: float, difference: float, said: bool
) -> None:
    """A page said "still below the mean" of an 8.4, and "elsewhere, of such patients: 8.4" on the card below it."""
    example = make_example()
    frame = example.results.frames["outcomes"].copy()
    own = (frame["practice_id"] == example.practice_id) & (frame["outcome"] == "ktv") & (frame["metric"] == "mean")
    frame.loc[own, ["benchmark", "benchmark_high", "difference"]] = benchmark, 9.9, difference
    results = Results(example.results.meta, {**example.results.frames, "outcomes": frame})
    text = words_of(make_report(replace(example, results=results)).priorities().html)
    assert re.search("naar schatting een 8,[0-9]", text)
    assert ("Daarmee blijft u nog onder het gemiddelde" in text) == said


@pytest.mark.parametrize(
    ("gains", "statuses", "said"),
    [
        ((0.1, 0.3), ("act", "undecided"), "Bovenaan staat wat het zekerst is"),
        ((0.1, 0.3), ("act", "act"), "De volgorde volgt uit twee berekeningen samen"),
        ((0.3, 0.1), ("act", "act"), ""),
        ((0.301, 0.302), ("act", "act"), ""),
    ],
    ids=["one is sure", "both are sure", "most first", "alike as written"],
)
def test_an_order_that_is_not_that_of_the_gains_is_explained(
    gains: tuple[float, float], statuses: tuple[str, str], said: str
) -> None:
    example = make_example()
    frame = example.results.frames["priorities"]
    own = frame.index[frame["practice_id"] == example.practice_id]
    frame.loc[own, "status"] = "keep"
    for place, (gain, status) in enumerate(zip(gains, statuses, strict=True)):
        at = own[place]
        frame.loc[at, ["gain", "gain_low", "gain_high"]] = gain, gain / 2, gain * 2
        frame.loc[at, "rank"], frame.loc[at, "status"] = place + 1.0, status
    frame.loc[own[2:], "rank"] = range(3, len(own) + 1)
    text = words_of(make_report(example).priorities().html)
    found = [one for one in ("Bovenaan staat wat het zekerst is", "De volgorde volgt uit") if one in text]
    assert found == ([said[: len(found[0])]] if said else [])
