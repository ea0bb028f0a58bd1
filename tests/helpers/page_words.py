"""What stands on a page: its words without markup, and the cells of its tables."""

from __future__ import annotations

import re
from html.parser import HTMLParser


class _Text(HTMLParser):
    """The words of a page in its own language: what is quoted in another one is left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._skipped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._skipped or tag in {"style", "blockquote"}:
            self._skipped.append(tag)
        self.parts.append(" ")
        self.parts += [value or "" for name, value in attrs if name in {"aria-label", "title", "data-contents"}]

    def handle_endtag(self, tag: str) -> None:
        if self._skipped and tag == self._skipped[-1]:
            self._skipped.pop()
        self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.parts.append(data)


def words_of(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    return re.sub(r"\s+", " ", "".join(parser.parts))


def cells_of(html: str, first: str) -> list[str]:
    """Cells of the table row that starts with these words."""
    head = re.compile(rf'<th[^>]*scope="row"[^>]*>{re.escape(first)}</th>')
    row = next(part for part in re.split(r"<tr[ >]", html) if head.search(part))
    return re.findall(r"<td[^>]*>([^<]*)</td>", row)
