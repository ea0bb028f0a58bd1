"""What the ends of a scale show: an answer that nobody gives is evidence only where many would have given it."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from pxanalysis.journey.parts import Scale
from pxanalysis.survey.columns.cells import recode, sort_cells
from pxanalysis.survey.columns.readings import parse_reading
from pxanalysis.survey.columns.scales import ScaleColumn, judge_scales
from pxanalysis.survey.columns.verdict import JudgedColumn


def draw(name: str, mean: float, sd: float, scale: Scale, *, n: int = 300, good_high: bool = True) -> ScaleColumn:
    rng = np.random.default_rng(sum(name.encode()))
    codes = np.clip(np.round(rng.normal(mean, sd, n)), scale.min, scale.max).astype(int)
    return ScaleColumn(name, pl.Series(name, codes.astype(str)), scale, good_high=good_high)


def moved(column: ScaleColumn, by: int) -> ScaleColumn:
    cells = (column.cells.cast(pl.Int64) + by).cast(pl.String)
    return ScaleColumn(column.name, cells, column.scale, good_high=column.good_high)


TEN, FIVE = Scale(min=0, max=10), Scale(min=1, max=5)


def test_a_narrow_question_among_generous_ones_is_left_alone() -> None:
    columns = [draw("a", 9, 1, TEN), draw("b", 9, 1, TEN), draw("narrow", 7, 0.8, TEN)]
    assert {one.verdict.decision for one in judge_scales(columns, "f.csv", (), 0.2).values()} == {"read"}


def test_a_question_cut_off_below_its_best_answer_is_asked_about() -> None:
    columns = [draw("a", 9, 1, TEN), draw("b", 9, 1, TEN), moved(draw("cut", 9, 1, TEN), -1)]
    found = judge_scales(columns, "f.csv", (), 0.2)
    assert [name for name, one in found.items() if one.verdict.decision == "ask"] == ["cut"]


@pytest.mark.parametrize(("mean", "good_high"), [(1.6, False), (4.4, True)])
def test_that_nobody_gives_the_worst_answer_is_no_evidence(mean: float, good_high: bool) -> None:
    """An effort of 1-5, of which a low answer is good, is hardly ever 5; a satisfaction hardly ever 1."""
    column = draw("effort", mean, 0.8, FIVE, n=186, good_high=good_high)
    worst = "5" if not good_high else "1"
    assert not column.cells.is_in([worst]).any()
    assert judge_scales([column], "f.csv", (), 0.2)["effort"].verdict.decision == "read"


@pytest.mark.parametrize(
    ("mean", "by", "good_high"), [(1.6, 1, False), (1.6, -1, False), (4.4, -1, True), (4.4, 1, True)]
)
def test_a_shift_is_seen_at_the_best_end_of_either_direction(mean: float, by: int, good_high: bool) -> None:
    column = moved(draw("effort", mean, 0.8, FIVE, n=186, good_high=good_high), by)
    assert judge_scales([column], "f.csv", (), 0.2)["effort"].verdict.decision == "ask"


def test_answers_that_are_all_the_same_fit_any_scale() -> None:
    column = ScaleColumn("same", pl.Series("same", ["8"] * 80), TEN)
    verdict = judge_scales([column, draw("a", 9, 1, TEN)], "f.csv", (), 0.2)["same"].verdict
    assert verdict.decision == "read"
    assert verdict.said
    assert "all 80 answers are 8" in verdict.evidence


def test_few_answers_without_the_worst_cannot_tell_a_shift() -> None:
    column = draw("nps", 8, 1, TEN, n=12)
    assert "cannot tell" in judge_scales([column], "f.csv", (), 0.2)["nps"].verdict.evidence


def cells_of(text: list[str]) -> pl.Series:
    return pl.Series("nps", text)


def judge_one(cells: pl.Series, low: int = 0, high: int = 10) -> JudgedColumn:
    return judge_scales([ScaleColumn("nps", cells, Scale(min=low, max=high))], "a.csv", (), 0.2)["nps"]


def test_words_at_the_ends_only_are_labels_and_no_remarks() -> None:
    """As SurveyMonkey has a recommendation; taken for remarks, every ten would be lost."""
    plain = [str(1 + i % 9) for i in range(40)]
    cells = cells_of(["10 - Zeer waarschijnlijk"] * 9 + ["0 - Zeer onwaarschijnlijk", *plain])
    found = judge_one(cells)
    assert found.verdict.decision == "read"
    assert not found.problems.height
    remark = judge_one(cells_of(["4) maar eigenlijk 2", "10 - te laat", *["8", "9", "10"] * 9]))
    assert sorted(remark.problems["index"]) == [0, 1]


def test_a_word_that_stands_there_often_is_asked_about_and_one_for_no_answer_is_not() -> None:
    often = judge_one(cells_of(["Zeer waarschijnlijk"] * 9 + ["8", "9", "7"] * 20))
    assert often.verdict.decision == "ask"
    assert often.verdict.lines == ('nps = "Zeer waarschijnlijk=10"',)
    none = judge_one(cells_of(["Geen antwoord"] * 9 + ["8", "9", "10"] * 20))
    assert none.verdict.decision == "read"


def test_tens_of_percent_are_answers_from_one_up() -> None:
    tens = judge_one(pl.Series("nps", [70, 80, 90, 100, 60] * 8), low=1)
    assert tens.verdict.lines[0] == 'nps = "10-100"'
    written = judge_one(cells_of(["70%", "80%", "9 / 10", "★★★"] * 8), low=1)
    assert 'nps = "70%=7, 80%=8, 9 / 10=9, ★★★=3"' in written.verdict.lines
    assert parse_reading("70%=7", "nps").codes == (("70%", "7"),)


def test_a_label_that_the_journey_has_is_an_answer_whatever_it_means_elsewhere() -> None:
    scale = Scale.model_validate({"min": 1, "max": 3, "labels": {2: {"nl": "Geen mening"}}, "dont_know": [9]})
    found = sort_cells(pl.Series("q", ["Geen mening", "weet niet", "3"]), "q", scale, ())
    assert found.values.to_list() == [2, None, 3]
    assert found.dont_know == 1


def test_shares_of_one_and_half_points_are_asked_about() -> None:
    shares = judge_one(pl.Series("nps", [0.7, 0.8, 1.0, 0.9] * 10), low=1)
    assert shares.verdict.lines[0] == 'nps = "0.1-1"'
    read = recode(pl.Series("q", [0.7, 1.0, 0.1]), "q", Scale(min=1, max=10), parse_reading("0.1-1", "q"))[0]
    assert read.to_list() == [7, 10, 1]
    halves = judge_one(cells_of(["7,5", "8", "9", "10"] * 10), low=1)
    assert "10 of 40 answers lie between whole numbers, such as 7.5" in halves.verdict.evidence
    assert judge_one(cells_of(["7,5", *["8", "9", "10"] * 20]), low=1).verdict.decision == "read"
