"""From an export to a journey: which column is which question, and a first journey where there is none yet."""

from pxanalysis.survey.mapping.draft import Draft, draft_journey
from pxanalysis.survey.mapping.propose import ColumnMap, ColumnProposal, propose_columns

__all__ = ["ColumnMap", "ColumnProposal", "Draft", "draft_journey", "propose_columns"]
