"""The table of priorities: figures, advice, and why something is not shown or not advised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pxanalysis.analysis.priorities.draws import Gain
from pxanalysis.analysis.priorities.effects import DriverEffects
from pxanalysis.analysis.priorities.needed import Needed
from pxanalysis.analysis.priorities.ranking import CombinedRanks
from pxanalysis.analysis.priorities.scores import PracticeScores
from pxanalysis.analysis.priorities.settings import PrioritySettings
from pxanalysis.arrays import BoolArray, FloatArray

__all__ = ["COLUMNS", "VERSION_COLUMNS", "Findings", "advise", "make_frame"]

VERSION_COLUMNS = tuple(
    f"{what}_{name}" for name in ("measured", "corrected") for what in ("effect", "gain", "rank", "p")
)
"""Figures with scores as measured, and with their error taken out."""

COLUMNS = (
    *("practice_id", "touchpoint"),
    *("importance", "performance", "performance_low", "performance_high", "share_negative", "improvement_score"),
    *("target", "gain", "gain_low", "gain_high", "gain_nps"),
    *("rank", "rank_low", "rank_high", "p_top3"),
    *("status", "needed_n", "suppressed", "reason"),
    *("n", "effect", "effect_low", "effect_high", "ipma", "met_share", "gain_nps_low"),
    *("gain_nps_high", "target_p75"),
    *("gain_p75", "gain_p75_low", "gain_p75_high", "target_stated"),
    *("gain_stated", "gain_stated_low", "gain_stated_high", "p_rank3"),
    *("needed_from", "reason_code", "note", "gain_error"),
    *VERSION_COLUMNS,
)
"""What reports show first, then what a researcher asks for."""

NOTES = {
    "negative_effect": "A higher score goes with a lower outcome here, other touchpoints being equal (touchpoints that "
    "overlap can do that), so raising it is not advised.",
    "no_effect": "No effect that differs from zero was found, other touchpoints being equal.",
    "at_target": "At or above the target.",
    "small_gain": "What is to be gained up to the target is too small to be worth an action.",
    "not_first": "Almost certainly not among the first three with a gain worth having.",
    "probably_not_first": "Probably not among the first three with a gain worth having.",
    "more_responses": "Too few responses of this practice to say whether this comes first.",
    "more_everywhere": "The effects and the target are too uncertain to say whether this comes first; more responses "
    "of this practice alone do not settle it, more responses of all practices do.",
    "too_close": "The gains are so close together that even ten times as many responses would not order them.",
    "rankings_differ": "As measured and corrected for how little its questions agree, it takes another place; more "
    "responses do not settle that, a second measurement of the same visit would.",
    "": "",
}

NEARLY_NEVER = 0.05
"""Below this probability something is called almost certainly not so."""


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """All that is known of J practices and p touchpoints; arrays of shape (J, p) unless said.

    Attributes
    ----------
    shown
        Whether enough patients rated it for a figure.
    performance, performance_low, performance_high
        0-100.
    met
        Proportion of patients who meet it.
    target_p75, target_stated, target
        Shape (p,), 0-100; NaN where there is none.
    gains
        Gain, low, high and standard deviation by name: ``gain``, ``gain_nps``, ``gain_p75``, ``gain_stated``.
    version_gains
        Gain by version of the effects.
    smallest
        Smallest gain worth having, outcome points.
    """

    scores: PracticeScores
    effects: DriverEffects
    shown: BoolArray
    performance: FloatArray
    performance_low: FloatArray
    performance_high: FloatArray
    met: FloatArray
    target_p75: FloatArray
    target_stated: FloatArray
    target: FloatArray
    gains: dict[str, Gain]
    ranks: CombinedRanks
    version_gains: dict[str, FloatArray]
    smallest: float
    settings: PrioritySettings


def advise(findings: Findings) -> npt.NDArray[np.object_]:
    """``act``, ``undecided`` or ``keep`` per practice and touchpoint, "" where not ranked; shape (J, p).

    What is at or above its target, or has no positive effect, is kept whatever its chances. With effects as measured
    and corrected, something is advised when both say so and their rankings agree on it, and kept when neither sees a
    chance.
    """
    p_act, certainty = findings.ranks.p_act, findings.settings.certainty
    may = (findings.effects.effect > 0) & (findings.gains["gain"][0] > 0)
    sure = may & (p_act >= certainty) & ~findings.ranks.differ
    open_ones = may & (findings.ranks.p_most > 1.0 - certainty)
    status = np.where(sure, "act", np.where(open_ones, "undecided", "keep"))
    return np.where(np.isfinite(p_act), status, "").astype(object)


def _codes(findings: Findings, status: npt.NDArray[np.object_], needed: Needed) -> npt.NDArray[np.object_]:
    """Why a row has no estimate, or what is to be said about its advice."""
    gain = findings.gains["gain"][0]
    low, high = findings.effects.interval(findings.settings.confidence)
    never = np.broadcast_to(findings.effects.effect <= 0, gain.shape)
    negative, uncertain = never & (high < 0), np.broadcast_to(low <= 0, gain.shape)
    settled = np.isfinite(needed.factor)
    return np.select(
        [
            ~findings.shown,
            np.broadcast_to(np.isnan(findings.target), gain.shape),
            status == "act",
            (status == "undecided") & findings.ranks.differ,
            (status == "undecided") & settled & ~needed.from_all,
            (status == "undecided") & settled,
            status == "undecided",
            negative,
            never,
            gain <= 0,
            uncertain,
            gain <= findings.smallest,
            findings.ranks.p_most >= NEARLY_NEVER,
        ],
        [
            "few_respondents",
            "no_target",
            "",
            "rankings_differ",
            "more_responses",
            "more_everywhere",
            "too_close",
            "negative_effect",
            "no_effect",
            "at_target",
            "no_effect",
            "small_gain",
            "probably_not_first",
        ],
        "not_first",
    ).astype(object)


def _needed_n(findings: Findings, status: npt.NDArray[np.object_], needed: Needed) -> FloatArray:
    more = np.ceil(findings.scores.responses[:, None] * (needed.factor - 1.0))
    return np.where(status == "undecided", more, 0.0)


def _improvement(findings: Findings, share: FloatArray) -> FloatArray:
    """Importance on the CQ-index's scale of 1 (least) to 4 (most important) times the proportion negative."""
    importance = findings.effects.importance
    return np.asarray((1.0 + 3.0 * importance / importance.max()) * share)


