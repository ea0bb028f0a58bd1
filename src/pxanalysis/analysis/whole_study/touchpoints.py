"""How each touchpoint and item is experienced, per practice and over all, and how reliably practices differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import fdtrc
from scipy.stats import t

from pxanalysis.analysis.metrics.estimate import NO_SPREAD
from pxanalysis.analysis.metrics.grouped import row_weights
from pxanalysis.analysis.whole_study.item_means import compare_item_means
from pxanalysis.analysis.whole_study.settings import FEW_RESPONDENTS, FitSettings
from pxanalysis.analysis.whole_study.shown import shown_stats
from pxanalysis.arrays import BoolArray, FloatArray, IntArray
from pxanalysis.statistics.conventions import FEWEST_PRACTICES
from pxanalysis.statistics.proportions.intervals import score_interval, t_interval
from pxanalysis.statistics.random_effects.reliability import gls_mean, needed_n, practice_reliability, shrink_means
from pxanalysis.statistics.random_effects.variance import PracticeStats, practice_stats, variance_components
from pxanalysis.survey.scores import NEGATIVE_BELOW, find_unmet, score_items, score_responses

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = ["pool_practices", "tabulate_items", "tabulate_touchpoints", "tabulate_variance"]

NOT_COMPARED = f"fewer than {FEWEST_PRACTICES} practices have enough answers to be held against each other"
NOT_NEEDED = f"fewer than {FEWEST_PRACTICES} practices say too little of how many answers it takes to tell them apart"
NO_DIFFERENCES = "practices and patients do not differ, so there is nothing to shrink by"

CLEARLY_LOWER = 2.0
"""Points on 0-100 that an item must lie below the next one to be called the lowest."""

ALL_ANSWERED, ESTIMATED, WHO_ANSWERED = "all", "estimated", "answered"
"""Over whom an item's mean is: all who rated the contact answered it; their missing answers are allowed for by maximum
likelihood; or those who answered it, because that could not be done."""

_FIGURES = [
    "mean",
    "ci_low",
    "ci_high",
    "shrunk",
    "reliability",
    "share_negative",
    "feels",
]


def feels(mean: FloatArray) -> FloatArray:
    """Score 0-100 as a feeling −2…+2: 50 is neutral."""
    return (mean - 50.0) / 25.0


def _counts(flags: BoolArray, codes: IntArray, size: int, mass: FloatArray | None = None) -> FloatArray:
    """Rows of each practice for which each of K columns is true, or their weights; shape (J, K)."""
    counts = np.empty((size, flags.shape[1]))
    for position, column in enumerate(flags.T):
        rows = np.flatnonzero(column)
        counts[:, position] = np.bincount(codes[rows], None if mass is None else mass[rows], minlength=size)
    return counts


def _with_pooled(counts: FloatArray, shown: np.ndarray) -> FloatArray:
    """The practices' counts below those of all practices that are shown."""
    return np.vstack([counts[shown].sum(axis=0, keepdims=True), counts])


