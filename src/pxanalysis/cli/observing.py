"""Commands on what patients were seen to do, think and feel: sheet and form, the map, the workshop guide.

They stand among those on journeys, which this module hands on with them.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pxanalysis.cli.journeys import journeys
from pxanalysis.errors import JourneyError

if TYPE_CHECKING:
    from pxanalysis.analysis.observations import EmotionComparison, Observations

# What a command works with is imported when it runs, so that --help answers at once.
__all__ = ["guide", "journeys", "map_", "observations"]

_MOST_SHOWN = 20
JourneyArgument = Annotated[str, typer.Argument(help="Id from 'pxanalysis journeys', or the path of a .yaml file.")]
LanguageOption = Annotated[
    str | None, typer.Option("--language", "-l", help="nl or en; the journey's first when left out.")
]
OutputOption = Annotated[Path | None, typer.Option("--output", "-o", help="Where to write it.")]


@journeys.command()
def observations(
    journey: JourneyArgument,
    xlsx: Annotated[bool, typer.Option("--xlsx", help="A workbook with drop-downs.")] = False,
    html: Annotated[bool, typer.Option("--html", help="A form without a network, for a tablet.")] = False,
    check: Annotated[Path | None, typer.Option("--check", help="Say what would be read of this file.")] = None,
    language: LanguageOption = None,
    output: OutputOption = None,
) -> None:
    """Make a sheet (--xlsx) or a form (--html) to write observations in, or check a file of them (--check)."""
    from pxanalysis.journey.experience_map.form import make_form
    from pxanalysis.journey.experience_map.sheet import write_sheet
    from pxanalysis.journey.reading import read_journey

    if sum((xlsx, html, check is not None)) != 1:
        raise JourneyError("observations: choose one of --xlsx, --html and --check FILE.")
    model = read_journey(journey)
    language = language or model.languages[0]
    if check is not None:
        from pxanalysis.analysis.observations import read_observations

        _tell(read_observations(check, model))
        return
    path = output or Path(f"{model.id}-observations.{'xlsx' if xlsx else 'html'}")
    if path.exists() and output is None:
        raise JourneyError(f"{path}: is there already and may be filled in. Move it, or give --output.")
    if xlsx:
        write_sheet(model, path, language)
    else:
        path.write_text(make_form(model, language), encoding="utf-8")
    typer.echo(f"Wrote {path}")
    typer.echo(f"Next: fill it in, then 'pxanalysis journeys map {journey} FILE'.")


def _tell(found: Observations) -> None:
    """Say what was kept, masked and refused of a file."""
    facts = found.glance().iloc[0]
    typer.echo(
        f"{found.source}: {facts['n_observations']} observations on {facts['touchpoints_seen']} of "
        f"{facts['touchpoints']} touchpoints, {facts['n_ideas']} ideas; masked in {facts['n_masked']} texts; "
        f"{facts['n_rejected']} refused."
    )
    for note in found.notes:
        typer.echo(f"Note: {note}")
    for row in found.rejected.head(_MOST_SHOWN).itertuples():
        typer.echo(f"{found.source}, {row.place}: {row.reason} Found '{row.value}' ({row.action}).")
    if len(found.rejected) > _MOST_SHOWN:
        typer.echo(f"... and {len(found.rejected) - _MOST_SHOWN} more.")


@journeys.command("map")
def map_(
    journey: Annotated[str | None, typer.Argument(help="Id from 'pxanalysis journeys', or a .yaml file.")] = None,
    file: Annotated[
        Path | None, typer.Argument(help="Observations (.xlsx, .csv, .yaml, .json); those that ship when left out.")
    ] = None,
    language: LanguageOption = None,
    role: Annotated[str | None, typer.Option("--role", help="Only what this role went through.")] = None,
    study: Annotated[
        Path | None, typer.Option("--study", "-s", help="A study with answers on the same journey: scores beside it.")
    ] = None,
    ideas: Annotated[Path | None, typer.Option("--ideas", help="Also write the list of ideas (.csv or .xlsx).")] = None,
    practice: Annotated[
        str | None, typer.Option("--practice", help="With --ideas: as the start of this practice's list of actions.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help=".html, .pdf, .svg or .json.")] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of the map as JSON.")] = False,
) -> None:
    """Draw what patients were seen to do, think and feel: page, PDF (A3), drawing, or JSON for other tools."""
    from pxanalysis.analysis.observations import read_observations
    from pxanalysis.analysis.observations.reading import read_shipped
    from pxanalysis.journey.experience_map.exchange import export_map_schema
    from pxanalysis.journey.reading import read_journey

    if schema:
        typer.echo(export_map_schema(), nl=False)
        return
    if journey is None:
        raise JourneyError("journey: give its id or its file; 'pxanalysis journeys' lists those that ship.")
    model = read_journey(journey)
    found = read_shipped(model.id) if file is None else read_observations(file, model)
    language = language or model.languages[0]
    path = output or Path(f"{model.id}-map-{language}.html")
    measured, notes = _measure(found, study, role, language)
    _write_map(found, path, language, role, measured, notes)
    if file is not None:
        _tell(found)
    typer.echo(f"Wrote {path}")
    if ideas is not None:
        from pxanalysis.reporting.exports import write_table

        listed = found.ideas(language) if practice is None else found.to_actions(practice, date.today(), language)
        typer.echo(f"Wrote {write_table(listed, ideas, language)}")


def _measure(
    found: Observations, study: Path | None, role: str | None, language: str
) -> tuple[EmotionComparison | None, tuple[str, ...]]:
    """Scores of a study, and where they disagree with what was seen."""
    if study is None:
        return None, ()
    from pxanalysis.study import open_study

    opened = open_study(study)
    settings = opened.fit_settings
    compared = found.compare(opened.released, minimum_n=settings.minimum_n, role=role, weights=settings.weights)
    return compared, tuple(compared.sentences(language))


def _write_map(
    found: Observations,
    path: Path,
    language: str,
    role: str | None,
    measured: EmotionComparison | None,
    notes: tuple[str, ...],
) -> None:
    from pxanalysis.journey.experience_map.page import write_map

    if path.suffix == ".json":
        path.write_text(found.to_json(measured), encoding="utf-8")
        return
    drawing = found.draw_experience_map(language, role=role, measured=measured)
    if path.suffix == ".pdf":
        from pxanalysis.reporting.making.pdf import render_pdf

        page = path.with_suffix(".html")
        write_map(drawing, page, language, notes)
        render_pdf(page, path)
    else:
        write_map(drawing, path, language, notes)


@journeys.command()
def guide(
    journey: JourneyArgument,
    language: LanguageOption = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A .html or .pdf file.")] = None,
) -> None:
    """Write the workshop guide of a journey: two pages, and its empty map for A3; as a page or as PDF."""
    from pxanalysis.journey.experience_map.guide import make_guide
    from pxanalysis.journey.reading import read_journey

    model = read_journey(journey)
    language = language or model.languages[0]
    path = output or Path(f"{model.id}-guide-{language}.html")
    if path.suffix not in {".html", ".pdf"}:
        raise JourneyError(f"output: expected a name that ends in .html or .pdf; received '{path}'.")
    page = path.with_suffix(".html")
    page.write_text(make_guide(model, language), encoding="utf-8")
    typer.echo(f"Wrote {page}")
    if path.suffix == ".pdf":
        from pxanalysis.reporting.making.pdf import render_pdf

        typer.echo(f"Wrote {render_pdf(page, path)}")
