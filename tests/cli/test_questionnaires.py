"""The commands from the chain to the questionnaire, as a user types them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pxanalysis.cli import app
from pxanalysis.errors import PxError
from pxanalysis.journey import read_journey


@pytest.fixture
def px(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, list(words), catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    return run


def test_the_start_of_the_issue(px: Any, tmp_path: Path) -> None:
    said = px("questionnaire", "dental-checkup", "--to", "xlsform")
    assert "Wrote dental-checkup-xlsform.xlsx" in said
    assert "blanks (who, kept_months, contact)" in said
    assert (tmp_path / "dental-checkup-xlsform.xlsx").stat().st_size > 5000


def test_short_ids_are_listed(px: Any) -> None:
    said = px("questionnaire", "dental-practice", "--to", "limesurvey", "-l", "nl")
    assert "checkupappointxc9b16       checkup_appointment_easy" in said


def test_privacy_facts_come_from_the_study(px: Any, tmp_path: Path) -> None:
    px("init", "study", "-j", "dental-checkup")
    settings = tmp_path / "study" / "study.toml"
    facts = '\n[questionnaire]\nwho = {nl = "Praktijk De Beuk"}\nkept_months = 12\ncontact = "vraag@example.nl"\n'
    settings.write_text(settings.read_text("utf-8") + facts, encoding="utf-8")
    said = px("questionnaire", "dental-checkup", "--to", "html", "-l", "nl", "-s", "study")
    assert "Note" not in said
    assert "Praktijk De Beuk" in Path("dental-checkup-form-nl.html").read_text("utf-8")


@pytest.mark.parametrize("tool", ["kobo", "limesurvey", "redcap", "qualtrics", "fhir", "html"])
def test_a_simulated_export_is_ingested_without_a_mapping(px: Any, tool: str) -> None:
    px("init", "study", "-j", "dental-treatment")
    px("simulate", "-s", "study", "--as", tool, "--practices", "2", "--responses", "12")
    said = px("ingest", "-s", "study")
    assert "24 responses accepted, 0 rows rejected, 0 cells dropped" in said


def test_a_journey_goes_through_a_workbook(px: Any) -> None:
    px("journeys", "new", "my-checkup", "--xlsx", "--like", "dental-checkup")
    assert "10 touchpoints, 40 items" in px("journeys", "import", "my-checkup.xlsx")
    assert "No findings" in px("journeys", "check", "my-checkup.yaml")
    px("journeys", "new", "other")
    assert read_journey("other.yaml").id == "other"
    with pytest.raises(PxError, match="is there already"):
        px("journeys", "new", "other")


def test_a_chain_is_drawn_with_what_was_measured(px: Any) -> None:
    px("init", "study", "-j", "dental-checkup")
    px("simulate", "-s", "study", "--practices", "2", "--responses", "20")
    px("ingest", "-s", "study")
    px("journeys", "show", "dental-practice", "-m", "study", "-o", "chain.svg")
    drawn = Path("chain.svg").read_text("utf-8")
    assert "n = 4" in drawn or "n = 3" in drawn
    assert "gesimuleerd" in drawn
    with pytest.raises(PxError, match="measured by another study too"):
        px("journeys", "show", "dental-practice", "-m", "study", "-m", "study")
    with pytest.raises(PxError, match=r"ends in \.html or \.svg"):
        px("journeys", "show", "dental-practice", "-o", "chain.pdf")


def test_tokens_come_back_as_response(px: Any, tmp_path: Path) -> None:
    import polars as pl

    px("init", "study", "-j", "dental-treatment")
    rows = "".join(f"P{i % 2},2026-0{1 + i % 3}-1{i % 9},{'old' if i % 2 else 'young'}\n" for i in range(40))
    Path("visits.csv").write_text(f"praktijk,datum,age_group\n{rows}", encoding="utf-8")
    said = px("invite", "visits.csv", "--link", "https://x.nl/f?token={token}", "--keep", "age_group")
    assert "Invited 40 of 40 appointments (every visit)." in said
    assert "pseudonymous" in said
    ledger = pl.read_csv("invitations/ledger.csv")
    item = read_journey("dental-treatment").items[0].id
    answers = ledger.head(12).select(
        pl.col("token").alias("response_id"), "practice_id", pl.lit("2026-03-20").alias("completed_on"), "token",
        pl.lit(5).alias(item),
    )  # fmt: skip
    answers.write_csv("study/data/raw/answers.csv")
    px("ingest", "-s", "study")
    said = px("response", "-s", "study", "--ledger", "invitations", "--by", "age_group", "--weights", "weights.csv")
    weights = pl.read_csv("weights.csv")
    assert set(weights["response_id"]) == set(answers["response_id"])
    assert abs(weights["weight"].mean() - 1) < 1e-9
    assert "12 weights, worth" in said
    assert " 40 " in said
    assert " 12 " in said
    assert "share_answered" in said
