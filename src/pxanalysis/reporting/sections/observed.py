"""What was seen along the journey: the experience map, with this practice's scores, and where the two disagree."""

from __future__ import annotations

from markupsafe import Markup

from pxanalysis.analysis.observations.comparison import CAN_SHOW
from pxanalysis.analysis.observations.reading import read_map
from pxanalysis.figures.kit.palette import on_a_page
from pxanalysis.journey.experience_map.content import Measured
from pxanalysis.reporting.page.fragments import Fragment, render_part
from pxanalysis.reporting.sections.selection import Selection, is_known

__all__ = ["make"]

_MOST_SENTENCES = 3


def make(selection: Selection, *, figures: bool) -> Fragment:
    """Return what was observed; nothing where the study names no observations."""
    if selection.meta.observations is None:
        return Fragment("observed", "")
    observed = read_map(selection.meta.observations, selection.journey)
    measured = _measured(selection)
    compared = observed.compare(measured)
    drawing = observed.draw_experience_map(selection.language, measured=measured)
    return render_part(
        "observed",
        selection.wording,
        count=len(observed.observations),
        title=drawing.title,
        sentences=compared.sentences(selection.language)[:_MOST_SENTENCES],
        can_show=list(CAN_SHOW[selection.language].values()),
        drawing=Markup(on_a_page(drawing.html if figures else drawing.as_text)),
    )


def _measured(selection: Selection) -> dict[str, Measured]:
    """The scores that the report shows, by touchpoint."""
    found = {}
    for row in selection.touchpoints:
        hidden = row.suppressed or not is_known(row.mean)
        ends = (row.ci_low, row.ci_high) if is_known(row.ci_low) and is_known(row.ci_high) else (None, None)
        found[row.touchpoint] = Measured(None, reason="hidden") if hidden else Measured(row.mean, row.n, *ends)
    return found
