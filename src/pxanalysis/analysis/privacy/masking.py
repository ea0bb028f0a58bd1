"""Free text from patients, made fit to show: what points at a person is masked, what hides is removed.

Applied once, when a study is fitted, so that no report, notebook or file of results ever holds the raw text.

`mask_text` works by rules, in Dutch and for the commonest English forms. Libraries were weighed (2026): *deduce*
(made for Dutch clinical notes) recognises more names, but takes 93 s to build its word lists on first use, 9 s on
every later start and 86 MB, is LGPL and pins other packages exactly; *presidio* has no Dutch names or numbers
without a spaCy model of its own. Neither fits a run that may take a minute. What the rules do:

- e-mail and web addresses, ``@handles``, telephone numbers, IBAN, Dutch postcodes, streets with a house number;
- full dates in digits or words, and a year after "geboren": a date of birth cannot be told from another date;
- every number of seven digits or more; a BSN (eight or nine digits that pass the eleven-test) is named as such;
- names after a title or profession (dokter, tandarts, mevrouw, dhr., dr. ...), in capitals or not;
- any capitalised word inside a sentence that is not a known exception, since in Dutch those are names.

What they miss: a first name or surname that starts a sentence or is written without a capital and without a title
("marieke was top"); a name in lower case that looks like a verb ("dokter smit"); names in a text all in capitals
without a title; numbers and addresses written out in words ("jan apenstaart ..."); and what identifies somebody
by its content ("ik ben de burgemeester"). Comments are therefore shown to the practice concerned only, and only
where the small-n rule allows. What they mask without need: places, brands and other dates.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

__all__ = ["CAPITALISED", "LONGEST_TEXT", "MONTHS", "NOT_A_NAME", "TITLES", "mask_text", "shorten", "strip_invisible"]

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
    "medewerk(?:er|ster)|verpleegkundige|optometrist|apotheker|apothekersassistente?|stagiaire?|collega|dentist|nurse|"
    "hygienist|receptionist|naam is|heet|genaamd"
)
"""Regular expression of what comes before somebody's name."""

_AFTER_TITLES = """
aan achter af al alle alleen allemaal als altijd ben beter bij bijna binnen boven buiten daar daarna dan dat de
deed den der deze die dit doe doet door dus een eens eerst eigenlijk elke en er erg even gaat gaf gewoon geeft
geen ging goed graag had hadden hebben heb heeft heel helaas hem hen het hier hij hoe hun ik in is ja je kan
keek kent kijkt kom komt kon konden kreeg krijgt kwam laat later leek lekker liep liet lijkt maar maak meer
meestal meteen mij mijn moet moest na naar nam neemt nee niet niemand niets nog nooit nu of om omdat onder ons
onze ook op over praktijk prima riep samen sneller snel sprak steeds stond soms te tegen toen tot trok tussen u
uit uw vaak van vanaf veel vergat verder verscheen viel vind volgens voor vond vooral vraag vroeg waar waren was
wat weer weet weg wel weinig werd werden werk wie wil wilde wist wou word worden ze zeer zei zelf zich zij zijn
zo zoals zocht zonder zou zouden zorgt zullen zult a about and are as at because been but by did does for from
gave got has have he her him his i if it its just me my never not no or our she so than that the their them then
there they this to too us very we well went were what when which who will with would you your aardig aardige
vriendelijk vriendelijke rustig rustige deskundig duidelijk geweldig fantastisch top
"""

_IN_SENTENCES = """
U Uw Ik I I'm I've I'd Nederland Nederlands Nederlandse Engels Engelse Duits Duitse Europa Corona Covid Internet
Google DigiD WhatsApp Zorgkaart ZorgkaartNederland Monday Tuesday Wednesday Thursday Friday Saturday Sunday
January February March April May June July August September October November December Christmas Kerst Pasen
Pinksteren Dutch English Netherlands Mevrouw Meneer Mijnheer Dokter Tandarts Huisarts Arts Dhr Mw Mevr Dr Drs Mr
Mrs Ms Doctor Dentist
"""

