"""One small study, from answers to reports, made once for all tests of this folder."""

from __future__ import annotations

import polars as pl
import pytest

from pxanalysis.study import Study, init_study
from pxanalysis.study.reports import ReportSummary, render_study
from pxanalysis.survey.simulate import simulate_survey


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, ReportSummary]:
    """A study of eight practices, three with 1, 9 and 10 respondents and one with an odd id; with its reports."""
    study = init_study(tmp_path_factory.mktemp("study") / "demo", "dental-treatment")
    text = (study.root / "study.toml").read_text()
    (study.root / "study.toml").write_text(text.replace("n_bootstrap = 1000", "n_bootstrap = 200"))
    simulation = simulate_survey(study.journey, practices=8, responses=(40, 90), seed=5)
    ids = simulation.practices["practice_id"].to_list()
    few = {ids[0]: 9, ids[1]: 10, ids[3]: 1}
    rank = pl.int_range(pl.len()).over("practice_id")
    keep = rank < pl.col("practice_id").replace_strict(few, default=1000, return_dtype=pl.Int64)
    answers = simulation.answers.filter(keep).with_columns(pl.col("practice_id").replace({ids[2]: "../De Linde/2"}))
    answers.write_csv(study.raw_folder / "answers.csv")
    simulation.practices.write_csv(study.raw_folder / "practices.csv")
    study = Study(study.root)
    study.ingest()
    study.fit()
    return study, render_study(study, workers=2)
