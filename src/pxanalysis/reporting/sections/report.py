"""A practice's report: nine parts, in the order in which a practice owner needs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pxanalysis.errors import ReportError
from pxanalysis.figures.kit.frames import remembering
from pxanalysis.journey.model import Journey
from pxanalysis.reporting.page.fragments import Fragment
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.reporting.sections import actions, comparison, drivers, journey, matrix, observed
from pxanalysis.reporting.sections.claims import Claim, claims_of
from pxanalysis.reporting.sections.method import section as method
from pxanalysis.reporting.sections.opening import outcomes
from pxanalysis.reporting.sections.opening import section as opening
from pxanalysis.reporting.sections.priorities import section as priorities
from pxanalysis.reporting.sections.selection import Results, Selection

if TYPE_CHECKING:
    from pxanalysis.analysis.action_effects.shown import ShownActions

__all__ = ["PracticeReport"]


class PracticeReport:
    """Selects one practice from a study's results and says in words, tables and figures what was found.

    Every part is a `Fragment` that a notebook shows as HTML. A part that has nothing to show says what is missing
    and what would bring it; for a practice with too few respondents only `opening` and `method` have content.

    Parameters
    ----------
    results
        What ``fit`` found, with small numbers already suppressed.
    journey
        What was measured: the source of all labels and ideas.
    practice_id
        Id of the practice, as text: ``"01012345"``.
    language
        Language of the report, see `pxanalysis.reporting.page.wording.list_languages`.
    figures
        False leaves the pictures out, which makes a report in a fraction of the time.
    notebook_hash
        Fingerprint of the notebook that shows the report, see `pxanalysis.reporting.making.notebooks.hash_notebook`.
    shown_actions
        What is shown of practices' actions; None where none are recorded.

    Raises
    ------
    ReportError
        When the results do not have the practice, there is no such language, or the journey is not written in it.
    """

    def __init__(
        self,
        results: Results,
        journey: Journey,
        practice_id: str,
        language: str = "nl",
        *,
        figures: bool = True,
        notebook_hash: str = "",
        shown_actions: ShownActions | None = None,
    ) -> None:
        if language not in journey.languages:
            raise ReportError(
                f"language: the journey '{journey.id}' is written in {', '.join(journey.languages)}, not in "
                f"'{language}'. Choose one of those, or add the language to the journey file."
            )
        wording = Wording(language, journey.reported_on, remember=True)
        self._selection = Selection(results, journey, practice_id, wording, shown_actions)
        self._figures = figures
        self._notebook_hash = notebook_hash

    def __repr__(self) -> str:
        return f"PracticeReport({self._selection.practice_id!r}, language={self._selection.language!r})"

    def claims(self) -> list[Claim]:
        """What the parts made so far hold to be so: a claim for every sentence, in the order of their making."""
        return claims_of(self._selection.wording.spoken or ())

    def opening(self) -> Fragment:
        """Who, when, how many; and the whole page in two sentences."""
        return opening.make(self._selection)

    def priorities(self) -> Fragment:
        """What to do first: at most three points, why, what they bring, how sure that is, and an idea."""
        return self._unless_suppressed("priorities", lambda: priorities.make(self._selection))

    def outcomes(self) -> Fragment:
        """KTV, NPS and CES, each with one comparison and one direction."""
        return self._unless_suppressed("outcomes", lambda: outcomes.make(self._selection))

    def journey(self) -> Fragment:
        """The experience curve, what patients do and say, how things went over time; and what was seen, if named."""
        return self._unless_suppressed("journey", self._journey)

    def _journey(self) -> Fragment:
        parts = [one.make(self._selection, figures=self._figures) for one in (journey, observed)]
        return Fragment("journey", "\n".join(part.html for part in parts if part.html))

    def drivers(self) -> Fragment:
        """What counts for satisfaction, over all practices."""
        return self._unless_suppressed("drivers", lambda: drivers.make(self._selection, figures=self._figures))

    def matrix(self) -> Fragment:
        """Importance against performance, and the full ranking."""
        return self._unless_suppressed("matrix", lambda: matrix.make(self._selection, figures=self._figures))

    def actions(self) -> Fragment:
        """What was decided and what came of it."""
        return self._unless_suppressed("actions", lambda: actions.make(self._selection))

    def comparison(self) -> Fragment:
        """The practice beside others, none of which is named."""
        return self._unless_suppressed("comparison", lambda: comparison.make(self._selection, figures=self._figures))

    def method(self) -> Fragment:
        """How the report was made, for a researcher."""
        return method.make(self._selection, self._notebook_hash)

    def _unless_suppressed(self, name: str, make: Callable[[], Fragment]) -> Fragment:
        if self._selection.suppressed:
            return Fragment(name, "")
        with remembering():
            return make()