def tabulate_touchpoints(responses: Responses, settings: FitSettings) -> pd.DataFrame:
    """One row per practice ("" for all pooled) and touchpoint, in journey order.

    Pooled figures, the variances that means are ``shrunk`` by and ``reliability`` rest on practices with at least
    ``minimum_n`` scores, so that nobody can work out the others. The benchmark is the middle half of those practices
    (p25 to p75). ``reason`` says why a row is hidden or has no interval, ``comparison_reason`` why it has no
    benchmark, or no shrunken mean and reliability.
    """
    scores = score_responses(responses)
    names = list(scores.columns)
    values = scores.to_numpy(dtype=np.float64)
    codes, practices = responses.practice_codes
    size = len(practices)
    mass = row_weights(responses, settings.weights)
    people = _counts(np.isfinite(values) & (mass > 0)[:, None], codes, size)
    stats = practice_stats(values, codes, size, None if settings.weights is None else mass)
    shown = people >= settings.minimum_n
    unmet = find_unmet(responses)[names].to_numpy()
    absent = _counts(unmet, codes, size)
    missing = _counts(~np.isfinite(values) & ~unmet, codes, size)
    figures = _figures(stats, people, _share_negative(values, codes, size, mass), settings)
    pooled = pool_practices(values, codes, shown, mass, settings.confidence)
    blocks = []
    for position, name in enumerate(names):
        some = shown[:, position]
        block = pd.DataFrame(
            {
                "practice_id": ["", *practices],
                "touchpoint": name,
                "position": position,
                "n": _with_pooled(people, some)[:, position].astype(np.int64),
                "n_not_applicable": _with_pooled(absent, some)[:, position].astype(np.int64),
                "n_missing": _with_pooled(missing, some)[:, position].astype(np.int64),
                **{key: np.r_[pooled[key][position], figures[key][:, position]] for key in _FIGURES},
                **_benchmark(stats.mean[some, position]),
            }
        )
        block["comparison_reason"] = _comparison_reason(block, int(some.sum()))
        blocks.append(_suppress(block, settings.minimum_n, [*_FIGURES, "n", "n_not_applicable", "n_missing"]))
    return pd.concat(blocks, ignore_index=True).sort_values(["practice_id", "position"], ignore_index=True)


def _share_negative(values: FloatArray, codes: np.ndarray, size: int, mass: FloatArray) -> FloatArray:
    """Weighted share of scores that are negative, shape (J, K); 0 without scores."""
    negative = _counts(values < NEGATIVE_BELOW, codes, size, mass)
    whole = _counts(np.isfinite(values), codes, size, mass)
    return negative / np.where(whole > 0, whole, 1.0)


def _figures(
    stats: PracticeStats, people: FloatArray, negative: FloatArray, settings: FitSettings
) -> dict[str, FloatArray]:
    visible = shown_stats(stats, people, settings.minimum_n)
    parts = variance_components(visible)
    df = np.maximum(stats.n - 1, 1)
    sd = np.sqrt(stats.ss / df)
    low, high = score_interval(stats.mean, sd, stats.n, settings.confidence, high=100.0)
    enough = (visible.n > 0).sum(axis=0) >= FEWEST_PRACTICES
    between = np.where(enough, parts.sigma2_between, np.nan)
    mu = gls_mean(visible.mean, visible.n, parts.sigma2_between, parts.sigma2_within)
    shrunk = shrink_means(stats.mean, stats.n, mu, between, parts.sigma2_within)
    return {
        "mean": stats.mean,
        "ci_low": low,
        "ci_high": high,
        "shrunk": shrunk,
        "reliability": practice_reliability(stats.n, between, parts.sigma2_within),
        "share_negative": negative,
        "feels": feels(stats.mean),
    }


def pool_practices(
    values: FloatArray, codes: np.ndarray, shown: np.ndarray, mass: FloatArray, confidence: float
) -> dict[str, FloatArray]:
    """Figures of all shown practices together; intervals from the spread between practices when there are several.

    The error of a (weighted) mean is that of a ratio, linearised over practices or patients (Särndal et al. 1992,
    section 5.6).
    """
    pooled = [_pool(column, codes, some, mass) for column, some in zip(values.T, shown.T, strict=True)]
    mean, error, df, negative = np.array(pooled, dtype=np.float64).reshape(-1, 4).T
    low, high = t_interval(mean, error, df, confidence)
    none = np.full_like(mean, np.nan)
    return {
        "mean": mean,
        "ci_low": np.clip(low, 0, 100),
        "ci_high": np.clip(high, 0, 100),
        "shrunk": none,
        "reliability": none,
        "share_negative": negative,
        "feels": feels(mean),
    }


