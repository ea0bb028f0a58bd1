"""What a page or a folder of results rests on, and whether it can be made again."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pxanalysis.analysis.provenance import PROVENANCE_FILE, Provenance
from pxanalysis.errors import StudyError
from pxanalysis.study.fitting import fit_released
from pxanalysis.study.folder import Study
from pxanalysis.study.page_list import PageList, hash_page

if TYPE_CHECKING:
    from pxanalysis.analysis.whole_study.results import StudyResults

__all__ = ["Traced", "make_results_again", "trace"]


@dataclass(frozen=True, slots=True)
class Traced:
    """What something was made from.

    Attributes
    ----------
    path
        The page, folder or file that was asked about.
    provenance
        What its numbers rest on.
    study
        Folder of the study; None for an archived ``provenance.json`` or folder outside of one.
    page
        What is said of a page: whose it is, and whether it is the one that was made. Empty for results.
    changed
        Tables that are not those that were written.
    command
        Makes it again.
    """

    path: Path
    provenance: Provenance
    study: Path | None
    page: tuple[str, ...]
    changed: tuple[str, ...]
    command: str

    def lines(self) -> list[str]:
        """What is told, a line each."""
        made, data = self.provenance, self.provenance.data
        period = f", {data.first_date} to {data.last_date}" if data.first_date else ""
        simulated = " (simulated answers)" if data.simulated else ""
        told = [
            f"{self.path}: {made.made} of {made.study or made.journey}{simulated}",
            *self.page,
            f"answers: {data.n_responses} of {data.n_practices} practices{period}; SHA-256 {data.sha256}",
            *(f"  file taken in: SHA-256 {digest}" for digest in data.files),
            f"journey: {made.journey}" + (f"; SHA-256 {made.journey_sha256}" if made.journey_sha256 else ""),
            *([f"settings: SHA-256 {made.settings_sha256}"] if made.settings_sha256 else []),
            f"seed: {made.seed}; " + ", ".join(f"{name} = {value}" for name, value in made.settings.items() if value),
            "versions: " + ", ".join(f"{name} {number}" for name, number in made.program.items()),
            "computer: " + ", ".join(made.computer.values()),
        ]
        if made.plan is not None:
            kind = "registered beforehand" if made.plan.preregistered else "made with the command"
            told.append(f"plan: SHA-256 {made.plan.sha256}, {kind}")
            told += [f"  deviation: {deviation}" for deviation in made.plan.deviations]
        told += [f"changed since: {name} is not the table that was written" for name in self.changed]
        now = {name: number for name, number in Provenance.versions().items() if made.program.get(name) != number}
        if now:
            told.append("here: " + ", ".join(f"{name} {number}" for name, number in now.items()) + ", which differ")
        return [*told, "", "To make it again:", f"  {made.install()}", f"  {self.command}"]


def trace(path: Path) -> Traced:
    """Find what a page of a study, a folder of results or an archived ``provenance.json`` was made from.

    Raises
    ------
    StudyError
        When there is nothing there, or it is not one of these.
    AnalysisError
        When the results have no provenance, or it is damaged.
    """
    if not path.exists():
        raise StudyError(f"{path}: not there. Name a page of reports/, a folder with results, or a provenance.json.")
    if path.suffix in {".html", ".pdf"}:
        return _trace_page(path)
    if path.is_file() and path.suffix not in {".json", ".parquet", ".csv"}:
        raise StudyError(f"{path}: expected a page (.html, .pdf), a folder with results, or its {PROVENANCE_FILE}.")
    folder = path if path.is_dir() else path.parent
    if (folder / "study.toml").is_file():
        folder = Study(folder).results_folder
    made = Provenance.read(path if path.name == PROVENANCE_FILE else folder / PROVENANCE_FILE)
    changed = tuple(name for name, digest in made.outputs.items() if hash_page(folder / name) != digest)
    absent = all(not (folder / name).exists() for name in made.outputs)  # an archived file without its tables
    return Traced(path, made, _study_above(folder), (), () if absent else changed, made.command)


def _study_above(folder: Path) -> Path | None:
    return next((one for one in folder.resolve().parents if (one / "study.toml").is_file()), None)


def _trace_page(path: Path) -> Traced:
    page = path.with_name(path.name.removesuffix(".full.pdf") + ".html") if path.name.endswith(".full.pdf") else path
    page = page.with_suffix(".html")
    root = _study_above(page)
    if root is None:
        raise StudyError(f"{path}: in no study's folder; nothing beside it tells what it was made from.")
    study = Study(root)
    entries = PageList.read(study.reports_folder).entries
    found = next(((name, entry) for name, entry in entries.items() if entry["file"] == page.name), None)
    if found is None:
        raise StudyError(f"{path}: not the report of a practice that 'pxanalysis run' made.")
    practice, entry = found
    results = trace(study.results_folder)
    same = hash_page(page) == entry["sha256"]
    told = (
        f"report of practice {practice} in {entry['language']}; SHA-256 {hash_page(page)}",
        "the page that was made" if same else f"not the page that was made (SHA-256 {entry['sha256']})",
    )
    command = f"pxanalysis report --practice {practice} --language {entry['language']} --force"
    return replace(results, path=path, page=told, command=f"{results.command} && {command}")


def make_results_again(root: Path, progress: Callable[[str], None] | None = None) -> list[str]:
    """Fit a study again beside its results, which stay as they are, and say what differs.

    Returns
    -------
    What differs by more than 1e-9; nothing when the numbers are those of the results.

    Raises
    ------
    StudyError
        When answers, journey or settings are not those that the results rest on.
    """
    from pxanalysis.analysis.whole_study.differences import list_differences

    study = Study(root)
    if not study.is_fitted:
        raise StudyError(
            f"{root}: answers, journey, settings or the program changed since the results were made. Put them back, or "
            "'pxanalysis run' makes new results."
        )
    frozen = study.results.meta.frozen
    if frozen:
        raise StudyError(
            f"{root}: answers were withdrawn of {', '.join(frozen)}, whose figures stay as they were published "
            "then; they cannot be made again from the answers that are left."
        )
    with tempfile.TemporaryDirectory() as place:
        _fit_beside(study, Path(place), progress)
        return list_differences(study.results_folder, Path(place) / "results")


def _fit_beside(study: Study, place: Path, progress: Callable[[str], None] | None) -> StudyResults:
    """Fit in a folder of its own, with copies of what a fit renews."""
    for path in study.released_file.parent.glob(f"{study.released_file.stem}*"):
        shutil.copyfile(path, place / path.name)
    shutil.copytree(study.results_folder, place / "results")
    sources = replace(study.fit_sources, released=place / study.released_file.name, results=place / "results")
    return fit_released(study.responses, sources, progress, study.describe_answers())
