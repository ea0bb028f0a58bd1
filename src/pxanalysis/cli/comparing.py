"""Commands of the metric lab: metrics compared, studies planned."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pxanalysis.cli.options import HERE, StudyOption, open_folder

# What a command works with is imported when it runs, so that --help answers at once.

__all__ = ["compare_metrics", "plan"]


def compare_metrics(
    study: StudyOption = HERE,
    criterion: Annotated[
        list[str] | None,
        typer.Option(
            "--criterion", "-c", help="What metrics are held against; repeatable; all behaviours if left out."
        ),
    ] = None,
    plan: Annotated[
        Path | None, typer.Option("--plan", help="The plan; comparison.toml of the study when it is there.")
    ] = None,
    retest: Annotated[
        Path | None, typer.Option("--retest", help="A file in which (some of) the same response ids answer again.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for tables and figures; data/processed/comparison.")
    ] = None,
    example: Annotated[bool, typer.Option("--example", help="Print a plan to start from, and stop.")] = False,
) -> None:
    """Compare KTV, NPS and CES: which goes with what patients do, which tells practices apart, and how sure that is.

    A plan (comparison.toml in the study) says which metrics, criteria and hypotheses; --example prints one with all its
    keys. Its hash is registered before anything is computed, and deviations are reported.
    """
    if example:
        from pxanalysis.analysis.comparison.plan import EXAMPLE_PLAN

        typer.echo(EXAMPLE_PLAN, nl=False)
        return
    from pxanalysis.study.comparing import COMPARISON_FOLDER

    opened = open_folder(study)
    found = opened.compare_metrics(criterion or None, plan=plan, retest=retest)
    typer.echo(found.summary())
    folder = output or opened.root / COMPARISON_FOLDER
    written = found.write(folder)
    typer.echo(f"\nWrote {len(written)} files (tables.tex, tables.docx, figures, references.bib) to {folder}")


def plan(
    question: Annotated[
        str,
        typer.Argument(
            help="driver, metric-comparison, practice-difference, net-difference, share-difference, nps-margin, "
            "reliable-means, change, retest or practice-arms."
        ),
    ],
    assumption: Annotated[
        list[str] | None,
        typer.Option("--set", help="An assumption, for example --set beta=0.15; repeatable. Defaults are printed."),
    ] = None,
    power: Annotated[float, typer.Option(help="Wanted power.")] = 0.8,
    alpha: Annotated[float, typer.Option(help="Size of the two-sided test.")] = 0.05,
    icc: Annotated[float, typer.Option(help="Share of the answers' variance between practices.")] = 0.05,
    practices: Annotated[int | None, typer.Option(min=2, help="How many practices there are.")] = None,
    per_practice: Annotated[int | None, typer.Option(min=1, help="How many people answer in each practice.")] = None,
    figure: Annotated[
        Path | None, typer.Option("--figure", help="Write the curve of power against n here (.svg, .pdf, .png).")
    ] = None,
) -> None:
    """Plan a study: how many people and practices a question takes, by which formula."""
    from pxanalysis.analysis.planning import plan_study

    given = dict(_read_assumption(text) for text in assumption or [])
    found = plan_study(
        question,  # type: ignore[arg-type]
        power=power,
        alpha=alpha,
        icc=icc,
        practices=practices,
        per_practice=per_practice,
        **given,
    )
    typer.echo(found.summary())
    if figure is not None:
        if figure.suffix not in {".svg", ".pdf", ".png"}:
            raise typer.BadParameter(
                f"--figure: expected a file that ends in .svg, .pdf or .png, found '{figure.name}'"
            )
        found.figure().save(figure)
        typer.echo(f"Wrote {figure}")


def _read_assumption(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name.strip().replace("-", "_"), float(value)
    except ValueError as error:
        raise typer.BadParameter(f"--set: expected name=number such as beta=0.15, found '{text}'") from error
