"""Courses on a control chart: made of what the page shows, and of nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pxanalysis.analysis.whole_study.frames import TrendRow, as_declared
from pxanalysis.analysis.whole_study.results import StudyResults
from pxanalysis.journey.model import Outcome
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.reporting.sections.course import chart_outcome
from pxanalysis.reporting.sections.opening.cards import make_card
from pxanalysis.reporting.sections.pictures.section import trend_pictures
from pxanalysis.reporting.sections.selection import Selection
from pxanalysis.study import Study


def select(made: Study, estimates: list[float], n: list[int | None], outcome: str = "ktv") -> Selection:
    results = made.results
    rows = results["practices"]
    practice_id = str(rows.loc[~rows["suppressed"], "practice_id"].iloc[-1])
    hidden = [count is None for count in n]
    months = [f"2025-{month:02d}" for month in range(1, len(n) + 1)]
    error = np.where(hidden, np.nan, 0.2)
    trend = pd.DataFrame(
        {
            "practice_id": practice_id,
            "outcome": outcome,
            "period": months,
            "n": pd.array(n, dtype="Int64"),
            "estimate": np.where(hidden, np.nan, estimates),
            "ci_low": np.array(estimates) - error,
            "ci_high": np.array(estimates) + error,
            "previous": ["", *months[:-1]],
            "difference": 0.0,
            "difference_low": -0.5,
            "difference_high": 0.5,
            "since_first_low": -0.5,
            "since_first_high": 0.5,
            "suppressed": hidden,
            "reason_code": ["few_respondents" if one else "" for one in hidden],
            "reason": "",
        }
    )
    frames = {**results.frames, "trend": as_declared(trend, TrendRow)}
    return Selection(StudyResults(results.meta, frames), made.journey, practice_id, Wording("en"))


QUIET = [8.4, 8.5, 8.4, 8.5, 8.4, 8.5, 8.4, 8.5, 8.4]


def outcome_of(selection: Selection, kind: str) -> Outcome:
    return next(one for one in selection.journey.outcomes if one.kind == kind)


def test_a_drop_beyond_the_usual_is_said_though_the_last_two_periods_do_not_differ(made: Study) -> None:
    selection = select(made, [*QUIET, 7.2, 7.2], [40] * 11)
    ktv = outcome_of(selection, "ktv")
    course = chart_outcome(selection, ktv)
    assert course is not None
    assert course.says == "concern"
    card = make_card(selection, ktv)
    assert "no clear difference" in card.trend
    assert "is worse than the usual ups and downs explain; the season may also be the reason." in card.trend
    assert any("worse than the usual ups and downs" in str(picture) for picture in trend_pictures(selection))
    quiet = select(made, QUIET, [40] * 9)
    assert chart_outcome(quiet, ktv).says == ""  # type: ignore[union-attr]
    assert "usual" not in make_card(quiet, ktv).trend


def rebase(selection: Selection, day: str, reason: str = "A new desk") -> Selection:
    entry = {"practice_id": selection.practice_id, "subject": "ktv", "day": day, "reason": reason, "who": "dr A"}
    meta = selection.meta.with_facts(rebases=[entry])
    return replace(selection, results=StudyResults(meta, selection.results.frames))


def test_where_somebody_decided_so_a_course_begins_anew_and_the_page_says_why(made: Study) -> None:
    """Thirteen months around 8.4, seven around 7.2: a drop for good, once its cause is known and written down."""
    values = [*([8.4, 8.5] * 3), *([7.2, 7.3] * 3)]
    before = select(made, values, [60] * 12)
    ktv = outcome_of(before, "ktv")
    after = rebase(before, "2025-06-20", reason="A <b>new</b> desk.")
    first, second = chart_outcome(before, ktv), chart_outcome(after, ktv)
    assert first is not None
    assert second is not None
    assert first.says == "concern"
    assert second.says == "", "held beside what came after only"
    centres = second.frame["centre"].dropna().unique().round(2).tolist()
    assert centres == [8.45, 7.25], "limits of before stay visible; a month begins on its first day"
    said = make_card(after, ktv).trend
    assert said.endswith("From 20 June 2025 on there is a new baseline, by dr A: A <b>new</b> desk.")
    other = rebase(before, "2025-06-20")
    nps = outcome_of(before, "nps")
    assert "baseline" not in make_card(other, nps).trend


def test_limits_know_nothing_of_a_hidden_period(made: Study) -> None:
    n: list[int | None] = [40] * 9
    n[4] = None
    ktv = outcome_of(select(made, QUIET, n), "ktv")
    first, second = (chart_outcome(select(made, [*QUIET[:4], value, *QUIET[5:]], n), ktv) for value in (1.0, 10.0))
    assert first is not None
    assert second is not None
    pd.testing.assert_frame_equal(first.frame, second.frame)
    assert np.isnan(first.frame["limit_low"][4])


def test_few_periods_have_no_limits_and_limits_stay_on_the_scale(made: Study) -> None:
    few = select(made, QUIET[:5], [40] * 5)
    ktv = outcome_of(few, "ktv")
    assert chart_outcome(few, ktv).frame["limit_low"].isna().all()  # type: ignore[union-attr]
    wild = select(made, [9.9, 7.0, 9.9, 7.0, 9.9, 7.0, 9.9], [12] * 7)
    limits = chart_outcome(wild, ktv).frame  # type: ignore[union-attr]
    assert limits["limit_high"].max() == pytest.approx(10.0)
    assert limits["limit_low"].min() >= 1.0
    empty = replace(few.results, frames={**few.results.frames, "trend": few.results.frames["trend"].iloc[:0]})
    assert chart_outcome(replace(few, results=empty), ktv) is None
