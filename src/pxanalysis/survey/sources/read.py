"""Files with answers: read as text, cell by cell, so that nothing is guessed before it is checked.

A file's kind is told by its content; a reader takes a path and returns a :class:`RawTable`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from pxanalysis.errors import SourceError
from pxanalysis.survey.sources.delimited import read_delimited
from pxanalysis.survey.sources.fhir import read_fhir
from pxanalysis.survey.sources.kinds import Kind, describe_other, detect_kind
from pxanalysis.survey.sources.parquet import read_parquet
from pxanalysis.survey.sources.raw import BadLine, RawTable, hash_file
from pxanalysis.survey.sources.statistical import read_spss, read_stata
from pxanalysis.survey.sources.tools import tidy_export
from pxanalysis.survey.sources.workbook import read_workbook

__all__ = ["BadLine", "RawTable", "hash_file", "read_source"]


def read_source(
    path: str | Path,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    whole_numbers: Collection[str] = (),
) -> RawTable:
    """Read a file with answers.

    Parameters
    ----------
    path
        Text with separators, a workbook, Parquet, SPSS, Stata or FHIR, whatever its name ends in.
    delimiter
        Field separator of a text file; found from the first records when not given.
    encoding
        Encoding of a text file; found from the whole file when not given.
    whole_numbers
        Columns that should hold whole numbers only. When they do, they are read as such, which is several times
        quicker; when one does not, every column is read as text.

    Raises
    ------
    SourceError
        When the file does not exist, may not be read, is empty, has only a header, cannot be decoded or is of an
        unknown kind.
    """
    path = Path(path)
    _check_name(path)
    if path.is_dir():
        raise SourceError(f"{path}: this is a folder; expected a file with answers. Name the file in it.")
    if not path.is_file():
        raise SourceError(f"{path}: no such file. Put the export into data/raw/ or give its path.")
    if path.stat().st_size == 0:
        raise SourceError(f"{path.name}: the file is empty. Export it again, with a header row and answers.")
    try:
        kind = detect_kind(path)
        if kind == "other":
            raise SourceError(f"{path.name}: holds no answers that can be read: it seems to be {describe_other(path)}.")
        is_text = kind == "text"
        table = read_delimited(path, delimiter, whole_numbers, encoding) if is_text else _READERS[kind](path)
        table = tidy_export(table)
    except MemoryError as error:
        raise SourceError(f"{path.name}: the file is too large for this computer's memory. Split it.") from error
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror}). Check who may read the file.") from error
    if table.cells.height == 0 and not table.bad_lines:
        raise SourceError(f"{path.name}: there is a header row but no answers below it. Export it again.")
    return table


def _check_name(path: Path) -> None:
    try:
        path.name.encode()
    except UnicodeEncodeError as error:
        raise SourceError(f"{path.name!a}: the file's name is not UTF-8. Give the file another name.") from error


_READERS: dict[Kind, Callable[[Path], RawTable]] = {
    "parquet": read_parquet,
    "workbook": read_workbook,
    "spss": read_spss,
    "stata": read_stata,
    "fhir": read_fhir,
}
"""How each kind of file is read; a new kind is told apart in ``kinds.py`` and adds its reader here."""
