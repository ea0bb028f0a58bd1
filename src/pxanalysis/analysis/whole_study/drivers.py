"""What drives the outcome, and where each practice wins most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.importance.assumed import order_by_assumed_reliability
from pxanalysis.analysis.importance.estimate import estimate_importance
from pxanalysis.analysis.priorities import estimate_priorities
from pxanalysis.analysis.whole_study.frames import DriverRow, PriorityRow, as_declared, with_absent
from pxanalysis.analysis.whole_study.settings import FEW_RESPONDENTS, FitSettings
from pxanalysis.analysis.whole_study.shown import of_shown_practices, weights_of
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.statistics.notes import Note
from pxanalysis.statistics.relative_importance.methods import MOST_EXACT
from pxanalysis.statistics.resampling.few_practices import effective_units
from pxanalysis.statistics.resampling.intervals import r2_interval

if TYPE_CHECKING:
    from pxanalysis.analysis.drivers.model import DriverModel
    from pxanalysis.analysis.importance.result import ImportanceResult
    from pxanalysis.analysis.priorities import PrioritiesResult
    from pxanalysis.analysis.sem.model import SemModel
    from pxanalysis.survey.responses import Responses

__all__ = [
    "choose_case_mix",
    "estimate_study_importance",
    "estimate_study_priorities",
    "fit_study_drivers",
    "tabulate_drivers",
]


def tabulate_drivers(
    responses: Responses, settings: FitSettings, of_model: Responses | None = None
) -> tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]:
    """Driver model with importances, and the priorities of every practice.

    Both rest on practices with at least ``minimum_n`` responses, so that the answers of a practice that is hidden are
    in no figure at all (see ``fit.shown``). ``n_dropped`` counts them among the responses that were not used.

    Parameters
    ----------
    of_model
        The answers that effects rest on, where those are more than what practices are shown by.

    Returns
    -------
    (meta, drivers, priorities)
        When the data cannot carry a driver model, both frames still have a row per touchpoint, with the reason.
    """
    shown = of_shown_practices(responses, settings.minimum_n)
    try:
        model = fit_study_drivers(responses if of_model is None else of_model, settings)
        importance = estimate_study_importance(model, settings)
        sem = fit_study_sem(responses, settings) if settings.priorities == "sem" else None
        priorities = estimate_study_priorities(responses, model, settings, sem)
    except NotEstimableError as error:
        return _without(responses, settings, error)
    meta = _meta(model, settings) | {"n_dropped": responses.n - model.n_obs}
    meta |= {"r2_low": importance.r2_low, "r2_high": importance.r2_high}
    meta |= {"n_samples_failed": int((~importance.bootstrap.valid).sum())}
    meta |= _explained_by_drivers(importance, settings.confidence)
    meta |= {
        "case_mix": list(choose_case_mix(shown, settings)),
        "drivers_reason": "",
        "drivers_reason_code": "",
        "priority_notes": [note.plain() for note in priorities.notes],
        "certainty": priorities.settings.certainty,
        "smallest_gain": priorities.smallest_gain,
        "driver_method": importance.method,
        "gains_from": [version.name for version in priorities.effects.versions],
        "borrowed_reliability": None if model.correction is None else model.correction.borrowed,
        "single_item_orders": order_by_assumed_reliability(model),
    }
    if importance.method == "johnson":
        meta["driver_notes"] += [Note("johnson", {"most": MOST_EXACT}).plain()]
    ranked, agreement = _beside_sem(importance, sem)
    ranked, second = _beside_second(ranked, shown, settings)
    return (
        _plain(meta | agreement | second),
        as_declared(ranked, DriverRow),
        _with_hidden(as_declared(priorities.frame, PriorityRow), responses),
    )


def fit_study_drivers(responses: Responses, settings: FitSettings) -> DriverModel:
    """Fit the driver model that reports show: practices that may be shown, with the study's outcome and case mix."""
    shown = of_shown_practices(responses, settings.minimum_n)
    _check_some(shown, settings)
    return fit_drivers(
        shown,
        settings.outcome,
        case_mix=choose_case_mix(shown, settings),
        n_bootstrap=settings.n_bootstrap,
        seed=settings.seed,
        confidence=settings.confidence,
        measurement=settings.measurement,
        weights=weights_of(shown, settings.weights),
    )


