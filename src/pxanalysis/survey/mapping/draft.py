"""A first journey from an export, to be edited: items, scales, outcomes, and touchpoints by common stem or group."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import polars as pl

from pxanalysis.errors import SurveyError
from pxanalysis.journey.model import Journey
from pxanalysis.journey.parts import RESERVED_IDS
from pxanalysis.survey.mapping.columns import ExportColumn, FoundScale, describe_columns
from pxanalysis.survey.mapping.keys import find_keys
from pxanalysis.survey.sources.raw import RawTable

__all__ = ["Draft", "DraftLanguage", "draft_journey"]

DraftLanguage = Literal["nl", "en"]

_LONGEST_ID = 26
_LONGEST_LABEL = 70
_FEWEST = 10
"""People who gave a value before it is written into a journey file: a rarer one could tell who somebody is."""
_MOST_LEVELS = 12
_MOST_ITEMS = 15
_WORDS_OF_TEXT = 3
"""Words that cells of an open question have, on average at least."""
_NPS = re.compile(r"recommend|aanbevel|aanrad|beveelt|\bnps\b", flags=re.IGNORECASE)
_KTV = re.compile(
    r"overall|al met al|rapportcijfer|in het algemeen|satisf|tevreden|sat_?score|\bktv\b|eindoordeel|cijfer",
    flags=re.IGNORECASE,
)
_CES = re.compile(r"\beffort\b|\bmoeite\b|inspanning|\bces\b", flags=re.IGNORECASE)
_EASE = re.compile(r"\beasy\b|makkelijk|weinig moeite|little effort|low effort", flags=re.IGNORECASE)
_BEHAVIOUR = re.compile(r"come back|return|again|terugkom|opnieuw", flags=re.IGNORECASE)
_COMMENT = re.compile(r"opmerking|toelicht|comment|remark|suggesti|kan beter|do better", flags=re.IGNORECASE)
_AGE = re.compile(r"^age$|\bage\b|leeftijd|geboortejaar", flags=re.IGNORECASE)
_CASE_MIX = re.compile(
    r"gender|geslacht|\bsex\b|\bage\b|leeftijd|education|opleiding|health|gezondheid|language|taal|income|inkomen",
    flags=re.IGNORECASE,
)
_DUTCH = frozenset(
    [
        "de",
        "het",
        "een",
        "van",
        "uw",
        "u",
        "ik",
        "is",
        "niet",
        "mijn",
        "werd",
        "voor",
        "hoe",
        "en",
        "aan",
        "eens",
        "oneens",
        "soms",
        "vaak",
        "nooit",
        "altijd",
        "tevreden",
        "goed",
        "slecht",
    ]
)
_ENGLISH = frozenset(
    [
        "the",
        "of",
        "you",
        "your",
        "is",
        "was",
        "how",
        "do",
        "did",
        "to",
        "and",
        "what",
        "are",
        "my",
        "for",
        "agree",
        "disagree",
        "sometimes",
        "often",
        "never",
        "always",
        "satisfied",
        "good",
        "poor",
    ]
)
_WORDS = {
    "nl": {
        "practice": "De praktijk", "step": "Het bezoek", "sentence": "Ik kom bij de praktijk",
        "about": "Concept, gemaakt van de export {file}. Lees na: indeling, wording, schalen, uitkomsten.",
    },
    "en": {
        "practice": "The practice", "step": "The visit", "sentence": "I visit the practice",
        "about": "Draft, made from the export {file}. Read it over: order, wording, scales, outcomes.",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """A first journey, and which column of the export is which id.

    Attributes
    ----------
    journey
        To be edited.
    columns
        Journey id (and response_id, practice_id, completed_on) to the export's column, where they differ.
    readings
        Journey id to what its codes mean, where they are no numbers: ``A1=1, A2=2``.
    table
        One row per column of the export: ``column, use, id, n, scale, text``.
    notes
        What was guessed, and should be looked at.
    has_practice
        Whether a column tells the practice of each response.
    """

    journey: Journey
    columns: dict[str, str]
    readings: dict[str, str]
    table: pd.DataFrame
    notes: tuple[str, ...]
    has_practice: bool

    def _repr_html_(self) -> str:
        return str(self.table.to_html(index=False))


def draft_journey(
    raw: RawTable, *, id: str | None = None, language: DraftLanguage | None = None, practice: str | None = None
) -> Draft:
    """Draft a journey from an export.

    Parameters
    ----------
    id
        Of the journey; from the file's name when left out.
    language
        In which questions and labels are written; by their words when left out.
    practice
        The column with the practice of each response; by its name when left out.

    Raises
    ------
    SurveyError
        When no column seems to be a rated question, or the column with the practice is not there.
    """
    if practice is not None and practice not in raw.cells.columns:
        raise SurveyError(
            f"{raw.name}: there is no column '{practice}'; expected the one with the practice of each response. Found: "
            f"{', '.join(raw.cells.columns[:40])}."
        )
    found = describe_columns(raw)
    keys = find_keys(raw, found, practice)
    rest = [column for column in found if column.name not in keys.values()]
    if not rated_columns(rest):
        raise SurveyError(
            f"{raw.name}: no column seems to be a rated question (whole numbers in a small range, or words such as "
            f"'agree'). Found: {', '.join(raw.cells.columns[:40])}. Write the journey by hand ('pxanalysis journeys "
            "new NAME'), then use 'pxanalysis map'."
        )
    return _Drafting(raw, found, keys, language or _tell_language(found)).make(
        id or _slug(raw.name.rpartition(".")[0], "-")
    )


def rated_columns(columns: Iterable[ExportColumn]) -> list[ExportColumn]:
    """Those that are rated questions."""
    return [column for column in columns if column.kind == "rated"]


def _tell_language(found: list[ExportColumn]) -> DraftLanguage:
    scales = [column.scale for column in found if column.scale is not None]
    texts = [column.text for column in found] + [word for scale in scales for _, word in scale.labels]
    words = " ".join(texts).casefold().split()
    dutch, english = (sum(word in known for word in words) for known in (_DUTCH, _ENGLISH))
    return "nl" if dutch > english else "en"


def _slug(text: str, mark: str = "_", longest: int = _LONGEST_ID) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = mark.join(re.findall(r"[a-z0-9]+", plain))[:longest].strip(mark)
    return slug if slug[:1].isalpha() else f"q{mark if mark == '-' else '_'}{slug}"[:longest].strip(mark)


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 1].rstrip()}…"


class _Drafting:
    """One export's columns on their way to a journey."""

    def __init__(self, raw: RawTable, found: list[ExportColumn], keys: dict[str, str], language: str) -> None:
        self.raw, self.found, self.keys, self.language = raw, found, keys, language
        self.taken: set[str] = set(RESERVED_IDS) | {"visit"}
        self.scales: dict[str, FoundScale] = {}
        self.ids: dict[str, str] = {}
        self.uses: dict[str, str] = {name: key for key, name in keys.items()}
        self.notes: list[str] = list(raw.notes)

    def make(self, journey_id: str) -> Draft:
        """The draft as a whole."""
        rest = [column for column in self.found if column.name not in self.uses]
        outcomes = self._outcomes(rest)
        items = [column for column in rated_columns(rest) if column.name not in self.uses]
        touchpoints = self._touchpoints(items)
        case_mix = [part for column in rest if (part := self._characteristic(column)) is not None]
        questions = [part for column in rest if (part := self._open_question(column)) is not None]
        words = _WORDS[self.language]
        journey = Journey.model_validate(
            {
                "id": journey_id,
                "languages": [self.language],
                "title": self._text(_shorten(self.raw.name.rpartition(".")[0])),
                "description": self._text(words["about"].format(file=self.raw.name)),
                "providers": [{"id": "practice", "label": self._text(words["practice"])}],
                "scales": {name: self._scale(scale) for name, scale in self.scales.items()},
                "steps": [
                    {
                        "id": "visit", "label": self._text(words["step"]), "sentence": self._text(words["sentence"]),
                        "provider": "practice", "touchpoints": touchpoints,
                    }
                ],
                "outcomes": outcomes,
                "case_mix": case_mix,
                "open_questions": questions,
            }
        )  # fmt: skip
        self._note_keys()
        own = {id_: name for name, id_ in self.ids.items()} | self.keys
        columns = {id_: name for id_, name in own.items() if id_ != name}
        readings = {
            self.ids[column.name]: text
            for column in self.found
            if column.name in self.ids and column.scale is not None and (text := _reading_of(column.scale))
        }
        self._note_turned()
        return Draft(journey, columns, readings, self._table(), tuple(self.notes), "practice_id" in self.keys)

    def _text(self, text: str) -> dict[str, str]:
        return {self.language: text}

    def _name(self, column: ExportColumn, use: str) -> str:
        """A new id for a column, made of its name when that is a code, else of its words."""
        own = column.text.removeprefix(column.group).strip() or column.text
        base = _slug(column.name if len(column.name) <= _LONGEST_ID else own)
        return self._free(base, column, use)

    def _free(self, base: str, column: ExportColumn, use: str) -> str:
        id_ = self._free_id(base)
        self.ids[column.name], self.uses[column.name] = id_, use
        return id_

    def _free_id(self, base: str) -> str:
        id_, number = base, 2
        while id_ in self.taken:
            id_ = f"{base[: _LONGEST_ID - 3]}_{number}"
            number += 1
        self.taken.add(id_)
        return id_

    def _scale_name(self, scale: FoundScale) -> str:
        for name, known in self.scales.items():
            if known == scale:
                return name
        same = f"scale_{scale.low}_{scale.high}"
        name = same if same not in self.scales else f"{same}_{len(self.scales) + 1}"
        self.scales[name.replace("-", "m")] = scale
        return name.replace("-", "m")

    def _scale(self, scale: FoundScale) -> dict[str, Any]:
        made: dict[str, Any] = {"min": scale.low, "max": scale.high}
        if scale.labels:
            made["labels"] = {code: self._text(word) for code, word in scale.labels if word}
        if scale.not_applicable:
            made["not_applicable"] = list(scale.not_applicable)
        if scale.dont_know:
            made["dont_know"] = list(scale.dont_know)
        return made

    def _outcomes(self, rest: list[ExportColumn]) -> list[dict[str, Any]]:
        """What patients conclude: recommendation, satisfaction, effort, coming back; one at least."""
        rated = rated_columns(rest)
        long = [column for column in rated if (column.scale or FoundScale(0, 0)).high == 10]
        nps = next((column for column in long if _matches(_NPS, column)), None)
        free = [column for column in rated if column is not nps]
        whole = [column for column in free if not column.group]
        ktv = next((c for c in whole if c in long and _matches(_KTV, c)), None)
        ktv = ktv or next((column for column in reversed(whole) if _matches(_KTV, column)), None)
        ces = next((column for column in whole if column is not ktv and _matches(_CES, column)), None)
        chosen = [(kind, one) for kind, one in (("ktv", ktv), ("nps", nps), ("ces", ces)) if one is not None]
        if not chosen:
            last = max(whole or rated, key=lambda c: ((c.scale or FoundScale(0, 0)).high, rated.index(c)))
            chosen = [("ktv", last)]
            self.notes.append(
                f"no question is known to be an outcome; '{last.name}' was taken as satisfaction (ktv). Correct it if "
                "it is not."
            )
        if len(chosen) == len(rated):
            chosen = chosen[:-1] or chosen
            if len(rated) == 1:
                raise SurveyError(
                    f"{self.raw.name}: only one column ('{rated[0].name}') seems to be a rated question; a journey "
                    "needs an outcome and an item. Write the journey by hand ('pxanalysis journeys new NAME')."
                )
        return [self._outcome(kind, column) for kind, column in chosen] + [
            {"id": self._name(column, "behaviour"), "kind": "behaviour"} | self._wording(column)
            for column in rest
            if column.kind == "flag" and _matches(_BEHAVIOUR, column)
        ]

    def _outcome(self, kind: str, column: ExportColumn) -> dict[str, Any]:
        made = {"id": self._free(kind, column, kind), "kind": kind, "scale": self._scale_name(_scale_of(column))}
        low_is_good = kind == "ces" and not _is_ease(column)
        return made | self._wording(column) | ({"direction": "lower-is-better"} if low_is_good else {})

    def _wording(self, column: ExportColumn) -> dict[str, Any]:
        return {"label": self._text(_shorten(column.text)), "text": self._text(column.text)}

    def _touchpoints(self, items: list[ExportColumn]) -> list[dict[str, Any]]:
        """One per group of columns, one per column that stands alone; in the order of the export."""
        groups: dict[str, list[ExportColumn]] = {}
        for column in items:
            groups.setdefault(column.group or f"\0{column.name}", []).append(column)
        made = []
        for group, columns in groups.items():
            label = (columns[0].text if group.startswith("\0") else group).rstrip(" :") or group
            own = [
                {
                    "id": self._name(column, "item"),
                    "text": self._text(column.text),
                    "scale": self._scale_name(_scale_of(column)),
                }
                for column in columns
            ]
            if len(own) > _MOST_ITEMS:
                self.notes.append(
                    f"touchpoint '{_shorten(label)}' has {len(own)} items. Split it by what patients meet, or leave "
                    "items out; an analysis of so many together takes very long."
                )
            base = f"t_{_slug(columns[0].name if group.startswith(chr(0)) else group)}"[:_LONGEST_ID].strip("_")
            made.append({"id": self._free_id(base), "label": self._text(_shorten(label)), "items": own})
        for column in items:
            guessed = _scale_of(column).guessed
            if guessed:
                self.notes.append(
                    f"'{column.name}': {', '.join(map(str, guessed))} lies outside {_scale_of(column).low}-"
                    f"{_scale_of(column).high} and was taken as not applicable. Correct it when it means another thing."
                )
        return made

    def _characteristic(self, column: ExportColumn) -> dict[str, Any] | None:
        if column.name in self.uses or not _matches(_CASE_MIX, column):
            return None
        if column.kind == "number" and _matches(_AGE, column):
            return {"id": self._name(column, "case mix"), "label": self._text(_shorten(column.text)), "type": "number"}
        levels = [value for value, times in column.counts.most_common() if times >= _FEWEST]
        if column.kind not in {"category", "flag"} or not 2 <= len(levels) <= _MOST_LEVELS:
            return None
        words = self.raw.labels.get(column.name, {})
        return {
            "id": self._name(column, "case mix"),
            "label": self._text(_shorten(column.text)),
            "type": "category",
            "levels": [{"id": level, "label": self._text(_shorten(words.get(level, level)))} for level in levels],
        }

    def _open_question(self, column: ExportColumn) -> dict[str, Any] | None:
        if column.name in self.uses or column.kind not in {"text", "category"}:
            return None
        cells = self.raw.cells[column.name].cast(pl.String).drop_nulls()
        asked = column.n > 0 and _matches(_COMMENT, column)
        if not asked and column.kind == "category":
            return None
        if not asked and int(cells.str.count_matches(r"\S+").sum()) < _WORDS_OF_TEXT * len(cells):
            return None
        return {"id": self._name(column, "open question"), "text": self._text(column.text)}

    def _note_turned(self) -> None:
        turned = [c.name for c in self.found if c.name in self.ids and c.scale is not None and c.scale.reading]
        if turned:
            self.notes.append(
                f"by the words of its codes the lowest answer is the best one in {', '.join(turned[:12])}"
                f"{f' and {len(turned) - 12} more' if len(turned) > 12 else ''}; these are read the other way round "
                "([readings] in study.toml), so that higher is better."
            )

    def _note_keys(self) -> None:
        if "practice_id" not in self.keys:
            self.notes.append(
                "no column is known to name the practice. Where one does, give it with --practice; else all answers "
                'are of one practice, and study.toml names it: [source] practice = "...".'
            )
        if "completed_on" not in self.keys:
            self.notes.append("no column has the day of each answer, so there is no period and no trend.")
        if self.raw.tool == "redcap" and not self.raw.labels:
            self.notes.append(
                "codes of this REDCap export have no words. Put the project's data dictionary (CSV) beside it and "
                "draft again: questions then have their wording, and groups are told from scales."
            )
        left = [column.name for column in self.found if column.name not in self.uses and column.kind == "category"]
        if left:
            self.notes.append(
                f"{len(left)} columns with groups were left out: {', '.join(left[:12])}. Put those that are "
                "characteristics of patients under case_mix."
            )

    def _table(self) -> pd.DataFrame:
        rows = [
            {
                "column": column.name,
                "use": self.uses.get(column.name, f"left out ({column.kind})"),
                "id": self.ids.get(column.name, ""),
                "n": column.n,
                "scale": "" if column.scale is None else f"{column.scale.low}-{column.scale.high}",
                "text": column.text,
            }
            for column in self.found
        ]
        return pd.DataFrame(rows)


def _is_ease(column: ExportColumn) -> bool:
    """Whether the highest answer of a question on effort is that it was easy."""
    scale = _scale_of(column)
    highest = dict(scale.labels).get(scale.high)
    return _EASE.search(column.text if highest is None else highest) is not None


def _reading_of(scale: FoundScale) -> str:
    """What ``[readings]`` says of a column on this scale; empty where codes are the answers."""
    return scale.reading or ", ".join(f"{code}={answer}" for code, answer in scale.codes)


def _scale_of(column: ExportColumn) -> FoundScale:
    if column.scale is None:
        raise SurveyError(f"column '{column.name}' is on no scale.")
    return column.scale


def _matches(pattern: re.Pattern[str], column: ExportColumn) -> bool:
    return pattern.search(column.name) is not None or pattern.search(column.text) is not None
