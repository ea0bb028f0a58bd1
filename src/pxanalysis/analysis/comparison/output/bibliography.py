"""BibTeX of the methods that a comparison used."""

from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pxanalysis.analysis.comparison.record import ComparisonRecord

__all__ = ["USED_FOR", "bibtex_of", "read_entries"]

USED_FOR: dict[str, tuple[str, ...]] = {
    "descriptives": ("rocks2016",),
    "shares": ("bonett2012", "mcnemar1947", "durkalski2003"),
    "differences": ("williams1959", "steiger1980", "meng1992", "zou2007", "hesterberg2015", "holm1979", "delong1988"),
    "non_nested": ("davidson1981", "cox1961", "vuong1989"),
    "predictions": ("dehaan2015",),
    "combinations": ("dehaan2015",),
    "dominance": ("azen2003", "azen2009"),
    "levels": ("cameron2015",),
    "discrimination": ("searle1992", "adams2009"),
    "stability": ("fisher1925",),
    "retest": ("mcgraw1996", "shrout1979", "bland1986"),
    "responsiveness": ("guyatt1987",),
    "unreliability": ("spearman1904", "wanous2001"),
    "profiles": ("lindeman1980", "gromping2007"),
    "profile_distances": ("hall1991",),
}
"""Which works each frame rests on."""

SOFTWARE = ("seabold2010", "pedregosa2011")


def read_entries() -> dict[str, str]:
    """Return the BibTeX entry of every work, by key."""
    text = (resources.files(__package__) / "references.bib").read_text(encoding="utf-8")
    entries = [part.strip() for part in re.split(r"\n(?=@)", text) if part.strip()]
    return {entry[entry.index("{") + 1 : entry.index(",")]: entry for entry in entries}


def bibtex_of(comparison: ComparisonRecord) -> str:
    """Entries of the works behind every frame in which something was estimated."""
    from pxanalysis.analysis.comparison.output.tables import shown_frames

    entries = read_entries()
    keys = [key for name in shown_frames(comparison) for key in USED_FOR.get(name, ())]
    return "\n\n".join(entries[key] for key in sorted({*keys, *SOFTWARE})) + "\n"
