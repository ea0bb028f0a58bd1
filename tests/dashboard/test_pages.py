"""What pages show: counts of now, all else of the last release, and a sentence wherever something is not there."""

from __future__ import annotations

import re
import shutil
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from study_copies import copy_study, init_quick

from pxanalysis.dashboard.arrivals import Arrivals, Flow, PracticeArrivals, _find_fall, _flow, count_arrivals
from pxanalysis.dashboard.handlers import call_backs_of, count_call_backs
from pxanalysis.dashboard.overview_page import Asked
from pxanalysis.dashboard.pages import CallBacks, PageMaker, Place, Sent
from pxanalysis.dashboard.signals import find_signals
from pxanalysis.dashboard.snapshot import Snapshot, Watcher, take_snapshot
from pxanalysis.errors import StudyError
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.study import Study
from pxanalysis.study.calling_back import contact_store
from pxanalysis.study.contacts import KEY, Wanted, make_key
from pxanalysis.survey.action_list import Action
from pxanalysis.survey.contacts import ContactDetails


@pytest.fixture(scope="module")
def study(made: Study, tmp_path_factory: pytest.TempPathFactory) -> Study:
    return copy_study(made, tmp_path_factory.mktemp("shown"))


@pytest.fixture(scope="module")
def snapshot(study: Study) -> Snapshot:
    return take_snapshot(study.root)


def practices(snapshot: Snapshot, *, suppressed: bool) -> list[str]:
    assert snapshot.results is not None
    rows = snapshot.results["practices"]
    return sorted(rows.loc[rows["suppressed"] == suppressed, "practice_id"])


def body(snapshot: Snapshot, practice_id: str, language: str = "nl") -> str:
    return PageMaker().practice_body(snapshot, practice_id, language, Place()).html


def test_a_practice_with_few_answers_has_counts_and_nothing_else(snapshot: Snapshot) -> None:
    for practice_id in practices(snapshot, suppressed=True):
        html = body(snapshot, practice_id)
        assert "Te weinig antwoorden voor cijfers: die verschijnen vanaf 10 patiënten." in html
        assert "<svg" not in html
        assert "blockquote" not in html
        assert f'<p class="value">{snapshot.arrivals.of(practice_id).all.total}</p>' in html


@pytest.mark.slow
def test_new_answers_move_counts_and_no_figure(made: Study, tmp_path: Path) -> None:
    study = copy_study(made, tmp_path)
    before = take_snapshot(study.root)
    practice_id = practices(before, suppressed=False)[-1]
    answers = pl.read_csv(study.raw_folder / "answers.csv", infer_schema=False)
    best = answers.filter(pl.col("practice_id") == practice_id).head(4)
    day = (study.today - timedelta(days=1)).isoformat()
    new = best.with_columns(pl.col("response_id") + "n", pl.lit(day).alias("completed_on"), pl.lit("1").alias("ktv"))
    new.write_csv(study.raw_folder / "new.csv")
    study.ingest()
    after = take_snapshot(study.root, before)
    assert after.arrivals.of(practice_id).all.total == before.arrivals.of(practice_id).all.total + 4
    assert after.arrivals.of(practice_id).all.week == 4
    pages = [PageMaker().parts(one, practice_id, "nl") for one in (before, after)]
    assert pages[0].outcomes == pages[1].outcomes
    assert pages[0].touchpoints == pages[1].touchpoints
    assert pages[0].comments == pages[1].comments


@pytest.mark.slow
def test_comments_are_those_of_the_results_without_a_date(snapshot: Snapshot) -> None:
    assert snapshot.results is not None
    released = set(snapshot.results["comments"]["text"])
    for practice_id in practices(snapshot, suppressed=False):
        parts = PageMaker().parts(snapshot, practice_id, "nl")
        texts = [text for _, group in parts.comments for text in group]
        assert len(texts) <= len(released)
        assert not any(re.search(r"\b20\d\d-\d\d-\d\d\b", text) for text in texts)