def _pool(values: FloatArray, codes: IntArray, shown: BoolArray, mass: FloatArray) -> tuple[float, float, float, float]:
    """Mean of one column over the practices that are shown, its error, degrees of freedom, and share negative."""
    rows = np.flatnonzero(np.isfinite(values) & (mass > 0) & shown[codes])
    used, weight, code = values[rows], mass[rows], codes[rows]
    n, whole = rows.size, float(weight.sum())
    if not n:
        return np.nan, np.nan, 1.0, 0.0
    mean = float(weight @ used) / whole
    away = weight * (used - mean)
    practices = int((np.bincount(code) > 0).sum())
    parts = np.bincount(code, away) if practices >= 2 else away
    units = practices if practices >= 2 else n
    error = float(np.sqrt(parts @ parts * units / max(units - 1, 1))) / whole
    return mean, error, float(max(units - 1, 1)), float(weight[used < NEGATIVE_BELOW].sum()) / whole


def _benchmark(means: FloatArray) -> dict[str, float]:
    names = ("benchmark_low", "benchmark_high")
    if len(means) < FEWEST_PRACTICES:
        return dict.fromkeys(names, np.nan)
    return dict(zip(names, np.percentile(means, [25, 75]), strict=True))


def _comparison_reason(block: pd.DataFrame, practices: int) -> np.ndarray:
    """Why a touchpoint's rows have no benchmark, and those of practices no shrunken mean."""
    if practices < FEWEST_PRACTICES:
        return np.full(len(block), NOT_COMPARED, dtype=object)
    alike = block["shrunk"].isna() & (block["practice_id"] != "")
    return np.where(alike, NO_DIFFERENCES, "").astype(object)


def _suppress(frame: pd.DataFrame, minimum_n: int, columns: list[str]) -> pd.DataFrame:
    """Hide the figures, and the exact number of people, of rows on fewer than ``minimum_n``."""
    few = frame["n"] < minimum_n
    bare = frame["ci_low"].isna() if "ci_low" in frame else np.zeros(len(frame), dtype=bool)
    hidden = frame.assign(suppressed=few, reason=np.select([few, bare], [FEW_RESPONDENTS, NO_SPREAD], default=""))
    for name in columns:
        hidden[name] = hidden[name].astype("Int64" if name.startswith("n") else "float64").mask(few)
    return hidden


def tabulate_items(responses: Responses, settings: FitSettings) -> pd.DataFrame:
    """One row per practice ("" for all pooled) and item: n, mean (0-100), share of negative answers.

    ``n`` and the share are of whoever answered the item. The mean is over all who rated its touchpoint, so that items
    of one touchpoint compare like with like; ``mean_over`` says whether answers of some of them had to be allowed for
    (`compare_item_means`). Over all practices, practices weigh by those people.
    """
    values = score_items(responses).to_numpy(dtype=np.float64)
    codes, practices = responses.practice_codes
    size = len(practices)
    mass = row_weights(responses, settings.weights)
    answered = np.isfinite(values) & (mass > 0)[:, None]
    people = _counts(answered, codes, size)
    whole = _counts(answered, codes, size, mass)
    negative = _counts(values < NEGATIVE_BELOW, codes, size, mass)
    lowest, clearly = _find_lowest(responses, values, codes, size, settings.minimum_n)
    means, rated, over = _means_alike(responses, values, codes, size, mass)
    total = np.where(people > 0, rated * means, 0.0)
    blocks = []
    for position, placed in enumerate(responses.journey.items):
        shown = people[:, position] >= settings.minimum_n
        n = _with_pooled(people, shown)[:, position]
        weighed = np.maximum(_with_pooled(whole, shown)[:, position], np.finfo(float).tiny)
        rating = np.maximum(_with_pooled(rated, shown)[:, position], np.finfo(float).tiny)
        block = pd.DataFrame(
            {
                "practice_id": ["", *practices],
                "item": placed.id,
                "touchpoint": placed.touchpoint.id,
                "n": n.astype(np.int64),
                "mean": _with_pooled(total, shown)[:, position] / rating,
                "mean_over": [_worst(over[shown, position]), *over[:, position]],
                "share_negative": _with_pooled(negative, shown)[:, position] / weighed,
                "lowest": lowest[:, position],
                "clearly_lowest": clearly[:, position],
            }
        )
        hidden = _suppress(block, settings.minimum_n, ["n", "mean", "share_negative"])
        blocks.append(hidden.assign(mean_over=hidden["mean_over"].where(~hidden["suppressed"], "")))
    return pd.concat(blocks, ignore_index=True).sort_values("practice_id", kind="stable", ignore_index=True)


