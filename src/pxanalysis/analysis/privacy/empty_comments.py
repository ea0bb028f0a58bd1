"""Which comments say nothing: "geen", "n.v.t.", "-", "no comments"."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["says_something"]

_DUTCH = (
    *("geen", "niets", "niks", "nee", "neen", "nee hoor", "nvt", "n v t", "nihil", "leeg", "niet van toepassing"),
    *("weet niet", "weet ik niet", "geen idee", "geen mening", "niets te melden", "niets toe te voegen"),
)
_ENGLISH = (
    *("no", "none", "nope", "nothing", "na", "n a", "nil", "null", "empty", "not applicable", "dont know"),
    *("do not know", "no idea", "no opinion", "nothing to add", "nothing to report"),
)
_WHOLE = frozenset((*_DUTCH, *_ENGLISH))
_SUBJECTS = (
    *("opmerking", "opmerkingen", "commentaar", "aanvulling", "aanvullingen", "toelichting", "suggestie"),
    *("suggesties", "verbeterpunt", "verbeterpunten", "tip", "tips", "klacht", "klachten", "bijzonderheden"),
    *("comment", "comments", "remark", "remarks", "suggestion", "suggestions", "complaint", "complaints", "additions"),
)
_MORE = "(?:verder|nog|extra|further|other|more|additional)"
_ABOUT = re.compile(rf"(?:nee |no )?(?:{_MORE} )?(?:geen|no) (?:{_MORE} )?(?:{'|'.join(_SUBJECTS)})")
_KEYSTROKES = re.compile(r"(?:x+|\w)(?: (?:x+|\w))*")


def _bare(text: str) -> str:
    """Words only, in lower case; emoji and signs such as + that may carry a meaning stay."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = plain.replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")
    return " ".join("".join(" " if unicodedata.category(sign)[0] in "PZC" else sign for sign in plain).split())


def says_something(text: str) -> bool:
    """Whether a comment has content: more than "none", "not applicable", a dash or an x, in Dutch or English.

    Short praise ("prima") and blame ("duur") have content.

    Examples
    --------
    >>> [says_something(text) for text in ("Geen opmerkingen.", "n.v.t.", "-", "Prima!", "Geen parkeerplaats.")]
    [False, False, False, True, True]
    """
    bare = _bare(text)
    return bool(bare) and bare not in _WHOLE and not _ABOUT.fullmatch(bare) and not _KEYSTROKES.fullmatch(bare)
