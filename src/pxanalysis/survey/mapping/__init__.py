"""From an export to a journey: which column is which question, and a first journey where there is none yet."""

from pxanalysis.survey.mapping.draft import Draft, draft_journey

__all__ = ["Draft", "draft_journey"]
