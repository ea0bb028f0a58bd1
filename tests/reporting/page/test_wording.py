import re
from pathlib import Path
from string import Formatter
from typing import get_args, get_type_hints

import pytest
from babel.messages.pofile import read_po

import pxanalysis.reporting
from pxanalysis.errors import ReportError
from pxanalysis.journey.parts import ReportedOn
from pxanalysis.reporting.page import wording as wording_module
from pxanalysis.reporting.page.wording import Wording, list_languages

ROOM = Path(pxanalysis.reporting.__file__).parent
LANGUAGES = list_languages()
SOURCES = [
    path
    for room in (ROOM, *(ROOM.parent / name for name in ("figures", "dashboard", "study")))
    for path in sorted(room.rglob("*"))
    if path.suffix in {".py", ".j2"}
]
CODE = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
KEY = r"[a-z0-9_]+(?:\.[a-z0-9_-]+)+"


def read_catalogue(language: str) -> dict[str, tuple[str, ...]]:
    with (ROOM / "locale" / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    found = {}
    for message in catalogue:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            found[key] = (message.string,) if isinstance(message.string, str) else tuple(message.string)
    return found


CATALOGUES = {language: read_catalogue(language) for language in LANGUAGES}


def called_keys() -> set[str]:
    """Keys that code or a template asks for by name."""
    return set(re.findall(rf'(?:\btext|\bt)\(\s*"({KEY}|[a-z_]+)"', CODE))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_stands_twice(language: str) -> None:
    text = (ROOM / "locale" / f"{language}.po").read_text(encoding="utf-8")
    keys = re.findall(r'^msgid "([^"]+)"', text, flags=re.MULTILINE)
    assert len(keys) == len(set(keys))


def test_there_are_dutch_and_english() -> None:
    assert {"nl", "en"} <= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_that_is_asked_for_has_a_wording(language: str) -> None:
    asked = called_keys()
    assert len(asked) > 100
    assert asked - set(CATALOGUES[language]) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_wording_is_complete(language: str) -> None:
    assert set(CATALOGUES[language]) == set(CATALOGUES["nl"])
    empty = [key for key, forms in CATALOGUES[language].items() if not all(forms)]
    assert empty == []
    plural = {key for key, forms in CATALOGUES[language].items() if len(forms) > 1}
    assert plural == {key for key, forms in CATALOGUES["nl"].items() if len(forms) > 1}


def test_no_wording_is_left_over() -> None:
    literals = set(re.findall(rf'"({KEY}|[a-z_]+)"', CODE))
    prefixes = (*re.findall(r'f"([a-z_]+\.[a-z_]*)\{', CODE), "alt.matrix_")
    places_used = {place.lower() for forms in CATALOGUES["nl"].values() for place in places(forms)}
    literals |= {f"unit.{place}" for place in places_used}
    keys = {key.partition("@")[0] for key in CATALOGUES["nl"]}
    assert [key for key in sorted(keys) if key not in literals and not key.startswith(prefixes)] == []


def codes_of_the_analysis() -> list[str]:
    from pxanalysis.analysis.drivers.model import DriverModel
    from pxanalysis.analysis.metrics.definitions import METRICS
    from pxanalysis.analysis.priorities.frame import NOTES
    from pxanalysis.analysis.reliability.verdict import VERDICTS
    from pxanalysis.statistics.notes import NoteCode
    from pxanalysis.statistics.regression.least_squares import ErrorMethod

    codes = [f"reliability.{code}" for code in VERDICTS]
    codes += [f"missing.{code}" for code in get_args(get_type_hints(DriverModel)["missing"])]
    codes += [f"note.{code}" for code in get_args(NoteCode)]
    codes += [f"errors.{code.lower()}" for code in get_args(ErrorMethod)]
    codes += [f"status.{code}" for code in ("act", "undecided", "keep")]
    codes += [f"metric.{kind}.{METRICS[kind][0]}" for kind in METRICS]
    assert {"too_close", "more_everywhere", "more_responses"} <= set(NOTES)
    return codes


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_the_analysis_has_a_wording(language: str) -> None:
    assert [code for code in codes_of_the_analysis() if not Wording(language).has(code)] == []


def places(forms: tuple[str, ...]) -> set[str]:
    return {name for form in forms for _, name, _, _ in Formatter().parse(form) if name}


def given(forms: tuple[str, ...]) -> set[str]:
    """Places that the caller fills; those of what is reported on differ, as articles do."""
    return {place for place in places(forms) if f"unit.{place.lower()}" not in CATALOGUES["nl"]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_reported_on_is_named_by_a_place(language: str) -> None:
    """So that a hospital is nowhere called a practice."""
    naming = re.compile(r"praktijk|practice", re.IGNORECASE)
    words = {key: re.sub(r"\{.*?\}", "", " ".join(forms)) for key, forms in CATALOGUES[language].items()}
    assert [key for key, said in words.items() if naming.search(said) and not key.startswith("unit.")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_provider_has_its_words(language: str) -> None:
    catalogue = CATALOGUES[language]
    names = [key for key in catalogue if key.startswith("unit.") and "@" not in key]
    assert len(names) > 5
    for kind in set(get_args(ReportedOn)) - {"practice"}:
        assert [name for name in names if f"{name}@{kind}" not in catalogue] == []
        other = [key for key in catalogue if "@" in key and key.partition("@")[0] not in catalogue]
        assert other == []


@pytest.mark.parametrize(
    ("language", "kind", "written"),
    [
        ("nl", "practice", "Gemiddelde praktijk|Respons van deze praktijk|Wij vergelijken u met 1 andere praktijk."),
        ("nl", "hospital", "Gemiddeld ziekenhuis|Respons van dit ziekenhuis|Wij vergelijken u met 1 ander ziekenhuis."),
        ("nl", "department", "Gemiddelde afdeling|Respons van deze afdeling|Wij vergelijken u met 1 andere afdeling."),
        ("en", "hospital", "Average hospital|Response rate of this hospital|We compare you with 1 other hospital."),
        ("en", "organisation", "Average organisation|Response rate of this organisation|We compare you with 1 other"),
    ],
)
def test_articles_go_with_what_is_reported_on(language: str, kind: ReportedOn, written: str) -> None:
    words = Wording(language, kind)
    average, response, lead = written.split("|")
    assert words.text("outcome.benchmark") == average
    assert words.text("fact.response_rate") == response
    assert words.text("comparison.lead", n=1).startswith(lead)


def test_a_kind_of_provider_that_is_not_known_is_an_error() -> None:
    with pytest.raises(ReportError, match=r"practice, hospital.*'clinic'"):
        Wording("nl", "clinic")  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
def test_places_are_the_same_in_every_language(language: str) -> None:
    different = [
        key
        for key, forms in CATALOGUES[language].items()
        if given(forms) - {"n"} != given(CATALOGUES["nl"][key]) - {"n"}
    ]
    assert different == []


# The same wording in both languages, on purpose.
SAME = re.compile(
    r"[^a-z]*|.*\{.*\}.*|β.*|VIF|SE|p|KTV|n|R².*|Omega|Spearman–Brown|Privacy|b .*|Score.*|Status|Dilemma|.*figure\..*"
    r"|website|app|e-mail"
)


def test_dutch_and_english_differ() -> None:
    """A wording copied from the other language is a translation that was forgotten."""
    same = [
        key
        for key, forms in CATALOGUES["nl"].items()
        if forms == CATALOGUES["en"][key] and not SAME.fullmatch(forms[0])
    ]
    assert same == []


WRITTEN = {
    "nl": ("8,4|1.234|−0,24|+0,24|31%|1 januari 2026|mrt 2026|1 januari – 30 juni 2026|a, b en c"),
    "en": ("8.4|1,234|−0.24|+0.24|31%|1 January 2026|Mar 2026|1 January – 30 June 2026|a, b and c"),
}


@pytest.mark.parametrize("language", ["nl", "en"])
def test_numbers_and_dates_are_those_of_the_language(language: str) -> None:
    words = Wording(language)
    assert [
        words.number(8.4, 1),
        words.number(1234),
        words.number(-0.24, 2),
        words.signed(0.24, 2),
        words.percent(0.314),
        words.date("2026-01-01"),
        words.month("2026-03", short=True),
        words.period("2026-01-01", "2026-06-30"),
        words.enumerate(["a", "b", "c"]),
    ] == WRITTEN[language].split("|")


def test_zero_has_no_sign() -> None:
    words = Wording("nl")
    assert [words.number(-0.001, 2), words.signed(-0.001, 2), words.signed(0, 1), words.percent(-0.0001)] == [
        "0,00",
        "0,00",
        "0,0",
        "0%",
    ]


def test_periods_say_once_what_their_days_share() -> None:
    words = Wording("nl")
    assert words.period("2026-01-01", "2026-01-01") == "1 januari 2026"
    assert words.period("2025-12-31", "2026-01-01") == "31 december 2025 – 1 januari 2026"


def test_plurals_follow_n() -> None:
    words = Wording("nl")
    assert [words.text("count.patients", n=n) for n in (0, 1, 2)] == ["0 patiënten", "1 patiënt", "2 patiënten"]
    with pytest.raises(ReportError, match="plural"):
        words.text("count.patients")


def test_values_go_in_as_they_are() -> None:
    assert Wording("nl").text("quote", text="{n} <b>") == "‘{n} <b>’"


@pytest.mark.parametrize(
    ("key", "values", "message"),
    [
        ("no.such", {}, "no translation"),
        ("quote", {}, "needs a value"),
        ("quote", {"text": 8.4}, "format it first"),
        ("quote", {"text": True}, "format it first"),
    ],
)
def test_what_cannot_be_said_is_an_error(key: str, values: dict[str, str], message: str) -> None:
    with pytest.raises(ReportError, match=message):
        Wording("nl").text(key, **values)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_no_page_says_nan(value: float) -> None:
    for write in (Wording("nl").number, Wording("nl").signed, Wording("nl").percent):
        with pytest.raises(ReportError, match="say in words"):
            write(value)


def test_unknown_language_names_those_there_are() -> None:
    with pytest.raises(ReportError, match=r"en, nl.*'de'"):
        Wording("de")


def test_a_language_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = '"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
    message = (
        'msgid "count.patients"\nmsgid_plural "count.patients"\nmsgstr[0] "{n} Patient"\nmsgstr[1] "{n} Patienten"\n'
    )
    (tmp_path / "de.po").write_text(f'msgid ""\nmsgstr ""\n"Language: de\\n"\n{head}\n{message}', encoding="utf-8")
    monkeypatch.setattr(wording_module, "_LOCALES", tmp_path)
    wording_module._read_catalogue.cache_clear()
    try:
        german = Wording("de")
        assert german.text("count.patients", n=1214) == "1.214 Patienten"
        assert german.period("2026-01-01", "2026-06-30") == "1. Januar – 30. Juni 2026"
        with pytest.raises(ReportError, match=r"de\.po has no translation of 'page\.skip'"):
            german.text("page.skip")
    finally:
        wording_module._read_catalogue.cache_clear()
