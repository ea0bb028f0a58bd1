"""Simulated answers filled in on our own questionnaire, with what goes wrong in real surveys, in a tool's layout."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

from pxanalysis.errors import AnalysisError
from pxanalysis.journey.form import DONT_KNOW, build_form
from pxanalysis.journey.short_ids import Tool, make_codebook
from pxanalysis.simulation.exports.filled import Filled
from pxanalysis.simulation.exports.layouts import WRITERS

if TYPE_CHECKING:
    import numpy.typing as npt

    from pxanalysis.journey.form import Form, Question
    from pxanalysis.simulation.study import Simulation

__all__ = ["SimulatedExport", "simulate_export"]

_DONT_KNOW_SHARE, _PARTIAL_SHARE = 0.01, 0.08


_OLD_VERSION = "0.9"


_NAMESPACE = uuid.UUID("6f1d4bb0-6c77-4a3c-9a6b-0c8a3f2b7d11")


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedExport:
    """An export, and the answers that must come back from it.

    Attributes
    ----------
    name, data
        The file.
    answers
        Values by journey id in the order of the file, as text; null where there is no answer.
    """

    tool: Tool
    name: str
    data: bytes
    answers: pl.DataFrame


def simulate_export(
    simulation: Simulation, tool: Tool, *, answers_as: Literal["codes", "labels"] = "codes", seed: int = 1
) -> SimulatedExport:
    """Fill in our questionnaire with simulated answers, and export it as the tool does.

    About one in a hundred answers becomes "don't know", one response in twelve stops half-way, and the older half was
    filled in on an earlier version of the form, which lacked one question.

    Parameters
    ----------
    answers_as
        Whether the export holds codes or the labels that respondents saw; FHIR and our own page have codes only.

    Raises
    ------
    AnalysisError
        When the tool has no labels.
    """
    if answers_as == "labels" and tool in {"fhir", "html"}:
        raise AnalysisError(f"answers_as: {tool} holds codes only; leave it 'codes'.")
    rng = np.random.default_rng(seed)
    form = build_form(simulation.journey)
    filled = _fill(simulation, form, rng)
    name, data = WRITERS[tool](filled, make_codebook(form, tool), answers_as == "labels")
    return SimulatedExport(tool, name, data, _expected(filled))


def _fill(simulation: Simulation, form: Form, rng: np.random.Generator) -> Filled:
    table = simulation.answers
    n = table.height
    reached = np.where(rng.random(n) < _PARTIAL_SHARE, rng.integers(2, len(form.pages), n), len(form.pages))
    old = np.arange(n) < n // 2
    columns = {}
    for place, page in enumerate(form.pages):
        shown = pl.Series(reached > place)
        behind = [question for block in page.blocks for question in block.questions]
        values = {question.id: _draw(table, question, rng) for question in behind}
        if page.gate is not None:
            gate = _gate(values, behind)
            columns[page.gate.id] = gate.set(~shown, None)
            shown = shown & (gate == "1")
        columns |= {id_: answers.set(~shown, None) for id_, answers in values.items()}
    left_out = form.questions[len(form.questions) // 3].id
    columns[left_out] = columns[left_out].set(pl.Series(old), None)
    context = pl.DataFrame(
        {
            "response_id": [str(uuid.uuid5(_NAMESPACE, id_)) for id_ in table["response_id"]],
            "practice_id": table["practice_id"],
            "completed_on": table["completed_on"].cast(pl.String),
            "channel": table["channel"],
            "token": [uuid.uuid5(_NAMESPACE, f"token {id_}").hex[:16] for id_ in table["response_id"]],
            "form_version": np.where(old, _OLD_VERSION, form.version),
            "language": np.where(rng.random(n) < 0.8, form.languages[0], form.languages[-1]),
            "finished": reached == len(form.pages),
        }
    )
    return Filled(form, context, pl.DataFrame(columns).select([q.id for q in form.questions]))


def _draw(table: pl.DataFrame, question: Question, rng: np.random.Generator) -> pl.Series:
    if question.id not in table.columns:
        return pl.Series([None] * table.height, dtype=pl.String)
    values = table[question.id].cast(pl.String)
    if any(choice.kind == "dont-know" for choice in question.choices):
        unsure: npt.NDArray[np.bool_] = rng.random(table.height) < _DONT_KNOW_SHARE
        values = values.set(pl.Series(unsure), DONT_KNOW)
    return values


def _gate(values: dict[str, pl.Series], behind: list[Question]) -> pl.Series:
    """Answer to the filter question: "no" where every rating behind it is "not applicable"."""
    absent = [
        values[question.id] == choice.value
        for question in behind
        for choice in question.choices
        if choice.kind == "not-applicable"
    ]
    none = pl.DataFrame([flag.fill_null(value=False).alias(str(n)) for n, flag in enumerate(absent)]).select(
        pl.all_horizontal(pl.all())
    )
    closed = none.to_series() if absent else pl.Series([False]).new_from_index(0, len(next(iter(values.values()))))
    return pl.Series(np.where(closed.to_numpy(), "0", "1"))


def _expected(filled: Filled) -> pl.DataFrame:
    """What reading the export must give: filters closed, "don't know" empty."""
    out = [filled.context[name] for name in ("practice_id", "completed_on", "channel")]
    for question in filled.form.questions:
        gate = filled.form.gated.get(question.id)
        values = filled.answers[question.id]
        values = values.set((values == DONT_KNOW).fill_null(value=False), None)
        absent = next((choice.value for choice in question.choices if choice.kind == "not-applicable"), None)
        if gate is not None:
            values = values.set((filled.answers[gate] == "0").fill_null(value=False), absent)
        out.append(values.alias(question.id))
    return pl.DataFrame(out)
