"""Take the pictures in docs/ from one report of the demo study: desktop, phone, dark, print and the index.

Run by ``make screenshots`` after ``make report``; needs Chromium.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).resolve().parent
REPORTS = HERE.parent / "reports"
PRACTICE = "01010137"

VIEWS = {
    "desktop": {"viewport": {"width": 1100, "height": 1400}},
    "phone": {"viewport": {"width": 390, "height": 1400}, "device_scale_factor": 2},
    "dark": {"viewport": {"width": 1100, "height": 1400}, "color_scheme": "dark"},
}


def take(browser: Browser, page_path: Path, name: str, **options: object) -> None:
    """Picture of the first screen of a page."""
    page = browser.new_page(**options)
    page.goto(page_path.as_uri())
    page.screenshot(path=HERE / f"{name}.png")
    page.close()


def main() -> None:
    """Take all pictures."""
    report, index = REPORTS / f"{PRACTICE}.html", REPORTS / "index.html"
    if not report.exists():
        sys.exit(f"{report} is not there; run 'make report' first.")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("Chromium is needed (Debian: apt install chromium).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, options in VIEWS.items():
            take(browser, report, f"report-{name}", **options)
        take(browser, index, "index", viewport={"width": 1100, "height": 800})
        printed = browser.new_page(viewport={"width": 794, "height": 1123})
        printed.emulate_media(media="print")
        printed.goto(report.as_uri())
        printed.screenshot(path=HERE / "report-print.png")
        browser.close()


if __name__ == "__main__":
    main()
