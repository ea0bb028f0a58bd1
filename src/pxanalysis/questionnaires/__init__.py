"""How it is asked: a questionnaire in the form of each survey tool, derived from the journey."""

from pxanalysis.questionnaires.write import WrittenQuestionnaire, write_questionnaire

__all__ = ["WrittenQuestionnaire", "write_questionnaire"]