def make_frame(findings: Findings, status: npt.NDArray[np.object_], needed: Needed) -> pd.DataFrame:
    """One row per practice and touchpoint; drivers that are not in the model have rows with the reason."""
    scores, effects, ranks = findings.scores, findings.effects, findings.ranks
    low, high = effects.interval(findings.settings.confidence)
    share = scores.negative / np.maximum(scores.rated, 1.0)
    codes = _codes(findings, status, needed)
    figures: dict[str, FloatArray] = {
        "importance": effects.importance,
        "performance": findings.performance,
        "performance_low": findings.performance_low,
        "performance_high": findings.performance_high,
        "share_negative": share,
        "improvement_score": _improvement(findings, share),
        "target": findings.target,
        "rank": ranks.rank,
        "rank_low": ranks.rank_low,
        "rank_high": ranks.rank_high,
        "p_top3": ranks.p_act,
        "needed_n": _needed_n(findings, status, needed),
        "effect": effects.effect,
        "effect_low": low,
        "effect_high": high,
        "ipma": effects.effect * (100.0 - findings.performance),
        "met_share": findings.met,
        "target_p75": findings.target_p75,
        "target_stated": findings.target_stated,
        "p_rank3": ranks.p_top,
        "n": scores.rated,
    }
    for name, parts in findings.gains.items():
        figures |= {name + end: part for end, part in zip(("", "_low", "_high", "_error"), parts, strict=True)}
    figures |= _by_version(findings)
    shape = scores.rated.shape
    frame = pd.DataFrame(
        {
            name: np.where(findings.shown, np.broadcast_to(values, shape), np.nan).ravel()
            for name, values in figures.items()
        }
    )
    frame["practice_id"] = np.repeat(scores.practices, shape[1])
    frame["touchpoint"] = np.tile(effects.drivers, shape[0])
    frame["status"] = np.where(findings.shown, status, "").ravel()
    frame["suppressed"] = ~findings.shown.ravel()
    frame["reason_code"] = codes.ravel()
    frame["reason"] = frame["reason_code"].map(_reasons(findings.settings.minimum_n)).fillna("")
    frame["note"] = frame["reason_code"].map(NOTES).fillna("")
    where = np.where(needed.from_all, "all", "practice")
    frame["needed_from"] = np.where(np.isfinite(needed.factor) & findings.shown, where, "").ravel()
    if effects.left_out:
        frame = pd.concat([frame, _left_out(scores.practices, effects)], ignore_index=True)
    return frame[list(COLUMNS)]


def _by_version(findings: Findings) -> dict[str, FloatArray]:
    """Effect, gain, rank and chance with scores as measured and corrected; NaN where there is no such version."""
    found = dict.fromkeys(VERSION_COLUMNS, np.array(np.nan))
    for version, ranks in zip(findings.effects.versions, findings.ranks.by_version, strict=True):
        if version.name == "sem":
            continue
        found[f"effect_{version.name}"] = version.effect
        found[f"gain_{version.name}"] = findings.version_gains[version.name]
        found[f"rank_{version.name}"] = ranks.rank
        found[f"p_{version.name}"] = ranks.p_act
    return found


def _reasons(minimum_n: int) -> dict[str, str]:
    return {
        "few_respondents": f"fewer than {minimum_n} respondents",
        "no_target": "no target: with fewer than 5 practices there is no 75th-percentile practice; state a target",
    }


def _left_out(practices: tuple[str, ...], effects: DriverEffects) -> pd.DataFrame:
    rows = [
        {
            "practice_id": practice,
            "touchpoint": touchpoint,
            "status": "",
            "suppressed": False,
            "reason": reason,
            "reason_code": "left_out",
            "note": "",
            "needed_from": "",
        }
        for practice in practices
        for touchpoint, reason in effects.left_out.items()
    ]
    return pd.DataFrame(rows)
