"""What practices decided to change: one record per action, where it stands, and how it came there."""

from pxanalysis.survey.action_list.record import Action, ActionStatus
from pxanalysis.survey.action_list.register import ActionRegister

__all__ = ["Action", "ActionRegister", "ActionStatus"]
