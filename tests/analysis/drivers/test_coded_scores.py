"""Tests of: Scores of which few are different, as a code of one byte each."""

from __future__ import annotations

import numpy as np

from pxanalysis.analysis.drivers.coded_scores import CodedScores


def test_scores_come_back_as_they_were_and_alike_rows_are_one_kind() -> None:
    rng = np.random.default_rng(6)
    scores = rng.choice([0.0, 25.0, 100 / 3, np.nan], size=(400, 3))
    coded = CodedScores.code(scores.T)
    assert coded.codes[0].dtype == np.uint8
    np.testing.assert_array_equal(coded.of([2, 0]), scores[:, [2, 0]])
    rows, kind = coded.group([0, 2])
    assert len(rows) == 16
    np.testing.assert_array_equal(rows[kind], scores[:, [0, 2]])


def test_more_different_scores_than_a_byte_can_tell_are_kept_apart() -> None:
    scores = np.arange(700.0)[:, None] * [1.0, 2.0]
    coded = CodedScores.code(scores.T)
    np.testing.assert_array_equal(coded.of([0, 1]), scores)
    rows, kind = coded.group([1, 0])
    np.testing.assert_array_equal(rows[kind], scores[:, ::-1])
