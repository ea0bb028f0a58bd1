"""Write ``docs/frames.md``: the result frames, from where they are declared.

Run as ``python docs/make_frames.py``; a test tells when the page is not what this would write.
"""

from __future__ import annotations

from pathlib import Path

from pxanalysis.analysis.whole_study.frames import FRAMES, FrameRow, list_columns

PAGE = Path(__file__).with_name("frames.md")

HEAD = """# The frames of results

Made by `python docs/make_frames.py` from `src/pxanalysis/analysis/whole_study/frames.py`; change it there.

`pxanalysis fit` leaves these frames in `data/processed/results/` as Parquet; `study.results["priorities"]` reads one.
Every frame has the columns below, in this order, whether or not something could be estimated. Figures on fewer people
than the study's smallest number are absent. The unit *outcome* is that of the outcome: 1-10, or -1 to 1 of a net share.
"""


def describe(kind: type[FrameRow]) -> str:
    """Return the section of one frame."""
    lines = [f"\n## {kind.frame}\n", f"{kind.meaning}\n", "| column | holds | unit | meaning |", "|-|-|-|-|"]
    for one in list_columns(kind):
        holds = one.kind + (", or absent" if one.nullable else "")
        lines.append(f"| `{one.name}` | {holds} | {one.unit} | {one.meaning} |")
    return "\n".join(lines) + "\n"


def make_page() -> str:
    """Return the page."""
    return HEAD + "".join(describe(kind) for kind in FRAMES.values())


if __name__ == "__main__":
    PAGE.write_text(make_page(), encoding="utf-8")
