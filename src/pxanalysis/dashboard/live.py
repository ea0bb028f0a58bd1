"""The part of a page that follows what comes in, by Panel: counts over a websocket, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from pxanalysis.dashboard.pages import dashboard_css, languages_of
from pxanalysis.dashboard.practice_page import render_live

if TYPE_CHECKING:
    import panel as pn

    from pxanalysis.dashboard.snapshot import Snapshot

__all__ = ["EVERY", "live_counts"]

EVERY = 15
"""Seconds after which counts are shown anew."""


_INSIDE = ":host,.bk-clearfix{font:100%/1.55 var(--typeface);color:var(--ink)}"
"""Panel's own tree has a type of its own."""


def live_counts(
    now: Callable[[], Snapshot],
    may_look: Callable[[], bool],
    practice_id: str | None,
    language: str,
) -> pn.pane.HTML:
    """Return a pane with the counts of a practice, or of all, that follows the study.

    Parameters
    ----------
    now
        Gives the snapshot that there is.
    may_look
        Whether the viewer still may: when a link is taken back, the counts go.
    """
    import panel as pn  # of an extra

    began = now()
    language = language if language in languages_of(began) else languages_of(began)[0]

    def html() -> str:
        snapshot = now()
        renewed, ended = snapshot.release != began.release, not may_look()
        return render_live(snapshot, practice_id, language, f"{datetime.now():%H:%M}", renewed=renewed, ended=ended)

    pane = pn.pane.HTML(html(), stylesheets=[dashboard_css(), _INSIDE], sizing_mode="stretch_width", margin=0)

    def renew() -> None:
        made = html()
        if made != pane.object:
            pane.object = made

    pn.state.add_periodic_callback(renew, period=EVERY * 1000)
    return pane
