"""What results rest on, as a file to archive beside them: answers by their hash, versions, seed, plan, command.

``provenance.json`` holds no answer, no name of a person or practice, no figure on people, and no moment: the same input
gives the same file.
"""

from __future__ import annotations

import hashlib
import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pxanalysis._version import __version__
from pxanalysis.errors import AnalysisError

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "PROVENANCE_FILE",
    "DataFacts",
    "PlanFacts",
    "Provenance",
    "describe_computer",
    "hash_answers",
    "software_versions",
]

PROVENANCE_FILE = "provenance.json"

_ROWS_AT_ONCE = 100_000

_LIBRARIES = ("numpy", "pandas", "polars", "scipy", "statsmodels")


def software_versions() -> dict[str, str]:
    """Versions of Python and of the libraries that numbers rest on.

    >>> list(software_versions())
    ['python', 'numpy', 'pandas', 'polars', 'scipy', 'statsmodels']
    """
    return {"python": platform.python_version()} | {name: version(name) for name in _LIBRARIES}


def describe_computer() -> dict[str, str]:
    """System, processor, and the library of linear algebra with its kernel: what may change the last digits.

    >>> list(describe_computer())
    ['system', 'machine', 'linear_algebra']
    """
    # it looks through every loaded library, so only where it is asked for
    from threadpoolctl import threadpool_info

    found = {
        " ".join(filter(None, (one["internal_api"], one.get("version"), one.get("architecture"))))
        for one in threadpool_info()
        if one["user_api"] == "blas"
    }
    return {"system": platform.system(), "machine": platform.machine(), "linear_algebra": ", ".join(sorted(found))}


def hash_answers(table: pl.DataFrame) -> str:
    """SHA-256 of answers as CSV, rows in the order they have (a study keeps them by response id)."""
    found = hashlib.sha256(table.clear().write_csv().encode())
    for part in table.iter_slices(_ROWS_AT_ONCE):
        found.update(part.write_csv(include_header=False).encode())
    return found.hexdigest()


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DataFacts(_Part):
    """The answers that figures rest on."""

    sha256: str = Field(description="SHA-256 of the answers that count, as CSV in order of response id.")
    files: tuple[str, ...] = Field(default=(), description="SHA-256 of every file that was taken in, in that order.")
    n_responses: int = Field(description="Answers that count.")
    n_practices: int = Field(description="Practices with answers that count.")
    first_date: str | None = Field(default=None, description="First day of an answer (ISO); null without dates.")
    last_date: str | None = Field(default=None, description="Last day of an answer (ISO); null without dates.")
    simulated: bool = Field(description="Whether the answers were made up.")


class PlanFacts(_Part):
    """The plan by which metrics were compared."""

    sha256: str = Field(description="SHA-256 of the plan, taken before anything was computed.")
    preregistered: bool = Field(description="Whether the plan came from a file.")
    deviations: tuple[str, ...] = Field(default=(), description="Where the analysis differs from the plan.")
    plan: dict[str, Any] = Field(description="The plan as it was used, as comparison.toml has it.")


class Provenance(_Part):
    """What a folder of results rests on, and how to make it again."""

    schema_version: Literal[1] = 1
    made: Literal["results", "comparison"] = Field(description="What the folder holds.")
    study: str = Field(default="", description="Title of the study.")
    journey: str = Field(description="Id of the journey.")
    program: dict[str, str] = Field(description="Versions of pxanalysis, Python and the libraries numbers rest on.")
    computer: dict[str, str] = Field(description="System, processor and library of linear algebra.")
    data: DataFacts
    journey_sha256: str = Field(default="", description="SHA-256 of the journey.")
    settings_sha256: str = Field(default="", description="SHA-256 of all settings of study.toml.")
    release_sha256: str = Field(default="", description="SHA-256 of which answers count in which figure.")
    settings: dict[str, Any] = Field(description="Settings of the estimation: outcome, bootstrap, smallest number ...")
    seed: int = Field(description="With which every random draw begins.")
    plan: PlanFacts | None = Field(default=None, description="Plan of a comparison; null for results.")
    outputs: dict[str, str] = Field(description="SHA-256 of every table of numbers, by file name.")
    command: str = Field(description="Makes it again, in the folder of the study.")

    def install(self) -> str:
        """Return the command that installs the same versions."""
        wanted = [f"{name}=={number}" for name, number in self.program.items() if name != "python"]
        return f"pip install {' '.join(wanted)}  # Python {self.program['python']}"

    def to_json(self) -> str:
        """Return the text of ``provenance.json``."""
        return json.dumps(self.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def read(cls, path: Path) -> Provenance:
        """Read a file that :meth:`to_json` wrote.

        Raises
        ------
        AnalysisError
            When it is not there, or not such a file.
        """
        try:
            return cls.model_validate_json(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise AnalysisError(f"{path}: not there. Results of before version 1.0 have none: fit again.") from error
        except (ValidationError, UnicodeDecodeError) as error:
            raise AnalysisError(f"{path}: not the provenance of results: {error}") from error

    @staticmethod
    def versions() -> dict[str, str]:
        """Versions as they are now."""
        return {"pxanalysis": __version__} | software_versions()
