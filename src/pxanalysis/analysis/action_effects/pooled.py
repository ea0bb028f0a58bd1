"""Kinds of action and the programme, from the months before those that chose the actions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pxanalysis.analysis.action_effects.looks import choose_look
from pxanalysis.analysis.action_effects.single import Workbench
from pxanalysis.statistics.action_effects.donut import average_programme
from pxanalysis.statistics.action_effects.kinds import pool_kinds
from pxanalysis.statistics.conventions import FEWEST_ACTING
from pxanalysis.survey.action_list import Action

__all__ = ["collect_effects", "pool_by_kind", "pool_programme"]

FEW = "{n} practices with an action that can be compared; 5 are needed"
ALONE = "one kind with too few actions to tell how much they differ"
WITHHELD = "not published: practices without an action seem to change too"


def collect_effects(actions: Sequence[Action], rows: pd.DataFrame, bench: Workbench) -> pd.DataFrame:
    """Changes since the months before the choosing half-year, of the actions that were compared.

    One row per action: ``action_id, practice_id, kind, touchpoint`` (a number), ``effect, variance, shared``.
    """
    found = []
    compared = set(rows.loc[rows["trend"].notna(), "action_id"])
    for action in actions:
        place = bench.place(action)
        if action.action_id not in compared or place is None:
            continue
        look = choose_look(action, bench.study, place, bench.looks, bench.minimum_n)
        donut = None if look is None else bench.differences(look).donut
        if donut is None or not np.isfinite(donut.effect[place] + donut.variance[place] + donut.shared[place[1]]):
            continue
        found.append(
            {
                "action_id": action.action_id,
                "practice_id": action.practice_id,
                "kind": action.kind.strip().casefold(),
                "touchpoint": place[1],
                "effect": float(donut.effect[place]),
                "variance": float(donut.variance[place]),
                "shared": float(donut.shared[place[1]]),
                "effort_hours": action.effort_hours,
                "cost": action.cost,
            }
        )
    columns = ["action_id", "practice_id", "kind", "touchpoint", "effect", "variance", "shared", "effort_hours", "cost"]
    return pd.DataFrame(found, columns=columns)


def pool_by_kind(effects: pd.DataFrame, *, confidence: float, sound: bool) -> pd.DataFrame:
    """One row per kind: its mean effect, where that of a next practice lies, and what it took."""
    named = effects[effects["kind"] != ""]
    columns = ["kind", "estimate", "std_error", "ci_low", "ci_high", "next_low", "next_high"]
    if named.empty:
        return pd.DataFrame(columns=[*columns, "n_practices", "n_actions", "effort_hours", "cost", "reason"])
    kinds, codes = np.unique(named["kind"].to_numpy(dtype=str), return_inverse=True)
    pooled = pool_kinds(
        named["effect"].to_numpy(),
        named["variance"].to_numpy(),
        codes.astype(np.intp),
        touchpoints=named["touchpoint"].to_numpy(dtype=np.intp),
        shared=named["shared"].to_numpy(),
        confidence=confidence,
    )
    by_kind = named.groupby("kind")
    frame = pd.DataFrame(
        {
            "kind": kinds,
            "estimate": pooled.estimate,
            "std_error": pooled.std_error,
            "ci_low": pooled.low,
            "ci_high": pooled.high,
            "next_low": pooled.next_low,
            "next_high": pooled.next_high,
            "n_practices": by_kind["practice_id"].nunique().to_numpy(),
            "n_actions": by_kind.size().to_numpy(),
            "effort_hours": by_kind["effort_hours"].mean().to_numpy(dtype=np.float64),
            "cost": by_kind["cost"].mean().to_numpy(dtype=np.float64),
        }
    )
    few = (frame["n_practices"] < FEWEST_ACTING).to_numpy()
    alone = ~few & frame["std_error"].isna().to_numpy()
    reasons = [
        FEW.format(n=n) if f else ALONE if a else "" for n, f, a in zip(frame["n_practices"], few, alone, strict=True)
    ]
    frame["reason"] = [reason or ("" if sound else WITHHELD) for reason in reasons]
    hidden = frame["reason"] != ""
    frame.loc[hidden, columns[1:]] = np.nan
    return frame


def pool_programme(effects: pd.DataFrame, *, confidence: float, sound: bool) -> pd.DataFrame:
    """One row: the mean effect over acting practices."""
    _, owners = np.unique(effects["practice_id"].to_numpy(dtype=str), return_inverse=True)
    found = average_programme(
        effects["effect"].to_numpy(dtype=np.float64),
        owners.astype(np.intp),
        effects["touchpoint"].to_numpy(dtype=np.intp),
        effects["shared"].to_numpy(dtype=np.float64),
        confidence=confidence,
    )
    reason = FEW.format(n=found.n_practices) if found.n_practices < FEWEST_ACTING else "" if sound else WITHHELD
    values = [np.nan] * 4 if reason else [found.estimate, found.std_error, found.low, found.high]
    row = dict(zip(("estimate", "std_error", "ci_low", "ci_high"), values, strict=True))
    return pd.DataFrame([{**row, "n_practices": found.n_practices, "n_actions": len(effects), "reason": reason}])
