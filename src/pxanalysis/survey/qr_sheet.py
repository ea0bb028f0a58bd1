"""Invitations to hand out: a page of cards, each with a QR code, the address to type over, and until when it works."""

from __future__ import annotations

import io
from html import escape
from typing import TYPE_CHECKING

from pxanalysis.errors import SurveyError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

__all__ = ["make_qr_sheet"]

_WORDS = {
    "nl": (
        "Hoe was uw bezoek?",
        "Scan de code met uw telefoon, of typ het adres over.",
        "Geldig tot en met",
        "Praktijk",
    ),
    "en": ("How was your visit?", "Scan the code with your phone, or type the address.", "Valid until", "Practice"),
}
_STYLE = """@page{size:A4;margin:10mm}body{font-family:sans-serif;margin:0}ul{list-style:none;margin:0;padding:0;
display:grid;grid-template-columns:1fr 1fr;gap:4mm}li{border:1px solid #6f7b87;border-radius:3mm;padding:4mm;
break-inside:avoid;display:grid;grid-template-columns:34mm 1fr;gap:4mm;min-height:42mm}svg{width:34mm;height:34mm}
h1{font-size:13pt;margin:8px}h2{font-size:12pt;margin:0 0 2mm}
p{font-size:9.5pt;margin:0 0 2mm;overflow-wrap:anywhere}"""


def make_qr_sheet(invitations: Iterable[tuple[str, str, date]], language: str = "nl") -> str:
    """Return an HTML page that prints on A4, eight cards a page.

    Parameters
    ----------
    invitations
        Link, practice and last day of each.

    Raises
    ------
    SurveyError
        When segno is not installed, or there are no words in the language.
    """
    if language not in _WORDS:
        raise SurveyError(f"language: the sheet has words in {', '.join(_WORDS)}; received '{language}'.")
    try:
        import segno
    except ImportError as error:
        raise SurveyError(
            "a QR sheet needs segno, which is not installed; run 'pip install pxanalysis[questionnaires]'."
        ) from error
    title, how, until, practice_word = _WORDS[language]
    cards = []
    for link, practice, day in invitations:
        drawn = io.BytesIO()
        segno.make(link, error="m", micro=False).save(
            drawn, kind="svg", xmldecl=False, svgns=False, border=2, omitsize=True, title=title
        )
        cards.append(
            f"<li><div>{drawn.getvalue().decode()}</div><div><h2>{title}</h2><p>{how}</p><p>{escape(link)}</p>"
            f"<p>{until} {day.isoformat()}. {practice_word} {escape(practice)}.</p></div></li>"
        )
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body><main><h1>{title}</h1><ul>{''.join(cards)}</ul></main></body></html>\n"
    )
