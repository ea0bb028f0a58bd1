"""What it does to errors that patients of one practice are more alike than others."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pxanalysis.arrays import FloatArray, IntArray
from pxanalysis.audit.metric_lab.sample import CASE_MIX, CRITERIA, METRICS, PAIRS, Lab, Rows, codes_of
from pxanalysis.statistics.dependent_correlations import difference_clustered
from pxanalysis.statistics.prediction.discrimination import replicate_areas
from pxanalysis.statistics.regression.least_squares import bias_reduced, sum_by_cluster
from pxanalysis.statistics.regression.proportional_odds import (
    CategoricalFit,
    category_probabilities,
    fit_categorical,
    robust_errors,
)
from pxanalysis.statistics.resampling.practices import bootstrap_moments

__all__ = ["clustered"]


def clustered(lab: Lab) -> Rows:
    """Correlations, areas and joint models with errors that know about practices."""
    section = "dependent_correlations_cluster"
    sandwich = "cluster sandwich times sqrt(G/(G-1)) (lavaan 0.6-14)"
    percentile = "percentile; tolerance .2 SE"
    for c in CRITERIA:
        rows = lab.sample(c)
        y, codes = rows[c].to_numpy(float), codes_of(rows)
        drawn = bootstrap_moments(rows[[*METRICS, c]].to_numpy(float), codes, 4000, 4)
        spread = np.sqrt(np.diagonal(drawn.cov, axis1=1, axis2=2))
        r = drawn.cov[:, :3, 3] / (spread[:, :3] * spread[:, 3:])
        for a in METRICS:
            error = difference_clustered(rows[a].to_numpy(float), None, y, codes).std_error
            yield ("correlation_cluster", "se", a, "", c, sandwich), error
        areas = None
        if c != "spend":
            areas = replicate_areas(rows[list(METRICS)].to_numpy(float), y == 1, drawn.units, drawn.counts)
        for a, b in PAIRS:
            i, j = METRICS.index(a), METRICS.index(b)
            found = difference_clustered(rows[a].to_numpy(float), rows[b].to_numpy(float), y, codes)
            yield (section, "difference", a, b, c, ""), found.estimate
            yield (section, "se", a, b, c, sandwich), found.std_error
            yield (section, "z", a, b, c, sandwich), found.estimate / found.std_error
            gap = r[:, i] - r[:, j]
            yield (section, "boot_se", a, b, c, "4000 resamples of practices, seed 4; tolerance 8 %"), gap.std(ddof=1)
            yield (section, "boot_ci_low", a, b, c, percentile), np.quantile(gap, 0.025)
            yield (section, "boot_ci_high", a, b, c, percentile), np.quantile(gap, 0.975)
            if areas is not None:
                text = "difference of AUC, 4000 resamples of practices, seed 4; tolerance 8 %"
                yield ("auc_cluster", "boot_se", a, b, c, text), (areas[:, i] - areas[:, j]).std(ddof=1)
        yield from _joint(rows, c, codes)


def _dense_cr2(fit: CategoricalFit, x: FloatArray, y: FloatArray, codes: IntArray) -> FloatArray:
    """CR2 of a logit with clubSandwich's root of the adjustment, by matrices of n_j x n_j.

    Bell & McCaffrey's condition A(I − H)ΦA' = Φ has more than one root when the weights differ: the package takes the
    symmetric one of the weighted rows, clubSandwich that of D(Φ − XMX')D with D² = Φ on the scale of the answers. The
    errors differ by less than .3 % here; the degrees of freedom are the same.
    """
    design = np.column_stack([np.ones(len(x)), x])
    chance = category_probabilities(fit, x)[:, 1]
    weight = chance * (1 - chance)
    bread = np.linalg.inv((design * weight[:, None]).T @ design)
    meat = np.zeros_like(bread)
    for j in range(codes.max() + 1):
        here = codes == j
        part, d = design[here] * weight[here, None], np.diag(weight[here] ** 0.5)
        inner = d @ (np.diag(weight[here]) - part @ bread @ part.T) @ d
        values, vectors = np.linalg.eigh(inner)
        root = d @ (vectors / np.sqrt(values)) @ vectors.T @ d
        score = design[here].T @ root @ (y[here] - chance[here])
        meat += np.outer(score, score)
    return bread @ meat @ bread


def _joint(rows: pd.DataFrame, c: str, codes: IntArray) -> Rows:
    x = rows[[*METRICS, *CASE_MIX]].to_numpy(float)
    unit = " (spend/100)" if c == "spend" else ""
    model = "OLS" if c == "spend" else "logit"
    if c == "spend":
        y, design = rows[c].to_numpy(float) / 100, np.column_stack([np.ones(len(x)), x])
        estimate = np.linalg.lstsq(design, y, rcond=None)[0]
        sums = sum_by_cluster(design, y - design @ estimate, codes)
        covariance, degrees = bias_reduced(sums)
    else:
        fit = fit_categorical(rows[c].to_numpy(float), x, units=codes)
        estimate, sums = fit.parameters, fit.sums
        degrees = robust_errors(fit, clustered=True)[1]
        covariance = _dense_cr2(fit, x, rows[c].to_numpy(float), codes)
    bread = np.linalg.inv(sums.information.sum(axis=0))
    groups = len(sums.score)
    plain = groups / (groups - 1) * bread @ sums.score.T @ sums.score @ bread
    for k, a in enumerate(METRICS, start=1):
        yield ("joint_model", "estimate", a, "", c, f"{model}: ktv+nps+ease+age+complex{unit}"), estimate[k]
        yield ("joint_model", "se", a, "", c, f"CR2 by practice{unit}"), np.sqrt(covariance[k, k])
        yield ("joint_model", "df", a, "", c, "Satterthwaite"), degrees[k]
        variant = f"CR by practice, factor G/(G-1) only (vcovCL HC0){unit}"
        yield ("joint_model", "se", a, "", c, variant), np.sqrt(plain[k, k])
