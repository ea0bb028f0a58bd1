"""The command that fetches answers from where a study finds them, without taking them in."""

from __future__ import annotations

from typing import Annotated

import typer

from pxanalysis.cli.options import HERE, StudyOption, open_folder
from pxanalysis.cli.telling import note_that, say, warn
from pxanalysis.errors import StudyError, SurveyError

# What a command works with is imported when it runs, so that --help answers at once.
__all__ = ["pull"]


def pull(
    names: Annotated[list[str] | None, typer.Argument(help="Of [pull.NAME]; all of study.toml when left out.")] = None,
    study: StudyOption = HERE,
) -> None:
    """Pull answers from servers of LimeSurvey, REDCap and ODK Central into data/raw; 'ingest' and 'run' do so too."""
    from pxanalysis.study.lock import lock_study
    from pxanalysis.study.pulling import pull_sources

    opened = open_folder(study)
    known = opened.settings.pull
    unknown = [name for name in names or [] if name not in known]
    if unknown or not known:
        wrong = f"there is no [pull.{unknown[0]}]" if unknown else "there is no section [pull.NAME]"
        raise StudyError(
            f"{opened.root / 'study.toml'}: {wrong}; it has: {', '.join(known) or 'none'}. Add one: kind, url, which "
            "survey, and who asks (docs/how-to/pulling.md)."
        )
    with lock_study(opened.root):
        made = pull_sources(opened.settings, opened.root, opened.raw_folder, names or None)
    for one in made:
        if one.error:
            warn(f"Error: {one.error}")
        else:
            say(one.describe())
        for note in one.notes:
            note_that(note)
    if any(one.error for one in made):
        raise typer.Exit(SurveyError.exit_code)
