"""What went into a report, and with which settings and software it was made."""

from __future__ import annotations

from pxanalysis.reporting.sections.selection import Selection, is_known, join_sentences

__all__ = ["list_facts", "list_remarks"]

Fact = tuple[str, str]


def list_facts(selection: Selection, outcome: str, notebook_hash: str) -> list[Fact]:
    """Names and values in the reader's words; what was not recorded is said."""
    wording, meta = selection.wording, selection.meta
    facts = [("responses", wording.text("fact.responses_value", n=meta["n_responses"], providers=meta["n_practices"]))]
    if not selection.suppressed:
        said = join_sentences(f"{_response_rate(selection).removesuffix('.')}.", wording.text("fact.non_response"))
        facts.append(("response_rate", said))
    facts += [*_waiting(selection), *_hidden_practices(selection)]
    if meta.get("first_date") and meta.get("last_date"):
        facts.append(("period", wording.period(meta["first_date"], meta["last_date"])))
    rejected = (("rows", meta["n_rejected_rows"]), ("cells", meta["n_rejected_cells"]))
    facts.append(("rejected", ", ".join(wording.text(f"fact.rejected_{what}", n=count) for what, count in rejected)))
    if is_known(meta.get("r2")):
        facts += _model_facts(selection, outcome)
    facts += [("bootstrap", _bootstrap(selection)), ("minimum", wording.text("count.patients", n=selection.minimum))]
    facts += [(name, _recorded(selection, meta.get(name))) for name in ("version", "software")]
    facts += [(name, _recorded(selection, meta.get(name))) for name in ("data_hash", "journey_hash", "settings_hash")]
    facts.append(("notebook_hash", _recorded(selection, notebook_hash)))
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


def _waiting(selection: Selection) -> list[Fact]:
    wording, waiting = selection.wording, selection.waiting
    return [("waiting", wording.text("fact.waiting_value", n=waiting, minimum=selection.minimum))] if waiting else []


def _hidden_practices(selection: Selection) -> list[Fact]:
    hidden = sum(bool(row["suppressed"]) for row in selection.study("practices"))
    return [("hidden", selection.wording.text("fact.hidden_value", n=hidden, minimum=selection.minimum))]


def _bootstrap(selection: Selection) -> str:
    wording, meta = selection.wording, selection.meta
    confidence, seed = wording.percent(meta["confidence"]), str(meta["seed"])
    return wording.text("fact.bootstrap_value", confidence=confidence, n=meta["n_bootstrap"], seed=seed)


def _model_facts(selection: Selection, outcome: str) -> list[Fact]:
    wording, meta = selection.wording, selection.meta
    keys = ("r2", "r2_low", "r2_high", "r2_drivers", "adj_r2", "cv_r2", "r2_covariates")
    r2 = {key: wording.number(meta[key], 2) if is_known(meta.get(key)) else wording.text("none") for key in keys}
    written = wording.text(
        "fact.r2_value",
        r2=r2["r2"],
        low=r2["r2_low"],
        high=r2["r2_high"],
        drivers=r2["r2_drivers"],
        covariates=r2["r2_covariates"],
        adjusted=r2["adj_r2"],
        cv=r2["cv_r2"],
    )
    errors = str(meta.get("driver_errors") or "").lower()
    observed = wording.text("fact.n_value", n=meta["n_obs"], complete=meta["n_complete"], dropped=meta["n_dropped"])
    return [
        ("outcome", outcome),
        ("n", observed),
        ("missing", wording.text(f"missing.{meta['missing_method']}")),
        ("errors", wording.text(f"errors.{errors}") if errors else wording.text("fact.not_known")),
        ("r2", written),
        ("importance", wording.text(f"importance.{meta['driver_method']}")),
    ]


def list_remarks(selection: Selection) -> list[str]:
    """What a careful reader should know of the model, in the reader's language; each once."""
    wording, meta = selection.wording, selection.meta
    notes = [*(meta.get("driver_notes") or ()), *(meta.get("priority_notes") or ()), meta.get("cv_note")]
    said = []
    for note in notes:
        # Results of an older version hold sentences in English instead of codes.
        if isinstance(note, dict) and wording.has(f"note.{note['code']}"):
            values = {name: value for name, value in note.items() if name != "code"}
            said.append(wording.text(f"note.{note['code']}", **values))
    return list(dict.fromkeys(said))
