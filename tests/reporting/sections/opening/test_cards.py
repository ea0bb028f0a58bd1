"""The cards of the outcomes: a verdict agrees with the figures beside it, and what few answers mean is said."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import numpy as np
import pandas as pd
import pytest
from page_words import cells_of, words_of
from pages import make_page, make_report
from study_results_fixture import PRACTICE_ID, Example, Results, know, make_example

from pxanalysis.analysis.whole_study.comparing import Compared, compare_outcomes
from pxanalysis.analysis.whole_study.outcomes import tabulate_funnel, tabulate_outcomes
from pxanalysis.analysis.whole_study.settings import FitSettings
from pxanalysis.journey import Journey
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.reporting.sections import PracticeReport
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.survey.reading import read_survey

UNBROKEN = "\N{WORD JOINER}"
NUMBER = r"([+−]?[\d,]+)"
DIFFERENCE = re.compile(rf"verschil met elders\D*? {NUMBER} \(tussen {NUMBER} en {NUMBER}\)")
CERTAIN = {"lager dan elders", "hoger dan elders", "net iets lager dan elders", "net iets hoger dan elders"}


def number(text: str) -> float:
    return float(text.replace("−", "-").replace(",", "."))


def cards_of(html: str) -> list[str]:
    return [unescape(card) for card in re.findall(r'<li class="card">.*?</li>', html, flags=re.DOTALL)]


def with_outcome(example: Example, outcome: str, **values: object) -> Example:
    frames = dict(example.results.frames)
    frame = frames["outcomes"].copy()
    main = (
        frame["metric"].isin(["mean", "net", "share"])
        & (frame["outcome"] == outcome)
        & (frame["practice_id"] == PRACTICE_ID)
    )
    for name, value in values.items():
        frame.loc[main.idxmax(), name] = value
    return replace(example, results=Results(example.results.meta, {**frames, "outcomes": frame}))


@pytest.fixture(
    scope="module", params=[True, pytest.param(False, marks=pytest.mark.slow)], ids=["case mix", "no case mix"]
)
def many(request: pytest.FixtureRequest, treatment: Journey, tmp_path_factory: pytest.TempPathFactory) -> Example:
    """Outcomes of eighty practices as the fit finds them."""
    folder = tmp_path_factory.mktemp("raw")
    simulate_survey(treatment, practices=80, responses=(15, 120), seed=5).write(folder)
    responses = read_survey(folder / "simulated.csv", journey="dental-treatment")
    settings = FitSettings(case_mix=None if request.param else ())
    compared: list[Compared] = compare_outcomes(responses, settings)
    outcomes = tabulate_outcomes(responses, settings, compared)
    template = make_example()
    own = template.results.frames["practices"].query("practice_id == @PRACTICE_ID")
    sizes = responses.table["practice_id"].value_counts().to_pandas().set_index("practice_id")["count"]
    practices = pd.concat([own.assign(practice_id=name, n=int(sizes[name])) for name in responses.practices])
    frames = {
        **{name: frame.iloc[:0] for name, frame in template.results.frames.items()},
        **{"practices": practices, "outcomes": outcomes, "funnel": tabulate_funnel(compared)},
        "case_mix": template.results.frames["case_mix"] if request.param else pd.DataFrame(),
    }
    return replace(template, results=Results(template.results.meta, frames), journey=responses.journey)


def test_a_verdict_and_the_interval_beside_it_agree(many: Example) -> None:
    """Lower: wholly below 0. No clear difference: it holds 0. What is printed counts, not what was computed."""
    seen: dict[str, int] = {}
    for practice in many.results.frames["practices"]["practice_id"]:
        report = PracticeReport(many.results, many.journey, str(practice), "nl", figures=False)
        lines = words_of(report.comparison().html)
        for card in cards_of(report.outcomes().html):
            verdict = re.search(r'<span class="verdict[^>]*>([^<]+)', card)
            if verdict is None:
                continue
            name = re.search(r"<strong>([^<]+)", card)
            found = DIFFERENCE.search(lines, lines.index(f"{name and name[1]}: {verdict[1]}; "))
            assert found, card
            difference, low, high = (number(part) for part in found.groups())
            assert low <= difference <= high
            leaves_out_0 = low > 0 or high < 0
            assert leaves_out_0 == (verdict[1] in CERTAIN), (practice, verdict[1], found[0])
            if "lager" in verdict[1] or "hoger" in verdict[1]:
                assert (high < 0) == ("lager" in verdict[1])
            seen[verdict[1]] = seen.get(verdict[1], 0) + 1
    assert set(seen) >= {"lager dan elders", "hoger dan elders", "geen duidelijk verschil"}


def test_the_funnels_verdict_and_its_limits_agree(many: Example) -> None:
    judged = 0
    for practice in many.results.frames["practices"]["practice_id"]:
        report = PracticeReport(many.results, many.journey, str(practice), "nl", figures=False)
        html = report.comparison().html
        for outcome in many.journey.rated_outcomes:
            *figures, usual, verdict = cells_of(html, outcome.label["nl"])
            found = re.match(rf"{NUMBER} tot {NUMBER}", usual)
            if found is None:
                continue
            value = number(figures[1] if len(figures) == 3 else figures[0])
            low, high = (number(part) for part in found.groups())
            expected = "nee, eronder" if value < low else "nee, erboven" if value > high else "ja"
            edge = value in {low, high}
            assert verdict == expected or (edge and verdict == "op de grens"), (practice, figures, usual)
            judged += verdict != "ja"
    assert judged > 3


def test_what_was_measured_and_what_was_corrected_is_said() -> None:
    report = make_report(make_example())
    assert "Elders, bij zulke patiënten: 8,5" in words_of(report.outcomes().html)
    assert "na correctie voor verschillen tussen patiënten, −0,3 (tussen" in words_of(report.comparison().html)
    plain = make_report(make_example(case_mix=False))
    assert "Elders gemiddeld: 8,5" in words_of(plain.outcomes().html)
    assert "na correctie" not in words_of(plain.outcomes().html).lower()
    assert "verschil met elders −0,3 (tussen −0,5 en −0,2)" in words_of(plain.comparison().html)


def test_a_verdict_that_could_be_chance_is_said_to_be() -> None:
    text = words_of(make_report(make_example()).comparison().html)
    assert "Ook zonder echt verschil krijgt een praktijk door toeval een paar keer op de honderd" in text
    assert "Ook zonder echt verschil" not in words_of(make_report(make_example(practices=1)).comparison().html)
    assert words_of(make_page(make_example(), figures=False)).count("paar keer op de honderd") == 1


@pytest.mark.parametrize(("n", "words"), [(44, "zijn ongeveer 45 antwoorden nodig; u heeft er 44."), (45, "")])
def test_few_answers_are_warned_of_beside_the_cards(n: int, words: str) -> None:
    text = words_of(make_report(make_example(n=n)).outcomes().html)
    assert ("Om u betrouwbaar met andere praktijken te vergelijken" in text) == bool(words)
    assert words in text


def test_fewer_answers_than_patients_are_explained() -> None:
    """Thirty-nine patients above and "you have 37" below it would be two numbers for one thing."""
    example = make_example(n=44)
    for outcome in ("ktv", "nps", "ces"):
        example = with_outcome(example, outcome, n=41)
    text = words_of(make_report(example).outcomes().html)
    assert "Niet iedereen beantwoordt elke vraag: voor Tevredenheid (KTV) heeft u er 41." in text


@pytest.mark.parametrize(("verdict", "careful"), [("lower", True), ("higher", True), ("no difference", False)])
def test_where_few_answers_make_higher_or_lower_they_are_to_be_read_with_care(verdict: str, careful: bool) -> None:
    example = with_outcome(make_example(n=44), "ktv", verdict=verdict)
    text = words_of(make_report(example).outcomes().html)
    assert "u heeft er 44." in text
    assert ("Lees ‘hoger’ en ‘lager’ daarom voorzichtig." in text) == careful
    assert ("; dat lijkt " in words_of(make_report(example).opening().html)) == careful
    many = with_outcome(make_example(n=300), "ktv", verdict=verdict)
    assert "daarom voorzichtig" not in words_of(make_report(many).outcomes().html)


def without_differences(example: Example, outcome: str) -> Example:
    """The same study where practices were not seen to differ on an outcome: an ICC of 0, no number of answers."""
    frames = {name: frame.copy() for name, frame in example.results.frames.items()}
    variances, comparisons = frames["practice_variance"], frames["comparisons"]
    own = variances["outcome_or_touchpoint"] == outcome
    variances.loc[own, ["icc", "n_for_70", "n_for_80", "n_for_90"]] = [0.0, np.nan, np.nan, np.nan]
    comparisons.loc[comparisons["outcome"] == outcome, "icc"] = 0.0
    return replace(example, results=Results(example.results.meta, frames))


def test_a_direction_where_practices_do_not_differ_is_not_certain() -> None:
    """Of 25 practices that are all the same, one is called lower by chance: no surer than with too few answers."""
    example = without_differences(with_outcome(make_example(n=300), "ktv", verdict="lower"), "ktv")
    assert "; dat lijkt lager dan elders" in words_of(make_report(example).opening().html)
    text = words_of(make_report(example).outcomes().html)
    assert (
        "Tevredenheid (KTV): hierin verschillen praktijken niet meer van elkaar dan door toeval te verwachten is. Lees "
        "‘hoger’ en ‘lager’ daarom voorzichtig." in text
    )
    same = without_differences(with_outcome(make_example(n=300), "ktv", verdict="no difference"), "ktv")
    assert "door toeval te verwachten" not in words_of(make_report(same).outcomes().html)


@pytest.mark.parametrize(("icc", "words"), [(0.0, "lijkt lager"), (0.005, "lijkt lager"), (0.05, "lager")])
def test_what_patients_did_is_no_surer_than_practices_differ(icc: float, words: str) -> None:
    """With an ICC of .005 it takes 465 answers to tell practices apart (.7/.3 x .995/.005), with .05 it takes 45."""
    example = with_outcome(make_example(n=300), "returned", verdict="lower", difference_low=-0.2, difference_high=-0.1)
    frames = dict(example.results.frames)
    frames["comparisons"] = frames["comparisons"].assign(icc=icc)
    told = replace(example, results=Results(example.results.meta, frames))
    text = words_of(make_report(told).outcomes().html)
    assert f", {words} dan elders (" in text.replace(UNBROKEN, "")
    assert ("door toeval te verwachten" in text) == (icc == 0.0)


@pytest.mark.parametrize(("practices", "unsure"), [(9, True), (10, False)])
def test_a_number_of_answers_from_few_practices_is_called_unsure(practices: int, unsure: bool) -> None:
    """With 6 practices of 60 and a true ICC of .03 (76 answers), one estimate in four is above 250."""
    report = make_report(make_example(n=30, practices=practices))
    words = f"Dat aantal is zelf onzeker: het rust op maar {practices} praktijken."
    for part in (report.outcomes(), report.comparison()):
        assert (words in words_of(part.html)) == unsure


@pytest.mark.parametrize("language", ["nl", "en"])
def test_data_without_dates_say_so(language: str) -> None:
    example = make_example()
    results = example.results
    frames = {**results.frames, "practices": results.frames["practices"].assign(first_date=None, last_date=None)}
    frames["trend"] = frames["trend"].iloc[:0]
    undated = replace(example, results=Results(results.meta.with_facts(first_date=None, last_date=None), frames))
    report = make_report(undated, language=language)
    said = {"nl": "de gegevens hebben geen datums", "en": "the data hold no dates"}[language]
    assert said in words_of(report.opening().html)
    assert said in words_of(report.journey().html).replace("De g", "de g").replace("The d", "the d")
    assert said in words_of(report.method().html)
    dated = make_report(example, language=language)
    assert said not in words_of(dated.opening().html) + words_of(dated.journey().html) + words_of(dated.method().html)


def test_one_outcome_with_few_answers_is_named() -> None:
    example = with_outcome(make_example(), "nps", n=30)
    text = words_of(make_report(example).outcomes().html)
    assert (
        "Aanbeveling (NPS): om u hierop betrouwbaar met andere praktijken te vergelijken, zijn ongeveer 45 antwoorden "
        "nodig; u heeft er 30" in text
    )


def test_every_card_says_what_it_measures() -> None:
    ktv, nps, ces = (
        words_of(card).replace(UNBROKEN, "") for card in cards_of(make_report(make_example()).outcomes().html)
    )
    assert "gemiddeld cijfer van uw patiënten, 1 tot 10" in ktv
    assert "aandeel dat u zeker aanraadt (9–10) min aandeel dat dat niet doet (0–6), −100 tot +100" in nps
    assert "hoe makkelijk het ging, 1 tot 5 (makkelijk)" in ces


def test_an_nps_asked_from_1_is_not_to_be_compared_with_others() -> None:
    example = make_example()
    assert "NPS van elders" not in make_report(example).outcomes().html
    journey = example.journey
    asked = next(outcome for outcome in journey.rated_outcomes if outcome.kind == "nps")
    scale = journey.scales[str(asked.scale)].model_copy(update={"min": 1})
    journey = journey.model_copy(update={"scales": {**journey.scales, str(asked.scale): scale}})
    text = words_of(make_report(replace(example, journey=journey)).outcomes().html).replace(UNBROKEN, "")
    assert text.count("Gevraagd van 1 tot 10 in plaats van 0 tot 10") == 1
    assert "aandeel dat dat niet doet (1–6)" in text


def test_without_a_test_of_the_difference_there_is_no_verdict_on_the_course() -> None:
    example = make_example()
    trend = example.results.frames["trend"].assign(difference_low=np.nan, difference_high=np.nan)
    example = replace(example, results=Results(example.results.meta, {**example.results.frames, "trend": trend}))
    text = words_of(make_report(example).outcomes().html)
    assert "geen duidelijk verschil met" not in text


def test_periods_that_do_not_follow_each_other_are_not_compared_without_a_word() -> None:
    example = make_example()
    said = "Van de tijd daartussen tonen wij geen cijfer."
    assert said not in words_of(make_report(example).outcomes().html)
    trend = example.results.frames["trend"]
    hidden = trend["suppressed"] | (trend["period"] == "2026-05")
    example = replace(
        example,
        results=Results(example.results.meta, {**example.results.frames, "trend": trend.assign(suppressed=hidden)}),
    )
    assert f"apr 2026. {said}" in words_of(make_report(example).outcomes().html)


@pytest.mark.parametrize(("low", "high", "said"), [(-0.5, -0.2, "lager"), (0.2, 0.5, "hoger"), (-0.2, 0.3, "")])
def test_a_slow_change_is_said_although_the_last_period_is_like_the_one_before(
    low: float, high: float, said: str
) -> None:
    example = make_example()
    trend = example.results.frames["trend"].assign(
        difference=0.0, difference_low=-0.3, difference_high=0.3, since_first_low=low, since_first_high=high
    )
    example = replace(example, results=Results(example.results.meta, {**example.results.frames, "trend": trend}))
    text = words_of(make_report(example).outcomes().html)
    assert "jun 2026: geen duidelijk verschil met mei 2026." in text
    assert ("dan in het begin" in text) == bool(said)
    assert f"Wel {said} dan in het begin (" in text or not said


def test_small_shares_are_not_written_as_none() -> None:
    example = make_example()
    outcomes = example.results.frames["outcomes"]
    own = (outcomes["practice_id"] == PRACTICE_ID) & (outcomes["metric"] == "insufficient")
    outcomes.loc[own, ["estimate", "ci_low", "ci_high", "benchmark_low", "benchmark_high"]] = [
        *(0.012, 0.002, 0.04, 0.001, 0.004)
    ]
    cells = cells_of(make_report(example).comparison().html, "Tevredenheid (KTV): geeft een 5 of lager")
    assert cells[1:] == ["1,2%", "0,2% tot 4,0%", "6,0%", "0,1% tot 0,4%"]


def test_one_practice_outside_the_limits_is_one() -> None:
    for language, one, more in (("nl", "valt er 1", "vallen er 2"), ("en", "1 falls", "2 fall")):
        wording = Wording(language)
        assert one in wording.text("alt.funnel_outside", n=1, total=25)
        assert more in wording.text("alt.funnel_outside", n=2, total=25)
    example = make_example()
    example = know(example, n_rejected_rows=1)
    assert "1 row, 12 single answers" in words_of(make_report(example, "en").method().html)


def test_who_did_not_answer_is_thought_of() -> None:
    for invited in (None, 800):
        text = words_of(make_report(make_example(invited=invited)).method().html)
        assert Wording("nl").text("fact.non_response_means") in text


def test_the_two_periods_of_a_page_say_whose_they_are() -> None:
    text = words_of(make_page(make_example(), figures=False))
    assert "Antwoorden van uw patiënten: 1 januari – 30 juni 2026" in text
    assert "Periode (alle praktijken)" in text


def test_figures_that_tie_with_the_mean_get_a_decimal() -> None:
    ends = {"difference": -0.04, "difference_low": -0.07, "difference_high": -0.01}
    example = with_outcome(make_example(), "ktv", estimate=8.47, benchmark=8.51, verdict="lower", **ends)
    text = words_of(cards_of(make_report(example).outcomes().html)[0])
    assert "8,47" in text
    assert "Elders, bij zulke patiënten: 8,51" in text


@pytest.mark.parametrize(
    ("low", "high", "verdict", "said"),
    [
        (-0.3, -0.1, "lower", "Teruggekomen binnen 12 maanden: 60%, lager dan elders (80%)."),
        (-0.03, -0.01, "no difference", "Teruggekomen binnen 12 maanden: 60%, net iets lager dan elders (80%)."),
        (-0.3, 0.1, "no difference", ""),
    ],
)
def test_what_patients_did_is_said_where_it_is_not_as_elsewhere(
    low: float, high: float, verdict: str, said: str
) -> None:
    """Whether patients come back is what an owner asks first; it stood folded away among all figures."""
    found = {"estimate": 0.6, "difference": -0.2, "difference_low": low, "difference_high": high, "verdict": verdict}
    example = with_outcome(make_example(), "returned", **found)
    text = words_of(make_report(example).outcomes().html)
    assert (said in text) if said else ("Teruggekomen" not in text)
