"""Pages opened in the browser."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page


def open_page(browser: Browser, folder: Path, html: str, **options: Any) -> Page:
    file = folder / "page.html"
    file.write_text(html, encoding="utf-8")
    page = browser.new_page(**options)
    page.goto(file.as_uri())
    return page


def pages_of(file: Path) -> list[str]:
    text = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout
    return text.removesuffix("\f").split("\f")
