"""Wordings beside an export: from the tools' own files, and nothing worse than their absence when they are damaged."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from study_copies import init_quick

from pxanalysis.journey import read_journey
from pxanalysis.questionnaires import write_questionnaire
from pxanalysis.simulation.exports import simulate_export
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.survey.mapping import draft_journey, propose_columns
from pxanalysis.survey.sources.companions import add_wordings, read_wordings
from pxanalysis.survey.sources.read import read_source

LSS = """<?xml version="1.0" encoding="UTF-8"?>
<document><LimeSurveyDocType>Survey</LimeSurveyDocType><languages><language>nl</language><language>en</language></languages>
<answers><rows><row><aid>1</aid><qid>2</qid><code>A1</code></row><row><aid>2</aid><qid>2</qid><code>A2</code></row></rows>
</answers><answer_l10ns><rows><row><aid>1</aid><answer>Oneens</answer><language>nl</language></row>
<row><aid>1</aid><answer>Disagree</answer><language>en</language></row>
<row><aid>2</aid><answer>Eens</answer><language>nl</language></row></rows></answer_l10ns>
<questions><rows><row><qid>2</qid><parent_qid>0</parent_qid><title>balie</title></row>
<row><qid>4</qid><parent_qid>0</parent_qid><title>cijfer</title></row></rows></questions>
<subquestions><rows><row><qid>3</qid><parent_qid>2</parent_qid><title>snel</title></row></rows></subquestions>
<question_l10ns><rows><row><qid>4</qid><question>Rapportcijfer</question></row>
<row><qid>2</qid><question>De balie</question><language>nl</language></row>
<row><qid>3</qid><question>Ik kon <script>x</script> snel terecht</question><language>nl</language></row>
<row><qid>3</qid><question>I was seen soon</question><language>en</language></row></rows></question_l10ns></document>
""".replace("<script>x</script>", "<![CDATA[<script>x</script>]]>")


TSV = """id\trelated_id\tclass\ttype/scale\tname\trelevance\ttext\thelp\tlanguage\tvalidation
\t\tS\t\tlanguage\t\tnl
\t\tS\t\tadditional_languages\t\ten
1\t\tG\tG0\tDe praktijk\t1\t\t\tnl
2\t\tQ\tF\tbalie\t1\tDe balie\t\tnl
3\t\tSQ\t\tsnel\t1\t"Ik kon ""snel""
terecht"\t\tnl
\t\tA\t0\tA1\t\tOneens\t\tnl
\t\tA\t0\tA2\t\tEens\t\tnl
4\t\tQ\tN\tcijfer\t1\tRapportcijfer\t\tnl
1\t\tG\tG0\tThe practice\t1\t\t\ten
2\t\tQ\tF\tbalie\t1\tThe desk\t\ten
3\t\tSQ\t\tsnel\t1\tI was seen soon\t\ten
\t\tA\t0\tA1\t\tDisagree\t\ten
\t\tA\t0\tA2\t\tAgree\t\ten
4\t\tQ\tN\tcijfer\t1\tMark\t\ten
"""


def write_export(folder: Path) -> Path:
    path = folder / "results.csv"
    head = "id,submitdate,lastpage,startlanguage,balie[snel],cijfer\n"
    path.write_text(head + "".join(f"{i},2026-01-0{1 + i % 9},3,nl,A{1 + i % 2},{1 + i % 10}\n" for i in range(40)))
    return path


def test_a_limesurvey_structure_tells_questions_and_answers_in_its_language(tmp_path: Path) -> None:
    path = tmp_path / "survey.lss"
    path.write_text(LSS)
    found = read_wordings(path)
    assert found is not None
    assert (
        found.texts["balie[snel]"] == found.texts["balie_snel"] == "De balie [Ik kon <script>x</script> snel terecht]"
    )
    assert found.labels["balie[snel]"] == {"A1": "Oneens", "A2": "Eens"}


def test_so_does_one_in_tab_separated_text(tmp_path: Path) -> None:
    path = tmp_path / "survey.txt"
    path.write_text(TSV, encoding="utf-8-sig")
    found = read_wordings(path)
    assert found is not None
    assert found.texts["balie[snel]"] == found.texts["balie_snel"] == 'De balie [Ik kon "snel"\nterecht]'
    assert found.texts["cijfer"] == "Rapportcijfer"
    assert found.labels == {"balie[snel]": {"A1": "Oneens", "A2": "Eens"}, "balie_snel": {"A1": "Oneens", "A2": "Eens"}}


@pytest.mark.parametrize("damaged", [TSV.replace("\ttext\t", "\twords\t"), TSV.replace("De balie", "De bal\xff")])
def test_a_damaged_text_is_said_and_the_answers_are_read(damaged: str, tmp_path: Path) -> None:
    export = write_export(tmp_path)
    (tmp_path / "survey.txt").write_text(damaged, encoding="latin-1")
    raw = add_wordings(read_source(export), tmp_path)
    assert (raw.cells.height, raw.texts) == (40, {})
    assert any(note.startswith("survey.txt: this questionnaire is damaged") for note in raw.notes)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("file", "texts", "labels"),
    [
        ("limesurvey/testing-multilingual-export.txt", 1, 1),
        ("limesurvey/testing-checkbox-autofix-export.txt", 4, 0),
        ("questionnaire_examples/px_dental_limesurvey.txt", 12, 9),
    ],
)
def test_real_structures(file: str, texts: int, labels: int, real_data: Path) -> None:
    found = read_wordings(real_data / file)
    assert found is not None
    assert len(found.texts) == texts
    assert len(found.labels) == labels


@pytest.mark.parametrize(
    "damaged",
    [
        LSS[: len(LSS) // 2],
        LSS.replace("<qid>3</qid>", "<qid>&lol9;</qid>"),
        LSS.replace("<title>balie</title>", ""),
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><d><LimeSurveyDocType>S&b;',
    ],
)
def test_a_damaged_structure_is_said_and_the_answers_are_read(damaged: str, tmp_path: Path) -> None:
    export = write_export(tmp_path)
    (tmp_path / "survey.lss").write_text(damaged)
    raw = add_wordings(read_source(export), tmp_path)
    assert raw.cells.height == 40
    assert raw.texts == {}
    assert any(note.startswith("survey.lss: this questionnaire is damaged") for note in raw.notes)


@pytest.mark.parametrize(("name", "structure"), [("survey.lss", LSS), ("survey.txt", TSV)])
def test_codes_that_are_no_numbers_are_read_by_the_words_beside_them(name: str, structure: str, tmp_path: Path) -> None:
    """A LimeSurvey export of codes: A1 and A2 mean something in its structure only."""
    study = init_quick(tmp_path / "study")
    (study.raw_folder / name).write_text(structure)
    export = write_export(study.raw_folder)
    drafted = study.draft_journey(export)
    (item,) = drafted.journey.items
    assert drafted.readings == {item.id: "A1=2, A2=4"}
    study.adopt_draft(drafted, study.write_draft(drafted))
    (found,) = study.check(today=date(2026, 12, 31))
    assert (found.accepted, found.dropped_cells, found.asked) == (40, 0, ())
    assert found.table is not None
    assert found.table.accepted[item.id].value_counts().sort(item.id).to_dicts() == [
        {item.id: 2, "count": 20},
        {item.id: 4, "count": 20},
    ]


def test_a_qualtrics_survey_tells_rows_and_recoded_answers(tmp_path: Path) -> None:
    matrix = {
        "DataExportTag": "Q1", "QuestionType": "Matrix", "QuestionText": "De balie", "Selector": "Likert",
        "Choices": {"1": {"Display": "Snel"}, "4": {"Display": "Vriendelijk"}},
        "Answers": {"1": {"Display": "Oneens"}, "2": {"Display": "Eens"}}, "RecodeValues": {"1": "10", "2": "20"},
    }  # fmt: skip
    nps = {
        "DataExportTag": "Q2", "QuestionType": "MC", "Selector": "NPS", "QuestionText": "Aanbevelen?",
        "Choices": [{"Display": str(i)} for i in range(11)],
    }  # fmt: skip
    elements = [{"Element": "SQ", "Payload": one} for one in (matrix, nps)] + [{"Element": "BL", "Payload": None}]
    path = tmp_path / "survey.qsf"
    path.write_text(json.dumps({"SurveyEntry": {}, "SurveyElements": elements}))
    found = read_wordings(path)
    assert found is not None
    assert found.texts["Q1_4"] == "De balie [Vriendelijk]"
    assert found.labels["Q1_1"] == {"10": "Oneens", "20": "Eens"}
    assert found.labels["Q2"]["10"] == "10"


def test_a_questionnaire_beside_the_export_tells_what_its_codes_are_when_it_is_taken_in(tmp_path: Path) -> None:
    """1 for the best answer, yes and no as 1 and 2: nothing in the export says so, the survey beside it does."""
    study = init_quick(tmp_path / "study")
    best_first = {"1": "Helemaal eens", "2": "Eens", "3": "Neutraal", "4": "Oneens", "5": "Helemaal oneens"}
    single = {"QuestionType": "MC", "Selector": "SAVR"}
    items = [placed.id for placed in study.journey.items][:3]
    asked = dict.fromkeys(items[:2], best_first) | {items[2]: {f"A{code}": word for code, word in best_first.items()}}
    elements = [
        {"Element": "SQ", "Payload": single | {"DataExportTag": name, "QuestionText": name,
         "Choices": {code: {"Display": word} for code, word in words.items()}}}
        for name, words in asked.items()
    ]  # fmt: skip
    (study.raw_folder / "s.qsf").write_text(json.dumps({"SurveyEntry": {}, "SurveyElements": elements}))
    rows = [f"r{i},P1,2026-01-0{1 + i % 9},{1 + i % 3},{1 + i % 3},A{1 + i % 5},{8 + i % 3}" for i in range(40)]
    head = f"response_id,practice_id,completed_on,{','.join(items)},ktv\n"
    (study.raw_folder / "a.csv").write_text(head + "\n".join(rows) + "\n")
    (found,) = (one for one in study.check(today=date(2026, 12, 1)) if one.file == "a.csv")
    lines = {verdict.name: verdict.lines[0] for verdict in found.verdicts if verdict.decision == "ask"}
    assert lines[items[0]] == f'{items[0]} = "5-1"'
    assert set(lines[items[2]].split('"')[1].split(", ")) == {"A1=5", "A2=4", "A3=3", "A4=2", "A5=1"}
    assert any("from s.qsf" in note for note in found.notes)


def test_a_redcap_dictionary_tells_groups_from_scales(tmp_path: Path) -> None:
    head = "Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"
    head += '"Choices, Calculations, OR Slider Labels"\n'
    rows = [
        'easy,f,,radio,"Snel terecht?","1, Oneens | 2, Neutraal | 3, Eens, of zoiets"',
        'race,f,,radio,"Afkomst","1, Ja | 2, Hier | 3, Daar"',
        'soon,f,,radio,"Wachttijd?","1, nooit | 2, soms | 3, vaak | 4, altijd | -77, n.v.t."',
        'overall,f,,text,"Rapportcijfer",',
    ]
    (tmp_path / "dictionary.csv").write_text(head + "\n".join(rows) + "\n")
    (tmp_path / "records.csv").write_text(
        "record_id,easy,race,soon,overall,f_complete\n"
        + "".join(f"{i},{1 + i % 3},{1 + i % 3},{(1 + i % 4) if i % 9 else -77},{1 + i % 10},2\n" for i in range(60))
    )
    raw = add_wordings(read_source(tmp_path / "records.csv"), tmp_path)
    assert raw.labels["easy"]["3"] == "Eens, of zoiets", "only the first comma divides"
    drafted = draft_journey(raw)
    uses = drafted.table.set_index("column")["use"]
    assert (uses["soon"], uses["race"], uses["overall"]) == ("item", "left out (category)", "ktv")
    (soon,) = (placed for placed in drafted.journey.items if placed.id == "soon")
    assert (soon.item.text.root, soon.scale.not_applicable) == ({"nl": "Wachttijd?"}, (-77,))
    assert not any("data dictionary" in note for note in drafted.notes)


@pytest.mark.parametrize("tool", ["xlsform", "fhir", "redcap"])
def test_our_own_questionnaire_gives_its_export_back_its_wordings(tool: str, tmp_path: Path) -> None:
    """Written for a tool, exported from it, and found again without a journey: nearly every question and its words."""
    journey = read_journey("dental-checkup")
    write_questionnaire(journey, tool, languages=["nl"], output=tmp_path)  # type: ignore[arg-type]
    export = simulate_export(simulate_survey(journey, practices=3, responses=30, seed=1), tool)  # type: ignore[arg-type]
    (tmp_path / export.name).write_bytes(export.data)
    raw = add_wordings(read_source(tmp_path / export.name), tmp_path)
    found = propose_columns(raw, journey)
    known = {one.id for one in found.proposals if one.how in {"id", "wording"}}
    assert {placed.id for placed in journey.items} <= known
    texts = {text for placed in journey.items for text in placed.item.text.root.values()}
    assert len(texts & set(raw.texts.values())) >= len(journey.items) - 2


def test_real_dictionaries_and_structures(real_data: Path, tmp_path: Path) -> None:
    folder = real_data / "redcap"
    raw = add_wordings(read_source(folder / "longitudinal__data.csv"), folder)
    assert any("115 of its columns have their wording from longitudinal__dictionary.csv" in note for note in raw.notes)
    norms = real_data / "qualtrics"
    raw = add_wordings(read_source(norms / "norms_data.tsv"), norms)
    assert any("from norms_survey.qsf" in note for note in raw.notes)
    answers = read_wordings(real_data / "limesurvey" / "citric_answers.lss")
    assert answers is not None
    assert answers.labels["Q02[SQ001]"]["AO03"] == "Just Right"
    shutil.copy(real_data / "limesurvey" / "citric_answers.lss", tmp_path)
    assert add_wordings(read_source(write_export(tmp_path)), tmp_path).texts == {}, "a questionnaire of another survey"
