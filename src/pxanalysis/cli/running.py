"""All steps in one command, made to be run every hour by a clock that nobody watches."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pxanalysis.cli.actions import take_over
from pxanalysis.cli.answers import fit_study, ingest_files
from pxanalysis.cli.options import HERE, StudyOption, open_folder
from pxanalysis.cli.reports import DaskOption, LanguageOption, PdfOption, WorkersOption, choose_cluster, make_reports
from pxanalysis.cli.telling import Style, note_that, say, tell, telling, warn
from pxanalysis.errors import AnalysisError, DeliveryError, NotEstimableError, ReportError, SurveyError

if TYPE_CHECKING:
    from pxanalysis.reporting.making.cluster import Cluster
    from pxanalysis.study import Study
    from pxanalysis.study.delivery import Hook
    from pxanalysis.study.reports import ReportSummary, Shard
    from pxanalysis.study.run_history import RunRecord

# What a command works with is imported when it runs, so that --help answers at once.
__all__ = ["run", "status"]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a run was asked to do beside making reports."""

    language: str | None = None
    workers: int | None = None
    pdf: bool = False
    shard: Shard | None = None
    cluster: Cluster | None = None
    deliver: str | None = None
    zipped: bool = False
    hook: Hook | None = None
    notify: list[str] = field(default_factory=list)


def run(
    study: StudyOption = HERE,
    language: LanguageOption = None,
    workers: WorkersOption = None,
    dask: DaskOption = None,
    pdf: PdfOption = False,
    log_json: Annotated[bool, typer.Option("--log-json", help="Say what is done as JSON, a line each.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say only what went wrong.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Reports as of an earlier day, in as-of/DATE.")
    ] = None,
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="Only the I-th of N parts of the reports, beside the others.")
    ] = None,
    deliver: Annotated[
        str | None, typer.Option(metavar="DIR|URL", help="Bring reports there, only what changed (fsspec).")
    ] = None,
    zipped: Annotated[bool, typer.Option("--zip", help="With --deliver: one .zip for each practice.")] = False,
    hook: Annotated[
        str | None, typer.Option(metavar="COMMAND", help="Run this for each report made; the page is its last word.")
    ] = None,
    notify: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="Tell of a failure: https://... or smtp://host/?to=...; repeatable."),
    ] = None,
) -> None:
    """Ingest what is new, fit if anything changed, make the reports that are out of date. Safe to run every hour."""
    from pxanalysis.study.as_of import study_as_of
    from pxanalysis.study.delivery import Hook
    from pxanalysis.study.notification import check_address
    from pxanalysis.study.reports import Shard

    if log_json and quiet:
        raise typer.BadParameter("--log-json says everything, --quiet nothing; choose one.")
    day = _read_day(as_of)
    asked = _Asked(
        language,
        workers,
        pdf,
        None if shard is None else Shard.parse(shard),
        choose_cluster(dask, workers),
        deliver,
        zipped,
        None if hook is None else Hook(hook),
        list(notify or []),
    )
    for address in asked.notify:
        check_address(address)
    style: Style = "json" if log_json else "quiet" if quiet else "plain"
    with telling(style):
        opened = open_folder(study)
        if day is not None:
            opened = study_as_of(opened, day)
        if dry_run:
            _say_state(opened, asked.language, asked.shard)
        else:
            _run_recorded(opened, asked)


def _read_day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"--as-of: expected a day such as 2026-03-01, found '{text}'.") from error


def _run_recorded(study: Study, asked: _Asked) -> None:
    """Run with a record of it, and tell of a failure."""
    from pxanalysis.study.run_history import RunHistory

    alone = asked.shard is None
    history = RunHistory(study.root)
    made: RunRecord | None = None
    try:
        with _locked(study, alone), history.record(_words()) as made:
            tell("start", study=study.settings.study.title, version=made.version)
            _run(study, asked, made)
    except BaseException as error:
        _tell_failure(study, asked, made, error)
        raise
    finally:
        if made is not None:
            tell("end", exit_code=made.exit_code, seconds=made.seconds, steps=made.steps)
            _write_page(study)


@contextmanager
def _locked(study: Study, alone: bool) -> Iterator[None]:
    """A run has the study to itself; shards take turns where they must."""
    from pxanalysis.study.lock import lock_study

    if alone:
        with lock_study(study.root):
            yield
    else:
        yield


def _words() -> list[str]:
    """The options of this command, without addresses, which may hold a password."""
    return [word.partition("://")[0] + ("://..." if "://" in word else "") for word in sys.argv[1:]]


def _run(study: Study, asked: _Asked, made: RunRecord) -> None:
    prepare = _prepare if asked.shard is None else _prepare_once
    left = prepare(study, made, asked.cluster)
    summary = _make(study, asked, made)
    _write_programme(study, asked.language)
    problems = list(asked.hook.problems) if asked.hook else []
    problems += _deliver(study, asked, made, summary)
    for problem in problems:
        warn(f"Delivery: {problem}", event="delivery-failed")
    made.notes += problems
    made.message = "; ".join(problems)
    if summary.failed:
        raise typer.Exit(ReportError.exit_code)
    if left:
        warn("Something was left out (see above); reports rest on the rest.")
        raise typer.Exit(SurveyError.exit_code)
    if problems:
        raise typer.Exit(DeliveryError.exit_code)


def _prepare_once(study: Study, made: RunRecord, cluster: Cluster | None) -> bool:
    """Do what comes before reports unless another shard just did, which is waited for; whether something was left."""
    from pxanalysis.study.lock import WAIT_FOR_SHARDS, lock_study
    from pxanalysis.study.run_state import is_prepared, note_prepared

    with lock_study(study.root, shared=True, wait=WAIT_FOR_SHARDS):
        if is_prepared(study) and not _are_damaged(study):
            return bool(study.questions or study.waiting)
    with lock_study(study.root, wait=WAIT_FOR_SHARDS):
        left = _prepare(study, made, cluster)
        note_prepared(study)
    return left


