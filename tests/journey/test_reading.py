"""Journey files: every mistake is named with its line."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxanalysis.errors import JourneyError
from pxanalysis.journey import read_journey
from pxanalysis.journey.reading import read_catalogue_text

Refusal = Callable[[str | bytes], list[str]]
GOOD = read_catalogue_text("dental-treatment")


def line_of(text: str, part: str) -> int:
    """Line (from 1) of the only line that holds ``part``."""
    lines = [number for number, line in enumerate(text.split("\n"), start=1) if part in line]
    assert len(lines) == 1, (part, lines)
    return lines[0]


def changed(old: str, new: str) -> str:
    """The good journey with one change in one place."""
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


# (what is changed, into what, where the error is, what it says); the line is that of `new`'s own last line
MISTAKES = [
    pytest.param(
        "id: appointment_soon",
        "id: appointment_easy  # again",
        "steps[0].touchpoints[0].items[1].id",
        "id 'appointment_easy' is used twice; ids are unique over the whole journey, rename one of them "
        "(first on line 73).",
        id="duplicate id",
    ),
    pytest.param(
        "sentence: {nl: Ik maak een afspraak, en: I make an appointment}",
        "sentense: {nl: Ik maak een afspraak, en: I make an appointment}",
        "steps[0].touchpoints[0].sentense",
        "unknown key. Did you mean 'sentence'? Allowed here: channels, dilemma, does, id, ideas, items, label, "
        "optional, reliability, "
        "scale, sentence, thinks, topic.",
        id="unknown key in a touchpoint",
    ),
    pytest.param(
        "kind: questionnaire",
        "king: questionnaire",
        "king",
        "unknown key. Did you mean 'kind'? Allowed here: case_mix, description, id, introduction, kind, languages, "
        "open_questions, outcomes, providers, reported_on, roles, scales, steps, title, version.",
        id="unknown key at the top",
    ),
    pytest.param(
        "id: costs_fair\n",
        "id: costs_fair\n            xyz: 1\n",
        "steps[3].touchpoints[0].items[2].xyz",
        "unknown key. Allowed here: direction, id, scale, text, wording.",
        id="unknown key that resembles nothing",
    ),
    pytest.param(
        "en: The treatment hurt.}\n            scale: agree5\n            direction: lower-is-better",
        "en: The treatment hurt.}\n            scale: agree5\n            direction: lower-is-beter",
        "steps[2].touchpoints[1].items[3].direction",
        "expected one of higher-is-better, lower-is-better; found 'lower-is-beter'. Did you mean 'lower-is-better'?",
        id="typo in a direction",
    ),
    pytest.param(
        "channels: [in-person, web, letter]",
        "channels: [in-person, website, letter]",
        "steps[3].touchpoints[0].channels[1]",
        "expected one of in-person, phone, web, app, email, letter, text-message; found 'website'. Did you mean 'web'?",
        id="unknown channel",
    ),
    pytest.param(
        "label: {nl: Wachtruimte, en: Waiting room}",
        "label: {nl: Wachtruimte}",
        "steps[1].touchpoints[1].label",
        "wording is missing in 'en'; the journey's languages are nl, en.",
        id="missing wording in a label",
    ),
    pytest.param(
        "label: {nl: Wachtruimte, en: Waiting room}",
        "label: Wachtruimte",
        "steps[1].touchpoints[1].label",
        "expected key: value, for a text one wording per language, such as {nl: Wachtkamer, en: Waiting room} "
        "(found 'Wachtruimte').",
        id="text in no language",
    ),
    pytest.param(
        "label: {nl: Wachtruimte, en: Waiting room}",
        "label: {nl: Wachtruimte, EN: Waiting room}",
        "steps[1].touchpoints[1].label.EN",
        "expected a language code of two lower-case letters, such as nl (found 'EN').",
        id="language in capitals",
    ),
    pytest.param(
        "        does:\n          nl: Ik krijg de rekening en zoek uit wat mijn verzekering vergoedt.\n"
        "          en: I receive the bill and find out what my insurance covers.\n",
        "        does: {nl: Ik krijg de rekening.}\n",
        "steps[3].touchpoints[0].does",
        "wording is missing in 'en'; the journey's languages are nl, en.",
        id="missing wording of what patients do",
    ),
    pytest.param(
        "        dilemma:\n          nl: Bel ik over een bedrag dat ik niet begrijp, of betaal ik het maar gewoon?\n"
        "          en: Do I call about an amount I do not understand, or simply pay it?\n",
        "        dilemma: Bel ik of betaal ik?\n",
        "steps[3].touchpoints[0].dilemma",
        "expected key: value, for a text one wording per language, such as {nl: Wachtkamer, en: Waiting room} "
        "(found 'Bel ik of betaal ik?').",
        id="dilemma in no language",
    ),
    pytest.param(
        "        thinks:\n          nl: Dit is meer dan ik dacht. Waar staan al die codes voor?\n"
        "          en: This is more than I thought. What do all those codes mean?\n",
        "        think: {nl: Dit is veel, en: This is a lot}\n",
        "steps[3].touchpoints[0].think",
        "unknown key. Did you mean 'thinks'? Allowed here: channels, dilemma, does, id, ideas, items, label, optional, "
        "reliability, scale, sentence, thinks, topic.",
        id="typo in what patients think",
    ),
    pytest.param(
        "kind: questionnaire\n",
        "kind: questionnaire\nreported_on: hopsital\n",
        "reported_on",
        "expected one of practice, hospital, department, organisation; found 'hopsital'. Did you mean 'hospital'?",
        id="unknown kind of provider",
    ),
    pytest.param(
        "    label: {nl: Gemak (CES), en: Ease (CES)}",
        "    label: {nl: 5, en: Ease (CES)}",
        "outcomes[2].label.nl",
        "expected text; put it in quotes (found 5).",
        id="number for a text",
    ),
    pytest.param(
        "scale: effort5",
        "scale: effort",
        "outcomes[2].scale",
        "scale 'effort' is not defined; defined are: agree5, grade10, likelihood11, effort5.",
        id="undefined scale",
    ),
    pytest.param(
        "id: costs_clear",
        "id: practice_id",
        "steps[3].touchpoints[0].items[1].id",
        "id 'practice_id' is a column every response has; choose another id.",
        id="reserved id",
    ),
    pytest.param(
        "id: costs_clear",
        "id: Costs clear",
        "steps[3].touchpoints[0].items[1].id",
        "expected an id of lower-case letters, digits and _ (at most 48, a letter first) (found 'Costs clear').",
        id="id with a space",
    ),
    pytest.param(
        "not_applicable: [9]",
        "not_applicable: [5]",
        "scales.agree5.not_applicable[0]",
        "not-applicable code 5 is also an answer (1-5); choose a code outside.",
        id="not-applicable code among the answers",
    ),
    pytest.param(
        "10: {nl: uitstekend, en: excellent}",
        "12: {nl: uitstekend, en: excellent}",
        "scales.grade10.labels[12]",
        "label for 12, which is not an answer of this scale (1-10).",
        id="label outside the scale",
    ),
    pytest.param(
        "range: [0, 110]",
        "range: [110, 0]",
        "case_mix[0].range",
        "expected a range [lowest, highest] with lowest below highest.",
        id="range upside down",
    ),
    pytest.param(
        'version: "1.0"',
        "version: 1.0",
        "version",
        "expected text; put it in quotes (found 1.0).",
        id="version without quotes",
    ),
    pytest.param(
        "languages: [nl, en]",
        "languages: nl",
        "languages",
        "expected a list, each part on a line that begins with '-' (found 'nl').",
        id="word for a list",
    ),
]


@pytest.mark.parametrize(("old", "new", "where", "message"), MISTAKES)
def test_mistake_is_named_with_its_line(refusal: Refusal, old: str, new: str, where: str, message: str) -> None:
    text = changed(old, new)
    line = line_of(text, new.rstrip("\n").rsplit("\n", 1)[-1])
    assert refusal(text) == [f"own.yaml, line {line}: {where}: {message}"]


def test_missing_key_is_named_at_the_part_that_lacks_it(refusal: Refusal) -> None:
    text = changed("          - id: costs_fair\n", "          - direction: higher-is-better\n")
    line = line_of(text, "- direction: higher-is-better")
    place = "steps[3].touchpoints[0].items[2].id"
    assert refusal(text) == [f"own.yaml, line {line}: {place}: this key is required; add it."]


def test_empty_list_is_not_a_list_of_mistakes(refusal: Refusal) -> None:
    text = changed("        channels: [in-person, phone]\n        items:\n", "        items: []\n        itemz:\n")
    assert refusal(text) == [
        f"own.yaml, line {line_of(text, 'items: []')}: steps[1].touchpoints[0].items: "
        "expected at least one part (found a list of 0).",
        f"own.yaml, line {line_of(text, 'itemz')}: steps[1].touchpoints[0].itemz: unknown key. Did you mean 'items'? "
        "Allowed here: channels, dilemma, does, id, ideas, items, label, optional, reliability, "
        "scale, sentence, thinks, topic.",
    ]


def test_all_mistakes_are_named_in_the_order_of_the_file(refusal: Refusal) -> None:
    text = changed("id: costs_clear", "id: role").replace("{nl: Leeftijd, en: Age}", "{en: Age}")
    text = text.replace("{nl: Wachtruimte, en: Waiting room}", "{nl: Wachtruimte}")
    parts = ["label: {nl: Wachtruimte}", "id: role", "label: {en: Age}"]
    found = [int(match[1]) for line in refusal(text) if (match := re.match(r"own\.yaml, line (\d+): ", line))]
    assert found == [line_of(text, part) for part in parts]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        pytest.param("id: a\ntitle: b\nid: c\n", 3, 'found duplicate key "id"', id="duplicate key"),
        pytest.param("id: a\ntitle:\n\tnl: b\n", 3, "found a tab; indent with spaces", id="tab"),
        pytest.param("id: a\ntitle: {nl: b\nsteps: []\n", 3, "expected ',' or '}'", id="brace left open"),
        pytest.param("id: a\n  title: b\n", 2, "mapping values are not allowed here", id="indented too far"),
        pytest.param("id: a\ntitle: \x07\n", 2, "character U+0007 is not allowed", id="control character"),
        pytest.param("id: a\n# b\nversion: 2025-13-45\n", 3, "month must be in 1..12", id="impossible date"),
        pytest.param("a: &a [*a, 1]\nb: !!int c\n", 2, "invalid literal for int()", id="not the number it says"),
        pytest.param("id: a\n---\nid: b\n", 2, "expected a single document", id="two documents"),
        pytest.param("id: a\nb: !!python/name:os.system c\n", 2, "could not determine a constructor", id="tag"),
        pytest.param("[" * 2000, 1, "it is nested too deeply", id="nested", marks=pytest.mark.slow),
    ],
)
def test_what_is_not_yaml_is_named_with_its_line(refusal: Refusal, text: str, line: int, message: str) -> None:
    found = refusal(text)
    assert len(found) == 1
    assert found[0].startswith(f"own.yaml, line {line}: not valid YAML: {message}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "the file is empty. Write a journey in it", id="nothing"),
        pytest.param("# a journey to be\n\n", "the file is empty. Write a journey in it", id="only a comment"),
        pytest.param("- id: small\n", "expected a journey (id, title, steps, outcomes), found a list", id="list"),
        pytest.param("small", "expected a journey (id, title, steps, outcomes), found a single value", id="word"),
    ],
)
def test_what_is_no_journey_at_all(refusal: Refusal, text: str, message: str) -> None:
    found = refusal(text)
    assert len(found) == 1
    assert found[0].startswith(f"own.yaml, line 1: {message}")


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ("id: x\ntitle: Patiënt\n".encode("windows-1252"), 2),
        (GOOD.encode("utf-16"), 1),
        ("id: x\n\n\n# €".encode("windows-1252"), 4),
    ],
)
def test_other_encodings_are_refused(refusal: Refusal, raw: bytes, line: int) -> None:
    assert refusal(raw) == [f"own.yaml, line {line}: not UTF-8. Save the file as UTF-8."]


@pytest.mark.parametrize("prefix", ["", "\ufeff"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_byte_order_mark_and_windows_newlines_are_fine(tmp_path: Path, prefix: str, newline: str) -> None:
    path = tmp_path / "own.yml"
    path.write_bytes((prefix + GOOD.replace("\n", newline)).encode("utf-8"))
    assert read_journey(path) == read_journey(str(path)) == read_journey("dental-treatment")


def test_words_stay_words(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(changed("{nl: Leeftijd, en: Age}", "{nl: no, en: off}"), encoding="utf-8")
    assert read_journey(path).case_mix[0].label.root == {"nl": "no", "en": "off"}


@pytest.mark.parametrize("name", ["absent.yaml", "folder.yaml"])
def test_missing_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(JourneyError, match=re.escape(f"{tmp_path / name}: no such journey file. Check 'journey'")):
        read_journey(tmp_path / name)


def test_unknown_catalogue_id_is_answered_with_the_nearest() -> None:
    with pytest.raises(JourneyError, match=r"no journey 'dental-chekup'.* Did you mean 'dental-checkup'\? It has: "):
        read_journey("dental-chekup")


def test_catalogue_is_read_once() -> None:
    assert read_journey("dental-treatment") is read_journey("dental-treatment")


ID_LINE = re.compile(r"^( +- id: )([a-z0-9_]+)$")
STEPS = line_of(GOOD, "steps:")
ID_LINES = [number for number, line in enumerate(GOOD.split("\n"), 1) if number > STEPS and ID_LINE.match(line)]


@pytest.mark.slow
@given(lines=st.lists(st.sampled_from(ID_LINES), min_size=2, max_size=2, unique=True))
def test_any_repeated_id_is_caught_on_its_line(tmp_path_factory: pytest.TempPathFactory, lines: list[int]) -> None:
    text = GOOD.split("\n")
    rewritten, kept = lines
    name = text[kept - 1].rsplit(" ", 1)[-1]
    text[rewritten - 1] = ID_LINE.sub(rf"\g<1>{name}", text[rewritten - 1])
    path = tmp_path_factory.mktemp("journey") / "own.yaml"
    path.write_text("\n".join(text), encoding="utf-8")
    with pytest.raises(JourneyError) as caught:
        read_journey(path)
    assert len(str(caught.value).splitlines()) == 1
    assert f"own.yaml, line {max(lines)}: " in str(caught.value)
    assert f"id '{name}' is used twice" in str(caught.value)
    assert f"(first on line {min(lines)})" in str(caught.value)
