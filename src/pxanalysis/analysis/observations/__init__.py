"""What patients were seen and heard to do, think and feel, beside what they answered."""

from pxanalysis.analysis.observations.comparison import EmotionComparison
from pxanalysis.analysis.observations.reading import read_observations
from pxanalysis.analysis.observations.result import Observations

__all__ = ["EmotionComparison", "Observations", "read_observations"]
