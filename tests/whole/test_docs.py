"""What the documentation says works: commands run, links lead somewhere, pages are what they are made from."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import typer

from pxanalysis.cli import app

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = {path.relative_to(ROOT).as_posix(): path for path in [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]}
MADE = {"docs/reference/commands.md", "docs/frames.md"}

NOT_RUN = {
    r"^make ": ".ci/run does, in a fresh clone",
    r"^(\.venv/bin/)?pip ": "installs from the package index",
    r"^pxanalysis dashboard(?! key)": "serves until it is stopped; tests/dashboard",
    r"^pxanalysis pull": "asks a server that only an example has; tests/study/test_pulling.py",
    r"^pxanalysis schedule": "waits for its moment; tests/study/test_schedule.py",
}
"""Lines of ``sh`` blocks that are not run here, and why; README's ``bash`` and ``py`` are the tutorials'."""


def _blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text(encoding="utf-8"), flags=re.S | re.M)


def _lines(path: Path) -> list[str]:
    found = [line for block in _blocks(path, "sh") for line in block.splitlines() if line.strip()]
    return [line for line in found if not any(re.match(pattern, line) for pattern in NOT_RUN)]


RUN = [name for name, path in PAGES.items() if name not in MADE and (_lines(path) or _blocks(path, "python"))]


@pytest.mark.slow
@pytest.mark.parametrize("name", RUN)
def test_every_command_of_a_page_runs_in_its_order(name: str, tmp_path: Path) -> None:
    path = PAGES[name]
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    script = "\n".join(_lines(path))
    done = subprocess.run(
        ["bash", "-euxc", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    code = "\n".join(_blocks(path, "python"))
    shown = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr[-2000:]


@cache
def _commands() -> set[str]:
    found, waiting = set(), [("", typer.main.get_command(app))]
    while waiting:
        words, command = waiting.pop()
        for name, one in getattr(command, "commands", {}).items():
            found.add(f"{words} {name}".strip())
            waiting.append((f"{words} {name}".strip(), one))
    return found


@pytest.mark.parametrize("name", PAGES)
def test_every_command_that_is_named_is_there(name: str) -> None:
    known = _commands()
    named = re.findall(
        r"(?<!import )\bpxanalysis ([a-z][a-z-]+)(?: ([a-z][a-z-]+)\b(?![.\w]))?", "\n".join(_code(PAGES[name]))
    )
    for first, second in named:
        assert first in known, f"pxanalysis {first}"
        groups = {words.split()[0] for words in known if " " in words}
        if second and first in groups - {"journeys", "dashboard"}:  # these take a name as well
            assert f"{first} {second}" in known, f"pxanalysis {first} {second}"


def _code(path: Path) -> list[str]:
    """Blocks, indented lines and what stands between backticks."""
    text = path.read_text(encoding="utf-8")
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, flags=re.S | re.M)
    return [*fenced, *re.findall(r"^    (pxanalysis .*)$", text, flags=re.M), *re.findall(r"`([^`\n]+)`", text)]


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_to_a_file_also_where_it_is_read_on_its_own(name: str) -> None:
    path = PAGES[name]
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:", target) and "/notebooks/" not in f"/{target}":
            assert (path.parent / target).resolve().exists(), target


def test_the_page_of_commands_is_what_the_commands_say() -> None:
    code = "import make_commands; print(make_commands.make_page(), end='')"
    made = subprocess.run([sys.executable, "-c", code], cwd=DOCS, capture_output=True, text=True, check=True).stdout
    assert PAGES["docs/reference/commands.md"].read_text(encoding="utf-8") == made, "run python docs/make_commands.py"


def test_the_dentists_page_uses_the_words_of_the_report() -> None:
    """What stands in italics is what a report says: the page once named headings that were gone."""
    text = (DOCS / "tutorials" / "tandarts.md").read_text(encoding="utf-8")
    catalogue = (ROOT / "src/pxanalysis/reporting/locale/nl.po").read_text(encoding="utf-8")
    said = re.findall(r"(?<!\*)\*([^*\n]+)\*", text)
    assert len(said) > 8
    assert [one for one in said if one not in catalogue] == []


def test_the_first_page_is_short_and_starts_with_two_commands() -> None:
    text = PAGES["README.md"].read_text(encoding="utf-8")
    assert len(text.split()) <= 900
    first = _blocks(PAGES["README.md"], "sh")[0].splitlines()
    assert [line.split("#")[0].split() for line in first] == [["make", "report"], ["make", "test"]]


@pytest.mark.slow
def test_the_documentation_is_built_without_a_warning(tmp_path: Path) -> None:
    """Notebooks as empty pages: tests/whole/test_notebooks.py runs them."""
    pytest.importorskip("mkdocs", reason="the extra [docs] is not installed")
    import shutil

    shutil.copytree(DOCS, tmp_path / "docs", ignore=shutil.ignore_patterns("notebooks", "__pycache__"))
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    (tmp_path / "src").symlink_to(ROOT / "src")
    (tmp_path / "docs" / "notebooks").mkdir()
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        (tmp_path / "docs" / "notebooks" / f"{notebook.stem}.html").touch()
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "docs"), "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    pages = list((tmp_path / "build" / "docs").rglob("*.html"))
    assert len(pages) > 35
    fetched = re.compile(r"(?:src|<link[^>]*href)=\"https?://")
    assert not [page.name for page in pages if fetched.search(page.read_text(encoding="utf-8"))], "nothing is fetched"
