"""Whole columns: each kind of misreading is put right, asked about or refused, and clean columns are left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pxanalysis.errors import SurveyError
from pxanalysis.journey import Journey
from pxanalysis.simulation.study import Simulation, simulate_survey
from pxanalysis.survey.columns.judge import Judgement, judge_columns
from pxanalysis.survey.columns.verdict import Verdict
from pxanalysis.survey.policy import SurveyPolicy
from pxanalysis.survey.reading import check_judged, read_survey
from pxanalysis.survey.responses import Responses
from pxanalysis.survey.scores import find_unmet, score_responses
from pxanalysis.survey.sources.raw import RawTable

TODAY = date(2026, 7, 1)


@pytest.fixture(scope="module")
def clean(treatment: Journey) -> pl.DataFrame:
    """Two hundred simulated answers as text."""
    return simulate_survey(treatment, practices=4, responses=50, seed=11).answers.cast(pl.String)


def judge(table: pl.DataFrame, journey: Journey, readings: dict[str, str] | None = None, **more: object) -> Judgement:
    rows = pl.int_range(2, table.height + 2, dtype=pl.UInt32, eager=True)
    policy = SurveyPolicy(today=TODAY, **more)  # type: ignore[arg-type]
    return judge_columns(RawTable("export.csv", "", table, rows), journey, policy=policy, readings=readings)


def verdict(judged: Judgement, name: str) -> Verdict:
    return next(one for one in judged.verdicts if one.name == name)


def read(table: pl.DataFrame, journey: Journey, readings: dict[str, str] | None = None, **more: object) -> Responses:
    judged = judge(table, journey, readings, **more)
    policy = SurveyPolicy(today=TODAY, **more)  # type: ignore[arg-type]
    found = check_judged(replace(judged.table, cells=table), judged, journey, policy=policy)
    return Responses(journey, found.accepted, found.rejected)


def moved(name: str, by: int) -> pl.Expr:
    """Answers of a column moved; 9 (does not apply) stays."""
    codes = pl.col(name).cast(pl.Int64)
    stays = (codes == 9) & pl.lit(name not in {"nps", "ktv"})
    return pl.when(stays).then(codes).otherwise(codes + by).cast(pl.String).alias(name)


def test_a_clean_export_is_not_asked_about(clean: pl.DataFrame, treatment: Journey) -> None:
    judged = judge(clean, treatment)
    assert judged.asked == ()
    assert judged.refused == ()
    assert judged.problems.height == 0


@pytest.mark.parametrize(
    ("name", "by", "line"),
    [("nps", 1, 'nps = "1-11"'), ("ktv", -1, 'ktv = "0-9"'), ("staff_friendly", 1, 'staff_friendly = "2-6"')],
)
def test_a_shifted_scale_is_asked_about_and_put_right(
    name: str, by: int, line: str, clean: pl.DataFrame, treatment: Journey
) -> None:
    shifted = clean.with_columns(moved(name, by))
    if name == "ktv":  # nobody in the simulation gives a 1
        shifted = shifted.with_columns(
            pl.when(pl.int_range(pl.len()) < 4).then(pl.lit("0")).otherwise(name).alias(name)
        )
    judged = judge(shifted, treatment)
    assert [one.name for one in judged.asked] == [name]
    assert verdict(judged, name).lines[0] == line
    assert judged.table.cells[name].null_count() == clean.height, "nothing is used of it"
    answered = read(shifted, treatment, {name: line.split('"')[1]})
    right = read(clean, treatment).table.sort("response_id")[name]
    assert answered.table.sort("response_id")[name].to_list()[4:] == right.to_list()[4:]


def test_items_of_one_scale_are_evidence_for_each_other(clean: pl.DataFrame, treatment: Journey) -> None:
    names = [placed.id for placed in treatment.items]
    judged = judge(clean.with_columns(moved(name, -1) for name in names), treatment)
    assert {one.name for one in judged.asked} >= set(names)


def test_ten_rows_are_judged_or_said_to_be_too_few(clean: pl.DataFrame, treatment: Journey) -> None:
    few = clean.head(4)
    assert "too few" in verdict(judge(few, treatment), "nps").evidence


@pytest.mark.parametrize(("low", "high"), [(0, 100), (1, 5)])
def test_a_stretched_or_squeezed_scale(low: int, high: int, clean: pl.DataFrame, treatment: Journey) -> None:
    position = pl.col("nps").cast(pl.Float64) / 10
    other = clean.with_columns((low + position * (high - low)).round(0).cast(pl.Int64).cast(pl.String).alias("nps"))
    assert [one.name for one in judge(other, treatment).asked] == ["nps"]


def test_a_scale_of_a_hundred_is_read_when_it_is_said(clean: pl.DataFrame, treatment: Journey) -> None:
    hundred = clean.with_columns((pl.col("nps").cast(pl.Int64) * 10).cast(pl.String))
    assert (
        read(hundred, treatment, {"nps": "0-100"}).table["nps"].to_list()
        == read(clean, treatment).table["nps"].to_list()
    )


def test_an_item_against_all_others_is_asked_about_never_flipped(clean: pl.DataFrame, treatment: Journey) -> None:
    codes = pl.col("staff_attention").cast(pl.Int64)
    turned = clean.with_columns(
        pl.when(codes == 9).then(codes).otherwise(6 - codes).cast(pl.String).alias("staff_attention")
    )
    judged = judge(turned, treatment)
    assert [one.name for one in judged.asked] == ["staff_attention"]
    assert 'staff_attention = "5-1"' in verdict(judged, "staff_attention").lines
    put_right = read(turned, treatment, {"staff_attention": "5-1"}).table["staff_attention"]
    assert put_right.to_list() == read(clean, treatment).table["staff_attention"].to_list()
    assert judge(turned, treatment, {"staff_attention": "as-it-stands"}).asked == ()


@pytest.mark.parametrize(("yes", "no"), [("1", "2"), ("2", "1"), ("-1", "0"), ("Wel eens", "Nooit")])
def test_two_codes_of_which_nobody_knows_which_is_yes(
    yes: str, no: str, clean: pl.DataFrame, treatment: Journey
) -> None:
    coded = clean.with_columns(pl.col("returned").replace({"1": yes, "0": no}))
    assert [one.name for one in judge(coded, treatment).asked] == ["returned"]
    right = read(clean, treatment).table["returned"].to_list()
    assert read(coded, treatment, {"returned": f"{yes}=yes, {no}=no"}).table["returned"].to_list() == right


@pytest.mark.parametrize(("yes", "no"), [("J", "N"), ("Y", "N"), ("True", "False"), ("waar", "onwaar"), ("Ja", "Nee")])
def test_words_for_yes_and_no_are_read(yes: str, no: str, clean: pl.DataFrame, treatment: Journey) -> None:
    words = clean.with_columns(pl.col("returned").replace({"1": yes, "0": no}))
    assert judge(words, treatment).asked == ()
    assert read(words, treatment).table["returned"].to_list() == read(clean, treatment).table["returned"].to_list()


def test_only_yes_and_empty_cells_is_a_question(clean: pl.DataFrame, treatment: Journey) -> None:
    ticked = clean.with_columns(pl.when(pl.col("returned") == "1").then(pl.lit("Y")).alias("returned"))
    assert [one.name for one in judge(ticked, treatment).asked] == ["returned"]
    share = read(ticked, treatment, {"returned": "Y=yes, missing=no"}).table["returned"].cast(pl.Float64).mean()
    assert share == pytest.approx((clean["returned"] == "1").sum() / clean.height)


def test_true_is_no_answer_on_a_scale(clean: pl.DataFrame, treatment: Journey) -> None:
    typed = clean.with_columns((pl.col("staff_friendly").cast(pl.Int64) > 3).alias("staff_friendly"))
    judged = judge(typed, treatment)
    assert [one.name for one in judged.asked] == ["staff_friendly"]
    assert judge(typed, treatment, {"staff_friendly": "leave-out"}).asked == ()


@pytest.mark.parametrize("word", ["N.v.t.", "niet van toepassing", "Not applicable", "Does not apply to me"])
def test_words_for_not_applicable_are_its_code(word: str, clean: pl.DataFrame, treatment: Journey) -> None:
    names = [placed.id for placed in treatment.items]
    words = clean.with_columns(pl.col(names).replace({"9": word}))
    coded = read(clean, treatment)
    for missing in ((), (word,)):
        worded = read(words, treatment, missing=missing)
        assert worded.rejected.height == 0
        assert_frame_equal(worded.table, coded.table)


def test_who_does_not_know_has_met_it(treatment: Journey, clean: pl.DataFrame) -> None:
    touchpoint = next(one for one in treatment.touchpoints if one.optional)
    names = [item.id for item in touchpoint.items]
    scale = treatment.scales["agree5"].model_copy(update={"not_applicable": (), "dont_know": (8, "weet niet")})
    journey = Journey.model_validate(treatment.model_dump() | {"scales": {**treatment.scales, "agree5": scale}})
    blank = clean.with_columns(pl.col([p.id for p in treatment.items]).replace({"9": None}))
    asked = blank.with_columns(
        pl.when(pl.int_range(pl.len()) == 0)
        .then(pl.lit("Weet niet"))
        .when(pl.int_range(pl.len()) == 1)
        .then(pl.lit("8"))
        .when(pl.int_range(pl.len()) == 2)
        .then(None)
        .otherwise(pl.col(name))
        .alias(name)
        for name in names
    )
    responses = read(asked, journey)
    assert find_unmet(responses)[touchpoint.id].head(3).tolist() == [False, False, True]
    assert score_responses(responses)[touchpoint.id].head(3).isna().all()


def test_an_unknown_code_that_stands_often_is_asked_about(clean: pl.DataFrame, treatment: Journey) -> None:
    eighths = pl.int_range(pl.len()) % 8 == 0
    coded = clean.with_columns(pl.when(eighths).then(pl.lit("99")).otherwise("ktv").alias("ktv"))
    judged = judge(coded, treatment)
    assert verdict(judged, "ktv").lines[0] == 'ktv = "1-10, 99=na"'
    assert read(coded, treatment, {"ktv": "1-10, 99=missing"}).table["ktv"].null_count() >= 25


def test_text_behind_a_code(clean: pl.DataFrame, treatment: Journey) -> None:
    cells = ["5-jan", "1-mei", "3-en-een-half", "4) maar eigenlijk 2", "5 - helemaal mee oneens"]
    table = clean.with_columns(pl.Series("staff_friendly", [*cells, *clean["staff_friendly"].to_list()[5:]]))
    responses = read(table, treatment)
    assert responses.table.sort("response_id")["staff_friendly"].null_count() >= 5
    refused = responses.rejected.filter(pl.col("column") == "staff_friendly")
    assert refused["value"].to_list() == cells
    assert "a spreadsheet has made a date" in refused["reason"][0]
    assert "label of answer 1" in refused["reason"][4]


def test_codes_with_their_labels_are_answers(clean: pl.DataFrame, treatment: Journey) -> None:
    labels = {str(code): f"{code} - {label['nl']}" for code, label in treatment.scales["agree5"].labels.items()}
    other = {str(code): f"{code}: stand {'abcdefghijk'[code]}" for code in range(11)}
    table = clean.with_columns(pl.col("staff_friendly").replace(labels), pl.col("nps").replace(other))
    responses = read(table, treatment)
    assert responses.rejected.height == 0
    assert_frame_equal(responses.table, read(clean, treatment).table)


def test_a_column_of_words_is_asked_about(clean: pl.DataFrame, treatment: Journey) -> None:
    table = clean.with_columns(pl.col("ces").replace({"4": "Makkelijk", "5": "Heel makkelijk"}))
    judged = judge(table, treatment)
    assert verdict(judged, "ces").holds
    assert "Makkelijk=" in verdict(judged, "ces").lines[0]
    put_right = read(table, treatment, {"ces": "1-5, Makkelijk=4, Heel makkelijk=5"})
    assert put_right.table["ces"].to_list() == read(clean, treatment).table["ces"].to_list()


@pytest.mark.parametrize("form", ["%m/%d/%Y", "%m-%d-%Y", "%m/%d/%Y %H:%M"])
def test_the_order_of_day_and_month_is_of_the_whole_column(form: str, clean: pl.DataFrame, treatment: Journey) -> None:
    days = clean.with_columns(pl.col("completed_on").str.to_date().cast(pl.Datetime).dt.strftime(form))
    judged = judge(days, treatment)
    assert "month first" in verdict(judged, "completed_on").evidence
    assert verdict(judged, "completed_on").said
    assert (
        read(days, treatment).table["completed_on"].to_list() == read(clean, treatment).table["completed_on"].to_list()
    )


def test_days_up_to_twelve_are_a_question(clean: pl.DataFrame, treatment: Journey) -> None:
    days = [f"{(i * 5) % 12 + 1:02d}/{(i * 7) % 6 + 1:02d}/2025" for i in range(clean.height)]
    table = clean.with_columns(pl.Series("completed_on", days))
    judged = judge(table, treatment)
    assert verdict(judged, "completed_on").lines == ('completed_on = "day-first"', 'completed_on = "month-first"')
    assert read(table, treatment, {"completed_on": "month-first"}).table["completed_on"][0] == date(2025, 1, 1)
    assert read(table, treatment, {"completed_on": "month-first"}).table["completed_on"][1] == date(2025, 6, 2)


def test_two_orders_in_one_column_are_a_question(clean: pl.DataFrame, treatment: Journey) -> None:
    days = ["31/01/2025" if i % 2 else "01/31/2025" for i in range(clean.height)]
    assert [o.name for o in judge(clean.with_columns(pl.Series("completed_on", days)), treatment).asked] == [
        "completed_on"
    ]


@pytest.mark.parametrize("filler", ["1970-01-01", "1900-01-01", "1960-01-01", "1980-01-01"])
def test_a_filler_is_no_date_and_the_answer_stays(filler: str, clean: pl.DataFrame, treatment: Journey) -> None:
    some = pl.int_range(pl.len()) < 3
    responses = read(
        clean.with_columns(pl.when(some).then(pl.lit(filler)).otherwise("completed_on").alias("completed_on")),
        treatment,
    )
    assert responses.n == clean.height
    assert responses.table["completed_on"].null_count() == 3
    assert responses.rejected["reason"].str.contains("a filler").all()


def test_dates_that_cannot_be_have_their_true_reason(clean: pl.DataFrame, treatment: Journey) -> None:
    days = ["1987-07-12", "2230-07-12", "", *clean["completed_on"].to_list()[3:]]
    table = clean.with_columns(pl.Series("completed_on", days).replace({"": None}))
    responses = read(table, treatment)
    assert responses.rejected["reason"].to_list()[0].startswith("the year lies more than 10 years before")
    assert "lies after today" in responses.rejected["reason"].to_list()[1]
    assert "1 rows have no date" in verdict(judge(table, treatment), "completed_on").evidence


def test_seven_digits_are_no_date_and_serials_a_question(clean: pl.DataFrame, treatment: Journey) -> None:
    assert read(clean.with_columns(completed_on=pl.lit("2025123")), treatment).n == 0
    serial = clean.with_columns(completed_on=pl.lit("45750,375"))
    assert verdict(judge(serial, treatment), "completed_on").lines == ('completed_on = "spreadsheet"',)
    assert read(serial, treatment, {"completed_on": "spreadsheet"}).table["completed_on"][0] == date(2025, 4, 3)


@pytest.mark.parametrize("gained", ["\u200b{}", "{}\ufeff", "{}\u00a0", " {} ", "{}\u2060"])
def test_ids_without_what_nobody_sees(gained: str, clean: pl.DataFrame, treatment: Journey) -> None:
    some = pl.int_range(pl.len()) % 3 == 0
    odd = clean.with_columns(
        pl.when(some).then(pl.format(gained, "practice_id")).otherwise("practice_id").alias("practice_id")
    )
    assert read(odd, treatment).practices == read(clean, treatment).practices


@pytest.mark.parametrize("column", ["response_id", "practice_id"])
@pytest.mark.parametrize("rounded", ["2,02512E+14", "2.02512e14"])
def test_rounded_ids_refuse_the_file(column: str, rounded: str, clean: pl.DataFrame, treatment: Journey) -> None:
    judged = judge(clean.with_columns(pl.lit(rounded).alias(column)), treatment)
    with pytest.raises(SurveyError, match="rounded by a spreadsheet"):
        judged.check_usable()


def test_three_digits_behind_a_mark_are_a_question(clean: pl.DataFrame, treatment: Journey) -> None:
    age = next(one for one in treatment.case_mix if one.type == "number")
    free = treatment.model_copy(update={"case_mix": (age.model_copy(update={"range": (0.0, 100_000.0)}),)})
    table = clean.with_columns(pl.lit("1.250").alias(age.id))
    assert [one.name for one in judge(table, free).asked] == [age.id]
    assert read(table, free, {age.id: "thousands"}).table[age.id][0] == 1250
    assert read(table, free, {age.id: "decimals"}).table[age.id][0] == 1.25


@pytest.mark.parametrize(
    ("readings", "message"),
    [
        ({"nps": "from 1 to 11"}, r"\[readings\] nps: 'from 1 to 11' is not understood"),
        ({"npss": "1-11"}, r"\[readings\]: 'npss' is not an id of journey"),
    ],
)
def test_a_reading_that_is_none(
    readings: dict[str, str], message: str, clean: pl.DataFrame, treatment: Journey
) -> None:
    with pytest.raises(SurveyError, match=message):
        judge(clean, treatment, readings)


def test_readings_can_hold_for_some_files(clean: pl.DataFrame, treatment: Journey) -> None:
    shifted = clean.with_columns(moved("nps", 1))
    assert judge(shifted, treatment, {"exp*.csv": {"nps": "1-11"}}).asked == ()  # type: ignore[dict-item]
    assert len(judge(shifted, treatment, {"other.csv": {"nps": "1-11"}}).asked) == 1  # type: ignore[dict-item]


def test_a_reading_that_does_not_fit_is_asked_again(clean: pl.DataFrame, treatment: Journey) -> None:
    judged = judge(clean, treatment, {"nps": "20-30"})
    assert [one.name for one in judged.asked] == ["nps"]
    assert verdict(judged, "nps").holds


def test_read_survey_says_what_to_give(tmp_path: Path, clean: pl.DataFrame, treatment: Journey) -> None:
    clean.with_columns(moved("nps", 1)).write_csv(tmp_path / "export.csv")
    with pytest.raises(SurveyError, match=r'nps = "1-11"'):
        read_survey(tmp_path / "export.csv", journey=treatment)
    assert read_survey(tmp_path / "export.csv", journey=treatment, readings={"nps": "1-11"}).rejected.height == 0


def test_a_large_simulation_is_read_as_before(simulation: Simulation, treatment: Journey) -> None:
    judged = judge(simulation.answers, treatment)
    assert judged.asked == ()
    assert_frame_equal(judged.table.cells, simulation.answers)


SWAPPED = ["2026-04-03 00:00:00", "2026-12-05 00:00:00", "2026-02-01", "2026-06-06", "27/04/2026", "13/05/2026"] * 4


def test_dates_of_which_a_spreadsheet_swapped_day_and_month_are_asked_about(
    clean: pl.DataFrame, treatment: Journey
) -> None:
    """3 April as text became 4 March, 27 April stayed text: every date has a day up to 12, and no text has."""
    table = clean.head(24).with_columns(pl.Series("completed_on", SWAPPED))
    asked = verdict(judge(table, treatment), "completed_on")
    assert asked.decision == "ask"
    assert asked.lines[0] == 'completed_on = "swapped"'
    read = judge(table, treatment, {"completed_on": "swapped"}).table.cells["completed_on"]
    assert [str(day) for day in read[:5]] == ["2026-03-04", "2026-05-12", "2026-01-02", "2026-06-06", "2026-04-27"]
    as_it_stands = judge(table, treatment, {"completed_on": "as-it-stands"}).table.cells["completed_on"]
    assert str(as_it_stands[0]) == "2026-04-03"


def test_dates_beside_text_of_any_day_are_left_alone(clean: pl.DataFrame, treatment: Journey) -> None:
    days = [f"2026-05-{i:02}" if i % 2 else f"{i:02}-05-2026" for i in range(1, 25)]
    table = clean.head(24).with_columns(pl.Series("completed_on", days))
    assert verdict(judge(table, treatment), "completed_on").decision == "read"


def test_a_second_header_in_another_order_is_refused(clean: pl.DataFrame, treatment: Journey) -> None:
    """Two exports below each other: what stands under the second header would be read under the wrong names."""
    table = clean.head(20).select(pl.all().cast(pl.String))
    names = table.columns

    def with_header(row: list[str]) -> pl.DataFrame:
        return pl.concat([table, pl.DataFrame([row], schema=dict.fromkeys(names, pl.String), orient="row")])

    with pytest.raises(SurveyError, match="row 22: a second header stands among the responses"):
        judge(with_header([names[0], *reversed(names[1:])]), treatment)
    same = judge(with_header(names), treatment)
    assert same.table.cells.height == 21


@pytest.mark.parametrize(
    ("day", "line"), [("{d:02}-{m:02}-26", "%d-%m-%y"), ("{m}/{d}/26", "%m/%d/%y"), ("26/{m:02}/{d:02}", "%y/%m/%d")]
)
def test_years_of_two_digits_are_asked_about_with_the_form_that_fits(
    day: str, line: str, clean: pl.DataFrame, treatment: Journey
) -> None:
    """As spreadsheets write them; every row was refused."""
    days = [day.format(d=1 + i, m=1 + i % 6) for i in range(28)]
    table = clean.head(28).with_columns(pl.Series("completed_on", days))
    asked = verdict(judge(table, treatment), "completed_on")
    assert asked.lines[0] == f'completed_on = "{line}"'
    read = judge(table, treatment, {"completed_on": line}).table.cells["completed_on"]
    assert str(read[20]) == "2026-03-21"


@pytest.mark.parametrize("times", [1, 1000])
def test_seconds_since_1970_are_asked_about(times: int, clean: pl.DataFrame, treatment: Journey) -> None:
    cells = [str((1_767_268_800 + 86_400 * i) * times) for i in range(20)]
    table = clean.head(20).with_columns(pl.Series("completed_on", cells))
    assert verdict(judge(table, treatment), "completed_on").lines == ('completed_on = "unix"',)
    read = judge(table, treatment, {"completed_on": "unix"}).table.cells["completed_on"]
    assert (str(read[0]), str(read[19])) == ("2026-01-01", "2026-01-20")
