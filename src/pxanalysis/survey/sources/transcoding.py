"""A long text in any encoding as a copy in UTF-8, written piece by piece; the encoding is found as for a short one."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from pxanalysis.errors import SourceError
from pxanalysis.survey.sources.encoding import NEVER, Decoded, decode_text

__all__ = ["copy_as_utf8", "find_encoding"]

_PIECE = 2**20
_WORDS = re.compile(rb"[0-9A-Za-z_\x80-\xff]*[\x80-\xff][0-9A-Za-z_\x80-\xff]*")
_MOST_WORDS = 2**26
"""Bytes of words with a letter beyond ASCII up to which they are held: the encoding is told by these alone."""
_CONTROLS = bytes(ord(letter) for letter in NEVER)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def find_encoding(path: Path, name: str, encoding: str | None) -> Decoded | None:
    """The encoding of a whole file and what is to be said of it, without its text.

    Returns
    -------
    None where it has to be read as a whole: bytes that are no letters, UTF-8 with wrong bytes, very much that is not
    ASCII; what is wrong is then said of the whole.
    """
    if encoding is not None:
        return Decoded("", "utf-8-sig" if encoding.lower() in {"utf-8", "utf8"} else encoding)
    with path.open("rb") as stream:
        start = stream.read(2)
    if start in _UTF16:
        return decode_text(start, name)
    if _is_utf8(path):
        return Decoded("", "utf-8-sig")
    words = _collect_words(path)
    if words is None or words.startswith(b"\xef\xbb\xbf"):
        return None
    try:
        found = decode_text(words, name)
    except SourceError:
        return None
    return None if found.encoding.startswith("utf") else Decoded("", found.encoding, found.notes)


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                if not piece.isascii() or decoder.getstate()[0]:
                    decoder.decode(piece)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _collect_words(path: Path) -> bytes | None:
    """Every word with a byte beyond ASCII, in order, with a space between; None where there is what no text holds."""
    found: list[bytes] = []
    held, rest = 0, b""
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            data = rest + piece
            cut = data.rfind(b"\n") + 1 or len(data)
            data, rest = data[:cut], data[cut:]
            if len(data.translate(None, _CONTROLS)) < len(data):
                return None
            words = _WORDS.findall(data)
            held += sum(map(len, words)) + len(words)
            if held > _MOST_WORDS:
                return None
            found += words
    if len(rest.translate(None, _CONTROLS)) < len(rest):
        return None
    return b" ".join([*found, *_WORDS.findall(rest)])


def copy_as_utf8(path: Path, encoding: str, copy: Path, *, old_mac: bool) -> bool:
    """Write a copy in UTF-8; False where the file is not in this encoding.

    ``old_mac``: lines end in a carriage return alone, which becomes a line feed; else line ends stay as they are.
    """
    ends = None if old_mac else ""
    try:
        with path.open(encoding=encoding, newline=ends) as text, copy.open("w", encoding="utf-8", newline="") as out:
            first = True
            while piece := text.read(_PIECE):
                out.write(piece.removeprefix("\ufeff") if first else piece)
                first = False
    except UnicodeDecodeError:
        return False
    return True
