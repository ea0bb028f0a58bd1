"""A page does not contradict itself, and its first part is in plain words, over practices of every kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from importlib import resources

import numpy as np
import pytest
from claim_rules import disagreements, shown_claims, unclaimed
from page_words import words_of
from pages import make_report
from study_results_fixture import Example, Results, make_example

from pxanalysis.errors import ReportError
from pxanalysis.journey import Journey
from pxanalysis.reporting.page.wording import Spoken
from pxanalysis.reporting.sections import PracticeReport
from pxanalysis.reporting.sections.claims import KINDS, Claim, Kind, claims_of

FIRST = ("opening", "priorities", "outcomes", "actions")
"""Parts that everybody reads."""

PARTS = (*FIRST, "journey", "drivers", "matrix", "comparison")

DIRECTIONS = {"lager": -1, "hoger": 1}

HARD_WORDS = re.compile(
    r"β|\bR²|\balfa\b|>\s?99|significan|bijgesteld|interval|gestandaardiseerd|regressie|variantie|correctie|steekproef|"
    r"betrouwbaarheid|percentiel|mediaan|kwartiel|toevalsmarge|statisti|\d\s\([+−\d]",
    re.IGNORECASE,
)
"""Words and notations that ask for more than everyday Dutch (B1)."""

LONGEST_SENTENCE, LONGEST_ON_AVERAGE = 25, 14
"""Words of a sentence: what guides for B1 ask, with room for an idea that a journey file words itself."""


PER_STUDY = 10
"""Practices that are read of one study, which takes longer to make than ten pages."""


def examples(count: int) -> Iterator[tuple[str, Example]]:
    """Practices with few and many answers and contacts, among few and many others, alike, all high, all low, weak."""
    rng = np.random.default_rng(7)
    made = 0
    while made < count:
        n, k = int(rng.choice([10, 12, 22, 35, 44, 60, 214])), int(rng.choice([3, 6, 6, 8, 11]))
        practices = int(rng.choice([2, 4, 25, 25]))
        study = make_example(k=k, n=n, practices=practices, seed=made, drivers=bool(rng.random() < 0.9))
        for name in study.results.frames["practices"]["practice_id"].tolist()[: min(PER_STUDY, count - made)]:
            made += 1
            yield f"{made}: {name}, k = {k}, n = {n}, {practices} practices", _varied(study, name, _extreme(rng))


def _varied(study: Example, practice: str, values: dict[str, object]) -> Example:
    """One practice of a study, with other values in its rows of priorities."""
    frame = study.results.frames["priorities"].copy()
    if len(frame):
        for column, value in values.items():
            frame[column] = frame[column].astype(object).mask(frame["practice_id"] == practice, value)
    frames = {**study.results.frames, "priorities": frame.infer_objects()}
    return replace(study, results=Results(study.results.meta, frames), practice_id=practice)


def _extreme(rng: np.random.Generator) -> dict[str, object]:
    kinds: list[dict[str, object]] = [
        {},
        {},
        {"status": "act", "p_top3": 0.97},
        {"status": "undecided", "reason_code": "more_responses", "needed_n": 61},
        {"status": "act", "p_top3": 0.99, "gain": 0.12},
        {"performance": 96.0, "status": "keep", "gain": 0.0, "reason_code": "at_target"},
        {"performance": 31.0, "share_negative": 0.8},
        {"performance": 78.9, "target": 79.1},
    ]
    return kinds[int(rng.integers(len(kinds)))]


def contradictions(example: Example) -> list[str]:
    """What two sentences of one page say of one thing, where they cannot both be so; nothing of a hidden practice."""
    report = make_report(example)
    if not report.outcomes().html:
        return []
    html = {part: unescape(getattr(report, part)().html) for part in (*FIRST, "journey")}
    text = {part: words_of(of) for part, of in html.items()}
    return [*_of_outcomes(html, text), *_of_priorities(html, text), *_of_journey(html, text)]


def _number(text: str) -> float:
    return float(text.replace("−", "-").replace("\u2060", "").replace(",", "."))


def _of_outcomes(html: dict[str, str], text: dict[str, str]) -> Iterator[str]:
    few = "Om u betrouwbaar met andere praktijken te vergelijken" in text["outcomes"]
    if few and re.search(r"; dat is (lager|hoger)", text["opening"]):
        yield "the summary is sure where the outcomes ask for care"
    if few and "o goed als zeker" in text["priorities"]:
        yield "almost certain beside too few answers"
    for place, card in enumerate(re.findall(r'<li class="card">.*?</li>', html["outcomes"], re.DOTALL)):
        verdict = re.search(r'class="verdict[^>]*>([^<]+)', card)
        figures = re.search(r'class="value">([^<]+)<.*?(?:Elders gemiddeld|zulke patiënten): ([^<]+)<', card, re.DOTALL)
        if verdict is None or figures is None:
            continue
        own, other = _number(figures[1]), _number(figures[2])
        for word, sign in DIRECTIONS.items():
            if word in verdict[1] and (own - other) * sign < 0:
                yield f"{verdict[1]} beside {own} and {other}"
        summary = re.search(r"; dat (?:is|lijkt) (?:net iets )?(lager|hoger)", text["opening"])
        if place == 0 and (summary is None) == bool(re.search("lager|hoger", verdict[1])):
            yield f"summary and card differ on {verdict[1]}"
        if place == 0 and summary and summary[1] not in verdict[1]:
            yield f"summary {summary[1]}, card {verdict[1]}"


def _of_priorities(html: dict[str, str], text: dict[str, str]) -> Iterator[str]:
    first = re.search(r'<li class="act">\s*<h3><bdi>([^<]+)', html["priorities"])
    told = re.search(r"Begin met ‘([^’]+)’", text["opening"])
    if (told[1] if told else None) != (first[1] if first else None):
        yield f"begin with {told and told[1]}, first is {first and first[1]}"
    if told and "springt eruit" in text["priorities"]:
        yield "begin with one, and none stands out"
    if "Houd vast wat u doet" in text["priorities"] and 'class="todo"' in html["priorities"]:
        yield "nothing to do, and something to do"
    for score, target in re.findall(r"Uw score is ([\d,]+), het doel ([\d,]+)", text["priorities"]):
        if _number(score) > _number(target):
            yield f"first although {score} is above {target}"


def _of_journey(html: dict[str, str], text: dict[str, str]) -> Iterator[str]:
    if "Op geen enkel contactmoment scoort" not in text["journey"]:
        return
    if 'class="act"' in html["priorities"]:
        yield "no contact lower than others beside one to start with"
    for row in re.findall(r"<tr[ >].*?</tr>", html["journey"], re.DOTALL):
        cells = re.findall(r"<t[dh][^>]*>([^<]*)</t[dh]>", row)
        band = re.match(r"(\d+) tot", cells[-1]) if len(cells) == 6 else None
        if band and cells[2].isdigit() and int(cells[2]) < int(band[1]):
            yield f"no contact lower than others, and {cells}"


def sentences_of(example: Example) -> list[str]:
    """Sentences of what stands open in the first part; what patients wrote and what is folded are left out."""
    report = make_report(example)
    html = " ".join(getattr(report, part)().html for part in FIRST)
    html = re.sub(r"<details.*?</details>|<header.*?</header>|<blockquote.*?</blockquote>", "", html, flags=re.DOTALL)
    blocks = (words_of(block) for block in re.findall(r"<(?:p|h2|h3)\b[^>]*>.*?</(?:p|h2|h3)>", html, re.DOTALL))
    return [one.strip() for block in blocks for one in re.split(r"(?<=[.?!;])\s", block) if one.strip()]


@pytest.mark.parametrize("count", [10, pytest.param(500, marks=pytest.mark.slow)])
def test_no_page_contradicts_itself(count: int) -> None:
    found = {name: said for name, example in examples(count) if (said := contradictions(example))}
    assert found == {}


def test_a_contradiction_is_found() -> None:
    """The rules can fail: each sees the pair of sentences that it is for."""
    report = make_report(make_example())
    html = {part: unescape(getattr(report, part)().html) for part in (*FIRST, "journey")}
    html["opening"] = html["opening"].replace("Begin met ‘Kosten’", "Begin met ‘Verdoving’").replace("lager", "hoger")
    html["journey"] += "Op geen enkel contactmoment scoort uw praktijk duidelijk lager"
    html["outcomes"] += "Om u betrouwbaar met andere praktijken te vergelijken"
    html["priorities"] += "Uw score is 80, het doel 79"
    text = {part: words_of(of) for part, of in html.items()}
    said = [*_of_outcomes(html, text), *_of_priorities(html, text), *_of_journey(html, text)]
    assert len(said) >= 7, said


@pytest.mark.parametrize("count", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_the_first_part_is_in_plain_words(count: int) -> None:
    for name, example in examples(count):
        sentences = sentences_of(example)
        lengths = [len(sentence.split()) for sentence in sentences]
        hard = [sentence for sentence in sentences if HARD_WORDS.search(sentence)]
        long = [sentence for sentence in sentences if len(sentence.split()) > LONGEST_SENTENCE]
        assert (hard, long) == ([], []), name
        assert np.mean(lengths) <= LONGEST_ON_AVERAGE, name


def read(report: PracticeReport) -> tuple[list[Claim], str]:
    """All claims that a report makes, and its page without drawings."""
    html = "\n".join(getattr(report, part)().html for part in PARTS)
    return report.claims(), html


def own_words(example: Example) -> list[str]:
    """What a page says in the words of the journey file, and the names in it."""
    journey, practices = example.journey, example.results.frames["practices"]
    texts = [
        text["nl"]
        for of in (journey.touchpoints, journey.steps)
        for one in of
        for text in (
            one.label,
            one.sentence,
            *(getattr(one, name, None) for name in ("does", "thinks", "dilemma", "day")),
        )
        if text
    ]
    ideas = [text["nl"] for one in journey.touchpoints for idea in one.ideas for text in (idea.title, idea.text)]
    items = [one.item.text["nl"] for one in journey.items]
    labels = [one.label["nl"] for one in (*journey.outcomes, *journey.case_mix)]
    items += [one.text["nl"] for one in journey.open_questions]
    names = [str(name) for name in [*practices["name"], *practices["practice_id"]]]
    return [*texts, *ideas, *items, *labels, *names, journey.title["nl"]]


@pytest.mark.parametrize("count", [10, pytest.param(500, marks=pytest.mark.slow)])
def test_no_two_claims_of_a_page_disagree(count: int) -> None:
    found = {}
    for name, example in examples(count):
        claims, html = read(make_report(example))
        if said := disagreements(shown_claims(claims, html)):
            found[name] = said
    assert found == {}


@pytest.mark.parametrize("count", [3, pytest.param(100, marks=pytest.mark.slow)])
def test_every_sentence_has_a_claim(count: int) -> None:
    for name, example in examples(count):
        claims, html = read(make_report(example))
        assert unclaimed(claims, html, own_words(example)) == [], name


def test_every_message_of_a_family_that_claims_has_its_claim() -> None:
    """Also those that few pages use: a new one stopped the claim test of fitted studies, which CI runs only."""
    families = {key.split(".")[0] for key in KINDS}
    written = (resources.files("pxanalysis.reporting") / "locale" / "nl.po").read_text(encoding="utf-8")
    keys = [key for key in re.findall(r'^msgid "([^"]+)"', written, re.MULTILINE) if key.split(".")[0] in families]
    assert len(keys) > 150
    assert len(claims_of([Spoken(key, "", ()) for key in keys])) == len(keys)


def test_a_sentence_without_a_claim_is_found() -> None:
    example = make_example()
    claims, html = read(make_report(example))
    html += "<p>Uw praktijk doet het prima.</p>"
    assert len(unclaimed(claims, html, own_words(example))) == 1
    with pytest.raises(ReportError, match=r"'first\.new' claims nothing that is known"):
        claims_of([Spoken("first.new", "Nieuw.", ())])


@pytest.mark.parametrize(
    "keys",
    [
        [("summary.lower", "outcome:ktv"), ("verdict.higher", "outcome:ktv")],
        [("summary.lower", "outcome:ktv"), ("opening.unsure", "outcome:ktv"), ("opening.read_carefully", "")],
        [("verdict.lower", "outcome:ktv"), ("opening.unsure", "outcome:ktv")],
        [("summary.start", "touchpoint:a"), ("first.sure_high", "touchpoint:b")],
        [("summary.open", ""), ("first.sure_high", "touchpoint:b")],
        [("summary.start", "touchpoint:a"), ("first.sure_high", "touchpoint:a"), ("drivers.flag_zero", "touchpoint:a")],
        [("journey.none_below", ""), ("journey.below_one", "touchpoint:a")],
        [("journey.lowest_reached", "touchpoint:a"), ("first.score", "touchpoint:a")],
        [("verdict.lower", "outcome:nps"), ("corrected.inside", "outcome:nps")],
        [("opening.trend_lower", "outcome:nps"), ("opening.trend_same", "outcome:nps")],
    ],
)
def test_claims_that_disagree_are_found(keys: list[tuple[str, str]]) -> None:
    claims = [Claim(key, key, (subject,) if subject else (), KINDS[key]) for key, subject in keys]
    assert disagreements(claims), keys
    assert not disagreements([Claim("x", "x", (), Kind("lower", "measured", "elsewhere"))])


def test_an_outcome_is_called_as_the_journey_calls_it_and_nothing_else() -> None:
    """A page spoke of satisfaction where the journey, and the question, spoke of a report mark."""
    example = make_example()
    content = example.journey.model_dump(mode="json")
    content["outcomes"][0]["label"] = {"nl": "Rapportcijfer", "en": "Report mark"}
    renamed = replace(example, journey=Journey.model_validate(content))
    report = make_report(renamed, figures=True)
    pages = {part: words_of(getattr(report, part)().html) for part in (*PARTS, "method")}
    assert example.journey.outcomes[0].id == "ktv"
    assert {part for part, text in pages.items() if re.search("tevredenheid|KTV", text, re.IGNORECASE)} == set()
    assert "Rapportcijfer" in pages["outcomes"]


def test_only_a_question_that_is_counted_in_reverse_says_so() -> None:
    """It stood behind a text in which a high answer is good."""
    example = make_example()
    lower = {one.item.text["nl"] for one in example.journey.items if one.item.direction == "lower-is-better"}
    report = make_report(example)
    html = "".join(getattr(report, part)().html for part in PARTS)
    told = {unescape(one).split("‘")[-1].strip() for one in re.findall(r">([^<>]+) \(omgekeerd geteld", html)}
    assert told
    assert told <= lower
