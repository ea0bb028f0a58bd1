"""Whether a questionnaire measures the same in several groups, and so whether their means may be compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pxanalysis.analysis.sem.fit import fit_rows
from pxanalysis.analysis.sem.model import SemModel
from pxanalysis.analysis.sem.options import SemOptions
from pxanalysis.analysis.sem.rows import ModelRows, gather_rows
from pxanalysis.analysis.sem.syntax import read_syntax
from pxanalysis.analysis.sem.table import InvarianceLevel
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.result import Result
from pxanalysis.statistics.covariance_structure.measures import chi_square_p
from pxanalysis.survey.responses import Responses

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Invariance", "compare_groups"]

LEVELS: tuple[InvarianceLevel, ...] = ("configural", "metric", "scalar", "strict")
LARGEST_DROP = 0.01
"""Drop in CFI from one level to the next beyond which it does not hold (Cheung & Rensvold 2002)."""

LOWEST_CFI = 0.90
"""Below this the model does not fit even with everything free, and there is nothing to compare."""

FEWEST_ANSWERS = 10
"""An item that fewer people of a group answered was not asked of it: nothing can be said of how they answer it."""

INDEPENDENT = "patients of one practice are taken to be independent of each other: p-values may be too small"

MEANING = {
    "configural": "the same items belong together",
    "metric": "items weigh the same, so relations may be compared",
    "scalar": "items are answered on the same footing, so means may be compared",
    "strict": "items are equally precise as well, so scores may be compared without a model",
}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Invariance(Result):
    """Levels of invariance over groups.

    Attributes
    ----------
    table
        One row per level: ``level, chisq, df, scaling, cfi, rmsea, srmr, aic, bic, chisq_diff, df_diff, p_diff,
        cfi_drop, holds`` (this level and all before it). Differences are with the level before; scaled with MLR
        (Satorra & Bentler 2001).
    models
        The fitted model of every level.
    groups
        Names and numbers of rows of the groups.
    n_dropped
        Rows not used, or without a group.
    notes
        What a careful reader should know.
    """

    table: pd.DataFrame
    models: dict[InvarianceLevel, SemModel]
    groups: dict[str, int]
    n_dropped: int
    notes: tuple[str, ...] = ()

    @property
    def holds_up_to(self) -> InvarianceLevel | None:
        """The strictest level that holds together with all before it; None when none does."""
        reached: InvarianceLevel | None = None
        for level, holds in zip(LEVELS, self.table["holds"], strict=True):
            if not holds:
                break
            reached = level
        return reached

    @property
    def means_comparable(self) -> bool:
        """Whether these groups' means may be compared."""
        return self.holds_up_to in ("scalar", "strict")

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""
        names = ", ".join(self.groups)
        reached = self.holds_up_to
        if reached is None:
            return f"The means of {names} may not be compared: the questions do not belong together in the same way."
        if self.means_comparable:
            return f"The means of {names} may be compared: {MEANING[reached]}."
        return (
            f"The means of {names} may not be compared: {MEANING[reached]}, but from there on they differ, so a "
            "difference between scores may be one between questions."
        )

    def latent_means(self) -> pd.DataFrame:
        """Latent means of the other groups less the first's, under scalar invariance, with intervals.

        Raises
        ------
        NotEstimableError
            When scalar invariance does not hold; differences would then be those of the questions.
        """
        if not self.means_comparable:
            raise NotEstimableError(self.sentence)
        model = self.models["scalar"]
        table = model.parameters
        latents = model.fitted.table.latents
        rows = table[(table["op"] == "~1") & table["lhs"].isin(latents) & table["free"]]
        kept = ["group", "lhs", "estimate", "std_error", "ci_low", "ci_high", "p_value", "std_all"]
        return rows[kept].rename(columns={"lhs": "latent"}).reset_index(drop=True)

    def tidy(self) -> pd.DataFrame:
        """One row per level."""
        return self.table.assign(term=self.table["level"])

    def glance(self) -> pd.DataFrame:
        """One row: groups, rows, what holds, and the answer."""
        facts: dict[str, object] = {
            "n_groups": len(self.groups),
            "n_obs": sum(self.groups.values()),
            "n_dropped": self.n_dropped,
        }
        facts |= {"holds_up_to": self.holds_up_to or "none", "means_comparable": self.means_comparable}
        return pd.DataFrame([facts | {"sentence": self.sentence}])

    def summary(self) -> str:
        """The table and the answer as text."""
        sizes = ", ".join(f"{name} ({n})" for name, n in self.groups.items())
        notes = "".join(f"\n! {note}" for note in self.notes)
        return f"Groups: {sizes}\n\n{self.table.to_string(index=False, float_format='%.3f')}\n\n{self.sentence}{notes}"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw CFI by level, with the drop that is allowed."""
        from matplotlib import pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(5, 3), layout="constrained")
        place = np.arange(len(self.table))
        cfi = self.table["cfi"].to_numpy()
        ax.plot(place, cfi, "o-", color="#1f5f8b")
        ax.hlines(cfi[:-1] - LARGEST_DROP, place[:-1] + 0.6, place[1:] + 0.4, color="#8a97a5", linestyles="dashed")
        ax.set_xticks(place, self.table["level"])
        ax.set_ylabel("CFI (dashed: lowest that holds)")
        ax.spines[["top", "right"]].set_visible(False)
        return ax

    def __repr__(self) -> str:
        return f"Invariance over {len(self.groups)} groups: holds up to {self.holds_up_to or 'none'}\n{self.sentence}"


def compare_groups(
    data: Responses | pd.DataFrame,
    group: object,
    syntax: str | None = None,
    *,
    clusters: object = None,
    options: SemOptions | None = None,
) -> Invariance:
    """Compare how groups answer: configural, metric, scalar and strict invariance.

    Parameters
    ----------
    data
        Responses (then the model is that of all touchpoints with two items or more that every group was asked; what is
        left out stands in ``notes``), or a frame with ``syntax``.
    group
        Column (such as ``role``, ``channel``, ``language`` or a form), or one value per row; rows without are left out.
    syntax
        A measurement model.

    Raises
    ------
    AnalysisError, NotEstimableError
        For fewer than two groups, a group with too few rows, or an item that is constant in one, by name.
    """
    options = options or SemOptions(estimator="MLR")
    frame, left_out = _frame_of(data), list[str]()
    chosen = _group_column(frame, group)
    if syntax is None and isinstance(data, Responses):
        syntax, left_out = _measurement_of(data, frame, chosen)
    if syntax is None:
        raise AnalysisError("syntax: a frame needs a measurement model, such as 'service =~ q1 + q2 + q3'.")
    parsed = read_syntax(syntax)
    has_group = chosen.notna().to_numpy()
    kept = frame[has_group].reset_index(drop=True)
    own = clusters if clusters is None or isinstance(clusters, str) else np.asarray(clusters, dtype=object)[has_group]
    rows = gather_rows(
        kept, tuple(parsed.observed), missing=options.missing, group=chosen[has_group].to_numpy(), clusters=own
    )
    if len(rows.group_labels) < 2:
        raise AnalysisError(f"group: expected at least two groups, found only '{rows.group_labels[0]}'.")
    rows = replace(rows, n_dropped=rows.n_dropped + int((~has_group).sum()))
    if options.estimator == "auto":
        options = replace(options, estimator="MLR")
    models = {level: fit_rows(parsed, rows, options, level) for level in LEVELS}
    notes = dict.fromkeys(note for model in models.values() for note in model.notes)
    if isinstance(data, Responses) and clusters is None and len(data.practices) > 1:
        notes[INDEPENDENT] = None
    if left_out:
        notes[f"left out, as not every group was asked them: {', '.join(left_out)}"] = None
    return Invariance(_compare(models), models, _sizes(rows), rows.n_dropped, tuple(notes))


def _group_column(frame: pd.DataFrame, group: object) -> pd.Series[str]:
    if isinstance(group, str):
        if group not in frame.columns:
            raise AnalysisError(
                f"group: there is no column '{group}'; there are: {', '.join(map(str, frame.columns))}."
            )
        return frame[group]
    values = pd.Series(np.asarray(group, dtype=object))
    if len(values) != len(frame):
        raise AnalysisError(f"group: expected one value per row ({len(frame)}), received {len(values)}.")
    return values


def _frame_of(data: Responses | pd.DataFrame) -> pd.DataFrame:
    if not isinstance(data, Responses):
        return data
    from pxanalysis.analysis.sem.door import response_frame

    return response_frame(data)


def _measurement_of(responses: Responses, frame: pd.DataFrame, groups: pd.Series[str]) -> tuple[str, list[str]]:
    """Touchpoints with two items or more that every group was asked, in lavaan's words; and the items left out."""
    from pxanalysis.analysis.reliability import scales_of

    scales = scales_of(responses.journey)
    answered = frame[[item for own in scales.values() for item in own]].notna().groupby(groups.to_numpy()).sum()
    asked = set(answered.columns[(answered >= FEWEST_ANSWERS).all(axis=0)])
    kept = {name: [item for item in own if item in asked] for name, own in scales.items()}
    measured = {name: own for name, own in kept.items() if len(own) > 1}
    if not measured:
        raise NotEstimableError(
            "no touchpoint has two items that every group was asked, so there is no measurement model to compare."
        )
    used = {item for own in measured.values() for item in own}
    left_out = [item for name, own in scales.items() if len(own) > 1 for item in own if item not in used]
    return "\n".join(f"{name} =~ {' + '.join(own)}" for name, own in measured.items()), left_out


