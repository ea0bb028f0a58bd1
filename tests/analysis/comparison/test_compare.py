"""One call compares metrics: its figures are R's, what cannot be compared is refused, plans are kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from lab_responses import LAB, lab_journey, lab_rows, read_rows

from pxanalysis.analysis.comparison import ComparisonPlan, MetricComparison, compare_metrics, read_plan
from pxanalysis.analysis.comparison.output.bibliography import USED_FOR, read_entries
from pxanalysis.analysis.comparison.output.columns import LAYOUTS, NOTES
from pxanalysis.analysis.comparison.result import TITLES
from pxanalysis.analysis.comparison.sample import draw_sample
from pxanalysis.analysis.comparison.verdict import name_metric
from pxanalysis.errors import AnalysisError, NotEstimableError, StudyError
from pxanalysis.journey.model import Journey
from pxanalysis.simulation.study import Simulation
from pxanalysis.survey.reading import read_survey
from pxanalysis.survey.responses import Responses

CRITERIA = ("returned", "recommended", "spend")
FAST = {"n_bootstrap": 300}


@pytest.fixture(scope="module")
def patients(tmp_path_factory: pytest.TempPathFactory) -> Responses:
    return read_rows(lab_rows(), tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Responses:
    return read_rows(lab_rows(2), tmp_path_factory.mktemp("lab2"))


@pytest.fixture(scope="module")
def lab(patients: Responses, second: Responses) -> MetricComparison:
    return compare_metrics(patients, CRITERIA, retest=second, n_bootstrap=200, seed=4)


@pytest.fixture(scope="module")
def expected() -> pd.DataFrame:
    frames = [pd.read_csv(LAB / name, keep_default_na=False) for name in ("expected.csv", "expected_cluster.csv")]
    table = pd.concat(frames)
    table["value"] = table["value"].astype(float)
    return table.replace({"a": {"ease": "ces"}, "b": {"ease": "ces"}})


def _value(expected: pd.DataFrame, section: str, quantity: str, variant: str = "", **keys: str) -> tuple[float, float]:
    rows = expected[(expected["section"] == section) & (expected["quantity"] == quantity)]
    rows = rows[rows["variant"].str.contains(variant, regex=False)]
    for name, value in keys.items():
        rows = rows[rows[name] == value]
    assert len(rows) >= 1, (section, quantity, variant, keys)
    return float(rows["value"].iloc[0]), float(rows["tol_abs"].iloc[0])


@pytest.mark.slow
@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize(("first", "second_metric"), [("ktv", "nps"), ("ktv", "ces"), ("nps", "ces")])
def test_differences_are_those_of_r(
    lab: MetricComparison, expected: pd.DataFrame, criterion: str, first: str, second_metric: str
) -> None:
    table = lab["differences"].set_index(["criterion", "transform", "first", "second"])
    row = table.loc[(criterion, "mean", first, second_metric)]
    keys = {"a": first, "b": second_metric, "criterion": criterion}
    for column, quantity, variant in (
        ("estimate", "difference", "r(a,crit)"),
        ("williams_t", "statistic", "williams1959"),
        ("williams_p", "p_two_sided", "williams1959"),
        ("steiger_z", "statistic", "steiger1980"),
        ("meng_z", "statistic", "meng1992"),
        ("zou_low", "ci_low", "zou2007"),
        ("zou_high", "ci_high", "zou2007"),
    ):
        value, room = _value(expected, "dependent_correlations", quantity, variant, **keys)
        assert row[column] == pytest.approx(value, abs=room + 1e-11)
    if criterion != "spend":
        value, room = _value(expected, "auc", "delong_z", **keys)
        assert row["delong_z"] == pytest.approx(value, abs=room)


@pytest.fixture(scope="module")
def many_samples(patients: Responses) -> MetricComparison:
    return compare_metrics(patients, CRITERIA, n_bootstrap=4000, seed=4)


@pytest.mark.slow
@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize(("first", "second_metric"), [("ktv", "nps"), ("ktv", "ces"), ("nps", "ces")])
def test_standard_errors_of_differences_are_those_of_r(
    many_samples: MetricComparison, expected: pd.DataFrame, criterion: str, first: str, second_metric: str
) -> None:
    """By samples of practices: with 500 of them their own noise is wider than the tolerance of the reference."""
    table = many_samples["differences"].set_index(["criterion", "transform", "first", "second"])
    row = table.loc[(criterion, "mean", first, second_metric)]
    keys = {"a": first, "b": second_metric, "criterion": criterion}
    error, room = _value(expected, "dependent_correlations_cluster", "boot_se", **keys)
    sizes = lab_rows().dropna(subset=["ktv", "nps", "ces", criterion])["practice_id"].value_counts()
    units = sizes.sum() ** 2 / (sizes**2).sum()
    assert row["std_error"] / np.sqrt(units / (units - 1)) == pytest.approx(error, abs=room)


@pytest.mark.slow
def test_the_other_frames_are_those_of_r(lab: MetricComparison, expected: pd.DataFrame) -> None:
    dominance = lab["dominance"].set_index(["criterion", "term"])
    for criterion, index in (("spend", "R2"), ("returned", "McFadden R2"), ("recommended", "McFadden R2")):
        for name in ("ktv", "nps", "ces"):
            rows = expected[expected["variant"] == index]
            value, room = _value(rows, "dominance", "general", a=name, criterion=criterion)
            assert dominance.loc[(criterion, name), "estimate"] == pytest.approx(value, abs=room)
    icc = lab["discrimination"].query("transform == 'mean'").set_index("term")
    retest = lab["retest"].query("quantity == 'retest'").set_index("term")
    for name in ("ktv", "nps", "ces"):
        value, room = _value(expected, "icc", "icc1", "ANOVA with n0", a=name)
        assert icc.loc[name, "estimate"] == pytest.approx(value, abs=room)
        value, room = _value(expected, "icc", "n_needed", "ANOVA with n0 reliability 0.8", a=name)
        assert icc.loc[name, "n_80"] == pytest.approx(value, abs=room)
        value, room = _value(expected, "retest", "icc", "ICC(2,1) absolute agreement", a=name)
        assert retest.loc[name, "estimate"] == pytest.approx(value, abs=room)
    # the reference's top box is 9-10 for both of these: our top 2
    top2 = lab["shares"].query("transform == 'top2' and first == 'ktv' and second == 'nps'").iloc[0]
    value, room = _value(expected, "top_box", "mcnemar_clustered_chi2", a="ktv", b="nps")
    assert top2["mcnemar"] == pytest.approx(value, abs=room)
    value, room = _value(expected, "top_box", "ci_low", "Bonett-Price", a="ktv", b="nps")
    assert top2["ci_low"] == pytest.approx(value, abs=room)
    tests = lab["non_nested"].query("criterion == 'spend'").set_index(["test", "first", "second"])
    for test, quantity, variant in (
        ("J", "J_t", "no case mix; cluster by practice CR1 (vcovCL HC1); M1"),
        ("Cox", "cox_z", "no case mix; fitted(M1)"),
        ("encompassing", "encompassing_F", "no case mix; M1"),
    ):
        value, room = _value(expected, "non_nested", quantity, variant, a="ktv", b="nps")
        assert tests.loc[(test, "ktv", "nps"), "statistic"] == pytest.approx(value, abs=room)
    vuong = lab["non_nested"].query("test == 'Vuong'").set_index(["criterion", "first", "second"])
    value, room = _value(expected, "vuong", "z", "one metric each; adj=bic", a="ktv", b="nps", criterion="returned")
    assert vuong.loc[("returned", "ktv", "nps"), "z_independent"] == pytest.approx(value, abs=room)


@pytest.mark.slow
def test_every_row_without_an_estimate_says_why(lab: MetricComparison) -> None:
    for name, frame in lab.frames.items():
        if "estimate" not in frame or "reason" not in frame:
            continue
        empty = frame[frame["estimate"].isna()]
        assert (empty["reason"].str.len() > 10).all(), name


@pytest.mark.slow
def test_j_is_refused_for_two_classes(lab: MetricComparison) -> None:
    rows = lab["non_nested"].query("criterion == 'returned' and test == 'J, Cox, encompassing'")
    assert len(rows) == 1
    assert "continuous criterion" in rows["reason"].iloc[0]


@pytest.mark.slow
def test_holm_is_over_pairs_and_criteria(lab: MetricComparison) -> None:
    table = lab["differences"]
    primary = table[table["transform"] == "mean"].sort_values("p_value")
    assert len(primary) == 9
    assert primary["p_holm"].iloc[0] == pytest.approx(min(1.0, 9 * primary["p_value"].iloc[0]))
    assert primary["p_holm"].is_monotonic_increasing


def test_effort_is_turned(patients: Responses) -> None:
    sample = draw_sample(patients, ComparisonPlan())
    raw = patients.numbers(["ces"])["ces"]
    pd.testing.assert_series_equal(sample.answers["ces"], 6 - raw)
    assert any("effort" in note for note in sample.notes)


@pytest.mark.slow
def test_the_order_of_the_metrics_turns_signs_only(patients: Responses) -> None:
    there = compare_metrics(patients, "returned", metrics=("ktv", "nps"), transforms=("mean",), **FAST).tidy()
    back = compare_metrics(patients, "returned", metrics=("nps", "ktv"), transforms=("mean",), **FAST).tidy()
    assert there["estimate"].iloc[0] == pytest.approx(-back["estimate"].iloc[0])
    assert there["std_error"].iloc[0] == pytest.approx(back["std_error"].iloc[0])


# --- what cannot be compared ---


@pytest.mark.slow
def test_a_criterion_from_before_is_refused_unless_asked(patients: Responses) -> None:
    early = {"id": "returned", "timing": "before"}
    with pytest.raises(AnalysisError, match="observed before the metrics were asked"):
        compare_metrics(patients, plan=ComparisonPlan(criteria=[early]))
    plan = ComparisonPlan(criteria=[{**early, "allow_before": True}], **FAST)
    assert any("no prediction" in note for note in compare_metrics(patients, plan=plan).notes)


def test_dates_of_a_criterion_are_looked_at(patients: Responses) -> None:
    table = patients.table.with_columns(
        pl.lit("2026-03-01").str.to_date().alias("completed_on"),
        pl.lit("2026-02-01").str.to_date().alias("returned_on"),
    )
    early = Responses(journey=patients.journey, table=table, rejected=patients.rejected)
    with pytest.raises(AnalysisError, match=r"'returned' was observed before the questionnaire \(the first: P0001"):
        compare_metrics(early, "returned")


@pytest.mark.slow
def test_one_class_only_is_said_and_does_not_stop_the_rest(tmp_path: Path) -> None:
    found = compare_metrics(read_rows(lab_rows().assign(returned=1), tmp_path), **FAST)
    assert any("'returned' has one class only" in note for note in found.notes)
    assert set(found["verdicts"]["criterion"]) == {"recommended"}


@pytest.mark.slow
def test_a_practice_with_a_single_class_is_said(tmp_path: Path) -> None:
    rows = lab_rows()
    rows.loc[rows["practice_id"] == "PR01", "returned"] = 1
    found = compare_metrics(read_rows(rows, tmp_path), "returned", transforms=("mean",), **FAST)
    assert any("In 1 of 20 practices everybody has the same 'returned'" in note for note in found.notes)
    assert found["predictions"]["log_loss"].notna().all()


@pytest.mark.slow
def test_nps_on_1_to_10_is_said_and_not_recoded(tmp_path: Path) -> None:
    journey = lab_journey()
    scales = journey.scales | {"likelihood": journey.scales["grade10"]}
    asked = Journey.model_validate(journey.model_dump() | {"scales": {k: s.model_dump() for k, s in scales.items()}})
    rows = lab_rows().assign(nps=lambda rows: rows["nps"].clip(lower=1))
    found = compare_metrics(read_rows(rows, tmp_path, asked), "returned", **FAST)
    assert any("asked on 1-10, not 0-10" in note and "nothing was recoded" in note for note in found.notes)
    mean = found["descriptives"].set_index("term").loc["nps", "mean"]
    assert mean == pytest.approx(rows["nps"].mean())


def test_fifteen_people_are_too_few(tmp_path: Path) -> None:
    complete = lab_rows().dropna()
    with pytest.raises(
        NotEstimableError, match=r"15 people answered every metric; a comparison takes at least 20.*600"
    ):
        compare_metrics(read_rows(complete.head(15), tmp_path))


def test_identical_metrics_are_refused(tmp_path: Path) -> None:
    rows = lab_rows().assign(nps=lambda rows: rows["ktv"])
    with pytest.raises(NotEstimableError, match="'ktv' and 'nps' correlate 1: they are the same measurement"):
        compare_metrics(read_rows(rows, tmp_path))


def test_a_constant_metric_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotEstimableError, match="metric 'ktv': everybody gave the same answer"):
        compare_metrics(read_rows(lab_rows().assign(ktv=8), tmp_path))


@pytest.mark.slow
def test_fewer_than_five_practices_get_no_interval(tmp_path: Path) -> None:
    rows = lab_rows()
    rows["practice_id"] = "A" + (rows.reset_index().index % 4).astype(str)
    found = compare_metrics(read_rows(rows, tmp_path), "returned", transforms=("mean",), **FAST)
    table = found.tidy()
    assert table["std_error"].isna().all()
    assert table["williams_p"].notna().all(), "the tests for independent people stand there"
    assert table["reason"].str.contains("4 practices: a bootstrap of fewer than 5").all()
    assert found["verdicts"]["term"].tolist() == [""]
    assert "no interval" in found.summary()


@pytest.mark.slow
def test_without_a_criterion_what_would_be_needed_is_said_first(tmp_path: Path) -> None:
    outcomes = [o.model_dump() for o in lab_journey().outcomes if o.kind != "behaviour"]
    rows = lab_rows().drop(columns=["returned", "recommended", "spend"])
    found = compare_metrics(read_rows(rows, tmp_path, lab_journey(outcomes=outcomes)), **FAST)
    assert "There is no criterion in these data" in found.notes[0]
    assert found["discrimination"]["estimate"].notna().all(), "what needs no criterion is there"
    assert "What would be needed" in found.summary()
    assert "no criterion in these data" in found["differences"]["reason"].iloc[0]
    assert "No figure: there is nothing to draw: there is no criterion" in found.figure("differences")._repr_html_()
    assert found.plan_hash in found.plan.hash


def test_an_absent_criterion_says_what_would_be_needed(patients: Responses) -> None:
    with pytest.raises(AnalysisError, match=r"no column 'stayed'. What would be needed.*are: returned, recommended"):
        compare_metrics(patients, "stayed")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"metrics": ("ktv",)}, "at least two to compare"),
        ({"metrics": ("ktv", "csat")}, "has no outcome 'csat'"),
        ({"metrics": ("ktv", "returned")}, "'returned' is a behaviour"),
        ({"criterion": "ktv"}, "'ktv' is one of the metrics"),
        ({"transforms": ("median",)}, "transforms"),
        ({"transforms": ("net",)}, "primary: 'mean' is not among"),
        ({"n_bootstrap": 10}, "n_bootstrap"),
    ],
)
def test_wrong_requests_are_named(patients: Responses, options: dict[str, object], words: str) -> None:
    with pytest.raises(AnalysisError, match=words):
        compare_metrics(patients, **options)


@pytest.mark.slow
def test_a_form_with_an_empty_cell_has_no_error(tmp_path: Path) -> None:
    rows = lab_rows()
    rows.loc[rows["ktv"] == 10, "returned"] = 1
    found = compare_metrics(read_rows(rows, tmp_path), "returned", transforms=("mean", "top"), **FAST).tidy()
    top = found[found["transform"] == "top"]
    assert top["estimate"].isna().all()
    assert top["reason"].str.contains("have fewer than 5 people in one of their four cells").all()


@pytest.mark.slow
def test_retest_needs_shared_ids(patients: Responses, second: Responses) -> None:
    table = second.table.with_columns(("x" + pl.col("response_id")).alias("response_id"))
    other = Responses(journey=second.journey, table=table, rejected=second.rejected)
    found = compare_metrics(patients, "returned", transforms=("mean",), retest=other, **FAST)
    assert "0 response ids are in both files" in found["retest"]["reason"].iloc[0]


# --- the plan ---


PLAN = """
title = "Which metric"
metrics = ["ktv", "nps"]
transforms = ["mean", "net"]
n_bootstrap = 300
planned_n = 900

