"""Making the results of a study anew, and knowing what they rest on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pxanalysis._version import __version__
from pxanalysis.errors import AnalysisError, StudyError
from pxanalysis.processes import second_process
from pxanalysis.study.keys import hash_facts, hash_release
from pxanalysis.survey.files import write_atomically

if TYPE_CHECKING:
    from pxanalysis.analysis.privacy.counted import CountedAnswers
    from pxanalysis.analysis.whole_study.facts import StudyFacts
    from pxanalysis.analysis.whole_study.results import StudyResults
    from pxanalysis.journey.model import Journey
    from pxanalysis.study.settings import StudySettings
    from pxanalysis.study.weights import Weighing
    from pxanalysis.survey.responses import Practice, Responses

__all__ = ["FitSources", "fit_released"]


@dataclass(frozen=True, slots=True)
class FitSources:
    """What the results of a study depend on, beside the answers themselves.

    Attributes
    ----------
    batches
        Digest and reading settings of every file that was taken in.
    practices, practices_file
        The list of practices, and the name of its file for messages.
    released, results
        Where the previous release is remembered, folder of the results.
    reviewed
        File with what was decided about comments.
    forgotten
        Hash of who asked to be forgotten.
    invited
        Hash of the ledger of invitations, where there is one.
    weighing
        Gives what responses are weighed by; None: everybody counts the same.
    observations
        File with what was observed along the journey; None: reports have no part on it.
    as_of
        The day of which reports are made; None: today.
    """

    journey: Journey
    settings: StudySettings
    batches: list[tuple[str, str]]
    practices: Mapping[str, Practice]
    practices_file: str
    released: Path
    results: Path
    reviewed: Path
    forgotten: str = ""
    invited: str = ""
    weighing: Callable[[], Weighing] | None = None
    observations: Path | None = None
    as_of: date | None = None

    @property
    def key(self) -> str:
        """Hash of all that the results depend on: answers, what was released before, journey, settings, practices."""
        # pandas, which a command that only tells how things stand starts without

        return hash_facts(
            self.given, self.batches, hash_release(self.released), self.forgotten, hash_release(self.reviewed)
        )

    @property
    def given(self) -> str:
        """Hash of all but the answers: program, journey, settings, practices."""
        # pandas, which a command that only tells how things stand starts without
        from pxanalysis.analysis.whole_study.frames import frames_version

        return hash_facts(
            __version__,
            frames_version(),
            self.journey.model_dump(mode="json"),
            self.settings.analysis.model_dump(),
            self.settings.study.provider,
            *([self.settings.trends.model_dump(mode="json")] if self.settings.trends.rebases else []),
            self.settings.forms.model_dump(mode="json"),
            [self.settings.invitations.model_dump(mode="json"), self.invited] if self.invited else [],
            {practice_id: asdict(practice) for practice_id, practice in self.practices.items()},
            *(() if self.observations is None else (hash_release(self.observations),)),
            *(() if self.as_of is None else (self.as_of.isoformat(),)),
        )


def fit_released(
    responses: Responses,
    sources: FitSources,
    progress: Callable[[str], None] | None = None,
    said: Sequence[str] = (),
) -> StudyResults:
    """Fit the answers that may be shown now, and keep what was found; ``said`` is kept with the notes.

    Where answers were withdrawn and nothing else came, the figures stay as they were published; where others came,
    those of the practice concerned do.

    Raises
    ------
    StudyError
        When what is known of the previous release is gone while its results are still there.
    """
    with second_process(responses.n, "pxanalysis.analysis.whole_study.fit"):
        return _fit_released(responses, sources, progress, said)


def _fit_released(
    responses: Responses, sources: FitSources, progress: Callable[[str], None] | None, said: Sequence[str]
) -> StudyResults:
    # Polars and the analyses are imported here: a process that only shows results starts without them.
    from pxanalysis.analysis.whole_study.fit import fit_study
    from pxanalysis.analysis.whole_study.results import StudyResults, keep_practices
    from pxanalysis.analysis.whole_study.settings import FitSettings
    from pxanalysis.study.comments import read_decisions
    from pxanalysis.study.releases import ReleaseFiles, describe_waiting, hash_cells, release_answers

    _check_release(sources.released, sources.results)
    observed, observed_notes = _read_observed(sources)  # before anything is written
    rebases = _check_rebases(sources, responses)
    settings = FitSettings(**sources.settings.fit_options())
    notes = _find_impossible(responses, sources)
    journey_hash = hash_facts(sources.journey.model_dump(mode="json"))
    before = _read_before(sources.results, journey_hash)
    release, counted = release_answers(
        responses,
        ReleaseFiles.beside(sources.released),
        settings.minimum_n,
        can_freeze=before is not None,
        today=sources.as_of,
    )
    weighed: list[str] = []
    if sources.weighing is not None:
        counted, weighed = sources.weighing().settle(counted)
    frozen = list(counted.frozen)
    same = {
        "release": hash_cells(release),
        "given": sources.given,
        "frozen": frozen,
        "reviewed": hash_release(sources.reviewed),
    }
    facts = same | {
        "fit_key": sources.key,  # after the release was written, which is part of it
        "waiting": release.waiting,
        "part_waiting": release.part_waiting,
        "still_open": sorted(release.still_open),
        "provider": _check_provider(sources),
        "rebases": rebases,
        "study_notes": [*said, *weighed, *notes, *observed_notes, *describe_waiting(release, settings.minimum_n)],
        **_describe_forms(counted, sources, settings.minimum_n),
        "observations": observed,
    }
    if before is not None and frozen and _rests_on(before, same):
        found = StudyResults(before.meta.with_facts(**facts), before.frames)
    else:
        facts |= {
            "study_title": sources.settings.study.title,
            "data_hash": _hash_table(counted),
            "journey_hash": journey_hash,
            "settings_hash": _hash_settings(sources.settings),
        }
        found = fit_study(counted, settings, extra=facts, decisions=read_decisions(sources.reviewed), progress=progress)
        found = keep_practices(found, before, frozen) if before is not None and frozen else found
    _write_provenance(sources, found.write(sources.results))
    return found


def _find_impossible(responses: Responses, sources: FitSources) -> list[str]:
    """What in the list of practices cannot be, as more answers than were invited."""
    from pxanalysis.survey.practice_list import find_impossible_numbers

    answered = dict(responses.table["practice_id"].value_counts().iter_rows())
    return find_impossible_numbers(responses.practice_list, answered, sources.practices_file)


def _describe_forms(counted: CountedAnswers, sources: FitSources, minimum_n: int) -> dict[str, object]:
    """Versions of the questionnaire, and what scores rest on where they differ."""
    from pxanalysis.analysis.whole_study.forms import show_versions
    from pxanalysis.survey.form_versions import list_versions

    shown = counted.shown
    return {
        "forms": show_versions(list_versions(shown.table, sources.journey), minimum_n),
        "uncommon_items": sorted(shown.uncommon_items),
        "items_needed": shown.items_needed,
    }


def _write_provenance(sources: FitSources, meta: StudyFacts) -> None:
    """Write ``provenance.json`` beside the results."""
    from pxanalysis.analysis.provenance import PROVENANCE_FILE, DataFacts, Provenance, describe_computer

    made = Provenance(
        made="results",
        study=meta.study_title,
        journey=meta.journey_id,
        program={"pxanalysis": meta.version, **meta.software},
        computer=describe_computer(),
        data=DataFacts(
            sha256=meta.data_hash or "",
            files=tuple(digest for digest, _ in sources.batches),
            n_responses=meta.n_responses,
            n_practices=meta.n_practices,
            first_date=meta.first_date,
            last_date=meta.last_date,
            simulated=meta.simulated,
        ),
        journey_sha256=meta.journey_hash or "",
        settings_sha256=meta.settings_hash or "",
        release_sha256=meta.release or "",
        settings=sources.settings.analysis.model_dump(mode="json"),
        seed=meta.seed,
        outputs={f"{name}.parquet": digest for name, digest in meta.frames.items()},
        command="pxanalysis fit --force",
    )
    write_atomically(sources.results / PROVENANCE_FILE, made.to_json())


def _check_rebases(sources: FitSources, responses: Responses) -> list[dict[str, str]]:
    """New baselines of courses, as they are kept.

    Raises
    ------
    StudyError
        For a practice, subject or day that is not there: a page would go on with the old baseline without a word.
    """
    import polars as pl  # a process that only shows results starts without it

    days = responses.table.group_by("practice_id").agg(
        first=pl.col("completed_on").min(), last=pl.col("completed_on").max()
    )
    spans = {row["practice_id"]: (row["first"], row["last"]) for row in days.iter_rows(named=True)}
    known = [one.id for one in sources.journey.outcomes] + [one.id for one in sources.journey.touchpoints]
    kept = []
    for one in sources.settings.trends.rebases:
        where = f"study.toml [[trends.rebases]] of {one.practice}, {one.subject}, {one.day}"
        if one.practice not in spans and one.practice not in sources.practices:
            raise StudyError(f"{where}: there is no practice '{one.practice}'. Correct its id, or take the entry out.")
        if one.subject not in known:
            raise StudyError(
                f"{where}: the journey has no outcome or touchpoint '{one.subject}'; it has: {', '.join(known)}."
            )
        first, last = spans.get(one.practice, (None, None))
        if first is not None and not first < one.day <= last:
            raise StudyError(
                f"{where}: the day is not within the practice's answers ({first} to {last}). Correct it, or take the "
                "entry out."
            )
        kept.append({"practice_id": one.practice, **one.model_dump(mode="json", exclude={"practice"})})
    return kept


def _check_provider(sources: FitSources) -> str:
    """The provider that reports advise; empty for all.

    Raises
    ------
    StudyError
        When the journey does not have it.
    """
    named, known = sources.settings.study.provider, [one.id for one in sources.journey.providers]
    if named is not None and named not in known:
        raise StudyError(
            f"study.toml [study] provider: the journey '{sources.journey.id}' has no provider '{named}'; it has: "
            f"{', '.join(known)}."
        )
    return named or ""


def _hash_settings(settings: StudySettings) -> str:
    """A study without observations has the fingerprint that it had before there were any.

    How answers are fetched is none of it: they have fingerprints of their own.
    """
    text = settings.model_dump(mode="json", exclude={"observations"} if settings.observations.file is None else set())
    if settings.study.as_of is None:
        del text["study"]["as_of"]
    del text["pull"]
    for part in text["sql"].values():
        del part["mark"]
    return hash_facts(text)


def _read_observed(sources: FitSources) -> tuple[str | None, list[str]]:
    """What was observed, masked, for the part of the reports on it; and what is to be said of its file."""
    from pxanalysis.analysis.observations import read_observations

    if sources.observations is None:
        return None, []
    found = read_observations(sources.observations, sources.journey)
    notes = [f"{found.source}: {note}" for note in found.notes]
    if len(found.rejected):
        first = found.rejected.iloc[0]
        notes.append(
            f"{found.source}: {len(found.rejected)} rows or cells were refused, the first at {first['place']}: "
            f"{first['reason']} 'pxanalysis journeys observations {sources.settings.study.journey} --check "
            f"{sources.observations}' lists them."
        )
    return found.to_json(), notes


def _rests_on(found: StudyResults, facts: Mapping[str, object]) -> bool:
    """Whether results were made by the same settings, and the same people count in every cell."""
    return all(getattr(found.meta, name) == facts[name] for name in ("release", "given", "reviewed"))


def _hash_table(counted: CountedAnswers) -> str:
    """SHA-256 of the answers that figures rest on, in order of response id."""
    from pxanalysis.analysis.provenance import hash_answers

    return hash_answers(counted.shown.table)


def _read_before(folder: Path, journey_hash: str) -> StudyResults | None:
    """The results of before, where they can be held beside new ones."""
    from pxanalysis.analysis.whole_study.results import StudyResults

    try:
        found = StudyResults.read(folder)
    except AnalysisError:  # none yet, or damaged: what cannot be renewed is then withheld
        return None
    usable = bool(found.meta.release) and found.meta.journey_hash == journey_hash
    return found if usable else None


def _check_release(path: Path, results_folder: Path) -> None:
    results = results_folder / "meta.json"
    if path.exists() or not results.exists():
        return
    try:
        known = "waiting" in json.loads(results.read_text(encoding="utf-8"))
    except ValueError:  # damaged results are made anew, which their reader advises
        known = True
    if known:
        raise StudyError(
            f"{path}: not there, while results that rest on it are. Without it the next reports could tell what a few "
            f"new patients said. Restore it from a backup; or, to start anew, remove {results_folder} as well."
        )
