"""What a column of an unknown export seems to be: a rated question, a date, an id, a practice, a text."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import nh3
import polars as pl

from pxanalysis.survey.checking.headers import is_personal
from pxanalysis.survey.checking.parsing import parse_text
from pxanalysis.survey.ladders import find_ladder, means_dont_know, means_not_applicable, runs_upwards
from pxanalysis.survey.questionnaire_exports.layouts import recognise_layout
from pxanalysis.survey.sources.raw import RawTable
from pxanalysis.survey.words import split_coded

__all__ = ["ExportColumn", "FoundScale", "describe_columns", "plain_text"]

_MOST_CODES = 30
_FEW = 12
"""Different cells up to which a column may be a scale."""
_MISSING = frozenset({-999, -99, -98, -97, -88, -77, -9, -8, -7, -1, 9, 66, 77, 88, 97, 98, 99, 999, 9999})
"""Codes that questionnaires use for no answer, where they lie outside the scale."""
_NUMBER = re.compile(r"-?\d+(?:[.,]0+)?")
_DECIMAL = re.compile(r"-?\d+(?:[.,]\d+)?")
_CODE_AND_TEXT = re.compile(r"([A-Za-z]\w*(?:\[\w+\])?)\.\s+(\S.*)", flags=re.DOTALL)
_MATRIX = re.compile(r"(.*\S)\s*\[([^\[\]]+)\]\s*", flags=re.DOTALL)
_NUMBERED = re.compile(r"(.*?[A-Za-z])[_. -]?\d+[a-z]?")
_BARE = frozenset({"q", "v", "x", "item", "vraag", "question", "var", "col", "column", "s", "qid"})
_TELLS_TOP = 50
"""Answers among which the highest one of a scale is given by somebody."""
_NEARLY_ALL = 90
_OPENING = 5
"""Words with which questions have to begin alike to stand together."""
_DAY = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{8}$")


@dataclass(frozen=True, slots=True)
class FoundScale:
    """A scale that a column's cells seem to be on.

    Attributes
    ----------
    labels
        Answer to its word, where the export has words.
    not_applicable, dont_know
        Codes or words for no answer.
    guessed
        Codes outside the scale that were taken for "not applicable" though no word says so.
    codes
        Cell to answer (or ``na``, ``dk``), where the export has codes that are no numbers, such as ``A1``.
    reading
        How numbers are read where the export has 1 for the best answer by its words: ``5-1``.
    """

    low: int
    high: int
    labels: tuple[tuple[int, str], ...] = ()
    not_applicable: tuple[int | str, ...] = ()
    dont_know: tuple[int | str, ...] = ()
    guessed: tuple[int, ...] = ()
    codes: tuple[tuple[str, str], ...] = ()
    reading: str = ""


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column, and what it seems to be.

    Attributes
    ----------
    text
        The question, without its group and without mark-up; the name where there is no other text.
    group
        What it shares with others: the question over the rows of a matrix, a group, the stem of its code.
    kind
        ``rated``, ``flag``, ``number``, ``category``, ``text``, ``date``, ``id``, ``personal``, ``about`` (what a tool
        says of a response) or ``empty``.
    n
        Cells that hold something.
    counts
        Cell to its number, where there are few different ones.
    """

    name: str
    text: str
    group: str
    kind: str
    n: int
    scale: FoundScale | None = None
    counts: Counter[str] = field(default_factory=Counter)


def plain_text(text: str) -> str:
    """A wording without mark-up or characters that nobody sees; what a hostile label tries stays text.

    Examples
    --------
    >>> plain_text("<b>Was&nbsp;it <script>alert(1)</script>good?</b>")
    'Was it good?'
    """
    return " ".join(html.unescape(nh3.clean(text, tags=set())).split())


def describe_columns(raw: RawTable) -> list[ExportColumn]:
    """Every column of an export, in its order, with those of one group on one scale."""
    layout = recognise_layout(raw)
    about = layout.metadata if layout is not None else frozenset()
    dates = layout.dates if layout is not None else ()
    found = [_describe(raw, name, about, dates) for name in raw.cells.columns]
    groups = Counter(column.group for column in found if column.group)
    alone = [column.text if groups[column.group] < 2 and column.kind == "rated" else "" for column in found]
    openings = _find_openings([text for text in alone if text])
    found = [
        column if groups[column.group] > 1 else replace(column, group=openings.get(text, ""), text=_whole(column, raw))
        for column, text in zip(found, alone, strict=True)
    ]
    return _share_scales(found)


