"""The survey's figures beside a map: mean score per touchpoint, of all who answered or of one role."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pxanalysis.analysis.metrics.grouped import row_weights
from pxanalysis.analysis.whole_study.touchpoints import pool_practices
from pxanalysis.arrays import BoolArray, FloatArray
from pxanalysis.journey.experience_map.content import Measured
from pxanalysis.statistics.conventions import MINIMUM_N
from pxanalysis.survey.scores import score_responses

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = ["ROLES_TOO_FEW", "measure_touchpoints"]

ROLES_TOO_FEW = "a role is shown where every role that answered has enough answers: the rest could be worked out"


def measure_touchpoints(
    responses: Responses,
    minimum_n: int = MINIMUM_N,
    role: str | None = None,
    *,
    weights: str | None = None,
    confidence: float = 0.95,
) -> dict[str, Measured]:
    """Mean score per touchpoint (0-100) with its interval, over practices with at least ``minimum_n`` scores there.

    Parameters
    ----------
    role
        Of those who answered in this role. Shown where every role among the same people has ``minimum_n`` answers or
        none: from the mean of all and that of one role that of the others follows.

    weights
        Column of the answers that they are weighed by; counts are of people.

    Notes
    -----
    Intervals are those of the reports: from the spread between practices when there are several.
    """
    scores = score_responses(responses)
    values = scores.to_numpy(dtype=np.float64)
    codes, practices = responses.practice_codes
    mass = row_weights(responses, weights)
    values = np.where((mass > 0)[:, None], values, np.nan)
    counts = np.column_stack([np.bincount(codes, one, minlength=len(practices)) for one in np.isfinite(values).T])
    shown = counts >= minimum_n
    used = np.where(shown[codes], values, np.nan)
    roles = responses.table["role"].fill_null("").to_numpy().astype(str)
    mine = np.ones(len(roles), dtype=bool) if role is None else roles == role
    pooled = pool_practices(np.where(mine[:, None], used, np.nan), codes, shown, mass, confidence)
    n = np.isfinite(used[mine]).sum(axis=0)
    partly = np.zeros(values.shape[1], dtype=bool) if role is None else _some_role_is_small(used, roles, minimum_n)
    return {
        name: _measured(pooled, place, int(n[place]), minimum_n, hidden=bool(partly[place]))
        for place, name in enumerate(scores.columns)
    }


def _some_role_is_small(used: FloatArray, roles: np.ndarray, minimum_n: int) -> BoolArray:
    """Whether at each touchpoint a role has answers, but too few to be shown."""
    counts = np.array([np.isfinite(used[roles == role]).sum(axis=0) for role in np.unique(roles)])
    return np.asarray(((counts > 0) & (counts < minimum_n)).any(axis=0))


def _measured(pooled: dict[str, FloatArray], place: int, n: int, minimum_n: int, *, hidden: bool) -> Measured:
    if n < minimum_n:
        return Measured(None, reason=f"fewer than {minimum_n} answers" if n else "nobody answered on it")
    if hidden:
        return Measured(None, reason=ROLES_TOO_FEW)
    low, high = float(pooled["ci_low"][place]), float(pooled["ci_high"][place])
    known = np.isfinite(low) and np.isfinite(high)
    return Measured(float(pooled["mean"][place]), n, low if known else None, high if known else None)