def _means_alike(
    responses: Responses, values: FloatArray, codes: np.ndarray, size: int, mass: FloatArray
) -> tuple[FloatArray, FloatArray, np.ndarray]:
    """Means of items over all who rated their touchpoint, their weight, and how; each of shape (practices, items)."""
    means, rated = np.full((size, values.shape[1]), np.nan), np.zeros((size, values.shape[1]))
    over = np.full(means.shape, ALL_ANSWERED, dtype=object)
    touchpoints = np.array([placed.touchpoint.id for placed in responses.journey.items])
    for name in dict.fromkeys(touchpoints):
        columns = np.flatnonzero(touchpoints == name)
        found = compare_item_means(values[:, columns], codes, size, mass)
        means[:, columns], rated[:, columns] = found.mean, found.mass
        kinds = np.where(found.incomplete, WHO_ANSWERED if found.reason else ESTIMATED, ALL_ANSWERED)
        over[:, columns] = kinds
    return means, rated, over


def _worst(over: np.ndarray) -> str:
    """What is true of a mean over practices: the least that holds of one of them."""
    return next((kind for kind in (WHO_ANSWERED, ESTIMATED) if kind in over), ALL_ANSWERED)


def _find_lowest(
    responses: Responses, values: FloatArray, codes: np.ndarray, size: int, minimum_n: int
) -> tuple[BoolArray, BoolArray]:
    """The item with the lowest mean of each touchpoint, and whether it is so clearly; shape (1 + practices, items).

    Items are compared over the people who answered all of the touchpoint's: means over whoever answered each would call
    an item low that the discontented were asked. Where fewer than ``minimum_n`` answered all, as when a form lacks
    one, the items that every form asked are compared; where still too few, none is the lowest. It is clearly so by two
    points or more that are also more than chance among these people (paired, 95 %): of equal questions rated by 15
    people one lay two points below the next in half of the contacts.
    """
    lowest = np.zeros((size + 1, values.shape[1]), dtype=bool)
    clearly = lowest.copy()
    touchpoints = np.array([placed.touchpoint.id for placed in responses.journey.items])
    common = np.array([placed.id not in responses.uncommon_items for placed in responses.journey.items])
    for name in dict.fromkeys(touchpoints):
        own = touchpoints == name
        for columns in (np.flatnonzero(own & common), np.flatnonzero(own)):  # what is known of all items goes before
            if not len(columns):
                continue
            complete, practice = _complete(values[:, columns], codes)
            stats = practice_stats(complete, practice, size)
            shown = stats.n[:, 0] >= minimum_n
            n = _with_pooled(stats.n, shown)[:, 0]
            total = _with_pooled(np.where(stats.n > 0, stats.n * stats.mean, 0.0), shown)
            known = n >= minimum_n
            order, rows = np.argsort(total, axis=1, kind="stable"), np.flatnonzero(known)
            first = columns[order[rows, 0]]
            least = _surely_below(complete, practice, order, shown) if len(columns) > 1 else np.ones(len(n), dtype=bool)
            lowest[np.ix_(rows, np.flatnonzero(own))] = clearly[np.ix_(rows, np.flatnonzero(own))] = False
            lowest[rows, first] = True
            clearly[rows, first] = least[rows]
    return lowest, clearly


