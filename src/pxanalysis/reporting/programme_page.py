"""The page of a programme: how far practices are with their ideas, and what actions brought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote

from markupsafe import Markup, escape

from pxanalysis.figures.kit.embedding import COLUMN, NARROW, embed
from pxanalysis.figures.kit.palette import on_a_page
from pxanalysis.figures.page.realisation import plot_realisation
from pxanalysis.journey.parts import ReportedOn
from pxanalysis.reporting.page.fragments import display_text, render_part
from pxanalysis.reporting.page.policy import content_policy, page_css, running_title
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.reporting.sections.actions import kind_data, programme_sentence
from pxanalysis.reporting.sections.pictures.data import Data
from pxanalysis.reporting.sections.selection import LONGEST_LABEL, LONGEST_NAME, LONGEST_SENTENCE, is_known
from pxanalysis.statistics.conventions import IN_TIME

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from pxanalysis.analysis.action_effects.progress import ActionProgress
    from pxanalysis.analysis.action_effects.shown import ShownActions
    from pxanalysis.analysis.whole_study.facts import StudyFacts
    from pxanalysis.survey.action_list import Action

__all__ = ["render_programme"]


def render_programme(
    progress: ActionProgress,
    shown: ShownActions,
    names: Mapping[str, str],
    meta: StudyFacts,
    language: str,
    reported_on: ReportedOn = "practice",
    *,
    actions: Sequence[Action] = (),
    labels: Mapping[str, str] = MappingProxyType({}),
    pages: Mapping[str, str] = MappingProxyType({}),
    call_backs: tuple[int, int] | None = None,
) -> str:
    """Return the page of the programme.

    Parameters
    ----------
    names
        What each practice of the study is called, by its id.
    actions
        The ideas, one row each; without them the page has no such table.
    labels
        What each touchpoint is called, by its id.
    pages
        File of each practice's report beside this page, by practice id; where there is one its name is a link.
    call_backs
        Wishes to be called back that were handled, and all there were; None where nobody is asked.
    """
    wording = Wording(language, reported_on)
    css = page_css() + running_title(wording.text("programme.heading"))
    whole = progress.practices.iloc[0]
    part = render_part(
        "programme_page",
        wording,
        policy=content_policy(css, ""),
        css=Markup(css),
        title=display_text(meta.title[language], LONGEST_NAME),
        simulated=meta.simulated,
        as_of=wording.text("programme.as_of", day=wording.date(progress.today.isoformat())),
        cards=[
            *_acting(wording, progress, names),
            *_cards(wording, progress, whole),
            *_call_backs(wording, call_backs),
        ],
        drawing=_drawing(wording, progress, whole),
        practices=_practice_data(wording, progress, names, pages),
        absent=_absent(wording, progress, names, pages),
        ideas=_idea_data(wording, progress.today, actions, names, labels, pages, shown),
        brought=programme_sentence(wording, shown),
        kinds=kind_data(wording, shown),
    )
    return part.html + "\n"


def _acting(wording: Wording, progress: ActionProgress, names: Mapping[str, str]) -> list[dict[str, str]]:
    """How many practices of the study have an idea at all: the other figures are of these only."""
    if not names:
        return []
    acting = len(set(names) & set(progress.practices["practice_id"]))
    value = wording.text("programme.acting_value", n=acting, of=len(names))
    return [{"name": wording.text("programme.acting"), "value": value, "note": wording.text("programme.acting_note")}]


def _cards(wording: Wording, progress: ActionProgress, whole: pd.Series) -> list[dict[str, str]]:
    none = wording.text("none")
    share, between = none, wording.text("programme.too_young")
    if is_known(whole["estimate"]):
        share = wording.percent(whole["estimate"])
        ends = {"low": wording.percent(whole["ci_low"]), "high": wording.percent(whole["ci_high"])}
        between = wording.text("programme.share_between", n=int(whole["n_realised"]), of=int(whole["n_old"]), **ends)
    days, days_note = none, wording.text("programme.not_half")
    if is_known(whole["median_days"]):
        days, days_note = wording.number(whole["median_days"]), wording.text("programme.days_note")
    return [
        {"name": wording.text("programme.share"), "value": share, "note": between},
        {"name": wording.text("programme.days"), "value": days, "note": days_note},
        {
            "name": wording.text("programme.journeys"),
            "value": wording.number(progress.n_finished),
            "note": wording.text(
                "programme.journeys_note",
                running=wording.number(progress.n_running),
                ideas=wording.number(progress.ideas_per_journey, 1),
            ),
        },
    ]


def _call_backs(wording: Wording, counts: tuple[int, int] | None) -> list[dict[str, str]]:
    if counts is None:
        return []
    handled, total = counts
    note = wording.text("programme.call_backs_note", total=wording.number(total))
    return [{"name": wording.text("programme.call_backs"), "value": wording.number(handled), "note": note}]


def _drawing(wording: Wording, progress: ActionProgress, whole: pd.Series) -> Markup:
    title = wording.text("programme.curve")
    finding = wording.text(
        "programme.curve_note",
        done=wording.number(whole["done"]),
        n=wording.number(whole["n_ideas"]),
    )
    drawn = embed(
        lambda width: plot_realisation(progress.curve, wording, width=width),
        id_prefix="figure-realisation",
        title=title,
        description=finding,
        widths=(COLUMN, NARROW),
    )
    part = render_part("picture", wording, title=title, drawing=Markup(on_a_page(drawn)), data=None)
    return Markup(part.html)


def _practice_data(
    wording: Wording, progress: ActionProgress, names: Mapping[str, str], pages: Mapping[str, str]
) -> Data:
    rows = []
    own = progress.practices[progress.practices["practice_id"] != ""]
    for row in sorted(own.to_dict("records"), key=lambda one: _name(names, one["practice_id"]).casefold()):
        share = wording.text("none")
        if is_known(row["estimate"]):
            share = wording.text("programme.of", n=int(row["n_realised"]), of=int(row["n_old"]))
        state = wording.text("programme.running" if row["running"] else "programme.finished")
        counts = (wording.number(row[name]) for name in ("n_ideas", "done", "dropped"))
        rows.append((_link(names, pages, row["practice_id"]), state, *counts, share))
    keys = ("column.practice", "programme.state", "programme.ideas", "programme.done", "programme.dropped")
    columns = (*(wording.text(key) for key in keys), wording.text("programme.in_time"))
    return Data(wording.text("programme.practices"), columns, rows, 2)


def _name(names: Mapping[str, str], practice_id: str) -> str:
    return display_text(names.get(practice_id, practice_id), LONGEST_NAME)


def _link(names: Mapping[str, str], pages: Mapping[str, str], practice_id: str) -> str:
    """The name of a practice, which leads to its report where there is one."""
    name = _name(names, practice_id)
    if practice_id not in pages:
        return name
    return Markup('<a href="{}"><bdi>{}</bdi></a>').format(quote(pages[practice_id], safe=""), name)


_MOST_NAMED = 10


def _absent(wording: Wording, progress: ActionProgress, names: Mapping[str, str], pages: Mapping[str, str]) -> str:
    """Who has no idea recorded: by name where they are few, else how many; empty where everybody has one."""
    absent = sorted(set(names) - set(progress.practices["practice_id"]), key=lambda one: _name(names, one).casefold())
    if not absent:
        return ""
    if len(absent) > _MOST_NAMED:
        return wording.text("programme.absent_count", n=len(absent))
    linked = Markup(", ").join(_link(names, pages, one) for one in absent)
    return Markup(escape(wording.text("programme.absent", n=len(absent), names="{}"))).format(linked)


def _idea_data(
    wording: Wording,
    today: date,
    actions: Sequence[Action],
    names: Mapping[str, str],
    labels: Mapping[str, str],
    pages: Mapping[str, str],
    shown: ShownActions,
) -> Data:
    """Every idea: whose, where, who sees to it, when it came up, where it stands, and whether that is in time."""
    none, rows = wording.text("none"), []
    verdicts = {one.action_id: one.verdict for one in shown.actions}
    listed = [one for one in actions if one.idea_on is not None]
    for one in sorted(listed, key=lambda one: (_name(names, one.practice_id).casefold(), one.idea_on, one.action_id)):
        days = (one.in_place_on or one.dropped_on or today) - one.idea_on if one.idea_on else None
        rows.append(
            (
                _link(names, pages, one.practice_id),
                display_text(labels.get(one.touchpoint, one.touchpoint), LONGEST_LABEL),
                display_text(one.idea, LONGEST_SENTENCE),
                display_text(one.owner_role, LONGEST_LABEL) or none,
                wording.date(one.idea_on.isoformat()) if one.idea_on else none,
                _stands(wording, one),
                _in_time(wording, one, days.days if days else 0),
                _result(wording, verdicts.get(one.action_id, "")),
            )
        )
    keys = ["column.practice", "column.touchpoint"]
    keys += [f"programme.{name}" for name in ("idea", "owner", "came_up", "stands", "in_time", "result")]
    return Data(wording.text("programme.idea_list"), [wording.text(key) for key in keys], rows, len(keys))


def _result(wording: Wording, verdict: str) -> str:
    """What an action brought, in two words; the report has the figure. Nothing where that cannot be said (yet)."""
    key = f"programme.result_{verdict}"
    return wording.text(key) if wording.has(key) else wording.text("none")


def _stands(wording: Wording, action: Action) -> str:
    """The last thing that happened to an idea, and when."""
    days = {
        "dropped": action.dropped_on,
        "in_place": action.in_place_on,
        "started": action.started_on,
        "chosen": action.decided_on,
    }
    for name, day in days.items():
        if day is not None:
            return wording.text(f"programme.stands_{name}", day=wording.date(day.isoformat()))
    return wording.text("programme.stands_idea")


def _in_time(wording: Wording, action: Action, days: int) -> str:
    """Whether an idea was in place within two months, why not, or how many days are left."""
    if action.in_place_on is not None:
        return wording.text("programme.took" if days <= IN_TIME else "programme.took_late", n=days)
    if action.dropped_on is not None:
        return wording.text("programme.not_done")
    return (
        wording.text("programme.left", n=IN_TIME - days) if days < IN_TIME else wording.text("programme.late", n=days)
    )