def estimate_study_importance(model: DriverModel, settings: FitSettings) -> ImportanceResult:
    """Share out what that model explains, with the study's bootstrap."""
    return estimate_importance(model, n_bootstrap=settings.n_bootstrap, seed=settings.seed)


def fit_study_sem(responses: Responses, settings: FitSettings) -> SemModel:
    """Fit the journey of the practices that may be shown as a structural equation model, with its samples."""
    if settings.weights is not None:
        raise AnalysisError(
            "priorities: a structural equation model does not weigh responses. Leave out [analysis] weights or "
            'priorities = "sem" in study.toml.'
        )
    # semopy is heavy, and most studies rank by regression
    from pxanalysis.analysis.sem import SemOptions, fit_sem

    shown = of_shown_practices(responses, settings.minimum_n)
    _check_some(shown, settings)
    options = SemOptions(n_bootstrap=settings.n_bootstrap, seed=settings.seed, confidence=settings.confidence)
    return fit_sem(shown, settings.outcome, case_mix=choose_case_mix(shown, settings), options=options)


def estimate_study_priorities(
    responses: Responses, model: DriverModel, settings: FitSettings, sem: SemModel | None = None
) -> PrioritiesResult:
    """Rank what each practice that may be shown could do first, by that model or by a structural equation model."""
    effects = None
    if settings.priorities == "sem":
        from pxanalysis.analysis.sem.driver_effects import effects_of_sem

        sem = sem or fit_study_sem(responses, settings)
        effects = effects_of_sem(sem, model, settings.n_bootstrap, settings.seed)
    shown = of_shown_practices(responses, settings.minimum_n)
    return estimate_priorities(
        shown,
        model,
        effects=effects,
        weights=weights_of(shown, settings.weights),
        n_bootstrap=settings.n_bootstrap,
        seed=settings.seed,
        minimum_n=settings.minimum_n,
        confidence=settings.confidence,
    )


def _beside_sem(importance: ImportanceResult, sem: SemModel | None) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Rows of the drivers with their place by the structural equation model, and how far the rankings agree."""
    rows = importance.terms.assign(sem_effect=np.nan, rank_sem=np.nan)
    if sem is None:
        return rows, {"ranking_agreement": None}
    from pxanalysis.analysis.sem.rankings import compare_rankings

    found = compare_rankings(importance, sem, importance.model.outcome)
    beside = found.table.set_index("term")
    rows["sem_effect"] = rows["touchpoint"].map(beside["total_effect"])
    rows["rank_sem"] = rows["touchpoint"].map(beside["rank_sem"]).astype("float64")
    facts = {"tau": found.tau, "same_first": found.same_first, "shared_top": found.n_shared_top}
    return rows, {"ranking_agreement": facts}


def _beside_second(rows: pd.DataFrame, shown: Responses, settings: FitSettings) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Rows of the drivers with their importance for a second outcome, or why there is none."""
    rows = rows.assign(second_importance=np.nan, rank_second=np.nan)
    if settings.second_outcome is None:
        return rows, {"second_outcome": None, "second_reason": ""}
    try:
        model = fit_drivers(
            shown,
            settings.second_outcome,
            case_mix=choose_case_mix(shown, settings),
            n_bootstrap=settings.n_bootstrap,
            seed=settings.seed,
            cross_validate=False,
            weights=weights_of(shown, settings.weights),
        )
        found = estimate_importance(model, n_bootstrap=settings.n_bootstrap, seed=settings.seed).terms
    except NotEstimableError as error:
        return rows, {"second_outcome": settings.second_outcome, "second_reason": str(error)}
    beside = found.set_index("touchpoint")
    rows["second_importance"] = rows["touchpoint"].map(beside["importance"])
    rows["rank_second"] = rows["touchpoint"].map(beside["rank"]).astype("float64")
    return rows, {"second_outcome": model.outcome, "second_reason": ""}


