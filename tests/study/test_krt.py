"""A dentist's page for the quality register: what it says, and what it keeps to itself."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from study_copies import copy_study, init_quick
from typer.testing import CliRunner

from pxanalysis.cli.command import app
from pxanalysis.errors import PrivacyError, PxError, StudyError
from pxanalysis.journey import read_journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import Study
from pxanalysis.study.dentist_file import DENTIST_PARTS, read_dentist_parts
from pxanalysis.study.forgetting import forget
from pxanalysis.study.krt import write_dentist_page

HOSTILE = "<b>d</b>&../../x"
SIZES = {"d1": 55, "d2": 30, HOSTILE: 20, "d4": 3, "": 12}
"""Patients of each dentist of each of two practices."""


def answers(seed: int = 8) -> pl.DataFrame:
    drawn = simulate_survey(read_journey("dental-treatment"), practices=2, responses=(120, 120), seed=seed).answers
    dentists = [name for name, n in SIZES.items() for _ in range(n)]
    shuffled = [one for i in range(2) for one in np.random.default_rng(i).permutation(dentists).tolist()]
    return drawn.sort("practice_id", "response_id").with_columns(provider_id=pl.Series(shuffled))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Study:
    study = init_quick(tmp_path_factory.mktemp("krt") / "study")
    name_column(study, "provider_id")
    study = Study(study.root)
    answers().write_csv(study.raw_folder / "answers.csv")
    study.ingest()
    study.fit()
    return study


@pytest.fixture
def study(made: Study, tmp_path: Path) -> Study:
    return copy_study(made, tmp_path)


def name_column(study: Study, name: str) -> None:
    settings = study.root / "study.toml"
    text = re.sub(r"dentist_column = .*\n", "", settings.read_text(encoding="utf-8"))
    settings.write_text(text.replace("[study]", f'[study]\ndentist_column = "{name}"', 1), encoding="utf-8")


def practice(study: Study) -> str:
    return str(study.results["practices"]["practice_id"].iloc[0])


def page_of(study: Study, dentist: str, language: str | None = None) -> str:
    return write_dentist_page(study, practice(study), dentist, language).page.read_text(encoding="utf-8")


def visible(html: str) -> str:
    return re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)


def test_page_says_what_the_register_asks_and_nothing_of_colleagues(study: Study) -> None:
    before = sorted(path.name for path in study.reports_folder.iterdir())
    made = write_dentist_page(study, practice(study), "d1")
    text = visible(made.page.read_text(encoding="utf-8"))
    assert made.n >= 51
    assert f"{made.n} ervaringen: meer dan de 50" in text
    for said in ("Periode", "Respons", "Methode", "Bereikbaarheid en afspraak", "informatieblad", "Mijn reflectie"):
        assert said in text
    assert "d2" not in text
    assert "English" not in text
    assert sorted(path.name for path in study.reports_folder.iterdir()) == before


@pytest.mark.slow
def test_page_in_english_counts_what_is_still_needed(study: Study) -> None:
    found = write_dentist_page(study, practice(study), "d2", "en")
    text = visible(found.page.read_text(encoding="utf-8"))
    assert f"{found.n} experiences. The register asks for more than 50: {51 - found.n} more are needed." in text
    assert found.lacking == 51 - found.n
    assert "Withheld" in text or "withheld" not in text
    assert "patiënten" not in text.replace("patiënten</", "")


@pytest.mark.slow
def test_same_release_gives_the_same_page_and_register_whatever_is_asked_first(study: Study, tmp_path: Path) -> None:
    other = copy_study(study, tmp_path / "other")
    first = [page_of(study, "d1"), page_of(study, "d2")]
    second = [page_of(other, "d2"), page_of(other, "d1")]
    assert first == second[::-1]
    register = study.root / DENTIST_PARTS
    assert register.read_bytes() == (other.root / DENTIST_PARTS).read_bytes()
    page_of(study, "d1")
    assert register.read_bytes() == (other.root / DENTIST_PARTS).read_bytes()


def test_few_patients_make_no_page_and_leave_nothing_behind(study: Study) -> None:
    with pytest.raises(PrivacyError, match="No page is made"):
        page_of(study, "d4")
    assert not (study.root / DENTIST_PARTS).exists()
    assert not (study.root / "krt").exists()


@pytest.mark.slow
def test_hostile_id_and_reflection_stay_text_within_the_folder(study: Study) -> None:
    found = write_dentist_page(study, practice(study), HOSTILE)
    assert (study.root / "krt").resolve() in found.page.resolve().parents
    wrote = "# Vraag <i>\nGoed </main><script>alert(1)</script>\u202e omgekeerd {{ 7*7 }}\n\n# Leeg\n"
    found.form.write_text(wrote, encoding="utf-8")
    again = write_dentist_page(study, practice(study), HOSTILE)
    html = again.page.read_text(encoding="utf-8")
    assert again.written
    assert "<script" not in html
    assert "\u202e" not in html
    assert "Goed &lt;/main&gt;&lt;script&gt;alert(1)&lt;/script&gt; omgekeerd {{ 7*7 }}" in html
    assert "Vraag &lt;i&gt;" in html
    assert found.form.read_text(encoding="utf-8") == wrote


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "said"),
    [(b"\xff\xfe\x00", "plain text, in UTF-8"), (b"a" * 20_001, "20001 characters; expected 20000 at most")],
)
def test_reflection_that_is_no_text_is_refused_and_kept(study: Study, data: bytes, said: str) -> None:
    form = write_dentist_page(study, practice(study), "d1").form
    form.write_bytes(data)
    with pytest.raises(StudyError, match=said):
        page_of(study, "d1")
    assert form.read_bytes() == data


@pytest.mark.slow
def test_who_withdrew_is_on_no_page_and_not_in_the_difference_of_two(study: Study) -> None:
    write_dentist_page(study, practice(study), "d1")
    before = read_dentist_parts(study.root / DENTIST_PARTS)
    own = (pl.col("practice_id") == practice(study)) & (pl.col("provider_id") == "d1")
    gone = answers().filter(own)["response_id"].to_list()[:12]
    forget(study, gone)
    after = read_dentist_parts(study.root / DENTIST_PARTS)
    assert sorted(len(one.people) for one in after) == sorted(len(one.people) for one in before), (
        "that some left is known"
    )
    assert {code for one in after for code in one.people} != {code for one in before for code in one.people}
    with pytest.raises(PrivacyError, match="withdrawn"):
        write_dentist_page(study, practice(study), "d1")
    more = answers(9).with_columns(pl.concat_str(pl.lit("new-"), "response_id").alias("response_id"))
    more.write_csv(study.raw_folder / "more.csv")
    study.ingest()
    study.fit()
    assert write_dentist_page(study, practice(study), "d1").n >= 55 - len(gone) + 10


@pytest.mark.parametrize(
    ("column", "who", "said"),
    [
        ("provider_id", ("P", "nobody"), r"It has: <b>d</b>&../../x, d1, d2, d4\."),
        ("provider_id", ("elsewhere", "d1"), "practice 'elsewhere' is not in the results"),
        ("other_id", ("P", "d1"), "Run 'ingest'"),
        ("", ("P", "d1"), "dentist_column"),
    ],
)
def test_wrong_names_are_told_in_one_sentence(study: Study, column: str, who: tuple[str, str], said: str) -> None:
    own = practice(study)
    name_column(study, column)
    with pytest.raises(PxError, match=said):
        write_dentist_page(Study(study.root), own if who[0] == "P" else who[0], who[1])
    assert not (study.root / DENTIST_PARTS).exists()


@pytest.mark.slow
def test_a_damaged_register_is_told_and_not_overwritten(study: Study) -> None:
    page_of(study, "d1")
    path = study.root / DENTIST_PARTS
    path.write_bytes(b"PAR1 not")
    with pytest.raises(StudyError, match="Restore it from a backup"):
        page_of(study, "d1")
    assert path.read_bytes() == b"PAR1 not"


def test_the_kept_column_is_not_said_to_be_left_out(made: Study) -> None:
    assert not any("provider_id" in note for batch in made.store.batches for note in batch.notes)


def test_the_command_makes_the_page_and_says_what_is_next(study: Study) -> None:
    found = CliRunner().invoke(app, ["krt", "-p", practice(study), "-d", "d2", "-s", str(study.root)])
    assert found.exit_code == 0, found.output
    assert "30 experiences" in found.output
    assert "21 still needed" in found.output
    assert "Next: let the dentist write a reflection" in found.output
