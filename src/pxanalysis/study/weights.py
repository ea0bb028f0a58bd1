"""How much each response counts in a release, where study.toml says so.

Weights are settled when people come to count, always ten or more at once, and stay as they are until others do: were
they made of all answers there are, one answer that still waits, or one more invited patient, would move every figure.
What is kept is a scale and a weight per combination of characteristics, none per person.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pxanalysis.errors import AnalysisError, StudyError
from pxanalysis.study.settings import FROM_RESPONSE
from pxanalysis.survey.policy import WEIGHT

if TYPE_CHECKING:
    import polars as pl

    from pxanalysis.analysis.privacy.counted import CountedAnswers
    from pxanalysis.study.settings import StudySettings

__all__ = ["MOST_UNEQUAL", "Weighing"]

MOST_UNEQUAL = 3.0
"""Weights are trimmed to a third of their mean and three times it: else a figure could be mostly one person's."""

_KEY = "combination"


@dataclass(frozen=True, slots=True)
class Weighing:
    """What weights are made of.

    Attributes
    ----------
    settings, root
        ``[analysis] weights``: the column that has them, or ``response``: raked to the invited, by the ledger in
        ``[invitations] folder``.
    aside
        The columns of the exports that are kept beside the answers.
    kept
        File in which weights are remembered from one release to the next.
    """

    settings: StudySettings
    root: Path
    aside: pl.DataFrame
    kept: Path

    def settle(self, counted: CountedAnswers) -> tuple[CountedAnswers, list[str]]:
        """Weigh the answers of a release that is made now, and remember by what.

        Returns
        -------
        (answers with a column ``WEIGHT``, what is to be said of the weights)

        Raises
        ------
        StudyError
            When there is no such column, a response has no weight above 0, or nobody was invited.
        """
        named, seen = self._named(counted), counted.membership.count_seen()
        kept = self._read()
        if kept is None or kept["seen"] != seen or kept["by"] != self._by:
            kept = self._make(named, counted.counting_ids()) | {"seen": seen, "by": self._by}
            from pxanalysis.survey.files import write_atomically

            write_atomically(self.kept, json.dumps(kept, indent=1, ensure_ascii=False), private=True)
        return self._weigh(counted, named, kept), self._describe(named, kept)

    def recall(self, counted: CountedAnswers) -> CountedAnswers:
        """Weigh the answers of the last release as they were weighed then."""
        kept = self._read()
        return counted if kept is None else self._weigh(counted, self._named(counted), kept)

    @property
    def _by(self) -> list[str]:
        return [str(self.settings.analysis.weights), *self.settings.invitations.weigh_by]

    def _read(self) -> dict[str, Any] | None:
        try:
            kept: dict[str, Any] = json.loads(self.kept.read_text(encoding="utf-8"))
            _ = kept["seen"], kept["by"], float(kept["mean"]), dict(kept["weights"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise StudyError(f"{self.kept}: damaged ({error}). Remove it; the next fit weighs anew.") from error
        return kept

    def _named(self, counted: CountedAnswers) -> pl.DataFrame:
        """``response_id`` with its weight as given, or with the combination that it is weighed by."""
        table = counted.shown.table
        if self.settings.analysis.weights == FROM_RESPONSE:
            return _combinations(table, self.aside, self.settings, self.root)
        return _given(table, self.aside, str(self.settings.analysis.weights))

    def _make(self, named: pl.DataFrame, counting: set[str]) -> dict[str, Any]:
        """The mean weight of those who count, and the weight of each combination."""
        import polars as pl

        base = named.filter(pl.col("response_id").is_in(sorted(counting)))
        if WEIGHT in named.columns:
            return {"mean": 1.0 if base.is_empty() else float(base[WEIGHT].mean()), "weights": {}}  # type: ignore[arg-type]
        known = base.filter(pl.col(_KEY).is_not_null())
        return {"mean": 1.0, "weights": _raked(known[_KEY].to_list(), self.settings, self.root)}

    def _weigh(self, counted: CountedAnswers, named: pl.DataFrame, kept: dict[str, Any]) -> CountedAnswers:
        import polars as pl

        found = named.select("response_id", _raw(named, kept).clip(1.0 / MOST_UNEQUAL, MOST_UNEQUAL).alias(WEIGHT))

        def weighed(responses: Any) -> Any:
            table = responses.table.join(found, on="response_id", how="left", maintain_order="left")
            return replace(responses, table=table.with_columns(pl.col(WEIGHT).fill_null(1.0)))

        return replace(
            counted, shown=weighed(counted.shown), items=weighed(counted.items), model=weighed(counted.model)
        )

    def _describe(self, named: pl.DataFrame, kept: dict[str, Any]) -> list[str]:
        weights = named.select(_raw(named, kept).alias(WEIGHT))[WEIGHT]
        beyond = int(((weights > MOST_UNEQUAL) | (weights < 1.0 / MOST_UNEQUAL)).sum())
        if not beyond:
            return []
        return [
            f"weights: {beyond} of {len(weights)} are further than {MOST_UNEQUAL:g} times from their mean and were "
            "trimmed to that, so that no figure is mostly one person's."
        ]


def _raw(named: pl.DataFrame, kept: dict[str, Any]) -> pl.Expr:
    """Weights of mean 1; of a combination that nobody who counts has, or that is not known, 1."""
    import polars as pl

    if WEIGHT in named.columns:
        return pl.col(WEIGHT) / float(kept["mean"])
    return pl.col(_KEY).replace_strict(kept["weights"], default=1.0, return_dtype=pl.Float64)


def _given(table: pl.DataFrame, aside: pl.DataFrame, name: str) -> pl.DataFrame:
    import polars as pl

    have = table if name in table.columns else aside
    if name not in have.columns:
        raise StudyError(
            f"study.toml [analysis] weights: no export has a column '{name}'. Name the one that has the weights; "
            "'pxanalysis check' lists those that the journey does not know."
        )
    text = pl.col(name).cast(pl.String).str.strip_chars().str.replace(",", ".", literal=True)
    found = table.select("response_id").join(
        have.select("response_id", text.alias("found"), text.cast(pl.Float64, strict=False).alias(WEIGHT)),
        on="response_id",
        how="left",
        maintain_order="left",
    )
    bad = found.filter(pl.col(WEIGHT).is_null() | ~pl.col(WEIGHT).is_finite() | (pl.col(WEIGHT) <= 0))
    if bad.height:
        first = bad.row(0, named=True)
        raise StudyError(
            f"column '{name}', response '{first['response_id']}': expected a weight above 0, found "
            f"{repr(first['found']) if first['found'] else 'nothing'} ({bad.height} of {found.height} are so). "
            "Give these a weight in the export, or leave out their rows, or [analysis] weights in study.toml."
        )
    return found.select("response_id", WEIGHT)


def _read_ledger(settings: StudySettings, root: Path) -> pl.DataFrame:
    from pxanalysis.survey.invitations import read_ledger

    folder, by = root / settings.invitations.folder, settings.invitations.weigh_by
    ledger = read_ledger(folder)
    absent = [name for name in by if ledger is not None and name not in ledger.columns]
    if ledger is None or not by or absent:
        missing = (
            "it does not say what to weigh by"
            if not by
            else f"there is no ledger in {folder}"
            if ledger is None
            else f"the ledger has no column '{absent[0]}'; it has: {', '.join(ledger.columns)}"
        )
        raise StudyError(
            f'study.toml [analysis] weights = "{FROM_RESPONSE}": {missing}. It needs the ledger of \'pxanalysis '
            'invite\', links with tokens, and [invitations] weigh_by = ["column of the ledger", ...].'
        )
    return ledger


def _combinations(table: pl.DataFrame, aside: pl.DataFrame, settings: StudySettings, root: Path) -> pl.DataFrame:
    """The combination of characteristics that each response was invited with; none without a known token."""
    import polars as pl

    ledger = _read_ledger(settings, root)
    if "token" not in aside.columns:
        raise StudyError(
            f'study.toml [analysis] weights = "{FROM_RESPONSE}": the answers came without tokens; the link must carry '
            "...&token={token}, and the export a column 'token'."
        )
    parts = [pl.col(name).cast(pl.String) for name in settings.invitations.weigh_by]
    joined = pl.concat_str(parts, separator="\x1f").alias(_KEY)
    known = ledger.unique("token", keep="first").select("token", joined)
    tokens = table.select("response_id").join(
        aside.select("response_id", "token"), on="response_id", how="left", maintain_order="left"
    )
    return tokens.join(known, on="token", how="left", maintain_order="left").select("response_id", _KEY)


def _raked(combinations: list[str], settings: StudySettings, root: Path) -> dict[str, float]:
    """Weight of each combination, so that those who answered are like the invited."""
    import polars as pl

    from pxanalysis.statistics.raking import rake

    if not combinations:
        return {}
    by, ledger = settings.invitations.weigh_by, _read_ledger(settings, root)
    columns = list(zip(*(one.split("\x1f") for one in combinations), strict=True))
    targets = {
        name: dict(ledger.select(pl.col(name).cast(pl.String)).group_by(name, maintain_order=True).len().iter_rows())
        for name in by
    }
    try:
        raked = rake(dict(zip(by, map(list, columns), strict=True)), targets)
    except AnalysisError as error:
        raise StudyError(f'study.toml [analysis] weights = "{FROM_RESPONSE}": {error}') from error
    return dict(zip(combinations, raked.weights.tolist(), strict=True))
