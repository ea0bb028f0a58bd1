"""The real notebook, really run, for a large, a small, a hidden and a hostile practice, in both languages."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Browser

from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import Study, init_study
from pxanalysis.study.reports import render_study

LARGE, SMALL, HIDDEN, HOSTILE = "01010137", "01010274", "01010411", "<img src=x onerror=hit()>"
NASTY = [
    "<script>hit('comment')</script>",
    "</section></main><script src='https://evil.example/x.js'></script>",
    "[klik](javascript:hit())",
    "{{ 7*7 }} {% include 'x' %} ${hit()}",
    "<svg onload=hit()><a href='data:text/html,x'>",
    "\u202ereversed\u200b\u2066 =cmd|' /C calc'!A0",
    "x" * 100_000,
]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    study = init_study(tmp_path_factory.mktemp("real") / "demo", "dental-treatment")
    text = (study.root / "study.toml").read_text()
    (study.root / "study.toml").write_text(text.replace("n_bootstrap = 1000", "n_bootstrap = 200"))
    simulation = simulate_survey(study.journey, practices=9, responses=130, seed=11)
    ids = simulation.practices["practice_id"].to_list()
    position = pl.int_range(pl.len()).over("practice_id")
    keep = position < pl.col("practice_id").replace_strict({SMALL: 12, HIDDEN: 7}, default=999, return_dtype=pl.Int64)
    nasty = pl.col("practice_id").eq(HOSTILE) & (position < 60)
    answers = simulation.answers.filter(keep).with_columns(pl.col("practice_id").replace({ids[3]: HOSTILE}))
    texts = pl.Series([NASTY[i % len(NASTY)] for i in range(answers.height)])
    answers = answers.with_columns(pl.when(nasty).then(texts).otherwise("comment").alias("comment"))
    answers.write_csv(study.raw_folder / "answers.csv")
    names = simulation.practices.with_columns(pl.col("practice_id").replace({ids[3]: HOSTILE}))
    evil = "De Linde <script>hit('name')</script>"
    names = names.with_columns(
        pl.when(pl.col("practice_id") == HOSTILE).then(pl.lit(evil)).otherwise("practice_name").alias("practice_name")
    )
    names.write_csv(study.raw_folder / "practices.csv")
    study = Study(study.root)
    study.ingest()
    study.fit()
    return study


@pytest.fixture(scope="module", params=["nl", pytest.param("en", marks=pytest.mark.slow)])
def pages(request: pytest.FixtureRequest, study: Study) -> dict[str, Path]:
    summary = render_study(study, [LARGE, SMALL, HIDDEN, HOSTILE], language=request.param, force=True, workers=2)
    assert summary.failed == ()
    folder = study.root / request.param
    shutil.copytree(study.reports_folder, folder)
    made = {outcome.job.practice_id: folder / Path(outcome.job.output).name for outcome in summary.outcomes}
    return made | {"index": folder / "index.html", "language": Path(request.param)}


@pytest.mark.slow
def test_a_large_practice_reads_its_first_priority(pages: dict[str, Path]) -> None:
    text = pages[LARGE].read_text()
    assert f'lang="{pages["language"]}"' in text
    assert text.count("<svg") >= 6
    assert "KTV" in text
    assert re.search(r"\bnan\b|Traceback|None</", text) is None
    assert len(text.encode()) <= 350_000


def test_a_small_practice_has_figures_and_a_hidden_one_has_none(pages: dict[str, Path]) -> None:
    assert "<svg" in pages[SMALL].read_text()
    hidden = pages[HIDDEN].read_text()
    assert "<svg" not in hidden
    assert re.search(r"\b7 (antwoorden|answers)\b", hidden)
    assert 'class="cards"' in pages[SMALL].read_text()
    assert 'class="cards"' not in hidden, "no outcome of seven people"


@pytest.mark.browser
@pytest.mark.slow
def test_nothing_a_patient_wrote_runs_or_leaves_the_page(chromium: Browser, pages: dict[str, Path]) -> None:
    for name in (HOSTILE, "index"):
        page = chromium.new_page()
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.add_init_script("window.__hits = []; window.hit = (x) => window.__hits.push(x);")
        page.goto(pages[name].as_uri())
        assert page.evaluate("window.__hits") == []
        assert asked == [pages[name].as_uri()]
        assert page.locator("h1").count() == 1
        assert "De Linde" in page.inner_text("body")
        page.close()


@pytest.mark.slow
def test_the_same_results_make_the_same_bytes(study: Study, pages: dict[str, Path]) -> None:
    again = render_study(study, [LARGE], language=str(pages["language"]), force=True, workers=1)
    assert Path(again.outcomes[0].job.output).read_bytes() == pages[LARGE].read_bytes()
