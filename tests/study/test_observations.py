"""Observations of a study: named in study.toml or not there, beside its scores, and in its reports."""

from __future__ import annotations

from pathlib import Path

import pytest
from study_copies import copy_study

from pxanalysis.errors import StudyError, SurveyError
from pxanalysis.study import Study
from pxanalysis.study.reports import list_outdated

ROWS = """touchpoint,role,source,feels,thinks
waiting_room,patient,shadowing,-2,Ik wil hier weg
waiting_room,patient,interview,-1,Mevrouw Jansen zag mij niet
anaesthesia,patient,shadowing,1,Dat viel mee
waiting_room,patient,shadowing,3,Nee
"""


@pytest.fixture
def study(made: Study, tmp_path: Path) -> Study:
    return copy_study(made, tmp_path)


def name_observations(study: Study, name: str) -> Study:
    (study.root / name).write_text(ROWS, encoding="utf-8")
    settings = study.root / "study.toml"
    settings.write_text(settings.read_text("utf-8") + f'\n[observations]\nfile = "{name}"\n', encoding="utf-8")
    return Study(study.root)


def test_a_study_without_says_how_to_name_them(study: Study) -> None:
    (study.raw_folder / "observations.csv").write_text(ROWS)
    with pytest.raises(StudyError, match=r"names no observations.*--xlsx.*\[observations\]"):
        _ = study.observations


@pytest.mark.slow
def test_observations_stand_beside_the_scores(study: Study) -> None:
    study = name_observations(study, "seen.csv")
    compared = study.compare_emotions()
    row = compared.rows.set_index("term").loc["waiting_room"]
    pooled = study.results["touchpoints"].query("practice_id == ''").set_index("touchpoint")
    assert row["score"] == pytest.approx(pooled.loc["waiting_room", "mean"], rel=1e-9)
    assert (row["seen"], row["n_seen"]) == (-1.5, 2)
    assert "Jansen" not in study.draw_experience_map("nl").html
    assert len(study.plot_experience_map("nl").lines) >= 2


def test_a_change_of_the_file_makes_results_and_reports_old(study: Study) -> None:
    assert study.is_fitted
    named = name_observations(study, "seen.csv")
    assert not named.is_fitted
    before = named.fit_key
    (study.root / "seen.csv").write_text(ROWS.replace("-2", "-1"))
    assert named.fit_key != before
    (study.root / "seen.csv").unlink()
    with pytest.raises(SurveyError, match="no such file with observations"):
        _ = named.observations


@pytest.mark.slow
def test_what_was_observed_goes_into_the_results_masked(study: Study) -> None:
    study = name_observations(study, "seen.csv")
    found = study.fit()
    assert "Jansen" not in str(found.meta.observations)
    (note,) = [one for one in found.meta.study_notes if one.startswith("seen.csv")]
    assert "1 rows or cells were refused, the first at row 5: feels: expected a whole number" in note
    assert "Ik wil hier weg" in study.report(study.responses.practices[-1]).journey().html
    assert list_outdated(study) == study.results["practices"]["practice_id"].to_list()


def test_a_bad_file_stops_before_anything_is_written(study: Study) -> None:
    named = name_observations(study, "seen.csv")
    (study.root / "seen.csv").write_text("touchpoint,feels\nwaiting_room,1\n")
    released = named.released_file.read_bytes()
    with pytest.raises(SurveyError, match="no column 'source'"):
        named.fit(force=True)
    assert named.released_file.read_bytes() == released
