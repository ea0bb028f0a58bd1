"""Free text from patients, made fit to show: what points at a person is masked, what hides is removed.

Applied once, when a study is fitted, so that no report, notebook or file of results ever holds the raw text.

`mask_text` works by rules, in Dutch and English. How well, on a corpus of invented comments, stands in the README
beside *deduce* (made for Dutch clinical notes; LGPL, and slow to start), which is not needed. What the rules do:

- e-mail and web addresses (also "jan at voorbeeld dot nl"), ``@handles``, telephone numbers (also in words), IBAN,
  postcodes, streets with a house number;
- full dates in digits or words, and a year after "geboren": a date of birth cannot be told from another date;
- every number of seven digits or more; a BSN (eight or nine digits that pass the eleven-test) is named as such;
- names after a title, a profession or a greeting, in capitals or not; common first names, wherever they stand; surnames
  with a capital;
- words where a name stands, with or without a capital ("seen by grace": `name_cues`); numbers of a patient or policy;
- any capitalised word inside a sentence that is not a common word, a place or a brand;
- a name that was masked once is masked wherever it stands in the comment.

What they miss: a rare name that starts a sentence or is written without a capital and without a title, and what
identifies somebody by its content ("ik ben de burgemeester"). Text in a script without capitals is not shown before
somebody has read it (`needs_reader`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from pxanalysis.analysis.privacy.name_cues import mask_cues
from pxanalysis.analysis.privacy.name_words import (
    CAPITALISED,
    COMMON,
    FIRST_NAMES,
    NOT_A_NAME,
    PLACES_AND_BRANDS,
    SURNAMES,
    UNMISTAKABLE,
)

__all__ = [
    "LONGEST_TEXT",
    "MONTHS",
    "TITLES",
    "mask_text",
    "needs_reader",
    "say_masks",
    "shorten",
    "strip_invisible",
]

MONTHS = (
    "jan(?:uari)?|febr?(?:uari)?|maart|mrt|apr(?:il)?|mei|juni?|juli?|aug(?:ustus)?|sept?(?:ember)?|o[kc]t(?:ober)?|"
    "nov(?:ember)?|dec(?:ember)?|january|february|march|may|june|july|august"
)
"""Regular expression of the names of months, Dutch and English, in full or short."""

TITLES = (
    "mevrouw|mevr|mw|meneer|mijnheer|menheer|dhr|heer|juffrouw|juf|zuster|zr|broeder|dr|drs|prof|ir|mr|mrs|ms|miss|"
    "doctor|dokter|docter|tandarts|tandartse|huisarts|oogarts|arts|specialist|chirurg|kaakchirurg|orthodontist|"
    "mondhygi[eë]niste?|"
    "preventie-?assistente?|tandarts-?assistente?|doktersassistente?|assistente?|"
    "balie-?medewerk(?:er|ster)|"
    "medewerk(?:er|ster)|familie|fam|verpleegkundige|optometrist|apotheker|apothekersassistente?|stagiaire?|collega|dentist|nurse|"
    "hygienist|receptionist|naam is|heet|genaamd"
)
"""Regular expression of what comes before somebody's name."""

LONGEST_TEXT = 2000
"""Longest text that is kept of one answer, in characters; what comes after is cut off at a word."""

_MOST_MARKS = 2
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_FILLERS = {"Cc": " ", "Zl": " ", "Zp": " ", "Zs": " "}

_PARTICLES = r"(?:(?:van|von|de|den|der|het|ten|ter|v|d|el|al|'t|’t|la|le|du|da|dos|bin|ben)\b[. ]{0,2}){0,3}"

_Replacement = str | Callable[[re.Match[str]], str]


def strip_invisible(text: str) -> str:
    r"""Return ``text`` on one line without control, bidirectional, zero-width or unassigned characters.

    At most two combining marks stay on a letter; runs of white space become one space.

    Examples
    --------
    >>> strip_invisible("goed\u200b \u202eezagroz\x00  hulp")
    'goed ezagroz hulp'
    """
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if char in _BLANK_LETTERS or category in _FILLERS:
            kept.append(" ")
        elif category[0] != "C" and marks <= _MOST_MARKS:
            kept.append(char)
    return " ".join("".join(kept).split())


def shorten(text: str, longest: int) -> str:
    """Cut ``text`` to at most ``longest`` characters, at a word where there is one, ending in ``…``.

    Examples
    --------
    >>> shorten("lang gewacht op de tandarts", 16)
    'lang gewacht op…'
    """
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    space = cut.rfind(" ")
    if space > longest // 2 and text[longest - 1] != " ":
        cut = cut[:space]
    return cut.rstrip(" ,;:-") + "…"


