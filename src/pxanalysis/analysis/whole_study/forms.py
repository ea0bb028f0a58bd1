"""Versions and languages of the questionnaire: what may be shown of them, and whether their means may be compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from pxanalysis.analysis.whole_study.settings import FitSettings
from pxanalysis.analysis.whole_study.shown import of_shown_practices
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.conventions import FEWEST_PER_GROUP
from pxanalysis.survey.form_versions import FORM, LANGUAGE, FormVersion

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = ["judge_comparability", "show_versions"]

_SUBJECTS = {"form": FORM, "language": LANGUAGE}


def judge_comparability(responses: Responses, settings: FitSettings) -> list[dict[str, Any]]:
    """What :class:`~pxanalysis.analysis.whole_study.facts.ComparedGroups` holds, for forms and for languages.

    It is :func:`pxanalysis.compare_groups` over the groups with at least ``FEWEST_PER_GROUP`` answers in practices that
    may be shown; nothing is found where everybody had the same form, or it is not known.
    """
    shown = of_shown_practices(responses, settings.minimum_n)
    found = (_judge(shown, by, column) for by, column in _SUBJECTS.items() if column in shown.table.columns)
    return [one for one in found if one is not None]


def _judge(responses: Responses, by: str, column: str) -> dict[str, Any] | None:
    counts = responses.table.filter(pl.col(column).fill_null("") != "").group_by(column).len().sort(column)
    if counts.height < 2:
        return None
    large = counts.filter(pl.col("len") >= FEWEST_PER_GROUP)[column].cast(pl.String).to_list()
    facts: dict[str, Any] = {"by": by, "groups": large, "complete": len(large) == counts.height}
    if len(large) < 2:
        return facts | {"reason": "few"}
    # semopy is heavy, and most studies have one form in one language
    from pxanalysis.analysis.sem import compare_groups

    kept = responses.where(pl.col(column).is_in(large))
    try:
        invariance = compare_groups(kept, column)
    except AnalysisError as error:  # a study is fitted all the same; the page says that it cannot be told
        return facts | {"reason": "not estimable", "said": str(error)}
    return facts | {"holds_up_to": invariance.holds_up_to, "comparable": invariance.means_comparable}


def show_versions(versions: Sequence[FormVersion], minimum_n: int) -> list[dict[str, Any]]:
    """What :class:`~pxanalysis.analysis.whole_study.facts.FormFacts` holds.

    Of a version that fewer than ``minimum_n`` people had, neither number nor days are told; nor the number of the next
    smallest where the total less all others would tell it.
    """
    small = {one.name for one in versions if one.n < minimum_n}
    hidden = set(small)
    for one in sorted(versions, key=lambda version: version.n):
        if hidden and (len(hidden) < 2 or sum(v.n for v in versions if v.name in hidden) < minimum_n):
            hidden.add(one.name)
    return [
        {
            "name": one.name,
            "n": None if one.name in hidden else one.n,
            "first": None if one.name in small or one.first is None else one.first.isoformat(),
            "last": None if one.name in small or one.last is None else one.last.isoformat(),
            "not_asked": one.not_asked,
        }
        for one in versions
    ]
