"""Taking in one file with answers: read, judged by column, checked by row; nothing is stored here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pxanalysis.errors import PxError, SurveyError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl

    from pxanalysis.journey.model import Journey
    from pxanalysis.study.settings import StudySettings
    from pxanalysis.survey.checking.validated import ValidatedTable
    from pxanalysis.survey.columns.judge import Judgement
    from pxanalysis.survey.columns.verdict import Verdict
    from pxanalysis.survey.contacts import ContactSearch
    from pxanalysis.survey.ledger import Batch
    from pxanalysis.survey.long_files import LongFile
    from pxanalysis.survey.outline import Outline
    from pxanalysis.survey.policy import SurveyPolicy
    from pxanalysis.survey.sources.raw import RawTable
    from pxanalysis.survey.spool import Spool

# What reads answers is imported when it is used: a process that only shows results starts without it.
__all__ = ["LONG", "FileCheck", "IngestError", "check_file", "scratch_folder"]

_FEWEST = 5
"""Refused rows below this number hold nothing back, whatever their share."""
LONG = 2**25
"""Bytes from which a file is gone through part by part."""


class IngestError(SurveyError):
    """Some files could not be taken in; the others were.

    Attributes
    ----------
    batches
        Those that were.
    """

    def __init__(self, messages: list[str], batches: list[Batch]) -> None:
        super().__init__("\n".join(messages))
        self.batches = batches


@dataclass(frozen=True, slots=True, eq=False)
class FileCheck:
    """What came, or would come, of one file.

    Attributes
    ----------
    error
        Why the file cannot be used; None when it can.
    records, accepted, rejected_rows, dropped_cells
        Rows of the file, and what became of them; cells that accepted rows lost.
    verdicts
        How each column is read, or what is asked about it.
    held
        Why reports wait.
    notes
        What else was found.
    header, left_out, absent
        All columns of the file; those that the journey does not have; questions of the journey that no column gives.
    table, spool, outline
        The checked answers; of a long file that is taken in, on disk; of one that is not, what is said of them.
    contacts
        Of a long file, who asked to be called back.
    """

    file: str
    error: str | None = None
    records: int = 0
    accepted: int = 0
    rejected_rows: int = 0
    dropped_cells: int = 0
    verdicts: tuple[Verdict, ...] = ()
    held: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    digest: str = ""
    table: ValidatedTable | None = field(default=None, repr=False)
    spool: Spool | None = field(default=None, repr=False)
    outline: Outline | None = field(default=None, repr=False)
    contacts: ContactSearch | None = field(default=None, repr=False)

    @property
    def asked(self) -> tuple[str, ...]:
        """Questions about columns."""
        return tuple(str(verdict) for verdict in self.verdicts if verdict.decision == "ask")

    @property
    def answers(self) -> ValidatedTable | Spool | None:
        """The checked answers, held or on disk; None where the file cannot be used."""
        return self.spool if self.table is None else self.table

    @property
    def reasons(self) -> pl.DataFrame | None:
        """Why rows and cells were refused: column, reason, action, times."""
        found = self.answers or self.outline
        return None if found is None else found.reasons

    @property
    def codes(self) -> pl.DataFrame:
        """Of a file that is not stored, accepted rows without text; see :func:`~pxanalysis.survey.outline.code_rows`.

        Raises
        ------
        SurveyError
            When the file cannot be used.
        """
        from pxanalysis.survey.outline import code_rows

        if self.outline is not None:
            return self.outline.codes
        if self.table is None:
            raise SurveyError(f"{self.file}: {self.error}")
        return code_rows(self.table.accepted)

    @property
    def marks(self) -> pl.Series | None:
        """Of a file without ids that is not stored, what stands in its rows; None of any other.

        See :func:`~pxanalysis.survey.columns.overlap.mark_rows`.
        """
        from pxanalysis.survey.columns.overlap import mark_rows

        if self.outline is not None:
            return self.outline.marks
        return mark_rows(self.table.accepted) if self.table is not None and self.table.numbered else None

    @property
    def is_clear(self) -> bool:
        """Whether all of it can be used as it is."""
        return self.error is None and not self.asked and not self.held

    def record(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        counts = ("file", "error", "records", "accepted", "rejected_rows", "dropped_cells", "held", "notes")
        names = (*counts, "header", "left_out", "absent")
        reasons = [] if self.reasons is None else self.reasons.to_dicts()
        plain = {name: getattr(self, name) for name in names}
        return plain | {"columns": [verdict.record() for verdict in self.verdicts], "reasons": reasons}


@contextmanager
def scratch_folder(root: Path) -> Iterator[Path]:
    """A folder for parts of a long file, on the disk on which the study stores it; nothing of it stays.

    What a run that was killed left in it is removed with its other unfinished files.
    """
    processed = root / "data" / "processed"
    processed.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".parts-", dir=processed) as folder:
        yield Path(folder)


def check_file(
    path: Path,
    journey: Journey,
    settings: StudySettings,
    policy: SurveyPolicy,
    *,
    beside: Path | None = None,
    scratch: Path | None = None,
    keep: Callable[[ValidatedTable], ValidatedTable] | None = None,
    stored: bool = True,
) -> FileCheck:
    """Read, judge and check a file as the study does; what is wrong with it is in the result, not raised.

    Parameters
    ----------
    beside
        Of rows that were added to a table: the table, by which their columns are judged.
    scratch
        Folder for the checked parts of a file that is too long to be held in memory; None: every file is held.
    keep
        What of such a file's parts is kept.
    stored
        Whether the rows of such a file are to be stored: else only what is said of them is in the result.
    """
    if scratch is not None and beside is None and _is_long(path):
        found = _check_long(path, journey, settings, policy, scratch, keep, stored=stored)
        if found is not None:
            return found
    return _check_whole(path, journey, settings, policy, beside)


def _is_long(path: Path) -> bool:
    """Whether a file is gone through part by part."""
    try:
        return path.stat().st_size > LONG
    except OSError:  # said when it is read
        return False


def _check_long(
    path: Path,
    journey: Journey,
    settings: StudySettings,
    policy: SurveyPolicy,
    scratch: Path,
    keep: Callable[[ValidatedTable], ValidatedTable] | None,
    *,
    stored: bool,
) -> FileCheck | None:
    """None where the file has to be read as a whole."""
    from pxanalysis.survey.ahead import work_ahead
    from pxanalysis.survey.checking.headers import find_absent, find_left_out
    from pxanalysis.survey.columns.judge import check_usable
    from pxanalysis.survey.outline import Outline
    from pxanalysis.survey.spool import Spool

    verdicts: tuple[Verdict, ...] = ()
    header: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    try:
        long = _judge_long(path, journey, settings, policy, scratch)
        if long is None:
            return None
        verdicts, names = long.rules.verdicts, dict(long.rules.names)
        header, absent = tuple(long.head.cells.columns), tuple(find_absent(journey, names))
        check_usable(verdicts)
        rows = Spool(scratch, long.rows, keep) if stored else Outline()
        for table in work_ahead(long.check()):
            rows.add(table)
            if stored and long.contacts is not None:
                long.contacts.find_known(table.accepted)
    except PxError as error:
        return FileCheck(_show_name(path), str(error), verdicts=verdicts, header=header, absent=absent)
    found = _describe(long.head.name, long.head.digest, rows, verdicts, settings)
    return replace(
        found,
        notes=(*found.notes, *_note_forms(long.head.name, header, settings)),
        header=header,
        left_out=tuple(find_left_out(long.head, journey, names, policy.keep)),
        absent=absent,
        contacts=long.contacts,
    )


def _judge_long(
    path: Path, journey: Journey, settings: StudySettings, policy: SurveyPolicy, scratch: Path
) -> LongFile | None:
    from pxanalysis.survey.long_files import judge_long_file

    source = settings.source
    return judge_long_file(
        path,
        journey,
        scratch=scratch,
        columns=settings.columns,
        policy=policy,
        readings=settings.readings,
        date_format=source.date_format,
        delimiter=source.delimiter,
        encoding=source.encoding,
        practice=source.practice,
        contacts=settings.contact_columns,
        forms=settings.form_rule,
    )


def _check_whole(
    path: Path, journey: Journey, settings: StudySettings, policy: SurveyPolicy, beside: Path | None
) -> FileCheck:
    from pxanalysis.survey.checking.headers import find_absent, find_left_out
    from pxanalysis.survey.contacts import drop_contacts
    from pxanalysis.survey.reading import check_judged, read_table

    source, columns = settings.source, settings.columns
    verdicts: tuple[Verdict, ...] = ()
    header: tuple[str, ...] = ()
    try:
        raw = read_table(
            path,
            journey,
            columns=columns,
            delimiter=source.delimiter,
            encoding=source.encoding,
            practice=source.practice,
        )
        raw = drop_contacts(raw, settings.contact.named)
        header = tuple(raw.cells.columns)
        judged = _judge(raw, journey, settings, policy, beside)
        verdicts = judged.verdicts
        judged.check_usable()
        table = check_judged(raw, judged, journey, columns=columns, policy=policy)
    except PxError as error:
        absent = find_absent(journey, _names_in(header, journey, columns)) if header else ()
        return FileCheck(_show_name(path), str(error), verdicts=verdicts, header=header, absent=tuple(absent))
    names = _names_in(header, journey, columns)
    found = _describe(raw.name, raw.digest, table, verdicts, settings)
    return replace(
        found,
        notes=(*found.notes, *_note_forms(raw.name, header, settings)),
        header=header,
        left_out=tuple(find_left_out(raw, journey, names, policy.keep)),
        absent=tuple(find_absent(journey, names)),
    )


def _note_forms(file: str, header: tuple[str, ...], settings: StudySettings) -> tuple[str, ...]:
    """Say that a file does not have the column that tells the version of the questionnaire."""
    named = settings.forms.column
    if named is None or named in header:
        return ()
    return (
        f"{file}: there is no column '{named}', which study.toml names under [forms]; of these answers it is not "
        f"known which version of the questionnaire they are. The file has: {', '.join(header)}.",
    )


def _judge(
    raw: RawTable, journey: Journey, settings: StudySettings, policy: SurveyPolicy, beside: Path | None
) -> Judgement:
    from pxanalysis.survey.columns.by_form import judge_by_form
    from pxanalysis.survey.columns.in_context import judge_in_context, read_context
    from pxanalysis.survey.questionnaire_exports import translate_export

    def judge(some: RawTable) -> Judgement:
        return judge_by_form(
            some,
            journey,
            settings.form_rule,
            columns=settings.columns,
            policy=policy,
            readings=settings.readings,
            date_format=settings.source.date_format,
        )

    if beside is None:
        return judge(raw)
    context = read_context(beside, raw.name)
    context = context if settings.columns else translate_export(context, journey)
    return judge_in_context(raw, context, settings.columns.get("response_id", "response_id"), judge)


def _names_in(header: tuple[str, ...], journey: Journey, columns: Mapping[str, str]) -> dict[str, str]:
    """Journey id to the file's column, without judging whether the file can be used."""
    from pxanalysis.survey.checking.headers import expected_columns

    named = {name: columns.get(name, name) for name in expected_columns(journey)}
    return {name: column for name, column in named.items() if column in header}


