"""A page on paper: printed to PDF by a headless Chromium, when the machine has one."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from pxanalysis.errors import ReportError
from pxanalysis.survey.files import write_atomically

__all__ = ["find_browser", "render_pdf"]

_BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
)


def find_browser() -> str:
    """Return the path of a Chromium.

    Raises
    ------
    ReportError
        When there is none.
    """
    for name in _BROWSERS:
        path = shutil.which(name)
        if path:
            return path
    raise ReportError(
        "PDF: no Chromium found. Install one (Debian: apt install chromium), or open the HTML report in a browser and "
        "print it; the page is laid out for A4."
    )


def render_pdf(page: Path, output: Path | None = None, *, full: bool = False, timeout: float = 120.0) -> Path:
    """Print a report to PDF, beside it unless ``output`` says where.

    Parameters
    ----------
    page
        The HTML file.
    full
        Print all of a report; else the two sheets that everybody reads. A page's style prints the rest where its
        address ends in ``#content``, so that a reader can do so from a browser as well.
    timeout
        Seconds that the browser may take.

    Raises
    ------
    ReportError
        When there is no page, no browser, or the browser fails.
    """
    if not page.is_file():
        raise ReportError(f"{page}: there is no such report; make it first with 'pxanalysis report'.")
    target = output or page.with_suffix(".pdf")
    browser = find_browser()
    with tempfile.TemporaryDirectory() as folder:
        printed = Path(folder, "page.pdf")
        command = [
            browser,
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--no-pdf-header-footer",
            "--generate-pdf-document-outline",
            f"--user-data-dir={folder}/profile",
            f"--print-to-pdf={printed}",
            page.resolve().as_uri() + ("#content" if full else ""),
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            # Chromium's sandbox refuses to run as root; the page has no script and asks for nothing.
            command.insert(1, "--no-sandbox")
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
        except subprocess.TimeoutExpired as error:
            raise ReportError(f"{page.name}: the browser took more than {timeout:g} seconds to print it.") from error
        if not printed.is_file():
            lines = done.stderr.strip().splitlines()
            raise ReportError(f"{page.name}: {Path(browser).name} made no PDF: {lines[-1] if lines else 'no message'}")
        write_atomically(target, printed.read_bytes())
    return target
