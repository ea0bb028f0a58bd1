"""``pxanalysis draft`` and ``map``: from an export to a study that reads it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pxanalysis.cli import app
from pxanalysis.errors import StudyError
from pxanalysis.study import Study, init_study

EXPORT = "Praktijk;Datum;De balie was vriendelijk;Ik kon snel terecht;Welk rapportcijfer geeft u?\n" + "".join(
    f"P{i % 2};2025-0{1 + i % 6}-11;{word};{word};{7 + i % 4}\n"
    for i, word in enumerate(["Eens", "Oneens", "Helemaal eens", "Neutraal", "Niet van toepassing"] * 8)
)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    made = init_study(tmp_path / "s", "dental-treatment")
    (made.raw_folder / "onderzoek.csv").write_text(EXPORT)
    return made


def test_a_draft_is_written_used_and_reads_every_answer(study: Study) -> None:
    file = study.raw_folder / "onderzoek.csv"
    done = CliRunner().invoke(app, ["draft", str(file), "--study", str(study.root), "--yes"])
    assert done.exit_code == 0, done.output
    assert "2 touchpoints, 2 items, 1 outcomes" in done.output
    opened = Study(study.root)
    assert opened.journey.id == "onderzoek"
    (found,) = opened.check()
    assert (found.accepted, found.rejected_rows, found.dropped_cells, found.asked) == (40, 0, 0, ())
    assert found.table is not None
    (item, *_) = opened.journey.items
    assert found.table.accepted[f"na:{item.id}"].sum() == 8


def test_nothing_is_changed_where_nobody_can_be_asked(study: Study) -> None:
    before = (study.root / "study.toml").read_bytes()
    file = study.raw_folder / "onderzoek.csv"
    done = CliRunner().invoke(app, ["draft", str(file), "--study", str(study.root)])
    assert isinstance(done.exception, StudyError)
    assert (study.root / "study.toml").read_bytes() == before


def test_a_journey_that_is_there_is_not_overwritten(study: Study) -> None:
    (study.root / "onderzoek.yaml").write_text("mine")
    file = study.raw_folder / "onderzoek.csv"
    done = CliRunner().invoke(app, ["draft", str(file), "--study", str(study.root), "--yes"])
    assert isinstance(done.exception, StudyError)
    assert (study.root / "onderzoek.yaml").read_text() == "mine"


def test_map_writes_what_is_sure_and_only_suggests_what_is_alike(study: Study) -> None:
    first, second, *_ = study.journey.items
    near = second.item.text["nl"].rstrip(".") + " hier"
    head = f"Praktijk;{first.item.text['nl']};{near};Wat nog?\n"
    file = study.raw_folder / "onderzoek.csv"
    file.write_text(head + "P1;4;5;x\nP2;2;3;y\n" * 20)
    done = CliRunner().invoke(app, ["map", str(file), "--study", str(study.root), "--yes"])
    assert done.exit_code == 0, done.output
    assert f"Suggested only: {second.id}" in done.output
    assert "1 columns are proposed for nothing: Wat nog?" in done.output
    assert Study(study.root).settings.columns == {"practice_id": "Praktijk", first.id: first.item.text["nl"]}
    taken = CliRunner().invoke(app, ["map", str(file), "-s", str(study.root), "--yes", "--confirm", second.id])
    assert taken.exit_code == 0, taken.output
    assert Study(study.root).settings.columns[second.id] == near
    (found,) = Study(study.root).check()
    assert found.accepted == 40
