"""A study folder: where its journey, answers, results and reports are, and how each is made from the one before."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pxanalysis.errors import StudyError
from pxanalysis.journey.reading import read_journey
from pxanalysis.study.analyses import StudyAnalyses
from pxanalysis.study.fitting import FitSources, fit_released
from pxanalysis.study.keys import hash_facts, hash_release
from pxanalysis.study.lock import lock_study
from pxanalysis.study.settings import read_settings
from pxanalysis.study.shipped import REPORT_NOTEBOOK, notebooks_folder
from pxanalysis.survey.policy import SurveyPolicy

# What reads answers (Polars, with its threads), fits or reports is imported when it is used: a process that only shows
# results starts without it, quicker and with a single thread.
if TYPE_CHECKING:
    from pxanalysis.analysis.privacy.counted import CountedAnswers
    from pxanalysis.analysis.whole_study.results import StudyResults
    from pxanalysis.analysis.whole_study.settings import FitSettings
    from pxanalysis.journey.model import Journey
    from pxanalysis.reporting.sections import PracticeReport
    from pxanalysis.survey.responses import Practice, Responses
    from pxanalysis.survey.store import Batch, ResponseStore

__all__ = ["Study", "open_study"]

USUAL_PLACE = "data/raw/practices.csv"
"""Where the list is when study.toml does not say; there it may be absent."""


class Study(StudyAnalyses):
    """One study folder.

    Parameters
    ----------
    root
        The folder with ``study.toml``.

    Notes
    -----
    The parts are read when first asked for: ``journey``, ``responses``, ``results``.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root).resolve()
        self.settings = read_settings(self.root / "study.toml")

    def __repr__(self) -> str:
        return f"Study({self.settings.study.title!r})"

    @property
    def raw_folder(self) -> Path:
        """Where exports are put."""
        return self.root / "data" / "raw"

    @property
    def results_folder(self) -> Path:
        """Where ``fit`` leaves its frames."""
        return self.root / "data" / "processed" / "results"

    @property
    def reports_folder(self) -> Path:
        """Where reports and their index are written."""
        return self.root / "reports"

    @property
    def released_file(self) -> Path:
        """Where the last release is remembered, as sets of keyed hashes."""
        return self.root / "data" / "processed" / "released.parquet"

    @property
    def forgotten_file(self) -> Path:
        """Keyed hashes of those who asked to be forgotten."""
        return self.root / "data" / "processed" / "forgotten.json"

    @property
    def reviewed_file(self) -> Path:
        """What was decided about comments by somebody who read them."""
        return self.root / "data" / "processed" / "comments-reviewed.json"

    def oldest_day(self, today: date) -> date | None:
        """First day of the oldest month of which answers are kept; None: all are."""
        months = self.settings.privacy.keep_months
        if months is None:
            return None
        years, month = divmod(today.year * 12 + today.month - 1 - months, 12)
        return date(years, month + 1, 1)

    @property
    def notebook(self) -> Path:
        """The report notebook: what study.toml names, else the study's own, else the package's."""
        if self.settings.study.notebook is not None:
            return self.root / self.settings.study.notebook
        own = self.root / "notebooks" / REPORT_NOTEBOOK
        return own if own.is_file() else notebooks_folder() / REPORT_NOTEBOOK

    @cached_property
    def journey(self) -> Journey:
        """The journey this study measures."""
        name = self.settings.study.journey
        return read_journey(self.root / name if name.endswith((".yaml", ".yml")) else name)

    @cached_property
    def store(self) -> ResponseStore:
        """Accepted and rejected answers on disk."""
        from pxanalysis.survey.spreadsheets import list_separator
        from pxanalysis.survey.store import ResponseStore

        processed = self.root / "data" / "processed"
        return ResponseStore(
            processed / "responses", processed / "rejected", list_separator(self.settings.study.language)
        )

    @property
    def practices_file(self) -> Path:
        """The list of practices: what ``[source] practices`` names, else the usual place, where it may be absent."""
        return self.root / (self.settings.source.practices or USUAL_PLACE)

    @property
    def practices(self) -> dict[str, Practice]:
        """Name and number of invited patients, by practice id."""
        return _load_practices(self.root, self.settings.source.practices)

    @property
    def responses(self) -> Responses:
        """All accepted answers.

        Raises
        ------
        StudyError
            When nothing was ingested yet, every row was refused, a file was checked under another journey or other
            settings than the study has now, or the list of practices that study.toml names is not there.
        """
        from pxanalysis.survey.responses import Responses

        self._check_batches()
        table, rejected = self.store.read(), self.store.read_rejected()
        if table is None or rejected is None:
            raise StudyError(
                f"{self.root}: every row of {', '.join(batch.file for batch in self.store.batches)} was refused. See "
                "the reasons in data/processed/rejected/, correct study.toml or the export, and run 'ingest' again."
            )
        language = self.settings.study.language
        return Responses(
            journey=self.journey, table=table, rejected=rejected, practice_list=self.practices, language=language
        )

    def read_answers(self, path: str | Path) -> Responses:
        """Read and check one file with the study's journey, columns and rules, without storing it."""
        from pxanalysis.survey.reading import read_survey

        return read_survey(path, journey=self.journey, columns=self.settings.columns, policy=self.policy)

    @property
    def released(self) -> Responses:
        """The answers that figures of practices rest on: those that count in the last release, else all."""
        counted = self.counted
        return self.responses if counted is None else counted.shown

    @property
    def released_for_effects(self) -> Responses:
        """The answers that the driver model of the reports rests on."""
        counted = self.counted
        return self.responses if counted is None else counted.model

    @property
    def counted(self) -> CountedAnswers | None:
        """The answers of the last release, cell by cell; None when there was none."""
        from pxanalysis.study.releases import ReleaseFiles, read_counted

        files = ReleaseFiles.beside(self._sources.released)
        return read_counted(self.responses, files, self.settings.analysis.minimum_n)

    @property
    def fit_settings(self) -> FitSettings:
        """Outcome, case mix, bootstrap and smallest number of people, as study.toml has them."""
        from pxanalysis.analysis.whole_study.settings import FitSettings

        return FitSettings(**self.settings.analysis.model_dump())

    def _check_batches(self) -> None:
        batches = self.store.batches
        if not batches:
            raise StudyError(f"{self.root}: no answers yet. Put an export into {self.raw_folder} and run 'ingest'.")
        stale = [batch.file for batch in batches if batch.settings != self._reading_key]
        if stale:
            raise StudyError(
                f"{stale[0]} was checked before the journey or study.toml changed. Run 'ingest', with the file's path "
                f"when it is not in {self.raw_folder}; if it is gone, remove {self.root / 'data/processed/responses'}."
            )

    @property
    def _reading_key(self) -> str:
        """Hash of all that decides how answers are read and checked."""
        source = self.settings.source.model_dump(exclude={"files", "practices"})
        return hash_facts(self.journey.model_dump(mode="json"), self.settings.columns, source)

    @property
    def policy(self) -> SurveyPolicy:
        """What happens to bad answers."""
        source = self.settings.source
        return SurveyPolicy(source.bad_answer, source.practice_pattern, missing=source.missing)

    def raw_files(self) -> list[Path]:
        """Files with answers: those that ``[source] files`` names, and those in ``data/raw`` sorted by name."""
        from pxanalysis.survey.sources.read import READERS

        aside = self.practices_file.resolve()
        shown = (path for path in self.raw_folder.glob("*") if not path.name.startswith((".", "~$")))
        files = (path for path in shown if path.suffix.lower() in READERS)
        named = [self.root / name for name in self.settings.source.files]
        return named + sorted(path for path in files if path.is_file() and path.resolve() != aside)

    def ingest(self, files: Iterable[str | Path] = (), *, today: date | None = None) -> list[Batch]:
        """Read, check and store files that are new or changed; all of ``data/raw`` when none is named.

        Parameters
        ----------
        today
            The last possible date of an answer; the computer's own when not given.

        Returns
        -------
        One batch per file that was taken in; a file known under the same settings adds nothing.
        """
        from pxanalysis.study.forgetting import delete_old, refuse_forgotten
        from pxanalysis.survey.checking.headers import whole_number_columns
        from pxanalysis.survey.checking.validation import validate_answers
        from pxanalysis.survey.sources.read import hash_file, read_source

        columns, source = self.settings.columns, self.settings.source
        policy = self.policy if today is None else replace(self.policy, today=today)
        key = self._reading_key
        whole = whole_number_columns(self.journey, columns)
        batches = []
        with lock_study(self.root):
            for path in [Path(file) for file in files] or self.raw_files():
                if path.is_file() and self.store.holds(hash_file(path), key):
                    continue
                raw = read_source(path, delimiter=source.delimiter, whole_numbers=whole)
                table = validate_answers(
                    raw, self.journey, columns=columns, policy=policy, date_format=source.date_format
                )
                table = refuse_forgotten(table, self, self.oldest_day(policy.today))
                batches.append(self.store.add(table, file=raw.name, digest=raw.digest, settings=key))
            delete_old(self, policy.today)
        return batches

    @property
    def fit_key(self) -> str:
        """Hash of all that the results depend on."""
        return self._sources.key

    @property
    def _sources(self) -> FitSources:
        return FitSources(
            journey=self.journey,
            settings=self.settings,
            batches=[(batch.digest, batch.settings) for batch in self.store.batches],
            practices=self.practices,
            practices_file=self.practices_file.name,
            released=self.released_file,
            results=self.results_folder,
            reviewed=self.reviewed_file,
            forgotten=hash_release(self.forgotten_file),
        )

    @property
    def is_fitted(self) -> bool:
        """Whether the results on disk belong to the answers, journey and settings as they are now."""
        meta = self.results_folder / "meta.json"
        if not meta.exists():
            return False
        try:
            found = json.loads(meta.read_text(encoding="utf-8"))
            ended = min(found["still_open"], default="9999") < f"{date.today():%Y-%m}"
            return bool(found["fit_key"] == self.fit_key and not ended)
        except (StudyError, ValueError, KeyError, TypeError):
            return False

    def fit(self, *, force: bool = False, progress: Callable[[str], None] | None = None) -> StudyResults:
        """Fit everything once for the whole study and keep it; nothing is done when nothing changed.

        New answers of a practice count once there are ``minimum_n`` of them since its figures last changed.
        """
        if self.is_fitted and not force:
            return self.results
        with lock_study(self.root):
            return fit_released(self.responses, self._sources, progress)

    @property
    def results(self) -> StudyResults:
        """What ``fit`` found, read from disk."""
        from pxanalysis.analysis.whole_study.results import StudyResults

        return StudyResults.read(self.results_folder)

    def export_tables(self, kind: Literal["csv", "xlsx"] = "csv") -> list[Path]:
        """Write every frame of the results for a spreadsheet, into ``data/processed/tables``.

        Text that a spreadsheet would run as a formula gets an apostrophe; suppressed figures stay empty.

        Raises
        ------
        AnalysisError
            When there are no results yet.
        ReportError
            For ``xlsx`` without openpyxl (``pip install pxanalysis[excel]``).
        """
        from pxanalysis.reporting.exports import write_table

        folder = self.root / "data" / "processed" / "tables"
        results = self.results
        folder.mkdir(parents=True, exist_ok=True)
        language = self.settings.study.language
        return [write_table(results[name], folder / f"{name}.{kind}", language) for name in sorted(results.frames)]

    def report(self, practice_id: str, language: str | None = None) -> PracticeReport:
        """Return what one practice's report shows, section by section."""
        from pxanalysis.reporting.making.notebooks import hash_notebook
        from pxanalysis.reporting.sections import PracticeReport

        language, made_by = language or self.settings.study.language, hash_notebook(self.notebook)
        return PracticeReport(self.results, self.journey, practice_id, language, notebook_hash=made_by)


def open_study(folder: str | Path = ".") -> Study:
    """Open the study in a folder.

    Parameters
    ----------
    folder
        The folder with ``study.toml``, or one below it (such as ``notebooks/``).

    Raises
    ------
    StudyError
        When there is no ``study.toml`` there or above, or it is not valid.
    """
    start = Path(folder).resolve()
    for candidate in (start, *start.parents):
        if (candidate / "study.toml").is_file():
            return Study(candidate)
    return Study(start)


def _load_practices(root: Path, named: str | None) -> dict[str, Practice]:
    """Read the list that study.toml names, else the one in the usual place; none when that is not there.

    Raises
    ------
    StudyError
        When study.toml names a list that is not there.
    SurveyError
        When the list cannot be used.
    """
    from pxanalysis.survey.practice_list import read_practices

    path = root / (named or USUAL_PLACE)
    if path.exists():
        return read_practices(path)
    if named:
        raise StudyError(
            f"{path}: study.toml names this file under [source] practices, and it is not there. Put it there, correct "
            "the name, or take the line out; practices are then shown by their id."
        )
    return {}