def _show_name(path: Path) -> str:
    return path.name.encode(errors="replace").decode()


def _describe(
    file: str,
    digest: str,
    table: ValidatedTable | Spool | Outline,
    verdicts: tuple[Verdict, ...],
    settings: StudySettings,
) -> FileCheck:
    from pxanalysis.survey.outline import Outline
    from pxanalysis.survey.spool import Spool

    counts = table.checked
    records = counts.accepted + counts.refused
    held = [str(verdict) for verdict in verdicts if verdict.holds and verdict.decision == "ask"]
    share = counts.refused / max(records, 1)
    limit = settings.source.most_refused
    many = counts.refused >= _FEWEST or not counts.accepted
    if many and share > limit and file not in settings.source.accept:
        asked = any(verdict.decision == "ask" for verdict in verdicts)
        held.append(_explain_share(file, table.reasons, counts.refused, records, limit, asked=asked))
    notes = [str(verdict) for verdict in verdicts if verdict.said and verdict.decision == "read"]
    return FileCheck(
        file=file,
        records=records,
        accepted=counts.accepted,
        rejected_rows=counts.refused,
        dropped_cells=counts.lost,
        verdicts=verdicts,
        held=tuple(held),
        notes=(*table.notes, *notes),
        digest=digest,
        table=None if isinstance(table, Spool | Outline) else table,
        spool=table if isinstance(table, Spool) else None,
        outline=table if isinstance(table, Outline) else None,
    )


def _explain_share(file: str, found: pl.DataFrame, refused: int, records: int, limit: float, *, asked: bool) -> str:
    import polars as pl

    rows = found.filter(pl.col("action") == "row rejected").group_by("reason", maintain_order=True)
    counts = rows.agg(pl.col("times").sum()).sort("times", descending=True, maintain_order=True)
    reasons = "; ".join(f"{times}x {reason}" for reason, times in counts.iter_rows())
    said = (
        f"{file}: {refused} of {records} rows were refused ({refused / records:.0%}; the study accepts {limit:.0%}), "
    )
    said += f"so reports wait: {reasons}. "
    if asked:  # what is not read of a column may be all that was missing
        return f"{said}Answer what is asked about its columns first; the rows are then checked anew."
    return (
        f'{said}Correct the export or study.toml; or, if it is right so, accept it there: [source] accept = ["{file}"]'
    )
