"""The actions of a study: what stands in their history, and how one is added or moves on."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pxanalysis.errors import SurveyError
from pxanalysis.survey.action_list.history import Entry, append_entries, read_history
from pxanalysis.survey.action_list.reading import read_actions
from pxanalysis.survey.action_list.record import Action, find_contradictions, make_id, raise_all

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ActionRegister", "Move"]

Move = Literal["choose", "start", "done", "drop"]

_DAY_OF: dict[str, str] = {
    "choose": "decided_on",
    "start": "started_on",
    "done": "in_place_on",
    "drop": "dropped_on",
}

_FROM: dict[str, tuple[str, ...]] = {
    "choose": ("idea",),
    "start": ("chosen",),
    "done": ("chosen", "started"),
    "drop": ("idea", "chosen", "started", "done"),
}
"""Where an action has to stand to make a move."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ActionRegister:
    """Actions of all practices.

    Attributes
    ----------
    path
        File with their history.
    practices
        Known practice ids; empty: not known, and not checked.
    touchpoints
        Ids of the journey's touchpoints.
    renamed
        Former id of a touchpoint to the one it has now.
    """

    path: Path
    practices: Collection[str]
    touchpoints: Collection[str]
    renamed: Mapping[str, str]

    def __repr__(self) -> str:
        actions = self.actions
        return f"ActionRegister({len(actions)} actions of {len({one.practice_id for one in actions})} practices)"

    def __iter__(self) -> Iterator[Action]:
        return iter(self.actions)

    def __len__(self) -> int:
        return len(self.actions)

    @property
    def history(self) -> list[Entry]:
        """Every change, oldest first."""
        return read_history(self.path)

    @property
    def actions(self) -> list[Action]:
        """Each action as it stands now, in the order in which they were added; renamed touchpoints by their new id."""
        latest = {entry.action.action_id: entry.action for entry in self.history}
        return [replace(one, touchpoint=self.renamed.get(one.touchpoint, one.touchpoint)) for one in latest.values()]

    @property
    def frame(self) -> pd.DataFrame:
        """One row per action as it stands now."""
        import pandas as pd  # a command that lists actions starts without it

        columns = list(Action("", "", "", "").as_plain())
        frame = pd.DataFrame([one.as_plain() for one in self.actions], columns=columns)
        days = [name for name in columns if name.endswith("_on")]
        return frame.assign(**{name: pd.to_datetime(frame[name]) for name in days})

    def _repr_html_(self) -> str:
        return str(self.frame.to_html(index=False, na_rep="", border=0))

    def find(self, action_id: str) -> Action:
        """One action.

        Raises
        ------
        SurveyError
            When there is none of that id.
        """
        known = {one.action_id: one for one in self.actions}
        if action_id not in known:
            near = difflib.get_close_matches(action_id, known, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise SurveyError(f"there is no action '{action_id}'.{hint} 'pxanalysis actions list' shows all.")
        return known[action_id]

    def add(self, action: Action, today: date) -> Action:
        """Record a new action; without an id it gets one.

        Raises
        ------
        SurveyError
            Saying all that is wrong with it, or that it is there already.
        """
        action = self._named(action)
        raise_all("the action", self._problems(action, today))
        if any(one.action_id == action.action_id for one in self.actions):
            raise SurveyError(
                f"action '{action.action_id}' is there already. Move it on with 'pxanalysis actions start' or 'done', "
                "or give another --id."
            )
        append_entries(self.path, [Entry(today, "add", action)])
        return action

    def move(self, action_id: str, move: Move, day: date, today: date, **changes: object) -> Action:
        """Let an action move on: chosen, started, in place or dropped on a day.

        Raises
        ------
        SurveyError
            When it does not stand where it should, or the day cannot be.
        """
        action = self.find(action_id)
        if action.status not in _FROM[move]:
            raise SurveyError(
                f"action '{action_id}': '{move}' is for an action that is {' or '.join(_FROM[move])}; this one is "
                f"{action.status}." + (" First: 'pxanalysis actions choose'." if action.status == "idea" else "")
            )
        moved = replace(action, **{_DAY_OF[move]: day}, **changes)  # type: ignore[arg-type]
        raise_all(f"action '{action_id}'", find_contradictions(moved, today))
        append_entries(self.path, [Entry(today, move, moved)])
        return moved

    def take_in(self, path: Path, today: date) -> list[Entry]:
        """Take a list over: what is new is added, what differs is recorded as a move or a correction.

        An action that is no longer in the list stays: what was begun was begun. Returns the entries that were made.

        Raises
        ------
        SurveyError
            Saying all that is wrong in the list; nothing is then taken over.
        """
        listed = [(place, self._named(action)) for place, action in read_actions(path)]
        problems = [f"{place}: {one}" for place, action in listed for one in self._problems(action, today)]
        seen: dict[str, str] = {}
        for place, action in listed:
            if action.action_id in seen:
                problems.append(
                    f"{place}: action '{action.action_id}' stands at {seen[action.action_id]} too. Keep one."
                )
            seen[action.action_id] = place
        if problems:
            raise SurveyError("\n".join(problems))
        known = {one.action_id: one for one in self.actions}
        entries = [
            Entry(today, _what_changed(known.get(action.action_id), kept), kept, path.name)
            for _, action in listed
            if (kept := _with_expected(action, known.get(action.action_id))) != known.get(action.action_id)
        ]
        if entries:
            append_entries(self.path, entries)
        return entries

    def _named(self, action: Action) -> Action:
        action = replace(action, touchpoint=self.renamed.get(action.touchpoint, action.touchpoint))
        made = make_id(action.practice_id, action.touchpoint, action.idea, action.idea_on)
        return action if action.action_id else replace(action, action_id=made)

    def _problems(self, action: Action, today: date) -> list[str]:
        found = find_contradictions(action, today)
        if action.practice_id and self.practices and action.practice_id not in self.practices:
            found.append(_unknown("practice_id", "practice", action.practice_id, self.practices))
        if action.touchpoint and action.touchpoint not in self.touchpoints:
            found.append(
                _unknown("touchpoint", "touchpoint", action.touchpoint, self.touchpoints)
                + f' If it was renamed: [actions] renamed = {{"{action.touchpoint}" = "new-id"}} in study.toml.'
            )
        return found


def _with_expected(action: Action, known: Action | None) -> Action:
    """What was copied from the priorities when an action was chosen stays, unless the list says otherwise."""
    if known is None or action.expected_gain is not None:
        return action
    return replace(action, expected_gain=known.expected_gain)


def _what_changed(before: Action | None, now: Action) -> str:
    if before is None:
        return "add"
    for move, name in _DAY_OF.items():
        if replace(before, **{name: getattr(now, name)}) == now and getattr(before, name) is None:
            return move
    return "correct"


def _unknown(field: str, what: str, value: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(value, list(known), n=1)
    hint = f" Did you mean '{near[0]}'?" if near else f" There are: {', '.join(sorted(known)[:12])}."
    return f"{field}: there is no {what} '{value}'.{hint}"
