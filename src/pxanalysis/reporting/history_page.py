"""The page of all runs: when, what, how long, why one failed, and what its reports rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from markupsafe import Markup

from pxanalysis.journey.parts import ReportedOn
from pxanalysis.reporting.page.fragments import display_text, render_part
from pxanalysis.reporting.page.policy import content_policy, page_css, running_title
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.reporting.sections.selection import LONGEST_NAME

__all__ = ["RunRow", "render_history"]

_LONGEST_WHY, _MOST_FAILED, _HASH = 400, 10, 10
_CODES = {"done": "made", "failed": "failed", "stopped": "failed", "running": "out-of-date"}
_CSS = """
.state::before{display:inline-block;width:1.1em;margin-right:.25em;text-align:center}
.state.made::before{content:"\\2713"/"";color:var(--good)}
.state.out-of-date::before{content:"\\21BB"/""}
.state.failed{font-weight:650}
.state.failed::before{content:"!"/""}
td:nth-child(3),.hashes{white-space:nowrap}
td .small{display:block;max-width:26rem;overflow-wrap:anywhere}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
"""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run.

    Attributes
    ----------
    started, seconds
        When it began, how long it took.
    state, exit_code
        ``done``, ``failed``, ``stopped`` or ``running``; the command's exit code.
    made, unchanged, failed
        Reports made and up to date; practices whose report could not be made, each with the reason.
    why
        What went wrong with the run as a whole.
    files, fitted
        What was taken in, and whether anything was fitted.
    hashes
        ``data``, ``journey``, ``settings``, ``notebook``.
    """

    started: datetime
    seconds: float
    state: str
    exit_code: int = 0
    made: int = 0
    unchanged: int = 0
    failed: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    files: Sequence[str] = ()
    fitted: bool = False
    hashes: Mapping[str, str] = field(default_factory=dict)


def render_history(rows: Sequence[RunRow], title: str, language: str, reported_on: ReportedOn = "practice") -> str:
    """Return the page that lists runs in the order in which they are given."""
    wording = Wording(language, reported_on)
    css = page_css() + _CSS + running_title(wording.text("history.heading"))
    part = render_part(
        "history_page",
        wording,
        policy=content_policy(css, ""),
        css=Markup(css),
        title=display_text(title, LONGEST_NAME),
        rows=[_cells(row, wording) for row in rows],
    )
    return part.html + "\n"


def _cells(row: RunRow, wording: Wording) -> dict[str, Any]:
    counts = wording.text("history.counts", made=wording.number(row.made), unchanged=wording.number(row.unchanged))
    lost = [wording.text("history.lost", n=len(row.failed))] if row.failed else []
    said = [wording.text("history.files", files=wording.enumerate(row.files[:5]))] if row.files else []
    said += [wording.text("history.fitted")] if row.fitted else []
    said += [wording.text("history.killed")] if row.state == "stopped" else []
    ended = row.state in {"done", "failed"}
    return {
        "iso": row.started.isoformat(),
        "when": f"{wording.date(row.started.date())} {row.started:%H:%M}",
        "code": _CODES[row.state],
        "state": wording.text(
            f"history.state_{row.state}", **({"code": row.exit_code} if row.state == "failed" else {})
        ),
        "duration": _duration(row.seconds, wording) if ended else "",
        "counts": ", ".join([counts, *lost]) if ended else "",
        "said": display_text("; ".join(said), _LONGEST_WHY),
        "why": "" if row.state == "stopped" else display_text(row.why, _LONGEST_WHY),
        "failed": [
            (display_text(practice, LONGEST_NAME), display_text(reason, _LONGEST_WHY))
            for practice, reason in list(row.failed.items())[:_MOST_FAILED]
        ],
        "hashes": [(wording.text(f"history.hash_{name}"), value[:_HASH]) for name, value in row.hashes.items()],
    }


def _duration(seconds: float, wording: Wording) -> str:
    if seconds < 100:
        return wording.text("history.seconds", n=wording.number(seconds, 1))
    return wording.text("history.minutes", n=wording.number(seconds / 60, 0))
