"""Commands that make a study: an empty one, or simulated answers for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pxanalysis.cli.options import HERE, StudyOption, open_folder
from pxanalysis.cli.questionnaires import AsOption, LabelsOption, write_simulation
from pxanalysis.errors import StudyError

if TYPE_CHECKING:
    from pxanalysis.journey.model import Journey

# What a command works with is imported when it runs, so that --help answers at once.
__all__ = ["init", "simulate"]


def init(
    folder: Annotated[Path, typer.Argument(help="The new study's folder.")],
    journey: Annotated[
        str, typer.Option("--journey", "-j", help="Id from 'pxanalysis journeys', or the path of a .yaml file.")
    ] = "dental-treatment",
) -> None:
    """Make a study folder with its own copy of a journey and of the notebooks."""
    from pxanalysis.study import init_study

    study = init_study(folder, journey)
    typer.echo(f"Made the study {study.root}.")
    typer.echo(f"Next: put an export into {study.raw_folder} (or try 'pxanalysis simulate'), then 'pxanalysis run'.")


def _parse_range(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    try:
        return int(low), int(high or low)
    except ValueError as error:
        raise typer.BadParameter(f"expected a number or a range such as 20-400, found '{text}'") from error


def simulate(
    study: StudyOption = HERE,
    journey: Annotated[
        str | None, typer.Option("--journey", "-j", help="Journey to simulate; the study's own when left out.")
    ] = None,
    practices: Annotated[int, typer.Option(min=1, help="Number of practices.")] = 25,
    responses: Annotated[
        str | None,
        typer.Option(help="Responses per practice: a number or a range; 20-400, or 200-1200 with --actions."),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed makes the same answers.")] = 1,
    world: Annotated[
        str,
        typer.Option(help="What scales and practices are like: base, unrel (weak scales), content, halo, slopes ..."),
    ] = "base",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the files; the study's data/raw when left out.")
    ] = None,
    actions: Annotated[
        bool, typer.Option("--actions", help="Three years in which some practices act where they score low.")
    ] = False,
    layout: AsOption = None,
    labels: LabelsOption = False,
) -> None:
    """Simulate answers with known drivers; the truth is written beside them."""
    from pxanalysis.journey.reading import read_journey
    from pxanalysis.simulation.study import simulate_survey

    opened = None if output is not None and journey is not None else open_folder(study)
    model = opened.journey if opened is not None and journey is None else read_journey(journey or "")
    if opened is not None and model.id != opened.journey.id:
        raise StudyError(
            f"journey '{model.id}' is not the study's ('{opened.journey.id}'); leave --journey out, or give --output."
        )
    folder = output or (opened.raw_folder if opened is not None else HERE)
    _refuse_real_answers(folder)
    sizes = _parse_range(responses or ("200-1200" if actions else "20-400"))
    if actions:
        if world != "base" or layout is not None or labels:
            raise typer.BadParameter("--actions goes without --world, --as and --labels")
        _simulate_actions(model, practices, sizes, seed, folder, opened.root if output is None and opened else folder)
        return
    simulation = simulate_survey(model, practices=practices, responses=sizes, seed=seed, world=world)
    for path in write_simulation(simulation, folder, layout, labels=labels):
        typer.echo(f"Wrote {path}")
    typer.echo(f"{simulation.answers.height} simulated responses of {practices} practices; every page will say so.")


def _simulate_actions(
    journey: Journey, practices: int, sizes: tuple[int, int], seed: int, folder: Path, beside: Path
) -> None:
    from pxanalysis.simulation.actions import simulate_actions

    found = simulate_actions(journey, practices=practices, responses=sizes, seed=seed)
    for path in found.write(folder, beside / "actions.csv"):
        typer.echo(f"Wrote {path}")
    typer.echo(
        f"{found.simulation.answers.height} simulated responses of {practices} practices, of which "
        f"{len(found.effects)} acted; every page will say so. Next: 'pxanalysis run' takes both in."
    )


def _refuse_real_answers(folder: Path) -> None:
    """Simulated answers do not belong among real ones, nor their practices' names in the place of real names."""
    from pxanalysis.simulation.files import SIMULATED_FILES, TRUTH_FILE
    from pxanalysis.survey.sources.kinds import detect_kind

    ours = {*SIMULATED_FILES, "simulated.ndjson"} if (folder / TRUTH_FILE).exists() else set()
    files = (path for path in folder.glob("*") if path.is_file() and not path.name.startswith("."))
    real = sorted(path.name for path in files if path.name not in ours and detect_kind(path) != "other")
    if real:
        raise StudyError(
            f"{folder}: there is {real[0]} here; simulated answers would stand among real ones, and practices.csv be "
            "overwritten. Give another folder with --output, or simulate in a study of its own."
        )
