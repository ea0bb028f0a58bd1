"""What has no outside value among the committed references, and how it is held instead."""

from __future__ import annotations

import pandas as pd

__all__ = ["table_held_otherwise"]

_ROWS = (
    (
        "gain, rank and chance to be among the first three",
        "no other program computes them",
        "known truth: simulated studies, coverage of intervals, chances that come true, advice that is right",
        "tests/analysis/calibration/test_estimate.py; notebooks/calibration.ipynb; benchmarks/calibration.md",
    ),
    (
        "intervals from the bootstrap of practices, also with missing answers",
        "random by nature",
        "each replicate equals what its resampled rows give; coverage in simulations",
        "tests/statistics/resampling/test_practices.py; tests/statistics/resampling/test_incomplete.py",
    ),
    (
        "intervals with few practices",
        "no published table",
        "simulation of what plain intervals miss, and of what the wider ones hold",
        "tests/statistics/resampling/test_few_practices.py",
    ),
    (
        "interval of a share of importance",
        "relaimpo's has Monte-Carlo error",
        "1,000 replicates beside relaimpo's 1,000, within .05",
        "tests/analysis/importance/test_estimate.py",
    ),
    (
        "effects corrected for measurement error by alpha",
        "values made by other code of this project",
        "two data sets computed twice, and the generator's true slopes",
        "tests/analysis/drivers/test_correction.py",
    ),
    (
        "effects within and between practices",
        "plain least squares does the same",
        "computed by hand from the same rows",
        "tests/analysis/drivers/test_levels.py",
    ),
    (
        "penalty and reward",
        "plain regression does the same",
        "statsmodels on the same rows; simulated must-be and attractive touchpoints",
        "tests/analysis/drivers/test_asymmetry.py",
    ),
    (
        "effects of kinds of action",
        "statsmodels computes the pooling only",
        "pooling beside statsmodels (Paule & Mandel); 300 simulated programmes with known effects",
        "tests/statistics/action_effects/test_action_effects.py; benchmarks/action_effects.md",
    ),
    (
        "event study",
        "needs the extra [research]",
        "by hand where that is simple, and the truth by simulation",
        "tests/analysis/action_effects/test_event_study.py",
    ),
    (
        "bootstrap intervals of indirect effects",
        "random by nature",
        "2,000 replicates beside lavaan's 1,000, within their Monte-Carlo error",
        "tests/analysis/sem/test_effects.py",
    ),
    (
        "models of the bfi answers; composites of the mobi answers",
        "their terms do not allow a copy here",
        "the same comparison, where the rows are found beside the project",
        "tests/analysis/sem/test_lavaan_values.py; tests/statistics/factor/test_composites.py",
    ),
    (
        "size of tests and coverage of paired net scores, as planned",
        "simulated in the reference",
        "simulated again with another seed, within the error of both",
        "tests/statistics/power/test_solving.py",
    ),
    (
        "who can be told from what is shown",
        "a property of the whole, not a value",
        "attackers with every page in hand, and properties",
        "tests/analysis/privacy/test_attackers.py; tests/analysis/privacy/test_system.py",
    ),
    (
        "masking of comments",
        "no shared corpus of dental comments",
        "recall and precision on comments frozen before the rules were mended",
        "tests/analysis/privacy/test_masking_corpus.py; tests/reference/privacy/README.md",
    ),
    (
        "emotion as seen beside the survey",
        "observation has no sampling error",
        "the scores are those of the reports; refusals and privacy",
        "tests/analysis/observations/test_comparison.py",
    ),
)


def table_held_otherwise() -> pd.DataFrame:
    """Statistic, why there is no outside value, how it is held instead, and the files that do it."""
    return pd.DataFrame(_ROWS, columns=["statistic", "why_none", "held_by", "where"])
