"""The command that fetches answers from where a study finds them, without taking them in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pxanalysis.cli.options import HERE, StudyOption, open_folder
from pxanalysis.cli.telling import note_that, say, warn
from pxanalysis.errors import StudyError, SurveyError

# What a command works with is imported when it runs, so that --help answers at once.
__all__ = ["pull"]


def pull(
    names: Annotated[
        list[str] | None, typer.Argument(help="Of [pull.NAME] or [sql.NAME]; all of study.toml when left out.")
    ] = None,
    study: StudyOption = HERE,
    whole: Annotated[
        bool, typer.Option("--whole", help="All rows of databases with a mark, not only new and changed ones.")
    ] = False,
) -> None:
    """Fetch answers from LimeSurvey, REDCap, ODK Central and databases into data/raw; 'ingest' and 'run' do so too."""
    from pxanalysis.study.databases import fetch_databases
    from pxanalysis.study.lock import lock_study
    from pxanalysis.study.pulling import pull_sources

    opened = open_folder(study)
    settings = opened.settings
    _check_names(names or [], [*settings.pull, *settings.sql], opened.root / "study.toml")
    with lock_study(opened.root):
        made = pull_sources(settings, opened.root, opened.raw_folder, names or None)
        failed = fetch_databases(settings, opened.root, opened.raw_folder, names=names or None, whole=whole, tell=say)
    for one in made:
        if not one.error:
            say(one.describe())
        for note in one.notes:
            note_that(note)
    failed += [one.error for one in made if one.error]
    for error in failed:
        warn(f"Error: {error}")
    if failed:
        raise typer.Exit(SurveyError.exit_code)


def _check_names(names: list[str], known: list[str], path: Path) -> None:
    unknown = [name for name in names if name not in known]
    if unknown or not known:
        wrong = f"there is no [pull.{unknown[0]}] or [sql.{unknown[0]}]" if unknown else "names no server or database"
        raise StudyError(
            f"{path}: {wrong}; it has: {', '.join(known) or 'none'}. Add a section: kind, url, which survey, and who "
            "asks (docs/how-to/pulling.md)."
        )
