"""How the report was made, for a researcher."""

from __future__ import annotations

from pxanalysis.reporting.fragments import Fragment, render_part
from pxanalysis.reporting.sections.drivers import ranked_drivers
from pxanalysis.reporting.sections.selection import Row, Selection, is_known

__all__ = ["make"]


def make(selection: Selection) -> Fragment:
    """Return questionnaire, reliability, model, data and settings."""
    from pxanalysis.reporting.tables import page_table, table_model, table_reliability

    wording, journey = selection.wording, selection.journey
    reliability = [_reliability(selection, row) for row in selection.study("reliability")]
    model = [_model(selection, row) for row in ranked_drivers(selection)]
    outcome = selection.outcome_labels.get(str(selection.meta["outcome"]), str(selection.meta["outcome"]))
    return render_part(
        "method",
        wording,
        questionnaire=wording.text(
            "method.questionnaire_text",
            title=journey.title[selection.language],
            touchpoints=len(journey.touchpoints),
            items=len(journey.items),
        ),
        full=not selection.suppressed,
        reliability=page_table(table_reliability(reliability, wording)) if reliability else "",
        model=page_table(table_model(model, wording)) if model else "",
        model_caption=wording.text("method.model_caption", outcome=outcome),
        facts=_facts(selection, outcome),
        minimum=selection.minimum,
    )


def _decimal(selection: Selection, value: object, decimals: int = 2) -> str:
    return selection.wording.number(value, decimals) if isinstance(value, float) and is_known(value) else ""


def _interval(selection: Selection, row: Row, estimate: str, low: str, high: str) -> str:
    if not is_known(row[estimate]):
        return ""
    text = _decimal(selection, row[estimate])
    if not (is_known(row[low]) and is_known(row[high])):
        return text
    between = selection.wording.text("between", low=_decimal(selection, row[low]), high=_decimal(selection, row[high]))
    return f"{text} ({between})"


def _reliability(selection: Selection, row: Row) -> dict[str, str]:
    wording = selection.wording
    needed = [row["n_for_70"], row["n_for_80"], row["n_for_90"]]
    verdict = str(row["verdict"] or "")
    return {
        "scale": selection.label(row["scale"]),
        "items": wording.number(row["k"]),
        "n": wording.number(row["n"]) if is_known(row["n"]) else "",
        "alpha": _interval(selection, row, "alpha", "alpha_low", "alpha_high"),
        "omega": _decimal(selection, row["omega"]),
        "spearman_brown": _decimal(selection, row["spearman_brown"]),
        "icc": _decimal(selection, row["icc"], 3),
        "n_for": " / ".join(wording.number(n) for n in needed) if all(is_known(n) for n in needed) else "",
        "verdict": wording.text(f"reliability.{verdict}") if verdict else "",
    }


def _model(selection: Selection, row: Row) -> dict[str, str]:
    wording = selection.wording
    p = row["p_value"]
    small = is_known(p) and p < 0.001
    return {
        "touchpoint": selection.label(row["touchpoint"]),
        "beta": _decimal(selection, row["beta"]),
        "se": _decimal(selection, row["std_error"], 3),
        "ci": _interval(selection, row, "beta", "ci_low", "ci_high").partition(" (")[2].rstrip(")"),
        "p": f"< {wording.number(0.001, 3)}" if small else _decimal(selection, p, 3),
        "b": _decimal(selection, row["b_raw"], 3),
        "vif": _decimal(selection, row["vif"], 1),
        "importance": _interval(selection, row, "importance", "importance_low", "importance_high"),
    }


def _facts(selection: Selection, outcome: str) -> list[tuple[str, str]]:
    wording, meta = selection.wording, selection.meta
    facts = [("responses", wording.text("fact.responses_value", n=meta["n_responses"], practices=meta["n_practices"]))]
    if meta.get("first_date") and meta.get("last_date"):
        facts.append(("period", wording.period(meta["first_date"], meta["last_date"])))
    rejected = wording.text("fact.rejected_value", rows=meta["n_rejected_rows"], cells=meta["n_rejected_cells"])
    facts.append(("rejected", rejected))
    if is_known(meta.get("r2")):
        facts += _model_facts(selection, outcome)
    facts.append(("minimum", wording.text("count.patients", n=selection.minimum)))
    for name in ("version", "data_hash", "journey_hash", "settings_hash"):
        facts.append((name, str(meta.get(name) or wording.text("fact.not_known"))))
    return [(wording.text(f"fact.{name}"), value) for name, value in facts]


def _model_facts(selection: Selection, outcome: str) -> list[tuple[str, str]]:
    wording, meta = selection.wording, selection.meta
    keys = ("r2", "r2_low", "r2_high", "r2_drivers", "adj_r2", "cv_r2")
    r2 = {key: wording.number(meta[key], 2) if is_known(meta.get(key)) else wording.text("none") for key in keys}
    written = wording.text(
        "fact.r2_value",
        r2=r2["r2"],
        low=r2["r2_low"],
        high=r2["r2_high"],
        drivers=r2["r2_drivers"],
        adjusted=r2["adj_r2"],
        cv=r2["cv_r2"],
    )
    observed = wording.text("fact.n_value", n=meta["n_obs"], complete=meta["n_complete"], dropped=meta["n_dropped"])
    confidence = wording.percent(meta["confidence"])
    bootstrap = wording.text(
        "fact.bootstrap_value", confidence=confidence, n=meta["n_bootstrap"], seed=str(meta["seed"])
    )
    return [
        ("outcome", outcome),
        ("n", observed),
        ("missing", wording.text(f"missing.{meta['missing_method']}")),
        ("r2", written),
        ("importance", wording.text(f"importance.{meta['driver_method']}")),
        ("bootstrap", bootstrap),
    ]
