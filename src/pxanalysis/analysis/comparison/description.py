"""What each metric looks like by itself, and how far their net scores and best answers differ in the same people."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd

from pxanalysis.analysis.comparison.association import adjust_family
from pxanalysis.analysis.comparison.plan import Transform
from pxanalysis.analysis.comparison.sample import ComparisonSample
from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.inputs import encode_clusters
from pxanalysis.statistics.proportions.intervals import wilson
from pxanalysis.statistics.proportions.net_scores import estimate_net_score, paired_net_difference
from pxanalysis.statistics.proportions.paired import compare_paired_shares, mcnemar_clustered

__all__ = ["between_metrics", "compare_shares", "describe_metrics"]

IntArray = npt.NDArray[np.intp]

SHARES: tuple[Transform, ...] = ("top2", "top")


def describe_metrics(sample: ComparisonSample, confidence: float) -> pd.DataFrame:
    """One row per metric, high is good.

    Columns: ``term, label, kind, scale, n, missing`` (proportion that did not answer), ``mean, sd, median, skew,
    floor, ceiling`` (proportion at the worst and best answer), ``top2, net, ci_low, ci_high`` (of the net score,
    adjusted Wald, independent people), ``reason``.
    """
    from scipy.stats import skew

    rows = []
    for metric in sample.metrics:
        answers = sample.answers[metric.id].to_numpy()
        given = answers[np.isfinite(answers)]
        row: dict[str, object] = {
            "term": metric.id,
            "label": metric.label,
            "kind": metric.kind,
            "scale": f"{metric.low:g}–{metric.high:g}" + (" (turned)" if metric.turned else ""),
            "n": given.size,
            "missing": 1.0 - given.size / len(answers),
            "mean": given.mean(),
            "sd": given.std(ddof=1),
            "median": float(np.median(given)),
            "skew": float(skew(given, bias=False)),
            "floor": float((given == metric.low).mean()),
            "ceiling": float((given == metric.high).mean()),
            "top2": float(metric.apply(given, "top2").mean()),
            "net": np.nan,
            "ci_low": np.nan,
            "ci_high": np.nan,
            "reason": metric.reason("net"),
        }
        if not metric.reason("net"):
            net = estimate_net_score(metric.apply(given, "net"))
            row["net"] = net.estimate
            row["ci_low"], row["ci_high"] = net.interval(confidence)
        row["ceiling_low"], row["ceiling_high"] = (
            float(limit) for limit in wilson(float(str(row["ceiling"])), float(given.size), confidence)
        )
        rows.append(row)
    return pd.DataFrame(rows)


def compare_shares(sample: ComparisonSample, confidence: float) -> pd.DataFrame:
    """One row per pair of metrics and form (``net``, ``top2``, ``top``), in the people who answered all metrics.

    Columns: ``term, first, second, transform, n, estimate`` (first − second, −2…2), ``std_error, ci_low, ci_high``
    (net: Bonett & Price's device, n + 2 and Q + 2; shares: Bonett & Price), ``moved_one, moved_two`` (people one and
    two classes apart), ``mcnemar, p_value`` (of shares, allowing for practices where there are any), ``p_holm`` (over
    the pairs of a form), ``reason``.
    """
    rows_used = np.flatnonzero(sample.complete)
    codes = None if sample.practices is None else encode_clusters(sample.practices[rows_used], rows_used.size)[0]
    rows = []
    for one, other in combinations(range(len(sample.metrics)), 2):
        first, second = sample.metrics[one], sample.metrics[other]
        head = {"term": f"{first.id} − {second.id}", "first": first.id, "second": second.id, "n": rows_used.size}
        reason = "; ".join(filter(None, (first.reason("net"), second.reason("net"))))
        net: dict[str, object] = {"transform": "net", "reason": reason}
        if not reason:
            a, b = sample.columns(rows_used, "net")[:, [one, other]].T
            gap = paired_net_difference(b, a, confidence)
            apart = np.abs(a - b)
            net |= {"estimate": gap.estimate, "std_error": gap.std_error, "ci_low": gap.ci_low, "ci_high": gap.ci_high}
            net |= {"moved_one": int((apart == 1).sum()), "moved_two": int((apart == 2).sum())}
        rows.append(head | net)
        rows += [head | _share_row(sample, rows_used, (one, other), form, codes, confidence) for form in SHARES]
    table = pd.DataFrame(rows)
    return table.assign(p_holm=table.groupby("transform")["p_value"].transform(lambda p: adjust_family(p)))


def _share_row(
    sample: ComparisonSample,
    rows_used: IntArray,
    pair: tuple[int, int],
    form: Transform,
    codes: IntArray | None,
    confidence: float,
) -> dict[str, object]:
    a, b = (sample.columns(rows_used, form)[:, k] == 1 for k in pair)
    found = compare_paired_shares(a, b, confidence)
    chi2, p = found.chi2, found.p_value
    if codes is not None and codes.max() > 0:
        chi2, p = mcnemar_clustered(a, b, codes)
    apart = found.only_first + found.only_second
    limits = {"estimate": found.estimate, "ci_low": found.ci_low, "ci_high": found.ci_high}
    reason = "" if apart else "nobody counts on one metric only"
    return {"transform": form, **limits, "moved_one": apart, "mcnemar": chi2, "p_value": p, "reason": reason}


def between_metrics(sample: ComparisonSample) -> pd.DataFrame:
    """Correlations of the metrics with each other: ``term, first, second, n, estimate, spearman``."""
    complete = sample.answers[sample.complete]
    if len(complete) < 3:
        raise NotEstimableError("fewer than three people answered all metrics.", "too_few")
    pearson, spearman = complete.corr(), complete.corr(method="spearman")
    return pd.DataFrame(
        [
            {
                "term": f"{first} with {second}",
                "first": first,
                "second": second,
                "n": len(complete),
                "estimate": pearson.loc[first, second],
                "spearman": spearman.loc[first, second],
            }
            for first, second in combinations(complete.columns, 2)
        ]
    )
