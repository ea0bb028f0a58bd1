"""Which sheets a workbook has and which columns each: one description, for writing and for reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pxanalysis.journey.parts import Channel, Direction, OutcomeKind, ReportedOn, ScaleKind

__all__ = ["EXAMPLE_ROWS", "FIRST_ROW", "SHEETS", "Column", "Sheet"]

EXAMPLE_ROWS = "voorbeeld"
"""A row whose id says this is an example, and is not read."""

FIRST_ROW = 3
"""Row of the first record: above it stand the heading and what to write."""

_DIRECTIONS = get_args(Direction)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet.

    Attributes
    ----------
    kind
        ``text``: one column per language; ``list``: words separated by commas.
    options
        What a drop-down offers, or the sheet whose ids it offers.
    """

    key: str
    help: str
    kind: Literal["id", "word", "text", "whole", "number", "yes", "list"] = "word"
    options: tuple[str, ...] | str = ()
    required: bool = False
    width: int = 16


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table; ``of`` is the column by which a row belongs to a row of another sheet."""

    key: str
    title: str
    columns: tuple[Column, ...]
    of: str = ""
    example: Mapping[str, Any] | None = None


def _id(help_: str = "kort woord zonder spaties / short word, no spaces") -> Column:
    return Column("id", help_, "id", width=20)


def _text(key: str, help_: str, *, required: bool = True, width: int = 34) -> Column:
    return Column(key, help_, "text", required=required, width=width)


SHEETS: tuple[Sheet, ...] = (
    Sheet(
        "steps", "1 Stappen - steps",
        (
            _id(), _text("label", "naam van de stap / name of the step"),
            _text("sentence", "zoals de patiënt het zegt: Ik ... / as the patient says it: I ..."),
            Column("provider", "wie biedt dit? / who offers it?", options="providers", required=True),
            _text("day", "Dag 1, Dag X / Day 1, Day X", required=False, width=10),
            Column("details", "journey die deze stap uitwerkt / journey that details this step"),
        ),
        example={
            "id": EXAMPLE_ROWS, "label": {"nl": "Aankomst", "en": "Arrival"},
            "sentence": {"nl": "Ik kom aan bij de praktijk", "en": "I arrive at the practice"},
            "provider": "practice", "day": {"nl": "Dag 1", "en": "Day 1"},
        },
    ),
    Sheet(
        "touchpoints", "2 Contactmomenten",
        (
            Column("step", "bij welke stap? / of which step?", options="steps", required=True), _id(),
            _text("label", "naam / name"),
            _text("sentence", "Ik ... (wat de patiënt hier meemaakt) / I ... (what the patient goes through)",
                  required=False),
            Column("channels", "in-person, phone, web, app, email, letter, text-message", "list",
                   options=get_args(Channel)),
            Column("optional", "ja: niet elke patiënt / yes: not every patient", "yes", options=("ja", "nee")),
            Column("topic", "onderwerp van een register / topic of a register"),
            Column("scale", "reflective: één ding gemeten / one thing measured; formative: opgeteld / summed",
                   options=get_args(ScaleKind)),
            Column("reliability", "0,05 tot 1, als bekend / 0.05 to 1, if known", "number"),
            _text("does", "wat doet de patiënt? / what does the patient do?", required=False),
            _text("thinks", "wat denkt de patiënt? / what does the patient think?", required=False),
            _text("dilemma", "wat weegt de patiënt af? / what does the patient weigh?", required=False),
        ),
        "step",
        {
            "step": "arrival", "id": EXAMPLE_ROWS, "label": {"nl": "Receptie", "en": "Reception"},
            "sentence": {"nl": "Ik meld me bij de receptie", "en": "I report to reception"},
            "channels": ["in-person"], "optional": False,
        },
    ),
    Sheet(
        "items", "3 Stellingen - statements",
        (
            Column("touchpoint", "bij welk contactmoment? / at which touchpoint?", options="touchpoints", required=True,
                   width=20),
            _id(), _text("text", "één ding per stelling / one thing per statement", width=60),
            Column("scale", "antwoorden / answers", options="scales", required=True),
            Column("direction", "lower-is-better als eens slecht is / when agreeing is bad", options=_DIRECTIONS,
                   width=18),
            Column("wording", "reden om een bevinding te laten staan / reason to leave a finding"),
        ),
        "touchpoint",
        {
            "touchpoint": "reception", "id": EXAMPLE_ROWS,
            "text": {"nl": "Ik voelde mij welkom aan de balie.", "en": "I felt welcome at the desk."},
            "scale": "agree5", "direction": "higher-is-better",
        },
    ),
    Sheet("providers", "Aanbieders - providers", (_id(), _text("label", "naam / name"))),
    Sheet("roles", "Rollen - roles", (_id(), _text("label", "wie vult in? / who answers?"))),
    Sheet(
        "outcomes", "Uitkomsten - outcomes",
        (
            _id(), Column("kind", "soort / kind", options=get_args(OutcomeKind), required=True),
            _text("label", "naam / name"), _text("text", "de vraag / the question"),
            Column("scale", "antwoorden / answers", options="scales"),
            Column("direction", "", options=_DIRECTIONS),
            Column("source", "patient, of records (administratie)", options=("patient", "records")),
        ),
    ),
    Sheet(
        "open_questions", "Open vragen",
        (
            _id(), _text("text", "de vraag / the question"),
            Column("touchpoint", "leeg: aan het eind / empty: at the end", options="touchpoints"),
        ),
    ),
    Sheet(
        "case_mix", "Patiëntkenmerken",
        (
            _id(), _text("label", "naam / name"),
            Column("type", "number of category", options=("number", "category"), required=True),
            Column("lowest", "laagste getal / lowest number", "number"),
            Column("highest", "hoogste getal / highest number", "number"),
            Column("marker", "ja: vraag over iets heel anders / yes: a question on something else", "yes",
                   options=("ja", "nee")),
            Column("reliability", "van een marker / of a marker", "number"),
        ),
    ),
    Sheet(
        "levels", "Kenmerken - waarden",
        (
            Column("case_mix", "van welk kenmerk? / of which?", options="case_mix", required=True),
            _id("waarde / value"), _text("label", "naam / name"),
        ),
        "case_mix",
    ),
    Sheet(
        "scales", "Schalen - scales",
        (
            _id(), Column("min", "laagste antwoord / lowest", "whole", required=True),
            Column("max", "hoogste antwoord / highest", "whole", required=True),
            Column("not_applicable", "code voor niet van toepassing / code for not applicable", "list"),
        ),
    ),
    Sheet(
        "scale_labels", "Schalen - woorden",
        (
            Column("scale", "van welke schaal? / of which scale?", options="scales", required=True),
            Column("value", "antwoord / answer", "whole", required=True),
            _text("label", "woorden bij dit antwoord / its words"),
        ),
        "scale",
    ),
    Sheet(
        "ideas", "Ideeën - ideas",
        (
            Column("touchpoint", "bij welk contactmoment? / at which?", options="touchpoints", required=True, width=20),
            _id(), _text("title", "doe dit / do this"), _text("text", "één zin uitleg / one sentence", width=60),
            Column("items", "bij welke stellingen? / for which statements?", "list"),
        ),
        "touchpoint",
    ),
    Sheet(
        "journey", "Over deze keten - about",
        (
            _id("kleine letters en streepjes / lower case and hyphens"), Column("version", "1.0", required=True),
            Column("kind", "questionnaire, of chain (overzicht)", options=("questionnaire", "chain")),
            Column("reported_on", "waarover gaat een rapport? / what is a report about?", options=get_args(ReportedOn)),
            Column("languages", "nl, en", "list", required=True), _text("title", "titel / title"),
            _text("description", "in één zin / in one sentence", width=60),
            _text("who", "wie vraagt dit? / who asks?", required=False),
            _text("why", "waarom? / why?", required=False),
            Column("kept_months", "bewaard, in maanden / kept, in months", "whole"),
            Column("contact", "e-mail of telefoon / e-mail or telephone"),
        ),
    ),
)  # fmt: skip
"""In the order of the work: chain first, what is the same for many chains behind it."""
