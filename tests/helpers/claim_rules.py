"""When two claims of one page cannot both be so, and which of a page's words come from no sentence with a claim."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from html import unescape

from page_words import words_of

from pxanalysis.reporting.sections.claims import ADVICE, ELSEWHERE, FUNNEL, PLACE, Claim

_WAYS = {"lower": -1, "slightly lower": -1, "alike": 0, "slightly higher": 1, "higher": 1, "inside": 0, "edge": 0}
_EXCLUSIVE = frozenset(
    {"elsewhere", "target", "period before", "year before", "first period", "usual differences", "answers"}
)
_QUALIFIERS = frozenset({"careful", "may differ", "more negative", "none lower"})


def shown_claims(claims: Sequence[Claim], html: str) -> list[Claim]:
    """Claims whose words stand on the page: a text may be made and then not be used."""
    words = _plain(words_of(html))
    return [one for one in claims if one.kind.relation != "explains" and _plain(one.text) in words]


def disagreements(claims: Sequence[Claim]) -> list[str]:
    return [*_one_relation(claims), *_too_sure(claims), *_advice(claims), *_none_lower(claims), *_two_limits(claims)]


def _one_relation(claims: Sequence[Claim]) -> Iterator[str]:
    """Of one thing beside one other there is one relation."""
    said: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in claims:
        if one.kind.basis in _EXCLUSIVE and one.kind.relation not in _QUALIFIERS:
            for subject in one.subjects:
                said[subject, one.kind.basis].add(one.kind.relation)
    yield from (f"{subject} beside {basis}: {sorted(all_)}" for (subject, basis), all_ in said.items() if len(all_) > 1)


def _too_sure(claims: Sequence[Claim]) -> Iterator[str]:
    """With too few answers nothing is certain, and a bare direction asks for care."""
    few = {subject for one in claims if one.kind.relation == "few" for subject in one.subjects}
    careful = any(one.kind.relation == "careful" for one in claims)
    for one in claims:
        apart = one.kind.basis == ELSEWHERE and one.kind.relation in {"lower", "higher"}
        if apart and few & {*one.subjects} and (one.kind.strength == "certain" or not careful):
            yield f"few answers, yet {one.key} is {one.kind.strength}"


def _advice(claims: Sequence[Claim]) -> Iterator[str]:
    """One advice a page: what the summary begins with is the first of the first, and has an effect."""
    advised = [one for one in claims if one.kind.basis == ADVICE and one.kind.relation != "less to gain"]
    if len({one.kind.relation for one in advised}) > 1:
        yield f"advice: {[one.key for one in advised]}"
    begun = [one.subjects for one in advised if one.kind.relation == "first"]
    placed = [one.subjects for one in claims if one.kind.basis == PLACE and one.kind.relation == "first"]
    if begun and begun[0] != (placed or [()])[0]:
        yield f"begin with {begun[0]}, first is {placed[:1]}"
    if placed and not begun:
        yield f"{placed[0]} comes first, and the summary does not say so"
    without = {
        subject for one in claims if one.kind.relation in {"no effect", "less to gain"} for subject in one.subjects
    }
    sure = {s for one in claims if one.kind.basis == PLACE and one.kind.strength == "certain" for s in one.subjects}
    if without & sure:
        yield f"{without & sure} certainly first, without effect or with less to gain"
    reached = {subject for one in claims if one.kind.relation == "reached" for subject in one.subjects}
    if reached & {subject for subjects in placed for subject in subjects}:
        yield f"{reached}: target reached, yet first"


def _none_lower(claims: Sequence[Claim]) -> Iterator[str]:
    if not any(one.kind.relation == "none lower" for one in claims):
        return
    for one in claims:
        contact = any(subject.startswith("touchpoint:") for subject in one.subjects)
        if contact and (one.kind.relation == "lower" or (one.kind.basis == PLACE and one.kind.relation == "first")):
            yield f"no contact lower, yet {one.key} of {one.subjects}"


def _two_limits(claims: Sequence[Claim]) -> Iterator[str]:
    """Lower than elsewhere and within the usual differences may both be so; then the page says that they can."""
    ways: dict[str, dict[str, int]] = defaultdict(dict)
    for one in claims:
        if one.kind.basis in {ELSEWHERE, FUNNEL} and one.kind.relation in _WAYS:
            for subject in one.subjects:
                ways[subject][one.kind.basis] = _WAYS[one.kind.relation]
    bridged = any(one.kind.relation == "may differ" for one in claims)
    for subject, found in ways.items():
        differ = len(found) == 2 and found[ELSEWHERE] != found[FUNNEL]
        if subject.startswith("outcome:") and differ and not bridged:
            yield f"{subject}: {found}, and nothing says how"


def unclaimed(claims: Sequence[Claim], html: str, known: Sequence[str]) -> list[str]:
    """Words of a page that no sentence with a claim, and no text of the journey or practice (``known``), has.

    Patients' own words and drawings are left out: they claim nothing.
    """
    html = re.sub(r"<svg.*?</svg>|<blockquote.*?</blockquote>", " ", html, flags=re.DOTALL)
    blocks = re.findall(
        r"<(?:p|h1|h2|h3|li|summary|dt|dd|q|th|caption)\b[^>]*>([^<]*(?:<(?!/?(?:p|li|h\d)\b)[^>]*>[^<]*)*)", html
    )
    texts = sorted({_plain(one.text) for one in claims} | {_plain(one) for one in known}, key=len, reverse=True)
    left = []
    for block in dict.fromkeys(_plain(words_of(unescape(of))) for of in blocks):
        rest = block
        for text in texts:
            if text and text in rest:
                rest = rest.replace(text, " ")
        if re.search(r"[^\W\d_]{2,}", rest):
            left.append(f"{rest.strip()!r} of {block!r}")
    return left


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u2060", "")).strip()
