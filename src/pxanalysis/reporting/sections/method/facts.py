"""What went into a report, and with which settings and software it was made."""

from __future__ import annotations

from pxanalysis.analysis.whole_study.frames import OutcomeRow, PracticeRow
from pxanalysis.journey.outcome_metrics import MAIN_METRIC
from pxanalysis.reporting.sections.selection import Selection, is_known, join_sentences
from pxanalysis.statistics.conventions import MOST_FOLDS

__all__ = ["list_facts"]

Fact = tuple[str, str]


def list_facts(selection: Selection, outcome: str, notebook_hash: str) -> list[Fact]:
    """Names and values in the reader's words; what was not recorded is said."""
    wording, meta = selection.wording, selection.meta
    facts = [("responses", wording.text("fact.responses_value", n=meta.n_responses, providers=meta.n_practices))]
    if not selection.suppressed:
        facts += [("response_rate", _response_rate(selection)), ("non_response", _non_response(selection))]
    facts += [*_waiting(selection), *_hidden_practices(selection)]
    if meta.first_date and meta.last_date:
        facts.append(("period", wording.period(meta.first_date, meta.last_date)))
    elif selection.undated:
        facts.append(("period", wording.text("fact.undated")))
    rejected = (("rows", meta.n_rejected_rows), ("cells", meta.n_rejected_cells))
    facts.append(("rejected", ", ".join(wording.text(f"fact.rejected_{what}", n=count) for what, count in rejected)))
    if is_known(meta.r2):
        facts += _model_facts(selection, outcome)
    facts += [("bootstrap", _bootstrap(selection)), ("minimum", wording.text("count.patients", n=selection.minimum))]
    recorded = (
        ("version", meta.version),
        ("software", meta.software),
        ("data_hash", meta.data_hash),
        ("journey_hash", meta.journey_hash),
        ("settings_hash", meta.settings_hash),
        ("notebook_hash", notebook_hash),
    )
    facts += [(name, _recorded(selection, value)) for name, value in recorded]
    return [(wording.text(f"fact.{name}"), value) for name, value in facts]


def _recorded(selection: Selection, value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name} {version}" for name, version in value.items())
    return str(value or "") or selection.wording.text("fact.not_known")


def _response_rate(selection: Selection) -> str:
    """Which part of the invited patients answered, or what it takes to know."""
    wording, invited = selection.wording, selection.invited
    if invited is None:
        return wording.text("fact.response_rate_unknown")
    if selection.response_rate is None:
        return wording.text("fact.response_rate_impossible", n=selection.answered, invited=invited)
    rate = wording.percent(selection.response_rate)
    return wording.text("fact.response_rate_value", rate=rate, answered=selection.answered, invited=invited)


def _non_response(selection: Selection) -> str:
    """Which part of all invited patients answered, and that nothing was done about those who did not."""
    wording, meta = selection.wording, selection.meta
    answered = meta.n_responses + sum(meta.waiting.values())
    invited = meta.n_invited or 0
    everywhere = wording.text("fact.rate_of_all_unknown")
    if invited >= answered > 0:
        rate = wording.percent(answered / invited)
        everywhere = wording.text("fact.rate_of_all", rate=rate, answered=answered, invited=invited)
    done = wording.text("fact.not_weighted")
    if meta.n_effective is not None:
        done = wording.text("fact.weighted", n=meta.n_responses, effective=wording.number(meta.n_effective))
    return join_sentences(everywhere, done, wording.text("fact.non_response_means"))


def _waiting(selection: Selection) -> list[Fact]:
    wording, waiting = selection.wording, selection.waiting
    facts = [("waiting", wording.text("fact.waiting_value", n=waiting, minimum=selection.minimum))] if waiting else []
    parts = selection.meta.part_waiting.get(selection.practice_id, ())
    if parts:
        labels = selection.labels | selection.outcome_labels
        names = wording.enumerate([labels.get(part, part) for part in parts])
        facts.append(
            ("parts_waiting", wording.text("fact.parts_waiting_value", parts=names, minimum=selection.minimum))
        )
    if selection.practice_id in selection.meta.frozen:
        facts.append(("frozen", wording.text("fact.frozen_value")))
    return facts