def _prepare(study: Study, made: RunRecord, cluster: Cluster | None) -> bool:
    """From files to results; whether something was left out."""
    left = False
    if study.settings.study.as_of is None:
        known = {batch.digest for batch in study.store.batches}
        with made.time_step("ingest"):
            left = ingest_files(study, [])
        made.ingested = [batch.file for batch in study.store.batches if batch.digest not in known]
    made.fitted = not study.is_fitted
    with made.time_step("fit"), _beside(cluster):
        fit_study(study, force=_are_damaged(study))
    meta = study.results.meta
    made.hashes = {
        "data": meta.data_hash or "",
        "journey": meta.journey_hash or "",
        "settings": meta.settings_hash or "",
        "notebook": _hash_notebook(study),
    }
    if study.settings.study.as_of is None:
        take_over(study)
    _renew_actions(study, made)
    return left


def _beside(cluster: Cluster | None) -> AbstractContextManager[None]:
    """Of a large study a worker of the cluster estimates drivers and scales, this computer the rest."""
    from pxanalysis.processes import lend_second

    return nullcontext() if cluster is None else lend_second(lambda: cluster.lend(note_that))


def _hash_notebook(study: Study) -> str:
    from pxanalysis.reporting.making.notebooks import hash_notebook

    return hash_notebook(study.notebook)


def _are_damaged(study: Study) -> bool:
    """Whether results that should be there cannot be read; they are then fitted anew."""
    if not study.is_fitted:
        return False
    try:
        _ = study.results
    except AnalysisError as error:
        note_that(f"results are fitted again: {error}")
        return True
    return False


def _renew_actions(study: Study, made: RunRecord) -> None:
    """Estimate what pages show of actions."""
    from pxanalysis.study.programme import renew_shown_actions

    try:
        with made.time_step("actions"):
            renew_shown_actions(study)
    except NotEstimableError as error:
        note_that(f"nothing is said of actions: {error}")


def _make(study: Study, asked: _Asked, made: RunRecord) -> ReportSummary:
    hook = asked.hook

    with made.time_step("reports"):
        summary = make_reports(
            study,
            [],
            asked.language,
            workers=asked.workers,
            pdf=asked.pdf,
            shard=asked.shard,
            cluster=asked.cluster,
            on_made=None if hook is None else lambda one: hook.run(one.job.practice_id, Path(one.job.output)),
        )
    made.made, made.unchanged = len(summary.outcomes) - len(summary.failed), summary.unchanged
    made.failed = {outcome.job.practice_id: outcome.reason[:500] for outcome in summary.failed}
    return summary


def _write_programme(study: Study, language: str | None) -> None:
    from pxanalysis.study.programme import write_programme

    shown = study.shown_actions
    if shown is not None:
        say(f"{write_programme(study, shown, language)}", event="programme")


def _deliver(study: Study, asked: _Asked, made: RunRecord, summary: ReportSummary) -> list[str]:
    """Bring the reports where they should go; what went wrong."""
    from pxanalysis.study.delivery import deliver_reports
    from pxanalysis.study.reports import list_pages

    if asked.deliver is None:
        return []
    pages = list_pages(study, summary.practices)
    try:
        with made.time_step("delivery"):
            found = deliver_reports(
                pages, asked.deliver, zipped=asked.zipped, part=asked.shard.name if asked.shard else ""
            )
    except DeliveryError as error:
        return [str(error)]
    made.delivered = len(found.sent)
    facts = {"sent": len(found.sent), "unchanged": found.unchanged, "removed": len(found.removed)}
    say(f"Delivered {len(found.sent)} files; {found.unchanged} were there already.", event="delivered", **facts)
    return []


def _tell_failure(study: Study, asked: _Asked, made: RunRecord | None, error: BaseException) -> None:
    """Tell those who asked to be told; that somebody stopped the run by hand is no failure."""
    from pxanalysis.study.notification import Notice, notify

    code = getattr(error, "exit_code", 1)
    if not asked.notify or code == 0 or isinstance(error, KeyboardInterrupt):
        return
    message = (made.message if made else "") or ("" if isinstance(error, typer.Exit) else str(error))
    where = str(study.reports_folder / "history.html")
    notice = Notice(study.settings.study.title, code, message, list(made.failed) if made else [], where)
    for problem in notify(asked.notify, notice):
        warn(f"Nobody could be told: {problem}", event="notification-failed")


def _write_page(study: Study) -> None:
    """Write ``reports/history.html``."""
    from contextlib import suppress

    from pxanalysis.study.run_history import write_history_page

    with suppress(OSError):  # a full disk: what went wrong first is what is to be said
        write_history_page(study)


def status(
    study: StudyOption = HERE,
    language: LanguageOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for a program.")] = False,
) -> None:
    """Say what is out of date and why, how the last run went, and when the next is."""
    with telling("json" if as_json else "plain"):
        _say_state(open_folder(study), language, None)


def _say_state(study: Study, language: str | None, shard: Shard | None) -> None:
    import json

    from pxanalysis.cli.telling import style_is
    from pxanalysis.study.run_state import describe_state
    from pxanalysis.study.schedule import read_next

    state, upcoming = describe_state(study, language, shard), read_next(study.root)
    if style_is() == "json":
        typer.echo(json.dumps(state.record() | {"next": upcoming}, ensure_ascii=False))
        return
    for line in state.lines():
        say(line)
    if state.last is not None:
        say(state.last.describe())
    if upcoming:
        say(f"Next run: {upcoming}")
