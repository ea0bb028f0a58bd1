"""Tests of: From responses to the arrays of a driver model: scores, outcome, case mix, and who met what."""

from __future__ import annotations

import numpy as np
from driver_data import as_responses
from regression_data import optional_study, rare_study, study

from pxanalysis.analysis.drivers.design import build_design
from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.drivers.moments import estimate_driver_moments


def test_clearing_leaves_who_did_not_meet_the_only_optional_touchpoint_at_its_mean() -> None:
    design = build_design(optional_study(1.0))
    moments = estimate_driver_moments(design)
    column = moments.clear(design)[:, 1] - moments.mean[1]
    np.testing.assert_allclose(column[design.met[:, 0] == 0], 0, atol=1e-10)


def test_rare_levels_that_are_enough_together_are_one_level() -> None:
    answers, practice, journey = rare_study(600, 25, 0, "abcdef")
    answers.loc[:7, "health"] = "d"
    answers.loc[8:14, "health"] = "e"
    answers.loc[practice == 4, "health"] = "f"
    design = build_design(as_responses(journey, answers, practice), case_mix=("health",))
    assert design.covariates == ("health=b", "health=(other)") or design.covariates == ("health=c", "health=(other)")
    assert design.adjusters[:, 1].sum() == answers["health"].isin(["d", "e", "f"]).sum()
    assert design.notes[0].plain() == {"code": "levels_joined", "n": 3, "minimum": 10, "practices": 3}


def test_design_and_results_leave_the_answers_alone() -> None:
    _, _, responses = study()
    before = responses.table.clone()
    model = fit_drivers(responses, cross_validate=False)
    table = model.tidy()
    table["reason"] = "changed"
    assert responses.table.equals(before)
    assert (model.tidy()["reason"] == "").all()
    assert build_design(responses).rows.tolist() == list(range(600))
    assert model.glance().loc[0, "errors"] == "CR1"
    assert model.plot().get_xlabel().startswith("beta on ktv")
    assert "estimate" in model._repr_html_()
