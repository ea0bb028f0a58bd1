from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from page_words import words_of
from pages import make_report
from study_results_fixture import Example, Results, know, make_example


def ranked(highs: list[float], corrected: list[float] | None = None) -> Example:
    """The example with these upper ends of the ranks, and ranks after correction, of its contacts by importance."""
    example = make_example()
    frames = dict(example.results.frames)
    drivers = frames["drivers"].sort_values("importance", ascending=False).reset_index(drop=True)
    drivers["rank_high"] = highs
    drivers["rank_corrected"] = np.nan if corrected is None else corrected
    return replace(example, results=Results(example.results.meta, {**frames, "drivers": drivers}))


ONE = "counts most; what comes next is not certain."
TWO = "count most; which of the two more is not certain."
OPEN = "but that order is not certain."


@pytest.mark.parametrize(
    ("highs", "corrected", "words"),
    [
        ([1, 2, 4, 4, 5, 6], None, "counts most, then"),
        ([1, 3, 3, 4, 5, 6], None, ONE),
        ([2, 2, 4, 4, 5, 6], None, TWO),
        ([2, 3, 4, 4, 5, 6], None, OPEN),
        ([np.nan] * 6, None, OPEN),
        ([1, 2, 4, 4, 5, 6], [1, 2, 3, 4, 5, 6], "counts most, then"),
        ([1, 2, 4, 4, 5, 6], [1, 4, 2, 3, 5, 6], ONE),
        ([1, 2, 4, 4, 5, 6], [2, 1, 3, 4, 5, 6], TWO),
        ([1, 2, 4, 4, 5, 6], [3, 1, 2, 4, 5, 6], OPEN),
    ],
)
def test_what_counts_most_is_said_as_far_as_ranks_are_apart(
    highs: list[float], corrected: list[float] | None, words: str
) -> None:
    """Where nothing explains anything each contact may be first; the page named two of them in order all the same."""
    text = words_of(make_report(ranked(highs, corrected), language="en").drivers().html)
    assert sum(one in text for one in ("counts most, then", ONE, TWO, OPEN)) == 1
    assert words in text


def test_that_one_practice_has_most_answers_stands_beside_the_drivers_and_in_the_method() -> None:
    """Beside "21 practices" the page said that no check of the model gave reason for a remark."""
    note = {"code": "uneven_practices", "n": 25, "effective": 2}
    report = make_report(know(make_example(), driver_notes=(note,)))
    for part in (report.drivers(), report.method()):
        assert "zoveel zeggen als ongeveer 2 even grote" in words_of(part.html)
    assert "Geen van deze punten gaf reden" not in words_of(report.method().html)


def test_one_practice_says_nothing_of_others() -> None:
    """Its patients are resampled and left out in turn: the page spoke of a bootstrap of practices and of elsewhere."""
    example = know(make_example(practices=1), n_practices=1, n_practices_model=1, driver_errors="bootstrap")
    drivers = words_of(make_report(example, language="en").drivers().html)
    assert "worked out over the patients of this one practice" in drivers
    assert "it says nothing of other practices" in drivers
    method = words_of(make_report(example, language="en").method().html)
    facts = method[method.index("R² for other patients") :]
    assert "predicts other patients of this practice too, not those of others" in facts
    assert "95% intervals; bootstrap over the patients within this one practice" in method
    assert "predicts elsewhere" not in method
    assert method.count("bootstrap over the patients within this one practice") == 2, "errors and intervals"


def test_not_applicable_of_the_discontented_is_remarked_on_by_the_name_of_the_contact() -> None:
    """A page advised to keep a contact of which those whom it displeased had said that it does not apply."""
    report = make_report(know(make_example(), driver_notes=({"code": "unmet_less_content", "touchpoint": "costs"},)))
    for part in (report.drivers(), report.method()):
        assert "Wie ‘Kosten’ niet meemaakte of daar ‘niet van toepassing’ antwoordde" in words_of(part.html)
