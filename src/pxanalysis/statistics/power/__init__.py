"""How many answers or practices a question takes, and how likely an effect is to be found with those there are.

Each function says which formula it is; where several are in use, the one a planner should take stands first.
"""

from pxanalysis.statistics.power.clusters import design_effect, effective_n, power_practice_arms, practices_per_arm
from pxanalysis.statistics.power.correlations import (
    n_for_correlation,
    n_for_dependent_correlations,
    power_correlation,
    power_dependent_correlations,
)
from pxanalysis.statistics.power.means import n_for_means, n_for_paired_means, power_means
from pxanalysis.statistics.power.regression import n_for_r2_increase, power_r2_increase
from pxanalysis.statistics.power.reliability import n_for_reliability, n_for_retest
from pxanalysis.statistics.power.shares import (
    n_for_net_difference,
    n_for_net_margin,
    n_for_shares,
    power_net_difference,
    power_shares,
)
from pxanalysis.statistics.power.simulated import (
    SimulatedPower,
    simulate_arms,
    simulate_dependent_correlations,
    simulate_driver,
)

__all__ = [
    "SimulatedPower",
    "design_effect",
    "effective_n",
    "n_for_correlation",
    "n_for_dependent_correlations",
    "n_for_means",
    "n_for_net_difference",
    "n_for_net_margin",
    "n_for_paired_means",
    "n_for_r2_increase",
    "n_for_reliability",
    "n_for_retest",
    "n_for_shares",
    "power_correlation",
    "power_dependent_correlations",
    "power_means",
    "power_net_difference",
    "power_practice_arms",
    "power_r2_increase",
    "power_shares",
    "practices_per_arm",
    "simulate_arms",
    "simulate_dependent_correlations",
    "simulate_driver",
]