def _hidden_practices(selection: Selection) -> list[Fact]:
    hidden = sum(row.suppressed for row in selection.study(PracticeRow))
    key = "fact.hidden_value" if hidden else "fact.hidden_none"
    return [("hidden", selection.wording.text(key, n=hidden, minimum=selection.minimum))]


def _bootstrap(selection: Selection) -> str:
    wording, meta = selection.wording, selection.meta
    confidence, seed = wording.percent(meta.confidence), str(meta.seed)
    key = "fact.bootstrap_within" if is_of_one(selection) else "fact.bootstrap_value"
    return wording.text(key, confidence=confidence, n=meta.n_bootstrap, seed=seed)


def is_of_one(selection: Selection) -> bool:
    """Whether the model is of one practice, so that its patients were resampled and nothing is known of others."""
    return selection.meta.n_practices_model == 1


def _model_facts(selection: Selection, outcome: str) -> list[Fact]:
    wording, meta = selection.wording, selection.meta
    found = {
        "r2": meta.r2,
        "r2_low": meta.r2_low,
        "r2_high": meta.r2_high,
        "r2_drivers": meta.r2_drivers,
        "adj_r2": meta.adj_r2,
        "r2_covariates": meta.r2_covariates,
    }
    r2 = {key: wording.number(value, 2) if is_known(value) else wording.text("none") for key, value in found.items()}
    written = wording.text(
        "fact.r2_value",
        r2=r2["r2"],
        low=r2["r2_low"],
        high=r2["r2_high"],
        drivers=r2["r2_drivers"],
        covariates=r2["r2_covariates"],
        adjusted=r2["adj_r2"],
    )
    errors = str(meta.driver_errors or "").lower()
    errors = "bootstrap_within" if errors == "bootstrap" and is_of_one(selection) else errors
    used = wording.text("fact.n_value", n=meta.n_obs, complete=meta.n_complete)
    return [
        ("outcome", outcome),
        ("n", join_sentences(used, _unused(selection))),
        ("missing", wording.text(f"missing.{meta.missing_method}")),
        ("errors", wording.text(f"errors.{errors}") if errors else wording.text("fact.not_known")),
        ("r2", written),
        ("cv_within" if is_of_one(selection) else "cv", _cross_validated(selection)),
        ("importance", wording.text(f"importance.{meta.driver_method}")),
    ]


def _unused(selection: Selection) -> str:
    """How many answers are not in the model, and by which rule."""
    wording, meta = selection.wording, selection.meta
    unused = meta.n_dropped
    if not unused:
        return ""
    outcome = selection.outcome_labels.get(meta.outcome, meta.outcome)
    hidden = any(row.suppressed for row in selection.study(PracticeRow))
    rule = "hidden" if hidden else "outcome" if _n_unrated(selection) == unused else "rules"
    return wording.text(f"fact.unused_{rule}", n=unused, outcome=outcome, minimum=selection.minimum)


def _n_unrated(selection: Selection) -> int | None:
    """Answers without the outcome, where every practice has enough answers to it to be counted."""
    kinds = {outcome.id: outcome.kind for outcome in selection.journey.outcomes}
    name = selection.meta.outcome
    where = {"outcome": name, "metric": MAIN_METRIC.get(str(kinds.get(name)), "")}
    rows, pooled = selection.study(OutcomeRow, **where), selection.pooled(OutcomeRow, **where)
    answered = pooled[0].n if pooled else None
    if answered is None or any(row.suppressed for row in rows):
        return None
    return selection.meta.n_responses - answered


def _cross_validated(selection: Selection) -> str:
    """R² in practices (of one: in patients) that were left out, how many groups there were, and how to read it."""
    wording, meta = selection.wording, selection.meta
    if not is_known(meta.cv_r2):
        return wording.text("fact.cv_none")
    hidden = sum(row.suppressed for row in selection.study(PracticeRow))
    practices = meta.n_practices_model or meta.n_practices - hidden
    value = wording.number(meta.cv_r2, 2)
    said = wording.text(
        "fact.cv_value" if practices > 1 else "fact.cv_patients",
        cv=value,
        folds=min(MOST_FOLDS, practices if practices > 1 else meta.n_obs),
        practices=practices,
    )
    return join_sentences(said, wording.text("fact.cv_means_within" if practices == 1 else "fact.cv_means"))
