"""A questionnaire written for a survey tool: the files, and what still has to be known or done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from pxanalysis.errors import JourneyError
from pxanalysis.journey.form import build_form
from pxanalysis.journey.form_words import list_blanks
from pxanalysis.journey.short_ids import Tool, make_codebook
from pxanalysis.questionnaires.fhir import make_fhir
from pxanalysis.questionnaires.html import make_html
from pxanalysis.questionnaires.limesurvey import make_limesurvey
from pxanalysis.questionnaires.links import make_link
from pxanalysis.questionnaires.qualtrics import make_qualtrics
from pxanalysis.questionnaires.redcap import make_redcap
from pxanalysis.questionnaires.xlsform import make_xlsform

if TYPE_CHECKING:
    from pxanalysis.journey.form import Form
    from pxanalysis.journey.model import Journey
    from pxanalysis.journey.parts import Introduction
    from pxanalysis.journey.short_ids import CodeBook

__all__ = ["WrittenQuestionnaire", "write_questionnaire"]


@dataclass(frozen=True, slots=True, eq=False)
class WrittenQuestionnaire:
    """What was written.

    Attributes
    ----------
    paths
        The files.
    names
        Names that differ from the journey's ids in this tool, by id; reading an export turns them back by itself.
    notes
        What is still open, for example a blank in the privacy text.
    link
        Address for invitations, with ``{practice_id}`` and ``{token}`` in it; empty where the tool has none.
    """

    tool: Tool
    paths: tuple[Path, ...]
    names: dict[str, str]
    notes: tuple[str, ...]
    link: str


def write_questionnaire(
    journey: Journey | str | Path,
    tool: Tool,
    *,
    languages: Iterable[str] | None = None,
    output: str | Path | None = None,
    facts: Introduction | None = None,
    outcomes_first: bool = False,
) -> WrittenQuestionnaire:
    """Write a journey's questionnaire in the form of a survey tool.

    Parameters
    ----------
    journey
        A journey, its catalogue id, or the path of its YAML file.
    tool
        ``xlsform`` (Kobo, ODK), ``limesurvey``, ``redcap``, ``qualtrics``, ``fhir`` (R4B) or ``html``.
    languages
        Which of the journey's languages; the first is the one a tool starts in. All when left out.
    output
        A folder, or the file's own path where the tool takes a single file; the current folder when left out.
    facts
        Who asks, why, how long answers are kept, whom to ask; the journey's own when left out.
    outcomes_first
        Ask the outcomes before the touchpoints.

    Raises
    ------
    JourneyError
        When the journey cannot be asked this way; the message says what to change.
    """
    from pxanalysis.journey.reading import read_journey

    if tool not in get_args(Tool):
        raise JourneyError(f"to: expected one of {', '.join(get_args(Tool))}; received '{tool}'.")
    model = read_journey(journey) if isinstance(journey, str | Path) else journey
    wanted = None if languages is None else tuple(languages)
    form = build_form(model, wanted, facts=facts, outcomes_first=outcomes_first)
    book = make_codebook(form, tool)
    files = _make(model, form, book)
    paths = _place(files, Path(output) if output is not None else Path())
    for path, data in zip(paths, files.values(), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    blanks = list_blanks(facts or model.introduction)
    notes = (
        ()
        if not blanks
        else (
            f"the privacy text still has blanks ({', '.join(blanks)}); fill them in under [questionnaire] in "
            "study.toml, or under introduction: in the journey file, before patients see it",
        )
    )
    return WrittenQuestionnaire(tool, tuple(paths), book.changed, notes, make_link(form, book))


def _make(model: Journey, form: Form, book: CodeBook) -> dict[str, bytes]:
    match book.tool:
        case "xlsform":
            return make_xlsform(form, book)
        case "limesurvey":
            return make_limesurvey(form, book)
        case "redcap":
            return make_redcap(form, book)
        case "qualtrics":
            return make_qualtrics(form, book)
        case "fhir":
            return make_fhir(form, book)
        case "html":
            return make_html(form, book, {language: model.plot(language).middle for language in form.languages})


def _place(files: dict[str, bytes], output: Path) -> list[Path]:
    """Where each file goes: into a folder, or, when there is one file and a name was given, there."""
    first = Path(next(iter(files)))
    if output.suffix != first.suffix or output.is_dir():
        return [output / name for name in files]
    if len(files) == 1:
        return [output]
    raise JourneyError(
        f"output: '{output}' names one file, but there are {len(files)}: {', '.join(files)}. Give a folder, or one "
        "language."
    )
