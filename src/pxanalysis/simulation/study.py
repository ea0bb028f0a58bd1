"""A simulated study with known drivers: for a demo, for tests and for calibration."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from pxanalysis.arrays import FloatArray, IntArray
from pxanalysis.errors import AnalysisError
from pxanalysis.simulation.answers import SimulationDesign, draw_answers
from pxanalysis.simulation.files import SIMULATED_FILES
from pxanalysis.simulation.worlds import find_world

if TYPE_CHECKING:
    from pxanalysis.journey.model import Journey

__all__ = [
    "Simulation",
    "SimulationDesign",
    "SimulationTruth",
    "add_context",
    "draw_answers",
    "draw_qualities",
    "draw_sizes",
    "draw_weights",
    "list_practices",
    "number_practices",
    "simulate_survey",
]

_PLACES = [
    "Linde",
    "Beuk",
    "Wilg",
    "Eik",
    "Brug",
    "Haven",
    "Molen",
    "Markt",
    "Singel",
    "Duin",
    "Hofstede",
    "Gracht",
]
_KINDS = ["De {}", "Centrum {}", "Aan de {}", "Het {}huis", "{} & Zonen"]


@dataclass(frozen=True, slots=True, eq=False)
class SimulationTruth:
    """What the simulated answers were made from.

    Attributes
    ----------
    weights
        Weight of each touchpoint on the outcomes, index touchpoint id; sums to 1.
    qualities
        Latent quality, shape (practices, touchpoints), index practice id.
    seed
        With which the answers can be made again.
    """

    weights: pd.Series[float]
    qualities: pd.DataFrame
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class Simulation:
    """Simulated answers as an export would hold them, the list of practices, and the truth beside them."""

    journey: Journey
    answers: pl.DataFrame
    practices: pl.DataFrame
    truth: SimulationTruth

    def write(self, folder: Path) -> list[Path]:
        """Write ``simulated.csv``, ``practices.csv`` and the truth (``simulated_truth.json``) into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / name for name in SIMULATED_FILES]
        self.answers.write_csv(paths[0])
        self.practices.write_csv(paths[1])
        truth = {
            "simulated": True,
            "journey": self.journey.id,
            "seed": self.truth.seed,
            "weights": self.truth.weights.to_dict(),
            "qualities": self.truth.qualities.to_dict(orient="index"),
        }
        paths[2].write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
        return paths


def simulate_survey(
    journey: Journey,
    *,
    practices: int = 25,
    responses: int | tuple[int, int] = (20, 400),
    seed: int = 1,
    design: SimulationDesign | None = None,
    world: str = "base",
    last_day: date = date(2026, 6, 30),
) -> Simulation:
    """Simulate a study over 18 months.

    Parameters
    ----------
    practices
        Number of practices.
    responses
        Number of responses in each practice, or a range from which sizes are drawn (log-uniformly).
    design
        Knobs of the simulation; those of ``world`` when None.
    world
        What scales, practices and patients are like, by name (see ``WORLDS``).
    last_day
        The last response's date; fixed by default so that the same seed makes the same study on any day.

    Raises
    ------
    AnalysisError
        When a number makes no sense.
    """
    low, high = _size_range(practices, responses)
    found = find_world(world)
    if found.journey(journey) != journey:
        raise AnalysisError(f"world: '{world}' asks other questions than the journey; it is for calibration only.")
    design = design or found.design
    rng = np.random.default_rng(seed)
    touchpoints = [touchpoint.id for touchpoint in journey.touchpoints]
    weights = draw_weights(touchpoints, design, rng)
    qualities = draw_qualities(practices, weights, design, rng)
    sizes = _draw_log_uniform(practices, low, high, rng)
    ids = number_practices(practices)
    each = found.weights_of(np.asarray(weights, dtype=np.float64), practices, rng.spawn(1)[0])
    answers = draw_answers(journey, qualities, sizes, weights=each, design=design, rng=rng)
    answers = _draw_context(answers, journey, np.array(ids), sizes, rng, last_day)
    return Simulation(
        journey=journey,
        answers=answers,
        practices=list_practices(ids, sizes, rng),
        truth=SimulationTruth(weights, pd.DataFrame(qualities, index=ids, columns=touchpoints), seed),
    )


def _size_range(practices: int, responses: int | tuple[int, int]) -> tuple[int, int]:
    low, high = (responses, responses) if isinstance(responses, int) else responses
    if practices < 1 or low < 1 or high < low:
        raise AnalysisError(
            f"expected at least 1 practice and 1 response with low <= high, received practices={practices}, "
            f"responses=({low}, {high})."
        )
    return low, high


