"""The small scales on the first screen: round ends, in which everything has its place."""

import re

from hypothesis import given
from hypothesis import strategies as st
from pages import make_report
from rows import row_of
from study_results_fixture import make_example

from pxanalysis.analysis.whole_study.frames import OutcomeRow
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.reporting.sections.opening.gauge import make_gauge

GRADES = st.lists(st.floats(1, 10), min_size=5, max_size=5).map(sorted)


def outcome_of(
    low: float | None, middle_low: float, value: float, middle_high: float, high: float, unit: str = "grade"
) -> OutcomeRow:
    ends = {"benchmark_low": middle_low, "benchmark_high": middle_high, "ci_low": low, "ci_high": high}
    return row_of(OutcomeRow, **ends, estimate=value, unit=unit)


def share(place: str) -> float:
    return float(place.removesuffix("%"))


@given(GRADES)
def test_everything_lies_between_two_round_ends(grades: list[float]) -> None:
    gauge = make_gauge(outcome_of(*grades), Wording("en"))
    assert gauge is not None
    start, end = float(gauge.start), float(gauge.end)
    # 1.9999999999999982 is 2 to the scale.
    assert start <= grades[0] + 1e-9
    assert grades[-1] <= end + 1e-9
    for place, value in zip((gauge.low, gauge.value, gauge.high), (grades[0], grades[2], grades[4]), strict=True):
        assert abs(share(place) - 100 * (value - start) / (end - start)) < 0.1
    # Steps are at most 2.5 quarters of the range, so it takes up 1 / (1 + 2 x 0.625) of the scale or more; a range of
    # less than two of the last digits that are written has a step of one.
    assert share(gauge.high) - share(gauge.low) > 44 or grades[4] - grades[0] < 0.2


def test_ends_are_written_as_the_outcome_is() -> None:
    net = make_gauge(outcome_of(-0.17, -0.1, -0.01, 0.3, 0.35, "net"), Wording("nl"))
    assert net is not None
    assert (net.start, net.end) == ("−20", "+40")


def test_without_an_interval_no_scale() -> None:
    assert make_gauge(outcome_of(float("nan"), 7.5, 8, 8.5, 9), Wording("nl")) is None


def test_the_page_shows_the_ends() -> None:
    html = make_report(make_example()).opening().html
    ends = re.findall(r'<div class="gauge" aria-hidden="true"><span>([^<]+)</span>.*?<span>([^<]+)</span>', html)
    assert len(ends) == html.count('class="card"') == 3
    for start, end in ends:
        assert start != end
