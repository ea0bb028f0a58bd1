"""Who asks to be called back: encrypted, with consent only, away from the answers, for a month, and forgotten."""

from __future__ import annotations

import csv
import io
import shutil
import stat
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from study_copies import init_quick

from pxanalysis.errors import StudyError
from pxanalysis.journey import read_journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import Study, taking_in
from pxanalysis.study.calling_back import contact_store, delete_old_contacts
from pxanalysis.study.contacts import CONTACTS, KEY, CallBackCounts, ContactStore, Wanted, make_key
from pxanalysis.study.forgetting import forget
from pxanalysis.study.taking_in import IngestError
from pxanalysis.survey.contacts import ContactDetails

TODAY = date(2026, 3, 20)
PHONE, MAIL, WISH = "+31 6 98765432", "jan@voorbeeld.invalid", 'Over de "rekening"; graag\nna vijven'
SETTINGS = """
[contact]
columns = ["tel", "mail"]
consent = "bel_mij"
request = "waarover"
"""


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    made = make_key()
    monkeypatch.setenv(KEY, made)
    return made


@pytest.fixture(scope="module")
def answers() -> pl.DataFrame:
    drawn = simulate_survey(read_journey("dental-treatment"), practices=2, responses=(12, 12), seed=4).answers
    place = pl.int_range(pl.len())
    return drawn.with_columns(
        completed_on=pl.lit("2026-03-10"),
        tel=pl.when(place.is_in([0, 1, 2])).then(pl.lit(PHONE)),
        mail=pl.when(place == 0).then(pl.lit(MAIL)),
        bel_mij=pl.when(place.is_in([0, 1, 5])).then(pl.lit("Ja")).when(place == 2).then(pl.lit("misschien")),
        waarover=pl.when(place == 0).then(pl.lit(WISH)),
    )


@pytest.fixture
def study(tmp_path: Path) -> Study:
    made = init_quick(tmp_path / "study")
    with (made.root / "study.toml").open("a") as stream:
        stream.write(SETTINGS)
    return Study(made.root)


