"""Taking answers out of everything that is stored of them: accepted rows, refused ones, columns aside, the raw file."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Collection, Container, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pxanalysis.errors import SourceError
from pxanalysis.survey.batch_files import BATCH
from pxanalysis.survey.files import write_atomically, write_parquet
from pxanalysis.survey.sources.fhir import read_fhir
from pxanalysis.survey.sources.raw import hash_file
from pxanalysis.survey.spreadsheets import write_list

__all__ = ["RemovedRows", "remove_from_raw", "remove_rows"]


@dataclass(frozen=True, slots=True)
class RemovedRows:
    """How many rows were taken out of the accepted answers, and of the lists of what was refused."""

    accepted: int
    rejected: int


def remove_rows(responses: Path, rejected: Path, ids: Collection[str], separator: str = ",") -> RemovedRows:
    """Remove responses from the store by their ids, in every file that went in.

    Parameters
    ----------
    responses, rejected
        The folders of the store.
    separator
        Of the lists of refused rows.
    """
    gone = pl.col("response_id").cast(pl.String).is_in(sorted(ids))
    refused = _remove_refused(rejected, ids, gone, separator)
    for path in sorted((rejected / "aside").glob("*.parquet")):
        _filter(path, gone)
    numbers: Counter[str] = Counter()
    touched: list[Path] = []
    for path in sorted(responses.glob("*/*.parquet")):
        removed = _filter(path, gone)
        numbers.update(_batch_of(removed, path))
        if removed.height:
            touched.append(path)
    accepted = _correct_ledger(responses / "ledger.json", numbers, touched)
    return RemovedRows(accepted, refused)


def _filter(path: Path, gone: pl.Expr) -> pl.DataFrame:
    """Take rows out of a file, which goes as a whole when none is left; the rows that were taken out."""
    table = pl.read_parquet(path)
    kept = table.filter(~gone.fill_null(value=False))
    if kept.height == table.height:
        return table.clear()
    if kept.height:
        write_parquet(kept, path)
    else:
        path.unlink()
    return table.filter(gone)


def _batch_of(table: pl.DataFrame, path: Path) -> list[str]:
    """The key of each row's batch: of a file of many it stands in a column."""
    return table[BATCH].to_list() if BATCH in table.columns else [path.stem] * table.height


def _remove_refused(folder: Path, ids: Collection[str], gone: pl.Expr, separator: str) -> int:
    """Rows that are theirs: known by the number of their row, or by an id that stands in the refused record."""
    theirs: set[tuple[str, int]] = set()
    for path in sorted((folder / "aside").glob("*.parquet")):
        known = pl.read_parquet(path).filter(gone)
        theirs |= set(zip(_batch_of(known, path), known["row"].cast(pl.Int64), strict=True))
    return sum(_remove_from(path, theirs, ids, separator) for path in sorted(folder.glob("*.parquet")))


def _remove_from(path: Path, theirs: Container[tuple[str, int]], ids: Collection[str], separator: str) -> int:
    """Take refused rows out of a file, and of the lists for people that were made of it."""
    table = pl.read_parquet(path)
    batches = pl.Series(_batch_of(table, path), dtype=pl.String)
    own = [
        (batch, row) in theirs or (record is not None and _holds(record, ids))
        for batch, (row, record) in zip(batches, table.select("row", "record").iter_rows(), strict=True)
    ]
    if not any(own):
        return 0
    keep = ~pl.Series(own, dtype=pl.Boolean)
    write_parquet(table.filter(keep), path)
    for batch in batches.filter(~keep).unique():
        kept = table.filter(keep & (batches == batch)).drop(BATCH, strict=False)
        for listed in path.parent.glob(f"{batch}-*.csv"):
            if kept.height:
                write_list(kept, listed, separator)
            else:
                listed.unlink()
    return sum(own)


def _holds(record: str, ids: Collection[str]) -> bool:
    try:
        cells = json.loads(record)
    except ValueError:  # a line that could not be split
        return any(one in record for one in ids)
    return any(str(value) in ids for value in cells.values()) if isinstance(cells, dict) else False


def _correct_ledger(path: Path, removed: Mapping[str, int], touched: list[Path]) -> int:
    """Let the ledger know how many rows are left, and how the parts that were written anew look now.

    Returns
    -------
    How many rows of its batches were removed: a file may hold some of a batch that is no longer one of them.
    """
    if not path.exists() or not any(removed.values()):
        return 0
    ledger, total = json.loads(path.read_text(encoding="utf-8")), 0
    digests = {one.relative_to(path.parent).as_posix(): hash_file(one) if one.exists() else "" for one in touched}
    for entry in ledger["batches"]:
        count = removed.get(f"{entry['sequence']:05d}-{entry['digest'][:12]}", 0)
        total += count
        entry["accepted"] -= count
        entry["records"] = max(0, entry.get("records", 0) - count)
        parts = {name: digests.get(name, digest) for name, digest in entry.get("parts", {}).items()}
        entry["parts"] = {name: digest for name, digest in parts.items() if digest}
    write_atomically(path, json.dumps(ledger, indent=1, ensure_ascii=False))
    return total


