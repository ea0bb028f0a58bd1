"""Shares of top answers and net scores, alone and held against each other."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import multipletests

from pxanalysis.arrays import FloatArray
from pxanalysis.audit.metric_lab.sample import METRICS, PAIRS, Lab, Rows, codes_of
from pxanalysis.statistics.proportions.net_scores import (
    PairedInterval,
    compare_net_scores,
    estimate_net_score,
    paired_net_difference,
)
from pxanalysis.statistics.proportions.paired import compare_paired_shares, mcnemar_clustered

__all__ = ["nps", "top_box"]

Z = stats.norm.ppf(0.975)


def top_box(lab: Lab) -> Rows:
    """Shares of top answers and paired tests of them."""
    rows = lab.first.dropna(subset=list(METRICS))
    top = {a: rows[a].to_numpy() >= (5 if a == "ease" else 9) for a in METRICS}
    yield ("top_box", "n", "", "", "", "listwise over the metrics"), len(rows)
    share = "ktv 9-10, nps 9-10, ease 5 (ces 1); listwise over the metrics"
    plain, p_values = "no continuity correction", []
    for a in METRICS:
        yield ("top_box", "share", a, "", "", share), top[a].mean()
    clustered = "(sum d_k)^2 / sum d_k^2, d_k = b_k - c_k per practice (Durkalski 2003 / Obuchowski-type), 1 df"
    for a, b in PAIRS:
        found = compare_paired_shares(top[a], top[b])
        p_values.append(found.p_value)
        for quantity, variant, value in (
            ("b", "top on a only", found.only_first),
            ("c", "top on b only", found.only_second),
            ("mcnemar_chi2", plain, found.chi2),
            ("mcnemar_chi2", "continuity correction", found.chi2_corrected),
            ("mcnemar_p", plain, found.p_value),
            ("exact_p", "exact binomial", found.exact_p),
            ("mid_p", "mid-p", found.mid_p),
            ("difference", "", found.estimate),
            ("ci_low", "Wald paired", found.wald_low),
            ("ci_high", "Wald paired", found.wald_high),
            ("ci_low", "Bonett-Price 2012 adjusted Wald", found.ci_low),
            ("ci_high", "Bonett-Price 2012 adjusted Wald", found.ci_high),
            ("mcnemar_clustered_chi2", clustered, mcnemar_clustered(top[a], top[b], codes_of(rows))[0]),
        ):
            yield ("top_box", quantity, a, b, "", variant), value
    for (a, b), p in zip(PAIRS, multipletests(p_values, method="holm")[1], strict=True):
        yield ("top_box", "p_holm", a, b, "", "McNemar no continuity correction, 3 tests"), p


def _classes(values: pd.Series) -> FloatArray:
    answers = values.dropna().to_numpy(float)
    return (answers >= 9).astype(float) - (answers <= 6)


def nps(lab: Lab) -> Rows:
    """Net scores, their intervals and differences."""
    groups = {
        "wave 1 all": lab.first["nps"],
        "PR04 wave 1": lab.first.loc[lab.first["practice_id"] == "PR04", "nps"],
        "PR02 wave 1": lab.first.loc[lab.first["practice_id"] == "PR02", "nps"],
    }
    found = {name: estimate_net_score(_classes(answers)) for name, answers in groups.items()}
    for name, one in found.items():
        yield ("nps", "n", "", "", "", name), one.n
        yield ("nps", "promoters", "", "", "", name), one.positive
        yield ("nps", "detractors", "", "", "", name), one.negative
        yield ("nps", "net_score", "", "", "", name), one.estimate
        yield ("nps", "se", "", "", "", f"{name} divisor n"), one.std_error
        yield ("nps", "adjusted_score", "", "", "", f"{name} adjusted Wald (Rocks 2016)"), one.adjusted
        for adjusted, label in ((True, "adjusted Wald (Rocks 2016)"), (False, "Wald")):
            low, high = one.interval(adjusted=adjusted)
            yield ("nps", "ci_low", "", "", "", f"{name} {label}"), low
            yield ("nps", "ci_high", "", "", "", f"{name} {label}"), high
    head = "PR04 - PR02 independent"
    for adjusted, label in ((True, f"{head} adjusted Wald, each sample by Rocks"), (False, f"{head} Wald")):
        gap = compare_net_scores(found["PR02 wave 1"], found["PR04 wave 1"], adjusted=adjusted)
        yield ("nps", "ci_low", "", "", "", label), gap.ci_low
        yield ("nps", "ci_high", "", "", "", label), gap.ci_high
    yield ("nps", "difference", "", "", "", head), gap.estimate
    yield from _paired_nps(lab)


def _paired_nps(lab: Lab) -> Rows:
    pair = lab.both[["nps_1", "nps_2"]].dropna()
    x, y = _classes(pair["nps_1"]), _classes(pair["nps_2"])
    names = {-1: "detractor", 0: "passive", 1: "promoter"}
    for i, one in names.items():
        for j, other in names.items():
            variant = "paired table: a = wave 1 class, b = wave 2 class"
            yield ("nps", "count", one, other, "", variant), np.sum((x == i) & (y == j))
    head = "wave 2 - wave 1, divisor n"
    wald = paired_net_difference(x, y, interval="wald")
    yield ("nps", "paired_difference", "", "", "", head), wald.estimate
    yield ("nps", "paired_se", "", "", "", head), wald.std_error
    yield ("nps", "variance_wave1", "", "", "", head), x.var()
    yield ("nps", "variance_wave2", "", "", "", head), y.var()
    yield ("nps", "covariance", "", "", "", head), np.mean(x * y) - x.mean() * y.mean()
    yield ("nps", "variance_of_difference_per_patient", "", "", "", head), wald.std_error**2 * len(x)
    yield ("nps", "paired_z", "", "", "", "paired Wald"), wald.estimate / wald.std_error
    rocks = "paired adjusted Wald n+3, Q+3 (product of Rocks margins)"
    labels: dict[PairedInterval, str] = {
        "wald": "paired Wald",
        "rocks": rocks,
        "bonett-price": "paired adjusted Wald n+2, Q+2 (Bonett-Price device; advised)",
        "t": "paired t on the -1/0/1 scores",
    }
    for interval, label in labels.items():
        found = paired_net_difference(x, y, interval=interval)
        yield ("nps", "ci_low", "", "", "", label), found.ci_low
        yield ("nps", "ci_high", "", "", "", label), found.ci_high
        if interval == "rocks":  # centre and error of the adjusted interval, which are not shown apart
            yield ("nps", "paired_difference", "", "", "", rocks), (found.ci_low + found.ci_high) / 2
            yield ("nps", "paired_se", "", "", "", rocks), (found.ci_high - found.ci_low) / 2 / Z
