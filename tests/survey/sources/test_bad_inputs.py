"""Three hundred and more broken files: each is read with what it refused counted, or refused with one clear message."""

from __future__ import annotations

import gzip
import random
import resource
import time
from collections.abc import Callable
from datetime import date, timedelta
from datetime import time as clock
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from seldom import some_of

from pxanalysis.journey import Journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study.settings import StudySettings
from pxanalysis.study.taking_in import FileCheck, check_file
from pxanalysis.survey.policy import SurveyPolicy

POLICY = SurveyPolicy(today=date(2026, 7, 1))
SETTINGS = StudySettings.model_validate({"study": {"title": "x", "journey": "dental-treatment"}})
Breaker = Callable[[bytes, random.Random], bytes]


def _lines(change: Callable[[list[bytes], random.Random], None]) -> Breaker:
    def broken(data: bytes, rng: random.Random) -> bytes:
        lines = data.split(b"\n")
        change(lines, rng)
        return b"\n".join(lines)

    return broken


def _at(lines: list[bytes], rng: random.Random) -> int:
    return rng.randrange(1, len(lines) - 1)


def _set(lines: list[bytes], i: int, value: bytes) -> None:
    lines[i] = value


TEXT: dict[str, Breaker] = {
    "truncated": lambda data, rng: data[: rng.randrange(len(data))],
    "truncated at the start": lambda data, rng: data[rng.randrange(len(data)) :],
    "one byte turned": lambda data, rng: (
        data[: (i := rng.randrange(len(data)))] + bytes([rng.randrange(256)]) + data[i + 1 :]
    ),
    "bytes turned": lambda data, rng: bytes(b if rng.random() > 0.01 else rng.randrange(256) for b in data),
    "noise": lambda data, rng: rng.randbytes(2000),
    "NUL within": _lines(lambda lines, rng: _set(lines, i := _at(lines, rng), lines[i].replace(b",", b"\0,", 3))),
    "NUL in the header": _lines(lambda lines, rng: _set(lines, 0, lines[0].replace(b"k", b"\0"))),
    "ragged": _lines(lambda lines, rng: _set(lines, i := _at(lines, rng), lines[i] + b",x" * rng.randrange(1, 9))),
    "short": _lines(lambda lines, rng: _set(lines, i := _at(lines, rng), lines[i].rsplit(b",", 4)[0])),
    "all ragged": _lines(
        lambda lines, rng: lines.__setitem__(slice(1, None), [x + b"," * rng.randrange(3) for x in lines[1:]])
    ),
    "open quote": _lines(lambda lines, rng: _set(lines, i := _at(lines, rng), lines[i] + b'"open')),
    "quote at the start": _lines(lambda lines, rng: _set(lines, i := _at(lines, rng), b'"' + lines[i])),
    "loose quotes": _lines(lambda lines, rng: _set(lines, i := _at(lines, rng), lines[i].replace(b",", b'",', 2))),
    "two encodings": _lines(lambda lines, rng: _set(lines, i := _at(lines, rng), lines[i] + "é".encode("cp1252"))),
    "half UTF-16": lambda data, rng: b"\xff\xfe" + data.decode().encode("utf-16-le")[: 2 * rng.randrange(50, 900) + 1],
    "no header": lambda data, rng: data.split(b"\n", 1)[1],
    "header only": lambda data, rng: data.split(b"\n", 1)[0],
    "two headers": lambda data, rng: data.split(b"\n", 1)[0] + b"\n" + data,
    "other separator": lambda data, rng: data.replace(b",", rng.choice([b";", b"\t", b"|", b"^", b" "])),
    "old Mac": lambda data, rng: data.replace(b"\n", b"\r"),
    "line ends mixed": _lines(lambda lines, rng: _set(lines, i := _at(lines, rng), lines[i] + b"\r\r")),
    "blank lines": lambda data, rng: data.replace(b"\n", b"\n" * rng.randrange(2, 5)),
    "a column twice": _lines(lambda lines, rng: _set(lines, 0, lines[0].replace(b"nps", b"ktv"))),
    "spaces for names": _lines(lambda lines, rng: _set(lines, 0, lines[0].replace(b"ktv", b"  "))),
    "1 MB cell": _lines(lambda lines, rng: _set(lines, i := _at(lines, rng), lines[i] + b"x" * 1_000_000)),
    "1 MB header": _lines(lambda lines, rng: _set(lines, 0, lines[0] + b",q" + b"x" * 1_000_000)),
    "gzip named csv": lambda data, rng: gzip.compress(data),
    "zip named csv": lambda data, rng: b"PK\x03\x04" + rng.randbytes(500),
    "web page": lambda data, rng: b"<!DOCTYPE html><html><body>Sign in, please</body></html>\n" * rng.randrange(1, 4),
    "JSON": lambda data, rng: b'[{"practice_id": 1, "ktv": 8}, {"practice_id": 2, "ktv": 9}]',
    "formula cells": lambda data, rng: data.replace(b",4,", b",=1+3,"),
    "wide letters": lambda data, rng: data.replace(b",4,", ",４,".encode()),
    "infinite": lambda data, rng: data.replace(b",4,", rng.choice([b",inf,", b",NaN,", b",1e400,", b",-0,", b",4e0,"])),
    "NUL to the end": lambda data, rng: data[: (i := rng.randrange(len(data)))] + b"\0" * (len(data) - i),
    "end of file mark of DOS": lambda data, rng: data + b"\x1a",
    "BOM within": lambda data, rng: data + b"\xef\xbb\xbf" + data,
    "header within quotes and lines": lambda data, rng: b'"' + data.replace(b"practice_id", b'\n", "practice_id', 1),
    "merge marks": _lines(lambda lines, rng: lines.insert(_at(lines, rng), b"<<<<<<< HEAD")),
    "totals below": lambda data, rng: data + b"\nTotaal,,,,,,," + b"4.2," * 20 + b"\n\nBron: export van vandaag",
    "title above": lambda data, rng: b"Resultaten patientenquete\n\n" + data,
    "escaped with backslashes": lambda data, rng: b"\n".join(
        b",".join(b'"a\\"' + cell + b'"' for cell in line.split(b",")) for line in data.splitlines()
    ),
    "odd line ends": lambda data, rng: data.replace(b"\n", rng.choice([b"\x0b", b"\x0c", b"\x85", "\u2028".encode()])),
    "database dump": lambda data, rng: b"INSERT INTO answers VALUES (" + data.replace(b"\n", b"),\n(") + b");",
    "XML": lambda data, rng: (
        b"<?xml version='1.0'?><rows>" + b"<row><ktv>8</ktv></row>" * rng.randrange(1, 90) + b"</rows>"
    ),
    "rich text": lambda data, rng: rb"{\rtf1\ansi " + data.replace(b"\n", rb"\par ") + b"}",
    "mainframe letters": lambda data, rng: data.decode().encode("cp037"),
    "columns turned to rows": lambda data, rng: b"\n".join(
        b",".join(cells)
        for cells in zip(*(line.split(b",")[:20] for line in data.split(b"\n")[:20] if line), strict=False)
    ),
    "marks that turn text": lambda data, rng: data.replace(b",4,", ",\u202e4\u200f,".encode()),
    "long numbers": lambda data, rng: data.replace(b",4,", b"," + b"4" * rng.randrange(20, 400) + b","),
}


