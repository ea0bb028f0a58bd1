"""Commands on questionnaires: written for a survey tool, and answered as its export would have it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pxanalysis.cli.options import open_folder

if TYPE_CHECKING:
    from pxanalysis.journey.parts import Introduction
    from pxanalysis.simulation.study import Simulation

# What a command works with is imported when it runs, so that --help answers at once.
__all__ = ["AsOption", "LabelsOption", "questionnaire", "write_simulation"]

SurveyTool = Literal["kobo", "limesurvey", "redcap", "qualtrics", "fhir", "html"]
AsOption = Annotated[
    SurveyTool | None, typer.Option("--as", help="Lay the answers out as this tool's export of our questionnaire.")
]
LabelsOption = Annotated[bool, typer.Option("--labels", help="With --as: export labels in place of codes.")]

JourneyArgument = Annotated[str, typer.Argument(help="Id from 'pxanalysis journeys', or the path of a .yaml file.")]
StudyFolder = Annotated[
    Path | None, typer.Option("--study", "-s", help="Folder with study.toml, for the privacy text.")
]


def questionnaire(
    journey: JourneyArgument,
    to: Annotated[
        Literal["xlsform", "limesurvey", "redcap", "qualtrics", "fhir", "html"],
        typer.Option("--to", help="The tool it is for; xlsform is for Kobo and ODK."),
    ],
    language: Annotated[
        str | None, typer.Option("--language", "-l", help="One or more, such as nl,en; all when left out.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A folder, or the file.")] = None,
    study: StudyFolder = None,
    outcomes_first: Annotated[
        bool, typer.Option("--outcomes-first", help="Ask the outcomes before the touchpoints.")
    ] = False,
) -> None:
    """Write a journey's questionnaire in the form of a survey tool."""
    from pxanalysis.questionnaires import write_questionnaire

    languages = None if language is None else [part.strip() for part in language.split(",") if part.strip()]
    facts = _facts(study) if study is not None else None
    written = write_questionnaire(
        journey, to, languages=languages, output=output, facts=facts, outcomes_first=outcomes_first
    )
    for path in written.paths:
        typer.echo(f"Wrote {path}")
    if written.names:
        typer.echo(f"{len(written.names)} ids are written differently in {to}; they come back by themselves:")
        for id_, name in written.names.items():
            typer.echo(f"  {name:26} {id_}")
    if written.link:
        typer.echo(f"Link for invitations (replace the capitals): {written.link}")
    for note in written.notes:
        typer.echo(f"Note: {note}.", err=True)


def write_simulation(simulation: Simulation, folder: Path, layout: SurveyTool | None, *, labels: bool) -> list[Path]:
    """Write simulated answers, as they are or as a survey tool's export of our questionnaire."""
    from pxanalysis.simulation.exports import simulate_export

    if layout is None:
        if labels:
            raise typer.BadParameter("--labels goes with --as; say which tool's export it is")
        (folder / "simulated.ndjson").unlink(missing_ok=True)
        return simulation.write(folder)
    export = simulate_export(
        simulation, "xlsform" if layout == "kobo" else layout, answers_as="labels" if labels else "codes"
    )
    answers, *others = simulation.write(folder)
    answers.unlink()
    (folder / "simulated.ndjson").unlink(missing_ok=True)
    (folder / export.name).write_bytes(export.data)
    return [folder / export.name, *others]


def _facts(folder: Path) -> Introduction | None:
    return open_folder(folder).settings.questionnaire