def _whole(column: ExportColumn, raw: RawTable) -> str:
    """Wording of a column that turned out to be in no group."""
    return plain_text(raw.texts.get(column.name, "")) or column.text


def _find_openings(texts: list[str]) -> dict[str, str]:
    """Text to the words with which it and another one begin, where these are five or more."""
    split = {text: text.split() for text in texts}
    first = Counter(tuple(words[:_OPENING]) for words in split.values() if len(words) > _OPENING)
    openings = {}
    for opening in (one for one, times in first.items() if times > 1):
        same = [words for words in split.values() if tuple(words[:_OPENING]) == opening]
        shared = [words[0] for words in zip(*same, strict=False) if len(set(words)) == 1]
        openings[opening] = " ".join(shared)
    return {text: openings[key] for text, words in split.items() if (key := tuple(words[:_OPENING])) in openings}


def _describe(raw: RawTable, name: str, about: frozenset[str], dates: tuple[str, ...]) -> ExportColumn:
    cells = parse_text(raw.cells[name])
    words = raw.labels.get(name, {})
    group, text = _split_name(name, raw.texts.get(name, ""), raw.tool)
    n = len(cells) - cells.null_count()
    few = cells.drop_nulls().n_unique() <= _MOST_CODES
    values = _count(cells) if few else Counter()
    kind, scale = _tell_kind(name, cells, values, words, n, about, dates)
    return ExportColumn(name, text, group, kind, n, scale, values)


def _count(cells: pl.Series) -> Counter[str]:
    """Cell to its number, the commonest first and those as common by their letters: the same file, the same draft."""
    counted = cells.drop_nulls().value_counts(name="times")
    rows = counted.sort(["times", cells.name], descending=[True, False]).iter_rows()
    return Counter({str(value): int(times) for value, times in rows})


def _split_name(name: str, text: str, tool: str) -> tuple[str, str]:
    """Group and wording of a column."""
    whole = plain_text(text) or plain_text(name)
    coded = _CODE_AND_TEXT.fullmatch(whole)
    if coded and not text:
        whole = coded[2]
    row = _MATRIX.fullmatch(whole)
    if row:
        return row[1], row[2]
    if tool == "kobo" and "/" in name and not text:
        group, _, last = name.rpartition("/")
        return group, last
    for mark in (" - ", ": "):
        first, dash, last = whole.rpartition(mark)
        if text and dash and first and last:
            return first, last
    stem = _NUMBERED.fullmatch(name) if " " not in name and "<" not in name else None
    if stem and stem[1].casefold() not in _BARE:
        return stem[1].rstrip("_"), whole
    return "", whole


def _tell_kind(
    name: str,
    cells: pl.Series,
    values: Counter[str],
    words: Mapping[str, str],
    n: int,
    about: frozenset[str],
    dates: tuple[str, ...],
) -> tuple[str, FoundScale | None]:
    if name in dates:
        return "date", None
    if name in about:
        return "about", None
    if is_personal(name):
        return "personal", None
    if n == 0:
        return "empty", None
    if _are_dates(cells, n):
        return "date", None
    if not values:
        numbers = cells.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
        if len(numbers) - numbers.null_count() == n:
            return ("id" if cells.drop_nulls().n_unique() == n else "number"), None
        return "text", None
    scale = _find_scale(values, words)
    if scale is not None:
        return "rated", scale
    if _are_flags(values, words):
        return "flag", None
    if all(_DECIMAL.fullmatch(value) for value in values) and not words:
        return ("number" if len(values) > 2 else "category"), None
    return ("category" if len(values) <= _FEW or words else "text"), None


def _are_dates(cells: pl.Series, n: int) -> bool:
    days = cells.str.contains(rf"^(?:{_DAY.pattern})").fill_null(value=False)
    return int(days.sum()) > 0.8 * n


