"""The comparison of metrics of a study: by its plan, which is registered before anything is computed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pxanalysis.errors import StudyError
from pxanalysis.survey.files import write_atomically

if TYPE_CHECKING:
    from pxanalysis.analysis.comparison import ComparisonPlan, MetricComparison
    from pxanalysis.survey.action_list import Action
    from pxanalysis.survey.responses import Responses

# The analyses are imported where they are used: a process that only shows results starts without them.

__all__ = ["COMPARISON_FOLDER", "compare_study", "register_plan"]

COMPARISON_FOLDER = Path("data") / "processed" / "comparison"
"""Where a comparison's register and files are, below the study's folder."""


def compare_study(
    responses: Responses,
    root: Path,
    criterion: str | Sequence[str] | None = None,
    *,
    plan: str | Path | None = None,
    retest: Responses | None = None,
    actions: Iterable[Action] = (),
) -> MetricComparison:
    """Compare the metrics of a study.

    Parameters
    ----------
    root
        Folder of the study: where its plan is, and where plans are registered.
    criterion
        As in :func:`~pxanalysis.compare_metrics`; by the plan, or all behaviours, when None.
    plan
        A plan file; ``comparison.toml`` of the study when None and it is there.
    retest
        A second occasion of (some of) the same people.
    actions
        What practices changed; those of the study's register.
    """
    from pxanalysis.analysis.comparison import compare_metrics, read_plan
    from pxanalysis.analysis.comparison.plan import PLAN_FILE

    path = root / PLAN_FILE if plan is None else Path(plan)
    planned = read_plan(path) if plan is not None or path.is_file() else None
    changed = register_plan(root / COMPARISON_FOLDER, planned) if planned is not None else ()
    found = compare_metrics(responses, criterion, plan=planned, retest=retest, actions=actions)
    return replace(found, deviations=(*changed, *found.deviations))


def register_plan(folder: Path, plan: ComparisonPlan) -> tuple[str, ...]:
    """Write down the plan's hash before results are seen; say so when it is not the one that was registered first.

    Returns
    -------
    Deviations: one sentence when the plan was changed after the first time, else none.

    Raises
    ------
    StudyError
        When the register cannot be read.
    """
    file = folder / "registered.json"
    known: list[dict[str, object]] = []
    if file.exists():
        try:
            known = list(json.loads(file.read_text(encoding="utf-8")))
            first = str(known[0]["hash"])
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise StudyError(
                f"{file}: the register of plans is damaged ({error}). Restore it from a backup; without it nobody can "
                "tell whether the plan was changed after results were seen."
            ) from error
    if plan.hash not in {str(entry.get("hash")) for entry in known}:
        known.append({"hash": plan.hash, "plan": plan.model_dump(mode="json")})
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(file, json.dumps(known, indent=1, ensure_ascii=False) + "\n")
    if len(known) > 1 and plan.hash != str(known[0]["hash"]):
        return (
            f"the plan was changed after results could be seen: first {str(first)[:12]}, now {plan.hash[:12]} "
            f"({len(known)} plans in all, kept in {file.name}).",
        )
    return ()