def _surely_below(complete: FloatArray, practice: np.ndarray, order: IntArray, shown: BoolArray) -> BoolArray:
    """Whether the lowest item lies clearly below the next, of all who are shown and per practice; shape (1 + J,).

    Parameters
    ----------
    complete, practice
        Shapes (n, k) and (n,): ratings of who answered all, and their practices.
    order
        Shape (1 + J, k), items from low to high, of all who are shown before those of the practices.
    """
    size, every = len(shown), np.arange(len(complete))
    own = complete[every, order[1 + practice, 1]] - complete[every, order[1 + practice, 0]]
    pooled = (complete[:, order[0, 1]] - complete[:, order[0, 0]])[shown[practice]]
    gap = np.concatenate([pooled, own])
    where = np.concatenate([np.zeros(len(pooled), dtype=np.int64), 1 + practice])
    n = np.maximum(np.bincount(where, minlength=1 + size), 2)
    mean = np.bincount(where, gap, minlength=1 + size) / n
    spread = np.maximum(np.bincount(where, gap**2, minlength=1 + size) / n - mean**2, 0.0)
    return np.asarray((mean >= CLEARLY_LOWER) & (mean >= t.ppf(0.975, n - 1) * np.sqrt(spread / (n - 1))))


def _complete(values: FloatArray, codes: np.ndarray) -> tuple[FloatArray, np.ndarray]:
    """Only who answered all, and their practices."""
    every = np.isfinite(values).all(axis=1)
    return values[every], codes[every]


def tabulate_variance(responses: Responses, settings: FitSettings) -> pd.DataFrame:
    """How much practices differ, per rated outcome (on its own scale), touchpoint and item (0-100).

    One row each: ICC, variances between practices and between patients of a practice, F-test, and the number of
    responses a practice needs for a reliability of .7, .8 and .9; these from five practices on, since with three of
    150 answers and a true ICC of .03 half of the estimates lie outside 52 to 536. Only practices with at least
    ``minimum_n`` answers take part: variances and F together would give away the mean of one that is hidden.
    """
    outcomes = [outcome.id for outcome in responses.journey.rated_outcomes]
    touchpoints = score_responses(responses)
    columns = pd.concat([responses.numbers(outcomes), touchpoints, score_items(responses)], axis=1)
    codes, practices = responses.practice_codes
    values, mass = columns.to_numpy(dtype=np.float64), row_weights(responses, settings.weights)
    people = _counts(np.isfinite(values) & (mass > 0)[:, None], codes, len(practices))
    every = practice_stats(values, codes, len(practices), None if settings.weights is None else mass)
    stats = shown_stats(every, people, settings.minimum_n)
    parts = variance_components(stats)
    usable = np.isfinite(parts.icc)
    enough = np.where(parts.n_practices >= FEWEST_PRACTICES, parts.icc, np.nan)
    df1, df2 = parts.n_practices - 1, parts.n_obs - parts.n_practices
    p_value = fdtrc(np.where(usable, df1, 1), np.where(usable, df2, 1), np.where(usable, parts.f_value, 1.0))
    frame = pd.DataFrame(
        {
            "outcome_or_touchpoint": list(columns.columns),
            "icc": parts.icc,
            "sigma2_between": np.where(usable, parts.sigma2_between, np.nan),
            "sigma2_within": np.where(usable, parts.sigma2_within, np.nan),
            **{f"n_for_{goal}": _finite(needed_n(enough, goal / 100)) for goal in (70, 80, 90)},
            "f_value": np.where(usable, parts.f_value, np.nan),
            "p_value": np.where(usable, p_value, np.nan),
        }
    )
    none = np.where(parts.icc == 0, "practices were not seen to differ more than by chance", "")
    none = np.where((parts.icc > 0) & np.isnan(enough), NOT_NEEDED, none)
    few = "fewer than two practices with two answers each, or no spread"
    frame = frame.assign(reason=np.where(usable, none, few))
    hidden = stats.n.sum(axis=0) == 0
    frame.loc[hidden, frame.columns[1:-1]] = np.nan
    frame.loc[hidden, "reason"] = FEW_RESPONDENTS
    return frame


def _finite(values: FloatArray) -> FloatArray:
    return np.where(np.isfinite(values), values, np.nan)