def draw_sizes(practices: int, responses: int | tuple[int, int], rng: np.random.Generator) -> IntArray:
    """Responses of each practice, shape (practices,): the number given, or log-uniform within the range given."""
    return _draw_log_uniform(practices, *_size_range(practices, responses), rng)


def _draw_log_uniform(count: int, low: int, high: int, rng: np.random.Generator) -> IntArray:
    return np.rint(np.exp(rng.uniform(np.log(low), np.log(high), count))).astype(np.int64)


def draw_qualities(
    practices: int, weights: pd.Series[float], design: SimulationDesign, rng: np.random.Generator
) -> FloatArray:
    """Latent quality, shape (practices, touchpoints): half of what practices differ in, they differ in everywhere."""
    qualities = design.practice_sd * (
        0.5 * rng.standard_normal((practices, 1)) + np.sqrt(0.75) * rng.standard_normal((practices, len(weights)))
    )
    levels = design.touchpoint_sd * rng.standard_normal(len(weights))
    qualities += levels - weights.to_numpy() @ levels
    return np.asarray(qualities, dtype=np.float64)


def number_practices(practices: int) -> list[str]:
    """Ids of simulated practices, eight digits as AGB codes have."""
    return [f"{1_010_000 + 137 * (j + 1):08d}" for j in range(practices)]


def list_practices(ids: list[str], sizes: IntArray, rng: np.random.Generator) -> pl.DataFrame:
    """The list of practices with names and invited patients."""
    return pl.DataFrame(
        {"practice_id": ids, "practice_name": _draw_names(len(ids), rng), "invited": _draw_invited(sizes, rng)}
    )


def draw_weights(touchpoints: list[str], design: SimulationDesign, rng: np.random.Generator) -> pd.Series[float]:
    """Weight of each touchpoint on the outcomes, index touchpoint id; those of the design, else drawn."""
    unknown = sorted(set(design.weights) - set(touchpoints))
    if unknown:
        raise AnalysisError(f"weights: no touchpoint '{unknown[0]}'; there are: {', '.join(touchpoints)}.")
    drawn = rng.gamma(1.5, size=len(touchpoints)) + 0.1
    values = np.array([design.weights.get(name, 0.0) for name in touchpoints]) if design.weights else drawn
    return pd.Series(values / values.sum(), index=touchpoints, name="weight")


def _draw_context(
    answers: pl.DataFrame,
    journey: Journey,
    ids: npt.NDArray[np.str_],
    sizes: IntArray,
    rng: np.random.Generator,
    last_day: date,
) -> pl.DataFrame:
    """Draw who answered, when and how, and put it before the answers."""
    n = answers.height
    days_ago = rng.integers(0, 546, n)
    dates = [last_day - timedelta(days=int(days)) for days in days_ago]
    roles = [role.id for role in journey.roles] or ["patient"]
    chance = np.array([0.85, *[0.15 / max(len(roles) - 1, 1)] * (len(roles) - 1)])
    context = pl.DataFrame(
        {
            "practice_id": np.repeat(ids, sizes),
            "completed_on": dates,
            "role": rng.choice(roles, n, p=chance / chance.sum()),
            "channel": rng.choice(["web", "app", "letter"], n, p=[0.6, 0.25, 0.15]),
            "simulated": np.ones(n, dtype=np.int64),
        }
    )
    return add_context(answers, journey, context, last_day)


def add_context(answers: pl.DataFrame, journey: Journey, context: pl.DataFrame, last_day: date) -> pl.DataFrame:
    """Put who, when and how before the answers, in order of date; what was done is known a year later."""
    context = context.select("practice_id", "completed_on", "role", "channel", "simulated")
    table = pl.concat([context, answers], how="horizontal")
    recent = pl.col("completed_on") > last_day - timedelta(days=365)
    unknown_yet = [outcome.id for outcome in journey.behaviours]
    table = table.with_columns(pl.when(recent).then(None).otherwise(pl.col(name)).alias(name) for name in unknown_yet)
    table = table.sort("completed_on", maintain_order=True).with_row_index("position", offset=1)
    return table.select(
        pl.format("S{}", pl.col("position").cast(pl.String).str.zfill(7)).alias("response_id"),
        pl.exclude("position"),
    )


def _draw_names(count: int, rng: np.random.Generator) -> list[str]:
    names = [f"Praktijk {kind.format(place)}" for place in _PLACES for kind in _KINDS]
    order = rng.permutation(len(names))
    return [names[order[j % len(names)]] + (f" {j // len(names) + 1}" if j >= len(names) else "") for j in range(count)]


def _draw_invited(sizes: IntArray, rng: np.random.Generator) -> IntArray:
    """Patients invited at each practice, of whom between a quarter and six in ten answered, shape (practices,)."""
    return np.ceil(sizes / rng.uniform(0.25, 0.60, len(sizes))).astype(np.int64)
