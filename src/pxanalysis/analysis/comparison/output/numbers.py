"""Numbers as the APA (7th edition) writes them."""

from __future__ import annotations

import math
import re

__all__ = ["apa_interval", "apa_number", "apa_p", "apa_share", "readable"]

NOTHING = "–"


def apa_number(value: float, decimals: int = 2, *, bounded: bool = False) -> str:
    """Round a number; without the zero before the point when it cannot be above 1 (``bounded``).

    Examples
    --------
    >>> apa_number(-0.204, bounded=True), apa_number(8.331), apa_number(float("nan"))
    ('−.20', '8.33', '–')
    """
    if not math.isfinite(value):
        return NOTHING
    text = f"{abs(value):.{decimals}f}"
    if bounded and text.startswith("0."):
        text = text[1:]
    return ("−" if value < 0 and any(c in "123456789" for c in text) else "") + text


def apa_p(value: float) -> str:
    """Probability: three decimals, or "< .001".

    Examples
    --------
    >>> apa_p(0.0004), apa_p(0.0412), apa_p(1.0)
    ('< .001', '.041', '> .999')
    """
    if not math.isfinite(value):
        return NOTHING
    if value < 0.001:
        return "< .001"
    return "> .999" if value > 0.999 else f"{value:.3f}"[1:]


def apa_interval(low: float, high: float, decimals: int = 2, *, bounded: bool = False) -> str:
    """Limits in square brackets.

    Examples
    --------
    >>> apa_interval(-0.058, 0.02, bounded=True)
    '[−.06, .02]'
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return NOTHING
    return f"[{apa_number(low, decimals, bounded=bounded)}, {apa_number(high, decimals, bounded=bounded)}]"


def apa_share(value: float) -> str:
    """Proportion as a whole percentage; one decimal below 1 %.

    Examples
    --------
    >>> apa_share(0.439), apa_share(0.004)
    ('44%', '0.4%')
    """
    if not math.isfinite(value):
        return NOTHING
    return f"{100 * value:.0f}%" if value == 0 or value >= 0.01 else f"{100 * value:.1f}%"


_WORDS = {"mean": "as given", "top2": "top 2", "top": "top", "net": "net", "mcfadden": "McFadden", "r2": "R²"}


def readable(text: str) -> str:
    """Metrics in capitals, forms and indices in words.

    Examples
    --------
    >>> readable("ktv − nps"), readable("mean")
    ('KTV − NPS', 'as given')
    """
    return re.sub(r"\b(ktv|nps|ces)\b", lambda found: found[0].upper(), _WORDS.get(text, text))
