"""What a run would do now, and why: new files, a fit, the reports that are out of date."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pxanalysis._version import __version__
from pxanalysis.errors import AnalysisError, StudyError
from pxanalysis.study.databases import find_changed
from pxanalysis.study.keys import hash_facts, hash_release
from pxanalysis.study.pulling import PullRecord, read_pull_log
from pxanalysis.study.reports import explain_outdated
from pxanalysis.study.run_history import RunHistory, RunRecord
from pxanalysis.survey.files import write_atomically

if TYPE_CHECKING:
    from pxanalysis.study.folder import Study
    from pxanalysis.study.reports import Shard

__all__ = ["RunState", "describe_state", "is_prepared", "note_prepared"]


@dataclass(frozen=True, slots=True)
class RunState:
    """How a study stands.

    Attributes
    ----------
    new_files
        Files, and databases with other rows than before, that would be taken in.
    fit
        Why results would be fitted anew; empty: they would not.
    outdated
        Practices whose report would be made, each with the reason; of a study that is to be fitted first, those that
        are known to be so whatever is found.
    last
        The last run that came to an end.
    pulls
        The last pull of each survey on a server.
    """

    new_files: tuple[str, ...]
    fit: str
    outdated: dict[str, str]
    last: RunRecord | None
    pulls: tuple[PullRecord, ...] = ()

    @property
    def is_up_to_date(self) -> bool:
        """Whether a run would do nothing."""
        return not (self.new_files or self.fit or self.outdated)

    def record(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        from dataclasses import asdict

        return {
            "up_to_date": self.is_up_to_date,
            "new_files": list(self.new_files),
            "fit": self.fit,
            "outdated": self.outdated,
            "last": None if self.last is None else asdict(self.last),
            "pulls": [asdict(one) for one in self.pulls],
        }

    def lines(self) -> list[str]:
        """The same in words."""
        said = [f"To ingest: {name}" for name in self.new_files]
        said += [f"To fit: {self.fit}"] if self.fit else []
        said += [f"To report: {practice_id}: {why}" for practice_id, why in self.outdated.items()]
        if self.fit or self.new_files:
            said.append("After that: every report whose figures then differ.")
        said = said or ["Everything is up to date."]
        return said + [f"Pulled {one.when}: {one.describe()}" for one in self.pulls]


def describe_state(study: Study, language: str | None = None, shard: Shard | None = None) -> RunState:
    """Say how a study stands; nothing is written."""
    new = (*_find_new(study), *find_changed(study.settings, study.root, study.raw_folder))
    fit = _why_fit(study)
    try:
        outdated = explain_outdated(study, language)
    except (AnalysisError, StudyError) as error:
        outdated, fit = {}, fit or str(error)
    if shard is not None:
        chosen = set(shard.choose(list(study.results["practices"]["practice_id"]))) if outdated else set()
        outdated = {name: why for name, why in outdated.items() if name in chosen}
    pulls = {one.name: one for one in read_pull_log(study.root) if one.name in study.settings.pull}
    return RunState(new, fit, outdated, RunHistory(study.root).last_finished(), tuple(pulls.values()))


def is_prepared(study: Study) -> bool:
    """Whether all that comes before reports was done for what is there now, by a shard that noted so."""
    path = _prepared_file(study)
    noted = path.exists() and path.read_text(encoding="utf-8") == _prepared_key(study)
    return noted and study.is_fitted and not _find_new(study)


def note_prepared(study: Study) -> None:
    """Let other shards know that all that comes before reports was done."""
    write_atomically(_prepared_file(study), _prepared_key(study))


def _prepared_file(study: Study) -> Path:
    return study.root / "data" / "processed" / ".prepared"


def _prepared_key(study: Study) -> str:
    listed = study.listed_actions
    actions = [hash_release(path) for path in (listed, study.actions_file) if path is not None]
    return hash_facts(study.fit_key, actions, study.settings.actions.model_dump(mode="json"), f"{study.today:%Y-%m}")


def _find_new(study: Study) -> list[str]:
    from pxanalysis.survey.sources.read import hash_file

    day, key = date.today().isoformat(), study.reading_key
    return [
        path.name
        for path in study.raw_files()
        if not path.is_file() or not study.store.holds(hash_file(path), key, day)
    ]


def _why_fit(study: Study) -> str:
    """Say why results are to be fitted anew; empty when they are as they should be."""
    if not study.store.batches:
        known = study.settings.sql or study.settings.pull or study.raw_files()
        return "nothing was taken in yet" if known else "there are no answers yet"
    path = study.results_folder / "meta.json"
    if not path.exists():
        return "nothing was fitted yet"
    try:
        meta = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return "the results are damaged"
    if study.is_fitted:
        return ""
    if meta.get("fit_key") == study.fit_key:
        return "a month ended, whose answers may now count"
    if meta.get("version", __version__) != __version__:
        return f"pxanalysis {meta['version']} fitted them, this is {__version__}"
    if meta.get("journey_hash") != hash_facts(study.journey.model_dump(mode="json")):
        return "the journey changed"
    if meta.get("given") != study.given_key:
        return "study.toml, the list of practices, observations or the program changed"
    return "answers came, changed or went"