[[criteria]]
id = "returned"
timing = "after"

[[hypotheses]]
criterion = "returned"
better = "ktv"
than = "nps"

[[exclusions]]
column = "practice_id"
equals = "PR01"
reason = "pilot practice"
"""


def test_a_plan_is_hashed_by_what_it_says(tmp_path: Path) -> None:
    one, other = tmp_path / "one.toml", tmp_path / "other.toml"
    one.write_text(PLAN)
    other.write_text("# the same, otherwise laid out\nplanned_n = 900\nn_bootstrap = 300\n" + PLAN.replace(
        "planned_n = 900\n", "").replace("n_bootstrap = 300\n", ""))  # fmt: skip
    assert read_plan(one).hash == read_plan(other).hash
    assert read_plan(one).changed(seed=2).hash != read_plan(one).hash


@pytest.mark.slow
def test_a_planned_comparison_reports_deviations_and_hypotheses(patients: Responses, tmp_path: Path) -> None:
    path = tmp_path / "comparison.toml"
    path.write_text(PLAN)
    plan = read_plan(path)
    found = compare_metrics(patients, plan=path)
    assert (found.plan_hash, found.preregistered) == (plan.hash, True)
    assert found.n_excluded == {"pilot practice": int((lab_rows()["practice_id"] == "PR01").sum())}
    assert [text.split(":")[0] for text in found.deviations] == ["planned_n"]
    hypothesis = found["hypotheses"].iloc[0]
    row = found.tidy().query("transform == 'mean'").iloc[0]
    assert hypothesis["estimate"] == pytest.approx(row["estimate"])
    wanted = "undecided" if row["p_holm"] >= 0.05 else "supported" if row["estimate"] > 0 else "contradicted"
    assert hypothesis["outcome"] == wanted
    changed = compare_metrics(patients, "recommended", plan=plan)
    assert any(text.startswith("criteria: planned") for text in changed.deviations)
    assert changed.plan_hash == plan.hash, "the hash is of what was planned"
    assert changed["hypotheses"]["outcome"].tolist() == ["not tested"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("metrics = [", "not valid TOML"),
        ("metrix = ['ktv']", "metrix"),
        ("confidence = 2", "confidence"),
        ("[[exclusions]]\ncolumn = 'age'\nreason = 'young'", "exactly one of below, above, equals"),
        ("metrics = ['ktv', 'ktv']", "stands there twice"),
    ],
)
def test_a_wrong_plan_is_refused_by_its_key(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "comparison.toml"
    path.write_text(text)
    with pytest.raises(StudyError, match=words):
        read_plan(path)


def test_an_absent_plan_is_said(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="there is no plan here"):
        read_plan(tmp_path / "no.toml")


def test_an_exclusion_of_an_unknown_column_is_refused(patients: Responses) -> None:
    plan = ComparisonPlan(exclusions=[{"column": "age", "below": 18, "reason": "children"}])
    with pytest.raises(AnalysisError, match="exclusions: there is no column 'age'"):
        compare_metrics(patients, plan=plan)


# --- verdicts ---


def _rows(p: dict[tuple[str, str], tuple[float, float]]) -> pd.DataFrame:
    return pd.DataFrame([{"first": a, "second": b, "estimate": e, "p_holm": q} for (a, b), (e, q) in p.items()])


def test_a_metric_is_named_only_ahead_of_every_other() -> None:
    r = {"ktv": 0.5, "nps": 0.3, "ces": 0.2}
    clear = {("ktv", "nps"): (0.2, 0.01), ("ktv", "ces"): (0.3, 0.01), ("nps", "ces"): (0.1, 0.6)}
    assert name_metric(list(r), _rows(clear), r, 0.05) == "ktv"
    assert name_metric(list(r), _rows(clear | {("ktv", "nps"): (0.2, 0.06)}), r, 0.05) == ""
    assert name_metric(list(r), _rows(clear | {("ktv", "nps"): (0.2, float("nan"))}), r, 0.05) == ""
    swapped = {("nps", "ktv"): (-0.2, 0.01), ("ktv", "ces"): (0.3, 0.01), ("nps", "ces"): (0.1, 0.6)}
    assert name_metric(list(r), _rows(swapped), r, 0.05) == "ktv"


# --- on paper ---


@pytest.mark.slow
def test_files_for_a_thesis(lab: MetricComparison, tmp_path: Path) -> None:
    import docx

    names = {path.name for path in lab.write(tmp_path)}
    assert {"tables.tex", "tables.docx", "references.bib", "comparison.json", "figure_differences.svg"} <= names
    assert {f"{name}.csv" for name in TITLES} <= names
    tex = (tmp_path / "tables.tex").read_text(encoding="utf-8")
    assert tex.count("\\toprule") == tex.count("\\begin{table}") >= 12
    assert all(ord(letter) < 128 for letter in tex), "LaTeX that every engine sets"
    document = docx.Document(str(tmp_path / "tables.docx"))
    assert len(document.tables) >= 12
    back = pd.read_csv(tmp_path / "differences.csv")
    np.testing.assert_allclose(back["estimate"], lab["differences"]["estimate"])
    svg = (tmp_path / "figure_differences.svg").read_text(encoding="utf-8")
    assert "<text" in svg, "words stay words"


@pytest.mark.slow
def test_every_method_has_its_source(lab: MetricComparison) -> None:
    entries = read_entries()
    assert {key for keys in USED_FOR.values() for key in keys} <= set(entries)
    assert set(LAYOUTS) == set(TITLES)
    assert set(USED_FOR) | set(NOTES) <= set(TITLES)
    assert "@article{meng1992" in lab.bibtex()


@pytest.mark.slow
def test_repr_is_short_and_tables_show(lab: MetricComparison) -> None:
    assert len(repr(lab).splitlines()) <= 10
    assert "<li>" in lab._repr_html_()
    for name in TITLES:
        assert TITLES[name] in lab.table(name).as_raw_html()
    assert "ᵃ" in lab.table("non_nested").as_raw_html(), "why J was not made stands below the table"
    assert "Why not" in lab.table("profiles").as_raw_html(), "one touchpoint with one question has no profile"
    assert lab.glance()["n_practices"].iloc[0] == 20
    with pytest.raises(AnalysisError, match="expected one of"):
        lab["nothing"]


@pytest.mark.slow
def test_figures_are_drawn(lab: MetricComparison) -> None:
    axes = lab.plot()
    assert len(axes.get_yticklabels()) == 9
    for name in ("associations", "information", "differences"):
        assert lab.figure(name)._repr_html_().count("<svg") == 1


# --- touchpoints ---


@pytest.fixture(scope="module")
def demo(simulation: Simulation, tmp_path_factory: pytest.TempPathFactory) -> Responses:
    folder = tmp_path_factory.mktemp("demo")
    simulation.write(folder)
    return read_survey(folder / "simulated.csv", journey=simulation.journey)


@pytest.mark.slow
def test_profiles_of_metrics_with_the_same_weights_are_not_told_apart(demo: Responses) -> None:
    found = compare_metrics(demo, metrics=("ktv", "nps"), transforms=("mean",), **FAST)
    profiles = found["profiles"]
    np.testing.assert_allclose(profiles.groupby("term")["estimate"].sum(), 1.0)
    distance = found["profile_distances"].iloc[0]
    assert 0 < distance["estimate"] < 1
    assert distance["p_value"] > 0.05, "the simulation gives both the same weights"
