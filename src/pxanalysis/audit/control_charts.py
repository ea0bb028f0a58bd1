"""Control limits beside NHS England's own R package and qicharts2."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from pxanalysis.audit.record import Check, beside
from pxanalysis.statistics.control_charts import ControlLimits, i_prime_limits, p_prime_limits, xmr_limits

__all__ = ["check_control_charts"]

DOTS, QICHARTS = "R NHSRplotthedots 0.2.2", "R qicharts2 0.8.1"


def check_control_charts(folder: Path) -> Iterator[Check]:
    """Centre and limits of every point of 35 series (XmR), and of shares and means with unequal numbers."""
    room = folder / "trends_actions"
    yield from _xmr(room)
    yield from _shares(room)
    yield from _means(room)


def _xmr(room: Path) -> Iterator[Check]:
    series = pd.read_csv(room / "xmr_series.csv")
    options = pd.read_csv(room / "xmr_options.csv").set_index("series")
    for (name, screened), there in pd.read_csv(room / "xmr_ptd_points.csv").groupby(["series", "screen_outliers"]):
        rows, option = series[series["series"] == name], options.loc[str(name)]
        values = rows["y"].to_numpy(dtype=float)
        baseline: int | None = (
            None if pd.isna(option["fix_after_n"]) else int(str(option["fix_after_n"]).removesuffix(".0"))
        )
        parts = [values]
        if isinstance(option["rebase_date"], str):
            at = int((rows["date"] < option["rebase_date"]).sum())
            parts = [values[:at], values[at:]]
        found = [xmr_limits(part, baseline=baseline, screened=bool(screened)) for part in parts]
        centre, low, high = (np.concatenate([getattr(one, end) for one in found]) for end in ("centre", "low", "high"))
        terms = [f"{name}, {'screened' if screened else 'all'}, point {number}" for number in range(1, len(values) + 1)]
        yield from beside("XmR centre", terms, centre, there["mean"], DOTS, rtol=1e-9)
        # where nothing varies the R package gives no limits (see the README there)
        if np.isfinite(there["upl"]).all():
            yield from beside("XmR lower limit", terms, low, there["lpl"], DOTS, atol=1e-9)
            yield from beside("XmR upper limit", terms, high, there["upl"], DOTS, atol=1e-9)


def _shares(room: Path) -> Iterator[Check]:
    frame = pd.read_csv(room / "p_qicharts2.csv")
    keys = ["series", "chart", "screened_mr", "freeze"]
    for (name, kind, screened, freeze), rows in frame.assign(freeze=frame["freeze"].fillna(0).astype(int)).groupby(
        keys
    ):
        counts, n = rows["y"].to_numpy(dtype=float), rows["n"].to_numpy(dtype=float)
        found = p_prime_limits(counts, n, baseline=int(str(freeze)) or None, screened=bool(screened), plain=kind == "p")
        yield from _ends("p" if kind == "p" else "p'", str(name), found, rows, rtol=1e-9, atol=1e-9)


def _means(room: Path) -> Iterator[Check]:
    frame = pd.read_csv(room / "ip_qicharts2.csv")
    for (name, kind, freeze), rows in frame.assign(freeze=frame["freeze"].fillna(0).astype(int)).groupby(
        ["series", "chart", "freeze"]
    ):
        means, n = rows["mean"].to_numpy(dtype=float), rows["n"].to_numpy(dtype=float)
        if kind == "ip" and not freeze:  # frozen, the source takes the spread from all points, which is wrong
            found = i_prime_limits(means, n, baseline=None, screened=False)
            yield from _ends("I'", str(name), found, rows, rtol=1e-6, atol=0.0)
        elif kind != "ip":
            limits = xmr_limits(means, baseline=int(str(freeze)) or None, screened=False)
            scale = 3 / 1.128 / 2.66  # qicharts2 divides by 1.128 where NHS England multiplies by 2.66
            low, high = (limits.centre + scale * (end - limits.centre) for end in (limits.low, limits.high))
            rescaled = ControlLimits(limits.centre, low, high, limits.near_low, limits.near_high)
            yield from _ends("I", str(name), rescaled, rows, rtol=1e-6, atol=0.0)


def _ends(
    chart: str, name: str, found: ControlLimits, rows: pd.DataFrame, *, rtol: float, atol: float
) -> Iterator[Check]:
    terms = [f"{name}, point {number}" for number in range(1, len(rows) + 1)]
    yield from beside(f"{chart} centre", terms, found.centre, rows["cl"], QICHARTS, rtol=rtol, atol=atol)
    # shares of 0 or 1 have no limits there
    if np.isfinite(found.low).all() and np.isfinite(rows["lcl"]).all():
        yield from beside(f"{chart} lower limit", terms, found.low, rows["lcl"], QICHARTS, rtol=rtol, atol=atol)
        yield from beside(f"{chart} upper limit", terms, found.high, rows["ucl"], QICHARTS, rtol=rtol, atol=atol)
