"""A study from an empty folder to reports: nothing twice, nothing on too few people, every error with its remedy."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from pxanalysis.analysis.whole_study.results import FRAME_NAMES, StudyResults
from pxanalysis.errors import AnalysisError, StudyError
from pxanalysis.reporting.making.notebooks import hash_notebook
from pxanalysis.study import Study, init_study, notebooks_folder, open_study
from pxanalysis.study.reports import list_outdated, render_study


def test_a_new_study_is_complete(tmp_path: Path) -> None:
    study = init_study(tmp_path / "mine", "dental-checkup")
    assert study.journey.id == "dental-checkup"
    assert (study.root / "notebooks" / "practice_report.ipynb").is_file()
    assert (study.root / "journey.schema.json").is_file()
    assert "$schema=journey.schema.json" in (study.root / "journey.yaml").read_text()
    with pytest.raises(StudyError, match="there is a study here already"):
        init_study(tmp_path / "mine", "dental-checkup")


def test_a_study_is_found_from_a_folder_below_it(made: Study) -> None:
    study = made
    assert open_study(study.root / "notebooks").root == study.root
    with pytest.raises(StudyError, match=r"there is no study\.toml here"):
        open_study("/")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            'outcome = "ktv"',
            'outcom = "ktv"',
            r"line \d+: analysis\.outcom: there is no such key .* Did you mean 'outcome'",
        ),
        ("minimum_n = 10", "minimum_n = 5", r"line \d+: analysis\.minimum_n: expected 10 or more, found 5"),
        ('language = "nl"', 'language = "fr"', r"line \d+: study\.language: expected 'en' or 'nl', found 'fr'"),
        ("[study]", "[study", "not valid TOML"),
    ],
)
def test_a_mistake_in_study_toml_is_named(before: str, after: str, message: str, tmp_path: Path) -> None:
    study = init_study(tmp_path / "mine", "dental-treatment")
    path = study.root / "study.toml"
    path.write_text(path.read_text().replace(before, after, 1))
    with pytest.raises(StudyError, match=message):
        Study(study.root)


def test_answers_before_anything_was_ingested(tmp_path: Path) -> None:
    study = init_study(tmp_path / "mine", "dental-treatment")
    with pytest.raises(StudyError, match="no answers yet"):
        _ = study.responses
    with pytest.raises(AnalysisError, match=r"no results yet\. Run 'pxanalysis fit'"):
        _ = study.results


def test_the_second_time_nothing_is_done(made: Study) -> None:
    study = made
    again = Study(study.root)
    assert again.ingest() == []
    assert again.is_fitted
    assert list_outdated(again) == []
    page = next(again.reports_folder.glob("0*.html"))
    before = page.stat().st_mtime_ns
    summary = render_study(again)
    assert summary.outcomes == ()
    assert summary.unchanged == 8
    assert page.stat().st_mtime_ns == before


def test_every_practice_has_a_page_and_the_index_lists_them(made: Study) -> None:
    study = made
    manifest = json.loads((study.reports_folder / "manifest.json").read_text())
    assert [entry["reason"] for entry in manifest.values()] == [""] * 8
    pages = sorted(path.name for path in study.reports_folder.glob("*.html"))
    assert len(pages) == 9
    assert all(path.resolve().is_relative_to(study.reports_folder.resolve()) for path in study.reports_folder.iterdir())
    index = (study.reports_folder / "index.html").read_text()
    assert all(page in index for page in pages if page != "index.html")


def test_pages_show_outputs_only(made: Study) -> None:
    study = made
    for page in study.reports_folder.glob("*.html"):
        text = page.read_text()
        assert "practice_id =" not in text, "no parameter cell"
        assert "open_study" not in text, "no code"
        assert "Traceback" not in text
        assert str(study.root) not in text, "no path of this machine"
        assert len(text.encode()) <= 350_000


def test_a_page_carries_the_fingerprint_of_the_notebook_that_a_researcher_opens(made: Study) -> None:
    study = made
    small = study.results["practices"].set_index("practice_id")["suppressed"]
    own = study.report(str(small.index[~small][0])).method().html
    pages = [path.read_text() for path in study.reports_folder.glob("0*.html")]
    fingerprint = hash_notebook(study.notebook)
    assert len(fingerprint) == 64
    assert fingerprint in own
    assert all(fingerprint in page for page in pages)


def test_results_are_all_there_and_read_back_as_they_were(made: Study, tmp_path: Path) -> None:
    study = made
    results = study.results
    assert set(results.frames) == set(FRAME_NAMES)
    results.write(tmp_path)
    again = StudyResults.read(tmp_path)
    for name in FRAME_NAMES:
        pd.testing.assert_frame_equal(again[name], results[name])


def test_results_that_were_changed_are_refused(made: Study, tmp_path: Path) -> None:
    study = made
    study.results.write(tmp_path)
    (tmp_path / "drivers.parquet").write_bytes((tmp_path / "outcomes.parquet").read_bytes())
    with pytest.raises(AnalysisError, match=r"drivers\.parquet: not the file that was fitted"):
        StudyResults.read(tmp_path)


@pytest.mark.parametrize("people", [1, 9])
def test_nothing_is_kept_on_fewer_than_ten(people: int, made: Study) -> None:
    study = made
    results = study.results
    sizes = results["practices"].set_index("practice_id")["n"]
    small = sizes.index[sizes == people].item()
    figures = {
        "outcomes": ["estimate", "ci_low", "ci_high", "adjusted"],
        "touchpoints": ["mean", "ci_low", "shrunk", "share_negative", "feels"],
        "items": ["mean", "share_negative"],
        "priorities": ["performance", "share_negative", "gain"],
        "distributions": ["share"],
        "trend": ["estimate", "ci_low"],
    }
    for name, columns in figures.items():
        own = results.of_practice(name, small)
        assert len(own), name
        assert own["suppressed"].all(), name
        assert own[columns].isna().all(axis=None), name
    assert small not in set(results["comments"]["practice_id"])
    assert small not in set(results["funnel"]["practice_id"])


def test_ten_people_are_enough(made: Study) -> None:
    study = made
    sizes = study.results["practices"].set_index("practice_id")["n"]
    ten = sizes.index[sizes == 10].item()
    assert study.results.of_practice("outcomes", ten)["estimate"].notna().any()


def test_no_row_of_any_frame_shows_a_figure_on_fewer_than_ten(made: Study) -> None:
    study = made
    results = study.results
    for name in ("outcomes", "touchpoints", "items", "trend", "distributions"):
        frame = results[name]
        shown = frame[~frame["suppressed"]]
        assert (shown["n"] >= 10).all(), name
        assert frame.loc[frame["suppressed"], "n"].isna().all(), name


def test_what_cannot_be_estimated_has_its_reason(made: Study) -> None:
    study = made
    results = study.results
    for name, column in (("outcomes", "estimate"), ("touchpoints", "mean"), ("items", "mean"), ("drivers", "beta")):
        frame = results[name]
        assert (frame.loc[frame[column].isna(), "reason"] != "").all(), name


def test_pooled_figures_leave_out_practices_that_are_hidden(made: Study) -> None:
    """Otherwise the hidden practice is the total less the others."""
    study = made
    results = study.results
    outcomes = results["outcomes"]
    pooled = outcomes[(outcomes["practice_id"] == "") & (outcomes["outcome"] == "ktv") & (outcomes["metric"] == "mean")]
    answers = study.responses.frame
    shown = answers[answers.groupby("practice_id")["ktv"].transform("count") >= 10]
    assert pooled["estimate"].item() == pytest.approx(shown["ktv"].mean())
    assert pooled["n"].item() == shown["ktv"].notna().sum()


def test_a_hidden_period_is_not_the_total_less_the_others(made: Study) -> None:
    study = made
    trend = study.results["trend"]
    assert trend["suppressed"].any()
    whole = study.results["outcomes"].dropna(subset=["n"]).groupby(["practice_id", "outcome"])["n"].first()
    for place, rows in trend.groupby(["practice_id", "outcome"]):
        people = whole.get(place, 0) - rows["n"].sum()
        assert people == 0 or people >= 10, place


def test_a_quarter_that_is_shown_has_nearly_all_its_answers(made: Study) -> None:
    """Not those of one month only: few months have ten people here, and quarters are what is drawn."""
    trend = made.results["trend"]
    shown = trend[~trend["suppressed"] & (trend["outcome"] == "ktv")]
    answers = made.responses.frame
    answers["period"] = answers["completed_on"].dt.to_period("Q").dt.start_time.dt.date.astype(str)
    all_of_them = answers[answers["ktv"].notna()].groupby(["practice_id", "period"]).size()
    found = shown.set_index(["practice_id", "period"])["n"].astype(int)
    assert len(found) > 5
    assert (found == all_of_them.reindex(found.index)).mean() > 0.8


def test_a_few_undated_answers_are_not_the_total_less_all_periods(made: Study) -> None:
    from pxanalysis.analysis.whole_study.settings import FitSettings
    from pxanalysis.analysis.whole_study.trend import tabulate_trend

    study = made
    responses = study.responses
    large = responses.table["practice_id"].value_counts(sort=True)["practice_id"][0]
    first = pl.col("practice_id").eq(large) & (pl.int_range(pl.len()).over("practice_id") < 4)
    undated = responses.table.with_columns(pl.when(~first).then("completed_on").alias("completed_on"))
    trend = tabulate_trend(replace(responses, table=undated), FitSettings())
    own = trend[(trend["practice_id"] == large) & (trend["outcome"] == "ktv")]
    assert own["suppressed"].any()


def test_figures_are_what_pandas_says(made: Study) -> None:
    study = made
    results, answers = study.results, study.responses.frame
    outcomes = results["outcomes"].set_index(["practice_id", "outcome", "metric"])
    sizes = results["practices"].set_index("practice_id")["n"]
    large = sizes.idxmax()
    own = answers[answers["practice_id"] == large]
    assert outcomes.loc[(large, "ktv", "mean"), "estimate"] == pytest.approx(own["ktv"].mean(), rel=1e-12)
    assert outcomes.loc[(large, "ktv", "top2"), "estimate"] == pytest.approx(
        (own["ktv"] >= 9)[own["ktv"].notna()].mean()
    )
    answered = own["nps"].dropna()
    net = (answered >= 9).mean() - (answered <= 6).mean()
    assert outcomes.loc[(large, "nps", "net"), "estimate"] == pytest.approx(net)
    costs = own[["costs_beforehand", "costs_clear", "costs_fair"]].astype(float)
    score = (25 * (costs - 1)).mean(axis=1)[costs.notna().sum(axis=1) >= 2]
    touchpoints = results["touchpoints"].set_index(["practice_id", "touchpoint"])
    assert touchpoints.loc[(large, "costs"), "mean"] == pytest.approx(score.mean())
    assert touchpoints.loc[(large, "costs"), "share_negative"] == pytest.approx((score < 50).mean())
    unmet = (own[["na:anaesthesia_explained", "na:anaesthesia_gentle", "na:anaesthesia_worked"]]).all(axis=1).sum()
    assert touchpoints.loc[(large, "anaesthesia"), "n_not_applicable"] == unmet


def test_importance_sums_to_r2(made: Study) -> None:
    study = made
    results = study.results
    total = results["drivers"]["importance"].sum()
    assert total == pytest.approx(results.meta.r2 - results.meta.r2_covariates, abs=1e-9)


@pytest.mark.slow
def test_a_fit_can_be_made_again_to_the_same_bytes(made: Study, tmp_path: Path) -> None:
    study = made
    first = {path.name: path.read_bytes() for path in study.results_folder.iterdir()}
    Study(study.root).fit(force=True)
    second = {path.name: path.read_bytes() for path in study.results_folder.iterdir()}
    assert first == second


def test_a_new_answer_makes_everything_new(made: Study, tmp_path: Path) -> None:
    import shutil

    study = made
    shutil.copytree(study.root, tmp_path / "copy")
    copy = Study(tmp_path / "copy")
    table = pl.read_csv(copy.raw_folder / "answers.csv", infer_schema=False).head(1)
    table.with_columns(pl.lit("NEW1").alias("response_id")).write_csv(copy.raw_folder / "more.csv")
    assert [batch.accepted for batch in copy.ingest()] == [1]
    assert not copy.is_fitted


def test_an_unknown_practice_is_named(made: Study) -> None:
    study = made
    with pytest.raises(StudyError, match="practice 'nowhere' is not in the results; there are: "):
        render_study(study, ["nowhere"])


def test_a_study_without_notebooks_is_reported_on_by_the_one_that_ships(made: Study, tmp_path: Path) -> None:
    """A folder with study.toml and journey.yaml alone can be copied anywhere."""
    study = made
    for name in ("study.toml", "journey.yaml"):
        (tmp_path / name).write_bytes((study.root / name).read_bytes())
    copy = Study(tmp_path)
    assert copy.notebook == notebooks_folder() / "practice_report.ipynb"
    assert hash_notebook(copy.notebook) == hash_notebook(study.notebook)


@pytest.mark.slow
@pytest.mark.slow
def test_a_failing_notebook_is_that_reports_failure(made: Study, tmp_path: Path) -> None:
    import shutil

    study = made
    shutil.copytree(study.root, tmp_path / "copy")
    copy = Study(tmp_path / "copy")
    notebook = json.loads(copy.notebook.read_text())
    last = copy.responses.practices[-1]
    bad = f"""if practice_id.startswith(".."):
    import os
    os._exit(7)
