"""Tests of: From how many people on a figure, or a text, may be shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from privacy_data import suppress_table

from pxanalysis.analysis.privacy import (
    check_minimum_n,
    suppress,
)
from pxanalysis.errors import PrivacyError

# --- The floor ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minimum", [9, 0, -1, 10.0, 9.99, True, None, "10"])
def test_minimum_cannot_be_lowered(minimum: object) -> None:
    with pytest.raises(PrivacyError, match="at least 10"):
        check_minimum_n(minimum)
    with pytest.raises(PrivacyError):
        suppress(pd.DataFrame({"practice_id": ["a"], "n": [50]}), minimum_n=minimum)
    with pytest.raises(PrivacyError):
        suppress_table(np.array([[50]]), minimum)


def test_minimum_can_be_raised() -> None:
    assert check_minimum_n(np.int64(25)) == 25
    rows = pd.DataFrame({"practice_id": ["a", "b", "c"], "n": [20, 40, 60]})
    assert suppress(rows)["suppressed"].sum() == 0
    assert suppress(rows, minimum_n=25)["suppressed"].tolist() == [True, True, False]
