"""A study folder: where its journey, answers, results and reports are, and how each is made from the one before."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pxanalysis.errors import StudyError
from pxanalysis.study.actions import StudyActions
from pxanalysis.study.analyses import StudyAnalyses
from pxanalysis.study.checking import StudyChecks
from pxanalysis.study.fitting import FitSources, fit_released
from pxanalysis.study.keys import hash_release
from pxanalysis.study.lock import lock_study
from pxanalysis.study.mapping import StudyMapping
from pxanalysis.study.settings import read_settings
from pxanalysis.study.shipped import REPORT_NOTEBOOK, notebooks_folder

# What fits or reports is imported when it is used: a process that only shows results starts without it.
if TYPE_CHECKING:
    from pxanalysis.analysis.observations import Observations
    from pxanalysis.analysis.privacy.counted import CountedAnswers
    from pxanalysis.analysis.whole_study.results import StudyResults
    from pxanalysis.analysis.whole_study.settings import FitSettings
    from pxanalysis.reporting.sections import PracticeReport
    from pxanalysis.study.weights import Weighing
    from pxanalysis.survey.responses import Responses

__all__ = ["Study", "open_study"]


class Study(StudyChecks, StudyActions, StudyAnalyses, StudyMapping):
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
        _check_nameable(self.root)
        self.settings = read_settings(self.root / "study.toml")

    def __repr__(self) -> str:
        return f"Study({self.settings.study.title!r})"

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
    def reviewed_file(self) -> Path:
        """What was decided about comments by somebody who read them."""
        return self.root / "data" / "processed" / "comments-reviewed.json"

    @property
    def notebook(self) -> Path:
        """The report notebook: what study.toml names, else the study's own, else the package's."""
        if self.settings.study.notebook is not None:
            return self.root / self.settings.study.notebook
        own = self.root / "notebooks" / REPORT_NOTEBOOK
        return own if own.is_file() else notebooks_folder() / REPORT_NOTEBOOK

    @property
    def released(self) -> Responses:
        """The answers that figures of practices rest on: those that count in the last release, else all."""
        counted = self.counted
        return self._unreleased() if counted is None else counted.shown

    @property
    def released_for_effects(self) -> Responses:
        """The answers that the driver model of the reports rests on."""
        counted = self.counted
        return self._unreleased() if counted is None else counted.model

    def _unreleased(self) -> Responses:
        if self.settings.analysis.weights is not None:
            raise StudyError(
                f"{self.root}: weights are settled when answers are released, and none are yet. Run 'pxanalysis fit'."
            )
        return self.responses

    @property
    def counted(self) -> CountedAnswers | None:
        """The answers of the last release, cell by cell; None when there was none."""
        from pxanalysis.study.releases import ReleaseFiles, read_counted

        files = ReleaseFiles.beside(self.fit_sources.released)
        counted = read_counted(self.responses, files, self.settings.analysis.minimum_n)
        weighing = self.fit_sources.weighing
        return counted if counted is None or weighing is None else weighing().recall(counted)

    def _weighing(self) -> Weighing:
        """What responses are weighed by, remembered beside the release."""
        from pxanalysis.study.weights import Weighing

        kept = self.released_file.with_name("weights.json")
        return Weighing(self.settings, self.root, self.store.read_aside(), kept)

    @property
    def observations_file(self) -> Path | None:
        """File with what was observed along the journey; None where study.toml names none."""
        name = self.settings.observations.file
        return None if name is None else self.root / name

    @property
    def observations(self) -> Observations:
        """What patients were seen to do, think and feel: the file that study.toml names under ``[observations]``.

        Raises
        ------
        StudyError
            When it names none.
        """
        from pxanalysis.analysis.observations import read_observations

        if self.observations_file is None:
            raise StudyError(
                f"{self.root / 'study.toml'}: names no observations. Make a sheet with 'pxanalysis journeys "
                f"observations {self.settings.study.journey} --xlsx', and name it: [observations], file = "
                '"observations.xlsx".'
            )
        return read_observations(self.observations_file, self.journey)

    @property
    def fit_settings(self) -> FitSettings:
        """Outcome, case mix, bootstrap and smallest number of people, as study.toml has them."""
        from pxanalysis.analysis.whole_study.settings import FitSettings

        return FitSettings(**self.settings.fit_options())

    @property
    def fit_key(self) -> str:
        """Hash of all that the results depend on."""
        return self.fit_sources.key

    @property
    def given_key(self) -> str:
        """Hash of all that the results depend on, but the answers."""
        return self.fit_sources.given

    @property
    def _invited(self) -> str:
        """Hash of who was invited: whose answers count, and how much, may rest on it."""
        return hash_release(self.root / self.settings.invitations.folder / "ledger.csv")

    @property
    def fit_sources(self) -> FitSources:
        """All that a fit takes beside the answers, and where its results go."""
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
            invited=self._invited,
            weighing=None if self.settings.analysis.weights is None else self._weighing,
            observations=self.observations_file,
            as_of=self.settings.study.as_of,
        )

    @property
    def is_fitted(self) -> bool:
        """Whether the results on disk belong to the answers, journey and settings as they are now."""
        meta = self.results_folder / "meta.json"
        if not meta.exists():
            return False
        try:
            found = json.loads(meta.read_text(encoding="utf-8"))
            ended = min(found["still_open"], default="9999") < f"{self.today:%Y-%m}"
            return bool(found["fit_key"] == self.fit_key and not ended)
        except (StudyError, ValueError, KeyError, TypeError):
            return False

    def fit(self, *, force: bool = False, progress: Callable[[str], None] | None = None) -> StudyResults:
        """Fit everything once for the whole study and keep it; nothing is done when nothing changed.

        New answers of a practice count once there are ``minimum_n`` of them since its figures last changed.

        Raises
        ------
        SurveyError
            When more of a file was refused than the study accepts, or no column gives an outcome.
        """
        if self.is_fitted and not force:
            return self.results
        with lock_study(self.root):
            responses = self.responses
            self.check_held(responses)
            return fit_released(responses, self.fit_sources, progress, self.describe_answers())

    @property
    def results(self) -> StudyResults:
        """What ``fit`` found, read from disk."""
        from pxanalysis.analysis.whole_study.results import StudyResults

        return StudyResults.read(self.results_folder)

    def export_tables(self, kind: Literal["csv", "xlsx"] = "csv") -> list[Path]:
        """Write every frame of the results for a spreadsheet, into ``data/processed/tables``.

        Figures have the decimals of pages (`study.results` has all of them). Text that a spreadsheet would run as
        a formula gets an apostrophe; suppressed figures stay empty.

        Raises
        ------
        AnalysisError
            When there are no results yet.
        """
        from pxanalysis.analysis.whole_study.frames import FRAMES
        from pxanalysis.reporting.exports import round_as_shown, write_table

        folder = self.root / "data" / "processed" / "tables"
        results = self.results
        folder.mkdir(parents=True, exist_ok=True)
        language = self.settings.study.language
        tables = {name: round_as_shown(results[name], FRAMES[name]) for name in sorted(results.frames)}
        return [write_table(table, folder / f"{name}.{kind}", language) for name, table in tables.items()]

    def report(self, practice_id: str, language: str | None = None) -> PracticeReport:
        """Return what one practice's report shows, section by section."""
        from pxanalysis.reporting.making.notebooks import hash_notebook
        from pxanalysis.reporting.sections import PracticeReport

        language, made_by = language or self.settings.study.language, hash_notebook(self.notebook)
        return PracticeReport(
            self.results,
            self.journey,
            practice_id,
            language,
            notebook_hash=made_by,
            shown_actions=self.shown_actions,
        )

    def dashboard(self, practice_id: str | None = None, language: str | None = None) -> Any:
        """Show the live picture in JupyterLab: counts of now, the rest of the last release; it follows the study.

        Parameters
        ----------
        practice_id
            The practice to begin with; the programme when left out.

        Returns
        -------
        A Panel view, which shows itself.

        Raises
        ------
        StudyError
            Without the extra (``pip install 'pxanalysis[dashboard]'``), or when there is no such practice.
        """
        import importlib

        try:  # the dashboard stands on studies, and is an extra: a study knows it by name only
            shown = importlib.import_module("pxanalysis.dashboard.notebook")
        except ModuleNotFoundError as error:
            raise StudyError(
                f"dashboard: '{error.name}' is not installed. Install it: pip install 'pxanalysis[dashboard]'."
            ) from error
        return shown.show_dashboard(self, practice_id, language)


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


def _check_nameable(root: Path) -> None:
    try:
        str(root).encode()
    except UnicodeEncodeError as error:
        raise StudyError(
            f"{str(root)!a}: the computer's locale cannot name this folder. Set the environment variable PYTHONUTF8=1 "
            "(or LC_ALL=C.UTF-8), or give the folder a name without accents."
        ) from error