elif practice_id == "{last}":
    1 / 0"""
    cell = {"cell_type": "code", "execution_count": None, "id": "bad", "metadata": {}, "outputs": [], "source": bad}
    notebook["cells"].insert(3, cell)
    copy.notebook.write_text(json.dumps(notebook))
    summary = render_study(copy, workers=2)
    reasons = {outcome.job.practice_id: outcome for outcome in summary.failed}
    assert len(reasons) == 2
    assert "exit code 7" in reasons["../De Linde/2"].reason
    assert reasons["../De Linde/2"].attempts == 2, "tried once more"
    assert "ZeroDivisionError" in reasons[last].reason
    assert sum(outcome.made for outcome in summary.outcomes) == 6, "the others go on"
    assert list_outdated(copy) == sorted(reasons), "failures are tried again next time"


@pytest.mark.slow
def test_an_unfittable_study_still_has_results_with_reasons(tmp_path: Path) -> None:
    """Three answers in all: no drivers, no comparison, nothing shown, nothing raised."""
    from pxanalysis.simulation.study import simulate_survey

    study = init_study(tmp_path / "tiny", "dental-treatment")
    simulate_survey(study.journey, practices=1, responses=3, seed=1).write(study.raw_folder)
    study.ingest()
    results = study.fit()
    assert results.meta.drivers_reason
    assert results["drivers"]["reason"].ne("").all()
    assert results["outcomes"]["estimate"].isna().all()
    numbers = [results[name].select_dtypes("number") for name in ("touchpoints", "priorities")]
    assert all(np.isnan(frame.drop(columns=["position"], errors="ignore").to_numpy(float)).all() for frame in numbers)
    assert render_study(study, workers=1).failed == ()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_tables_for_a_spreadsheet_hold_no_formula_and_no_hidden_figure(kind: str, made: Study) -> None:
    study = made
    paths = study.export_tables(kind)
    assert {path.stem for path in paths} == set(FRAME_NAMES)
    outcomes = next(path for path in paths if path.stem == "outcomes")
    options = {"sep": ";", "decimal": ","} if kind == "csv" else {"engine": "openpyxl"}
    table = (pd.read_csv if kind == "csv" else pd.read_excel)(outcomes, dtype={"practice_id": str}, **options)
    small = study.results["practices"].set_index("practice_id")["n"].idxmin()
    assert table.loc[table["practice_id"] == small, "estimate"].isna().all()
    scores = (pd.read_csv if kind == "csv" else pd.read_excel)(outcomes.with_stem("items"), **options)["mean"].dropna()
    assert len(scores) > 20
    assert (scores == scores.round()).all(), "as pages show them"
    comments = next(path for path in paths if path.stem == "comments")
    texts = (pd.read_csv if kind == "csv" else pd.read_excel)(comments, **options)["text"].astype(str)
    assert not texts.str.startswith(("=", "+", "-", "@")).any()
