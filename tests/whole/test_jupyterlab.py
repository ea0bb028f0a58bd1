"""The notebooks in a real JupyterLab: opened in a browser, all cells run, their pictures and parts of reports seen."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from pxanalysis.study import Study, notebooks_folder

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LONGEST = 240_000
"""Milliseconds in which a notebook has to be done on a busy machine."""


@pytest.fixture(scope="module")
def lab(made: Study, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Address of a JupyterLab on a copy of a study with its notebooks."""
    root = tmp_path_factory.mktemp("lab") / "study"
    shutil.copytree(made.root, root)
    for notebook in notebooks_folder().glob("*.ipynb"):
        shutil.copyfile(notebook, root / "notebooks" / notebook.name)
    settings = root.parent / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0"]
    command += ["--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True", f"--ServerApp.root_dir={root}"]
    places = {"JUPYTERLAB_SETTINGS_DIR": str(root.parent / "settings"), "HOME": str(root.parent)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, **places}) as server:
        try:
            yield _address(server), root
        finally:
            server.terminate()


def _address(server: subprocess.Popen[str]) -> str:
    assert server.stderr is not None
    for line in server.stderr:
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found:
            return found[0]
    raise AssertionError("JupyterLab did not start")


def run_all(chromium: Browser, address: str, notebook: str) -> Page:
    page = chromium.new_page(viewport={"width": 1500, "height": 1000})
    page.goto(f"{address}/lab/tree/notebooks/{notebook}?reset")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    prompts: list[str] = []
    while all("[ ]" in prompt for prompt in prompts):  # a click before the kernel is there does nothing
        page.wait_for_timeout(2000)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        page.wait_for_timeout(1000)
        prompts = page.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts()
    cells = page.locator(".jp-CodeCell")
    deadline = time.monotonic() + LONGEST / 1000
    while time.monotonic() < deadline:
        prompts = page.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts()
        if len(prompts) == cells.count() and all(re.search(r"\[\d+\]", prompt) for prompt in prompts):
            return page
        time.sleep(0.5)
    raise AssertionError(f"{notebook} was not done in time: {prompts}")


@pytest.mark.parametrize(("notebook", "pictures"), [("drivers.ipynb", 3), ("calibration.ipynb", 0)])
def test_a_notebook_shows_its_pictures(chromium: Browser, lab: tuple[str, Path], notebook: str, pictures: int) -> None:
    page = run_all(chromium, lab[0], notebook)
    assert (
        page.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]').all_inner_texts() == []
    )
    assert page.locator(".jp-RenderedImage img").count() >= pictures
    assert not any(
        "<Axes" in text or "Figure size" in text for text in page.locator(".jp-RenderedText").all_inner_texts()
    )
    page.close()


def test_a_report_in_the_notebook_looks_like_the_page(chromium: Browser, lab: tuple[str, Path]) -> None:
    address, root = lab
    path = root / "notebooks" / "practice_report.ipynb"
    sizes = Study(root).results["practices"].set_index("practice_id")["n"]
    practice = sizes[[name.isalnum() for name in sizes.index]].idxmax()
    path.write_text(path.read_text().replace('practice_id = \\"01010137\\"', f'practice_id = \\"{practice}\\"'))
    page = run_all(chromium, address, "practice_report.ipynb")
    assert page.locator(".px-notebook").count() == 9
    assert page.locator(".px-notebook .figure svg:visible").count() >= 4
    for figure in page.locator(".px-notebook .figure:visible").all():
        assert figure.locator("svg:visible").count() == 1, "one width of each figure"
    card = page.locator(".px-notebook .card").first
    assert card.evaluate("one => getComputedStyle(one).borderRadius") != "0px", "the page's own style"
    assert page.locator(".jp-Notebook").evaluate("one => one.scrollHeight") < 16_000
    page.close()


def test_the_live_picture_shows_itself_and_follows_a_choice(chromium: Browser, lab: tuple[str, Path]) -> None:
    address, root = lab
    cells = [nbformat.v4.new_code_cell("import pxanalysis as pxa\npxa.open_study().dashboard(language='en')")]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), root / "notebooks" / "live.ipynb")
    page = run_all(chromium, address, "live.ipynb")
    page.get_by_role("heading", name="All practices").first.wait_for(timeout=60_000)
    shown = Study(root).results["practices"].query("~suppressed").sort_values("practice_id").iloc[-1]
    name = shown["name"] or shown["practice_id"]
    page.locator("select.bk-input").first.select_option(label=f"{name} ({shown['practice_id']})")
    page.get_by_role("heading", name="Outcomes over time").wait_for(timeout=60_000)
    page.close()