def test_a_study_that_was_never_fitted_shows_counts_and_says_so(tmp_path: Path, made: Study) -> None:
    study = init_quick(tmp_path / "new")
    shutil.copy(made.raw_folder / "answers.csv", study.raw_folder)
    empty = take_snapshot(study.root)
    assert empty.arrivals.whole.all.total == 0
    page = PageMaker().programme_body(empty, Asked(), "nl", Place(), {}).html
    assert "Er zijn nog geen cijfers: de studie is nog niet doorgerekend." in page
    assert "Nog geen antwoorden." in page
    study.ingest()
    counted = take_snapshot(study.root, empty)
    practice_id = max(counted.arrivals.practices)
    assert counted.arrivals.of(practice_id).all.total > 0
    assert "de studie is nog niet doorgerekend" in body(counted, practice_id)


def test_a_practice_of_the_list_without_answers_is_shown(snapshot: Snapshot) -> None:
    listed = replace(snapshot, names={**snapshot.names, "0999": "De Nieuwe"})
    html = body(listed, "0999")
    assert "Van deze praktijk zijn er nog geen cijfers." in html
    assert "Nog geen antwoorden." in html


def test_what_a_run_rewrites_stays_as_it_was_until_it_is_whole(made: Study, tmp_path: Path) -> None:
    study = copy_study(made, tmp_path)
    before = take_snapshot(study.root)
    practice_id = practices(before, suppressed=False)[0]
    whole = (study.results_folder / "trend.parquet").read_bytes()
    (study.results_folder / "trend.parquet").write_bytes(b"half")
    (study.results_folder / "meta.json").touch()
    ledger = study.root / "data/processed/responses/ledger.json"
    kept = ledger.read_text()
    ledger.write_text("{")
    during = take_snapshot(study.root, before)
    assert set(during.problems) == {"results", "arrivals"}
    assert during.results is before.results
    assert during.arrivals == before.arrivals
    assert "Een deel van deze pagina kon niet worden vernieuwd" in body(during, practice_id)
    (study.results_folder / "trend.parquet").write_bytes(whole)
    ledger.write_text(kept)
    assert take_snapshot(study.root, during).problems == {}
    settings = study.root / "study.toml"
    settings.write_text("[study")
    assert "study" in take_snapshot(study.root, before).problems
    with pytest.raises(StudyError):
        take_snapshot(study.root)


def test_the_watcher_shows_new_counts_while_it_makes_the_next_release(made: Study, tmp_path: Path) -> None:
    study = copy_study(made, tmp_path)
    watcher = Watcher(study.root, 3600.0, lambda found: seen.append((found, watcher.now)))
    seen: list[tuple[Snapshot, Snapshot]] = []
    first = watcher.now
    (study.results_folder / "meta.json").touch()
    (study.root / "data/processed/responses/ledger.json").touch()
    watcher.look()
    ((given, shown),) = seen
    assert shown.results is first.results
    assert shown.arrivals is given.arrivals
    assert watcher.now.results is given.results


def test_an_action_shows_at_once(made: Study, tmp_path: Path) -> None:
    study = copy_study(made, tmp_path)
    watcher = Watcher(study.root, 3600.0)
    practice_id = practices(watcher.now, suppressed=False)[0]
    study.add_action(Action("", practice_id, "staff", "Groet bij naam", idea_on=date(2026, 1, 5)))
    assert "Groet bij naam" in body(watcher.look_at_actions(), practice_id)
    before = watcher.now
    assert watcher.look().actions == before.actions


def test_what_somebody_typed_is_text(snapshot: Snapshot) -> None:
    practice_id = practices(snapshot, suppressed=False)[0]
    nasty = '"><script>hit()</script>'
    action = Action("A-1", practice_id, "staff", nasty, nasty, nasty, idea_on=date(2026, 1, 5))
    hostile = replace(snapshot, actions=(action,), names={**snapshot.names, practice_id: nasty})
    sent = Sent(errors=({"text": nasty, "language": "en"},), filled={"idea": nasty})
    pages = PageMaker()
    for html in (
        pages.practice(hostile, practice_id, "nl", Place("", "token"), CallBacks(), sent),
        pages.programme(hostile, Asked(search=nasty), "nl", Place("", "token", True), {}),
        pages.programme(hostile, Asked(compare=tuple(hostile.names)), "nl", Place("", "token", True), {}),
    ):
        assert "<script>" not in html
        assert "&lt;script&gt;" in html


