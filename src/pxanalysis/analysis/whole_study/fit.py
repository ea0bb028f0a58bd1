"""Everything that reports show, estimated once for the whole study."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pxanalysis._version import __version__
from pxanalysis.analysis.privacy import check_minimum_n
from pxanalysis.analysis.privacy.counted import CountedAnswers, count_answers
from pxanalysis.analysis.privacy.decisions import Decision
from pxanalysis.analysis.provenance import software_versions
from pxanalysis.analysis.whole_study import (
    comments,
    comparing,
    drivers,
    forms,
    outcomes,
    people,
    scales,
    touchpoints,
    trend,
)
from pxanalysis.analysis.whole_study.facts import StudyFacts
from pxanalysis.analysis.whole_study.frames import FRAMES, as_declared
from pxanalysis.analysis.whole_study.results import StudyResults
from pxanalysis.analysis.whole_study.settings import FitSettings
from pxanalysis.errors import AnalysisError
from pxanalysis.processes import start_beside

if TYPE_CHECKING:
    import pandas as pd

    from pxanalysis.survey.responses import Responses

__all__ = ["FitSettings", "fit_study"]


def fit_study(
    responses: Responses | CountedAnswers,
    settings: FitSettings | None = None,
    *,
    extra: Mapping[str, object] | None = None,
    decisions: Mapping[int, Decision] | None = None,
    progress: Callable[[str], None] | None = None,
) -> StudyResults:
    """Estimate everything that reports show.

    Parameters
    ----------
    responses
        What counts in a release; bare answers are taken for the first one.
    settings
        Outcome, smallest number of people, bootstrap, case mix.
    extra
        Further facts of :class:`~pxanalysis.analysis.whole_study.facts.StudyFacts`, such as hashes of what went in.
    decisions
        What somebody who read the comments decided about each, by its place in the release.
    progress
        Told what is being estimated.

    Returns
    -------
    Results in which every figure on fewer than ``minimum_n`` people is already suppressed.

    Raises
    ------
    PrivacyError
        When ``minimum_n`` is below 10.
    AnalysisError
        When there are no responses. What the data cannot carry is no error: it has its reason in the results.
    """
    # it looks through every loaded library, which only a fit needs
    from threadpoolctl import threadpool_limits

    settings = settings or FitSettings()
    check_minimum_n(settings.minimum_n)
    tell = progress or (lambda step: None)
    counted = responses if isinstance(responses, CountedAnswers) else _count_first(responses, settings)
    with threadpool_limits(1):  # the matrices are small: more threads make them slower
        frames, driver_meta = _estimate(counted, settings, decisions, tell)
    facts: dict[str, Any] = {
        **people.summarise_study(counted.shown, settings),
        **driver_meta,
        "minimum_n": settings.minimum_n,
        "confidence": settings.confidence,
        "n_bootstrap": settings.n_bootstrap,
        "seed": settings.seed,
        "version": __version__,
        "software": software_versions(),
        **(extra or {}),
    }
    meta = StudyFacts.model_validate(facts)
    return StudyResults(meta, {name: as_declared(frames[name], kind) for name, kind in FRAMES.items()})


def _count_first(responses: Responses, settings: FitSettings) -> CountedAnswers:
    if responses.n == 0:
        raise AnalysisError("responses: there are none to fit; every row was refused or filtered away.")
    return count_answers(responses, minimum_n=settings.minimum_n)


def _ratings(responses: Responses) -> Responses:
    """Answers without words, ids of people and names of practices: what leaves this process, maybe this computer."""
    words = ["response_id", *(question.id for question in responses.journey.open_questions)]
    kept = responses.table.drop(words, strict=False)
    return replace(responses, table=kept, rejected=responses.rejected.clear(), practice_list={})


def estimate_beside(
    shown: Responses, settings: FitSettings, model: Responses
) -> tuple[tuple[dict[str, Any], pd.DataFrame, pd.DataFrame], pd.DataFrame]:
    """About half of the work of a fit: drivers and priorities, and the reliability of scales."""
    found = drivers.tabulate_drivers(shown, settings, model)
    return found, scales.estimate_study_reliability(shown, settings).table()


def _estimate(
    counted: CountedAnswers,
    settings: FitSettings,
    decisions: Mapping[int, Decision] | None,
    tell: Callable[[str], None],
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Every frame of the results, and what there is to say of the driver model, comparability and comments."""
    shown, frames = counted.shown, {}
    ask_beside = start_beside(estimate_beside, _ratings(shown), settings, _ratings(counted.model))
    tell("outcomes")
    frames["practices"] = people.tabulate_practices(shown, settings)
    compared = comparing.compare_outcomes(shown, settings)
    frames["comparisons"] = comparing.tabulate_comparisons(compared)
    frames["case_mix"] = comparing.tabulate_case_mix(compared, settings.minimum_n)
    frames["outcomes"] = outcomes.tabulate_outcomes(shown, settings, compared)
    frames["distributions"] = outcomes.tabulate_distributions(shown, settings)
    frames["trend"] = trend.tabulate_trend(shown, settings, counted)
    frames["funnel"] = outcomes.tabulate_funnel(compared)
    tell("touchpoints")
    frames["touchpoints"] = touchpoints.tabulate_touchpoints(shown, settings)
    frames["items"] = touchpoints.tabulate_items(counted.items, settings)
    frames["practice_variance"] = touchpoints.tabulate_variance(shown, settings)
    tell("comparability")
    compared_groups = forms.judge_comparability(shown, settings)
    tell("comments")
    frames["comments"] = comments.select_comments(counted.comments, settings, decisions)
    unread = comments.count_unread(counted.comments, settings, decisions)
    tell("drivers and priorities")
    (meta, frames["drivers"], frames["priorities"]), reliability = ask_beside()
    frames["reliability"] = scales.tabulate_scales(reliability, settings, frames["practice_variance"])
    return frames, meta | {"comparability": compared_groups, "comments_unread": unread}
