"""Dutch free text for simulated answers: what patients write, with characters that trip up files and pages.

They read as people write; markup that nobody writes is in the tests.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["draw_comments"]

_BETTER = [
    "Over {} was ik minder tevreden.",
    "{}: dat kan echt beter.",
    "Graag meer aandacht voor {}.",
    "Alles prima, alleen {} viel mij tegen.",
    "Bij {} voelde ik mij niet serieus genomen.",
    "Wat mij betreft mag er aan {} iets gebeuren; verder goed geholpen.",
]
_GOOD = [
    "Heel tevreden, ga zo door!",
    "Geen opmerkingen.",
    "Fijne praktijk, vriendelijke mensen.",
    "Prima geholpen, dank u wel.",
    "Ik kom hier al jaren met plezier.",
    "Niets te verbeteren wat mij betreft.",
]
_AWKWARD = [
    'Hij zei: "dat valt wel mee" – maar het deed zeer; echt waar.',
    "Eerst lang wachten.\nDaarna ging het snel, netjes en zonder pijn; dank!",
    "=) Top geholpen, elke keer weer",
    "Ik belde 06-12345678 en kreeg niemand <zucht>",
    "Mail mij maar: j.jansen@example.nl",
    "Tandarts De Vries was gehaast & kortaf 😕",
    "TE DUUR!! > € 100 voor < 10 minuten werk",
    "Café-achtige wachtruimte, knus! 100% goed…",
]


def draw_comments(
    labels: list[str],
    worst: npt.NDArray[np.int64],
    overall: npt.NDArray[np.float64],
    share: float,
    rng: np.random.Generator,
) -> pl.Series:
    """One comment or null for each patient, shape (n,).

    Parameters
    ----------
    labels
        Dutch names of the touchpoints.
    worst
        Position of the touchpoint each patient met worst; unhappy patients write about it.
    overall
        Latent satisfaction of each patient.
    share
        Proportion of patients who write anything.
    """
    n = worst.size
    writes = rng.random(n) < share
    awkward = rng.random(n) < 0.04
    which = rng.integers(0, 1_000_000, n)
    unhappy = overall < 0.3
    texts: list[str | None] = [None] * n
    for i in np.flatnonzero(writes):
        if awkward[i]:
            texts[i] = _AWKWARD[which[i] % len(_AWKWARD)]
        elif unhappy[i]:
            about = labels[worst[i]]
            template = _BETTER[which[i] % len(_BETTER)]
            texts[i] = template.format(about if template.startswith("{}") else about.lower())
        else:
            texts[i] = _GOOD[which[i] % len(_GOOD)]
    return pl.Series(texts, dtype=pl.String)
