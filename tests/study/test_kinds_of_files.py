"""A study from each kind of file that people have: the same answers, whatever they are kept in."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import polars as pl
import pyreadstat
import pytest
from study_copies import init_quick
from typer.testing import CliRunner

from pxanalysis.cli import app
from pxanalysis.journey import read_journey
from pxanalysis.simulation.exports import simulate_export
from pxanalysis.simulation.study import Simulation, simulate_survey
from pxanalysis.study import Study
from pxanalysis.study.taking_in import IngestError

Writer = Callable[[Simulation, Path], pl.DataFrame]
"""Writes simulated answers as a kind of file, and gives the answers that have to come back."""

TODAY = date(2026, 12, 31)
TOOLS = {"kobo": "xlsform", "limesurvey": "limesurvey", "redcap": "redcap", "qualtrics": "qualtrics", "fhir": "fhir"}


@pytest.fixture(scope="module")
def simulated() -> Simulation:
    return simulate_survey(read_journey("dental-treatment"), practices=3, responses=30, seed=2)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return init_quick(tmp_path / "study")


def _stats(write: Callable[..., None], suffix: str) -> Writer:
    def write_file(simulated: Simulation, folder: Path) -> pl.DataFrame:
        frame = simulated.answers.with_columns(pl.col(pl.Boolean).cast(pl.Int8), pl.col(pl.Date).cast(pl.String))
        write(frame.to_pandas(), str(folder / f"answers{suffix}"))
        return simulated.answers

    return write_file


def _table(write: str, name: str, **options: str) -> Writer:
    def write_file(simulated: Simulation, folder: Path) -> pl.DataFrame:
        getattr(simulated.answers, write)(folder / name, **options)
        return simulated.answers

    return write_file


def _tool(tool: str, answers_as: str = "codes") -> Writer:
    def write_file(simulated: Simulation, folder: Path) -> pl.DataFrame:
        made = simulate_export(simulated, tool, answers_as=answers_as)  # type: ignore[arg-type]
        (folder / made.name).write_bytes(made.data)
        return made.answers

    return write_file


KINDS: dict[str, Writer] = {
    "csv": _table("write_csv", "answers.csv"),
    "tsv": _table("write_csv", "answers.tsv", separator="\t"),
    "parquet": _table("write_parquet", "answers.parquet"),
    "excel": _table("write_excel", "answers.xlsx"),
    "spss": _stats(pyreadstat.write_sav, ".sav"),
    "stata": _stats(pyreadstat.write_dta, ".dta"),
} | {name: _tool(tool) for name, tool in TOOLS.items()}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gives_the_same_answers(kind: str, study: Study, simulated: Simulation) -> None:
    truth = KINDS[kind](simulated, study.raw_folder)
    (batch,) = study.ingest(today=TODAY)
    assert (batch.accepted, batch.rejected_rows, batch.dropped_cells) == (90, 0, 0)
    for placed in study.journey.items:
        expected = truth[placed.id].cast(pl.String).cast(pl.Float64, strict=False)
        inside = expected.is_between(placed.scale.min, placed.scale.max)
        assert study.responses.table[placed.id].sum() == expected.filter(inside).sum(), placed.id


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "accepted", "rejected"),
    [
        ("excel/synthetic_merged_header_serial_dates.xlsx", 25, 1),
        ("google_forms/synthetic_direct_download_en.csv", 28, 12),
        ("limesurvey/results-survey.csv", 70, 0),
        ("ms_forms/synthetic_en.xlsx", 35, 0),
        ("spss/bes_like_0_10_dk9999.sav", 800, 0),
        ("surveymonkey/comma-survey.csv", 1129, 0),
        ("surveymonkey/synthetic_two_header.xlsx", 30, 0),
        ("redcap/longitudinal__data.csv", 18, 0),
    ],
)
def test_a_study_drafted_from_a_real_export_reads_what_readers_counted(
    file: str, accepted: int, rejected: int, study: Study, real_data: Path
) -> None:
    """Accepted and refused together are the rows of the READMEs (without averages below them, and header rows)."""
    shutil.copy(real_data / file, study.raw_folder)
    drafted = study.draft_journey(study.raw_folder / Path(file).name)
    study.adopt_draft(drafted, study.write_draft(drafted))
    (found,) = study.check(today=date(2027, 12, 31))
    assert found.error is None
    assert found.accepted + found.rejected_rows == accepted + rejected
    assert (
        found.rejected_rows
        <= rejected + sum("no valid answer" in str(r["reason"]) for r in found.record()["reasons"]) * 99
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "rows"),
    [
        ("excel/synthetic_merged_header_serial_dates.xlsx", 26),
        ("google_forms/synthetic_direct_download_en.csv", 40),
        ("ms_forms/synthetic_en.xlsx", 35),
        ("redcap/longitudinal__data.csv", 18),
        ("spss/bes_like_0_10_dk9999.sav", 800),
        ("surveymonkey/synthetic_two_header.xlsx", 30),
        ("mobi/mobi.csv", 250),
        ("mobi/mobi.parquet", 250),
        ("mobi/mobi.dta", 250),
        ("mobi/mobi.db", 250),
    ],
)
def test_a_real_export_becomes_pages_by_draft_and_run(file: str, rows: int, study: Study, real_data: Path) -> None:
    """Some have days after today, which are refused: that much is accepted."""
    path = study.raw_folder / Path(file).name
    toml = study.root / "study.toml"
    toml.write_text(toml.read_text().replace("[source]\n", f'[source]\naccept = ["{path.name}"]\n', 1))
    if path.stem == "mobi":
        path = _write_mobi(pl.read_csv(real_data / "mobi" / "mobi.csv"), path, toml)
    else:
        shutil.copy(real_data / file, path)
    for words in (["draft", str(path), "--yes"], ["run"]):
        done = CliRunner().invoke(app, [*words, "--study", str(study.root)])
        assert done.exit_code == 0, done.output
    batches = Study(study.root).store.batches
    assert sum(batch.accepted + batch.rejected_rows for batch in batches) == rows
    pages = [page for page in (study.root / "reports").glob("*.html") if page.stem not in {"index", "history"}]
    assert pages
    assert all("</html>" in page.read_text(encoding="utf-8") for page in pages)


def _write_mobi(answers: pl.DataFrame, path: Path, toml: Path) -> Path:
    """The same answers in another kind of file, or in a database; gives what is drafted from."""
    if path.suffix == ".db":
        with closing(sqlite3.connect(toml.parent / "mobi.db")) as database:
            answers.with_row_index("response_id").to_pandas().to_sql("mobi", database, index=False)
        section = 'url = "sqlite:///mobi.db"\nquery = "SELECT * FROM mobi"\nmark = "response_id"\n'
        toml.write_text(f"{toml.read_text()}\n[sql.mobi]\n{section}")
        CliRunner().invoke(app, ["pull", "--study", str(toml.parent)])
        return path.with_name("sql-mobi.parquet")
    if path.suffix == ".dta":
        pyreadstat.write_dta(answers.to_pandas(), str(path))
    else:
        getattr(answers, f"write_{path.suffix[1:]}")(path)
    return path


def test_what_is_not_read_is_named_with_what_it_seems_to_be(study: Study, simulated: Simulation) -> None:
    simulated.answers.write_csv(study.raw_folder / "answers.csv")
    (study.raw_folder / "scan.pdf").write_bytes(b"%PDF-1.7 ...")
    (study.raw_folder / "survey.lss").write_text("<?xml version='1.0'?><document><LimeSurveyDocType>Survey")
    (study.raw_folder / "old").mkdir()
    done = CliRunner().invoke(app, ["check", "--study", str(study.root)])
    for told in ("scan.pdf: was not read; it seems to be a PDF", "survey.lss: was not read", "old/: was not read"):
        assert told in done.output
    assert "90 rows: 90 would be accepted" in done.output


def test_the_truth_that_a_simulation_writes_beside_its_answers_is_no_stray_file(
    study: Study, simulated: Simulation
) -> None:
    """Whoever tries the demo was told first of all that a file was not read."""
    simulated.write(study.raw_folder)
    done = CliRunner().invoke(app, ["ingest", "--study", str(study.root)])
    assert "accepted" in done.output
    assert "was not read" not in done.output


def test_bad_files_of_every_kind_stop_nobody(study: Study, simulated: Simulation) -> None:
    """Each has one message with its name; the good one is taken in."""
    simulated.answers.write_csv(study.raw_folder / "good.csv")
    for suffix in (".sav", ".dta", ".xlsx", ".parquet"):
        kind = {".sav": "spss", ".dta": "stata", ".xlsx": "excel", ".parquet": "parquet"}[suffix]
        KINDS[kind](simulated, study.raw_folder)
        whole = study.raw_folder / f"answers{suffix}"
        whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    (study.raw_folder / "page.csv").write_text("<!DOCTYPE html><html>log in</html>")
    with pytest.raises(IngestError) as caught:
        study.ingest(today=TODAY)
    assert [batch.file for batch in caught.value.batches] == ["good.csv"]
    lines = str(caught.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "answers.dta", "answers.parquet", "answers.sav", "answers.xlsx", "page.csv",
    ]  # fmt: skip
    assert "without being signed in" in lines[-1]


@pytest.mark.parametrize("tool", ["limesurvey", "qualtrics"])
def test_one_survey_as_codes_and_as_labels_counts_once(tool: str, study: Study, simulated: Simulation) -> None:
    for answers_as in ("codes", "labels"):
        _tool(tool, answers_as)(simulated, study.raw_folder)
        (made,) = (path for path in study.raw_folder.glob("*.*") if "-" not in path.stem)
        made.rename(made.with_stem(f"{made.stem}-{answers_as}"))
    batches = study.ingest(today=TODAY)
    assert sum(batch.accepted for batch in batches) - sum(batch.superseded for batch in batches) == 90
    assert study.responses.n == 90
    assert batches[-1].superseded == 90


def test_one_survey_as_codes_and_as_labels_without_ids_is_found(study: Study) -> None:
    words = {"1": "Helemaal oneens", "2": "Oneens", "3": "Neutraal", "4": "Eens", "5": "Helemaal eens"}
    rows = [f"P1;2026-0{1 + i % 6}-1{i % 9};{1 + i % 5};{1 + (i * 7) % 5};{1 + i % 10}" for i in range(60)]
    head = "Praktijk;Datum;Ik kon snel terecht;De balie was vriendelijk;Rapportcijfer"
    labelled = [
        ";".join([*row.split(";")[:2], *(words[c] for c in row.split(";")[2:4]), row.split(";")[4]]) for row in rows
    ]
    for name, lines in (("labels", labelled), ("codes", rows)):
        (study.raw_folder / f"{name}.csv").write_text("\n".join([head, *lines]) + "\n")
    drafted = study.draft_journey(study.raw_folder / "labels.csv")
    study.adopt_draft(drafted, study.write_draft(drafted))
    study.ingest(today=TODAY)
    assert study.responses.n == 60
    assert any("stand in" in note or "stands in" in note for note in study.describe_answers())


def test_a_redcap_export_without_its_dictionary_says_what_would_tell_more(study: Study) -> None:
    head = "record_id,easy,soon,overall,feedback_complete\n"
    (study.raw_folder / "records.csv").write_text(
        head + "".join(f"{i},{1 + i % 5},{1 + i % 4},{i % 11},2\n" for i in range(40))
    )
    notes = " ".join(study.draft_journey(study.raw_folder / "records.csv").notes)
    assert "data dictionary" in notes
