"""Power for what one more driver adds to the explained variance (noncentral F)."""

from __future__ import annotations

from typing import Literal

from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.power.solving import check_power, solve_n

__all__ = ["n_for_r2_increase", "power_r2_increase"]

Noncentrality = Literal["u+v+1", "n"]


def _f2(increase: float, r2: float) -> float:
    if not 0 < increase <= r2 < 1:
        raise AnalysisError(
            f"increase and r2: expected 0 < increase <= r2 < 1 (the increase is part of R²), received {increase} and "
            f"{r2}."
        )
    return increase / (1.0 - r2)


def power_r2_increase(
    increase: float,
    r2: float,
    n_drivers: int,
    n: float,
    alpha: float = 0.05,
    noncentrality: Noncentrality = "u+v+1",
) -> float:
    """Chance that a driver is found that adds ``increase`` to R².

    Parameters
    ----------
    r2
        Of the whole model, with this driver.
    n_drivers
        Drivers in the whole model.
    noncentrality
        f² times u + v + 1 (Cohen 1988; R's pwr) or times n (G*Power); f² is increase/(1 − R²).

    Examples
    --------
    >>> round(power_r2_increase(0.02, 0.40, 6, 250), 4)
    0.8123
    """
    from scipy.stats import f, ncf

    rest = n - n_drivers - 1.0
    if rest <= 0:
        return 0.0
    times = n if noncentrality == "n" else rest + 2.0
    return float(ncf.sf(f.ppf(1.0 - alpha, 1, rest), 1, rest, _f2(increase, r2) * times))


def n_for_r2_increase(
    increase: float,
    r2: float,
    n_drivers: int,
    power: float = 0.8,
    alpha: float = 0.05,
    noncentrality: Noncentrality = "u+v+1",
) -> float:
    """People (unrounded) for which a driver that adds ``increase`` to R² is found."""
    check_power(alpha, power)
    _f2(increase, r2)
    return solve_n(
        lambda n: power_r2_increase(increase, r2, n_drivers, n, alpha, noncentrality), power, n_drivers + 2.0
    )
