"""The live picture in JupyterLab: the same parts of the same snapshot, for whoever has the study's folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pxanalysis.dashboard.handlers import count_call_backs
from pxanalysis.dashboard.overview_page import Asked
from pxanalysis.dashboard.pages import CallBacks, PageMaker, Place, dashboard_css, languages_of
from pxanalysis.dashboard.snapshot import take_snapshot
from pxanalysis.errors import StudyError
from pxanalysis.figures.kit.palette import css_variables
from pxanalysis.reporting.page.wording import Wording

if TYPE_CHECKING:
    import panel as pn

    from pxanalysis.dashboard.snapshot import Snapshot
    from pxanalysis.study import Study

__all__ = ["show_dashboard"]

_EVERY = 15_000
"""Milliseconds after which the view is made anew, when something changed."""


def show_dashboard(study: Study, practice_id: str | None = None, language: str | None = None) -> pn.Column:
    """Return the live picture of a study as a view that shows itself in JupyterLab and follows the study.

    Parameters
    ----------
    practice_id
        The practice to begin with; the programme when None.

    Raises
    ------
    StudyError
        When there is no such practice or language.
    """
    import panel as pn  # of an extra, and heavy

    snapshot = take_snapshot(study.root)
    languages = languages_of(snapshot)
    if language is not None and language not in languages:
        raise StudyError(f"language: expected one of {', '.join(languages)}, received '{language}'.")
    if practice_id is not None and practice_id not in snapshot.names:
        known = ", ".join(sorted(snapshot.names)[:12])
        raise StudyError(f"practice_id: there is no practice '{practice_id}'. There are: {known or 'none yet'}.")
    language = language or languages[0]
    pages = PageMaker()
    shown = {"snapshot": snapshot}
    pn.extension(inline=True)  # scripts of this installation: a notebook asks nothing of the network
    options = {"*": ""} | {f"{name} ({one})": one for one, name in sorted(snapshot.names.items())}
    chosen = pn.widgets.Select(
        label=Wording(language).text("column.practice"), options=options, value=practice_id or ""
    )
    view = pn.pane.HTML(stylesheets=[dashboard_css(), _PAPER], sizing_mode="stretch_width")

    def renew() -> None:
        shown["snapshot"] = take_snapshot(study.root, shown["snapshot"])
        made = _content(pages, shown["snapshot"], chosen.value or None, language)
        if made != view.object:
            view.object = made

    chosen.param.watch(lambda _: renew(), "value")
    renew()
    whole = pn.Column(chosen, view, sizing_mode="stretch_width")
    pn.state.add_periodic_callback(renew, period=_EVERY)
    return whole


_PAPER = ":host,.bk-clearfix{font:100%/1.55 var(--typeface);color:var(--ink);background:var(--paper)}"
"""A notebook has a theme of its own, which says nothing of the reader's: the view brings its own paper."""


def _content(pages: PageMaker, snapshot: Snapshot, practice_id: str | None, language: str) -> str:
    """Return the picture without what needs a server: no links, no forms, and no contacts."""
    place = Place(interactive=False, programme=True)
    counts = count_call_backs(snapshot)
    if practice_id is None:
        body = pages.programme_body(snapshot, Asked(), language, place, counts)
    else:
        own = CallBacks(bool(counts), None, counts.get(practice_id))
        body = pages.practice_body(snapshot, practice_id, language, place, own)
    colours = css_variables(dark=False).replace(":root", ":host")
    return f'<style>{colours}</style><div lang="{language}">{body.html}</div>'