def _are_flags(values: Counter[str], words: Mapping[str, str]) -> bool:
    from pxanalysis.survey.words import YES_OR_NO

    told = {words.get(value, value).casefold() for value in values}
    told = {word for word in told if not means_not_applicable(word) and not means_dont_know(word)}
    return bool(told) and told <= {*YES_OR_NO, "0", "1"}


def _find_scale(values: Counter[str], words: Mapping[str, str]) -> FoundScale | None:
    """The scale of cells that are codes, codes with words, or words alone; None when they are on none."""
    absent = tuple(value for value in values if means_not_applicable(words.get(value, value)))
    unknown = tuple(v for v in values if v not in absent and means_dont_know(words.get(v, v)))
    answers = [value for value in values if value not in {*absent, *unknown}]
    labels = {value: word for value, word in words.items() if value not in {*absent, *unknown}}
    if not answers:
        return None
    if all(_NUMBER.fullmatch(value) or split_coded(value) for value in answers):
        return _scale_of_codes(answers, values, labels, absent, unknown)
    if all(value in words for value in answers):
        return _scale_of_named(labels, absent, unknown)
    ladder = find_ladder(answers)
    if ladder is None or len(answers) > _FEW:
        return None
    places = tuple((place, plain_text(word)) for word, place in ladder.places.items())
    return FoundScale(1, ladder.top, places, _codes_of(absent), _codes_of(unknown))


def _scale_of_named(words: Mapping[str, str], absent: tuple[str, ...], unknown: tuple[str, ...]) -> FoundScale | None:
    """The scale of codes that are no numbers (``A1``, ``strongly_agree``), by their words."""
    told = {code: plain_text(word) for code, word in words.items() if not means_not_applicable(word)}
    told = {code: word for code, word in told.items() if not means_dont_know(word)}
    ladder = find_ladder(told.values())
    cells = [*told, *absent, *unknown]
    if ladder is None or len(ladder.places) < len(told) or any("," in cell or "=" in cell for cell in cells):
        return None
    codes = {code: str(ladder.places[word]) for code, word in told.items()}
    codes |= dict.fromkeys(absent, "na") | dict.fromkeys(unknown, "dk")
    labels = tuple((place, word) for word, place in ladder.places.items())
    return FoundScale(1, ladder.top, labels, absent, unknown, codes=tuple(sorted(codes.items())))


def _codes_of(cells: tuple[str, ...]) -> tuple[int | str, ...]:
    return tuple(int(float(cell.replace(",", "."))) if _NUMBER.fullmatch(cell) else cell for cell in cells)


def _scale_of_codes(
    answers: list[str],
    values: Counter[str],
    words: Mapping[str, str],
    absent: tuple[str, ...],
    unknown: tuple[str, ...],
) -> FoundScale | None:
    labels: dict[int, str] = {}
    for cell in {*answers, *words}:
        coded = split_coded(cell)
        if coded:
            labels[coded[0]] = coded[1]
        elif _NUMBER.fullmatch(cell) and cell in words:
            labels[int(float(cell))] = words[cell]
    labels = {code: word for code, word in labels.items() if not means_not_applicable(word) | means_dont_know(word)}
    codes = {_code(cell) for cell in answers} | set(labels)
    if labels and not _are_ordered(labels, codes):
        return None
    inside, odd = _part_codes(codes - {_code(c) for c in (*absent, *unknown) if _NUMBER.fullmatch(c)}, set(labels))
    if len(inside) < 2 or max(inside) > 100 or min(inside) < -5:
        return None
    low, high = _widen(inside, sum(values[cell] for cell in answers), labelled=len(labels) > 1)
    if high - low < 2 or (high > 10 and high != 100) or (len(inside) > _FEW):
        return None
    kept = tuple(
        sorted((code, plain_text(word)) for code, word in labels.items() if low <= code <= high and word != str(code))
    )
    guessed = tuple(sorted(code for code in odd if not low <= code <= high))
    found = FoundScale(low, high, kept, (*_codes_of(absent), *guessed), _codes_of(unknown), guessed)
    return _turn(found) if runs_upwards(labels) is False else found


