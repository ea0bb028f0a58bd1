"""How many people and practices a study takes."""

from pxanalysis.analysis.planning.plan import plan_study
from pxanalysis.analysis.planning.questions import QUESTIONS, QuestionName
from pxanalysis.analysis.planning.result import StudyPlan

__all__ = ["QUESTIONS", "QuestionName", "StudyPlan", "plan_study"]
