"""Which columns of each frame a reader sees, what they are called, and how their numbers are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["LAYOUTS", "NOTES", "Column"]

Style = Literal["text", "count", "number", "bounded", "three", "p", "share", "interval", "net", "people"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column for reading: header, the frame's columns it is made from, and how."""

    header: str
    sources: tuple[str, ...]
    style: Style


def _text(header: str, source: str) -> Column:
    return Column(header, (source,), "text")


def _n(source: str = "n", header: str = "n") -> Column:
    return Column(header, (source,), "count")


def _b(header: str, source: str = "estimate") -> Column:
    return Column(header, (source,), "bounded")


def _p(header: str, source: str) -> Column:
    return Column(header, (source,), "p")


def _ci(style_bounded: bool = True, low: str = "ci_low", high: str = "ci_high", header: str = "95% CI") -> Column:
    return Column(header, (low, high), "interval" if style_bounded else "net")


CRITERION, FORM, METRIC, PAIR = (
    _text("Criterion", "criterion"),
    _text("Form", "transform"),
    _text("Metric", "term"),
    _text("Comparison", "term"),
)
LAYOUTS: dict[str, tuple[Column, ...]] = {
    "descriptives": (
        METRIC,
        _text("Scale", "scale"),
        _n(),
        Column("Not answered", ("missing",), "share"),
        Column("M", ("mean",), "number"),
        Column("SD", ("sd",), "number"),
        Column("Skew", ("skew",), "number"),
        Column("Ceiling", ("ceiling",), "share"),
        Column("Top 2", ("top2",), "share"),
        Column("Net score", ("net",), "net"),
        _ci(style_bounded=False),
    ),
    "shares": (
        PAIR,
        FORM,
        _n(),
        _b("Difference"),
        _ci(),
        Column("One class apart", ("moved_one",), "people"),
        Column("Two classes apart", ("moved_two",), "people"),
        _p("p (McNemar)", "p_value"),
        _p("p (Holm)", "p_holm"),
    ),
    "between_metrics": (_text("Metrics", "term"), _n(), _b("r"), _b("Spearman ρ", "spearman")),
    "associations": (
        CRITERION,
        FORM,
        METRIC,
        _n(),
        _b("r"),
        Column("SE", ("std_error",), "three"),
        _ci(),
        _b("Spearman ρ", "spearman"),
        _b("Kendall τ", "kendall"),
        _b("AUC", "auc"),
        _ci(low="auc_low", high="auc_high", header="95% CI (AUC)"),
    ),
    "differences": (
        CRITERION,
        FORM,
        PAIR,
        _n(),
        _b("Δr"),
        Column("SE", ("std_error",), "three"),
        _ci(),
        _p("p", "p_value"),
        _p("p (Holm)", "p_holm"),
        Column("Williams t", ("williams_t",), "number"),
        Column("Steiger z", ("steiger_z",), "number"),
        Column("Meng z", ("meng_z",), "number"),
        _ci(low="zou_low", high="zou_high", header="Zou 95% CI"),
        _b("ΔAUC", "auc_difference"),
        _p("p (ΔAUC)", "auc_p"),
    ),
    "verdicts": (
        CRITERION,
        _text("Named", "term"),
        _text("Largest r", "best"),
        _b("r", "r_best"),
        _b("Detectable Δr", "detectable"),
    ),
    "hypotheses": (
        _text("Hypothesis", "term"),
        CRITERION,
        _b("Δr"),
        _p("p (Holm)", "p_holm"),
        _text("Outcome", "outcome"),
    ),
    "non_nested": (
        CRITERION,
        PAIR,
        _text("Test", "test"),
        _n(),
        Column("Statistic", ("statistic",), "number"),
        _p("p", "p_value"),
        _p("p (Holm)", "p_holm"),
        Column("ΔBIC", ("bic_difference",), "number"),
        _ci(style_bounded=False, low="bic_low", high="bic_high", header="95% CI (ΔBIC)"),
    ),
    "predictions": (
        CRITERION,
        _text("Model", "term"),
        _n(),
        Column("Log-loss", ("log_loss",), "three"),
        Column("Brier", ("brier",), "three"),
        _b("AUC", "auc"),
        Column("Hit rate", ("hit_rate",), "share"),
        Column("Base rate", ("base_rate",), "share"),
        Column("R² (new practices)", ("r2",), "three"),
        Column("RMSE", ("rmse",), "number"),
    ),
    "combinations": (
        CRITERION,
        _text("Combination", "term"),
        _text("Best single", "best"),
        Column("Gain", ("estimate",), "three"),
        Column("95% CI", ("ci_low", "ci_high"), "three"),
        _p("p", "p_value"),
        _p("p (Holm)", "p_holm"),
    ),
    "dominance": (
        CRITERION,
        METRIC,
        _text("Index", "index"),
        Column("General", ("estimate",), "three"),
        Column("Share", ("share",), "share"),
        Column("Alone", ("alone",), "three"),
        Column("Beside all others", ("last",), "three"),
        _text("Dominates completely", "dominates"),
    ),
    "levels": (
        CRITERION,
        _text("Level", "level"),
        _text("Metric or comparison", "term"),
        _n(),
        _b("r or Δr"),
        _ci(),
        _p("p", "p_value"),
        _p("p (Holm)", "p_holm"),
    ),
    "discrimination": (
        METRIC,
        FORM,
        _n(),
        _n("n_practices", "Practices"),
        Column("ICC", ("estimate",), "three"),
        Column("95% CI", ("ci_low", "ci_high"), "three"),
        _n("n_70", "n for R = .70"),
        _n("n_80", "n for R = .80"),
        _n("n_90", "n for R = .90"),
    ),
    "stability": (METRIC, _text("What", "quantity"), _n(), _b("Estimate"), _ci(), _p("p", "p_value")),
    "retest": (
        METRIC,
        _text("What", "quantity"),
        _n(),
        _b("ICC or Δr"),
        _ci(),
        _b("r", "pearson"),
        Column("SEM", ("sem",), "number"),
        Column("SRD", ("srd",), "number"),
        Column("SRM", ("srm",), "number"),
        _p("p", "p_value"),
    ),
    "responsiveness": (
        METRIC,
        _text("What", "quantity"),
        _n("n_practices", "Practices"),
        _b("Change (SD) or difference"),
        _ci(),
        _b("Change / error", "ratio"),
        _p("p", "p_value"),
    ),
    "information": (
        CRITERION,
        METRIC,
        FORM,
        _n(),
        _b("r", "r"),
        _b("Δr to answers as given"),
        _ci(),
        Column("r² kept", ("kept",), "share"),
        Column("People needed, times", ("people_factor",), "number"),
    ),
    "unreliability": (
        CRITERION,
        PAIR,
        _b("r, first", "r_first"),
        _b("r, second", "r_second"),
        _b("Order turns at ratio", "flips_at"),
        _b("Δr if .60, .90", "low_high"),
        _b("Δr if .90, .60", "high_low"),
        _b("Corrected, first", "corrected_first"),
        _b("Corrected, second", "corrected_second"),
    ),
    "profiles": (METRIC, _text("Touchpoint", "label"), _b("Share"), _ci(), _b("R²", "r2")),
    "profile_distances": (
        PAIR,
        _n(),
        Column("Distance", ("estimate",), "three"),
        Column("By chance below", ("by_chance",), "three"),
        _p("p", "p_value"),
        _p("p (Holm)", "p_holm"),
    ),
}