def remove_from_raw(path: Path, column: str, ids: Collection[str], delimiter: str | None = None) -> int:
    """Remove the records of some responses from an export.

    Of text with separated columns and of FHIR every other byte stays as it was; Parquet is written anew with the same
    columns and types.

    Parameters
    ----------
    column
        Name of the column with response ids.

    Returns
    -------
    How many records were removed.

    Raises
    ------
    SourceError
        When the file is of another kind; the message says what to do.
    """
    kind = path.suffix.lower()
    if kind == ".parquet":
        return _remove_from_parquet(path, column, ids)
    if kind == ".ndjson":
        return _remove_from_fhir(path, column, ids)
    if kind not in {".csv", ".tsv", ".txt"}:
        raise SourceError(
            f"{path.name}: files ending in '{path.suffix}' are not rewritten. If it holds "
            "the answers that were to be forgotten, open it with the program that wrote it, delete the rows with those "
            f"response ids (column '{column}' elsewhere) and save it; or remove the file."
        )
    data = path.read_bytes()
    if b"\x00" in data:
        raise SourceError(
            f"{path.name}: the text is UTF-16, which is not rewritten. Save it as CSV UTF-8 and run 'forget --raw' "
            f"again, or delete the rows with those response ids (column '{column}') with the program that wrote it; "
            "the study no longer reads them in any case."
        )
    return _remove_from_text(path, data, column, ids, delimiter)


def _remove_from_parquet(path: Path, column: str, ids: Collection[str]) -> int:
    table = pl.read_parquet(path, glob=False)
    if column not in table.columns:
        raise SourceError(
            f"{path.name}: there is no column '{column}'; name it in study.toml under [columns], response_id."
        )
    gone = table[column].cast(pl.String).str.strip_chars().is_in(sorted(ids)).fill_null(value=False)
    if gone.any():
        write_parquet(table.filter(~gone), path)
    return int(gone.sum())


def _remove_from_fhir(path: Path, column: str, ids: Collection[str]) -> int:
    cells = read_fhir(path)
    known = [name for name in (column, "fhir:id") if name in cells.cells.columns]
    theirs = cells.cells.select(pl.any_horizontal(pl.col(known).is_in(sorted(ids)))).to_series().fill_null(value=False)
    gone = set(cells.rows.filter(theirs).to_list())
    together = [row for row in gone if (cells.rows == row).sum() > 1]
    if together:
        raise SourceError(
            f"{path.name}, line {min(together)}: one bundle holds this response and others. Take its entry out of the "
            "bundle by hand, or export one resource per line and run 'forget --raw' again."
        )
    lines = path.read_bytes().splitlines(keepends=True)
    if gone and len(lines) > 1 and lines[0].strip() in {b"{", b"["}:
        raise SourceError(
            f"{path.name}: one resource stands over several lines, which is not rewritten. Take the response out by "
            "hand, or export one resource per line and run 'forget --raw' again."
        )
    if gone:
        write_atomically(path, b"".join(line for row, line in enumerate(lines, start=1) if row not in gone))
    return len(gone)


def _remove_from_text(path: Path, data: bytes, column: str, ids: Collection[str], delimiter: str | None) -> int:
    text = data.decode("latin-1")  # each byte a letter: what is kept is written back byte by byte
    lines = text.splitlines(keepends=True) if "\n" not in text else [one + "\n" for one in text.split("\n")]
    if "\n" in text:
        lines[-1] = lines[-1][:-1]
    separator = delimiter or max(",;\t|", key=lines[0].count)
    kept, place, removed = [], None, 0
    for record, source in _records(lines, separator):
        if place is None:
            names = [cell.strip().removeprefix("ï»¿") for cell in record]
            place = names.index(column) if column in names else -1
        elif place >= 0 and len(record) > place and record[place].strip() in ids:
            removed += 1
            continue
        kept.append(source)
    if removed:
        write_atomically(path, "".join(kept).encode("latin-1"))
    return removed


def _records(lines: list[str], separator: str) -> Iterator[tuple[list[str], str]]:
    """Each record with the lines that it stands on."""
    reader, before = csv.reader(io.StringIO("".join(lines), newline=""), delimiter=separator), 0
    for record in reader:
        yield record, "".join(lines[before : reader.line_num])
        before = reader.line_num
