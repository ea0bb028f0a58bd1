"""The actions of a study: where they are kept, what was expected of one when it was chosen, and what they brought."""

from __future__ import annotations

from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pxanalysis.errors import AnalysisError, StudyError
from pxanalysis.study.lock import lock_briefly
from pxanalysis.survey.action_list import Action, ActionRegister

if TYPE_CHECKING:
    from pxanalysis.analysis.action_effects.shown import ShownActions
    from pxanalysis.journey.model import Journey
    from pxanalysis.study.settings import StudySettings
    from pxanalysis.survey.action_list.history import Entry
    from pxanalysis.survey.action_list.register import Move
    from pxanalysis.survey.responses import Practice

__all__ = ["StudyActions"]


USUAL_PLACES = ("actions.yaml", "actions.xlsx", "actions.csv")
"""Where a list of actions is, beside study.toml, when that does not say."""


class StudyActions:
    """Methods of a study that record actions."""

    root: Path
    settings: StudySettings

    @property
    def journey(self) -> Journey:
        """The journey this study measures."""
        raise NotImplementedError

    @property
    def today(self) -> date:
        """The computer's day, or the one that study.toml says reports are of."""
        return self.settings.study.as_of or date.today()

    @property
    def practices(self) -> dict[str, Practice]:
        """Name and number of invited patients, by practice id."""
        raise NotImplementedError

    @property
    def results(self) -> Any:
        """What ``fit`` found, read from disk."""
        raise NotImplementedError

    @property
    def actions_file(self) -> Path:
        """The history of actions."""
        return self.root / "data" / "processed" / "actions" / "history.jsonl"

    @property
    def actions(self) -> ActionRegister:
        """What practices decided to change; ``.frame`` has a row per action.

        Raises
        ------
        StudyError
            When study.toml renames a touchpoint to one that the journey does not have.
        """
        touchpoints = [touchpoint.id for touchpoint in self.journey.touchpoints]
        for old, new in self.settings.actions.renamed.items():
            if new not in touchpoints:
                raise StudyError(
                    f"study.toml [actions] renamed: '{old}' would become '{new}', which the journey does not have; "
                    f"there are: {', '.join(touchpoints)}."
                )
        return ActionRegister(self.actions_file, self._known_practices, touchpoints, self.settings.actions.renamed)

    @property
    def shown_file(self) -> Path:
        """What pages show of actions."""
        return self.actions_file.with_name("shown.json")

    @property
    def shown_actions(self) -> ShownActions | None:
        """What pages show of actions, made by ``run``; None where none are recorded."""
        if not self.shown_file.exists():
            return None
        from pxanalysis.analysis.action_effects.shown import ShownActions

        return ShownActions.from_json(self.shown_file.read_text(encoding="utf-8"))

    @property
    def listed_actions(self) -> Path | None:
        """The list that is taken over at every run: what ``[actions] file`` names, else one in a usual place."""
        if self.settings.actions.file is not None:
            return self.root / self.settings.actions.file
        usual = (self.root / name for name in USUAL_PLACES)
        return next((path for path in usual if path.is_file()), None)

    @property
    def _known_practices(self) -> set[str]:
        """Those of the list and those with answers."""
        found = set(self.practices)
        folder = self.root / "data" / "processed" / "responses"
        if folder.is_dir():
            with suppress(AnalysisError):  # nothing was fitted yet: the list is what is known
                found |= set(self.results["practices"]["practice_id"])
        return found

    def add_action(self, action: Action) -> Action:
        """Record an action; one that is chosen gets what the report promises at its touchpoint today."""
        today = self.today
        if action.decided_on is not None and action.expected_gain is None:
            action = self._with_promise(action)
        with self._writing_actions():
            return self.actions.add(action, today)

    def move_action(self, action_id: str, move: Move, day: date | None = None, **changes: object) -> Action:
        """Let an action move on: ``choose``, ``start``, ``done`` or ``drop``, today when no day is given."""
        today = self.today
        if move == "choose":
            promised = self._promise(self.actions.find(action_id))
            changes = {"expected_gain": promised, **changes} if promised is not None else changes
        with self._writing_actions():
            return self.actions.move(action_id, move, day or today, today, **changes)

    def import_actions(self, path: str | Path | None = None) -> list[Entry]:
        """Take over a list of actions: the file given, else that of the study; nothing without either."""
        found = Path(path) if path is not None else self.listed_actions
        if found is None:
            return []
        with self._writing_actions():
            return self.actions.take_in(found, self.today)

    def _writing_actions(self) -> AbstractContextManager[None]:
        """Hold the history while something is added: each line carries the digest of the one before it."""
        return lock_briefly(self.actions_file.with_suffix(".lock"))

    def _with_promise(self, action: Action) -> Action:
        return replace(action, expected_gain=self._promise(action))

    def _promise(self, action: Action) -> float | None:
        """Gain of the outcome that the priorities show for this touchpoint now; None where they show none."""
        try:
            rows = self.results["priorities"]
        except AnalysisError:  # nothing was fitted yet
            return None
        own = rows[(rows["practice_id"] == action.practice_id) & (rows["touchpoint"] == action.touchpoint)]
        gains = own.loc[~own["suppressed"].astype(bool), "gain"].dropna()
        return float(gains.iloc[0]) if len(gains) else None
