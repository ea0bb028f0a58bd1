"""From answers and actions to what came after them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np
import pandas as pd
from scipy.stats import binom

from pxanalysis.analysis.action_effects.cells import tabulate_cells
from pxanalysis.analysis.action_effects.looks import LOOKS, Look, choose_look
from pxanalysis.analysis.action_effects.pooled import collect_effects, pool_by_kind, pool_programme
from pxanalysis.analysis.action_effects.result import ActionEffects
from pxanalysis.analysis.action_effects.single import Workbench, describe_action
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.conventions import MINIMUM_N
from pxanalysis.statistics.inputs import check_confidence
from pxanalysis.survey.action_list import Action
from pxanalysis.survey.responses import Responses, check_responses

__all__ = ["estimate_action_effects"]

_COLUMNS = {
    **dict.fromkeys(("action_id", "practice_id", "touchpoint", "kind", "idea", "decided_on", "in_place_on"), object),
    **dict.fromkeys(("look", "n_before", "n_after", "score_before", "score_after", "raw_change"), float),
    **dict.fromkeys(("regression", "trend", "estimate", "std_error", "ci_low", "ci_high", "n_compared"), float),
    **dict.fromkeys(("elsewhere", "more_needed", "smallest_change"), float),
    **dict.fromkeys(("until", "verdict", "text", "reason"), object),
}

_MOST_PLACEBOS, _BY_CHANCE = 0.10, 0.05
"""Share of practices without an action that may seem to change, and the share that does by chance."""


def estimate_action_effects(
    responses: Responses,
    actions: Iterable[Action],
    *,
    case_mix: Sequence[str] | None = None,
    looks: Sequence[int] = LOOKS,
    minimum_n: int = MINIMUM_N,
    as_of: date | None = None,
    confidence: float = 0.95,
) -> ActionEffects:
    """Estimate what came after actions, beyond regression to the mean and what happened in practices without one.

    A practice is looked at 3, 6 and 12 months after an action was in place, and its interval allows for three looks;
    between them the last look stands. Kinds and the programme are pooled from changes since the months *before* the
    half-year that chose the action. All answers of a study belong in ``responses``: others are held beside the
    practices without an action.

    Parameters
    ----------
    actions
        ``study.actions``, or records of `pxanalysis.survey.action_list.Action`.
    case_mix
        Characteristics of patients that are taken out; None: all of the journey's.
    looks
        Months after which is looked; one number: a single planned look, whose interval is narrower.
    minimum_n
        Answers that a figure rests on at least, before and after.
    as_of
        Months that were over on this day count; today when None.
    confidence
        Of kinds and programme.

    Raises
    ------
    AnalysisError
        For looks or actions that make no sense.
    NotEstimableError
        When no response has a date.
    """
    check_responses(responses, "pxa.estimate_action_effects(study.responses, study.actions)")
    check_confidence(confidence)
    listed = _check_actions(actions)
    if not looks or list(looks) != sorted(set(looks)) or min(looks) < LOOKS[0]:
        raise AnalysisError(f"looks: expected months in order, {LOOKS[0]} or more, received {tuple(looks)}.")
    names = [one.id for one in responses.journey.case_mix] if case_mix is None else list(case_mix)
    study = tabulate_cells(responses, listed, names, as_of or date.today())
    bench = Workbench(study, listed, minimum_n, looks)
    checks = _check_placebos(bench)
    sound = bool(checks["sound"].iloc[0])
    described = [describe_action(action, bench, sound=sound) for action in listed]
    rows = pd.DataFrame(described, columns=list(_COLUMNS)).astype({n: t for n, t in _COLUMNS.items() if t is float})
    effects = collect_effects(listed, rows, bench)
    return ActionEffects(
        actions=rows,
        kinds=pool_by_kind(effects, confidence=confidence, sound=sound),
        programme=pool_programme(effects, confidence=confidence, sound=sound),
        checks=checks,
        cells=study,
        register=tuple(listed),
        n_obs=responses.n,
        n_practices=len(study.practices),
        n_compared=int(bench.compared.sum()),
    )


def _check_actions(actions: Iterable[Action]) -> list[Action]:
    listed = list(actions)
    wrong = next((one for one in listed if not isinstance(one, Action)), None)
    if wrong is not None:
        raise AnalysisError(
            f"actions: expected actions as study.actions gives them, received {type(wrong).__name__}. Call "
            "pxa.estimate_action_effects(study.responses, study.actions)."
        )
    return listed


def _check_placebos(bench: Workbench) -> pd.DataFrame:
    """Whether practices without an action seem to change, where their score was lowest, no more often than by chance.

    The same figures are made for them as if they had acted. More than a tenth with |d/s| above 1.96, and more than
    chance would have (5 % of them, one-sided .05), and nothing is published: 1 of 9 is more than a tenth, and no sign
    of anything.
    """
    looks = {look for action in bench.actions if (look := _look_of(action, bench)) is not None}
    shares, sizes = [], []
    for look in looks:
        found = bench.differences(look)
        usable = bench.compared[:, None] & (np.minimum(found.before.n, found.after.n) >= bench.minimum_n)
        usable &= np.isfinite(found.shrunken.variance)
        rows = usable.any(axis=1)
        if not rows.any():
            continue
        ratio = found.shrunken.effect / np.sqrt(found.shrunken.variance)
        beside = np.where(usable, found.before.mean - np.nanmean(found.before.mean, axis=0), np.inf)
        lowest = beside.argmin(axis=1)
        chosen = np.abs(ratio[np.arange(len(lowest)), lowest])[rows]
        shares.append(float((chosen > 1.96).mean()))
        sizes.append(int(rows.sum()))
    if not shares:
        return pd.DataFrame([{"share_placebo": np.nan, "n_placebo": 0, "sound": True}])
    share, size = float(np.mean(shares)), min(sizes)
    by_chance = float(binom.sf(np.floor(share * size) - 1, size, _BY_CHANCE))
    sound = share <= _MOST_PLACEBOS or by_chance >= _BY_CHANCE
    return pd.DataFrame([{"share_placebo": share, "n_placebo": size, "sound": sound}])


def _look_of(action: Action, bench: Workbench) -> Look | None:
    place = bench.place(action)
    return None if place is None else choose_look(action, bench.study, place, bench.looks, bench.minimum_n)
