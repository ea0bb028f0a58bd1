"""A first journey from an export: what columns seem to be, scales from codes and words, groups, outcomes."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pxanalysis.errors import SurveyError
from pxanalysis.journey.authoring import to_yaml
from pxanalysis.journey.reading import read_journey
from pxanalysis.survey.ladders import find_ladder
from pxanalysis.survey.mapping import Draft, draft_journey
from pxanalysis.survey.mapping.columns import describe_columns, plain_text
from pxanalysis.survey.sources.raw import RawTable
from pxanalysis.survey.sources.read import read_source

DATA = Path(__file__).parents[4] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data, real exports that are not shipped")

WORDS = ["Helemaal oneens", "Oneens", "Neutraal", "Eens", "Helemaal eens", "Niet van toepassing"]
TEXT = "<script>alert(1)</script><b>Ik kon</b> snel terecht"


def make_table(columns: dict[str, list[str]], **facts: object) -> RawTable:
    longest = max(map(len, columns.values()))
    cells = {name: (values * longest)[:longest] for name, values in columns.items()}
    frame = pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String))
    return RawTable("export.csv", "", frame, pl.int_range(2, longest + 2, dtype=pl.UInt32, eager=True), **facts)  # type: ignore[arg-type]


@pytest.fixture
def drafted() -> Draft:
    return draft_journey(
        make_table(
            {
                "Respnr": [str(i) for i in range(60)],
                "Praktijk": ["A", "B", "C"],
                "Ingevuld op": ["2025-01-02", "2025-02-03"],
                "Wat vindt u van de balie? [Ik kon snel terecht]": WORDS,
                "Wat vindt u van de balie? [De balie was vriendelijk]": WORDS[1:],
                "pijn": ["1", "2", "5", "9"],
                "Beveelt u ons aan?": [str(i) for i in range(11)],
                "Welk rapportcijfer geeft u?": ["7", "8", "10", "1"],
                "Leeftijd": [str(20 + i) for i in range(50)],
                "Geslacht": ["man", "vrouw"],
                "Wat kan er beter?": ["De wachttijd was veel te lang", "Niets"]
                + [f"Iets anders {i}" for i in range(40)],
                "E-mail": ["a@b.nl"],
            }
        )
    )


def test_columns_become_items_outcomes_and_keys(drafted: Draft) -> None:
    journey = drafted.journey
    assert [(touchpoint.label["nl"], len(touchpoint.items)) for touchpoint in journey.touchpoints] == [
        ("Wat vindt u van de balie?", 2),
        ("pijn", 1),
    ]
    assert [(outcome.id, outcome.kind) for outcome in journey.outcomes] == [("ktv", "ktv"), ("nps", "nps")]
    assert [variable.type for variable in journey.case_mix] == ["number", "category"]
    assert [question.text["nl"] for question in journey.open_questions] == ["Wat kan er beter?"]
    keys = {"response_id": "Respnr", "practice_id": "Praktijk", "completed_on": "Ingevuld op"}
    assert keys.items() <= drafted.columns.items()
    assert "E-mail" not in drafted.columns.values()


@pytest.mark.parametrize(
    ("heading", "answers"),
    [
        ("Hoe tevreden bent u over de praktijk?", ["7", "8", "10", "1"]),
        ("Werkgebied [Tandarts]", ["Ja", "Nee"]),
    ],
)
def test_a_question_about_the_practice_does_not_name_it(heading: str, answers: list[str]) -> None:
    rest = dict.fromkeys(("De balie was vriendelijk", "Ik kon snel terecht"), ["1", "2", "3", "4", "5"] * 8)
    assert "practice_id" not in draft_journey(make_table({heading: answers, **rest})).columns
    assert (
        draft_journey(make_table({"praktijk_nr": ["1", "2", "3"], heading: answers, **rest})).columns["practice_id"]
        == "praktijk_nr"
    )


def test_words_are_a_scale_in_their_order_and_codes_outside_it_mean_no_answer(drafted: Draft) -> None:
    scales = drafted.journey.scales
    by_item = {placed.id: scales[placed.item.scale] for placed in drafted.journey.items}
    words, pain = by_item["ik_kon_snel_terecht"], by_item["pijn"]
    assert [words.labels[place]["nl"] for place in range(1, 6)] == WORDS[:5]
    assert words.not_applicable == ("Niet van toepassing",)
    assert by_item["de_balie_was_vriendelijk"] == words, "rows of one matrix are on one scale"
    assert (pain.min, pain.max, pain.not_applicable) == (1, 5, (9,))
    assert any("9 lies outside 1-5" in note for note in drafted.notes)


def test_a_draft_can_be_written_and_read_back(drafted: Draft, tmp_path: Path) -> None:
    path = tmp_path / "export.yaml"
    path.write_text(to_yaml(drafted.journey), encoding="utf-8")
    assert read_journey(path) == drafted.journey


def test_labels_of_codes_decide_what_a_column_is() -> None:
    codes = {"q1": ["1", "2", "3"], "q2": ["1", "2", "4", "8"], "q3": ["0", "5", "10"]}
    labels = {
        "q1": {"1": "Controle", "2": "Vulling", "3": "Kroon"},
        "q2": {"1": "nooit", "2": "soms", "3": "vaak", "4": "altijd", "8": "weet niet"},
        "q3": {"0": "zeker niet", "10": "zeker wel"},
    }
    found = {column.name: column for column in describe_columns(make_table(codes, labels=labels))}
    assert found["q1"].kind == "category", "names of groups are no scale"
    assert found["q2"].scale is not None
    assert found["q2"].scale.dont_know == (8,)
    assert found["q2"].scale.high == 4
    assert found["q3"].scale is not None
    assert (found["q3"].scale.low, found["q3"].scale.high) == (0, 10)


def test_a_hostile_label_is_only_text() -> None:
    assert plain_text(TEXT) == "Ik kon snel terecht"
    journey = draft_journey(make_table({f"{TEXT} {i}": ["1", "5"] for i in range(3)})).journey
    assert "<script" not in to_yaml(journey)


def test_a_value_that_few_gave_is_not_written_down() -> None:
    """A rare category names a person; a journey file is handed on."""
    groups = ["man"] * 30 + ["vrouw"] * 30 + ["Jan uit Dorp"] * 9
    drafted = draft_journey(make_table({"a": ["1", "5"], "b": ["2", "4"], "Geslacht": groups}))
    assert "Jan" not in to_yaml(drafted.journey)
    assert [level.id for level in drafted.journey.case_mix[0].levels] == ["man", "vrouw"]


@pytest.mark.parametrize(
    ("columns", "told"),
    [({"a": ["x y", "z"], "b": ["blue"]}, "no column seems to be a rated question"), ({"a": ["1", "5"]}, "only one")],
)
def test_what_holds_no_ratings_is_refused_with_what_to_do(columns: dict[str, list[str]], told: str) -> None:
    with pytest.raises(SurveyError, match=told) as caught:
        draft_journey(make_table(columns))
    assert "pxanalysis journeys new" in str(caught.value)


@pytest.mark.parametrize("words", [["Eens", "Groen"], ["eens"], ["agree", "mee eens", "strongly agree"]])
def test_words_that_are_no_ladder(words: list[str]) -> None:
    assert find_ladder(words) is None


@needs_data
@pytest.mark.parametrize(
    ("file", "items", "outcomes", "practice"),
    [
        ("surveymonkey/food-world-cup-data.csv", 40, ["ktv"], None),
        ("google_forms/synthetic_direct_download_en.csv", 3, ["ktv", "nps"], "Praktijk"),
        ("ms_forms/synthetic_en.xlsx", 3, ["ktv", "nps"], "Praktijk"),
        ("spss/bes_like_0_10_dk9999.sav", 6, ["ktv"], None),
        ("limesurvey/results-survey.csv", 87, ["ktv"], None),
        ("mobi/mobi.csv", 23, ["ktv"], None),
    ],
)
def test_real_exports(file: str, items: int, outcomes: list[str], practice: str | None) -> None:
    drafted = draft_journey(read_source(DATA / file))
    assert len(drafted.journey.items) == items
    assert [outcome.id for outcome in drafted.journey.outcomes] == outcomes
    assert drafted.columns.get("practice_id") == practice


@needs_data
def test_a_code_that_its_label_calls_dont_know_is_one() -> None:
    scales = draft_journey(read_source(DATA / "spss/bes_like_0_10_dk9999.sav")).journey.scales
    assert all((scale.min, scale.max, scale.dont_know) == (0, 10, (9999,)) for scale in scales.values())


def test_words_that_call_the_lowest_answer_the_best_turn_the_scale() -> None:
    """1 for "very satisfied" is usual; as it stands, every figure of such a draft would be upside down."""
    best_first = {"1": "Zeer tevreden", "2": "Tevreden", "3": "Neutraal", "4": "Ontevreden", "5": "Zeer ontevreden"}
    cells = {"a": [str(1 + i % 5) for i in range(60)], "b": [str(1 + (i + 2) % 5) for i in range(60)]}
    raw = make_table(cells | {"ktv": [str(1 + i % 10) for i in range(60)]}, labels={"a": best_first, "b": best_first})
    draft = draft_journey(raw, language="nl")
    assert draft.readings == {"a": "5-1", "b": "5-1"}
    assert {placed.scale.labels[5]["nl"] for placed in draft.journey.items} == {"Zeer tevreden"}
    assert any("read the other way round" in note for note in draft.notes)


@pytest.mark.parametrize(
    ("words", "low_is_good"),
    [(["Heel weinig moeite", "Heel veel moeite"], True), (["Very difficult", "Very easy"], False)],
)
def test_effort_is_good_where_it_is_low_and_ease_where_it_is_high(words: list[str], *, low_is_good: bool) -> None:
    labels = {"ces": {"1": words[0], "5": words[1]}}
    cells = {name: [str(1 + (i + j) % 5) for i in range(60)] for j, name in enumerate(("a", "ktv", "ces"))}
    draft = draft_journey(make_table(cells, labels=labels, texts={"ces": "Hoeveel moeite kostte het?"}))
    (outcome,) = (one for one in draft.journey.rated_outcomes if one.kind == "ces")
    assert (outcome.direction == "lower-is-better") == low_is_good


def test_one_end_with_a_word_is_a_scale_too() -> None:
    cells = [*(str(2 + i % 8) for i in range(60)), *["10 - Zeer waarschijnlijk"] * 9]
    table = make_table({"a": ["1", "2", "3"] * 23, "Zou u ons aanbevelen?": cells, "ktv": ["8", "9", "7"] * 23})
    assert {one.kind for one in draft_journey(table).journey.rated_outcomes} == {"ktv", "nps"}