def mask_text(text: str) -> str:
    """Mask what points at a person in one free-text answer, and remove invisible characters.

    Returns at most `LONGEST_TEXT` characters. The masks are Dutch words in square brackets (`say_masks` says them in
    another language). Masking a masked text changes nothing. The module docstring says what is recognised and missed.

    Examples
    --------
    >>> mask_text("Dokter Jansen belde mij op 06-12345678, geboren 12-03-1961. Wat een jansen!")
    'Dokter [naam] belde mij op [telefoonnummer], geboren [datum]. Wat een [naam]!'
    >>> mask_text("Mail naar j.smit@voorbeeld.nl, BSN 111222333")
    'Mail naar [e-mailadres], BSN [bsn]'
    """
    masked = shorten(strip_invisible(text[: 4 * LONGEST_TEXT]), LONGEST_TEXT)
    for _ in range(_PASSES):
        before = masked
        masked = _mask_once(masked)
        if masked == before:
            break
    return masked


def _mask_once(text: str) -> str:
    plain = text
    for pattern, replacement in _RULES:
        plain = pattern.sub(replacement, plain)
    masked = mask_cues(_TITLED_NAME.sub(_mask_titled_name, plain), _is_ordinary, _is_listed)
    masked = _NAMED.sub(_mask_known_name, _mask_capitalised(masked))
    return shorten(_mask_again(masked, _names_gone(plain, masked)), LONGEST_TEXT)


def _names_gone(text: str, masked: str) -> frozenset[str]:
    """Words that no longer stand in a text as often as they did, and are no common ones: names."""
    before, after = (_count_words(one) for one in (text, masked))
    lost = {word for word, number in before.items() if after.get(word, 0) < number}
    return frozenset(word for word in lost if len(word) > 2 and not _is_ordinary(word))


