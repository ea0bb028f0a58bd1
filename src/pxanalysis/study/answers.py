"""The answers of a study: which files there are, how they are taken in, and what is asked before they count."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pxanalysis.errors import PxError, StudyError, SurveyError
from pxanalysis.journey.reading import read_journey
from pxanalysis.simulation.files import TRUTH_FILE
from pxanalysis.study.databases import fetch_databases, snapshot_name, table_of
from pxanalysis.study.forms import StudyForms
from pxanalysis.study.keys import hash_facts
from pxanalysis.study.lock import lock_study
from pxanalysis.study.practices_file import USUAL_PLACE, load_practices
from pxanalysis.study.pulling import is_questionnaire, pull_sources, raw_name
from pxanalysis.study.settings import FROM_RESPONSE, StudySettings
from pxanalysis.study.taking_in import FileCheck, IngestError, check_file, scratch_folder
from pxanalysis.survey.policy import SurveyPolicy

# What reads answers (Polars, with its threads) is imported when it is used: a process that only shows results starts
# without it, quicker and with a single thread.
if TYPE_CHECKING:
    import polars as pl

    from pxanalysis.journey.model import Journey
    from pxanalysis.study.places import StudyPlaces
    from pxanalysis.survey.checking.validated import ValidatedTable
    from pxanalysis.survey.ledger import Batch
    from pxanalysis.survey.responses import Practice, Responses
    from pxanalysis.survey.store import ResponseStore

__all__ = ["StudyAnswers"]


class StudyAnswers(StudyForms):
    """Methods of a study that take in answers, judge them, and give those that count."""

    root: Path
    settings: StudySettings

    @property
    def raw_folder(self) -> Path:
        """Where exports are put."""
        return self.root / "data" / "raw"

    @property
    def forgotten_file(self) -> Path:
        """Keyed hashes of those who asked to be forgotten."""
        return self.root / "data" / "processed" / "forgotten.json"

    def oldest_day(self, today: date) -> date | None:
        """First day of the oldest month of which answers are kept; None: all are."""
        months = self.settings.privacy.keep_months
        if months is None:
            return None
        years, month = divmod(today.year * 12 + today.month - 1 - months, 12)
        return date(years, month + 1, 1)

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
        return load_practices(self.root, self.settings.source.practices)

    @property
    def responses(self) -> Responses:
        """All accepted answers.

        Raises
        ------
        StudyError
            When nothing was ingested yet, every row was refused, a file was checked under another journey or other
            settings than the study has now, or the list of practices that study.toml names is not there.
        """
        import polars as pl

        from pxanalysis.survey.responses import Responses

        self._check_batches()
        table, rejected = self.store.read(), self.store.read_rejected()
        if table is None or rejected is None:
            raise StudyError(
                f"{self.root}: every row of {', '.join(batch.file for batch in self.store.batches)} was refused. See "
                "the reasons in data/processed/rejected/, correct study.toml or the export, and run 'ingest' again."
            )
        from pxanalysis.study.tokens import refuse_tokens

        table, uninvited = refuse_tokens(table, self.store.read_aside(), self._invitations)
        joined, _ = self._join_practices(table)
        listed = {joined.get(one, one): practice for one, practice in self.practices.items()}
        table = self._name_languages(self._name_forms(table))
        if self.settings.study.as_of is not None:
            table = _until(table, self.settings.study.as_of)
        return Responses(
            journey=self.journey,
            table=table.with_columns(pl.col("practice_id").replace(joined)) if joined else table,
            rejected=pl.concat([rejected, uninvited]).with_columns(pl.col("practice_id").replace(joined)),
            practice_list=listed,
            language=self.settings.study.language,
            uncommon_items=self._find_uncommon(table),
            items_needed=self.settings.analysis.items_needed,
        )

    @property
    def _invitations(self) -> Path:
        """Folder of ``pxanalysis invite``."""
        return self.root / self.settings.invitations.folder

    def _join_practices(self, table: pl.DataFrame) -> tuple[dict[str, str], list[str]]:
        """Practice ids that are one (zeros, capitals or spaces apart), and what is said of them."""
        from pxanalysis.survey.columns.ids import join_ids

        tally = table.lazy().group_by("practice_id").len().collect(engine="streaming")  # holds the least
        counts = {str(one): int(n) for one, n in tally.iter_rows()}
        joined, notes = join_ids(counts, self.practices)
        found = {joined.get(one, one) for one in counts}
        if self.practices and not found & {joined.get(one, one) for one in self.practices}:
            ids, names = sorted(found)[:3], sorted(self.practices)[:3]
            notes.append(
                f"{self.practices_file.name}: none of its practices has an answer; the answers have ids such as "
                f"{', '.join(ids)}, the list has {', '.join(names)}. Correct the column practice_id in the list."
            )
        return joined, notes

    def describe_answers(self) -> list[str]:
        """What is to be said of all answers together: ids that are one, answers that stand in two exports."""
        return self.review_answers()[0]

    def review_answers(self) -> tuple[list[str], list[str]]:
        """What :meth:`describe_answers` says and what :attr:`questions` ask, of one reading of the answers."""
        from pxanalysis.study.tokens import describe_tokens
        from pxanalysis.survey.form_versions import describe_versions, list_versions
        from pxanalysis.survey.forms import describe_forms
        from pxanalysis.survey.invitations import read_ledger

        rule, invited = self.settings.form_rule, read_ledger(self._invitations) is not None
        by_id = invited or (rule is not None and rule.column is not None)  # what stands aside is found by the id
        table = self.store.read() if by_id else self.store.read_codes()
        if table is None:
            return [], self._column_questions
        gaps, changes = self._find_form_gaps(table), self._find_touchpoint_gaps(table)
        forms = describe_versions(list_versions(self._name_forms(table, changes), self.journey))
        if self.settings.form_rule is None:
            forms += describe_forms(gaps)
        refused = describe_tokens(table, self.store.read_aside(), self._invitations) if invited else []
        notes = [*self.store.find_repeats(), *self._join_practices(table)[1], *forms, *refused]
        return notes, [*self._column_questions, *self._ask_about(gaps, changes)]

    def _check_batches(self) -> None:
        batches = self.store.batches
        if not batches:
            raise StudyError(f"{self.root}: no answers yet. Put an export into {self.raw_folder} and run 'ingest'.")
        stale = [batch.file for batch in batches if batch.settings != self.reading_key]
        if stale:
            raise StudyError(
                f"{stale[0]} was checked before the journey or study.toml changed. Run 'ingest', with the file's path "
                f"when it is not in {self.raw_folder}; if it is gone, remove {self.root / 'data/processed/responses'}."
            )

    @property
    def reading_key(self) -> str:
        """Hash of all that decides how answers are read and checked."""
        source = self.settings.source.model_dump(exclude={"files", "practices"})
        forms = self.settings.forms.model_dump(mode="json", exclude_defaults=True)
        kept = self._kept if self.settings.analysis.weights or self.settings.study.dentist_column else ()
        kept += self.settings.contact.named
        return hash_facts(
            self.journey.model_dump(mode="json"), self.settings.columns, source, self.settings.readings, forms, *kept
        )

    @property
    def _kept(self) -> tuple[str, ...]:
        """Columns of the export, beside the journey's, that study.toml names."""
        weights = self.settings.analysis.weights
        weight = None if weights == FROM_RESPONSE else weights
        forms = self.settings.forms
        named = (forms.column, forms.language, weight, self.settings.study.dentist_column)
        return tuple(name for name in named if name is not None)

    @property
    def policy(self) -> SurveyPolicy:
        """What happens to bad answers."""
        source = self.settings.source
        return SurveyPolicy(
            source.bad_answer,
            source.practice_pattern,
            missing=source.missing,
            most_refused=source.most_refused,
            keep=self._kept,
        )

    def raw_files(self) -> list[Path]:
        """Files with answers: those that ``[source] files`` names, and those in ``data/raw`` sorted by name."""
        from pxanalysis.survey.sources.kinds import is_expected_to_hold_answers

        named = [self.root / name for name in self.settings.source.files]
        return named + [path for path in self._files_put_in() if is_expected_to_hold_answers(path)]

    def _files_put_in(self) -> list[Path]:
        """What stands in ``data/raw`` beside the list of practices and hidden files, sorted by name."""
        aside = self.practices_file.resolve()
        shown = (path for path in self.raw_folder.glob("*") if not path.name.startswith((".", "~$")))
        return sorted(path for path in shown if path.is_file() and path.resolve() != aside)

    def describe_other_files(self) -> list[str]:
        """What stands in ``data/raw`` and holds no answers: each file named, with what it seems to be."""
        from pxanalysis.survey.sources.kinds import describe_other, is_expected_to_hold_answers

        put_in = [path for path in self._files_put_in() if not is_questionnaire(path)]
        put_in = [path for path in put_in if path.name != TRUTH_FILE]  # ours, beside simulated answers
        others = [path for path in put_in if not is_expected_to_hold_answers(path)]
        folders = sorted(path for path in self.raw_folder.glob("*") if path.is_dir() and path.name[0] != ".")
        return [f"{path.name}: was not read; it seems to be {describe_other(path)}." for path in others] + [
            f"{path.name}/: was not read; it is a folder. Put the exports in it into {self.raw_folder} itself, or name "
            'them in study.toml: [source] files = ["..."].'
            for path in folders
        ]

    def ingest(self, files: Iterable[str | Path] = (), *, today: date | None = None) -> list[Batch]:
        """Read, check and store files that are new or changed; all of ``data/raw`` when none is named.

        Parameters
        ----------
        today
            The last possible date of an answer; the computer's own when not given.

        Returns
        -------
        One batch per file that was taken in; a file known under the same settings adds nothing.

        Raises
        ------
        IngestError
            When a file could not be used, after all others were taken in; it is tried again the next time.
        """
        from pxanalysis.study.calling_back import delete_old_contacts, keep_contacts
        from pxanalysis.study.forgetting import delete_old, refuse_forgotten
        from pxanalysis.survey.sources.read import hash_file
        from pxanalysis.survey.table_parts import read_merged

        if self.settings.study.as_of is not None:
            raise StudyError(f"{self.root}: is a study as of an earlier day. Take answers in where it was made from.")
        policy = self.policy if today is None else replace(self.policy, today=today)
        key, day = self.reading_key, policy.today.isoformat()
        whole = cast("StudyPlaces", self)
        keep = partial(refuse_forgotten, study=whole, oldest=self.oldest_day(policy.today))
        batches: list[Batch] = []
        with lock_study(self.root):
            errors = [] if files else self._fetch()
            fetched = {*map(snapshot_name, self.settings.sql), *map(raw_name, self.settings.pull)}
            for path in [Path(file) for file in files] or self.raw_files():
                if path.is_file() and self.store.holds(hash_file(path), key, day):
                    continue
                with scratch_folder(self.root) as scratch:
                    found = self._check_file(path, policy, scratch, keep)
                    try:
                        found = keep_contacts(whole, path, found, policy.today)
                    except PxError as error:
                        found = replace(found, error=str(error), table=None, spool=None)
                    answers = found.answers if found.table is None else keep(found.table)
                    if answers is None:
                        errors.append(found.error or "")
                        continue
                    batches.append(
                        self.store.add(
                            answers,
                            file=found.file,
                            digest=found.digest,
                            settings=key,
                            notes=found.notes,
                            asked=found.asked,
                            held=found.held,
                            today=day,
                            merged=read_merged(path),
                            renews=path.name in fetched and path.parent == self.raw_folder,
                            corrects=found.file in self.settings.source.accept,
                        )
                    )
            delete_old(whole, policy.today)
            delete_old_contacts(whole, policy.today)
        if errors:
            raise IngestError(errors, batches)
        return batches

    def _check_file(
        self,
        path: Path,
        policy: SurveyPolicy,
        scratch: Path | None = None,
        keep: Callable[[ValidatedTable], ValidatedTable] | None = None,
        *,
        stored: bool = True,
    ) -> FileCheck:
        """Read, judge and check; rows that were added to a table of a database by the whole table."""
        beside = table_of(path, self.raw_folder)
        return check_file(
            path, self.journey, self.settings, policy, beside=beside, scratch=scratch, keep=keep, stored=stored
        )

    def _fetch(self) -> list[str]:
        """Fetch databases and pull from servers; what could not be."""
        made = pull_sources(self.settings, self.root, self.raw_folder)
        return fetch_databases(self.settings, self.root, self.raw_folder) + [one.error for one in made if one.error]

    @property
    def questions(self) -> list[str]:
        """What is asked about files that count, until study.toml answers.

        Of columns that are asked about nothing is used; forms that were found from missing answers are kept apart.
        """
        table = self.store.read_codes()
        return self._column_questions + ([] if table is None else self.ask_about_forms(table))

    @property
    def _column_questions(self) -> list[str]:
        asked = any(batch.asked for batch in self.store.batches)
        return [question for batch in self.store.current for question in batch.asked] if asked else []

    @property
    def waiting(self) -> list[str]:
        """Why reports wait: files of which more was refused than the study accepts."""
        if not any(batch.held for batch in self.store.batches):
            return []
        return [reason for batch in self.store.current for reason in batch.held]

    def check_held(self, responses: Responses) -> None:
        """Refuse to publish a file of which too much was refused, or reports without an outcome."""
        held = self.waiting
        known = {outcome.id for outcome in self.journey.outcomes} | {outcome.kind for outcome in self.journey.outcomes}
        not_asked = set(self.settings.analysis.not_asked)
        if not_asked - known:
            held.append(
                f"study.toml [analysis] not_asked: '{min(not_asked - known)}' is no outcome of journey "
                f"'{self.journey.id}'; it has: {', '.join(outcome.id for outcome in self.journey.outcomes)}."
            )
        held += self._find_absent_outcomes(responses.table)
        if held:
            raise SurveyError("\n".join(held))

    def _find_absent_outcomes(self, table: pl.DataFrame) -> list[str]:
        """Outcomes that no column gives and that study.toml does not say were not asked."""
        not_asked = set(self.settings.analysis.not_asked)
        return [
            f"no column gives outcome '{outcome.id}' ({outcome.kind.upper()}), so no report can show it. Name "
            f'its column in study.toml: [columns] {outcome.id} = "..."; or, if it was not asked: [analysis] '
            f'not_asked = ["{outcome.id}"]'
            for outcome in self.journey.rated_outcomes
            if table[outcome.id].null_count() == table.height and not {outcome.id, outcome.kind} & not_asked
        ]


def _until(table: pl.DataFrame, day: date) -> pl.DataFrame:
    """The answers up to a day; one without a date cannot be told to be among them.

    Raises
    ------
    StudyError
        When there are none.
    """
    import polars as pl

    found = table.filter(pl.col("completed_on") <= day)
    if not found.height:
        raise StudyError(f"there are no answers of {day} or before (column completed_on). Choose a later day.")
    return found
