"""What stands at the front door: names, results that read alike, the numbers of the reports, one line for wrong use."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

import pxanalysis as pxa
from pxanalysis.errors import AnalysisError
from pxanalysis.study import Study

STANDARD = ["term", "estimate", "std_error", "ci_low", "ci_high"]


@pytest.fixture(scope="module")
def results(made: Study) -> dict[str, Any]:
    drivers = made.fit_drivers()
    importance = made.estimate_importance(drivers)
    return {
        "drivers": drivers,
        "importance": importance,
        "priorities": made.estimate_priorities(drivers),
        "metrics": made.estimate_metrics(by=None),
        "reliability": pxa.estimate_reliability(made.responses, n_bootstrap=50),
        "practices": pxa.compare_practices(made.responses),
        "asymmetry": drivers.asymmetry(),
        "within_between": drivers.within_between(),
        "pooled": pxa.pool_drivers(drivers),
        "dominance": importance.dominance(),
        "drill_down": importance.drill_down("treatment", n_bootstrap=60),
    }


def test_the_front_door_shows_its_names_and_nothing_else() -> None:
    assert dir(pxa) == sorted(pxa.__all__)
    assert len(pxa.__all__) <= 26
    for name in pxa.__all__:
        assert getattr(pxa, name) is not None
    with pytest.raises(AttributeError, match="It has: SemOptions"):
        pxa.fit_driver  # noqa: B018


@pytest.mark.slow
def test_every_result_starts_with_the_same_columns_and_is_short_to_print(results: dict[str, Any]) -> None:
    for name, result in results.items():
        columns = [column for column in result.tidy() if column not in ("practice_id", "period", "group", "scale")]
        assert columns[:5] == STANDARD, name
        assert len(repr(result).splitlines()) <= 10, name
        assert "0x" not in repr(result), name
        assert "<table" in result._repr_html_(), name
        assert len(str(result.summary()).splitlines()) > 3, name
        assert "\\begin{tabular}" in result.to_latex(), name


def test_the_numbers_are_those_of_the_page(made: Study, results: dict[str, Any]) -> None:
    meta = made.results.meta
    assert results["drivers"].r2_drivers == pytest.approx(meta.r2_drivers, rel=1e-12)
    assert results["drivers"].r2 == pytest.approx(meta.r2, rel=1e-12)
    frame = made.results["drivers"].set_index("touchpoint")
    shown = results["importance"].tidy().set_index("term")
    assert (shown["estimate"] == frame["importance"]).all()
    gains = made.results["priorities"].set_index(["practice_id", "touchpoint"])["gain"].dropna()
    ours = results["priorities"].tidy().set_index(["practice_id", "term"])["estimate"]
    assert (ours.loc[gains.index].to_numpy() == gains.to_numpy()).all()
    assert gains.size > 20


def test_labels_are_in_the_language_of_the_study(results: dict[str, Any]) -> None:
    words = {text.get_text() for text in results["importance"].plot().get_yticklabels()}
    assert "Behandeling" in words
    assert "Behandeling" in results["drivers"]._repr_html_()
    assert "treatment" not in words


def test_a_table_for_a_paper_is_as_the_apa_has_it(results: dict[str, Any]) -> None:
    table = results["drivers"].to_apa()
    assert list(table.columns) == ["b", "SE", "95% CI", "p"]
    assert not table["b"].str.startswith("0.").any()
    assert (table["p"].str.fullmatch(r"(\.\d{3}|< \.001)?")).all()


def test_the_package_is_imported_without_what_is_heavy() -> None:
    code = "import pxanalysis, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"matplotlib", "pandas", "polars", "statsmodels", "scipy"} & set(loaded)


def test_a_picture_is_drawn_where_it_is_told_to_and_else_where_a_notebook_shows_it(results: dict[str, Any]) -> None:
    from matplotlib import pyplot as plt

    axes = results["drivers"].plot()
    assert plt.get_fignums() == [axes.figure.number]
    _, (left, right) = plt.subplots(1, 2)
    assert results["importance"].plot(ax=left) is left
    assert results["reliability"].plot(ax=right) is right


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda study, drivers: pxa.fit_drivers("ktv", study.responses), r"fit_drivers\(responses, 'ktv'\)"),
        (lambda study, drivers: pxa.estimate_importance(drivers, groups={"a": "b"}), "only method='owen'"),
        (lambda study, drivers: pxa.estimate_importance(drivers, confidence=0.8), r"fit it with confidence=0\.8"),
        (lambda study, drivers: pxa.estimate_priorities(drivers, study.responses), "received DriverModel"),
        (
            lambda study, drivers: pxa.estimate_priorities(study.responses, drivers, case_mix=("nonsense",)),
            "no case-mix variable 'nonsense'",
        ),
        (lambda study, drivers: pxa.plot_scores(study.responses, "tretment"), "expected one of"),
    ],
)
def test_wrong_use_gets_one_line(
    made: Study, results: dict[str, Any], wrong: Callable[[Study, Any], object], words: str
) -> None:
    with pytest.raises(AnalysisError, match=words) as caught:
        wrong(made, results["drivers"])
    assert len(str(caught.value)) < 400
    assert caught.value._render_traceback_() == [f"AnalysisError: {caught.value}"], "what a notebook shows of it"
