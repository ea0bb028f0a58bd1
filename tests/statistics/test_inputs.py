"""Tests of: From whatever a caller holds to clean float64 arrays: columns, weights, practices, random generators."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.inputs import Matrix, check_confidence, check_weights, encode_clusters, numeric_matrix


def test_every_sound_kind_of_column_is_read():
    frame = pd.DataFrame(
        {
            "int": pd.array([1, 2, None, 4], dtype="Int64"),
            "float": pd.array([0.5, None, 2.5, 1.5], dtype="Float64"),
            "bool": [True, False, True, True],
            "maybe": pd.array([True, None, False, True], dtype="boolean"),
            "object": pd.Series([1, None, 3.5, 2], dtype=object),
            "small": np.array([1, 2, 3, 4], dtype=np.int8),
            "arrow": pd.array([1, None, 3, 4], dtype="int64[pyarrow]"),
        }
    )
    before = frame.copy()
    matrix = numeric_matrix(frame)
    assert matrix.numbers.dtype == np.float64
    assert np.isnan(matrix.numbers).sum(axis=0).tolist() == [1, 1, 0, 1, 1, 0, 1]
    assert matrix.numbers[0].tolist() == [1, 0.5, 1, 1, 1, 1, 1]
    pd.testing.assert_frame_equal(frame, before)
    np.testing.assert_array_equal(numeric_matrix(pl.DataFrame({"a": [1, None]})).numbers, [[1.0], [np.nan]])
    assert numeric_matrix(np.ones((2, 2)), ["p", "q"]).names == ("p", "q")
    assert numeric_matrix(pd.Series([1.0, 2.0], name="a")).names == ("a",)
    assert numeric_matrix(Matrix(np.ones((2, 1)), ("m",))).names == ("m",)


def test_clusters_and_confidence_are_checked():
    codes, labels = encode_clusters(pd.Series([2, 1, 2]), 3)
    assert (codes.tolist(), labels) == ([1, 0, 1], ("1", "2"))
    with pytest.raises(AnalysisError, match="row 1 has no practice"):
        encode_clusters(["a", None], 2)
    with pytest.raises(AnalysisError, match=r"one practice per row \(3\), received 2"):
        encode_clusters(["a", "b"], 3)
    with pytest.raises(AnalysisError, match="between 0 and 1"):
        check_confidence(95)
    np.testing.assert_array_equal(check_weights(pd.Series([1, 2], dtype="Int64"), 2), [1.0, 2.0])