@pytest.fixture(params=["held", "in parts"])
def length(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are held, or gone through part by part as long ones are."""
    if request.param == "in parts":
        monkeypatch.setattr(taking_in, "LONG", 0)


def traces(folder: Path, *words: str) -> list[str]:
    """Files below a folder in which a word stands."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(word.encode() in path.read_bytes() for word in words)]


def put(study: Study, answers: pl.DataFrame, name: str = "export.csv") -> Path:
    path = study.raw_folder / name
    answers.write_parquet(path) if name.endswith(".parquet") else answers.write_csv(path)
    return path


@pytest.mark.usefixtures("length")
@pytest.mark.parametrize("name", ["export.csv", "export.parquet"])
def test_contacts_go_to_the_store_and_nowhere_else(study: Study, answers: pl.DataFrame, key: str, name: str) -> None:
    put(study, answers, name)
    (batch,) = study.ingest(today=TODAY)
    assert "2 requests to be called back are kept apart" in " ".join(batch.notes)
    assert "1 contacts without consent ('bel_mij')" in " ".join(batch.notes)
    assert "1 ask to be called back, without a contact" in " ".join(batch.notes)
    assert traces(study.root, PHONE, MAIL, "vijven", "misschien") == []
    found = contact_store(study).read(answers["practice_id"][0], TODAY)
    (one,) = [call for call in found if MAIL in call.contact.values()]
    assert dict(one.contact) == {"tel": PHONE, "mail": MAIL}
    assert one.request.split() == WISH.split()
    assert (one.day, one.until, one.state) == (date(2026, 3, 10), date(2026, 4, 9), "open")
    for path in (study.root / CONTACTS).glob("*.request"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert answers["response_id"][0] not in path.name
    assert study.ingest(today=TODAY) == [], "the file that was emptied is known"
    columns = study.store.read()
    assert columns is not None
    assert columns.height == answers.height
    assert not {"tel", "mail", "bel_mij"} & {*columns.columns, *study.store.read_aside().columns}


@pytest.mark.slow
def test_other_cells_of_the_export_stay_as_they_were(study: Study, answers: pl.DataFrame, key: str) -> None:
    path = put(study, answers)
    before = list(csv.reader(io.StringIO(path.read_text(), newline="")))
    study.ingest(today=TODAY)
    after = list(csv.reader(io.StringIO(path.read_text(), newline="")))
    assert after[0] == before[0]
    assert [row[:-4] for row in after] == [row[:-4] for row in before]
    assert {cell for row in after[1:] for cell in row[-4:]} == {""}


def test_the_same_export_again_keeps_nobody_twice_or_longer(study: Study, answers: pl.DataFrame, key: str) -> None:
    put(study, answers)
    study.ingest(today=TODAY)
    store, practice = contact_store(study), answers["practice_id"][0]
    (number,) = {one.number for one in store.read(practice, TODAY) if one.request}
    store.move(number, practice, "done", "Uitgelegd")
    put(study, answers, "export-2.csv")
    study.ingest(today=TODAY)
    (again,) = [one for one in store.read(practice, TODAY) if one.number == number]
    assert (again.state, again.note) == ("done", "Uitgelegd")
    assert traces(study.root, PHONE) == []
    later = date(2026, 4, 20)
    assert store.read(practice, later) == [], "too old is not shown, deleted or not"
    delete_old_contacts(study, later)  # so far ahead may be a clock that leapt
    assert list((study.root / CONTACTS).glob("*.request"))
    assert delete_old_contacts(study, later + timedelta(days=1)) == 2
    assert list((study.root / CONTACTS).glob("*.request")) == []
    put(study, answers, "export-3.csv")
    study.ingest(today=later)
    assert list((study.root / CONTACTS).glob("*.request")) == []
    counts = store.counts(later)
    assert sum(one.done for one in counts.values()) == 1
    assert sum(one.expired for one in counts.values()) == 1


@pytest.mark.usefixtures("length")
def test_who_is_forgotten_is_in_no_file_and_does_not_come_back(
    study: Study, answers: pl.DataFrame, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(study, answers)
    study.ingest(today=TODAY)
    monkeypatch.delenv(KEY)  # forgetting takes no key
    assert forget(study, [answers["response_id"][0]]).contacts == 1
    assert len(list((study.root / CONTACTS).glob("*.request"))) == 1
    monkeypatch.setenv(KEY, key)
    put(study, answers, "again.csv")
    study.ingest(today=TODAY)
    assert len(list((study.root / CONTACTS).glob("*.request"))) == 1
    assert traces(study.root, MAIL) == []


@pytest.mark.usefixtures("length")
@pytest.mark.parametrize(
    ("given", "message"),
    [("", f"{KEY} is not set"), ("geheim", f"{KEY} is not a key: expected 44 characters")],
)
def test_without_a_key_the_file_waits_as_it_is(
    study: Study, answers: pl.DataFrame, monkeypatch: pytest.MonkeyPatch, given: str, message: str
) -> None:
    monkeypatch.setenv(KEY, given)
    path = put(study, answers)
    before = path.read_bytes()
    with pytest.raises(IngestError, match=message):
        study.ingest(today=TODAY)
    assert path.read_bytes() == before
    assert study.store.batches == ()


def test_another_key_reads_and_adds_nothing_and_two_keys_replace_one(
    study: Study, answers: pl.DataFrame, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(study, answers)
    study.ingest(today=TODAY)
    practice, new = answers["practice_id"][0], make_key()
    monkeypatch.setenv(KEY, new)
    with pytest.raises(StudyError, match="is another key than the one"):
        contact_store(study).read(practice, TODAY)
    assert sum(one.open for one in contact_store(study).counts(TODAY).values()) == 2, "counting takes no key"
    monkeypatch.setenv(KEY, f"{new},{key}")
    assert contact_store(study).read(practice, TODAY)


@pytest.mark.usefixtures("length")
def test_a_row_that_is_refused_with_a_contact_stops_the_file(study: Study, answers: pl.DataFrame, key: str) -> None:
    """Its practice is not known, and what is not known cannot be given to one."""
    first = pl.int_range(pl.len()) == 0
    path = put(study, answers.with_columns(pl.when(~first).then("practice_id").alias("practice_id")))
    before = path.read_bytes()
    with pytest.raises(IngestError, match="asks to be called back, but its row was refused"):
        study.ingest(today=TODAY)
    assert path.read_bytes() == before


@pytest.mark.usefixtures("length")
def test_a_line_that_cannot_be_split_stops_the_file(study: Study, answers: pl.DataFrame, key: str) -> None:
    path = put(study, answers)
    path.write_text(path.read_text() + f"S9,too,few,{PHONE}\n")
    with pytest.raises(IngestError, match=r"row \d+: .*cannot be kept apart from the answers"):
        study.ingest(today=TODAY)
    assert traces(study.root / "data" / "processed", PHONE) == []


@pytest.mark.usefixtures("length")
@pytest.mark.slow
@pytest.mark.parametrize("absent", ["response_id", "bel_mij"])
def test_a_column_that_is_not_there_is_named(study: Study, answers: pl.DataFrame, key: str, absent: str) -> None:
    put(study, answers.drop(absent))
    with pytest.raises(IngestError, match=f"there is no column '{absent}', which contacts need"):
        study.ingest(today=TODAY)


def test_what_is_taken_in_of_a_long_export_with_contacts_is_that_of_a_short_one(
    study: Study, answers: pl.DataFrame, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Study(shutil.copytree(study.root, tmp_path / "other"))
    odd = answers.with_columns(pl.when(pl.int_range(pl.len()) == 7).then(pl.lit("soon")).otherwise("nps").alias("nps"))
    paths = [put(one, odd) for one in (study, other)]
    held = study.ingest(today=TODAY)
    monkeypatch.setattr(taking_in, "LONG", 0)
    assert other.check(today=TODAY)[0].table is None
    assert other.ingest(today=TODAY) == held
    assert paths[0].read_bytes() == paths[1].read_bytes()
    calls = [
        sorted((call.practice_id, call.day, *call.contact.values(), call.request) for call in store.read(one, TODAY))
        for store in map(contact_store, (study, other))
        for one in sorted(set(answers["practice_id"]))
    ]
    assert calls[: len(calls) // 2] == calls[len(calls) // 2 :]
    assert not list((other.root / "data" / "processed").glob(".parts-*"))


@pytest.mark.slow
def test_an_export_outside_the_study_is_left_and_that_is_said(
    study: Study, answers: pl.DataFrame, key: str, tmp_path: Path
) -> None:
    path = tmp_path / "elsewhere.csv"
    answers.write_csv(path)
    (batch,) = study.ingest([path], today=TODAY)
    assert "it still holds contacts. Delete them there." in " ".join(batch.notes)
    assert traces(study.root, PHONE, MAIL) == []


@pytest.mark.parametrize(
    "text", ['columns = ["tel"]', 'consent = "x"', 'columns = ["x"]\nconsent = "x"', 'request = "x"', "keep_days = 0"]
)
def test_settings_without_consent_are_refused(study: Study, text: str) -> None:
    path = study.root / "study.toml"
    path.write_text(path.read_text().replace(SETTINGS, f"[contact]\n{text}\n"))
    with pytest.raises(StudyError, match=r"contact"):
        Study(study.root)


def test_a_store_that_was_wiped_is_empty_and_lost_files_are_counted(tmp_path: Path, key: str) -> None:
    store = ContactStore(tmp_path / "contacts", b"k" * 32)
    wanted = [Wanted(ContactDetails(f"r{i}", {"tel": PHONE}, ""), "p", TODAY) for i in range(3)]
    assert store.add(wanted, TODAY) == 3
    next((tmp_path / "contacts").glob("*.request")).unlink()
    assert store.counts(TODAY)["p"] == CallBackCounts(open=2, lost=1)
    assert len(store.read("p", TODAY)) == 2
    for path in (tmp_path / "contacts").iterdir():
        path.unlink()
    assert store.counts(TODAY) == {}
    assert store.read("p", TODAY) == []
    assert store.delete_old(TODAY) == 0
    assert store.add(wanted, TODAY) == 3


def test_waiting_too_long_is_counted(tmp_path: Path, key: str) -> None:
    store = ContactStore(tmp_path / "contacts", b"k" * 32)
    store.add([Wanted(ContactDetails("r", {"tel": PHONE}, ""), "p", TODAY)], TODAY)
    assert [store.counts(TODAY + timedelta(days=n))["p"].late for n in (2, 3)] == [0, 1]


def test_a_day_still_to_come_is_not_kept_longer(tmp_path: Path, key: str) -> None:
    """An answer dated in ten years would else stay for ten years."""
    store = ContactStore(tmp_path / "contacts", b"k" * 32)
    store.add([Wanted(ContactDetails("r", {"tel": PHONE}, ""), "p", date(2036, 1, 1))], TODAY)
    (one,) = store.read("p", TODAY)
    assert one.until == TODAY + timedelta(days=30)