def test_a_thousand_practices_are_listed_by_fifty_within_a_second(snapshot: Snapshot) -> None:
    names = {f"{number:04d}": f"Praktijk {number}" for number in range(1000)}
    many = replace(snapshot, names={**snapshot.names, **names})
    pages = PageMaker()
    start = time.perf_counter()
    html = pages.programme(many, Asked(page=3), "nl", Place("", "token", True), {})
    assert time.perf_counter() - start < 1.0
    assert html.count('type="checkbox"') == 50
    assert "Pagina 3 van 21" in html
    assert "De cijfers van de laatste uitgave worden verzameld" in html
    assert pages.programme(many, Asked(search="praktijk 77", page=99), "nl", Place(), {}).count("checkbox") == 11


def test_a_list_is_searched_filtered_and_ordered(snapshot: Snapshot) -> None:
    pages, place = PageMaker(), Place()
    quiet = PracticeArrivals(Flow(50, last=date(2025, 1, 1), silent=True))
    ids = sorted(snapshot.names)
    counted = replace(
        snapshot.arrivals, practices={one: PracticeArrivals(Flow(5, 0, 3)) for one in ids} | {ids[2]: quiet}
    )
    one = replace(snapshot, arrivals=counted)
    calls = pages.programme_body(one, Asked(show="call"), "en", place, {}).html
    assert "No answers since 1 January 2025" in calls
    first = pages.programme_body(one, Asked(order="call"), "en", place, {}).html
    names = re.findall(r'scope="row"><a[^>]*><bdi>([^<]+)', first)
    assert names[0] == snapshot.names[ids[2]].replace("&", "&amp;")
    assert "No practice fits." in pages.programme_body(one, Asked(search="zzz"), "en", place, {}).html


class TestArrivals:
    """Counts, and when quiet is too quiet."""

    today = date(2026, 6, 30)

    def flow(self, days: list[date], study: Study) -> Flow:
        table = pl.DataFrame(
            {"completed_on": days, "n": [1] * len(days)}, schema={"completed_on": pl.Date, "n": pl.UInt32}
        )
        return _flow(table, self.today)

    def test_days_and_weeks(self, study: Study) -> None:
        days = [self.today - timedelta(days=ago) for ago in (0, 0, 1, 6, 7, 13, 14, 400)]
        assert self.flow(days, study) == Flow(8, 2, 4, 2, self.today, silent=False)

    @pytest.mark.parametrize(
        ("every", "quiet", "silent"), [(1, 6, False), (1, 8, True), (3, 15, False), (3, 25, True), (9, 40, False)]
    )
    def test_silence_is_judged_by_the_usual_pace(self, study: Study, every: int, quiet: int, silent: bool) -> None:
        """One answer in nine days is no pace: fewer than ten in twelve weeks."""
        days = [self.today - timedelta(days=ago) for ago in range(quiet, 200, every)]
        assert self.flow(days[::-1], study).silent is silent

    def test_a_gap_that_was_there_before_is_no_silence(self, study: Study) -> None:
        days = [self.today - timedelta(days=ago) for ago in range(20, 200) if not 100 < ago < 130]
        assert not self.flow(days[::-1], study).silent

    def test_answers_without_a_date_are_counted(self, study: Study) -> None:
        table = pl.DataFrame({"completed_on": [None], "n": [7]}, schema={"completed_on": pl.Date, "n": pl.UInt32})
        assert _flow(table, self.today) == Flow(7)

    def test_a_clock_that_went_back_is_said(self, made: Study, tmp_path: Path) -> None:
        study = copy_study(made, tmp_path)
        last = study.responses.table["completed_on"].max()
        assert isinstance(last, date)
        arrivals = Arrivals(last - timedelta(days=400), ahead=last)
        found = replace(take_snapshot(study.root), arrivals=arrivals)
        assert "kijk naar de klok van de computer" in body(found, practices(found, suppressed=False)[0])

    @pytest.mark.parametrize(("last", "falls"), [(20, False), (14, False), (3, True)])
    def test_a_response_falls_beyond_chance_or_does_not(self, last: int, falls: bool) -> None:
        """Of forty invited a month about half answered; the latest month is judged once its time has passed."""
        months = [f"2026-{month:02d}" for month in range(1, 10)]
        answered = [20, 22, 19, 21, 18, 20, 23, last, 0]
        rows = pd.DataFrame({"month": months, "invited": 40, "open": [0] * 8 + [40], "rate": np.array(answered) / 40})
        found = _find_fall(rows)
        assert (found is not None) is falls
        if found is not None:
            assert (found.month, found.rate) == ("2026-08", last / 40)
            assert 0.4 < found.usual < 0.55

    def test_counts_add_up_to_all_answers(self, study: Study, snapshot: Snapshot) -> None:
        arrivals = count_arrivals(study)
        assert arrivals.whole.all.total == study.responses.n
        assert sum(one.all.total for one in arrivals.practices.values()) == study.responses.n
        assert arrivals.practices == snapshot.arrivals.practices


