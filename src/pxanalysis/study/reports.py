"""A study's reports: which are out of date, making those, and the index of all of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pxanalysis._version import __version__
from pxanalysis.errors import StudyError
from pxanalysis.reporting.index_page import render_index
from pxanalysis.reporting.making.batch import Limits, ReportOutcome, render_reports
from pxanalysis.reporting.making.cluster import Cluster, render_on_cluster
from pxanalysis.reporting.making.render import ReportJob
from pxanalysis.reporting.page.wording import list_languages
from pxanalysis.reporting.practice_list import index_rows
from pxanalysis.study.lock import WAIT_FOR_SHARDS, lock_briefly, lock_study
from pxanalysis.study.page_list import PageList, hash_page, note_page
from pxanalysis.study.shipped import REPORT_NOTEBOOK
from pxanalysis.survey.files import distinct_names, write_atomically

if TYPE_CHECKING:
    from pxanalysis.analysis.action_effects.shown import ShownActions
    from pxanalysis.analysis.whole_study.results import StudyResults
    from pxanalysis.study.folder import Study

__all__ = ["ReportSummary", "Shard", "explain_outdated", "list_outdated", "list_pages", "render_study"]


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several equal parts of the reports: the ``number``-th of ``count``, from 1."""

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read ``2/5``.

        Raises
        ------
        StudyError
            When it is something else.
        """
        number, _, count = text.partition("/")
        if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
            raise StudyError(f"--shard: expected a part of a whole such as 2/5 (from 1/5 to 5/5), found '{text}'.")
        return cls(int(number), int(count))

    @property
    def name(self) -> str:
        """Name in files."""
        return f"{self.number}-of-{self.count}"

    def choose(self, practices: list[str]) -> list[str]:
        """Every ``count``-th practice."""
        return practices[self.number - 1 :: self.count]


@dataclass(frozen=True, slots=True)
class ReportSummary:
    """What a round of rendering did.

    Attributes
    ----------
    outcomes
        One per report that was tried.
    unchanged
        Number of reports that were up to date.
    index
        The page that lists all practices.
    practices
        Whose reports were asked for.
    """

    outcomes: tuple[ReportOutcome, ...]
    unchanged: int
    index: Path
    practices: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[ReportOutcome, ...]:
        """Reports that could not be made, each with its reason."""
        return tuple(outcome for outcome in self.outcomes if not outcome.made)


_OF_ONE_PRACTICE = ("waiting", "part_waiting", "comments_unread", "frozen")
_NOT_ON_A_PAGE = ("fit_key", "study_notes", "still_open", "release", "given", "reviewed", *_OF_ONE_PRACTICE)


def _report_keys(study: Study, results: StudyResults, language: str) -> dict[str, str]:
    """Hash of all that a report depends on, by practice: what waits elsewhere makes no page out of date."""
    notebook = study.notebook.read_bytes() if study.notebook.is_file() else b""
    shown = {name: value for name, value in results.meta.to_plain().items() if name not in _NOT_ON_A_PAGE}
    parts = [__version__, language, json.dumps(shown, sort_keys=True), hashlib.sha256(notebook).hexdigest()]
    told = study.shown_actions
    return {
        practice_id: hashlib.sha256("\n".join([*parts, *_of_practice(results, practice_id, told)]).encode()).hexdigest()
        for practice_id in results["practices"]["practice_id"]
    }


def _of_practice(results: StudyResults, practice_id: str, shown: ShownActions | None = None) -> list[str]:
    """What is said of one practice in what is kept of all."""
    found = [getattr(results.meta, name) for name in _OF_ONE_PRACTICE]
    own = () if shown is None else shown.of_practice(practice_id)
    told = [*map(repr, own), repr(shown.worked)] if shown is not None and (own or shown.worked) else []
    return told + [str(one.get(practice_id, 0) if isinstance(one, dict) else practice_id in one) for one in found]


def list_outdated(study: Study, language: str | None = None) -> list[str]:
    """Practices whose report is missing or older than the results."""
    return list(explain_outdated(study, language))


def explain_outdated(study: Study, language: str | None = None) -> dict[str, str]:
    """Practices whose report is to be made, each with the reason."""
    keys = _report_keys(study, study.results, language or study.settings.study.language)
    pages = PageList.read(study.reports_folder)
    found = {name: pages.why_outdated(name, key) for name, key in keys.items()}
    return {name: why for name, why in found.items() if why}


def list_pages(study: Study, practices: Collection[str]) -> list[Path]:
    """Pages of practices that are as they should be; those that failed the last time are not among them."""
    found = PageList.read(study.reports_folder).entries
    entries = [found[practice_id] for practice_id in practices if practice_id in found]
    return [study.reports_folder / str(entry["file"]) for entry in entries if not entry["reason"]]


def render_study(
    study: Study,
    practices: Collection[str] = (),
    *,
    language: str | None = None,
    force: bool = False,
    workers: int | None = None,
    pdf: bool = False,
    full: bool = False,
    shard: Shard | None = None,
    cluster: Cluster | None = None,
    on_start: Callable[[int], None] | None = None,
    on_done: Callable[[ReportOutcome], None] | None = None,
) -> ReportSummary:
    """Make the reports that are missing or out of date, and the index of all practices.

    Parameters
    ----------
    practices
        Ids of the practices to make; all when empty.
    force
        Make reports that are up to date as well.
    pdf
        Also print each report to PDF beside it: the two sheets that everybody reads.
    full
        Print all of it instead, to ``NAME.full.pdf``.
    shard
        Make this part of the reports only; other shards may be at work meanwhile.
    cluster
        Make them there instead of on this computer (``workers`` are then the cluster's).
    on_start, on_done
        Told how many reports will be made, and of each when it is.

    Raises
    ------
    StudyError
        When a practice is not in the results, the language is unknown, or another process is at work in the study.
    ReportError
        When a PDF was asked for and cannot be made; the pages themselves are then there.
    """
    language = _check_language(language or study.settings.study.language)
    with lock_study(study.root, shared=shard is not None, wait=WAIT_FOR_SHARDS if shard else 0.0):
        summary = _render(study, practices, language, force, cluster or workers, shard, on_start, on_done)
        if pdf or full:
            _print_missing(study, summary.practices, full=full)
    return summary


def _check_language(language: str) -> str:
    known = list_languages()
    if language not in known:
        raise StudyError(f"language '{language}': expected {' or '.join(known)}. Correct --language or study.toml.")
    return language


def _choose(practices: Collection[str], known: list[str], shard: Shard | None) -> list[str]:
    """Whose reports are asked for."""
    unknown = sorted(set(practices) - set(known))
    if unknown:
        raise StudyError(f"practice '{unknown[0]}' is not in the results; there are: {', '.join(known)}.")
    wanted = [practice_id for practice_id in known if not practices or practice_id in practices]
    return wanted if shard is None else shard.choose(wanted)


def _render(
    study: Study,
    practices: Collection[str],
    language: str,
    force: bool,
    where: Cluster | int | None,
    shard: Shard | None,
    on_start: Callable[[int], None] | None,
    on_done: Callable[[ReportOutcome], None] | None,
) -> ReportSummary:
    results = study.results
    known = list(results["practices"]["practice_id"])
    names, keys = distinct_names(known), _report_keys(study, results, language)
    wanted = _choose(practices, known, shard)
    outdated = wanted if force else explain_outdated(study, language)
    jobs = [_job(study, practice_id, names[practice_id], language) for practice_id in wanted if practice_id in outdated]
    pages_lock = study.root / "data" / "processed" / ".pages.lock"
    if on_start is not None:
        on_start(len(jobs))

    def keep(outcome: ReportOutcome) -> None:
        if on_done is not None:
            on_done(outcome)
        page = Path(outcome.job.output)
        entry = {"key": keys[outcome.job.practice_id], "file": page.name, "sha256": hash_page(page)}
        entry |= {"reason": outcome.reason, "language": language}
        with lock_briefly(pages_lock):
            note_page(study.reports_folder, shard.name if shard else "all", outcome.job.practice_id, entry)

    outcomes = _make(study, jobs, where, keep)
    with lock_briefly(pages_lock):
        index = _finish(study, results, names, keys, language)
    return ReportSummary(tuple(outcomes), len(wanted) - len(outcomes), index, tuple(wanted))


def _make(
    study: Study, jobs: list[ReportJob], where: Cluster | int | None, keep: Callable[[ReportOutcome], None]
) -> list[ReportOutcome]:
    """Make pages on a cluster, or here by so many workers."""
    limits, preload = Limits(**study.settings.reports.model_dump()), ["pxanalysis.study"]
    if not isinstance(where, Cluster):
        return render_reports(jobs, workers=where, limits=limits, preload=preload, on_done=keep)
    # Dask is an extra
    from pxanalysis.reporting.making.cluster_worker import StudyFiles

    notebook, paths = _read_by_reports(study)
    files = StudyFiles({name: path.read_bytes() for name, path in paths.items() if path.is_file()}, notebook)
    return render_on_cluster(jobs, where, files, limits=limits, preload=preload, on_done=keep)


def _finish(study: Study, results: StudyResults, names: dict[str, str], keys: dict[str, str], language: str) -> Path:
    """Write the index of all practices and, last, the list of pages: a kill before that has both made again."""
    pages = PageList.read(study.reports_folder)
    stale = _remove_stale(study, pages.entries, names)
    pages.entries = {practice_id: entry for practice_id, entry in pages.entries.items() if practice_id in keys}
    index = study.reports_folder / "index.html"
    if pages.rounds or stale or not index.exists():
        write_atomically(index, _index(study, results, pages.entries, keys, language))
        pages.write()
    return index


def _remove_stale(study: Study, manifest: Mapping[str, dict[str, Any]], names: dict[str, str]) -> bool:
    """Remove pages of practices that are no longer in the results, or that have another name now."""
    current = {f"{name}.html".casefold() for name in names.values()}
    files = [Path(str(entry["file"])).name for entry in manifest.values()]
    stale = [name for name in files if name.casefold() not in current]
    for name in stale:
        page = study.reports_folder / name
        for file in (page, page.with_suffix(".pdf"), page.with_suffix(_FULL)):
            file.unlink(missing_ok=True)
    return bool(stale) or set(manifest) - set(names) != set()


_FULL = ".full.pdf"


def _print_missing(study: Study, practices: Collection[str], *, full: bool) -> None:
    """Print the pages whose PDF is missing or older than the page."""
    # printing is asked for seldom
    from pxanalysis.reporting.making.pdf import render_pdf

    names = distinct_names(study.results["practices"]["practice_id"])
    for practice_id in practices:
        page = study.reports_folder / f"{names[practice_id]}.html"
        printed = page.with_suffix(_FULL if full else ".pdf")
        if page.exists() and (not printed.exists() or printed.stat().st_mtime < page.stat().st_mtime):
            render_pdf(page, printed, full=full)


def _job(study: Study, practice_id: str, name: str, language: str) -> ReportJob:
    return ReportJob(
        practice_id=practice_id,
        language=language,
        study_dir=str(study.root),
        notebook=str(study.notebook),
        output=str(study.reports_folder / f"{name}.html"),
    )


def _read_by_reports(study: Study) -> tuple[str, dict[str, Path]]:
    """What a report reads, by its path within the study, and the notebook among it: no answers, results only."""
    inside = study.notebook.is_relative_to(study.root)
    notebook = study.notebook.relative_to(study.root).as_posix() if inside else f"notebooks/{REPORT_NOTEBOOK}"
    own = [study.root / "study.toml", study.shown_file, *study.results_folder.glob("*")]
    journey = study.settings.study.journey
    if journey.endswith((".yaml", ".yml")):
        own.append(study.root / journey)
    return notebook, {path.relative_to(study.root).as_posix(): path for path in own} | {notebook: study.notebook}


def _index(
    study: Study, results: StudyResults, manifest: Mapping[str, dict[str, Any]], keys: dict[str, str], language: str
) -> str:
    status = {
        practice_id: (
            "failed" if entry["reason"] else "made" if entry["key"] == keys[practice_id] else "out of date",
            entry,
        )
        for practice_id, entry in manifest.items()
    }
    rows = index_rows(
        results,
        study.journey,
        {name: (state, entry["file"], entry["reason"]) for name, (state, entry) in status.items()},
        study.shown_actions,
    )
    acted = study.shown_file.exists()
    graded = next((one.label[language] for one in study.journey.outcomes if one.kind == "ktv"), "KTV")
    on = study.journey.reported_on
    return render_index(rows, results.meta, language, on, satisfaction=graded, programme=acted)