def _sizes(rows: ModelRows) -> dict[str, int]:
    counts = np.bincount(rows.groups, minlength=len(rows.group_labels))
    return {label: int(n) for label, n in zip(rows.group_labels, counts, strict=True)}


def scaled_difference(less: SemModel, more: SemModel) -> tuple[float, int, float]:
    """Chi-square difference of a model with more restrictions, degrees of freedom and p (Satorra & Bentler 2001)."""
    chi_square = more.measures["chisq"] - less.measures["chisq"]
    df = int(more.measures["df"] - less.measures["df"])
    if "chisq.scaling.factor" in more.measures and "chisq.scaling.factor" in less.measures:
        parts = [m.measures["df"] * m.measures["chisq.scaling.factor"] for m in (more, less)]
        factor = (parts[0] - parts[1]) / df
        if factor <= 0:
            return float("nan"), df, float("nan")
        chi_square /= factor
    return chi_square, df, chi_square_p(max(chi_square, 0.0), df)


def _compare(models: dict[InvarianceLevel, SemModel]) -> pd.DataFrame:
    rows: list[dict[str, object]] = []
    before: SemModel | None = None
    for level, model in models.items():
        m = model.measures
        cfi = m.get("cfi.robust", m.get("cfi.scaled", m["cfi"]))
        rmsea = m.get("rmsea.robust", m.get("rmsea.scaled", m["rmsea"]))
        row: dict[str, object] = {
            "level": level,
            "chisq": m["chisq"],
            "df": int(m["df"]),
            "scaling": m.get("chisq.scaling.factor", np.nan),
            "cfi": cfi,
            "rmsea": rmsea,
            "srmr": m["srmr"],
            "aic": m["aic"],
            "bic": m["bic"],
        }
        if before is None:
            row |= {
                "chisq_diff": np.nan,
                "df_diff": 0,
                "p_diff": np.nan,
                "cfi_drop": np.nan,
                "holds": cfi >= LOWEST_CFI,
            }
        else:
            difference, df, p = scaled_difference(before, model)
            drop = float(rows[-1]["cfi"]) - cfi  # type: ignore[arg-type]
            row |= {"chisq_diff": difference, "df_diff": df, "p_diff": p, "cfi_drop": drop}
            row["holds"] = bool(rows[-1]["holds"]) and bool(drop <= LARGEST_DROP)
        rows.append(row)
        before = model
    return pd.DataFrame(rows)