NOTES: dict[str, str] = {
    "descriptives": (
        "High is good for every metric. Net score: KTV 9–10 minus 1–5, NPS 9–10 minus 0–6, CES two easiest minus two "
        "hardest; adjusted Wald interval."
    ),
    "shares": (
        "People who answered every metric. Net: Bonett-Price device (n + 2, Q + 2), independent people. Shares: "
        "McNemar allows for practices."
    ),
    "associations": (
        "Errors by a bootstrap of practices, t with the effective number of practices less one; AUC by DeLong."
    ),
    "differences": (
        "SE, CI and p by a bootstrap of practices (preferred). Williams, Steiger, Meng and Zou assume independent "
        "people. Holm over all pairs and criteria of a form."
    ),
    "non_nested": (
        "J and Vuong: errors summed per practice. With one regressor apart, the encompassing F is the square of J's t."
    ),
    "predictions": (
        "Every part of the practices predicted from the others; pooled over people. R² against the mean of the "
        "practices fitted on."
    ),
    "combinations": (
        "Gain in log-loss (two classes) or in squared error as a share of the variance, in practices left out."
    ),
    "dominance": "General dominance sums to the index of the full model (R² or McFadden's).",
    "levels": "Respondent: around the practice's mean. Practice: practices' means, each counting once.",
    "discrimination": "One-way analysis of variance with n0; n rounded up.",
    "information": "r² kept: r² of the form as a share of r² of the answers as given.",
    "unreliability": (
        "Spearman's correction; the order turns when the reliability of the metric behind, as a share of the other's,"
        " is below the ratio."
    ),
    "profiles": "Shapley (LMG) shares of what the touchpoints explain of a metric; each metric's shares sum to 1.",
    "profile_distances": (
        "Half the sum of absolute differences of two profiles; chance: samples in which both had the same profile."
    ),
}
