"""Comments that somebody reads before they are shown: a page to decide on, and what was decided, remembered by hash."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pxanalysis.analysis.privacy.counted import count_answers
from pxanalysis.analysis.privacy.decisions import VERDICTS, Decision
from pxanalysis.analysis.privacy.masking import mask_text, needs_reader
from pxanalysis.errors import StudyError
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.study.lock import lock_study
from pxanalysis.survey.files import write_atomically

if TYPE_CHECKING:
    from pxanalysis.study.places import StudyPlaces

__all__ = ["apply_decisions", "read_decisions", "write_review_page"]

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1c2b33}"
    "fieldset{border:1px solid #c8d2d6;border-radius:6px;margin:0 0 1rem;padding:.8rem 1rem}"
    "legend{color:#51646d;font-size:.85rem}textarea{width:100%;font:inherit;box-sizing:border-box;margin-top:.5rem}"
    "label{margin-right:1.2rem}button{font:inherit;padding:.5rem 1.2rem}.note{color:#8a4b00}"
)

_SCRIPT = """
const mine = f => [...f.querySelectorAll('input')].find(i => i.checked);
document.querySelectorAll('fieldset').forEach(f => f.addEventListener('change', () => {
  f.querySelector('textarea').readOnly = mine(f).value !== 'mask';
}));
document.getElementById('save').addEventListener('click', () => {
  const found = {};
  document.querySelectorAll('fieldset').forEach(f => {
    const one = mine(f);
    if (one) found[f.dataset.code] = {verdict: one.value, text: f.querySelector('textarea').value};
  });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([JSON.stringify(found, null, 1)], {type: 'application/json'}));
  link.download = 'comments-review.json';
  link.click();
});
"""


def read_decisions(path: Path) -> dict[int, Decision]:
    """Read what was decided, by the hash of a comment; nothing when nobody decided yet.

    Raises
    ------
    StudyError
        When the file is damaged.
    """
    return _parse(path) if path.exists() else {}


def _parse(path: Path) -> dict[int, Decision]:
    try:
        entries: dict[str, Any] = json.loads(path.read_text(encoding="utf-8-sig"))
        found = {int(code): Decision(one["verdict"], str(one.get("text", ""))) for code, one in entries.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StudyError(
            f"{path}: not the choices of a page that 'pxanalysis comments review' wrote ({error}). Save them again "
            "with the button at the end of that page."
        ) from error
    wrong = [one.verdict for one in found.values() if one.verdict not in VERDICTS]
    if wrong:
        raise StudyError(f"{path}: verdict '{wrong[0]}': expected one of {', '.join(VERDICTS)}.")
    return found


def write_review_page(study: StudyPlaces) -> tuple[Path, int]:
    """Write the page with the comments that nobody has read; its path, and how many there are.

    Comments of practices in which fewer than ``minimum_n`` people wrote one are not on it.
    """
    counted = study.counted or count_answers(study.responses, minimum_n=study.settings.analysis.minimum_n)
    known, wording = read_decisions(study.reviewed_file), Wording(study.settings.study.language)
    rows = [row for row in counted.comments.iter_rows(named=True) if row["place"] not in known]
    parts = [_form(row, wording, study.journey.open_questions) for row in rows]
    body = "\n".join(parts) or f"<p>{_say(wording, 'none')}</p>"
    button = f'<p><button id="save" type="button">{_say(wording, "save")}</button></p>' if rows else ""
    page = (
        f'<!DOCTYPE html>\n<html lang="{study.settings.study.language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{_say(wording, "title")}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{_say(wording, 'title')}</h1>"
        f"<p>{_say(wording, 'left', n=len(rows))}. {_say(wording, 'how')} "
        f"<code>pxanalysis comments review comments-review.json</code></p>\n{body}\n{button}"
        f"<script>{_SCRIPT}</script></body></html>\n"
    )
    path = study.root / "data" / "processed" / "comments-review.html"
    write_atomically(path, page, private=True)
    return path, len(rows)


def _say(wording: Wording, key: str, **values: int) -> str:
    return html.escape(wording.text(f"review.{key}", **values), quote=False)


def _form(row: dict[str, Any], wording: Wording, questions: Any) -> str:
    asked: dict[str, str] = next((dict(one.text.root) for one in questions if one.id == row["question"]), {})
    title = html.escape(next(iter(asked.values()), row["question"]))
    foreign = needs_reader(row["text"])
    text = html.escape(mask_text(row["text"]))
    note = f'<p class="note">{_say(wording, "foreign")}</p>' if foreign else ""
    choices = "".join(
        f'<label><input type="radio" name="{row["place"]}" value="{verdict}"> {_say(wording, verdict)}</label>'
        for verdict in VERDICTS
    )
    return (
        f'<fieldset data-code="{row["place"]}"><legend>{title}</legend>{note}{choices}'
        f'<textarea rows="3" dir="auto" readonly>{text}</textarea></fieldset>'
    )


def apply_decisions(study: StudyPlaces, path: Path) -> int:
    """Remember choices made on the page; how many there were. The next fit shows what they allow.

    Every text is masked again, so that nothing comes back that the rules take out.
    """
    made = {code: Decision(one.verdict, mask_text(one.text)) for code, one in _parse(path).items()}
    with lock_study(study.root):
        known = read_decisions(study.reviewed_file) | made
        entries = {
            str(code): {"verdict": one.verdict, "text": "" if one.verdict == "withhold" else one.text}
            for code, one in sorted(known.items())
        }
        write_atomically(study.reviewed_file, json.dumps(entries, indent=1, ensure_ascii=False), private=True)
    return len(made)
