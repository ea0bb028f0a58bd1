"""What people send: an action, how one moved on, and what became of a call-back; checked, and written down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, cast

from pxanalysis.dashboard.words import MOVES
from pxanalysis.errors import PxError
from pxanalysis.study.calling_back import contact_store
from pxanalysis.survey.action_list import Action
from pxanalysis.survey.action_list.record import make_id

if TYPE_CHECKING:
    from pxanalysis.reporting.page.wording import Wording
    from pxanalysis.study import Study
    from pxanalysis.study.contacts import CallBackState
    from pxanalysis.survey.action_list.register import Move

__all__ = ["Fields", "Problem", "move_action", "move_call_back", "record_action"]

Fields = Mapping[str, str]
"""What came of a form, by the name of the field; one that did not come is empty."""

Problem = dict[str, str]
"""Why something was not written down: ``text``, and ``language`` where that is not the page's."""

LONGEST_IDEA, LONGEST_WORDS = 300, 80
_FIRST_DAY = date(2000, 1, 1)
_DAYS = ("idea_on", "decided_on", "started_on", "in_place_on")
_STATES = ("open", "done", "not reached", "closed")


def record_action(study: Study, practice_id: str, fields: Fields, wording: Wording) -> list[Problem]:
    """Record an action of a practice; what is wrong with it, or nothing when it stands in the register.

    Parameters
    ----------
    practice_id
        Of whoever sends it, which no field can change.
    """
    problems = []
    idea = _one_line(fields.get("idea", ""))
    role, kind = _one_line(fields.get("owner_role", "")), _one_line(fields.get("kind", ""))
    touchpoint = fields.get("touchpoint", "")
    if touchpoint not in {one.id for one in study.journey.touchpoints}:
        problems.append(_problem(wording, "touchpoint"))
    if not 0 < len(idea) <= LONGEST_IDEA:
        problems.append(_problem(wording, "idea", most=LONGEST_IDEA))
    if max(len(role), len(kind)) > LONGEST_WORDS:
        problems.append(_problem(wording, "long", most=LONGEST_WORDS))
    text = fields.get("decided_on", "")
    decided = _day(text, study.today)
    if text and decided is None:
        problems.append(_problem(wording, "day"))
    if problems:
        return problems
    idea_on = decided or study.today
    number = make_id(practice_id, touchpoint, idea, idea_on)
    if any(one.action_id == number for one in study.actions):
        return [_problem(wording, "twice")]
    action = Action(number, practice_id, touchpoint, idea, kind, role, idea_on=idea_on, decided_on=decided)
    try:
        study.add_action(action)
    except PxError as error:
        return _refused(wording, error)
    return []


def move_action(study: Study, practice_id: str, fields: Fields, wording: Wording) -> list[Problem]:
    """Let an action of a practice move on; what is wrong, or nothing when it did."""
    number = fields.get("action_id", "")
    action = next((one for one in study.actions if one.action_id == number and one.practice_id == practice_id), None)
    if action is None:
        return [_problem(wording, "action")]
    move = fields.get("move", "")
    if move not in MOVES[action.status]:
        return [_problem(wording, "move")]
    day = _day(fields.get("day", ""), study.today)
    if day is None:
        return [_problem(wording, "day")]
    if any(before > day for name in _DAYS if (before := getattr(action, name)) is not None):
        return [_problem(wording, "order")]
    try:
        study.move_action(number, cast("Move", move), day)
    except PxError as error:
        return _refused(wording, error)
    return []


def move_call_back(study: Study, practice_id: str, fields: Fields, wording: Wording) -> list[Problem]:
    """Write down what became of a call-back of a practice; what is wrong, or nothing when it was."""
    state, note = fields.get("state", ""), _one_line(fields.get("note", ""))
    if state not in _STATES:
        return [_problem(wording, "state")]
    if len(note) > LONGEST_IDEA:
        return [_problem(wording, "long", most=LONGEST_IDEA)]
    store, number = contact_store(study), fields.get("call", "")
    try:
        if number not in {one.number for one in store.read(practice_id, study.today)}:
            return [_problem(wording, "call")]
        store.move(number, practice_id, cast("CallBackState", state), note)
    except PxError as error:
        return _refused(wording, error)
    return []


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _day(text: str, today: date) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _FIRST_DAY <= day <= today else None


def _problem(wording: Wording, name: str, **values: int) -> Problem:
    return {"text": wording.text(f"live.error_{name}", **values), "language": ""}


def _refused(wording: Wording, error: PxError) -> list[Problem]:
    return [_problem(wording, "refused"), {"text": str(error), "language": "en"}]