@pytest.fixture(scope="module")
def export(treatment: Journey) -> bytes:
    return simulate_survey(treatment, practices=2, responses=20, seed=4).answers.write_csv().encode()


def check_outcome(found: FileCheck, seconds: float) -> None:
    """One clear message, or every row counted; in time."""
    assert seconds < 30
    if found.error is not None:
        assert found.file in found.error
        assert "Traceback" not in found.error
        assert len(found.error) > 40, "says what to do"
        assert len(found.error) < 5000
        return
    assert found.table is not None
    assert found.records == found.accepted + found.rejected_rows
    rows = found.table.rejected.filter(pl.col("action") == "row rejected")
    assert (rows.height > 0) == (found.rejected_rows > 0)
    assert rows["reason"].null_count() == 0


def judge(path: Path, journey: Journey) -> FileCheck:
    start = time.perf_counter()
    found = check_file(path, journey, SETTINGS, POLICY)
    check_outcome(found, time.perf_counter() - start)
    return found


@pytest.mark.parametrize("seeds", [range(1), pytest.param(range(1, 10), marks=pytest.mark.slow)], ids=["one", "all"])
@pytest.mark.parametrize("kind", TEXT)
def test_broken_text(kind: str, seeds: range, export: bytes, tmp_path: Path, treatment: Journey) -> None:
    for seed in seeds:
        path = tmp_path / f"export{seed}.csv"
        path.write_bytes(TEXT[kind](export, random.Random(f"{kind}{seed}")))
        judge(path, treatment)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 2_000_000  # kB