def _count_words(text: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for word in _WORD.findall(text):
        counts[_bare(word)] = counts.get(_bare(word), 0) + 1
    return counts


def _mask_again(text: str, names: frozenset[str]) -> str:
    if not names:
        return text
    return _WORD_OR_MASK.sub(lambda match: "[naam]" if _bare(match[0]) in names else match[0], text)


def _is_ordinary(word: str) -> bool:
    bare = _bare(word)
    return bare in COMMON or bare in NOT_A_NAME or bare in _ORDINARY_CAPITALS


def _bare(word: str) -> str:
    return word.casefold().removesuffix("'s").removesuffix("’s").rstrip("'’-")


def say_masks(text: str, language: str) -> str:
    """Return a masked text with the masks in a report's language.

    Examples
    --------
    >>> say_masks("Ask [naam], call [telefoonnummer]", "en")
    'Ask [name], call [phone number]'
    """
    if language == "nl":
        return text
    return _MASK.sub(lambda match: f"[{_ENGLISH_MASKS.get(match[1], match[1])}]", text)


def needs_reader(text: str) -> bool:
    """Whether a text has words in a script in which names cannot be told by their capital: somebody must read it first.

    Examples
    --------
    >>> [needs_reader(one) for one in ("Heel goed \N{WHITE SMILING FACE}", "Доктор Иванова", "ד״ר כהן")]
    [False, True, True]
    """
    other = [char for char in text if char.isalpha() and not unicodedata.name(char, "").startswith(_LATIN)]
    return len(other) > 1


_LATIN = ("LATIN", "FULLWIDTH LATIN", "MICRO", "FEMININE", "MASCULINE", "MATHEMATICAL", "MODIFIER LETTER")
_PASSES = 4
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_MASK = re.compile(r"\[([a-z-]+)\]")
_WORD_OR_MASK = re.compile(r"\[[a-z-]+\]|[^\W\d_][\w'’-]*")
_ENGLISH_MASKS = {
    "naam": "name",
    "telefoonnummer": "phone number",
    "e-mailadres": "e-mail address",
    "datum": "date",
    "jaar": "year",
    "nummer": "number",
    "rekeningnummer": "account number",
    "adres": "address",
}


def _passes_eleven_test(digits: str) -> bool:
    padded = digits.zfill(9)
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return int(padded) > 0 and sum(w * int(d) for w, d in zip(weights, padded, strict=True)) % 11 == 0


def _spells_a_number(text: str) -> bool:
    """Whether digits stand beside digits in words, of a telephone number's length: "06 zes drie 88 41 09 2"."""
    parts = re.split(r"[ ,./-]+", text)
    spelled = sum(not part[-1].isdecimal() for part in parts)
    return 2 <= spelled < len(parts) and 7 <= sum(len(part) if part[-1].isdecimal() else 1 for part in parts) <= 15


def _mask_number(match: re.Match[str]) -> str:
    digits = "".join(char for char in match[0] if char.isdecimal())
    return "[bsn]" if len(digits) in {8, 9} and _passes_eleven_test(digits) else "[nummer]"


def _mask_titled_name(match: re.Match[str]) -> str:
    first, particles = match["first"], match["particles"].lower().split()
    if (first.casefold() in COMMON and not first.istitle()) or first in PLACES_AND_BRANDS or first in CAPITALISED:
        return match[0]
    honorific = match["title"].lower().startswith(_HONORIFICS)
    if first.lower() in NOT_A_NAME:
        return match[0]
    if first.islower() and particles:
        named = particles == ["van"] or not _NAME_PARTICLES.isdisjoint(re.split(r"[ .]", match["particles"].lower()))
        if not named and not (honorific and particles == ["de"]):
            return match[0]
    elif first.islower() and first.endswith(("de", "te", "t")) and not honorific:
        return match[0]
    return f"{match['title']}{match['gap']}[naam]{_common_tail(match.string[match.end('first') : match.end()])}"


def _common_tail(behind: str) -> str:
    """Of the words behind a name, those from the first common one on: "MEVROUW DE GROOT BEDANKEN VOOR"."""
    words = (one for one in _WORD.finditer(behind) if one[0].casefold() not in _BETWEEN_NAMES)
    place = next((one.start() - 1 for one in words if _is_ordinary(one[0]) and not _is_listed(one[0])), len(behind))
    return behind[place:] if behind[place : place + 1] == " " else ""


_BETWEEN_NAMES = frozenset({"van", "de", "der", "den"})
_NAME_PARTICLES = frozenset({"den", "der", "ten", "ter", "v", "d"})
_HONORIFICS = ("mevr", "mw", "meneer", "mijnheer", "menheer", "dhr", "dr", "zr", "juf", "mr", "ms", "prof")
_CAPITAL_WORD = r"[A-ZÀ-ÖØ-Þ][\w'’-]{0,30}"

_DIGIT_WORDS = (
    "nul|een|één|twee|drie|vier|vijf|zes|zeven|acht|negen|zero|oh|one|two|three|four|five|six|seven|eight|nine|double"
)
_STREETS = "straat|laan|weg|plein|gracht|kade|singel|dijk|hof|steeg|pad|park|dreef|plantsoen|lei"
_ROADS = "Street|Road|Lane|Avenue|Drive|Close|Crescent|Terrace|Gardens|Court|Square|Way|St|Rd|Ave"

_RULES: tuple[tuple[re.Pattern[str], _Replacement], ...] = (
    (
        re.compile(
            r"\b[\w.-]{1,40}(?: (?:dot|punt) [\w-]{1,40}){0,3} (?:at|apenstaart(?:je)?|apestaart(?:je)?) [\w-]{1,40}"
            r"(?: ?(?:dot|punt|\.) ?[\w-]{2,20}){0,2} ?(?:dot|punt|\.) ?(?:com|nl|org|net|co|uk|eu|be|de|fr|info)\b",
            re.I,
        ),
        "[e-mailadres]",
    ),
    (
        re.compile(
            r"(?P<before>\b(?:pati[eë]nt(?:en)?-?nummer|polis-?nummer|klant-?nummer|dossier(?:-?nummer)?|lidnummer|"
            r"(?:patient|policy|customer|reference|member(?:ship)?|file|case|ref|account|nhs) (?:number|no\.?|nr\.?|"
            r"id)|nhs|polis|file|ref)(?: is|:| was)? ?)#?(?:[a-z]{1,3}-?)?\d(?:[ -]?\d){3,20}\b",
            re.I,
        ),
        r"\g<before>[nummer]",
    ),
    (re.compile(r"(?<!\w)#\d{3,20}\b"), "[nummer]"),
    (re.compile(r"\b\d{2}-\d{2}-\d{2} \d{8}\b"), "[rekeningnummer]"),
    (
        re.compile(r"\b(?:[\w-]{1,40}\.){1,3}(?:com|nl|org|net|uk|be|eu|de|info)/[^\s<>()]{1,200}", re.I),
        "[link]",
    ),
    (
        re.compile(
            rf"(?<!\w)(?:(?:{_DIGIT_WORDS}|\+?\d{{1,5}})[ ,./-]{{1,2}}){{3,14}}(?:{_DIGIT_WORDS}|\d{{1,6}})\b", re.I
        ),
        lambda match: "[telefoonnummer]" if _spells_a_number(match[0]) else match[0],
    ),
    (re.compile(r"\b(?:flat|apartment|unit) \d{1,4}[a-zA-Z]?, (?=\d{1,4}[a-zA-Z]? [A-Z])", re.I), ""),
    (re.compile(rf"\bVan (?:de[nr]? )?(?=[A-Z][a-z]{{2,30}}(?:{_STREETS}) \d)"), ""),
    (re.compile(rf"\b(?:(?:{_DIGIT_WORDS})[ ,-]{{1,2}}){{5,14}}(?:{_DIGIT_WORDS})\b", re.I), "[telefoonnummer]"),
    (
        re.compile(
            rf"\b[a-z]{{3,30}}(?:{_STREETS}),? (?:nr\.? ?|nummer )?\d{{1,5}}(?: ?(?:[a-zA-Z]|hs|bis|\d?hoog)\b)?", re.I
        ),
        "[adres]",
    ),
    (re.compile(rf"\b\d{{1,4}}[a-zA-Z]? (?:{_CAPITAL_WORD} ){{1,3}}(?:{_ROADS})\b"), "[adres]"),
    (
        re.compile(r"(?P<before>\b(?:huisnummer|huisnr\.?|house number|flat|apartment) )\d{1,5}[a-zA-Z]?\b", re.I),
        r"\g<before>[nummer]",
    ),
    (re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"), "[postcode]"),
    (
        re.compile(
            r"(?P<before>\b(?:my name is|i am called|this is|ik heet|(?:met )?vriendelijke groet(?:en)?|"
            r"groet(?:en|jes)?|mvg|gr|kind regards|best regards|regards|yours sincerely|signed|love from|liefs)[,.:]? )"
            r"(?-i:(?:[A-Z](?:\. ?| )){0,3})(?:van |de |der |den ){0,2}(?P<first>[^\W\d_][\w'’-]{1,30})"
            r"(?: (?:van |de |der |den ){0,2}[^\W\d_][\w'’-]{1,30})?(?=[.!]?$)",
            re.I,
        ),
        lambda match: match[0] if _is_ordinary(match["first"]) else f"{match['before']}[naam]",
    ),
    (re.compile(r"[\w.+%-]{1,64}\s?(?:@|\(at\)|\[at\])\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}", re.I), "[e-mailadres]"),
    (re.compile(r"\b(?:https?://|www\.)[^\s<>]{1,500}", re.I), "[link]"),
    (re.compile(r"(?<![\w@])@\w{2,30}"), "[naam]"),
    (re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b", re.I), "[rekeningnummer]"),
    (re.compile(r"(?<!\d)\d{1,2} ?[-/.] ?\d{1,2} ?[-/.] ?(?:\d{4}|\d{2})(?!\d)"), "[datum]"),
    (re.compile(r"(?<!\d)(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)"), "[datum]"),
    (re.compile(rf"(?<!\d)\d{{1,2}}(?:e|ste|de|st|nd|rd|th)? (?:{MONTHS})\.? '?\d{{2,4}}\b", re.I), "[datum]"),
    (
        re.compile(r"(?P<born>\b(?:geboren|geb\.?|geboortejaar|born)(?: (?:in|op|on|is))? )'?\d{2,4}\b", re.I),
        r"\g<born>[jaar]",
    ),
    (
        re.compile(
            r"(?<![\w+])(?:(?:\+|00)[ ]?\d{1,3}[ .\-/]{0,3}(?:\(0\))?|\(?0\d{1,3}\)?)(?:[ .\-/]{0,3}\d){6,11}(?!\d)"
        ),
        "[telefoonnummer]",
    ),
    (re.compile(r"(?<![\d,])\d(?:[ .\-]?\d){6,30}(?!\d)"), _mask_number),
    (
        re.compile(r"\b[1-9]\d{3}(?: ?[A-Z]{2}|[a-z]{2})\b(?!-)(?:,? (?:nr\.? ?)?\d{1,4}(?: ?[a-zA-Z])?\b)?"),
        "[postcode]",
    ),
    (
        re.compile(
            rf"\b{_CAPITAL_WORD}(?:straat|laan|weg|plein|gracht|kade|singel|dijk|hof|steeg|pad|park|dreef|plantsoen)"
            r" \d{1,5}(?: ?[a-zA-Z]\b)?"
        ),
        "[adres]",
    ),
)

_TITLED_NAME = re.compile(
    rf"(?<![\w\[-])(?P<title>(?:{TITLES})\b\.?)(?P<gap> )(?:(?:{TITLES})\b\.? )?(?:[A-Z]\.[ -]?){{0,4}}"
    rf"(?P<particles>{_PARTICLES})(?P<first>[^\W\d_][\w'’-]{{1,30}})"
    rf"(?:[ -](?:van |de |der |den )*(?-i:{_CAPITAL_WORD})){{0,3}}",
    re.I,
)

_INSIDE_SENTENCE = re.compile(
    rf"(?P<before>[\w,;)\]%€’'\"-] )(?:[A-Z]\.[ ]?){{0,3}}"
    rf"(?P<name>{_CAPITAL_WORD}(?: (?:(?:van|de|der|den|het|ten|ter) ){{0,2}}{_CAPITAL_WORD})*)"
)


def _mask_capitalised(text: str) -> str:
    letters = [char for char in text if char.isalpha()]
    if sum(char.isupper() for char in letters) > 0.5 * len(letters):
        return text
    return _INSIDE_SENTENCE.sub(_mask_inside, text)


def _mask_inside(match: re.Match[str]) -> str:
    words = match["name"].split()
    kept = [_is_kept(word) for word in words]
    start = match.string[: match.start("name")].split()
    if start and start[-1].casefold() in _BEFORE_THINGS and not any(_is_listed(word) for word in words):
        return match[0]
    if all(kept):
        return match[0]
    if kept[0]:  # "Tandarts Jansen", "Dear Marieke": what comes before the name stays
        first = next(place for place, one in enumerate(kept) if not one)
        lead = match["name"][: match["name"].index(words[first], len(" ".join(words[:first])))]
        return f"{match['before']}{lead}[naam]"
    return f"{match['before']}[naam]"


def _is_kept(word: str) -> bool:
    bare = word.removesuffix("'s").removesuffix("’s").rstrip("'’-")
    if _is_listed(bare):
        return False
    return bare in CAPITALISED or _ABBREVIATION.fullmatch(bare) is not None or _is_ordinary(bare)


def _is_listed(word: str) -> bool:
    return _bare(word) in FIRST_NAMES or _bare(word) in SURNAMES - COMMON


_DETERMINERS = "the a an my our your no every some more wrong het een geen elke meer mijn ons onze"
_BEFORE_THINGS = frozenset(_DETERMINERS.split())
"""Words after which a capital is no name, unless it is a known one: "the Car Park", "een Stent"."""

_ABBREVIATION = re.compile(r"[A-Z0-9ÄÖÜ&/-]+s?|X-?rays?|[A-Z]+-[a-z]+")
_ORDINARY_CAPITALS = frozenset(word.casefold() for word in CAPITALISED | PLACES_AND_BRANDS)
_TITLED = "|".join(sorted(name for name in FIRST_NAMES - UNMISTAKABLE if len(name) > 2))
_KNOWN = "|".join(sorted(UNMISTAKABLE, key=len, reverse=True))
_FAMILY = "|".join(sorted(SURNAMES - COMMON, key=len, reverse=True))
_NAMED = re.compile(
    rf"(?<![\w\[-])(?:(?P<known>(?i:{_KNOWN}))|(?P<titled>(?:{_TITLED.title()}))|(?P<family>(?:{_FAMILY.title()})))"
    rf"(?P<rest>(?:[ -](?:(?:van|de|der|den|ter|ten|el|al) ){{0,2}}{_CAPITAL_WORD}){{0,2}})(?![\w-])(?P<own>['’]s)?"
)


def _mask_known_name(match: re.Match[str]) -> str:
    """A first name or surname, with the surname behind it; one that may be a word only inside a sentence."""
    start = match.string[: match.start()].rstrip()
    begins = not start or start[-1] in ".!?:;\n"
    rest = match["rest"] or ""
    if match["titled"] and begins and not rest:
        return match[0]
    behind = [word for word in rest.split() if not word[0].islower()]
    lost = "" if all(not _is_kept(word) for word in behind) else rest
    return f"[naam]{lost}{match['own'] or ''}"
