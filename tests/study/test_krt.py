"""A dentist's count is refused, in one sentence, where study.toml names no dentist column; nothing is remembered."""

from __future__ import annotations

from pathlib import Path

import pytest

from pxanalysis.errors import PxError
from pxanalysis.study import Study
from pxanalysis.study.krt import count_experiences


def _study(folder: Path, column: str) -> Study:
    lines = ["[study]", 'title = "T"', 'journey = "dental-treatment"', column]
    (folder / "study.toml").write_text("\n".join(lines), encoding="utf-8")
    return Study(folder)


@pytest.mark.parametrize(
    ("column", "said"), [("", "dentist_column is missing"), ('dentist_column = "provider_id"', "ingest")]
)
def test_without_column_or_release_nothing_is_told_or_remembered(tmp_path: Path, column: str, said: str) -> None:
    with pytest.raises(PxError, match=said):
        count_experiences(_study(tmp_path, column), "p", "d")
    assert not (tmp_path / "data" / "processed" / "krt").exists()
