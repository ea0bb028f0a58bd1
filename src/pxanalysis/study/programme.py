"""What pages show of a study's actions: made when answers, actions or the month changed; and the programme's page."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.study.keys import hash_facts, hash_release
from pxanalysis.survey.files import write_atomically

if TYPE_CHECKING:
    from pxanalysis.analysis.action_effects.shown import ShownActions
    from pxanalysis.study.folder import Study

__all__ = ["renew_shown_actions", "write_programme"]


def renew_shown_actions(study: Study) -> ShownActions | None:
    """Estimate what pages show of actions, when anything it rests on changed; None where none are recorded.

    It rests on the release, the actions, the study's settings and the months that are over.

    Raises
    ------
    NotEstimableError
        When no response has a date.
    """
    if not study.actions_file.exists():
        return None
    from pxanalysis.analysis.action_effects.shown import show_effects

    meta = study.results.meta
    key = hash_facts(
        meta.fit_key,
        hash_release(study.actions_file),
        study.settings.actions.model_dump(mode="json"),
        f"{study.today:%Y-%m}",
    )
    before = None
    with suppress(AnalysisError):  # damaged: made anew
        before = study.shown_actions
    if before is not None and before.key == key:
        return before
    try:
        found = show_effects(study.estimate_action_effects(as_of=study.today), study.actions, key)
    except NotEstimableError:
        study.shown_file.unlink(missing_ok=True)
        raise
    found = found if before is None else found.keep_frozen(before, meta.frozen)
    write_atomically(study.shown_file, found.to_json())
    return found


def write_programme(study: Study, shown: ShownActions, language: str | None = None) -> Path:
    """Write the page of the programme, ``reports/programme.html``, in the language of the reports."""
    from pxanalysis.reporting.programme_page import render_programme
    from pxanalysis.study.page_list import PageList

    language = language or study.settings.study.language
    names = {row["practice_id"]: row["name"] or row["practice_id"] for _, row in study.results["practices"].iterrows()}
    path = study.reports_folder / "programme.html"
    meta, reported_on = study.results.meta, study.journey.reported_on
    progress, counted = study.estimate_progress(today=study.today), _count_call_backs(study)
    made = PageList.read(study.reports_folder).entries if study.reports_folder.exists() else {}
    pages = {practice: str(one["file"]) for practice, one in made.items() if not one["reason"]}
    pages = {practice: file for practice, file in pages.items() if (study.reports_folder / file).exists()}
    page = render_programme(
        progress,
        shown,
        names,
        meta,
        language,
        reported_on,
        actions=[*study.actions],
        labels={one.id: one.label[language] for one in study.journey.touchpoints},
        pages=pages,
        call_backs=counted,
    )
    if not path.exists() or path.read_text(encoding="utf-8") != page:
        write_atomically(path, page)
    return path


def _count_call_backs(study: Study) -> tuple[int, int] | None:
    """Wishes to be called back that were handled, and all of them; None where nobody was asked."""
    from pxanalysis.study.calling_back import contact_store
    from pxanalysis.study.contacts import CONTACTS

    if not (study.root / CONTACTS / "ledger.json").exists():
        return None
    counts = contact_store(study).counts(study.today).values()
    handled = sum(one.handled for one in counts)
    return handled, handled + sum(one.open + one.expired + one.lost for one in counts)
