"""What is done with each part of a long file before its columns are judged: as with a file that is held at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pxanalysis.journey.model import Journey
from pxanalysis.survey.contacts import ContactColumns, ContactSearch, drop_contacts
from pxanalysis.survey.questionnaire_exports import Translation, find_translation
from pxanalysis.survey.reading import name_practice
from pxanalysis.survey.sources.parts import UnlikeError
from pxanalysis.survey.sources.raw import RawTable
from pxanalysis.survey.sources.tools import find_tool

__all__ = ["PartTidier", "TidyRules"]


@dataclass(frozen=True, slots=True)
class TidyRules:
    """What study.toml says of it.

    Attributes
    ----------
    columns
        Journey id to the export's column name, where they differ.
    practice
        The practice of every answer in a file without a column of it.
    contacts
        Columns that are kept apart from answers.
    """

    columns: Mapping[str, str]
    practice: str | None = None
    contacts: ContactColumns | None = None


class PartTidier:
    """Parts of one file, in order: what its first part is, all are.

    Raises
    ------
    UnlikeError
        When a file with this first part has to be tidied as a whole.

    Attributes
    ----------
    contacts
        Who asked to be called back, where contacts are kept apart.
    """

    def __init__(self, first: RawTable, journey: Journey, rules: TidyRules) -> None:
        self._head, self._journey, self._rules = replace(first, cells=first.cells.clear()), journey, rules
        self._tool = find_tool(first)
        if not first.cells.height or (self._tool is not None and not self._tool.can_split(first)):
            raise UnlikeError(None)
        self._translation: Translation | None = None
        self._begun = False
        self._named: tuple[str, ...] = ()
        self.contacts = None if rules.contacts is None else ContactSearch(first.name, rules.contacts)

    def tidy(self, part: RawTable) -> RawTable:
        """The answers of the next part under the names that they are judged by.

        Raises
        ------
        SurveyError
            When a line cannot be split in which a contact may stand.
        """
        tidied = part if self._tool is None else self._tool.tidy(part)
        if self.contacts is not None:
            self.contacts.add(tidied.cells)
        if not self._begun and not self._rules.columns:
            self._translation = find_translation(tidied, self._journey)
        self._begun = True
        tidied = tidied if self._translation is None else self._translation.apply(tidied)
        if self._rules.practice is not None:
            before, column = len(tidied.notes), self._rules.columns.get("practice_id", "practice_id")
            tidied = name_practice(tidied, column, self._rules.practice)
            self._named = tidied.notes[before:]
        return tidied if self._rules.contacts is None else drop_contacts(tidied, self._rules.contacts.named)

    def describe(self) -> tuple[str, ...]:
        """What is said of the whole file, once all its parts were tidied."""
        tool = () if self._tool is None else self._tool.describe(self._head)
        translation = () if self._translation is None else self._translation.describe(self._head.name)
        return (*self._head.notes, *tool, *translation, *self._named)
