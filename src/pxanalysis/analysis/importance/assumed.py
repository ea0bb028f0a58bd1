"""What the order of drivers would be if single questions were as reliable as is assumed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pxanalysis.analysis.drivers.design import ScaleFacts
from pxanalysis.analysis.drivers.model import DriverModel
from pxanalysis.analysis.drivers.precision import estimate_precision
from pxanalysis.analysis.importance.shares import share_out
from pxanalysis.statistics.measurement_error import correct_covariance
from pxanalysis.statistics.relative_importance.methods import choose_method

__all__ = ["ASSUMED_RELIABILITY", "order_by_assumed_reliability"]

ASSUMED_RELIABILITY = (0.5, 0.7, 0.9)
"""Reliabilities of one question that are tried; Wanous & Reichers (1996) found at least .57 to .70."""


def order_by_assumed_reliability(model: DriverModel) -> dict[str, list[str]]:
    """Drivers by corrected importance, largest first, for each reliability that single questions are taken to have.

    Returns
    -------
    Keys ``"0.5", "0.7", "0.9"``; empty without a correction or without a single question whose reliability is borrowed,
    and a key is left out where the errors would be larger than the covariances allow.
    """
    if model.correction is None:
        return {}
    names = (*model.design.covariates, *model.design.drivers)
    single = [name for name, source in zip(names, model.correction.source, strict=True) if source == "borrowed"]
    if not single:
        return {}
    found = {}
    for reliability in ASSUMED_RELIABILITY:
        stated = model.design.scales | {name: ScaleFacts(None, reliability) for name in single}
        design = replace(model.design, scales=stated)
        covariance = model.moments.covariance
        everybody = np.ones((1, len(design.practices)), dtype=np.int32)
        precision = estimate_precision(design, np.diagonal(covariance)[None, :-1], everybody)
        corrected = correct_covariance(covariance, precision.error[0])
        if corrected.kappa < 1:
            continue
        shares = share_out(model, corrected.covariance, choose_method(len(design.drivers)))
        found[f"{reliability:g}"] = [design.drivers[place] for place in np.argsort(-shares, kind="stable")]
    return found
