"""Everything a study's fit found, as tidy frames on disk: what reports select from and never compute again."""

from __future__ import annotations

import hashlib
import io
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from pxanalysis.analysis.whole_study.facts import StudyFacts
from pxanalysis.analysis.whole_study.frames import FRAMES, frames_version, validate_frame
from pxanalysis.arrays import IntArray
from pxanalysis.errors import AnalysisError

__all__ = ["FRAME_NAMES", "StudyResults", "keep_practices", "keep_results"]

FRAME_NAMES = (*FRAMES,)
"""Every fit has these frames; one that could not be made has rows without figures and their reason."""


@dataclass(frozen=True, slots=True, eq=False)
class StudyResults:
    """Results of one study; every figure on fewer than ``meta.minimum_n`` people is already suppressed.

    Attributes
    ----------
    meta
        What went in and the figures of the whole study.
    frames
        One tidy frame per subject, see ``FRAME_NAMES``.
    """

    meta: StudyFacts
    frames: dict[str, pd.DataFrame]
    _places: dict[str, tuple[pd.DataFrame, dict[str, IntArray]]] = field(default_factory=dict, init=False, repr=False)

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.frames[name].copy()

    def of_practice(self, name: str, practice_id: str) -> pd.DataFrame:
        """Rows of one practice ("" for all practices pooled) as a new frame."""
        frame = self.frames[name]
        found = self._places.get(name)
        if found is None or found[0] is not frame:
            groups = frame.groupby("practice_id", sort=False).indices.items()
            found = self._places[name] = frame, {str(practice): np.asarray(rows) for practice, rows in groups}
        rows = found[1].get(practice_id)
        if rows is None:
            return frame.iloc[:0].reset_index(drop=True)
        in_a_row = rows[-1] - rows[0] + 1 == len(rows)  # a slice copies nothing
        own = frame.iloc[rows[0] : rows[-1] + 1] if in_a_row else frame.iloc[rows]
        return own.reset_index(drop=True)

    def write(self, folder: Path) -> StudyFacts:
        """Write one Parquet file per frame; what was there stays whole until all of it is written.

        Frames are written beside those of before; ``meta.json``, which says by digest which files count, is put in
        the place of the old one; then each frame. Whoever stops in between leaves the old results or the new ones.

        Returns
        -------
        The facts as they were written, with the digest of each frame.

        Raises
        ------
        AnalysisError
            When a frame is not as ``frames`` declares it.
        """
        checked = {name: validate_frame(frame, FRAMES[name]) for name, frame in self.frames.items()}
        folder.mkdir(parents=True, exist_ok=True)
        digests = {}
        for name, frame in checked.items():
            path = _beside(folder / f"{name}.parquet")
            frame.to_parquet(path, index=False)
            digests[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        meta = self.meta.with_facts(frames=digests, frames_version=frames_version())
        text = json.dumps(meta.to_plain(), indent=1, ensure_ascii=False, sort_keys=True, allow_nan=False)
        temporary = _beside(folder / "meta.json")
        temporary.write_text(text + "\n", encoding="utf-8")
        temporary.replace(folder / "meta.json")
        for name in digests:
            path = folder / f"{name}.parquet"
            _beside(path).replace(path)
        return meta

    @classmethod
    def read(cls, folder: Path) -> StudyResults:
        """Read what ``write`` wrote: the very frames that were validated then, by their digests.

        Raises
        ------
        AnalysisError
            When there are no results, or a file is not the one that was written.
        """
        try:
            text = (folder / "meta.json").read_text(encoding="utf-8")
            if text in _KEPT:
                return _KEPT[text]
            found = json.loads(text)
        except FileNotFoundError as error:
            raise AnalysisError(f"{folder}: there are no results yet. Run 'pxanalysis fit' first.") from error
        except ValueError as error:
            raise AnalysisError(f"{folder / 'meta.json'}: damaged ({error}). Run 'pxanalysis fit --force'.") from error
        if not isinstance(found, dict) or found.get("frames_version") != frames_version():
            raise AnalysisError(f"{folder}: written by another version of pxanalysis. Run 'pxanalysis fit --force'.")
        meta = StudyFacts.of(found, folder / "meta.json")
        frames = {}
        for name, digest in meta.frames.items():
            frames[name] = _read_frame(_read_file(folder / f"{name}.parquet", digest))
        return cls(meta, frames)


_KEPT: dict[str, StudyResults] = {}
"""Results that are there already, by the text of their ``meta.json``, which has the digest of every frame."""


def keep_results(folder: Path) -> None:
    """Read results that this process and those forked from it, each of which makes one report, then share."""
    results = StudyResults.read(folder)
    _KEPT[(folder / "meta.json").read_text(encoding="utf-8")] = results
    for name, frame in results.frames.items():
        if "practice_id" in frame:
            results.of_practice(name, "")


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}")


def _read_file(path: Path, digest: str) -> bytes:
    """The file that counts; where writing stopped before it was in its place, it is brought there.

    Raises
    ------
    AnalysisError
        When it is not there.
    """
    for one in (_beside(path), path):
        data = one.read_bytes() if one.exists() else b""
        if hashlib.sha256(data).hexdigest() == digest:
            if one != path and os.access(path.parent, os.W_OK):
                one.replace(path)
            return data
    raise AnalysisError(f"{path}: not the file that was fitted. Run 'pxanalysis fit --force'.")


def _read_frame(data: bytes) -> pd.DataFrame:
    """Read Parquet without a thread of Arrow's: the process that reports are forked from may have one only."""
    import pyarrow.parquet as pq

    frame: pd.DataFrame = (
        pq.ParquetFile(io.BytesIO(data), pre_buffer=False).read(use_threads=False).to_pandas(use_threads=False)
    )
    return frame


def keep_practices(found: StudyResults, before: StudyResults, practices: list[str]) -> StudyResults:
    """Put in the figures of some practices as they were published before."""
    frames = {}
    for name, frame in found.frames.items():
        if "practice_id" in frame:
            old = before.frames[name]
            rows = old[old["practice_id"].isin(practices)].reindex(columns=frame.columns)
            whole = pd.concat([frame[~frame["practice_id"].isin(practices)], rows.astype(frame.dtypes)])
            frame = whole.sort_values("practice_id", kind="stable", ignore_index=True)
        frames[name] = frame
    kept = before.frames["practices"]
    people = int(kept.loc[kept["practice_id"].isin(practices), "n"].sum())
    meta = found.meta.with_facts(
        n_responses=found.meta.n_responses + people, n_practices=found.meta.n_practices + len(practices)
    )
    return StudyResults(meta, frames)
