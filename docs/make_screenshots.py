"""Take the pictures in docs/ from one report of the demo study: desktop, phone, dark, paper, and the index.

Run by ``make screenshots`` after ``make report``; needs Chromium, and for the picture of the printed report poppler.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from pxanalysis.reporting.making.pdf import find_browser, render_pdf

HERE = Path(__file__).resolve().parent
REPORTS = HERE.parent / "reports"
PRACTICE = "01010137"

DESKTOP = {"viewport": {"width": 1100, "height": 1400}}
PHONE = {"viewport": {"width": 390, "height": 1400}, "device_scale_factor": 2}
A4 = {"viewport": {"width": 794, "height": 1123}}
"""An A4 page in pixels of 1/96 inch."""

PAPER_PAGES = 4


def take(browser: Browser, page_path: Path, name: str, **options: object) -> None:
    """Picture of the first screen of a page."""
    page = browser.new_page(**options)
    page.goto(page_path.as_uri())
    page.screenshot(path=HERE / f"{name}.png")
    page.close()


def take_paper(browser: Browser, report: Path, name: str) -> None:
    """Picture of the first pages of the printed report, side by side as they come out of the printer."""
    if shutil.which("pdftoppm") is None:
        page = browser.new_page(**A4)
        page.emulate_media(media="print")
        page.goto(report.as_uri())
        page.screenshot(path=HERE / f"{name}.png")
        page.close()
        return
    with tempfile.TemporaryDirectory() as folder:
        printed = render_pdf(report, Path(folder, "report.pdf"), full=True)
        pages = Path(folder, "page")
        subprocess.run(["pdftoppm", "-r", "72", "-png", "-l", str(PAPER_PAGES), printed, pages], check=True)
        sheets = sorted(Path(folder).glob("page-*.png"))
        pictures = "".join(f'<img src="{sheet.name}">' for sheet in sheets)
        style = (
            "body{margin:0;padding:16px;background:#8b949d;display:grid;grid-template-columns:1fr 1fr;gap:16px}"
            "img{width:100%;box-shadow:0 1px 6px #0006}"
        )
        spread = Path(folder, "spread.html")
        spread.write_text(f"<!doctype html><style>{style}</style>{pictures}", encoding="utf-8")
        page = browser.new_page(viewport={"width": 1240, "height": 800})
        page.goto(spread.as_uri())
        page.screenshot(path=HERE / f"{name}.png", full_page=True)
        page.close()


def main() -> None:
    """Take all pictures."""
    report, index = REPORTS / f"{PRACTICE}.html", REPORTS / "index.html"
    if not report.exists():
        sys.exit(f"{report} is not there; run 'make report' first.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        take(browser, report, "report-desktop", **DESKTOP)
        take(browser, report, "report-dark", **DESKTOP, color_scheme="dark")
        take(browser, report, "report-phone", **PHONE)
        take(browser, index, "index", viewport={"width": 1100, "height": 800})
        take(browser, index, "index-phone", **PHONE)
        take_paper(browser, report, "report-print")
        browser.close()


if __name__ == "__main__":
    main()
