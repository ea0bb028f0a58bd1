"""How many experiences of a treating dentist's patients may be told, and what was told before."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from pxanalysis.analysis.privacy.dentists import ShownDentists, show_dentist
from pxanalysis.errors import PrivacyError
from pxanalysis.survey.files import write_atomically

if TYPE_CHECKING:
    from pxanalysis.study.folder import Study

__all__ = ["Experiences", "count_experiences"]

_REGISTER = TypeAdapter(dict[str, list[ShownDentists]])


@dataclass(frozen=True, slots=True)
class Experiences:
    """People whose answers count: of the dentist, and of the whole practice."""

    n_dentist: int
    n_practice: int


def count_experiences(study: Study, practice: str, dentist: str) -> Experiences:
    """Count a dentist's answers in the last release, and remember in ``data/processed/krt/shown.json`` that it was.

    Raises
    ------
    PrivacyError
        When no dentist column is named or found, the register is damaged, nothing is released yet, or fewer people
        than the study's minimum would be shown or could be worked out.
    """
    column = study.settings.study.dentist_column
    if column is None:
        raise PrivacyError("study.toml: [study] dentist_column is missing; name the column with the dentist's id.")
    if study.counted is None:
        raise PrivacyError("No answers are released yet; run 'pxanalysis run' first.")
    aside = study.store.read_aside()
    if column not in aside.columns:
        raise PrivacyError(
            f"[study] dentist_column: no column {column!r} in the answers; correct it, and ingest again."
        )
    dentists = dict(zip(aside["response_id"], aside[column], strict=True))
    table = study.released.table
    rows = zip(table["practice_id"], table["response_id"], strict=True)
    counts = Counter(str(dentists.get(one) or "").strip() for name, one in rows if str(name) == practice)
    path = study.root / "data" / "processed" / "krt" / "shown.json"
    try:
        register = _REGISTER.validate_json(path.read_bytes()) if path.exists() else {}
    except ValidationError as error:
        raise PrivacyError(f"{path}: damaged, so what was shown before is not known. Put a copy back.") from error
    before = register.get(practice, [])
    shown = show_dentist(dentist, counts, before, minimum_n=study.settings.analysis.minimum_n)
    if shown not in before:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Remembered before anything is told: a crash between the two may only refuse more.
        write_atomically(path, _REGISTER.dump_json(register | {practice: [*before, shown]}).decode())
    return Experiences(counts[dentist], counts.total())
