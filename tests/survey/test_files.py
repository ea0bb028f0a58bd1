"""Tables on their way: those that fit are held, the others stand on disk, and all come back as they were."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pxanalysis.survey.files import Scratch


@pytest.mark.parametrize(("most", "on_disk"), [(20_000, 0), (10_000, 1)])
def test_a_cell_of_text_counts_for_what_it_takes_beside_its_letters(most: int, on_disk: int, tmp_path: Path) -> None:
    table = pl.DataFrame({"answer": ["5"] * 1000})
    kept = Scratch(tmp_path, most).put(table, "cells")
    assert len(list(tmp_path.iterdir())) == on_disk
    assert_frame_equal(kept(), table)
