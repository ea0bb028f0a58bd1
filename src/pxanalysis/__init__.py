"""What patients find important, and what a practice should improve first.

>>> import pxanalysis as pxa
>>> pxa.read_journey("dental-treatment").title["en"]
'A treatment at the dentist'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from pxanalysis._version import __version__

_HOMES = {
    "fit_sem": "pxanalysis.analysis.sem",
    "compare_groups": "pxanalysis.analysis.sem",
    "SemOptions": "pxanalysis.analysis.sem",
    "plan_study": "pxanalysis.analysis.planning",
    "compare_metrics": "pxanalysis.analysis.comparison",
    "Study": "pxanalysis.study",
    "compare_practices": "pxanalysis.analysis.practices",
    "estimate_action_effects": "pxanalysis.analysis.action_effects.estimate",
    "estimate_differences": "pxanalysis.analysis.metrics",
    "estimate_importance": "pxanalysis.analysis.importance.estimate",
    "estimate_metrics": "pxanalysis.analysis.metrics",
    "estimate_priorities": "pxanalysis.analysis.priorities",
    "estimate_reliability": "pxanalysis.analysis.reliability",
    "estimate_trends": "pxanalysis.analysis.trends.estimate",
    "fit_drivers": "pxanalysis.analysis.drivers.fit",
    "open_study": "pxanalysis.study",
    "plot_correlations": "pxanalysis.analysis.reliability",
    "plot_scores": "pxanalysis.analysis.practices",
    "pool_drivers": "pxanalysis.analysis.drivers.pooling",
    "read_journey": "pxanalysis.journey.reading",
    "read_observations": "pxanalysis.analysis.observations.reading",
    "read_survey": "pxanalysis.survey.reading",
    "score_responses": "pxanalysis.survey.scores",
    "simulate_survey": "pxanalysis.simulation.study",
    "write_questionnaire": "pxanalysis.questionnaires.write",
}

__all__ = [
    "SemOptions",
    "Study",
    "__version__",
    "compare_groups",
    "compare_metrics",
    "compare_practices",
    "estimate_action_effects",
    "estimate_differences",
    "estimate_importance",
    "estimate_metrics",
    "estimate_priorities",
    "estimate_reliability",
    "estimate_trends",
    "fit_drivers",
    "fit_sem",
    "open_study",
    "plan_study",
    "plot_correlations",
    "plot_scores",
    "pool_drivers",
    "read_journey",
    "read_observations",
    "read_survey",
    "score_responses",
    "simulate_survey",
    "write_questionnaire",
]

if TYPE_CHECKING:
    from pxanalysis.analysis.action_effects.estimate import estimate_action_effects
    from pxanalysis.analysis.comparison import compare_metrics
    from pxanalysis.analysis.drivers.fit import fit_drivers
    from pxanalysis.analysis.drivers.pooling import pool_drivers
    from pxanalysis.analysis.importance.estimate import estimate_importance
    from pxanalysis.analysis.metrics import estimate_differences, estimate_metrics
    from pxanalysis.analysis.observations.reading import read_observations
    from pxanalysis.analysis.planning import plan_study
    from pxanalysis.analysis.practices import compare_practices, plot_scores
    from pxanalysis.analysis.priorities import estimate_priorities
    from pxanalysis.analysis.reliability import estimate_reliability, plot_correlations
    from pxanalysis.analysis.sem import SemOptions, compare_groups, fit_sem
    from pxanalysis.analysis.trends.estimate import estimate_trends
    from pxanalysis.journey.reading import read_journey
    from pxanalysis.questionnaires.write import write_questionnaire
    from pxanalysis.simulation.study import simulate_survey
    from pxanalysis.study import Study, open_study
    from pxanalysis.survey.reading import read_survey
    from pxanalysis.survey.scores import score_responses


def __getattr__(name: str) -> Any:
    # Heavy modules are imported when first used, so that `import pxanalysis` stays a matter of milliseconds.
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'pxanalysis' has no attribute '{name}'. It has: {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted(__all__)
