"""How the bytes of a text file are letters, by the whole file: one wrong byte does not turn all the others."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pxanalysis.errors import SourceError

__all__ = ["NEVER", "Decoded", "decode_text"]

_BOMS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")
_LIKELY = frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿœšžßÀÁÂÄÅÆÇÈÉÊËÍÎÏÑÓÔÖØÙÚÛÜŒ€‘’“”–—…•°½\u00a0")
NEVER = frozenset(chr(code) for code in (*range(9), 0x0B, *range(0x0E, 0x1B)))
"""Control characters: what holds them is no text."""
_WORD = re.compile(r"\w*[^\x00-\x7f]+\w*")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text, the encoding it was read by, and what is to be said of it."""

    text: str
    encoding: str
    notes: tuple[str, ...] = ()


def decode_text(raw: bytes, name: str, encoding: str | None = None) -> Decoded:
    """Decode a whole file: by study.toml, its byte order mark, UTF-8, or else Windows or Macintosh (Western).

    Raises
    ------
    SourceError
        When the letters are of another encoding; the message names the setting that tells it.
    """
    if encoding is not None:
        return _decode_by(raw, name, encoding)
    for mark, known in _BOMS:
        if raw.startswith(mark):
            try:
                note = f"{name} is {known}, not UTF-8; it was read as {known}. Check accented letters."
                return Decoded(raw.decode(known), known, () if known == "utf-8-sig" else (note,))
            except UnicodeDecodeError:
                break
    try:
        return Decoded(raw.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        place = error.start
    high = len(_HIGH.findall(raw))
    formed = sum(len(part) for part in _SEQUENCE.findall(raw))
    if formed / high > 0.5:
        return _decode_damaged(raw, name)
    return _decode_western(raw, name, place)


def _decode_by(raw: bytes, name: str, encoding: str) -> Decoded:
    try:
        return Decoded(raw.decode("utf-8-sig" if encoding.lower() in {"utf-8", "utf8"} else encoding), encoding)
    except LookupError as error:
        raise SourceError(
            f'study.toml [source] encoding: \'{encoding}\' is not known. Write, for example, "cp1252", "mac_roman", '
            '"cp949" or "latin2".'
        ) from error
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        raise SourceError(
            f"{name}, line {row}: byte {error.start} is not {encoding}, as study.toml [source] encoding says. Correct "
            "the setting, or leave it out to have it found."
        ) from error


def _decode_damaged(raw: bytes, name: str) -> Decoded:
    """UTF-8 with a few wrong bytes, which become U+FFFD."""
    text = raw.decode("utf-8-sig", errors="replace")
    lines = [row for row, line in enumerate(raw.split(b"\n"), start=1) if _is_damaged(line)]
    where = _name_lines(lines)
    note = f"{name} is UTF-8, but for bytes on line {where}; each is shown as \ufffd. Correct them in the export."
    return Decoded(text, "utf-8", (note,))


def _name_lines(lines: list[int]) -> str:
    """All line numbers, those that follow each other as a range.

    Examples
    --------
    >>> _name_lines([2, 5, 6, 7])
    '2, 5-7'
    """
    ranges: list[list[int]] = []
    for line in lines:
        if ranges and line == ranges[-1][-1] + 1:
            ranges[-1] = [ranges[-1][0], line]
        else:
            ranges.append([line])
    return ", ".join("-".join(map(str, one)) for one in ranges)


def _is_damaged(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def _decode_western(raw: bytes, name: str, place: int) -> Decoded:
    best, best_share, text = "", -1.0, ""
    for encoding in ("cp1252", "mac_roman"):
        try:
            decoded = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        odd = [letter for letter in decoded if letter > "\x7f"]
        share = sum(letter in _LIKELY for letter in odd) / len(odd) - 0.5 * _mixed_case(decoded)
        if share > best_share:
            best, best_share, text = encoding, share, decoded
    if best_share < 0.6 or any(letter in text for letter in NEVER):
        row = raw.count(b"\n", 0, place) + 1
        raise SourceError(
            f"{name}, line {row}: the text is neither UTF-8, UTF-16 nor Windows-1252 or Macintosh (byte {place}). "
            'Say what they are in study.toml: [source] encoding = "cp949" (Korean), "cp1250" (Central Europe), '
            "...; or save the file as CSV UTF-8."
        )
    words = list(dict.fromkeys(_WORD.findall(text)))
    shown = ", ".join(words[:5]) + (f" (examples of {len(words)} such words)" if len(words) > 5 else "")
    note = f"{name} is {best}, not UTF-8; it was read as {best}. Check accented letters: {shown}."
    return Decoded(text, best, (note,))


def _mixed_case(text: str) -> float:
    """Share of words with a letter beyond ASCII in which a capital follows a small letter, as wrong decoding makes."""
    words = _WORD.findall(text)
    odd = sum(bool(re.search(r"[a-zà-ÿ][A-ZÀ-ÞŠŽ]|[a-z][€‘’“”•§®©™°]", word)) for word in words)
    return odd / max(len(words), 1)
