"""A dry run of taking in: what would be read of which file, and what would be asked; nothing is stored."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pxanalysis.study.answers import StudyAnswers
from pxanalysis.study.databases import fetch_databases
from pxanalysis.study.taking_in import FileCheck

if TYPE_CHECKING:
    from pxanalysis.survey.policy import SurveyPolicy
    from pxanalysis.survey.responses import Responses

__all__ = ["StudyChecks"]

_FILE = "\0file"


class StudyChecks(StudyAnswers):
    """Methods of a study that say what would come of files."""

    def check(self, files: Iterable[str | Path] = (), *, today: date | None = None) -> list[FileCheck]:
        """Read, judge and check files without storing anything; all of ``data/raw`` when none is named."""
        policy = self.policy if today is None else replace(self.policy, today=today)
        named = [Path(file) for file in files]
        if named or not self.settings.sql:
            return [self._outline_file(path, policy) for path in named or self.raw_files()]
        with TemporaryDirectory() as folder:  # the rows as they are now; what was fetched before is left as it is
            errors = fetch_databases(self.settings, self.root, Path(folder))
            fetched = sorted(Path(folder).glob("*.parquet"))
            again = {path.name for path in fetched}
            paths = [path for path in self.raw_files() if path.name not in again] + fetched
            found = [self._outline_file(path, policy) for path in paths]
        return found + [FileCheck(error.partition(":")[0], error) for error in errors]

    def _outline_file(self, path: Path, policy: SurveyPolicy) -> FileCheck:
        """Read, judge and check a file, a long one part by part and without its rows."""
        with TemporaryDirectory() as scratch:
            return self._check_file(path, policy, Path(scratch), stored=False)

    def describe_checked(self, found: Iterable[FileCheck]) -> tuple[list[str], list[str], list[str]]:
        """What is to be said of checked files together, nothing of which is stored.

        Returns
        -------
        (notes, reasons why reports would wait, questions): ids that are one, answers that stand in two files, a list of
        practices that matches nobody; outcomes that no column gives; forms that were found from missing answers.
        """
        import polars as pl

        from pxanalysis.survey.columns.overlap import find_repeats

        found = list(found)
        some = [one for one in found if one.accepted]
        if not some:
            return [], [], []
        answers = pl.concat([one.codes for one in some], how="diagonal_relaxed")
        _, notes = self._join_practices(answers)
        notes += [
            f"{one.file}: {len(rows)} of its {one.accepted} responses stand in another file as well, row for row, "
            "and would count once."
            for one, rows in zip(some, find_repeats([one.marks for one in some]), strict=True)
            if rows
        ]
        reasons = self._find_absent_outcomes(answers) + _find_strangers(some, self.settings.source.accept)
        again = answers.height - answers["response_id"].n_unique() if len(some) > 1 else 0
        if again:
            notes.append(f"{again} responses stand in more than one file, by their id; the last file's would count.")
        notes += self._name_unused_readings(found)
        return notes, reasons, self.ask_about_forms(answers)

    def _name_unused_readings(self, found: Iterable[FileCheck]) -> list[str]:
        """Tables of readings that hold for no file and no form: a slip in their name would go unseen."""
        from fnmatch import fnmatchcase

        files = [one.file for one in found]
        forms = sorted({verdict.form for one in found for verdict in one.verdicts} - {""})
        return [
            f'study.toml [readings."{key}"]: holds for none of the files ({", ".join(files)}) and for no form '
            f"({', '.join(forms) or 'none is known'}). Correct the name, or take it out."
            for key, part in self.settings.readings.items()
            if not isinstance(part, str)
            and not any(fnmatchcase(file, key) for file in files)
            and key.removeprefix("form=") not in forms
        ]

    def read_answers(self, path: str | Path) -> Responses:
        """Read and check one file with the study's journey, columns and rules, without storing it."""
        from pxanalysis.survey.reading import read_survey

        return read_survey(
            path,
            journey=self.journey,
            columns=self.settings.columns,
            policy=self.policy,
            readings=self.settings.readings,
            forms=self.settings.form_rule,
            practice=self.settings.source.practice,
        )


def _find_strangers(found: list[FileCheck], accept: Collection[str]) -> list[str]:
    """Files whose ids are those of other people in one before."""
    import polars as pl

    from pxanalysis.survey.columns.overlap import count_strangers, describe_strangers

    before = found[0].codes.with_columns(pl.lit(found[0].file).alias(_FILE))
    reasons: list[str] = []
    for one in found[1:]:
        later = one.codes
        same = before.filter(pl.col("response_id").is_in(later["response_id"].implode()))
        shared, strangers = count_strangers(same, later)
        if one.file not in accept:
            others = same[_FILE].unique(maintain_order=True).to_list()
            reasons += describe_strangers(one.file, others, shared, strangers)
        both = [before, later.with_columns(pl.lit(one.file).alias(_FILE))]
        before = pl.concat(both, how="diagonal_relaxed").unique("response_id", keep="last", maintain_order=True)
    return reasons