ODD: dict[str, list[object]] = {
    "duration": [timedelta(seconds=4), timedelta(days=2)],
    "time": [clock(1, 2), clock(3, 4)],
    "date": [date(2025, 1, 5), date(2025, 1, 4)],
    "decimal": [Decimal("4.0"), Decimal("3.5")],
    "bytes": [b"4", b"5"],
    "list": [[4], [5]],
    "struct": [{"a": 4}, {"a": 5}],
    "bool": [True, False],
    "null": [None, None],
    "float": [4.5, float("nan")],
    "text": ["4", "veel"],
    "large": [2**62, 4],
}


@pytest.mark.parametrize(
    "column",
    some_of(["staff_friendly", "response_id", "practice_id", "completed_on", "ktv", "returned", "age"], every=3),
)
@pytest.mark.parametrize("kind", ODD)
def test_parquet_of_every_odd_type(kind: str, column: str, tmp_path: Path, treatment: Journey) -> None:
    columns: dict[str, list[object]] = {"practice_id": ["a", "b"], "staff_friendly": [4, 5], "ktv": [8, 9]}
    pl.DataFrame(columns | {column: ODD[kind]}).write_parquet(tmp_path / "export.parquet")
    judge(tmp_path / "export.parquet", treatment)


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9, 0.99])
def test_parquet_cut_short_or_turned(place: float, tmp_path: Path, treatment: Journey) -> None:
    path = tmp_path / "export.parquet"
    simulate_survey(treatment, practices=2, responses=20, seed=4).answers.write_parquet(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(place * len(data))])
    assert judge(path, treatment).error is not None
    turned = bytearray(data)
    turned[int(place * len(data))] ^= 255
    path.write_bytes(turned)
    judge(path, treatment)


@pytest.mark.slow
def test_forty_thousand_columns(export: bytes, tmp_path: Path, treatment: Journey) -> None:
    lines = export.decode().splitlines()
    more = [",".join(f"q{i}" for i in range(40_000)), *["," * 39_999] * (len(lines) - 1)]
    path = tmp_path / "export.csv"
    path.write_text("\n".join(f"{line},{extra}" for line, extra in zip(lines, more, strict=True)) + "\n")
    assert judge(path, treatment).accepted == 40


def test_what_is_no_file(tmp_path: Path, treatment: Journey) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere.csv")
    (tmp_path / "answers.xyz").write_text("a,b\n1,2\n")
    for name in ("folder.csv", "loop.csv", "gone.csv", "answers.xyz"):
        assert judge(tmp_path / name, treatment).error is not None


def test_a_name_that_is_not_utf8(export: bytes, tmp_path: Path, treatment: Journey) -> None:
    path = tmp_path / "caf\udce9.csv"
    path.write_bytes(export)
    found = check_file(path, treatment, SETTINGS, POLICY)
    assert found.error is not None
    assert "not UTF-8" in found.error
