"""How well masking does on invented comments: those that the rules were written with, and some that they were not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from pxanalysis.analysis.privacy.masking import mask_text

CORPUS = Path(__file__).parents[2] / "reference" / "privacy"
_TITLES = """
van der de el mr mrs ms mw dr dokter tandarts mevrouw sister professor and old wife vrouw fam family the
"""
TITLES = frozenset(_TITLES.split())


def words(text: str) -> Counter[str]:
    return Counter(word.casefold() for word in re.findall(r"[^\W_]{2,}", re.sub(r"\[[^\]]*\]", " ", text)))


def measure(name: str, mask: Callable[[str], str] = mask_text) -> tuple[float, float]:
    """Recall: identifiers of which no word is left. Precision: of what was masked, identifiers beside other words."""
    caught = total = false = 0
    for line in (CORPUS / name).read_text(encoding="utf-8").splitlines():
        text = line.split("\t")[1]
        secrets, plain = re.findall(r"\{\{(.*?)\}\}", text), re.sub(r"\{\{(.*?)\}\}", r"\1", text)
        left, others = words(mask(plain)), words(re.sub(r"\{\{.*?\}\}", " ", text))
        total += len(secrets)
        caught += sum(all(left[word] <= others[word] for word in words(one) if word not in TITLES) for one in secrets)
        false += sum(max(0, number - left[word]) for word, number in others.items() if word not in TITLES)
    return caught / total, caught / max(caught + false, 1)


@pytest.mark.parametrize(
    ("name", "recall", "precision"),
    [
        ("comments.tsv", 0.97, 0.97),
        ("held_out.tsv", 0.70, 0.60),
        ("fresh.tsv", 0.99, 0.97),
        ("unseen.tsv", 0.89, 0.99),
    ],
)
def test_recall_and_precision_are_what_the_readme_says(name: str, recall: float, precision: float) -> None:
    found = measure(name)
    assert found[0] >= recall
    assert found[1] >= precision


def test_the_corpus_is_large_enough_to_say_something() -> None:
    lines = (CORPUS / "comments.tsv").read_text(encoding="utf-8").splitlines()
    assert len(lines) >= 200
    assert len(set(lines)) == len(lines)
    assert {line.split("\t")[0] for line in lines} == {"nl", "en"}


def test_the_measure_sees_a_leak_and_a_false_hit() -> None:
    assert measure("comments.tsv", lambda text: text)[0] == 0
    assert measure("comments.tsv", lambda text: "")[1] < 0.2