def _check_some(shown: Responses, settings: FitSettings) -> None:
    if shown.n == 0:
        raise NotEstimableError(f"no practice has at least {settings.minimum_n} responses.", code="too_few")


def _with_hidden(priorities: pd.DataFrame, responses: Responses) -> pd.DataFrame:
    """Add the practices that took no part, without figures."""
    absent = sorted(set(responses.practices) - set(priorities["practice_id"]))
    if not absent:
        return priorities
    keys = pd.MultiIndex.from_product([absent, priorities["touchpoint"].unique()], names=["practice_id", "touchpoint"])
    rows = keys.to_frame(index=False).assign(suppressed=True, reason=FEW_RESPONDENTS, reason_code="few_respondents")
    whole = pd.concat([priorities, with_absent(rows, PriorityRow)], ignore_index=True)
    return whole.sort_values("practice_id", kind="stable", ignore_index=True)


def _explained_by_drivers(importance: ImportanceResult, confidence: float) -> dict[str, float]:
    """The part of R² that the importances add up to, without what case mix and who met what explain."""
    whole = float(importance.terms["importance"].sum())
    units = effective_units(importance.model.design.codes)
    low, high = r2_interval(whole, importance.replicates.sum(axis=1), confidence, units)
    return {"r2_drivers": whole, "r2_drivers_low": low, "r2_drivers_high": high}


def choose_case_mix(responses: Responses, settings: FitSettings) -> tuple[str, ...]:
    """Case-mix variables to use: those that were asked for, else all of the journey with several answers."""
    ids = [variable.id for variable in responses.journey.case_mix]
    if settings.case_mix is not None:
        unknown = [name for name in settings.case_mix if name not in ids]
        if unknown:
            raise AnalysisError(
                f"case_mix: journey '{responses.journey.id}' has no case-mix variable '{unknown[0]}'; it has: "
                f"{', '.join(ids) or 'none'}. Correct [analysis] case_mix in study.toml."
            )
        return settings.case_mix
    return tuple(name for name in ids if responses.table[name].drop_nulls().n_unique() > 1)


def _meta(model: DriverModel, settings: FitSettings) -> dict[str, Any]:
    return {
        "outcome": model.outcome,
        "driver_level": model.level,
        "driver_errors": model.errors,
        "r2": model.r2,
        "adj_r2": model.adj_r2,
        "cv_r2": model.cv_r2,
        "r2_covariates": model.r2_covariates,
        "n_obs": model.n_obs,
        "n_complete": model.n_complete,
        "n_dropped": model.n_dropped,
        "n_practices_model": model.n_practices,
        "n_terms": int((model.terms["reason"] == "").sum()),
        "condition_index": model.condition_index,
        "missing_method": model.missing,
        "driver_notes": [note.plain() for note in model.notes],
        "cv_note": model.cv_note.plain() if model.cv_note is not None else None,
    }


def _plain(meta: dict[str, Any]) -> dict[str, Any]:
    """Plain JSON: no NaN, no numpy types."""
    plain: dict[str, Any] = {}
    for name, value in meta.items():
        number = value.item() if isinstance(value, np.generic) else value
        plain[name] = None if isinstance(number, float) and not np.isfinite(number) else number
    return plain


def _without(
    responses: Responses, settings: FitSettings, error: NotEstimableError
) -> tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]:
    names, reason = [touchpoint.id for touchpoint in responses.journey.touchpoints], str(error)
    drivers = with_absent(pd.DataFrame({"touchpoint": names, "reason": reason}), DriverRow)
    few = {name: responses.of_practice(name).n < settings.minimum_n for name in responses.practices}
    keys = pd.MultiIndex.from_product([responses.practices, names], names=["practice_id", "touchpoint"])
    priorities = keys.to_frame(index=False).assign(status="undecided")
    priorities["suppressed"] = priorities["practice_id"].map(few)
    priorities["reason"] = np.where(priorities["suppressed"], FEW_RESPONDENTS, reason)
    priorities = with_absent(priorities, PriorityRow)
    facts = {"outcome": responses.journey.outcome(settings.outcome).id, "n_dropped": responses.n}
    return facts | {"drivers_reason": reason, "drivers_reason_code": error.code}, drivers, priorities
