"""The course of outcomes: which periods are hidden, and when one period is said to differ from another."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats

from pxanalysis.analysis.whole_study.frames import TrendRow, list_columns
from pxanalysis.analysis.whole_study.settings import FitSettings
from pxanalysis.analysis.whole_study.trend import tabulate_trend
from pxanalysis.simulation.study import Simulation
from pxanalysis.survey.reading import read_survey
from pxanalysis.survey.responses import Responses

SETTINGS = FitSettings(n_bootstrap=50)
QUARTERS = [date(2025, 1, 15), date(2025, 4, 15), date(2025, 7, 15), date(2025, 10, 15)]


@pytest.fixture(scope="module")
def large(simulation: Simulation, tmp_path_factory: pytest.TempPathFactory) -> Responses:
    """The largest practice by itself."""
    folder: Path = tmp_path_factory.mktemp("raw")
    simulation.write(folder)
    read = read_survey(folder / "simulated.csv", journey="dental-treatment")
    return read.of_practice(max(read.practices, key=lambda name: read.of_practice(name).n))


def answered(responses: Responses, sizes: list[int], **answers: list[int | None]) -> Responses:
    """The practice with these numbers of responses per quarter, and these answers."""
    n = sum(sizes)
    days = [day for day, size in zip(QUARTERS, sizes, strict=False) for _ in range(size)]
    columns = [pl.Series(name, values, dtype=responses.table.schema[name]) for name, values in answers.items()]
    # One practice of some size is needed again and again, whatever was simulated.
    rows = responses.table[np.arange(n) % responses.n]
    return replace(responses, table=rows.with_columns(pl.Series("completed_on", days), *columns))


def spoilt(sizes: list[int], gone: dict[int, int], value: int = 8) -> list[int | None]:
    """Answers to a question that some left out in some quarters."""
    return [None if i < gone.get(q, 0) else value + i % 2 for q, size in enumerate(sizes) for i in range(size)]


def hidden_periods(frame: pd.DataFrame) -> dict[str, list[str]]:
    return {
        str(name): rows.loc[rows["suppressed"], "period"].str[:7].tolist() for name, rows in frame.groupby("outcome")
    }


def test_outcomes_that_all_answer_are_hidden_in_the_same_periods(large: Responses) -> None:
    """Grades are shown of 10 people in a quarter in which 9 answered on recommending: their number would be known."""
    sizes = [10, 14, 13, 30]
    some = answered(
        large,
        sizes,
        ktv=spoilt(sizes, {1: 3}),
        nps=spoilt(sizes, {0: 1}),
        ces=spoilt(sizes, {2: 2}, value=3),
    )
    frame = tabulate_trend(some, SETTINGS)
    hidden = hidden_periods(frame)
    assert hidden["nps"][0] == "2025-01"
    assert len(hidden["nps"]) == 2, "and the period that protects it"
    assert hidden["ktv"] == hidden["ces"] == hidden["nps"]
    codes = frame[frame["suppressed"]].groupby(frame["period"].str[:7])["reason_code"].unique().str.join(" ").to_dict()
    assert codes == {"2025-01": "few_respondents", hidden["nps"][1]: "protects_others"}


def test_a_question_that_few_are_asked_does_not_hide_the_rest(large: Responses) -> None:
    sizes = [30, 30, 30, 30]
    some = answered(
        large,
        sizes,
        ktv=spoilt(sizes, {}),
        nps=spoilt(sizes, {}),
        ces=spoilt(sizes, {0: 26, 1: 26, 2: 10, 3: 10}, value=3),
    )
    hidden = hidden_periods(tabulate_trend(some, SETTINGS))
    assert hidden["ktv"] == hidden["nps"] == []
    assert len(hidden["ces"]) >= 2
    later = answered(large, sizes, ktv=spoilt(sizes, {}), nps=spoilt(sizes, {0: 30}), ces=spoilt(sizes, {}, value=3))
    hidden = hidden_periods(tabulate_trend(later, SETTINGS))
    assert hidden["ktv"] == hidden["ces"] == [], "recommending was not asked yet in the first quarter"
    assert "2025-01" in hidden["nps"]


def test_a_difference_in_grades_is_welchs(large: Responses) -> None:
    sizes = [20, 25, 30]
    rng = np.random.default_rng(3)
    ktv = rng.integers(5, 11, sum(sizes)).tolist()
    frame = tabulate_trend(answered(large, sizes, ktv=ktv), SETTINGS)
    frame = frame[frame["outcome"] == "ktv"].reset_index(drop=True)
    parts = [ktv[:20], ktv[20:45], ktv[45:]]
    for row, before, now in ((1, 0, 1), (2, 1, 2)):
        test = stats.ttest_ind(parts[now], parts[before], equal_var=False)
        low, high = test.confidence_interval()
        found = frame.loc[row]
        assert found["difference"] == pytest.approx(np.mean(parts[now]) - np.mean(parts[before]))
        assert [found["difference_low"], found["difference_high"]] == pytest.approx([low, high])
        assert found["previous"] == frame.loc[before, "period"]
    low, high = stats.ttest_ind(parts[2], parts[0], equal_var=False).confidence_interval()
    assert frame.loc[2, ["since_first_low", "since_first_high"]].tolist() == pytest.approx([low, high])
    assert frame.loc[0, ["difference_low", "since_first_low"]].isna().all()
    assert frame.loc[0, "previous"] == ""


def test_a_difference_can_be_certain_where_intervals_overlap(large: Responses) -> None:
    sizes = [40, 40]
    ktv = [7, 8, 8, 9] * 10 + [7, 8, 9, 9] * 10
    ktv = [value - 1 if i < 40 and i % 4 == 0 else value for i, value in enumerate(ktv)]
    frame = tabulate_trend(answered(large, sizes, ktv=ktv), SETTINGS).query("outcome == 'ktv'")
    first, last = (row for _, row in frame.iterrows())
    assert first["ci_high"] > last["ci_low"], "which used to be called no difference"
    assert last["difference_low"] > 0


def test_a_hidden_period_is_compared_with_nothing(large: Responses) -> None:
    sizes = [20, 8, 15, 30]
    frame = tabulate_trend(answered(large, sizes, ktv=[8, 9] * 36 + [8]), SETTINGS).query("outcome == 'ktv'")
    assert list(frame.columns) == [one.name for one in list_columns(TrendRow)]
    hidden = frame[frame["suppressed"]]
    assert len(hidden) == 2
    assert hidden[["estimate", "ci_low"]].isna().all(axis=None)
    assert hidden["difference_low"].isna().all()
    last = frame.iloc[-1]
    assert last["previous"][:7] == "2025-01", "the last one with a figure before it"


def test_differences_by_chance_are_found_one_time_in_twenty(large: Responses) -> None:
    """The interval of the difference of two NPS of 15 to 25 people holds 0 when nothing changed."""
    from pxanalysis.analysis.metrics import Side, difference_of_sides
    from pxanalysis.statistics.proportions.intervals import adjusted_wald

    rng, trials = np.random.default_rng(5), 4000
    sides = []
    for n in (15, 25):
        counts = rng.multinomial(n, [0.45, 0.35, 0.2], size=trials) / n
        low, high = adjusted_wald(counts[:, 0], counts[:, 2], n)
        empty = np.full(trials, np.nan)
        sides.append(Side(counts[:, 0] - counts[:, 2], empty, np.full(trials, float(n)), low, high))
    low, high = difference_of_sides("net", *sides)
    wrong = float(np.mean((low > 0) | (high < 0)))
    assert 0.03 < wrong < 0.065
    apart = float(np.mean((sides[0].high < sides[1].low) | (sides[1].high < sides[0].low)))
    assert apart < 0.01, "intervals that lie apart, as it used to be, find hardly anything"
