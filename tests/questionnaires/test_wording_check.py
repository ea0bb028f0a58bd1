"""The wording check finds what is planted, with its line, and nothing in what ships."""

from __future__ import annotations

from pathlib import Path

import pytest

from pxanalysis.journey import list_catalogue, read_journey
from pxanalysis.journey.authoring import to_yaml
from pxanalysis.questionnaires.reading_level import reading_ease
from pxanalysis.questionnaires.wording_check import check_wording

PLANTED = [
    ("De medewerkers waren vriendelijk.", "De medewerkers waren vriendelijk en snel.", "two-things"),
    ("De medewerkers waren vriendelijk.", "Natuurlijk waren de medewerkers vriendelijk.", "leading"),
    ("De medewerkers waren vriendelijk.", "De medewerkers waren niet vriendelijk.", "negation"),
    ("De medewerkers waren vriendelijk.", "De bejegening was vriendelijk.", "reading-level"),
    ("De medewerkers waren vriendelijk.", "Ik ben tevreden over de medewerkers.", "repeats-outcome"),
    ("The staff were friendly.", "The staff were friendly and quick.", "two-things"),
    ("The staff were friendly.", "The staff weren't friendly.", "negation"),
    ("The staff were friendly.", "The staff were always friendly.", "leading"),
    ("The staff were friendly.", "The staff were courteous.", "reading-level"),
    ("The staff were friendly.", "Overall the staff were friendly.", "repeats-outcome"),
    ("The staff were friendly.", "De medewerkers waren vriendelijk.", "translation"),
]


@pytest.mark.parametrize("journey_id", list_catalogue())
def test_nothing_is_open_in_what_ships(journey_id: str) -> None:
    report = check_wording(journey_id)
    assert report.findings == ()
    assert all(len(finding.accepted) > 10 for finding in report.accepted)


@pytest.mark.parametrize(("old", "new", "rule"), PLANTED)
def test_what_is_planted_is_found_on_its_line(tmp_path: Path, old: str, new: str, rule: str) -> None:
    path = tmp_path / "own.yaml"
    text = to_yaml(read_journey("dental-treatment")).replace(old, new)
    path.write_text(text, encoding="utf-8")
    line = next(n for n, row in enumerate(text.splitlines(), start=1) if new in row)
    found = check_wording(path).findings
    assert [(finding.line, finding.rule, finding.id) for finding in found] == [(line, rule, "staff_friendly")]
    assert found[0].better


def test_a_question_with_whether_is_no_double_one() -> None:
    texts = [placed.item.text["nl"] for placed in read_journey("cataract-surgery").items]
    assert "Het was duidelijk of er iemand met mij mee moest komen." in texts  # and test above: no finding


def test_ranges_items_and_minutes(tmp_path: Path) -> None:
    data = read_journey("dental-treatment").model_dump(mode="json")
    touchpoint = data["steps"][0]["touchpoints"][0]
    touchpoint["items"][0]["scale"] = "grade10"
    extra = [
        {
            "id": f"more_{n}",
            "text": {"nl": f"De kamer {n} was schoon.", "en": f"Room {n} was clean."},
            "scale": "agree5",
        }
        for n in range(120)
    ]
    touchpoint["items"] = [*touchpoint["items"], *extra]
    report = check_wording(type(read_journey("dental-treatment")).model_validate(data))
    assert {finding.rule for finding in report.findings} == {"ranges", "too-many", "minutes"}
    assert "1-10, 1-5" in report.summary() or "1-5, 1-10" in report.summary()
    assert report.glance()["n_findings"].item() == 3
    assert list(report.tidy()["rule"]) == [f.rule for f in (*report.findings, *report.accepted)]


def test_reading_ease_by_hand() -> None:
    """Flesch (1948): "The cat sat on the mat." has 6 words, 6 syllables: 206.835 - 84.6 - 6.09 = 116.145."""
    assert reading_ease(["The cat sat on the mat."], "en") == pytest.approx(116.145)
    # Douma: 4 words, 5 syllables (wacht-ka-mer is 3): 206.84 - 77 * 6/4 - .93 * 4
    assert reading_ease(["De wachtkamer was vol."], "nl") == pytest.approx(206.84 - 77 * 6 / 4 - 0.93 * 4)
