"""A folder with all that a thesis chapter takes from a comparison."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from pxanalysis.analysis.comparison.output.bibliography import bibtex_of
from pxanalysis.analysis.comparison.output.figures import FIGURES, draw_figure
from pxanalysis.analysis.comparison.output.tables import shown_frames, to_latex, write_word
from pxanalysis.analysis.provenance import PROVENANCE_FILE, PlanFacts, Provenance, describe_computer
from pxanalysis.errors import ReportError
from pxanalysis.survey.files import write_atomically
from pxanalysis.survey.spreadsheets import neutralise_formulas

if TYPE_CHECKING:
    from pxanalysis.analysis.comparison.record import ComparisonRecord

__all__ = ["write_comparison"]


def write_comparison(comparison: ComparisonRecord, folder: Path) -> list[Path]:
    """Write tables (CSV in full precision, LaTeX, Word), figures (SVG, PDF), BibTeX, summary, plan, provenance.

    Returns
    -------
    What was written. Word needs python-docx; without it a line in ``summary.txt`` says so.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written, hashes = [], {}
    for name, frame in comparison.frames.items():
        path, text = folder / f"{name}.csv", neutralise_formulas(frame).to_csv(index=False)
        write_atomically(path, text)
        written.append(path)
        hashes[path.name] = hashlib.sha256(text.encode()).hexdigest()
    tables = folder / "tables.tex"
    write_atomically(tables, "\n".join(to_latex(comparison, name) for name in shown_frames(comparison)))
    bib, summary, facts = folder / "references.bib", folder / "summary.txt", folder / "comparison.json"
    write_atomically(bib, bibtex_of(comparison))
    write_atomically(facts, json.dumps(_facts(comparison), indent=1, ensure_ascii=False) + "\n")
    text = comparison.summary() + "\n"
    written += [tables, bib, summary, facts, *_write_figures(comparison, folder)]
    try:
        written.append(write_word(comparison, folder / "tables.docx"))
    except ReportError as error:
        text += f"No Word tables. {error}\n"
    write_atomically(summary, text)
    provenance = folder / PROVENANCE_FILE
    write_atomically(provenance, _provenance(comparison, hashes).to_json())
    return [*written, provenance]


def _facts(comparison: ComparisonRecord) -> dict[str, object]:
    return {
        "plan_hash": comparison.plan_hash,
        "preregistered": comparison.preregistered,
        "plan": comparison.plan.model_dump(mode="json"),
        "deviations": list(comparison.deviations),
        "n_obs": comparison.n_obs,
        "n_complete": comparison.n_complete,
        "n_practices": comparison.n_practices,
        "n_excluded": dict(comparison.n_excluded),
    }


def _provenance(comparison: ComparisonRecord, hashes: dict[str, str]) -> Provenance:
    plan = comparison.plan
    return Provenance(
        made="comparison",
        journey=comparison.journey_id,
        program=Provenance.versions(),
        computer=describe_computer(),
        data=comparison.data,
        settings={"n_bootstrap": plan.n_bootstrap, "confidence": plan.confidence, "folds": plan.folds},
        seed=plan.seed,
        plan=PlanFacts(
            sha256=comparison.plan_hash,
            preregistered=comparison.preregistered,
            deviations=comparison.deviations,
            plan=plan.model_dump(mode="json"),
        ),
        outputs=hashes,
        command=" ".join(["pxanalysis compare-metrics", *(f"--criterion {one.id}" for one in plan.criteria)]),
    )


def _write_figures(comparison: ComparisonRecord, folder: Path) -> list[Path]:
    """Write the figures there are; where there is none, the frame of the same name says why."""
    figures = {name: draw_figure(comparison, name) for name in FIGURES}
    return [
        shown.save(folder / f"figure_{name}.{kind}")
        for name, shown in figures.items()
        if shown.figure is not None
        for kind in ("svg", "pdf")
    ]
