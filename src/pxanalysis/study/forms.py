"""Forms of the questionnaire in a study: told by study.toml, or found from what is missing and asked about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pxanalysis.errors import StudyError

# What reads answers is imported when it is used: a process that only shows results starts without it.
if TYPE_CHECKING:
    import polars as pl

    from pxanalysis.journey.model import Journey
    from pxanalysis.study.settings import StudySettings
    from pxanalysis.survey.form_changes import TouchpointGap
    from pxanalysis.survey.form_rule import FormRule
    from pxanalysis.survey.forms import FormGap
    from pxanalysis.survey.store import ResponseStore

__all__ = ["StudyForms"]


class StudyForms:
    """Methods of a study that tell which version of the questionnaire somebody filled in."""

    settings: StudySettings

    @property
    def journey(self) -> Journey:
        """The journey this study measures."""
        raise NotImplementedError

    @property
    def store(self) -> ResponseStore:
        """Accepted and rejected answers on disk."""
        raise NotImplementedError

    def _name_forms(self, table: pl.DataFrame, changes: Iterable[TouchpointGap] | None = None) -> pl.DataFrame:
        """The answers with the version of the questionnaire, where study.toml says what tells it or it shows.

        ``changes``: touchpoints that not every form asked, where they are known.

        Raises
        ------
        StudyError
            When no export has the column that study.toml names.
        """
        from pxanalysis.survey.form_rule import name_forms
        from pxanalysis.survey.form_versions import FORM

        rule = self.settings.form_rule or self._find_rule(table, changes)
        if rule is None:
            return table
        values = None
        if rule.column is not None:
            values = self._find_column(table, rule.column)
            if values is None:
                raise StudyError(
                    f"study.toml [forms] column: no export has a column '{rule.column}'. Name the one that tells "
                    "the questionnaire's version; 'pxanalysis check' lists those that the journey does not know."
                )
        return table.with_columns(name_forms(rule, values, table["completed_on"]).alias(FORM))

    def _name_languages(self, table: pl.DataFrame) -> pl.DataFrame:
        """The answers with the language they were given in, where study.toml names its column or our own form has it.

        Raises
        ------
        StudyError
            When no export has the column that study.toml names.
        """
        import polars as pl

        from pxanalysis.survey.form_versions import LANGUAGE

        named = self.settings.forms.language
        values = self._find_column(table, named or LANGUAGE)
        if values is None and named:
            raise StudyError(
                f"study.toml [forms] language: no export has a column '{named}'. Name the one with the language that "
                "somebody filled it in; 'pxanalysis check' lists those that the journey does not know."
            )
        if values is None:
            return table
        return table.with_columns(
            values.cast(pl.String).str.strip_chars().str.to_lowercase().fill_null("").alias(LANGUAGE)
        )

    def _find_column(self, table: pl.DataFrame, name: str) -> pl.Series | None:
        """A column of the exports, beside the answers or among what is kept aside; None where no export has it."""
        import polars as pl

        have = table if name in table.columns else self.store.read_aside()
        if name not in have.columns:
            return None
        found = have.select("response_id", pl.col(name).alias("found"))
        return table.select("response_id").join(found, on="response_id", how="left", maintain_order="left")["found"]

    def _find_uncommon(self, table: pl.DataFrame) -> frozenset[str]:
        """Items that not every form asked: by the known versions, else by what is missing."""
        from pxanalysis.survey.form_versions import find_uneven_items, list_versions

        uneven = find_uneven_items(list_versions(table, self.journey), self.journey)
        if self.settings.form_rule is not None:
            return uneven
        return uneven | frozenset(gap.item for gap in self._find_form_gaps(table))

    def _find_form_gaps(self, table: pl.DataFrame) -> tuple[FormGap, ...]:
        """Items that not every form asked; none where study.toml says that there was one form."""
        from pxanalysis.survey.forms import find_form_gaps

        return () if self.settings.analysis.one_form else find_form_gaps(table, self.journey)

    def _find_touchpoint_gaps(self, table: pl.DataFrame) -> tuple[TouchpointGap, ...]:
        """Touchpoints that not every form asked; none where study.toml says what tells forms, or that it was one."""
        from pxanalysis.survey.form_changes import find_touchpoint_gaps

        if self.settings.analysis.one_form or self.settings.form_rule is not None:
            return ()
        return find_touchpoint_gaps(table, self.journey)

    def _find_rule(self, table: pl.DataFrame, changes: Iterable[TouchpointGap] | None) -> FormRule | None:
        """Days on which whole touchpoints came or went, as a rule until study.toml has one."""
        from pxanalysis.survey.form_rule import FormRule

        changes = self._find_touchpoint_gaps(table) if changes is None else changes
        days = sorted({gap.changed_on for gap in changes if gap.changed_on is not None})
        return FormRule(changed_on=tuple(days)) if days else None

    def ask_about_forms(self, table: pl.DataFrame) -> list[str]:
        """What is asked about forms that were found from missing answers, until study.toml says what they are."""
        return self._ask_about(self._find_form_gaps(table), self._find_touchpoint_gaps(table))

    def _ask_about(self, gaps: tuple[FormGap, ...], changes: tuple[TouchpointGap, ...]) -> list[str]:
        from pxanalysis.survey.form_changes import ask_about_changes
        from pxanalysis.survey.forms import describe_forms

        if self.settings.form_rule is not None or self.settings.analysis.one_form is not None:
            return []
        return [*describe_forms(gaps, ask=True), *ask_about_changes(changes)]