NOT_A_NAME = frozenset(_AFTER_TITLES.split())
"""Words in lower case that follow a title without being a name."""

CAPITALISED = frozenset(_IN_SENTENCES.split())
"""Words that have a capital inside a sentence without being a name."""

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

    Returns at most `LONGEST_TEXT` characters. The masks are Dutch words in square brackets. Masking a masked text
    changes nothing. The module docstring says what is recognised and what is missed.

    Examples
    --------
    >>> mask_text("Dokter Jansen belde mij op 06-12345678, geboren 12-03-1961.")
    'Dokter [naam] belde mij op [telefoonnummer], geboren [datum].'
    >>> mask_text("Mail naar j.smit@voorbeeld.nl, BSN 111222333")
    'Mail naar [e-mailadres], BSN [bsn]'
    """
    masked = shorten(strip_invisible(text[: 4 * LONGEST_TEXT]), LONGEST_TEXT)
    for pattern, replacement in _RULES:
        masked = pattern.sub(replacement, masked)
    return shorten(_mask_capitalised(masked), LONGEST_TEXT)


def _passes_eleven_test(digits: str) -> bool:
    padded = digits.zfill(9)
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return int(padded) > 0 and sum(w * int(d) for w, d in zip(weights, padded, strict=True)) % 11 == 0


def _mask_number(match: re.Match[str]) -> str:
    digits = "".join(char for char in match[0] if char.isdecimal())
    return "[bsn]" if len(digits) in {8, 9} and _passes_eleven_test(digits) else "[nummer]"


def _mask_titled_name(match: re.Match[str]) -> str:
    first, particles = match["first"], match["particles"].lower().split()
    honorific = match["title"].lower().startswith(_HONORIFICS)
    if first.lower() in NOT_A_NAME:
        return match[0]
    if first.islower() and particles:
        named = particles == ["van"] or not _NAME_PARTICLES.isdisjoint(re.split(r"[ .]", match["particles"].lower()))
        if not named and not (honorific and particles == ["de"]):
            return match[0]
    elif first.islower() and first.endswith(("de", "te", "t")) and not honorific:
        return match[0]
    return f"{match['title']}{match['gap']}[naam]"


_NAME_PARTICLES = frozenset({"den", "der", "ten", "ter", "v", "d"})
_HONORIFICS = ("mevr", "mw", "meneer", "mijnheer", "menheer", "dhr", "dr", "zr", "juf", "mr", "ms", "prof")
_CAPITAL_WORD = r"[A-ZÀ-ÖØ-Þ][\w'’-]{0,30}"

_RULES: tuple[tuple[re.Pattern[str], _Replacement], ...] = (
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
    (re.compile(r"\b[1-9]\d{3}(?: ?[A-Z]{2}|[a-z]{2})\b(?!-)"), "[postcode]"),
    (
        re.compile(
            rf"\b{_CAPITAL_WORD}(?:straat|laan|weg|plein|gracht|kade|singel|dijk|hof|steeg|pad|park|dreef|plantsoen)"
            r" \d{1,5}(?: ?[a-zA-Z]\b)?"
        ),
        "[adres]",
    ),
    (
        re.compile(
            rf"(?<![\w\[-])(?P<title>(?:{TITLES})\b\.?)(?P<gap> )(?:(?:{TITLES})\b\.? )?(?:[A-Z]\.[ -]?){{0,4}}"
            rf"(?P<particles>{_PARTICLES})(?P<first>[^\W\d_][\w'’-]{{1,30}})"
            rf"(?:[ -](?:van |de |der |den )*(?-i:{_CAPITAL_WORD})){{0,3}}",
            re.I,
        ),
        _mask_titled_name,
    ),
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
    if all(word in CAPITALISED or word.isupper() for word in words):
        return match[0]
    return f"{match['before']}[naam]"
