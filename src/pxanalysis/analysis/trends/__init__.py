"""How outcomes and touchpoints go over time, and whether a change is more than the usual ups and downs."""

from pxanalysis.analysis.trends.chart import CourseChart, chart_course
from pxanalysis.analysis.trends.estimate import Rebase, estimate_trends
from pxanalysis.analysis.trends.result import TrendsResult

__all__ = ["CourseChart", "Rebase", "TrendsResult", "chart_course", "estimate_trends"]
