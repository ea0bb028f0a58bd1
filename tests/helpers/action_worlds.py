"""Studies with actions whose effect is known, month by month and without patients, so that thousands can be made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from pxanalysis.analysis.action_effects.cells import StudyCells
from pxanalysis.analysis.action_effects.pooled import collect_effects, pool_by_kind, pool_programme
from pxanalysis.analysis.action_effects.single import Workbench, describe_action
from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.action_effects.windows import MonthlyCells
from pxanalysis.survey.action_list import Action

FIRST = 2023 * 12


@dataclass(frozen=True)
class World:
    """Practices that act on their lowest touchpoint of the last half-year, by the design's own simulation."""

    practices: int = 50
    touchpoints: int = 6
    months: int = 36
    share: float = 0.3
    kinds: int = 1
    effect: float = 0.0
    spread: float = 0.0
    icc: float = 0.05
    sd: float = 16.0
    drift: float = 1.5
    persistence: float = 0.85
    monthly: tuple[int, int] = (5, 30)
    look: int = 6


def draw_world(world: World, rng: np.random.Generator) -> tuple[StudyCells, list[Action], FloatArray]:
    """Cells, actions, and the true effect of each action."""
    j, m, t = world.practices, world.months, world.touchpoints
    between, within = world.icc * world.sd**2, (1.0 - world.icc) * world.sd**2
    size = np.exp(rng.uniform(*np.log(world.monthly), j))
    n = rng.poisson(size[:, None, None], (j, m, t)).astype(float)
    own = np.empty((j, m, t))
    own[:, 0] = rng.standard_normal((j, t))
    for month in range(1, m):
        new = np.sqrt(1 - world.persistence**2) * rng.standard_normal((j, t))
        own[:, month] = world.persistence * own[:, month - 1] + new
    common = 1.5 * np.sin(2 * np.pi * np.arange(m) / 12) + 0.08 * np.arange(m)
    level = 80.0 + np.sqrt(between) * rng.standard_normal((j, 1, t))
    y = level + world.drift * own + common[None, :, None]
    y += np.sqrt(within / np.maximum(n, 1)) * rng.standard_normal(n.shape)
    inside = np.where(n > 1, within * rng.chisquare(np.maximum(n - 1, 1)), 0.0)
    actions, effects = [], []
    acting = rng.permutation(j)[: round(world.share * j)]
    for number, practice in enumerate(acting.tolist()):
        decided = int(rng.integers(14, 18))
        place = decided + int(rng.integers(1, 3))
        recent = slice(decided - 6, decided)
        mean = (n[practice, recent] * y[practice, recent]).sum(0) / n[practice, recent].sum(0)
        chosen = int(mean.argmin())
        effect = world.effect + world.spread * float(rng.standard_normal())
        y[practice, place:, chosen] += effect
        effects.append(effect)
        decided_on, in_place_on = (date((FIRST + k) // 12, (FIRST + k) % 12 + 1, 1) for k in (decided, place))
        actions.append(
            Action(
                f"A{number}",
                f"P{practice}",
                f"T{chosen}",
                "idea",
                f"K{number % world.kinds}",
                idea_on=decided_on,
                decided_on=decided_on,
                in_place_on=in_place_on,
            )
        )
    total = n * y
    cells = MonthlyCells(n, total, np.where(n > 0, inside + total**2 / np.maximum(n, 1), 0.0))
    names = tuple(f"P{k}" for k in range(j)), tuple(f"T{k}" for k in range(t))
    return StudyCells(cells, *names, FIRST, m), actions, np.array(effects)


def summarise(world: World, runs: int, seed: int = 5) -> dict[str, float]:
    """How often intervals hold the truth, and how often they err upwards; shares over all runs.

    ``one_*`` of one practice at a single look, ``improved`` called so at three looks, ``programme_*``, ``kinds_*``.
    """
    rng = np.random.default_rng(seed)
    one, improved, programme, kinds = [], [], [], []
    for _ in range(runs):
        study, actions, effects = draw_world(world, rng)
        planned = Workbench(study, actions, 10, (world.look,))
        rows = pd.DataFrame([describe_action(action, planned, sound=True) for action in actions])
        off = rows["estimate"].to_numpy(dtype=float) - effects
        one += zip(
            off, rows["ci_low"] <= effects, rows["ci_high"] >= effects, rows["raw_change"] - effects, strict=True
        )
        looked = Workbench(study, actions, 10, tuple(k for k in (3, 6, 12) if k <= world.look))
        improved += [describe_action(action, looked, sound=True)["verdict"] == "improved" for action in actions]
        found = collect_effects(actions, rows, planned)
        mean = pool_programme(found, confidence=0.95, sound=True).iloc[0]
        truth = effects.mean()
        programme.append((mean["estimate"] - truth, mean["ci_low"] <= truth, mean["ci_high"] >= truth))
        for row in pool_by_kind(found, confidence=0.95, sound=True).dropna(subset="estimate").itertuples():
            kinds.append((row.estimate - world.effect, row.ci_low <= world.effect, row.ci_high >= world.effect))
    return {
        **_shares("one", np.array(one, dtype=float)),
        "naive_bias": float(np.nanmean([row[3] for row in one])),
        "improved": float(np.mean(improved)),
        **_shares("programme", np.array(programme, dtype=float)),
        **_shares("kinds", np.array(kinds, dtype=float)),
    }


def _shares(name: str, found: FloatArray) -> dict[str, float]:
    found = found[np.isfinite(found[:, 0])]
    low, high = found[:, 1] == 1, found[:, 2] == 1
    return {
        f"{name}_bias": float(found[:, 0].mean()),
        f"{name}_rmse": float(np.sqrt((found[:, 0] ** 2).mean())),
        f"{name}_cover": float((low & high).mean()),
        f"{name}_error": float((~low).mean()),
    }
