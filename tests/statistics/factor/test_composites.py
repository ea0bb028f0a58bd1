"""Tests of: Reliability of partial-least-squares composites (mode A, path weighting), as SmartPLS users know it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from reliability_data import MOBI, MOBI_PRINTED, mobi, random_frame  # noqa: F401

from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.factor.composites import estimate_composites


@pytest.mark.real_data
@pytest.mark.parametrize("coefficient", MOBI_PRINTED)
def test_mobi_composites_equal_the_printed_ones(mobi, coefficient):
    found = estimate_composites(mobi, MOBI, {"Satisfaction": ["Image", "Expectation", "Value"]})
    assert found.scales[coefficient].round(4).tolist() == MOBI_PRINTED[coefficient]
    assert round(found.scales["r2"].iloc[3], 4) == 0.5906


def test_composites_refuse_paths_that_make_no_sense():
    frame = pd.DataFrame(random_frame(3, 6, 100), columns=list("abcdef"))
    scales = {"x": ["a", "b"], "y": ["c", "d"], "z": ["e", "f"]}
    for paths, message in (
        ({"z": ["x", "w"]}, "there is no scale 'w'"),
        ({"z": ["x"]}, "scale 'y' stands in no path"),
        ({"z": ["x"], "x": ["y"], "y": ["z"]}, "form a circle"),
    ):
        with pytest.raises(AnalysisError, match=message):
            estimate_composites(frame, scales, paths)
    found = estimate_composites(frame, scales, {"z": ["x", "y"]})
    assert found.tidy()["term"].tolist() == ["z ~ x", "z ~ y"]
    assert found.scales["reason"].tolist()[2] == ""
    np.testing.assert_allclose(np.diag(found.correlation), 1, atol=1e-10)
    assert found.glance().loc[0, "n_paths"] == 2
