"""The commands on observations, as a user types them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pxanalysis.cli import app
from pxanalysis.errors import JourneyError, SurveyError


@pytest.fixture
def px(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, list(words), catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    return run


def test_the_start_of_the_issue(px: Any, tmp_path: Path) -> None:
    assert "Wrote dental-checkup-observations.xlsx" in px("journeys", "observations", "dental-checkup", "--xlsx")
    assert (tmp_path / "dental-checkup-observations.xlsx").stat().st_size > 5000
    with pytest.raises(JourneyError, match="is there already and may be filled in"):
        px("journeys", "observations", "dental-checkup", "--xlsx")
    px("journeys", "observations", "dental-checkup", "--html", "-l", "en")
    assert "<html lang" in (tmp_path / "dental-checkup-observations.html").read_text("utf-8")


def test_one_thing_at_a_time(px: Any) -> None:
    with pytest.raises(JourneyError, match="choose one of --xlsx, --html and --check"):
        px("journeys", "observations", "dental-checkup")


def test_a_file_is_checked_with_a_message_for_each_bad_row(px: Any, tmp_path: Path) -> None:
    rows = ["touchpoint,source,feels", *["reception,comment,3"] * 25, "waitingroom,comment,1", "reception,comment,1"]
    (tmp_path / "seen.csv").write_text("\n".join(rows) + "\n")
    said = px("journeys", "observations", "dental-checkup", "--check", "seen.csv")
    assert "seen.csv: 1 observations on 1 of 10 touchpoints" in said
    assert "seen.csv, row 2: feels: expected a whole number" in said
    assert "... and 6 more." in said


def test_a_map_as_page_drawing_and_json_with_its_ideas(px: Any, tmp_path: Path) -> None:
    said = px("journeys", "map", "knee-first-steps", "-o", "map.json", "--ideas", "ideas.csv")
    assert "Wrote ideas.csv" in said
    px("journeys", "map", "knee-first-steps", "map.json", "-o", "map.svg", "--role", "patient")
    px("journeys", "map", "knee-first-steps", "map.json", "-l", "en")
    assert (tmp_path / "map.svg").read_text("utf-8").startswith("<svg")
    assert "Experience map: Standing" in (tmp_path / "knee-first-steps-map-en.html").read_text("utf-8")
    head, first = (tmp_path / "ideas.csv").read_text("utf-8-sig").splitlines()[:2]
    assert head == "idea;touchpoint;effort;cost;role;votes;date"
    assert first.startswith("Stuur de naaste een bericht")
    px("journeys", "map", "knee-first-steps", "--ideas", "actions.csv", "--practice", "01010137", "-l", "en")
    head, first = (tmp_path / "actions.csv").read_text("utf-8-sig").splitlines()[:2]
    assert head == "practice_id,touchpoint,idea,cost,idea_on,why"
    assert first.startswith(
        "01010137,knee_waking,Send the family a message as soon as somebody is on the ward.,400.0,20"
    )
    assert first.endswith(',"9 votes, effort medium, Informal carer"')
    with pytest.raises(JourneyError, match=r"ends in \.html, \.svg, \.pdf or \.json"):
        px("journeys", "map", "knee-first-steps", "-o", "map.png")


def test_what_cannot_be_drawn_is_said(px: Any) -> None:
    with pytest.raises(JourneyError, match="give its id"):
        px("journeys", "map")
    with pytest.raises(SurveyError, match="no observations ship with journey 'physiotherapy'"):
        px("journeys", "map", "physiotherapy")


def test_the_schema_is_printed(px: Any) -> None:
    assert json.loads(px("journeys", "map", "--schema"))["title"] == "pxanalysis experience map"


def test_the_guide_is_written(px: Any, tmp_path: Path) -> None:
    px("journeys", "guide", "dental-checkup", "-l", "en")
    assert "Workshop guide: A check-up" in (tmp_path / "dental-checkup-guide-en.html").read_text("utf-8")
    with pytest.raises(JourneyError, match=r"\.html or \.pdf"):
        px("journeys", "guide", "dental-checkup", "-o", "guide.doc")
