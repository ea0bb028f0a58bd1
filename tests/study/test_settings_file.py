"""Lines that a command puts into study.toml: remarks stay, values come back as they were given, nothing else moves."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pxanalysis.errors import StudyError
from pxanalysis.study import init_study
from pxanalysis.study.settings_file import set_keys


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return init_study(tmp_path / "s", "dental-checkup").root / "study.toml"


@given(st.dictionaries(st.sampled_from(["ktv", "nps", "ces", "role"]), st.text(min_size=1).filter(str.strip)))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_column_name_comes_back_as_it_was_given(path: Path, columns: dict[str, str]) -> None:
    before = tomllib.loads(path.read_text())
    set_keys(path, {"columns": columns})
    after = tomllib.loads(path.read_text())
    assert after == before | {"columns": before["columns"] | columns}


def test_a_key_that_is_there_gets_the_new_value_and_keeps_its_remark(path: Path) -> None:
    remarks = [line.partition("#")[2] for line in path.read_text().splitlines() if "#" in line]
    set_keys(path, {"study": {"journey": "dental-checkup"}, "columns": {"practice_id": "Praktijk"}})
    set_keys(path, {"columns": {"practice_id": 'Praktijk "A"'}})
    text = path.read_text()
    assert [line.partition("#")[2] for line in text.splitlines() if "#" in line] == remarks
    assert text.count("\npractice_id = ") == 1
    assert tomllib.loads(text)["columns"] == {"practice_id": 'Praktijk "A"'}


def test_what_the_study_cannot_be_opened_with_is_not_written(path: Path) -> None:
    before = path.read_text()
    with pytest.raises(StudyError):
        set_keys(path, {"study": {"language": "fr"}})
    path.write_text(before.replace("[columns]", "columns.nps = 'a'\n[other]"))
    spoilt = path.read_text()
    with pytest.raises(StudyError):
        set_keys(path, {"columns": {"ktv": "Cijfer"}})
    assert path.read_text() == spoilt
