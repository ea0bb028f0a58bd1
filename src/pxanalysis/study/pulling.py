"""Answers that a study pulls from servers of survey tools into ``data/raw``: whole, when they changed, and logged."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pxanalysis.errors import SourceError
from pxanalysis.survey.sources.database_rules import VARIABLE

if TYPE_CHECKING:
    from pxanalysis.study.pull_settings import PullPart
    from pxanalysis.study.settings import StudySettings
    from pxanalysis.survey.sources.pulls.record import PullSource

__all__ = ["PullRecord", "is_questionnaire", "pull_sources", "raw_name", "read_pull_log", "wait_for"]

_LOG = Path("data", "processed", "pulls.jsonl")
_KEPT = 5000
"""Pulls that are remembered."""


@dataclass(frozen=True, slots=True)
class PullRecord:
    """One pull, as the log has it.

    Attributes
    ----------
    when
        Its end, with the difference from UTC.
    name, kind
        Of ``[pull.NAME]``.
    records
        Rows that came.
    changed
        Whether they were others than before, so that the file in ``data/raw`` is new.
    digest
        SHA-256 of what came.
    notes, error
        What is to be said; why nothing could be pulled.
    """

    when: str
    name: str
    kind: str
    records: int = 0
    changed: bool = False
    digest: str = ""
    notes: tuple[str, ...] = ()
    error: str = ""

    def describe(self) -> str:
        """One line."""
        if self.error:
            return self.error
        if not self.records:
            return f"[pull.{self.name}]: there are no responses yet."
        what = f"kept as {raw_name(self.name)}" if self.changed else "the same as before"
        return f"[pull.{self.name}]: {self.records} responses, {what}."


def raw_name(name: str) -> str:
    """File in ``data/raw`` in which what ``[pull.NAME]`` gave is kept."""
    return f"pull-{name}.csv"


def _questionnaire_name(name: str, suffix: str) -> str:
    """File beside it with the tool's own description of the questions."""
    return f"pull-{name}.questionnaire{suffix}"


def is_questionnaire(path: Path) -> bool:
    """Whether a file is what a tool gave as its own description of the questions."""
    return path.name.startswith("pull-") and path.stem.endswith(".questionnaire")


def pull_sources(
    settings: StudySettings, root: Path, folder: Path, names: Collection[str] | None = None
) -> list[PullRecord]:
    """Pull every ``[pull.NAME]``, or those named, into a folder; one that cannot be read stops no other.

    Answers that are the same as those pulled before leave the file as it is, as with
    :func:`~pxanalysis.study.databases.fetch_databases`: what was taken out of it since does not come back.
    """
    chosen = [name for name in settings.pull if names is None or name in names]
    made = [_pull(name, settings, folder) for name in chosen]
    _write_log(root / _LOG, made)
    return made


def _pull(name: str, settings: StudySettings, folder: Path) -> PullRecord:
    # what writes answers is loaded only where a study pulls
    from pxanalysis.survey.files import temporary_name, write_atomically
    from pxanalysis.survey.sources.pulls.fetch import fetch_answers
    from pxanalysis.survey.sources.raw import hash_file

    part, target = settings.pull[name], folder / raw_name(name)
    folder.mkdir(parents=True, exist_ok=True)
    new = temporary_name(target)
    try:
        came = fetch_answers(_source(name, part, settings), new)
    except SourceError as error:
        return PullRecord(_now(), name, part.kind, error=str(error))
    if not came.records:
        new.unlink(missing_ok=True)
        return PullRecord(_now(), name, part.kind)
    digest = hash_file(new)
    kept = target.with_name(f".{target.name}.sha256")
    changed = not (target.is_file() and kept.is_file() and kept.read_text(encoding="ascii") == digest)
    if changed:
        new.replace(target)
        write_atomically(kept, digest)
    else:
        new.unlink()
    if came.questionnaire:
        beside = target.with_name(_questionnaire_name(name, came.questionnaire_suffix))
        if not beside.is_file() or beside.read_bytes() != came.questionnaire:
            write_atomically(beside, came.questionnaire)
    return PullRecord(_now(), name, part.kind, came.records, changed, digest, came.notes)


def _source(name: str, part: PullPart, settings: StudySettings) -> PullSource:
    """What is asked of which server, with the secrets that the environment holds.

    Raises
    ------
    SourceError
        When a variable is not set.
    """
    from pxanalysis.survey.sources.pulls.record import PullSource

    return PullSource(
        name=name,
        kind=part.kind,
        url=part.url,
        user=_fill_in(name, "user", part.user or ""),
        secret=_fill_in(name, "password", part.password or "") or _fill_in(name, "token", part.token or ""),
        survey=part.survey or 0,
        project=part.project or 0,
        form=part.form or "",
        at_a_time=part.at_a_time,
        keep=frozenset({*settings.columns.values(), *settings.contact.named}),
    )


def _fill_in(name: str, key: str, text: str) -> str:
    absent = [one for one in VARIABLE.findall(text) if not os.environ.get(one)]
    if absent:
        raise SourceError(
            f"[pull.{name}] {key}: the environment has no variable {absent[0]}. Set it, and run again; what was pulled "
            "before is kept."
        )
    return VARIABLE.sub(lambda found: os.environ[found[1]], text)


def wait_for(part: PullPart, last: float | None, now: float) -> bool:
    """Whether it is too early for the next pull of ``ingest --watch``.

    Parameters
    ----------
    last, now
        Moments in seconds; None for a source that was not pulled yet.
    """
    return last is not None and now - last < part.every_minutes * 60


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


def _write_log(path: Path, made: list[PullRecord]) -> None:
    from pxanalysis.survey.files import write_atomically

    if not made:
        return
    old = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    lines = [*old, *(json.dumps(asdict(one), ensure_ascii=False) for one in made)]
    write_atomically(path, "\n".join(lines[-_KEPT:]) + "\n")


def read_pull_log(root: Path) -> list[PullRecord]:
    """Every pull that is remembered, the oldest first; a damaged line is left out."""
    path = root / _LOG
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        try:
            entry = json.loads(line)
            found.append(PullRecord(**{**entry, "notes": tuple(entry["notes"])}))
        except (ValueError, TypeError, KeyError):
            continue
    return found
