"""Ids and answer codes that fit a survey tool: stable, because they depend on the id alone, and reversible."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from pxanalysis.errors import JourneyError
from pxanalysis.journey.form import HIDDEN

if TYPE_CHECKING:
    from pxanalysis.journey.form import Form, Question

__all__ = ["TOOLS", "CodeBook", "Tool", "make_codebook", "shorten"]

Tool = Literal["xlsform", "limesurvey", "redcap", "qualtrics", "fhir", "html"]
TOOLS: tuple[Tool, ...] = get_args(Tool)


@dataclass(frozen=True, slots=True)
class _Rule:
    """What a tool takes as a name, and as the code of an answer."""

    longest: int
    underscore: bool
    code: str
    not_applicable: str
    dont_know: str
    reserved: frozenset[str] = frozenset()


_RULES: dict[Tool, _Rule] = {
    "xlsform": _Rule(64, True, r"[A-Za-z0-9_.-]+", "na", "dk", frozenset({"start", "end", "today", "meta"})),
    "limesurvey": _Rule(
        20, False, r"[A-Za-z0-9]{1,5}", "NA", "DK",
        frozenset({"id", "submitdate", "lastpage", "startlanguage", "seed", "startdate", "datestamp", "token", "time"}),
    ),
    "redcap": _Rule(26, True, r"-?[A-Za-z0-9_]+", "-77", "-88", frozenset({"record_id", "redcap_event_name"})),
    "qualtrics": _Rule(40, True, r"[0-9]+", "77", "88", frozenset({"status", "finished", "progress"})),
    "fhir": _Rule(64, True, r".+", "not-applicable", "asked-unknown"),
    "html": _Rule(64, True, r".+", "na", "dk"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CodeBook:
    """How a form's ids and answers are called in one tool.

    Attributes
    ----------
    names
        Name in the tool by id: questions, blocks (a matrix of LimeSurvey or Qualtrics has a name) and hidden fields.
    codes
        Per question with choices: code in the tool by the value in a response table.
    """

    tool: Tool
    names: dict[str, str]
    codes: dict[str, dict[str, str]]

    @property
    def changed(self) -> dict[str, str]:
        """Only the names that differ from the id, to be listed for the user."""
        return {id_: name for id_, name in self.names.items() if id_ != name}


def shorten(id_: str, tool: Tool) -> str:
    """Return ``id_`` as the tool can take it; a name that had to be cut ends in five characters of its hash.

    Examples
    --------
    >>> shorten("reception_welcome", "redcap"), shorten("reception_welcome", "limesurvey")
    ('reception_welcome', 'receptionwelcome')
    >>> len(shorten("an_id_that_is_longer_than_redcap_takes", "redcap")) <= 26
    True
    """
    rule = _RULES[tool]
    name = id_ if rule.underscore else id_.replace("_", "")
    if name in rule.reserved:
        return f"px{name}"
    return name if len(name) <= rule.longest else _hashed(id_, tool)


def _hashed(id_: str, tool: Tool) -> str:
    rule = _RULES[tool]
    digest = hashlib.sha256(id_.encode()).hexdigest()[:5]
    mark = "_" if rule.underscore else "x"
    name = (id_ if rule.underscore else id_.replace("_", ""))[: rule.longest - 6].rstrip("_")
    return f"{name}{mark}{digest}"


def _name_all(ids: Iterable[str], tool: Tool) -> dict[str, str]:
    """Names of all ids; those that would share a name all get their hash, so that none depends on its place."""
    names = {id_: shorten(id_, tool) for id_ in ids}
    uses = Counter(name.casefold() for name in names.values())
    names = {id_: name if uses[name.casefold()] == 1 else _hashed(id_, tool) for id_, name in names.items()}
    twice = [name for name, count in Counter(names.values()).items() if count > 1]
    if twice:
        clash = [id_ for id_, name in names.items() if name == twice[0]]
        raise JourneyError(
            f"ids {' and '.join(clash)} would both be called '{twice[0]}' in {tool}; rename one of them."
        )
    return names


def make_codebook(form: Form, tool: Tool) -> CodeBook:
    """Names and answer codes of a form in one tool.

    Raises
    ------
    JourneyError
        When two ids cannot be told apart in the tool.
    """
    ids = dict.fromkeys([*HIDDEN, *(question.id for question in form.questions)])
    names = _name_all(ids, tool)
    blocks = dict.fromkeys(block.id for page in form.pages for block in page.blocks if block.is_matrix)
    matrices = _name_all([*ids, *(block for block in blocks if block not in ids)], tool)
    names = {**names, **{id_: name for id_, name in matrices.items() if id_ not in names}}
    return CodeBook(tool, names, {q.id: _code_all(q, tool) for q in form.questions if q.choices})


def _code_all(question: Question, tool: Tool) -> dict[str, str]:
    """Code of every choice: its value where the tool takes all of them, else its place from 1."""
    rule = _RULES[tool]
    answers = [choice.value for choice in question.choices if choice.kind == "answer"]
    fits = all(re.fullmatch(rule.code, value) for value in answers)
    codes = {value: value if fits else str(place) for place, value in enumerate(answers, start=1)}
    special = {"not-applicable": rule.not_applicable, "dont-know": rule.dont_know}
    for choice in question.choices:
        if choice.kind != "answer":
            code = special[choice.kind]
            codes[choice.value] = code if code not in codes.values() else f"9{code.lstrip('-')}"
    return codes
