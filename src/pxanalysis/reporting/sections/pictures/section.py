"""Figures as a page shows them: the drawing, its finding in words, and its data in a table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict, cast

from markupsafe import Markup

from pxanalysis.analysis.whole_study.frames import PriorityRow
from pxanalysis.figures.kit.embedding import COLUMN, MIDDLE, NARROW, SLIM, WIDE, embed
from pxanalysis.figures.kit.marks import Drawing
from pxanalysis.figures.kit.palette import on_a_page
from pxanalysis.figures.page.distribution import describe_distribution, plot_distribution
from pxanalysis.figures.page.experience.plot import describe_experience, plot_experience
from pxanalysis.figures.page.funnel import describe_funnel, plot_funnel
from pxanalysis.figures.page.importance import describe_importance, plot_importance
from pxanalysis.figures.page.matrix.plot import describe_matrix, plot_matrix
from pxanalysis.figures.page.paths import describe_paths, plot_paths
from pxanalysis.figures.page.ranks import describe_ranks, plot_ranks
from pxanalysis.figures.page.trend import MOST_SLIM, describe_trend, plot_trend
from pxanalysis.reporting.page.fragments import render_part
from pxanalysis.reporting.sections.course import chart_outcome
from pxanalysis.reporting.sections.opening.corrected import case_mix_labels
from pxanalysis.reporting.sections.pictures import alternatives as said
from pxanalysis.reporting.sections.pictures import data as data_of
from pxanalysis.reporting.sections.pictures.data import Data
from pxanalysis.reporting.sections.priorities.advice import unplaced_key
from pxanalysis.reporting.sections.selection import Selection, is_known

if TYPE_CHECKING:
    import pandas as pd

    from pxanalysis.figures.kit.units import Unit
    from pxanalysis.figures.page.distribution import Kind
    from pxanalysis.journey.model import Outcome

__all__ = [
    "FUNNEL_KINDS",
    "distribution_pictures",
    "driver_pictures",
    "experience_picture",
    "funnel_pictures",
    "priority_pictures",
    "trend_pictures",
]

UNIT: dict[str, Unit] = {"ktv": "grade", "nps": "net", "ces": "scale"}
FUNNEL_KINDS = ("ktv", "nps")
"""Outcomes of which the page draws a funnel and how patients answered."""


@dataclass(frozen=True, slots=True)
class _Picture:
    """What a picture is called, how it is drawn at a width, what it shows in words, and its data."""

    name: str
    title: str
    draw: Callable[[int], Drawing]
    finding: str
    data: Data | None
    widths: Sequence[int] = ()


class _DistributionOptions(TypedDict):
    kind: Kind
    scale: tuple[int, int]
    benchmark: pd.DataFrame


def _shown(selection: Selection, picture: _Picture) -> Markup:
    drawn = embed(
        picture.draw,
        id_prefix=f"figure-{picture.name}",
        title=picture.title,
        description=picture.finding,
        widths=picture.widths or (COLUMN, NARROW),
    )
    drawing = Markup(on_a_page(drawn))
    part = render_part("picture", selection.wording, title=picture.title, drawing=drawing, data=picture.data)
    return Markup(part.html)


def experience_picture(selection: Selection, first: Sequence[str]) -> Markup | str:
    """Return the experience curve; nothing when no touchpoint has a figure."""
    frame, words = selection.own_frame("touchpoints"), selection.wording
    facts = describe_experience(frame)
    if not facts.highest:
        return ""

    def draw(width: int) -> Drawing:
        return plot_experience(frame, selection.labels, words, first=first, width=width)

    title = words.text("alt.experience_title")
    finding, data = said.experience(selection, facts), data_of.experience_data(selection, facts)
    return _shown(selection, _Picture("experience", title, draw, finding, data, (WIDE, MIDDLE, NARROW)))


def driver_pictures(selection: Selection, first: Sequence[str]) -> list[Markup]:
    """Return the path picture and the importance of each driver."""
    frame, words, meta = selection.study_frame("drivers"), selection.wording, selection.meta
    outcome = selection.outcome_word
    # Estimate and interval are of one quantity: what the contacts explain, or in older results the whole model.
    own = {"r2": meta.r2_drivers, "r2_low": meta.r2_drivers_low, "r2_high": meta.r2_drivers_high}
    r2 = {key: float(value) for key, value in own.items() if is_known(value)}
    paths, importance = describe_paths(frame, **r2), describe_importance(frame)

    def draw_paths(width: int) -> Drawing:
        return plot_paths(
            frame,
            selection.labels,
            words,
            outcome=_short_name(selection),
            explained=outcome,
            **r2,
            first=first,
            width=width,
        )

    def draw_importance(width: int) -> Drawing:
        return plot_importance(frame, selection.labels, words, outcome=outcome, first=first, width=width)

    return [
        _shown(selection, picture)
        for picture in (
            _Picture(
                "paths",
                words.text("alt.paths_title", outcome=outcome),
                draw_paths,
                said.paths(selection, paths),
                data_of.paths_data(selection, paths),
            ),
            _Picture(
                "importance",
                words.text("alt.importance_title"),
                draw_importance,
                said.importance(selection, importance),
                data_of.importance_data(selection, importance),
            ),
        )
    ]


def _short_name(selection: Selection) -> str:
    """What the drivers explain, for in the circle."""
    outcome = selection.modelled
    if outcome is None:
        return selection.outcome_word
    label = selection.outcome_labels[outcome.id]
    short = selection.wording.text("outcome_short.ktv") if outcome.kind == "ktv" else outcome.kind.upper()
    return short if outcome.kind in UNIT and short in label else label


def priority_pictures(selection: Selection, first: Sequence[str]) -> list[Markup]:
    """Return the priority matrix and the ranks with their intervals."""
    frame, words = selection.own_frame("priorities"), selection.wording
    drivers = selection.study_frame("drivers")
    outcome = selection.outcome_word
    # As in the ranking table: where there is nothing to win, a place says nothing.
    keys = {row.touchpoint: unplaced_key(row) for row in selection.own(PriorityRow)}
    notes = {name: words.text(key) for name, key in keys.items() if key}
    matrix, ranks = describe_matrix(frame, drivers=drivers), describe_ranks(frame, without=notes)

    def draw_matrix(width: int) -> Drawing:
        return plot_matrix(frame, selection.labels, words, outcome=outcome, drivers=drivers, first=first, width=width)

    def draw_ranks(width: int) -> Drawing:
        return plot_ranks(frame, selection.labels, words, first=first, notes=notes, width=width)

    pictures = [
        _Picture(
            "matrix",
            words.text(f"alt.matrix_title_{matrix.against}"),
            draw_matrix,
            said.matrix(selection, matrix),
            data_of.matrix_data(selection, matrix),
        )
    ]
    if ranks.order:
        # The ranking table below has the data of the ranks.
        title = words.text("alt.ranks_title")
        pictures.append(_Picture("ranks", title, draw_ranks, said.ranks(selection, ranks), None))
    return [_shown(selection, picture) for picture in pictures]


def _rated(selection: Selection, kinds: Collection[str] = tuple(UNIT)) -> list[Outcome]:
    return [outcome for outcome in selection.journey.rated_outcomes if outcome.kind in kinds]


def trend_pictures(selection: Selection) -> list[Markup]:
    """Return the course of each outcome that has at least two periods to show."""
    words, pictures = selection.wording, []
    for outcome in _rated(selection):
        frame, unit = selection.own_frame("trend", outcome.id), UNIT[outcome.kind]
        if frame.empty or (facts := describe_trend(frame)).first_period == facts.last_period:
            continue
        course = chart_outcome(selection, outcome)
        frame = frame if course is None else course.frame

        def draw(width: int, frame: pd.DataFrame = frame, unit: Unit = unit) -> Drawing:
            return plot_trend(frame, words, unit=unit, width=width)

        label = selection.outcome_labels[outcome.id]
        title = words.text("alt.trend_title", outcome=label)
        says = "" if course is None else course.says
        finding = said.trend(selection, facts, label, unit, outcome.id, says)
        data = data_of.trend_data(selection, facts, label, unit)
        widths = (COLUMN, NARROW, SLIM) if facts.n_periods <= MOST_SLIM else (COLUMN, NARROW)
        pictures.append(_shown(selection, _Picture(f"trend-{outcome.id}", title, draw, finding, data, widths)))
    return pictures


def funnel_pictures(selection: Selection) -> list[Markup]:
    """Return the practice among the others, for satisfaction and recommendation; the words cover the rest."""
    words, own, pictures = selection.wording, selection.practice_id, []
    for outcome in _rated(selection, FUNNEL_KINDS):
        frame, unit = selection.study_frame("funnel", outcome.id), UNIT[outcome.kind]
        if frame.empty or not (facts := describe_funnel(frame, own=own)).position:
            continue
        label = selection.outcome_labels[outcome.id]
        title = words.text("alt.funnel_title", outcome=label)
        if case_mix_labels(selection, outcome.id):
            label = words.text("alt.funnel_corrected", outcome=label)

        def draw(width: int, frame: pd.DataFrame = frame, unit: Unit = unit, label: str = label) -> Drawing:
            return plot_funnel(frame, words, own=own, unit=unit, outcome=label, width=width)

        finding = said.funnel(selection, facts, label, unit)
        data = data_of.funnel_data(selection, facts, label, unit)
        pictures.append(_shown(selection, _Picture(f"funnel-{outcome.id}", title, draw, finding, data)))
    return pictures


def distribution_pictures(selection: Selection) -> list[Markup]:
    """Return how patients answered, for satisfaction and recommendation, where that can be shown."""
    words, pictures = selection.wording, []
    for outcome in _rated(selection, FUNNEL_KINDS):
        frame = selection.own_frame("distributions", outcome.id)
        if frame.empty:
            continue
        answers = selection.journey.scales[str(outcome.scale)]
        options = _DistributionOptions(
            kind=cast("Kind", outcome.kind),
            scale=(answers.min, answers.max),
            benchmark=selection.pooled_frame("distributions", outcome.id),
        )
        facts = describe_distribution(frame, **options)
        if not is_known(facts.n):
            continue

        def draw(width: int, frame: pd.DataFrame = frame, options: _DistributionOptions = options) -> Drawing:
            return plot_distribution(frame, words, width=width, **options)

        label = selection.outcome_labels[outcome.id]
        title = words.text("alt.distribution_title", outcome=label)
        finding = said.distribution(selection, facts, label)
        data = data_of.distribution_data(selection, facts, label)
        pictures.append(_shown(selection, _Picture(f"distribution-{outcome.id}", title, draw, finding, data)))
    return pictures
