"""From an export to a study: a first journey of it, and which of its columns is which question."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from pxanalysis.errors import StudyError
from pxanalysis.study.settings import StudySettings, read_settings
from pxanalysis.study.settings_file import set_keys
from pxanalysis.survey.files import write_atomically

# What reads answers (Polars, with its threads) is imported when it is used, as in answers.py.
if TYPE_CHECKING:
    from pxanalysis.journey.model import Journey
    from pxanalysis.survey.mapping import ColumnMap, Draft
    from pxanalysis.survey.mapping.draft import DraftLanguage
    from pxanalysis.survey.sources.raw import RawTable

__all__ = ["ONLY_PRACTICE", "StudyMapping"]

ONLY_PRACTICE = "all"
"""Practice of every answer where no column tells it, until study.toml gives it a better name."""


class StudyMapping:
    """Methods of a study that connect an export with its journey."""

    root: Path
    settings: StudySettings

    @property
    def journey(self) -> Journey:
        """The journey this study measures."""
        raise NotImplementedError

    def map_columns(self, path: str | Path) -> ColumnMap:
        """Propose which column of an export is which question of the study's journey; nothing is written.

        Returns
        -------
        ColumnMap; in a notebook it shows itself as a table, and :meth:`write_columns` writes what is sure.

        Raises
        ------
        SourceError
            When the file cannot be read.
        """
        from pxanalysis.survey.mapping import propose_columns

        return propose_columns(self._read_export(path), self.journey, self.settings.columns)

    def write_columns(self, found: ColumnMap, confirmed: Iterable[str] = ()) -> dict[str, str]:
        """Write what is sure of a proposal, and suggestions that somebody confirmed, under [columns] in study.toml.

        Parameters
        ----------
        confirmed
            Journey ids whose suggestion (``how`` is ``alike``) is right.

        Returns
        -------
        What was written: journey id to column.

        Raises
        ------
        StudyError
            When an id has no suggestion, or study.toml cannot be edited.
        """
        suggested = {one.id: one.column for one in found.suggestions}
        unknown = [id_ for id_ in confirmed if id_ not in suggested]
        if unknown:
            raise StudyError(
                f"{found.file}: there is no suggestion for '{unknown[0]}' that fits; there are some for: "
                f"{', '.join(suggested) or 'none'}. Write another column into study.toml under [columns] yourself."
            )
        columns = found.columns | {id_: suggested[id_] for id_ in confirmed}
        if columns:
            self._change_settings({"columns": columns})
        return columns

    def draft_journey(
        self, path: str | Path, *, language: DraftLanguage | None = None, practice: str | None = None
    ) -> Draft:
        """Draft a first journey from an export; nothing is written, see :meth:`adopt_draft`.

        Parameters
        ----------
        language
            In which its questions are written; told by their words when left out.
        practice
            The column with the practice of each response; told by its name when left out.

        Raises
        ------
        SourceError
            When the file cannot be read.
        SurveyError
            When no column seems to be a rated question.
        """
        from pxanalysis.survey.mapping import draft_journey

        return draft_journey(self._read_export(path), language=language, practice=practice)

    def _read_export(self, path: str | Path) -> RawTable:
        """A file with answers, and the wordings of a questionnaire's file beside it."""
        from pxanalysis.survey.sources.companions import add_wordings
        from pxanalysis.survey.sources.read import read_source

        source = self.settings.source
        raw = read_source(path, delimiter=source.delimiter, encoding=source.encoding)
        return add_wordings(raw, Path(path).parent)

    def write_draft(self, draft: Draft, path: str | Path | None = None) -> Path:
        """Write the drafted journey as a YAML file into the study, or to ``path``.

        Raises
        ------
        StudyError
            When such a file is there already.
        """
        from pxanalysis.journey.authoring import to_yaml

        target = self.root / f"{draft.journey.id}.yaml" if path is None else Path(path)
        if target.exists():
            raise StudyError(f"{target}: is there already and would be overwritten. Name another file with --output.")
        write_atomically(target, to_yaml(draft.journey))
        return target

    def adopt_draft(self, draft: Draft, path: str | Path) -> None:
        """Make the study measure a drafted journey: its file, outcome, columns and readings go into study.toml.

        Raises
        ------
        StudyError
            When study.toml maps ids that the draft does not have, or cannot be edited.
        """
        from pxanalysis.survey.checking.headers import expected_columns

        other = sorted(set(self.settings.columns) - set(expected_columns(draft.journey)))
        if other:
            raise StudyError(
                f"{self.root / 'study.toml'} [columns]: {', '.join(other)} belong to another journey. Take them out, "
                "or draft in a study of its own ('pxanalysis init')."
            )
        file = Path(path).resolve()
        name = file.relative_to(self.root).as_posix() if file.is_relative_to(self.root) else str(file)
        changes = {
            "study": {"journey": name, "title": draft.journey.title[draft.journey.languages[0]]}
            | {"language": draft.journey.languages[0]},
            "columns": draft.columns,
            "analysis": {"outcome": draft.journey.outcomes[0].id},
        }
        if draft.readings:
            changes["readings"] = draft.readings
        if not draft.has_practice and self.settings.source.practice is None:
            changes["source"] = {"practice": ONLY_PRACTICE}
        self._change_settings(changes)

    def _change_settings(self, changes: dict[str, dict[str, str]]) -> None:
        set_keys(self.root / "study.toml", changes)
        self.settings = read_settings(self.root / "study.toml")
        self.__dict__.pop("journey", None)
