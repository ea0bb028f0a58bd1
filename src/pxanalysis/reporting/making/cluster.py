"""Reports on a Dask cluster: each worker makes them as this computer would, this process alone writes pages.

Workers need no folder of ours: what a report reads is sent to each of them once, also to those that come later.
"""

from __future__ import annotations

import logging
import os
import queue
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pxanalysis._version import __version__
from pxanalysis.errors import ReportError
from pxanalysis.processes import Starter, nobodys_main, on_one_thread
from pxanalysis.reporting.making.batch import Limits, ReportOutcome, write_page
from pxanalysis.reporting.making.render import ReportJob

if TYPE_CHECKING:
    from distributed import Client, Future

    from pxanalysis.reporting.making.cluster_worker import StudyFiles

# Dask is an extra, and heavy: it is imported where a cluster is used.
__all__ = ["Cluster", "render_on_cluster"]

_RETRIES = 2
"""How often Dask tries a report again whose worker could not do its part; the notebook's own failures are `Limits`'."""

_PATIENCE = 60.0
"""Seconds without any worker after which the rest is given up."""

_ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx)://\S+")


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where reports are made.

    Attributes
    ----------
    address
        ``local``: a cluster of this computer, for as long as it takes; else the address of a scheduler.
    workers
        Workers of a local cluster; the number of cores when not given.
    """

    address: str
    workers: int | None = None

    def __post_init__(self) -> None:
        if self.address != "local" and not _ADDRESS.fullmatch(self.address):
            raise ReportError(
                f"--dask: expected local or the address of a scheduler such as tcp://host:8786, found '{self.address}'."
            )
        if self.address != "local" and self.workers is not None:
            raise ReportError("--workers: with --dask the cluster has its workers; leave one of the two out.")
        try:
            import distributed  # noqa: F401 - an extra, and heavy
        except ImportError as error:
            raise ReportError("--dask: Dask is not installed. Install it: pip install 'pxanalysis[dask]'.") from error

    @contextmanager
    def connect(self) -> Iterator[Client]:
        """Connect to the scheduler, and start one first for a local cluster.

        Raises
        ------
        ReportError
            When it cannot be reached, or has no workers.
        """
        from distributed import Client, LocalCluster

        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is said as the report's reason
        if self.address == "local":
            count = self.workers or os.cpu_count() or 1
            with (
                nobodys_main(),
                LocalCluster(
                    n_workers=count,
                    threads_per_worker=1,
                    dashboard_address="127.0.0.1:0",
                    silence_logs=logging.CRITICAL,
                ) as started,
                Client(started, set_as_default=False) as client,
            ):
                yield client
            return
        try:
            client = Client(self.address, timeout=20, set_as_default=False)
        except (OSError, TimeoutError) as error:
            raise self._nobody_there(error) from error
        with client:
            try:
                client.wait_for_workers(1, timeout=_PATIENCE)
            except (OSError, TimeoutError) as error:
                raise self._nobody_there(error) from error
            yield client

    @contextmanager
    def lend(self, tell: Callable[[str], None]) -> Iterator[Starter]:
        """Lend a worker for long work of this process (see `pxanalysis.processes`).

        Work that the cluster loses is done here, and ``tell`` told so. Raises as `connect`.
        """
        with self.connect() as client:
            yield lambda function, arguments: _start_on_worker(client, function, arguments, tell)

    def _nobody_there(self, error: Exception) -> ReportError:
        return ReportError(
            f"--dask {self.address}: no scheduler with a worker there ({error}). Start 'dask scheduler' and "
            "'dask worker', and see that this computer can reach them."
        )


def _start_on_worker(
    client: Client, function: Callable[..., Any], arguments: Sequence[object], tell: Callable[[str], None]
) -> Callable[[], Any]:
    from distributed import CancelledError, KilledWorker
    from distributed.client import FutureCancelledError

    from pxanalysis.reporting.making.cluster_worker import call_on_worker

    sent = client.scatter(list(arguments), hash=False) if arguments else []
    future = client.submit(call_on_worker, function, sent, __version__, pure=False, retries=_RETRIES)

    def ask() -> Any:
        alone = 0
        while alone < 2:
            try:
                return future.result(timeout=_PATIENCE / 2)
            except TimeoutError:
                alone = 0 if _has_workers(client) else alone + 1
            except (KilledWorker, CancelledError, FutureCancelledError, OSError):
                break
        tell(
            "The cluster lost its part of the work; this computer does it. See whether its workers have enough memory."
        )
        return on_one_thread(function, arguments)

    return ask


def render_on_cluster(
    jobs: Sequence[ReportJob],
    cluster: Cluster,
    files: StudyFiles,
    *,
    limits: Limits | None = None,
    preload: Sequence[str] = (),
    on_done: Callable[[ReportOutcome], None] | None = None,
) -> list[ReportOutcome]:
    """Make reports on a cluster, and write each page when it comes.

    Parameters and returns are those of :func:`~pxanalysis.reporting.making.batch.render_reports`. A report whose
    worker is lost is made by another; one that takes its workers with it fails alone.

    Raises
    ------
    ReportError
        When the cluster cannot be reached, or its workers cannot take what reports read.
    """
    from pxanalysis.reporting.making.cluster_worker import make_on_worker

    if not jobs:
        return []
    tell = on_done or (lambda outcome: None)
    outcomes: dict[int, ReportOutcome] = {}
    with cluster.connect() as client, _sent(client, files):
        words = (files.name, tuple(preload), limits or Limits(), __version__)
        futures = {
            place: client.submit(make_on_worker, job, *words, pure=False, retries=_RETRIES)
            for place, job in enumerate(jobs)
        }
        for place in _as_they_are_done(client, futures):
            page, reason, attempts = _take(futures.pop(place))
            reason = reason or write_page(Path(jobs[place].output), page)
            outcomes[place] = ReportOutcome(jobs[place], reason, attempts)
            tell(outcomes[place])
    return [outcomes[place] for place in range(len(jobs))]


@contextmanager
def _sent(client: Client, files: StudyFiles) -> Iterator[None]:
    """Give each worker, now or later, what reports read; take it away afterwards, however that ends."""
    try:
        client.register_plugin(files)
    except Exception as error:
        raise ReportError(
            f"--dask: the workers could not take what reports read ({type(error).__name__}: {error!s:.300}). They need "
            f"pxanalysis {__version__} with its extra [dask], as here, and room on their disk."
        ) from error
    try:
        yield
    finally:
        with suppress(Exception):  # a cluster that is gone has nothing to be taken away from
            client.unregister_worker_plugin(files.name)


def _as_they_are_done(client: Client, futures: Mapping[int, Future]) -> Iterator[int]:
    """Places of reports in the order in which they are done; all that are left when no worker is."""
    done: queue.SimpleQueue[int] = queue.SimpleQueue()
    for place, future in futures.items():
        future.add_done_callback(lambda _, place=place: done.put(place))
    left, alone = set(futures), 0
    while left:
        try:
            place = done.get(timeout=_PATIENCE / 2)
        except queue.Empty:
            alone = 0 if _has_workers(client) else alone + 1
            if alone < 2:
                continue
            yield from sorted(left)
            return
        alone = 0
        left.discard(place)
        yield place


def _has_workers(client: Client) -> bool:
    try:
        return client.status == "running" and bool(client.scheduler_info(n_workers=-1)["workers"])
    except (OSError, TimeoutError):
        return False


def _take(future: Future) -> tuple[str, str, int]:
    """What a worker answered; or why it did not."""
    from distributed import KilledWorker

    if not future.done() or future.cancelled() or future.status == "lost":
        future.cancel()
        return "", "the cluster was lost before it was made", 1
    try:
        page, reason, attempts = future.result(timeout=_PATIENCE)
    except KilledWorker:
        return "", "every worker that began it was lost", 1
    except Exception as error:
        return "", f"the cluster did not make it ({type(error).__name__}: {error!s:.300})", 1
    return page, reason, attempts
