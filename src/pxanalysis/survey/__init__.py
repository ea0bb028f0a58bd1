"""What patients answered: read, checked, stored and scored."""

from pxanalysis.survey.responses import Responses
from pxanalysis.survey.scores import score_items, score_responses

__all__ = ["Responses", "score_items", "score_responses"]