def _turn(scale: FoundScale) -> FoundScale:
    """A scale on which 1 is the best, by its words, the other way round: ``reading`` says how it is read."""
    low, high = scale.low, scale.high
    labels = tuple(sorted((low + high - code, word) for code, word in scale.labels))
    return replace(scale, labels=labels, reading=f"{high}-{low}")


def _are_ordered(labels: Mapping[int, str], codes: set[int]) -> bool:
    """Whether words of codes are those of a scale, and not names of groups: on a ladder, or of the end points only."""
    if len(labels) == 1 and len(codes) > 4:  # of an end to which nobody gave the other
        return next(iter(labels)) in {min(codes), max(codes)}
    words = [word for word in labels.values() if not _NUMBER.fullmatch(word.strip())]
    ladder = find_ladder(words)
    if ladder is not None:
        ranked = [ladder.places[word] for _, word in sorted(labels.items()) if word in ladder.places]
        return ranked in (sorted(ranked), sorted(ranked, reverse=True))
    return len(words) <= 3 and max(labels) - min(labels) >= 4


def _code(cell: str) -> int:
    coded = split_coded(cell)
    return coded[0] if coded else int(float(cell.replace(",", ".")))


def _part_codes(codes: set[int], labelled: set[int]) -> tuple[set[int], set[int]]:
    """Codes of answers, and those that lie so far outside that they mean no answer."""
    inside = sorted(codes)
    odd: set[int] = set()
    while len(inside) > 2 and inside[-1] in _MISSING - labelled and inside[-1] - inside[-2] >= 2:
        odd.add(inside.pop())
    while len(inside) > 2 and inside[0] in _MISSING - labelled and inside[0] < 0 and inside[1] - inside[0] >= 1:
        odd.add(inside.pop(0))
    return set(inside), odd


def _widen(codes: set[int], n: int, *, labelled: bool) -> tuple[int, int]:
    """Usual scale around the codes that were seen; one of which all words are known is as it is."""
    low, high = min(codes), max(codes)
    if labelled or low < 0:
        return low, high
    start = 0 if low == 0 else 1
    if start == 0:
        return 0, (10 if high > 6 else high)
    if high > 10:
        return start, (100 if high >= _NEARLY_ALL else high)
    usual = (3, 5, 5, 7, 7, 10, 10, 10) if n < _TELLS_TOP else (3, 4, 5, 6, 7, 8, 10, 10)
    return start, usual[max(high, 3) - 3]


def _share_scales(columns: list[ExportColumn]) -> list[ExportColumn]:
    """Rows of one matrix are on one scale: the widest that any of them shows."""
    scales: dict[str, list[FoundScale]] = {}
    for column in columns:
        if column.group and column.scale is not None:
            scales.setdefault(column.group, []).append(column.scale)
    shared = {group: _join(found) for group, found in scales.items()}
    return [
        replace(column, scale=shared[column.group])
        if column.scale is not None and shared.get(column.group) is not None
        else column
        for column in columns
    ]


def _same_reading(found: list[FoundScale]) -> str:
    """How the codes of a matrix are read, on the widest scale that any of its rows shows."""
    turned = any(one.reading for one in found)
    return f"{max(one.high for one in found)}-{min(one.low for one in found)}" if turned else ""


def _join(found: list[FoundScale]) -> FoundScale | None:
    if len({bool(one.reading) for one in found if one.labels}) > 1:
        return None  # its rows run in two ways
    if len({one.low for one in found}) > 1 and not all(one.low in {0, 1} for one in found):
        return None
    words: dict[int, str] = {}
    for one in found:
        for code, word in one.labels:
            if words.setdefault(code, word) != word:
                return None
    return FoundScale(
        min(one.low for one in found),
        max(one.high for one in found),
        tuple(sorted(words.items())),
        tuple(dict.fromkeys(code for one in found for code in one.not_applicable)),
        tuple(dict.fromkeys(code for one in found for code in one.dont_know)),
        tuple(dict.fromkeys(code for one in found for code in one.guessed)),
        tuple(sorted({pair for one in found for pair in one.codes})),
        _same_reading(found),
    )