@pytest.mark.slow
@pytest.mark.parametrize("key", ["", "x", "another"])
def test_without_the_right_key_a_page_says_that_call_backs_cannot_be_read(
    made: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    study = copy_study(made, tmp_path)
    monkeypatch.setenv(KEY, make_key())
    snapshot = take_snapshot(study.root)
    practice_id = practices(snapshot, suppressed=False)[0]
    asked = Wanted(ContactDetails("somebody", {"tel": "0201234567"}, ""), practice_id, None)
    contact_store(study).add([asked], study.today)
    (own,) = call_backs_of(snapshot, practice_id, own=True).own or ()
    assert own.contact == {"tel": "0201234567"}
    assert call_backs_of(snapshot, practice_id, own=False).own is None, "the programme sees numbers"
    monkeypatch.setenv(KEY, make_key() if key == "another" else key)
    found = call_backs_of(snapshot, practice_id, own=True)
    assert found.problem
    html = PageMaker().practice_body(snapshot, practice_id, "nl", Place("", "token"), found).html
    assert "De terugbelverzoeken kunnen hier niet gelezen worden." in html
    assert KEY not in html
    assert "0201234567" not in html
    assert count_call_backs(snapshot)[practice_id].open == 1


def test_signals_come_with_what_waits_longest_first() -> None:
    today = date(2026, 6, 30)
    old = Action("A-1", "p", "staff", "x", idea_on=date(2026, 1, 1), decided_on=date(2026, 1, 1))
    young = replace(old, action_id="A-2", decided_on=date(2026, 6, 1))
    quiet = PracticeArrivals(Flow(9, last=date(2026, 1, 1), silent=True))
    assert [one.code for one in find_signals(quiet, [], [old, young], 2, today)] == ["callbacks", "silence", "actions"]
    channel = PracticeArrivals(
        Flow(9, last=today), {"web": Flow(5, last=date(2026, 1, 1), silent=True), "app": Flow(4)}
    )
    (found,) = find_signals(channel, [], [young], 0, today)
    assert (found.code, found.subject, found.day) == ("channel", "web", date(2026, 1, 1))
    assert Wording("nl").has(f"live.signal_{found.code}")


@pytest.mark.slow
def test_it_shows_itself_in_a_notebook(study: Study) -> None:
    practice_id = practices(take_snapshot(study.root), suppressed=False)[0]
    view = study.dashboard(practice_id, "en")
    html = str(view[1].object)
    assert "Coming in now" in html
    assert "<form" not in html
    assert "href=" not in html
    with pytest.raises(StudyError, match="there is no practice 'nobody'"):
        study.dashboard("nobody")
    with pytest.raises(StudyError, match="expected one of"):
        study.dashboard(language="fr")
